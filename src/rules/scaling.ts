// The numbers of a scaler, and the scaling of data.

import { advice } from "../base/advice.js";
import { GraphError } from "../base/error.js";
import { choice, options, reading } from "../base/options.js";
import { plain } from "../base/plain.js";
import { bad, type Data, isNested, isTyped, lengthOfData, rowsOf, write, zeros } from "../base/read.js";
import { show } from "../base/text.js";
import type { End } from "./link.js";
import { channels } from "./shape.js";

/** For each kind, its offset and its divisor in words; scaler.ts computes them. */
const kinds = { standard: "mean and standard deviation", minmax: "least, and distance to the largest" };

export type ScalerKind = keyof typeof kinds;

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
  return choice(kind, kinds, "The kind of a scaler");
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
    const parts = isNested(given) ? partsOf(given, name, size) : [flatPart(given, name, size)];
    const values = zeros(parts.reduce((sum, { rows }) => sum + rows, 0) * size, `the data for ${show(name)}`);
    let at = 0;
    for (const { data, rows, path } of parts) {
      if (path.length === 0 || isTyped(data)) write(data, name, rows, size, values, at);
      else writeChecked(data as readonly unknown[], name, size, path, values, at);
      at += rows * size;
    }
    const rowName = (row: number) => {
      let [part, own] = [0, row];
      while (own >= parts[part]!.rows) own -= parts[part++]!.rows;
      return placeOf(parts[part]!.path, own, parts[part]!.rows);
    };
    return { rows: values.length / size, values, rowName };
  });
}

/** An innermost array of data: its number of rows, and the indices where it lies. */
interface Part {
  readonly data: unknown;
  readonly rows: number;
  readonly path: readonly number[];
}

function flatPart(data: unknown, name: string, size: number): Part {
  return { data, rows: rowsOf(data, name, size), path: [] };
}

/** Most levels of nested data: samples, their steps, and the three axes of a shape. */
const DEEPEST = 5;

/** Returns the innermost arrays of nested data. Throws `bad-shape`. */
function partsOf(data: readonly unknown[], name: string, size: number, path: readonly number[] = []): Part[] {
  return Array.from(data).flatMap((part, i) => {
    const own = [...path, i];
    if (isNested(part) && own.length < DEEPEST) return partsOf(part, name, size, own);
    const isList = Array.isArray(part) || isTyped(part);
    const length = isList ? lengthOfData(part) : 0;
    if (length > 0 && length % size === 0) return [{ data: part, rows: length / size, path: own }];
    const found = isList ? `${length} numbers` : show(part);
    const place = isNested(data[0]) ? placeOf(own).replace("row", "sample") : placeOf(own);
    throw bad(name, `has ${found} as ${place}`, size, isList ? "" : advice(part));
  });
}

/** Writes an innermost array of data. Throws `bad-shape` at a value that isn't a number. */
function writeChecked(
  data: readonly unknown[],
  name: string,
  size: number,
  path: readonly number[],
  values: Float64Array,
  at: number,
): void {
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (typeof value !== "number") {
      const place = placeOf(path, Math.floor(i / size), data.length / size);
      throw bad(name, `has ${show(value)} in ${place}, column ${i % size}`, size, advice(value));
    }
    values[at + i] = value;
  }
}

/** Names one of `rows` rows of an innermost array in errors. */
function placeOf(path: readonly number[], row = 0, rows = 1): string {
  const [first, second] = path;
  if (first === undefined) return `row ${row}`;
  const end = rows === 1 ? "" : `, position ${row}`;
  if (second === undefined) return `row ${first}${end}`;
  return `sample ${first}, ${
    path.length === 2
      ? `step ${second}`
      : path
          .slice(1)
          .map((i) => `[${i}]`)
          .join("")
  }${end}`;
}
