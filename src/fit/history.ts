// Progress, history and checkpoints of a run, as callers see them.

import type { Evaluation } from "../calls/score.js";
import type { OutputScore } from "../rules/metric.js";

/** The state of a run after a batch, or after an epoch. */
export interface Progress {
  readonly kind: "batch" | "epoch";
  /** Number of the epoch, from 1. */
  readonly epoch: number;
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Steps so far in the whole run. */
  readonly step: number;
  /** Steps of the whole run, if their number is known: not of a stream, nor of windows of samples with unequal lengths. */
  readonly steps?: number;
  /** Of a batch or window, its cost before the step; of an epoch, the mean of these costs over its samples and their steps. */
  readonly cost: number;
  /** The learning rate of the newest step. */
  readonly rate: number;
  /**
   * Of an epoch, by outputs: their mean costs, or, with `metrics` and without validation, their scores on the data after the
   * epoch.
   */
  readonly outputs?: Readonly<Record<string, OutputScore>>;
  /** Of an epoch, the scores on the validation data after it. */
  readonly validation?: Evaluation;
  /** Samples a second since the run began, or resumed. */
  readonly samplesPerSecond: number;
  readonly seconds: number;
  /** An estimate of the seconds that are left, if the number of steps is known. */
  readonly secondsLeft?: number;
}

/** The course of a run: its epochs, and the reason for its end. */
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
  /** The epoch with the best monitored value. */
  readonly best?: { readonly epoch: number; readonly monitor: string; readonly value: number };
}

/**
 * A training in progress. Await it for its history, or iterate it by `for await`, which yields every epoch and the newest
 * batch. Breaking out of the loop stops training.
 */
export interface FitRun extends PromiseLike<History>, AsyncIterable<Progress> {
  /** Handles the refusal of a run, as the method of a promise. */
  readonly catch: Promise<History>["catch"];
  /** Calls a function at the end of a run, as the method of a promise. */
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
