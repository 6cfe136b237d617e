// The connections of a sparse synapse, and the units of a gather.

import { GraphError } from "../base/error.js";
import { isObject } from "../base/options.js";
import { type Data, rowsOf, write } from "../base/read.js";
import { show } from "../base/text.js";
import type { End } from "./link.js";

/** Pairs of units, from and to, flat, sorted by source, then target. */
export interface Pattern {
  readonly pattern: Uint32Array;
  /** For each pair its place among the given ones; left out where those were sorted. */
  readonly order?: Uint32Array;
  /** The first weights, in the order of the pairs. */
  readonly values?: Float64Array;
}

/** Draws so many of all pairs, from × to: their sorted places in the matrix. */
export type Draw = (count: number, pairs: number) => Float64Array;

/** Reads a pattern from `connections`, `matrix` or `density`, one of them. Throws `bad-option`. */
export function readPattern(
  given: Readonly<Record<string, unknown>>,
  from: End,
  to: End,
  draw: Draw,
): Pattern {
  const { connections, matrix, density } = given;
  const of = `the sparse synapse from ${show(from.name)} to ${show(to.name)}`;
  const pairs = checkPairs(from, to, of);
  const names = ["connections", "matrix", "density"].filter((name) => given[name] !== undefined);
  if (names.length !== 1) {
    const found = names.length === 0 ? "none" : names.map((name) => `\`${name}\``).join(" and ");
    throw bad(`One of \`connections\`, \`matrix\` and \`density\` says what ${of} joins, not ${found}.`);
  }
  if (matrix !== undefined) return fromMatrix(matrix as Data, of, from, to);
  if (density === undefined) return fromPairs(connections, of, from, to);
  if (!(typeof density === "number" && density > 0 && density <= 1)) {
    throw bad(`The density of ${of} is a number above 0, up to 1, not ${show(density)}.`);
  }
  return { pattern: spread(draw(Math.max(1, Math.round(density * pairs)), pairs), to.size) };
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

/** Returns the pairs of places in a matrix of so many columns. */
function spread(places: Float64Array, columns: number): Uint32Array {
  const pattern = new Uint32Array(2 * places.length);
  places.forEach((place, i) => {
    pattern[2 * i] = Math.floor(place / columns);
    pattern[2 * i + 1] = place % columns;
  });
  return pattern;
}

function fromMatrix(matrix: Data, of: string, from: End, to: End): Pattern {
  const what = `matrix of ${of}`;
  const rows = rowsOf(matrix, what, to.size);
  if (rows !== from.size) throw bad(`The ${what} is ${from.size} × ${to.size} numbers, not ${rows} rows.`);
  const all = new Float64Array(rows * to.size);
  write(matrix, what, rows, to.size, all, 0);
  const wrong = all.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw bad(`The ${what} has ${all[wrong]} in row ${Math.floor(wrong / to.size)}.`);
  const places = new Float64Array(all.reduce((count, value) => count + (value === 0 ? 0 : 1), 0));
  if (places.length === 0) throw bad(`The ${what} has only zeros, which are no connections.`);
  let next = 0;
  all.forEach((value, place) => {
    if (value !== 0) places[next++] = place;
  });
  return { pattern: spread(places, to.size), values: Float64Array.from(places, (place) => all[place]!) };
}

/** Reads pairs, [from, to] each or flat in a typed array. */
export function fromPairs(given: unknown, of: string, from: End, to: End): Pattern {
  const flat = ArrayBuffer.isView(given) ? (given as Uint32Array) : undefined;
  if (flat === undefined && !Array.isArray(given)) {
    throw bad(`The connections of ${of} are pairs [from, to], or a Uint32Array, not ${show(given)}.`);
  }
  const list = given as ArrayLike<unknown>;
  const count = flat === undefined ? list.length : flat.length / 2;
  if (count === 0) throw bad(`The connections of ${of} are none; it needs one at least.`);
  if (!Number.isInteger(count))
    throw bad(`The connections of ${of} are pairs, and ${flat!.length} numbers are none.`);
  const places = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const pair = flat === undefined ? list[i] : [flat[2 * i], flat[2 * i + 1]];
    if (!isObject(pair) || (pair as ArrayLike<unknown>).length !== 2) {
      throw bad(`A connection of ${of} is a pair [from, to], not ${show(pair)}.`);
    }
    const [source, target] = [0, 1].map((end) => (pair as ArrayLike<unknown>)[end]) as [number, number];
    for (const [unit, end] of [
      [source, from],
      [target, to],
    ] as const) {
      if (Number.isInteger(unit) && unit >= 0 && unit < end.size) continue;
      const units = `${show(end.name)} has units from 0 to ${end.size - 1}, and not ${show(unit)}`;
      throw bad(`The connection ${i} of ${of} is ${show([source, target])}: ${units}.`);
    }
    places[i] = source * to.size + target;
  }
  const isSorted = places.every((place, i) => i === 0 || places[i - 1]! < place);
  const order = isSorted
    ? undefined
    : Uint32Array.from(places, (_, i) => i).sort((a, b) => places[a]! - places[b]!);
  const sorted = order === undefined ? places : Float64Array.from(order, (i) => places[i]!);
  const twice = sorted.findIndex((place, i) => i > 0 && sorted[i - 1] === place);
  if (twice >= 0) {
    const pair = [Math.floor(sorted[twice]! / to.size), sorted[twice]! % to.size];
    throw bad(`The connections of ${of} have ${show(pair)} twice.`);
  }
  return { pattern: spread(sorted, to.size), ...(order && { order }) };
}

/** Reads the units of a gather. Throws `bad-option`. */
export function readUnits(given: unknown, from: End, to: End): Int32Array {
  const of = `the gather from ${show(from.name)} to ${show(to.name)}`;
  if (!Array.isArray(given) && !ArrayBuffer.isView(given)) {
    throw bad(`The units of ${of} are a list of source units, -1 for none, not ${show(given)}.`);
  }
  const list = given as unknown as ArrayLike<unknown>;
  if (list.length !== to.size) {
    throw bad(
      `The units of ${of} are ${to.size}, one for each unit of ${show(to.name)}, not ${list.length}.`,
    );
  }
  const units = new Int32Array(to.size);
  for (let i = 0; i < to.size; i++) {
    const unit = list[i];
    if (!(Number.isInteger(unit) && (unit as number) >= -1 && (unit as number) < from.size)) {
      throw bad(`Unit ${i} of ${of} is a whole number from -1 to ${from.size - 1}, not ${show(unit)}.`);
    }
    units[i] = unit as number;
  }
  return units;
}
