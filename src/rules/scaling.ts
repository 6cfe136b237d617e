// The numbers of a scaler, and the scaling of data.

import { GraphError } from "../base/error.js";
import { choice, options, reading } from "../base/options.js";
import { plain } from "../base/plain.js";
import { type Data, rowsOf, write, zeros } from "../base/read.js";
import { show } from "../base/text.js";

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

/** Copies data of `size` numbers a sample, in float64. Throws `bad-shape`. */
export function readData(data: unknown, size: number, name = "a scaler") {
  return reading("bad-shape", `The data for ${show(name)}`, () => {
    const rows = rowsOf(data, name, size);
    const values = zeros(rows * size, `the data for ${show(name)}`);
    write(data, name, rows, size, values, 0);
    return { rows, values };
  });
}
