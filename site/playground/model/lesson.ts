// Lessons: the data of a sketch as numbers.

/** The data of a sketch. The one of `opened` has the names of the sketch's own inputs and outputs. */
export interface Lesson {
  readonly inputs: readonly {
    readonly name: string;
    readonly size: number;
    readonly shape: readonly number[];
    /** Names of the units; empty for images. */
    readonly labels: readonly string[];
  }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly size: number;
    readonly goal: "classes" | "number";
    /** Names of classes, or of the columns. A single unit with two classes has the share of the second as its value. */
    readonly labels: readonly string[];
  }[];
  readonly training: Rows;
  readonly heldOut: Rows;
  /** Steps in time of each row; undefined without time. Values of a row are then step by step. */
  readonly steps?: number;
  /** Scalers that the graph gets, by names of inputs and outputs. Values and predictions are on the data's own scale. */
  readonly scalers: Readonly<Record<string, ScalerSketch>>;
  /** Least and greatest value of each input unit, all inputs in a row; of a plane or line the bounds of its drawing. */
  readonly bounds: readonly (readonly [number, number])[];
}

/** A scaler in the form of the engine's `Scaler.toJSON`. */
export interface ScalerSketch {
  readonly kind: "standard" | "minmax";
  readonly offset: readonly number[];
  readonly divisor: readonly number[];
}

/** Values of rows, row by row; targets of classes are shares, one a class. */
export interface Rows {
  readonly count: number;
  readonly xs: Readonly<Record<string, Float64Array>>;
  readonly ts: Readonly<Record<string, Float64Array>>;
}
