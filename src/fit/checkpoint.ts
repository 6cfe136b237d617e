// The state of a run as plain data; resume.ts reads it.

import type { Tally, WindowPlace } from "./batches.js";
import type { Checkpoint, Progress } from "./history.js";
import type { Monitor, Verdict } from "./monitor.js";
import type { FitSettings } from "./options.js";
import type { ResidentData } from "./resident.js";

export const FORMAT = "plexus-checkpoint";
export const VERSION = 1;

/** A place in a run: the next batch of an epoch, both from 1, and the results so far. */
export interface ResumePoint {
  readonly epoch: number;
  readonly batch: number;
  /** Sums of the epoch so far. */
  readonly tally: Tally;
  /** The next window, in runs that carry a state from window to window. */
  readonly place?: WindowPlace;
  readonly steps: number;
  readonly seconds: number;
  /** Rate of the last step. */
  readonly rate: number;
  readonly epochs: readonly Progress[];
  readonly verdict: Verdict;
  /** The parameters of the best epoch, as base64. */
  readonly best?: string;
}

/** Returns the options that a resumed run must repeat, given or by default, and the rows of the data. */
export function fixedOptions(
  settings: FitSettings,
  monitor: Monitor,
  data?: Pick<ResidentData, "rows" | "times">,
  validationRows?: number,
): object {
  const { rows, times } = data ?? {};
  const { batchSize, shuffle = rows !== undefined, metrics, patience, minDelta } = settings;
  const { restoreBest, stepsPerEpoch, scale, window, carry } = settings;
  const { monitor: path, mode } = monitor;
  const validation = typeof settings.validation === "number" ? settings.validation : validationRows;
  return {
    ...{ batchSize, shuffle, validation, metrics, patience, minDelta, monitor: path, mode, restoreBest },
    ...{ stepsPerEpoch, scale, rows, window, carry: carry || undefined, timeSteps: times?.rows },
  };
}

/** Returns a checkpoint: a graph's plain data, the place in the run, and its fixed options. */
export function writeCheckpoint(graph: object, point: ResumePoint, options: object): Checkpoint {
  return { format: FORMAT, version: VERSION, graph, fit: { ...point, options } };
}
