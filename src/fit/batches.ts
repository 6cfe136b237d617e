// The batches of a run, one epoch after another, and the sums over an epoch's steps.

import type { StepPlace } from "../calls/diverged.js";

/** Batches of an epoch: of resident data, or of a caller's stream. */
export interface BatchSource {
  /** Number of steps of an epoch, if it is known: each batch is one, or each window of a batch. */
  readonly batches: number | undefined;
  /** Begins an epoch. A resumed epoch skips `skipped` steps, which were made before, with the sums of `tally`. */
  begin(skipped: number, tally: Tally): void | Promise<void>;
  /** The next window, in runs that carry a state from window to window. */
  readonly place?: WindowPlace | undefined;
  /** Sets the window where the next epoch begins. Throws `bad-file`. */
  resume?(place: WindowPlace | undefined): void;
  /** Makes steps over at most `limit` batches, beginning at a place. Returns `undefined` at the epoch's end. */
  step(place: StepPlace, limit: number): Stepped | undefined | Promise<Stepped | undefined>;
  /** Ends an epoch, even before all data was read. May be called again. */
  end(): unknown;
}

/** A window of a batch, both counted from 0, with the state before it in the form of its `toJSON`. */
export interface WindowPlace {
  readonly batch: number;
  readonly window: number;
  readonly state: object;
}

/** The result of some steps. */
export interface Stepped {
  /** Number of steps; 0 for a window without a target. */
  readonly batches: number;
  /** Cost of the last batch. */
  readonly cost: number;
  /** Sums of the epoch so far. */
  readonly tally: Tally;
  /** Number of samples that are done; by default the rows that the sums have gained. */
  readonly samples?: number;
}

/** Rows, and rows · cost summed over them. */
export interface Sum {
  readonly rows: number;
  readonly cost: number;
}

/** Sums over the epoch so far, and for each output over the rows that had a target for it. */
export interface Tally extends Sum {
  readonly outputs: Readonly<Record<string, Sum>>;
}

/** Copies a tally, or makes an empty one. Its outputs have no prototype, so that any name can be one. */
export function copyTally({ rows, cost, outputs }: Tally = { rows: 0, cost: 0, outputs: {} }) {
  return { rows, cost, outputs: Object.assign(Object.create(null), outputs) as Record<string, Sum> };
}

/** Adds a mean over some rows to a sum. */
export function addMean(sum: Sum = { rows: 0, cost: 0 }, rows: number, mean: number): Sum {
  return { rows: sum.rows + rows, cost: sum.cost + rows * mean };
}
