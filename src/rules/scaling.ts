// The numbers of a scaler, and the scaling of data.

import { GraphError } from "../base/error.js";
import { choice, options, reading } from "../base/options.js";
import { plain } from "../base/plain.js";
import { bad, type Data, isNested, rowsOf, write, zeros } from "../base/read.js";
import { show } from "../base/text.js";
import type { End } from "./link.js";
import { channels } from "./shape.js";

/** For each kind, its offset and its divisor in words; scaler.ts computes them. */
const kinds = { standard: "mean and standard deviation", minmax: "least, and distance to the largest" };

export type ScalerKind = keyof typeof kinds;

/** Brings columns of data to a common scale: (x - offset) / divisor, for each unit of a layer. */
export interface Scaling {
  readonly kind: ScalerKind;
  /** (size) each. */
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
 * Copies data of `size` numbers a sample, or a step of a sample in data of three levels, in float64. `rowName` names a row in
 * errors. Throws `bad-shape`.
 */
export function readData(given: unknown, size: number, name = "a scaler") {
  return reading("bad-shape", `The data for ${show(name)}`, () => {
    const lengths = isNested(given) && isNested(given[0]) ? lengthsOf(given, name, size) : undefined;
    const data = lengths === undefined ? given : (given as readonly (readonly unknown[])[]).flat();
    const rows = rowsOf(data, name, size);
    const values = zeros(rows * size, `the data for ${show(name)}`);
    write(data, name, rows, size, values, 0);
    const rowName = (row: number) => {
      let [sample, step] = [0, row];
      while (lengths !== undefined && step >= lengths[sample]!) step -= lengths[sample++]!;
      return lengths === undefined ? `row ${row}` : `sample ${sample}, step ${step}`;
    };
    return { rows, values, rowName };
  });
}

/** Returns the numbers of steps of the samples in data of three levels. Throws `bad-shape`. */
function lengthsOf(data: readonly unknown[], name: string, size: number): number[] {
  return Array.from(data, (sample, r) => {
    if (Array.isArray(sample) && sample.length > 0) return sample.length;
    throw bad(name, `has ${Array.isArray(sample) ? "no steps" : show(sample)} as sample ${r}`, size);
  });
}
