// The numbers of a scaler, and the scaling of data.

import { advice } from "../base/advice.js";
import { GraphError } from "../base/error.js";
import { choice, options, reading } from "../base/options.js";
import { plain } from "../base/plain.js";
import {
  bad,
  type Data,
  isNested,
  isTyped,
  lengthOfData,
  rowsOf,
  type Vector,
  writeNumbers,
  zeros,
} from "../base/read.js";
import { show } from "../base/text.js";
import type { End } from "./link.js";
import { channels } from "./shape.js";

/** For each kind of scaler, its offset and its divisor in words; scaler.ts computes them. */
export const scalerKinds = {
  standard: "mean and standard deviation",
  minmax: "least, and distance to the largest",
};

/**
 * A kind of scaler by its name.
 *
 * @useDeclaredType
 */
export type ScalerKind = keyof typeof scalerKinds;

/** Brings columns of data to a common scale: (x - offset) / divisor, for each unit of a layer, or each channel of a shape. */
export interface Scaling {
  readonly kind: ScalerKind;
  /** One for each column: of a unit, or of a channel. */
  readonly offset: readonly number[];
  readonly divisor: readonly number[];
  /** Returns the scaled data, (rows, size). Throws `bad-shape`. */
  transform(data: Data): Float64Array;
  /** Returns the data before its scaling, (rows, size). Throws `bad-shape`. */
  inverse(data: Data): Float64Array;
}

/** The numbers of a scaling. */
type Numbers = Pick<Scaling, "kind" | "offset" | "divisor">;

/** Returns the numbers of a scaling alone, as its file has them. */
export function numbersOf({ kind, offset, divisor }: Numbers): Numbers {
  return { kind, offset, divisor };
}

/** Returns the kind of a scaler. Throws `bad-option`. */
export function readKind(kind: unknown): ScalerKind {
  return choice(kind, scalerKinds, "The kind of a scaler");
}

/** Refuses a scaler of so many numbers for a layer: it has one for each unit, or for each channel. Throws `bad-option`, `bad-size`. */
export function checkScaled({ name, size, shape, classes }: End, count: number | undefined): void {
  if (classes !== undefined) {
    throw new GraphError("bad-option", `The input ${show(name)} has class numbers, which no scaler scales.`);
  }
  if (count === undefined || count === size || count === channels(shape)) return;
  const sizes = `${size} units, and the scaler is for ${count}`;
  throw new GraphError("bad-size", `The layer ${show(name)} has ${sizes}.`);
}

/** Returns (data - offset) / divisor, (rows, size). Throws `bad-shape`. */
export function transform({ offset, divisor }: Numbers, data: Data): Float64Array {
  const { length } = offset;
  return readData(data, length).values.map((x, i) => (x - offset[i % length]!) / divisor[i % length]!);
}

/** Returns data · divisor + offset, (rows, size). Throws `bad-shape`. */
export function inverse({ offset, divisor }: Numbers, data: Data): Float64Array {
  const { length } = offset;
  return readData(data, length).values.map((x, i) => x * divisor[i % length]! + offset[i % length]!);
}

/** Reads the numbers of a scaler's `toJSON`. Throws `bad-file`. */
export function fromJSON(json: unknown): Numbers {
  try {
    const read = plain(json, "bad-file", "The scaler");
    const { kind, offset, divisor } = options(read, ["kind", "offset", "divisor"], "a scaler");
    const found = { offset: listed(offset), divisor: listed(divisor) };
    if (found.offset.length === found.divisor.length && found.divisor.every((value) => value !== 0))
      return { kind: readKind(kind), ...found };
  } catch (cause) {
    throw new GraphError("bad-file", `This is no scaler: ${(cause as GraphError).message}`, { cause });
  }
  throw new GraphError("bad-file", "This is no scaler: it has as many divisors as offsets, and none is 0.");
}

/** Returns an array of finite numbers, copied and frozen. Throws `bad-file`. */
export function listed(list: unknown): readonly number[] {
  const all: number[] = [];
  const isList = Array.isArray(list);
  // Read one by one, since the first of billions may be a hole.
  while (isList && all.length < list.length && Number.isFinite(list[all.length])) all.push(list[all.length]);
  if (isList && all.length > 0 && all.length === list.length) return Object.freeze(all);
  throw new GraphError("bad-file", `${show(list)} is no array of finite numbers.`);
}

/**
 * Copies data of `size` columns in float64: a flat array, or nested arrays of any depth whose innermost arrays have whole rows.
 * `rowName` names a row in errors. Throws `bad-shape`.
 */
export function readData(given: unknown, size: number, name = "a scaler") {
  return reading("bad-shape", `The data for ${show(name)}`, () => {
    const parts: Part[] = [];
    if (isNested(given)) addParts(given, [], parts);
    else parts.push({ data: given, path: [] });
    const counts = parts.map((part) => countRows(part, name, size, parts[0]!.path.length));
    const rows = counts.reduce((sum, count) => sum + count);
    const values = zeros(rows * size, `the data for ${show(name)}`);
    let row = 0;
    parts.forEach(({ data }, i) => {
      writeNumbers(data as Vector, name, row, counts[i]! * size, size, values, row * size);
      row += counts[i]!;
    });
    const rowName = (row: number) => {
      let [part, own] = [0, row];
      while (own >= counts[part]!) own -= counts[part++]!;
      const { path } = parts[part]!;
      if (path.length === 0) return `row ${row}`;
      return `${placeOf(path)}${counts[part] === 1 ? "" : `, position ${own}`}`;
    };
    return { rows, values, rowName };
  });
}

/** An innermost array of data, and the indices where it lies. */
interface Part {
  readonly data: unknown;
  readonly path: readonly number[];
}

/** Lists the innermost arrays of nested data, at most five levels deep. */
function addParts(data: readonly unknown[], path: readonly number[], parts: Part[]): void {
  for (let i = 0; i < data.length; i++) {
    const [part, own] = [data[i], [...path, i]];
    if (isNested(part) && own.length < 5) addParts(part, own, parts);
    else parts.push({ data: part, path: own });
  }
}

/** Returns the number of rows of an innermost array. Throws `bad-shape`. */
function countRows({ data, path }: Part, name: string, size: number, depth: number): number {
  if (path.length === 0) return rowsOf(data, name, size);
  const isList = Array.isArray(data) || isTyped(data);
  const length = isList ? lengthOfData(data) : 0;
  if (length > 0 && length % size === 0) return length / size;
  const found = isList ? `${length} numbers` : show(data);
  throw bad(name, `has ${found} as ${placeOf(path, depth)}`, size, isList ? "" : advice(data));
}

/** Names an innermost array in errors. Others lie `depth` levels deep. */
function placeOf(path: readonly number[], depth = path.length): string {
  const [first, second] = path;
  if (path.length > 2) return path.map((i) => `[${i}]`).join("");
  if (second !== undefined) return `sample ${first}, step ${second}`;
  return `${depth === 1 ? "row" : "sample"} ${first}`;
}
