// Readers of a file's members. Each member is checked before anything is made from it, and a refusal names its place, as a
// path.

import { GraphError } from "../base/error.js";
import { type Bounds, number } from "../base/options.js";
import { show } from "../base/text.js";

/** Reads the members of an object that has all required ones, and no others than the optional ones, where these are given. */
export function fields(
  value: unknown,
  path: string,
  required: readonly string[],
  optional?: readonly string[],
): Record<string, unknown> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw bad(path, `is ${show(value)}, not an object`);
  }
  for (const name of required) if (!Object.hasOwn(value, name)) throw bad(path, `lacks ${show(name)}`);
  for (const name of Object.keys(value)) {
    if (required.includes(name) || optional?.includes(name) !== false) continue;
    throw bad(path, `has an unknown ${show(name)}`);
  }
  return Object.assign(Object.create(null), value);
}

export function array(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw bad(path, `is ${show(value)}, not an array`);
  for (let i = 0; i < value.length; i++) if (!(i in value)) throw bad(path, `has a hole at ${i}`);
  return Array.from(value);
}

/** Turns a refusal by the graph into a refusal of the file, at a place. */
export function at<R>(path: string, make: () => R): R {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof GraphError) || error.code === "out-of-memory" || error.code === "no-wasm")
      throw error;
    throw new GraphError("bad-file", `${path}: ${error.message}`, { cause: error });
  }
}

/** Returns the error for a wrong place in a file. `more` is a further sentence. */
export function bad(path: string, what: string, more?: string): GraphError {
  return new GraphError("bad-file", `${path} ${what}.${more === undefined ? "" : ` ${more}`}`);
}

/** Reads a number of the file. */
export function numberAt(path: string, value: unknown, bounds: Bounds): number {
  return at(path, () => number(value, bounds, "It"));
}
