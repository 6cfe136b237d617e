// The options of `fit`, read and checked.

import { GraphError, options, show } from "../base/options.js";
import { plain } from "../base/plain.js";
import { readMetrics } from "../rules/metric.js";
import type { Dataset, FitOptions, Metric } from "../rules/types.js";
import { dataset } from "./dataset.js";
import { isSignal } from "./signal.js";

/** What a value should be, and whether it is that. */
type Rule = readonly [wanted: string, fits: (value: unknown) => boolean];

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
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

/** The options with what they are by default. */
export interface Plan extends Omit<FitOptions, "validation" | "metrics"> {
  readonly epochs: number;
  readonly batchSize: number;
  readonly validation: number | Dataset | undefined;
  readonly metrics: readonly Metric[] | undefined;
  readonly minDelta: number;
  readonly restoreBest: boolean;
}

/** Reads the options, each of them once. Throws `bad-option`. */
export function readPlan(given: unknown): Plan {
  const read = options(given, Object.keys(rules), "fit");
  check(read, rules);
  if (read.checkpoint !== undefined) {
    const checkpoint = options(read.checkpoint, Object.keys(checkpointRules), "a checkpoint");
    check(checkpoint, checkpointRules);
    if (checkpoint.save === undefined) {
      throw new GraphError("bad-option", "A checkpoint needs `save`, a function that keeps it.");
    }
    read.checkpoint = checkpoint;
  }
  for (const name of ["metrics", "scale", "resume"])
    read[name] = plain(read[name], "bad-option", `The option \`${name}\``);
  if (read.metrics !== undefined) readMetrics(read.metrics);
  if (isObject(read.validation)) read.validation = dataset(read.validation);
  const plan = { epochs: 1, batchSize: 32, minDelta: 0, restoreBest: read.patience !== undefined };
  const present = Object.entries(read).filter(([, value]) => value !== undefined);
  return Object.assign(plan, Object.fromEntries(present)) as unknown as Plan;
}
