// Scalers, and the statistics of columns that they are fitted by.

import { GraphError } from "../base/error.js";
import { counted, printAs } from "../base/inspect.js";
import type { Data } from "../base/read.js";
import { MARK, mark, show } from "../base/text.js";
import {
  fromJSON,
  inverse,
  listed,
  numbersOf,
  readData,
  readKind,
  type ScalerKind,
  type Scaling,
  transform,
} from "./scaling.js";

export type { ScalerKind } from "./scaling.js";

/** Computes the offset that is subtracted from a column, and the divisor. */
const measures: Readonly<Record<ScalerKind, (column: Float64Array) => readonly [number, number]>> = {
  /**
   * The mean, and the deviation √(Σ (x - mean)² / rows). For a constant column the deviation is 0, though the mean may be
   * rounded.
   */
  standard: (column: Float64Array) => {
    if (column.every((x) => x === column[0])) return [column[0]!, 0];
    const mean = sum(column) / column.length;
    return [mean, Math.sqrt(sum(column.map((x) => (x - mean) * (x - mean))) / column.length)];
  },
  /** The smallest number, and the distance from it to the largest. */
  minmax: (column: Float64Array) => {
    const least = column.reduce((a, b) => Math.min(a, b));
    return [least, column.reduce((a, b) => Math.max(a, b)) - least];
  },
};

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * Brings columns of data to a common scale: (x - offset) / divisor, for each unit of a layer, or each channel of a shape.
 */
export class Scaler implements Scaling {
  static {
    printAs(Scaler, "Scaler", ({ kind, offset }) => `${kind}, ${counted(offset.length, "column")}`);
  }

  readonly kind: ScalerKind;
  /** Offsets, and divisors, one for each unit or channel. */
  readonly offset: readonly number[];
  readonly divisor: readonly number[];

  /** Present on the instances that this copy of the library made. */
  readonly #own = true;

  /**
   * Returns whether a value is a scaler, whatever its prototype is.
   * @internal
   */
  static is(given: unknown): given is Scaler {
    return typeof given === "object" && given !== null && #own in given && given.#own;
  }

  /** @internal */
  get [MARK]() {
    return mark("Scaler", Scaler.is);
  }

  private constructor(kind: ScalerKind, offset: readonly number[], divisor: readonly number[]) {
    this.kind = readKind(kind);
    this.offset = listed(offset);
    this.divisor = listed(divisor);
    Object.freeze(this);
  }

  /**
   * Fits a scaler to data of `size` numbers a sample, or a step of a sample in data of three levels. For a layer with a shape
   * `size` is the number of channels. `"standard"` brings columns to mean 0 and (biased) deviation 1; `"minmax"` to the range
   * from 0 to 1. A constant column is divided by 1. `name` is the data's name in errors. Throws `bad-shape`, `bad-option`,
   * `bad-size`, `not-finite`.
   */
  static fit(data: Data, size: number, kind: ScalerKind = "standard", name = "a scaler"): Scaler {
    if (!Number.isInteger(size) || size < 1) {
      throw new GraphError("bad-size", `A scaler's size is a whole number, at least 1, not ${show(size)}.`);
    }
    if (typeof name !== "string")
      throw new GraphError("bad-name", `The data's name is a string, not ${show(name)}.`);
    const measure = measures[readKind(kind)];
    const { rows, values, rowName } = readData(data, size, name);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      const place = `${rowName(Math.floor(wrong / size))}, column ${wrong % size}`;
      throw new GraphError("not-finite", `The data for ${show(name)} has ${values[wrong]} in ${place}.`);
    }
    const columns = Array.from({ length: size }, (_, c) => {
      const [offset, divisor] = measure(Float64Array.from({ length: rows }, (_, r) => values[r * size + c]!));
      if (Number.isFinite(offset) && Number.isFinite(divisor))
        return { offset: offset + 0, divisor: divisor || 1 };
      throw new GraphError(
        "not-finite",
        `Column ${c} of the data for ${show(name)} is too large to be scaled.`,
      );
    });
    return new Scaler(
      kind,
      columns.map(({ offset }) => offset),
      columns.map(({ divisor }) => divisor),
    );
  }

  get size(): number {
    return this.offset.length;
  }

  /** Returns the scaled data, (rows, size). Throws `bad-shape`. */
  transform(data: Data): Float64Array {
    return transform(this, data);
  }

  /** Returns the data before its scaling, (rows, size). Throws `bad-shape`. */
  inverse(data: Data): Float64Array {
    return inverse(this, data);
  }

  /** Returns plain data for `JSON.stringify`. */
  toJSON(): object {
    return numbersOf(this);
  }

  /** Rebuilds a scaler from the data of `toJSON`. Throws `bad-file`. */
  static fromJSON(json: object): Scaler {
    const { kind, offset, divisor } = fromJSON(json);
    return new Scaler(kind, offset, divisor);
  }
}
