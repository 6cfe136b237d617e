// Readers of other libraries' files. They throw `bad-file` for missing or wrong data, and `unsupported` for data without a
// counterpart here. Each refusal names the place, as a path.

import { GraphError } from "../../base/error.js";
import { show } from "../../base/text.js";

export function bad(path: string, what: string): GraphError {
  return new GraphError("bad-file", `${path} ${what}.`);
}

export function unsupported(path: string, why: string): GraphError {
  return new GraphError("unsupported", `${path} ${why}.`);
}

/** Returns the own members of an object. */
export function members(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad(path, `is ${show(value)}, not an object`);
  }
  return Object.assign(Object.create(null), value);
}

/** Returns an array, or floats in memory as an array. */
export function array(value: unknown, path: string): unknown[] {
  if (value instanceof Float64Array || value instanceof Float32Array) return Array.from(value);
  if (!Array.isArray(value)) throw bad(path, `is ${show(value)}, not an array`);
  return value;
}

export function number(value: unknown, path: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw bad(path, `is ${show(value)}, not a finite number`);
}

/** Returns a whole number from `least` to `most`. */
export function whole(value: unknown, path: string, least: number, most = 2 ** 32 - 1): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw bad(path, `is ${show(value)}, not a whole number from ${least} to ${most}`);
}

/** Returns an index. Some libraries write it as text, since they take it from `for … in`. */
export function place(value: unknown, path: string, most = 2 ** 32 - 1): number {
  const digits = typeof value === "string" && /^(0|[1-9]\d{0,9})$/.test(value);
  return whole(digits ? Number(value) : value, path, 0, most);
}

export function string(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  throw bad(path, `is ${show(value)}, not a string`);
}

/** Returns an array of `count` numbers. */
export function numbers(value: unknown, path: string, count: number): number[] {
  const found = array(value, path);
  if (found.length !== count) throw bad(path, `has ${found.length} numbers, not ${count}`);
  return found.map((one, i) => number(one, `${path}[${i}]`));
}

/** Returns the row of a table by its name. */
export function lookup<R>(table: Readonly<Record<string, R>>, name: unknown, path: string): R {
  if (typeof name === "string" && Object.hasOwn(table, name)) return table[name]!;
  throw unsupported(path, `is ${show(name)}, which has no counterpart here`);
}
