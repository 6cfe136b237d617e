// The connections of a sparse synapse, and the units of a gather.

import { GraphError } from "../base/error.js";
import type { FloatArray, Precision } from "../base/precision.js";
import { isTyped } from "../base/read.js";
import { show } from "../base/text.js";
import { readValues } from "./init.js";
import type { End } from "./link.js";

/** Pairs of units, from and to, flat, sorted by source, then target. */
export interface Pattern {
  readonly pattern: Uint32Array;
  /** For each pair its place among the given ones; left out where those were sorted. */
  readonly order?: Uint32Array | undefined;
  /** The first weights, in the order of the pairs. */
  readonly values?: FloatArray<Precision>;
}

/** The parts of a graph's numbers that reading a pattern needs. */
export interface Drawing {
  readonly precision: Precision;
  /** Draws so many of all pairs, from × to: their sorted places in the matrix. */
  draw(count: number, pairs: number): Float64Array;
}

/** Reads a pattern from `connections`, `matrix` or `density`, one of them. Throws `bad-option`, `out-of-memory`. */
export function readPattern(
  given: Readonly<Record<string, unknown>>,
  from: End,
  to: End,
  { precision, draw }: Drawing,
): Pattern {
  const { connections, matrix, density } = given;
  const of = `the sparse synapse from ${show(from.name)} to ${show(to.name)}`;
  const pairs = checkPairs(from, to, of);
  const names = ["connections", "matrix", "density"].filter((name) => given[name] !== undefined);
  if (names.length !== 1) {
    const found = names.length === 0 ? "none" : names.map((name) => `\`${name}\``).join(" and ");
    throw bad(`T${of.slice(1)} has one of \`connections\`, \`matrix\` and \`density\`, not ${found}.`);
  }
  if (density === undefined) {
    return inRoom(of, () =>
      matrix === undefined ? fromPairs(connections, of, from, to) : fromMatrix(matrix, from, to, precision),
    );
  }
  if (!(typeof density === "number" && density > 0 && density <= 1)) {
    throw bad(`The density of ${of} is a number above 0, up to 1, not ${show(density)}.`);
  }
  const count = Math.max(1, Math.round(density * pairs));
  return inRoom(of, () => ({ pattern: spread(draw(count, pairs), to.size) }));
}

/** Returns the number of pairs of units. Refuses more than a float64 counts. Throws `bad-option`. */
export function checkPairs(from: End, to: End, of: string): number {
  const pairs = from.size * to.size;
  if (pairs <= Number.MAX_SAFE_INTEGER) return pairs;
  throw bad(`There are too many pairs of units for ${of}: ${from.size} × ${to.size}.`);
}

function bad(message: string): GraphError {
  return new GraphError("bad-option", message);
}

/** Makes arrays for the connections of a synapse. Throws `out-of-memory` where the host has no room for one. */
export function inRoom<R>(of: string, make: () => R): R {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new GraphError("out-of-memory", `There is no room for the connections of ${of}.`, { cause });
  }
}

/** Returns the pairs of places in a matrix of so many columns. */
export function spread(places: ArrayLike<number>, columns: number): Uint32Array {
  const { length } = places;
  const pattern = new Uint32Array(2 * length);
  for (let i = 0; i < length; i++) {
    const place = places[i]!;
    pattern[2 * i] = Math.floor(place / columns);
    pattern[2 * i + 1] = place % columns;
  }
  return pattern;
}

/** Reads a matrix, whose zeros in the graph's precision are no connections. Throws `bad-shape`, `not-finite`, `bad-option`. */
function fromMatrix(matrix: unknown, from: End, to: End, precision: Precision): Pattern {
  const name = `${from.name} → ${to.name}`;
  const all = readValues(matrix, precision, { name, shape: [from.size, to.size] });
  const values = all.filter((value) => value !== 0);
  if (values.length === 0) throw bad(`The weights ${show(name)} are zeros, which are no connections.`);
  const places = new Float64Array(values.length);
  for (let place = 0, next = 0; next < places.length; place++) if (all[place] !== 0) places[next++] = place;
  return { pattern: spread(places, to.size), values };
}

/** Reads pairs, [from, to] each or flat in a typed array. Throws `bad-option`. */
export function fromPairs(given: unknown, of: string, from: End, to: End): Pattern {
  const flat = isTyped(given) ? given : undefined;
  if (flat === undefined && !Array.isArray(given)) {
    throw bad(`The connections of ${of} are pairs [from, to], or a Uint32Array, not ${show(given)}.`);
  }
  const list = given as readonly unknown[];
  const count = list.length / (flat === undefined ? 1 : 2);
  if (count === 0) throw bad(`The connections of ${of} are none; it needs one at least.`);
  if (!Number.isInteger(count)) {
    throw bad(`The connections of ${of} are pairs, and ${list.length} numbers are none.`);
  }
  if (count > from.size * to.size) {
    throw bad(`The connections of ${of} are ${count}, more than the ${from.size * to.size} pairs of units.`);
  }
  const unit = (i: number, end: 0 | 1): unknown =>
    flat === undefined ? (list[i] as readonly unknown[])[end] : flat[2 * i + end];
  let isSorted = true;
  let [lastSource, lastTarget] = [-1, -1];
  // All are checked before room is taken: an array can have any length.
  for (let i = 0; i < count; i++) {
    if (flat === undefined && !isPair(list[i])) {
      throw bad(`Connection ${i} of ${of} is a pair [from, to], not ${show(list[i])}.`);
    }
    const [source, target] = [unit(i, 0), unit(i, 1)];
    if (!(isUnit(source, from) && isUnit(target, to))) {
      const [wrong, end] = isUnit(source, from) ? [target, to] : [source, from];
      const units = `${show(end.name)} has units from 0 to ${end.size - 1}, not ${show(wrong)}`;
      throw bad(`Connection ${i} of ${of} is [${show(source)}, ${show(target)}]: ${units}.`);
    }
    isSorted &&= source > lastSource || (source === lastSource && target > lastTarget);
    [lastSource, lastTarget] = [source, target];
  }
  const pairs = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++)
    for (const end of [0, 1] as const) pairs[2 * i + end] = unit(i, end) as number;
  if (isSorted) return { pattern: pairs };
  const order = orderOf(pairs, from.size, to.size);
  const pattern = new Uint32Array(2 * count);
  order.forEach((place, i) => {
    const [source, target] = [pairs[2 * place]!, pairs[2 * place + 1]!];
    pattern[2 * i] = source;
    pattern[2 * i + 1] = target;
    if (i > 0 && pattern[2 * i - 2] === source && pattern[2 * i - 1] === target) {
      throw bad(`The connections of ${of} have [${source}, ${target}] twice.`);
    }
  });
  return { pattern, order };
}

function isPair(given: unknown): boolean {
  return (Array.isArray(given) || isTyped(given)) && given.length === 2;
}

function isUnit(unit: unknown, { size }: End): unit is number {
  return Number.isInteger(unit) && (unit as number) >= 0 && (unit as number) < size;
}

/** Returns the order of pairs by source, then target, by a stable counting sort of each. */
function orderOf(pairs: Uint32Array, sources: number, targets: number): Uint32Array {
  const count = pairs.length / 2;
  let order: Uint32Array | undefined;
  for (const [end, size] of [
    [1, targets],
    [0, sources],
  ] as const) {
    const next = new Uint32Array(size + 1);
    for (let i = end; i < pairs.length; i += 2) next[pairs[i]! + 1]!++;
    for (let unit = 1; unit <= size; unit++) next[unit]! += next[unit - 1]!;
    const sorted = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const place = order === undefined ? i : order[i]!;
      sorted[next[pairs[2 * place + end]!]!++] = place;
    }
    order = sorted;
  }
  return order!;
}

/** Reads the units of a gather. Throws `bad-option`. */
export function readUnits(given: unknown, from: End, to: End): Int32Array {
  const of = `the gather from ${show(from.name)} to ${show(to.name)}`;
  if (!Array.isArray(given) && !isTyped(given)) {
    throw bad(`The units of ${of} are a list of source units, -1 for none, not ${show(given)}.`);
  }
  if (given.length !== to.size) {
    throw bad(
      `The units of ${of} are ${to.size}, one for each unit of ${show(to.name)}, not ${given.length}.`,
    );
  }
  // All are checked before room is taken: an array can have any length.
  for (let i = 0; i < to.size; i++) {
    const unit: unknown = given[i];
    if (unit !== -1 && !isUnit(unit, from)) {
      throw bad(`Unit ${i} of ${of} is a whole number from -1 to ${from.size - 1}, not ${show(unit)}.`);
    }
  }
  return inRoom(of, () => Int32Array.from(given as ArrayLike<number>));
}
