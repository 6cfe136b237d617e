// The batches of a run, one epoch after another, and the sums over an epoch's steps.

import type { StepPlace } from "../calls/diverged.js";

/** Batches of an epoch: of resident data, or of a caller's stream. */
export interface BatchSource {
  /** Batches of an epoch, where they are known. */
  readonly batches: number | undefined;
  /** Begins an epoch. Of a resumed one, `skipped` batches were trained before, with the sums of `tally`. */
  begin(skipped: number, tally: Tally): void | Promise<void>;
  /** Steps over at most `most` batches, beginning with that of a place; `undefined` at the epoch's end. */
  step(place: StepPlace, most: number): Stepped | undefined | Promise<Stepped | undefined>;
  /** Ends an epoch, maybe before all was read. May be called twice. */
  end(): unknown;
}

/** The result of some steps. */
export interface Stepped {
  readonly batches: number;
  /** Cost of the last batch. */
  readonly cost: number;
  /** Sums of the epoch so far. */
  readonly tally: Tally;
}

/** Rows, and rows · cost summed over them. */
export interface Sum {
  readonly rows: number;
  readonly cost: number;
}

/** Sums over an epoch so far, and for each output over the rows that had a target for it. */
export interface Tally extends Sum {
  readonly outputs: Readonly<Record<string, Sum>>;
}

/** Returns a tally of its own, empty or the same, which finds nothing under a name that it has not. */
export function copyTally({ rows, cost, outputs }: Tally = { rows: 0, cost: 0, outputs: {} }) {
  return { rows, cost, outputs: Object.assign(Object.create(null), outputs) as Record<string, Sum> };
}

/** Adds a mean over some rows to a sum. */
export function addMean(sum: Sum = { rows: 0, cost: 0 }, rows: number, mean: number): Sum {
  return { rows: sum.rows + rows, cost: sum.cost + rows * mean };
}
