// Text in messages: values as an error names them, lists of names, the nearest known name.

import { GraphError } from "./error.js";
import { meaning } from "./synonym.js";

/**
 * The member by which instances of this library are recognized across its copies: a bundle or a hot reload may load several.
 */
export const MARK = Symbol.for("plexus-nn");

/** Returns the value of a class's mark. `copy` tells copies of the library apart, since each has its own GraphError. */
export function mark(kind: string, is: (given: object) => boolean): Mark {
  return { kind, is, copy: GraphError };
}

interface Mark {
  readonly kind: string;
  readonly copy: object;
  /** Returns whether an object is an instance, whatever its prototype is. */
  is(given: object): boolean;
}

/** Returns whether an object is an instance of a class of this library, in any of its copies. */
export function isMarked(value: object): boolean {
  if (!(MARK in value)) return false;
  const own = value[MARK] as Partial<Mark> | null | undefined;
  return typeof own?.is === "function" && own.is(value) === true;
}

/** Returns a value as an error names it, in short. Never throws, not even for a revoked proxy. */
export function show(value: unknown): string {
  try {
    return shown(value);
  } catch {
    return "an object that can't be read";
  }
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (value === null || typeof value !== "object") return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${Object.prototype.toString.call(value).slice(8, -1)}`;
  if (!isMarked(value)) return "an object";
  const own = (value as { readonly [MARK]: Mark })[MARK];
  return own.copy === GraphError
    ? `a ${own.kind}`
    : `a ${own.kind} of another copy of plexus-nn: load that once`;
}

/** Returns names, quoted and joined, the last by "or". Names beyond `most` are only counted. */
export function list(names: readonly string[], most = Infinity): string {
  const shown = names.slice(0, most).map((name) => show(name));
  if (names.length > shown.length) return `${shown.join(", ")} or ${names.length - shown.length} more`;
  if (shown.length < 2) return shown[0] ?? "nothing";
  return `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}

/** Returns the sentence that helps with an unknown name, after a space, or an empty text. */
export function hint(given: unknown, known: readonly string[]): string {
  if (typeof given !== "string" || given.length > 60) return "";
  const { name, form } = meaning(given, known);
  if (form !== undefined) return ` Write \`${form}\`.`;
  const near = name ?? nearest(given, known);
  return near === undefined ? "" : ` Did you mean ${show(near)}?`;
}

/** Returns the known name nearest to an unknown one, by the number of letters to change, if it is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let fewest = name.length < 2 ? 1 : Math.ceil(name.length / 2) + 1;
  let looked = 0;
  if (name.length > 60) return undefined;
  for (const candidate of known) {
    if (++looked > 10_000) break;
    if (Math.abs(candidate.length - name.length) >= fewest) continue;
    const changes = distance(name.toLowerCase(), candidate.toLowerCase());
    if (changes < fewest) [best, fewest] = [candidate, changes];
  }
  return best;
}

/** Returns Levenshtein's distance of two texts. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
