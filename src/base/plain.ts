// Copies of a caller's objects as plain values. Getters, proxies and classes run their code during the copy, once.

import { type ErrorCode, GraphError } from "./error.js";
import { reading } from "./options.js";
import { copied, isTyped } from "./read.js";
import { isMarked } from "./text.js";

/** Greatest depth of nested objects; a graph's file has five levels. */
const DEEPEST = 100;

/**
 * Copies options or a file's data: objects with their own enumerable members, arrays and typed arrays. Functions and
 * instances of this library's classes stay as they are, and so do values that `keeps` names. Throws `code` where the data can't be
 * read, or is too deep.
 */
export function plain(
  given: unknown,
  code: ErrorCode,
  what: string,
  keeps: (value: object) => boolean = () => false,
): unknown {
  if ((typeof given !== "object" && typeof given !== "function") || given === null) return given;
  return reading(code, what, () => {
    const copy = (value: unknown, left: number): unknown => {
      if (typeof value === "function") Array.isArray(value); // throws for a revoked proxy
      if (typeof value === "function" && code === "bad-file") {
        throw new GraphError(code, `${what} has a function in it, which no file has.`);
      }
      if (typeof value !== "object" || value === null || isMarked(value) || keeps(value)) return value;
      if (left === 0) throw new GraphError(code, `${what}: objects are nested more than ${DEEPEST} deep.`);
      if (ArrayBuffer.isView(value)) return isTyped(value) ? copied(value) : value;
      if (!Array.isArray(value)) {
        const read = Object.keys(value).map(
          (name) => [name, (value as Record<string, unknown>)[name]] as const,
        );
        return Object.fromEntries(read.map(([name, member]) => [name, copy(member, left - 1)]));
      }
      const { length } = value;
      // A short list, of which there may be millions, has no more room than it needs.
      const list: unknown[] = length < 64 ? new Array(length) : [];
      for (let i = 0; i < length && i in value; i++) {
        const item: unknown = value[i];
        // Most items are numbers, of which there may be millions.
        list[i] = typeof item === "number" ? item : copy(item, left - 1);
      }
      // Elements after a hole are never read: the hole or the length will have the array refused.
      if (length > list.length && length < 2 ** 32) list.length = length;
      return list;
    };
    return copy(given, DEEPEST);
  });
}

/** Returns a record without a prototype, so that any name can be a member. */
export function record<V>(): Record<string, V> {
  return Object.create(null) as Record<string, V>;
}
