// Preparation of a run before its first step: data is checked and copied into the engine, and scalers are fitted to it.

import { GraphError } from "../base/error.js";
import type { Network } from "../calls/network.js";
import type { BatchSource } from "./batches.js";
import { type Dataset, isStream } from "./dataset.js";
import { Evaluator } from "./evaluator.js";
import type { FitSettings } from "./options.js";
import { ResidentBatches, ResidentData } from "./resident.js";
import { bindDataset, sliceRows } from "./rows.js";
import type { Run } from "./run.js";
import { fitScalers, type Scalers } from "./scaling.js";
import { SequenceBatches } from "./sequences.js";
import { Stream } from "./stream.js";

export interface Prepared {
  readonly source: BatchSource;
  /** The evaluator of the held-out data, or, if only metrics are wanted, of the training data. */
  readonly evaluator: Evaluator | undefined;
  /** The training data, if all of it is there at once, and the held-out data. */
  readonly all: ResidentData | undefined;
  readonly validation: ResidentData | undefined;
  /** Frees the engine's memory, and closes an iterator. */
  free(): void;
}

/** Fits the scalers of the options to the training rows. Returns undefined if no option wants one. Throws `bad-option`. */
export function prepareScalers(network: Network, settings: FitSettings, data: unknown): Scalers | undefined {
  if (settings.scale === undefined) return undefined;
  if (isStream(data)) throw refused("`scale` needs all data at once");
  return fitScalers(network, split(network, settings, data as Dataset)[0], settings.scale);
}

/** Checks all data, and copies resident data into the engine. Throws as `train` does for data, and `bad-option`. */
export function prepare(
  network: Network,
  run: Run,
  settings: FitSettings,
  data: unknown,
  scalers: Scalers | undefined,
): Prepared {
  const residents: ResidentData[] = [];
  let source: BatchSource | undefined;
  const free = () => {
    // Errors are ignored, since the run has ended.
    (async () => source?.end())().catch(() => {});
    for (const resident of residents) resident.free();
  };
  const take = (set: Dataset, isScored: boolean, isTrained: boolean) => {
    const resident = new ResidentData(network, set, isScored, scalers, isTrained ? settings : {});
    residents.push(resident);
    return resident;
  };
  try {
    if (isStream(data)) {
      if (settings.shuffle) throw refused("`shuffle` can't be true");
      if (typeof settings.validation === "number") throw refused("`validation` is a dataset, not a share");
      if (settings.metrics && !settings.validation)
        throw refused("`metrics` are of `validation`, which is not given");
    }
    const [set, heldOut] = isStream(data)
      ? [undefined, settings.validation]
      : split(network, settings, data as Dataset);
    const all = set && take(set, heldOut === undefined && settings.metrics !== undefined, true);
    const validation = heldOut === undefined ? undefined : take(heldOut as Dataset, true, false);
    const measured = validation ?? (settings.metrics && all);
    const evaluator = measured && new Evaluator(network, measured);
    source =
      all === undefined
        ? new Stream(network, run, data as StreamData, settings)
        : resident(network, run, all, settings);
    return { source, evaluator, all, validation, free };
  } catch (error) {
    free();
    throw error;
  }
}

type StreamData = ConstructorParameters<typeof Stream>[2];

/** Returns the batches of data that is there at once. */
function resident(network: Network, run: Run, all: ResidentData, settings: FitSettings): BatchSource {
  const { shuffle = true } = settings;
  const size = Math.min(settings.batchSize, 2 ** 30);
  if (all.times !== undefined) return new SequenceBatches(network, all, size, shuffle, settings);
  return new ResidentBatches(network, run, all, size, shuffle);
}

/** Splits data into training rows and held-out rows. */
function split(network: Network, settings: FitSettings, data: Dataset): [Dataset, Dataset | undefined] {
  const { validation } = settings;
  if (typeof validation !== "number") return [data, validation];
  const bound = bindDataset(network, data, false, settings);
  const { rows } = bound;
  const trained = rows - Math.floor(validation * rows);
  if (trained === rows) {
    throw new GraphError("bad-option", `\`validation: ${validation}\` of ${rows} rows leaves no row.`);
  }
  return [sliceRows(bound, data, 0, trained), sliceRows(bound, data, trained, rows)];
}

function refused(why: string): GraphError {
  return new GraphError("bad-option", `With batches that come one after another, ${why}.`);
}
