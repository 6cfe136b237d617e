// Progress, history and checkpoints of a run, as callers see them.

import type { Evaluation } from "../calls/score.js";
import type { OutputScore } from "../rules/metric.js";

export interface Progress {
  readonly kind: "batch" | "epoch";
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps so far in the whole run. */
  readonly step: number;
  /** Steps of the whole run, if their number is known: not of a stream, nor of windows of samples with unequal lengths. */
  readonly steps?: number;
  /** Of a batch or window, its cost before the step; of an epoch, the mean of these costs over its samples and their steps. */
  readonly cost: number;
  readonly rate: number;
  /**
   * Of an epoch, by outputs: their mean costs, or, with `metrics` and without validation, their scores on the data after the
   * epoch.
   */
  readonly outputs?: Readonly<Record<string, OutputScore>>;
  readonly validation?: Evaluation;
  readonly samplesPerSecond: number;
  readonly seconds: number;
  readonly secondsLeft?: number;
}

export interface History {
  readonly epochs: readonly Progress[];
  /** Reason for the run's end; not present before. */
  readonly stopped: "epochs" | "patience" | "time" | "aborted" | "break";
  readonly steps: number;
  readonly seconds: number;
  /** Number of threads that computed, if it varied the one of most steps: 1, but for `fit` of `plexus-nn/worker` with `threads`. */
  readonly threads: number;
  /** Whether the run lay in a memory that threads share, without which there is one thread. */
  readonly sharing: "memory" | "none";
  readonly best?: { readonly epoch: number; readonly monitor: string; readonly value: number };
}

/**
 * A training in progress. Await it for its history, or iterate it by `for await`, which yields every epoch and the newest
 * batch. Breaking out of the loop stops training.
 */
export interface FitRun extends PromiseLike<History>, AsyncIterable<Progress> {
  readonly catch: Promise<History>["catch"];
  readonly finally: Promise<History>["finally"];
  /** History so far. */
  readonly history: History;
}

/** The state from which a run resumes, as plain data for `JSON.stringify`. */
export interface Checkpoint {
  readonly format: "plexus-checkpoint";
  readonly version: 1;
  /** The graph's data, as `toJSON` returns it. */
  readonly graph: object;
  /** The place in the run, its options and its history. */
  readonly fit: object;
}
