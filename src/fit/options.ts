// The options of `fit`, read and checked.

import { GraphError } from "../base/error.js";
import { isObject, options } from "../base/options.js";
import { plain } from "../base/plain.js";
import { show } from "../base/text.js";
import { type Metric, readMetrics } from "../rules/metric.js";
import { type Dataset, dataset } from "./dataset.js";
import type { Checkpoint, Progress } from "./history.js";
import { isSignal, type Signal } from "./signal.js";

/** The description of valid values, and the test of one. */
type Rule = readonly [wanted: string, fits: (value: unknown) => boolean];

const count: Rule = ["a whole number, at least 1", (v) => Number.isInteger(v) && (v as number) >= 1];
const flag: Rule = ["true or false", (v) => typeof v === "boolean"];
const hook: Rule = ["a function", (v) => typeof v === "function"];
const span: Rule = ["a finite number of seconds above 0", (v) => Number.isFinite(v) && (v as number) > 0];

const rules: Readonly<Record<keyof FitOptions, Rule>> = {
  epochs: count,
  batchSize: count,
  shuffle: flag,
  validation: [
    "a dataset or a share between 0 and 1",
    (v) => (typeof v === "number" ? v > 0 && v < 1 : isObject(v)),
  ],
  metrics: ["an array of metrics", Array.isArray],
  signal: ["an AbortSignal", isSignal],
  patience: count,
  minDelta: ["a finite number, at least 0", (v) => Number.isFinite(v) && (v as number) >= 0],
  monitor: ["a path in the progress", (v) => typeof v === "string"],
  mode: ['"min" or "max"', (v) => v === "min" || v === "max"],
  restoreBest: flag,
  timeLimit: span,
  stepsPerEpoch: count,
  window: count,
  carry: flag,
  scale: ["an object of kinds by layers' names", (v) => isObject(v) && !Array.isArray(v)],
  onBatch: hook,
  onEpoch: hook,
  checkpoint: ["an object with `save`", isObject],
  resume: ["a checkpoint", isObject],
};

const checkpointRules = { everyEpochs: count, everySeconds: span, save: hook };

function check(given: Readonly<Record<string, unknown>>, table: Readonly<Record<string, Rule>>): void {
  for (const [name, value] of Object.entries(given)) {
    const [wanted, fits] = table[name]!;
    if (value === undefined || fits(value)) continue;
    throw new GraphError("bad-option", `\`${name}\` is ${wanted}, not ${show(value)}.`);
  }
}

/** The options of `fit`, with their defaults. */
export interface FitSettings extends Omit<FitOptions, "validation" | "metrics"> {
  readonly epochs: number;
  readonly batchSize: number;
  readonly validation: number | Dataset | undefined;
  readonly metrics: readonly Metric[] | undefined;
  readonly minDelta: number;
  readonly restoreBest: boolean;
}

/** Reads the options, each once. Throws `bad-option`. */
export function readFitSettings(given: unknown): FitSettings {
  const read = options(given, Object.keys(rules), "fit");
  for (const name of ["metrics", "scale", "resume"])
    read[name] = plain(read[name], "bad-option", `The option \`${name}\``);
  check(read, rules);
  if (read.checkpoint !== undefined) {
    const checkpoint = options(read.checkpoint, Object.keys(checkpointRules), "a checkpoint");
    check(checkpoint, checkpointRules);
    if (checkpoint.save === undefined) {
      throw new GraphError("bad-option", "A checkpoint needs `save`, a function that keeps it.");
    }
    read.checkpoint = checkpoint;
  }
  if (read.metrics !== undefined) readMetrics(read.metrics);
  if (isObject(read.validation)) read.validation = dataset(read.validation);
  const settings = { epochs: 1, batchSize: 32, minDelta: 0, restoreBest: read.patience !== undefined };
  const present = Object.entries(read).filter(([, value]) => value !== undefined);
  return Object.assign(settings, Object.fromEntries(present)) as unknown as FitSettings;
}

/** Options of `fit`. */
export interface FitOptions<In extends string = string, Out extends string = string> {
  /** Iterations over the data; 1 by default. */
  readonly epochs?: number;
  /** Samples to a step; 32 by default. */
  readonly batchSize?: number;
  /** Whether each epoch has its own order, by the graph's generator; true by default. */
  readonly shuffle?: boolean;
  /** Data to evaluate after each epoch, or the share of the last rows that is held out for it. */
  readonly validation?: number | Dataset<In, Out>;
  /**
   * Metrics beside costs, of the validation data. Without it, of the training data after each epoch, if all of it is there at
   * once.
   */
  readonly metrics?: readonly Metric[];
  /** Stops between two batches, or two windows of a batch. */
  readonly signal?: Signal;
  /** Stops after so many epochs in which the monitored value didn't improve by more than `minDelta`. */
  readonly patience?: number;
  /** Least improvement that counts for `patience`; 0 by default. */
  readonly minDelta?: number;
  /**
   * Path of the monitored value in `Progress`, as `"validation.outputs.y.accuracy"`; `"validation.cost"` by default, without
   * validation `"cost"`.
   */
  readonly monitor?: string;
  /** Better direction: `"min"` for costs and `mae`, else `"max"`. */
  readonly mode?: "min" | "max";
  /** Whether the run ends with the parameters of its best epoch; true if `patience` is given. */
  readonly restoreBest?: boolean;
  /** Seconds after which the run stops. */
  readonly timeLimit?: number;
  /** Ends an epoch after so many steps: the next epoch begins the data anew. */
  readonly stepsPerEpoch?: number;
  /**
   * Time steps to a step of training; all by default. Longer sequences are cut into windows, each of which begins with the
   * state after the one before (truncated backpropagation through time).
   */
  readonly window?: number;
  /**
   * Whether each batch of an epoch begins with the state after the batch before, sample by sample; false by default. Needs
   * batches of the same number of samples, and `shuffle: false` for data that is there at once.
   */
  readonly carry?: boolean;
  /** Fits a scaler to these inputs and targets, and sets it in the graph. */
  readonly scale?: Readonly<Record<string, "standard" | "minmax">>;
  /** Called after each step. */
  onBatch?(progress: Progress): void;
  /** Called after each epoch, and awaited. */
  onEpoch?(progress: Progress): void | Promise<void>;
  /** `save` receives the state from which a later run resumes; after each epoch if neither number is given. */
  readonly checkpoint?: {
    readonly everyEpochs?: number;
    readonly everySeconds?: number;
    /** Stores a checkpoint; awaited. */
    save(checkpoint: Checkpoint): void | Promise<void>;
  };
  /** Resumes the run of a checkpoint. */
  readonly resume?: Checkpoint;
}
