// Readers of options: members, choices, numbers and flags, each read once.

import { type ErrorCode, GraphError } from "./error.js";
import { meaning } from "./synonym.js";
import { hint, list, show } from "./text.js";

/** Returns the error for a caller's object that throws while it is read. A GraphError is returned as it is. */
export function unreadable(cause: unknown, code: ErrorCode, what: string): GraphError {
  if (cause instanceof GraphError) return cause;
  let why = "it throws";
  try {
    const { message } = cause as Error;
    if (typeof message === "string" && message !== "") why = message;
  } catch {} // the thrown value may be such an object, too
  return new GraphError(code, `${what} can't be read: ${why}.`, { cause });
}

/** Reads the caller's objects, which may run the caller's code. An error thrown there becomes the cause of a GraphError. */
export function reading<R>(code: ErrorCode, what: string, read: () => R): R {
  try {
    return read();
  } catch (cause) {
    throw unreadable(cause, code, what);
  }
}

/** Returns whether a value is an object, an array or a view among them; a function is none. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/**
 * Copies the own enumerable members of an object, each read once. Returns undefined for an array and for anything but an
 * object.
 */
export function members(given: unknown, code: ErrorCode, what: string): Record<string, unknown> | undefined {
  if (!isObject(given)) return undefined;
  return reading(code, what, () =>
    Array.isArray(given) ? undefined : Object.assign(Object.create(null), given),
  );
}

/** Reads the own enumerable options of a call, each once. Refuses anything but an object, and names that aren't options. */
export function options(given: unknown, allowed: readonly string[], of: string): Record<string, unknown> {
  if (given === undefined) return {};
  const read = members(given, "bad-option", `The options of ${of}`);
  if (read === undefined) {
    throw new GraphError("bad-option", `The options of ${of} are an object, not ${show(given)}.`);
  }
  for (const name of Object.keys(read)) {
    if (!allowed.includes(name)) {
      const known = allowed.length === 0 ? "there are none" : `known are ${list(allowed)}`;
      const wrong = `${show(name)} is not an option of ${of}: ${known}.`;
      throw new GraphError("bad-option", `${wrong}${hint(name, allowed)}`);
    }
  }
  return read;
}

/** Returns one of a table's names, or throws a refusal that lists them. */
export function choice<N extends string>(
  given: unknown,
  table: Readonly<Record<N, unknown>>,
  what: string,
): N {
  if (typeof given === "string" && Object.hasOwn(table, given)) return given as N;
  const known = Object.keys(table);
  throw new GraphError("bad-option", `${what} is ${list(known)}, not ${show(given)}.${hint(given, known)}`);
}

/**
 * Reads a name that stands alone, or in an object with options of its own; returns both. Throws as `choice` does, and shows
 * the form where an object has no name.
 */
export function named<N extends string>(
  given: unknown,
  table: Readonly<Record<N, unknown>>,
  what: string,
): { readonly name: N; readonly read: object | undefined } {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return { name: choice(given, table, what), read: undefined };
  }
  const { name } = given as { name?: unknown };
  if (name !== undefined) return { name: choice(name, table, what), read: given };
  // Such as { type: "adam" }, or { momentum: 0.9 }.
  const members = Object.entries(given).map(([other, value]) => {
    const text = typeof value === "string" ? meaning(value, Object.keys(table)).name : undefined;
    return text === undefined ? `${other}: …` : `name: ${show(text)}`;
  });
  const own = members.some((member) => member.startsWith("name: ")) ? [] : ["name: …"];
  const form = `{ ${[...own, ...members.slice(0, 4)].join(", ")} }`;
  throw new GraphError(
    "bad-option",
    `${what} is ${list(Object.keys(table))}, not undefined. Write \`${form}\`.`,
  );
}

/** Bounds of a number. Without any, it may be any finite number. */
export interface Bounds {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
  readonly whole?: boolean;
}

/** Returns a finite number within bounds. Throws `bad-option`. */
export function number(given: unknown, bounds: Bounds, what: string): number {
  const { least = -Infinity, above = -Infinity, most = Infinity, below = Infinity, whole = false } = bounds;
  const fits = (n: number) => n >= least && n > above && n <= most && n < below;
  if (
    typeof given === "number" &&
    Number.isFinite(given) &&
    fits(given) &&
    (!whole || Number.isSafeInteger(given))
  ) {
    return given;
  }
  const low = bounds.above !== undefined ? ` above ${above}` : least > -Infinity ? ` ≥ ${least}` : "";
  const high = bounds.below !== undefined ? ` below ${below}` : most < Infinity ? ` ≤ ${most}` : "";
  const kind = whole ? "whole" : "finite";
  const end = low !== "" && high !== "" ? " and" : "";
  throw new GraphError("bad-option", `${what} is a ${kind} number${low}${end}${high}, not ${show(given)}.`);
}

/** Returns true or false, as it was given. Throws `bad-option`. */
export function flag(given: unknown, what: string, of = ""): boolean {
  if (typeof given === "boolean") return given;
  const owner = of && ` of ${of}`;
  throw new GraphError("bad-option", `\`${what}\`${owner} is true or false, not ${show(given)}.`);
}

/** Returns a finite number, at least `least` and below `below`. Throws `bad-option`. */
export function amount(given: unknown, what: string, least: number, below = Infinity): number {
  if (typeof given === "number" && Number.isFinite(given) && given >= least && given < below) return given;
  const end = below === Infinity ? "on" : `to below ${below}`;
  throw new GraphError("bad-option", `${what} is a number from ${least} ${end}, not ${show(given)}.`);
}
