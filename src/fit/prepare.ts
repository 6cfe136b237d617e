// Preparation of a run before its first step: data is checked and copied into the engine, scalers are fitted to it.

import { GraphError } from "../base/error.js";
import { type Dataset, isStream } from "./dataset.js";
import { Evaluator } from "./evaluator.js";
import type { FitSettings } from "./options.js";
import { ResidentBatches, ResidentData } from "./resident.js";
import { sliceRows } from "./rows.js";
import type { Run } from "./run.js";
import type { BatchSource, Scalers, Trainee } from "./source.js";
import { Stream } from "./stream.js";

export interface Prepared {
  readonly source: BatchSource;
  /** The evaluator of the held-out data, or, for the sake of metrics, of the training data. */
  readonly evaluator: Evaluator | undefined;
  /** The training data, where all is there at once, and the held-out data. */
  readonly all: ResidentData | undefined;
  readonly validation: ResidentData | undefined;
  /** Frees the engine's memory, and closes an iterator. */
  free(): void;
}

/** The scalers that the options ask for, fitted to the part of the data that is trained on. Throws `bad-option`. */
export function fitScalers(trainee: Trainee, settings: FitSettings, data: unknown): Scalers | undefined {
  if (settings.scale === undefined) return undefined;
  if (isStream(data)) throw refused("`scale` needs all data at once");
  return trainee.fitScalers(split(trainee, settings, data as Dataset)[0], settings.scale);
}

/** Checks all data, and takes what is there at once. Throws what `train` throws of data, and `bad-option`. */
export function prepare(
  trainee: Trainee,
  run: Run,
  settings: FitSettings,
  data: unknown,
  scalers: Scalers | undefined,
): Prepared {
  const residents: ResidentData[] = [];
  let source: BatchSource | undefined;
  const free = () => {
    // Whatever comes of that: the run has ended.
    (async () => source?.end())().catch(() => {});
    for (const resident of residents) resident.free();
  };
  const take = (set: Dataset, isScored: boolean) => {
    const resident = new ResidentData(trainee, set, isScored, scalers);
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
      : split(trainee, settings, data as Dataset);
    const all = set && take(set, heldOut === undefined && settings.metrics !== undefined);
    const validation = heldOut === undefined ? undefined : take(heldOut as Dataset, true);
    const measured = validation ?? (settings.metrics && all);
    const evaluator = measured && new Evaluator(trainee, measured);
    source =
      all === undefined
        ? new Stream(trainee, run, data as ConstructorParameters<typeof Stream>[2])
        : new ResidentBatches(
            trainee,
            run,
            all,
            Math.min(settings.batchSize, 2 ** 30),
            settings.shuffle ?? true,
          );
    return { source, evaluator, all, validation, free };
  } catch (error) {
    free();
    throw error;
  }
}

/** Splits data into training rows and held-out rows. */
function split(trainee: Trainee, { validation }: FitSettings, data: Dataset): [Dataset, Dataset | undefined] {
  if (typeof validation !== "number") return [data, validation];
  const pass = trainee.pass(data);
  const { rows } = trainee.read(pass, data, false);
  const heldOut = Math.floor(validation * rows);
  if (heldOut === 0) {
    throw new GraphError("bad-option", `\`validation\` is ${validation}: of ${rows} rows that is none.`);
  }
  return [sliceRows(pass, data, rows, 0, rows - heldOut), sliceRows(pass, data, rows, rows - heldOut, rows)];
}

function refused(why: string): GraphError {
  return new GraphError("bad-option", `With batches that come one after another, ${why}.`);
}
