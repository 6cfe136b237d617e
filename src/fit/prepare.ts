// Preparation of a run before its first step: data is checked and copied into the engine, scalers are fitted to it.

import { GraphError } from "../base/error.js";
import { type Dataset, isStream } from "./dataset.js";
import { Survey } from "./evaluator.js";
import type { Plan } from "./options.js";
import { Batches, Table } from "./resident.js";
import { part } from "./rows.js";
import type { Run } from "./run.js";
import type { Scalers, Source, Trainee } from "./source.js";
import { Stream } from "./stream.js";

export interface Opened {
  readonly source: Source;
  /** The evaluator of the held-out data, or, for the sake of metrics, of the training data. */
  readonly survey: Survey | undefined;
  /** The training data, where all is there at once, and the held-out data. */
  readonly all: Table | undefined;
  readonly validation: Table | undefined;
  /** Frees the engine's memory, and closes an iterator. */
  free(): void;
}

/** The scalers that the options ask for, fitted to the part of the data that is trained on. Throws `bad-option`. */
export function fitScalers(trainee: Trainee, plan: Plan, data: unknown): Scalers | undefined {
  if (plan.scale === undefined) return undefined;
  if (isStream(data)) throw refused("`scale` needs all data at once");
  return trainee.fitScalers(split(trainee, plan, data as Dataset)[0], plan.scale);
}

/** Checks all data, and takes what is there at once. Throws what `train` throws of data, and `bad-option`. */
export function open(
  trainee: Trainee,
  run: Run,
  plan: Plan,
  data: unknown,
  scalers: Scalers | undefined,
): Opened {
  const tables: Table[] = [];
  let source: Source | undefined;
  const free = () => {
    // Whatever comes of that: the run has ended.
    (async () => source?.end())().catch(() => {});
    for (const table of tables) table.free();
  };
  const take = (set: Dataset, isScored: boolean) => {
    const table = new Table(trainee, set, isScored, scalers);
    tables.push(table);
    return table;
  };
  try {
    if (isStream(data)) {
      if (plan.shuffle) throw refused("`shuffle` can't be true");
      if (typeof plan.validation === "number") throw refused("`validation` is a dataset, not a share");
      if (plan.metrics && !plan.validation)
        throw refused("`metrics` are of `validation`, which is not given");
    }
    const [set, apart] = isStream(data)
      ? [undefined, plan.validation]
      : split(trainee, plan, data as Dataset);
    const all = set && take(set, apart === undefined && plan.metrics !== undefined);
    const validation = apart === undefined ? undefined : take(apart as Dataset, true);
    const measured = validation ?? (plan.metrics && all);
    const survey = measured && new Survey(trainee, measured);
    source =
      all === undefined
        ? new Stream(trainee, run, data as ConstructorParameters<typeof Stream>[2])
        : new Batches(trainee, run, all, Math.min(plan.batchSize, 2 ** 30), plan.shuffle ?? true);
    return { source, survey, all, validation, free };
  } catch (error) {
    free();
    throw error;
  }
}

/** Splits data into training rows and held-out rows. */
function split(trainee: Trainee, { validation }: Plan, data: Dataset): [Dataset, Dataset | undefined] {
  if (typeof validation !== "number") return [data, validation];
  const pass = trainee.pass(data);
  const { rows } = trainee.read(pass, data, false);
  const apart = Math.floor(validation * rows);
  if (apart === 0) {
    throw new GraphError("bad-option", `\`validation\` is ${validation}: of ${rows} rows that is none.`);
  }
  return [part(pass, data, rows, 0, rows - apart), part(pass, data, rows, rows - apart, rows)];
}

function refused(why: string): GraphError {
  return new GraphError("bad-option", `With batches that come one after another, ${why}.`);
}
