// Plain data of a caller, copied before anything is done with it: a getter or a proxy runs once, and then no more.

import { GraphError, show } from "../base/options.js";

/** The deepest nesting; what is deeper holds itself, or is no option of ours. */
const DEPTH = 64;

/**
 * Copies arrays and objects, each member read once; `leaf` makes of anything else what it is to be. Throws `bad-option` for what
 * is nested too deeply, a closed loop included, and for what can't be read.
 */
export function plain(
  given: unknown,
  what: string,
  leaf: (value: unknown) => unknown = (value) => value,
): unknown {
  const copy = (value: unknown, depth: number): unknown => {
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return leaf(value);
    if (depth === DEPTH) throw new GraphError("bad-option", `${what} is nested too deeply, or holds itself.`);
    if (!Array.isArray(value)) {
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copy(one, depth + 1)]));
    }
    const items = Array.from(value);
    return typeof items[0] === "object" ? items.map((one) => copy(one, depth + 1)) : items;
  };
  return reading(what, () => copy(given, 0));
}

/** Reads what a caller gave. Throws `bad-option` where a getter or a proxy throws. */
export function reading<R>(what: string, read: () => R): R {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof GraphError) throw cause;
    const why = cause instanceof Error ? cause.message : show(cause);
    throw new GraphError("bad-option", `${what} can't be read: ${why}.`, { cause });
  }
}
