// Reading other libraries' files: what is not there as it should be is `bad-file`, what has no counterpart here `unsupported`. Each
// refusal names the place, as a path.

import { GraphError } from "../../base/error.js";
import { show } from "../../base/text.js";

export function bad(path: string, what: string): GraphError {
  return new GraphError("bad-file", `${path} ${what}.`);
}

export function unsupported(path: string, why: string): GraphError {
  return new GraphError("unsupported", `${path} ${why}.`);
}

/** The members of an object, its own ones alone. */
export function members(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad(path, `is ${show(value)}, not an object`);
  }
  return Object.assign(Object.create(null), value);
}

/** An array, or floats in memory. */
export function array(value: unknown, path: string): unknown[] {
  if (value instanceof Float64Array || value instanceof Float32Array) return Array.from(value);
  if (!Array.isArray(value)) throw bad(path, `is ${show(value)}, not an array`);
  return value;
}

export function number(value: unknown, path: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw bad(path, `is ${show(value)}, not a finite number`);
}

/** A whole number from `least` to `most`. */
export function whole(value: unknown, path: string, least: number, most = 2 ** 32 - 1): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw bad(path, `is ${show(value)}, not a whole number from ${least} to ${most}`);
}

/** The same, which some libraries write as text: they get it from `for … in`. */
export function place(value: unknown, path: string, most = 2 ** 32 - 1): number {
  const digits = typeof value === "string" && /^(0|[1-9]\d{0,9})$/.test(value);
  return whole(digits ? Number(value) : value, path, 0, most);
}

export function string(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  throw bad(path, `is ${show(value)}, not a string`);
}

/** `count` numbers. */
export function numbers(value: unknown, path: string, count: number): number[] {
  const found = array(value, path);
  if (found.length !== count) throw bad(path, `has ${found.length} numbers, not ${count}`);
  return found.map((one, i) => number(one, `${path}[${i}]`));
}

/** A row of a table of names. */
export function lookup<R>(table: Readonly<Record<string, R>>, name: unknown, path: string): R {
  if (typeof name === "string" && Object.hasOwn(table, name)) return table[name]!;
  throw unsupported(path, `is ${show(name)}, which has no counterpart here`);
}
