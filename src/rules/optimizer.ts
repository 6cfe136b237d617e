// The optimizers and the schedules by name: their options, what these may be, and where the core finds them. A kind in the core
// is a place in a table here, so the order is that of the kinds in assembly/abi.ts.

import { type OptimizerKind, OptimizerWord, type ScheduleKind, ScheduleWord } from "../../assembly/abi.js";
import { type Bounds, GraphError, named, number, options, show } from "../base/options.js";
import type { Rows } from "./rule.js";
import type { OptimizerOptions, Rate } from "./types.js";

/** An option: its word in the core's record, if any, what it is where it isn't given (undefined: it must be), its bounds. */
type Option = readonly [word: number | undefined, value: number | boolean | undefined, bounds?: Bounds];

/** What an optimizer keeps for each parameter: averages of gradients and of their squares, and of steps. */
export type Moment = "mean" | "square" | "momentum";

interface Row {
  readonly rate: number;
  readonly options: Readonly<Record<string, Option>>;
  /** The moments, each with the option that must be on for it to be kept, if there is one. */
  readonly moments: Readonly<Partial<Record<Moment, string>>>;
}

const share: Bounds = { least: 0, below: 1 };
const least0: Bounds = { least: 0 };
const above0: Bounds = { above: 0 };
const count0: Bounds = { least: 0, whole: true };
const count1: Bounds = { least: 1, whole: true };

const weightDecay: Option = [OptimizerWord.weightDecay, 0, least0];
const betas: Readonly<Record<string, Option>> = {
  beta1: [OptimizerWord.beta1, 0.9, share],
  beta2: [OptimizerWord.beta2, 0.999, share],
  epsilon: [OptimizerWord.epsilon, 1e-8, above0],
};
const both = { mean: "", square: "" };

/** The optimizers, in the order of `OptimizerKind`. */
export const optimizers = {
  sgd: {
    rate: 0.1,
    options: {
      momentum: [OptimizerWord.beta1, 0, share],
      nesterov: [OptimizerWord.flag, false],
      weightDecay,
    },
    moments: { momentum: "momentum" },
  },
  rmsprop: {
    rate: 0.01,
    options: {
      alpha: [OptimizerWord.beta2, 0.99, share],
      epsilon: [OptimizerWord.epsilon, 1e-8, above0],
      momentum: [OptimizerWord.beta1, 0, share],
      centered: [undefined, false],
      weightDecay,
    },
    moments: { mean: "centered", square: "", momentum: "momentum" },
  },
  adagrad: {
    rate: 0.01,
    options: { epsilon: [OptimizerWord.epsilon, 1e-10, above0], weightDecay },
    moments: { square: "" },
  },
  adam: { rate: 1e-3, options: { ...betas, weightDecay }, moments: both },
  adamw: {
    rate: 1e-3,
    options: { ...betas, weightDecay: [OptimizerWord.weightDecay, 0.01, least0] },
    moments: both,
  },
  nadam: {
    rate: 2e-3,
    options: { ...betas, momentumDecay: [OptimizerWord.momentumDecay, 4e-3, least0], weightDecay },
    moments: both,
  },
  lion: {
    rate: 1e-4,
    options: { beta1: betas.beta1!, beta2: [OptimizerWord.beta2, 0.99, share], weightDecay },
    moments: { mean: "" },
  },
} as const satisfies Record<OptimizerOptions["name"], Row> & Rows<typeof OptimizerKind, Row>;

const clips = { clipNorm: OptimizerWord.clipNorm, clipValue: OptimizerWord.clipValue } as const;

const rate: Option = [ScheduleWord.rate, undefined, least0];
const warmup: Option = [ScheduleWord.warmup, 0, count0];
const steps: Option = [ScheduleWord.period, undefined, count1];

/** The schedules, in the order of `ScheduleKind`. The core computes all but the last, which depends on what `fit` measures. */
export const schedules = {
  constant: { rate, warmup },
  step: { rate, every: steps, factor: [ScheduleWord.factor, 0.1, least0] },
  exponential: {
    rate,
    factor: [ScheduleWord.factor, undefined, above0],
    every: [ScheduleWord.period, 1, above0],
  },
  cosine: {
    rate,
    steps,
    floor: [ScheduleWord.floor, 0, least0],
    warmup,
    restarts: [ScheduleWord.restarts, 0, count0],
    growth: [ScheduleWord.factor, 1, { least: 1 }],
  },
  oneCycle: {
    rate,
    steps,
    start: [ScheduleWord.start, 0.3, { least: 0, most: 1 }],
    divisor: [ScheduleWord.divisor, 25, above0],
    finalDivisor: [ScheduleWord.finalDivisor, 1e4, above0],
  },
  reduceOnPlateau: {
    rate,
    factor: [undefined, 0.1, share],
    patience: [undefined, 10, count0],
    minRate: [undefined, 0, least0],
    minDelta: [undefined, 1e-4, least0],
  },
} as const satisfies Rows<typeof ScheduleKind, Readonly<Record<string, Option>>>;

/** An optimizer with its rate and all that is on. */
export type Settings = OptimizerOptions & { readonly rate: Rate };

/** Reads an optimizer's name, or its name and options. Throws `bad-option`. */
export function readOptimizer(given: unknown): Settings {
  const { name: kind, read: object } = named(given, optimizers, "An optimizer's name");
  const row: Row = optimizers[kind];
  const known = Object.keys(row.options);
  const read = options(object, ["name", "rate", ...known, ...Object.keys(clips)], `the optimizer ${kind}`);
  const settings: Record<string, unknown> = {
    name: kind,
    rate: readRate(read.rate === undefined ? row.rate : read.rate),
  };
  for (const [option, [, value, bounds]] of Object.entries(row.options)) {
    const chosen = readOption(read[option], value, bounds, `The ${option} of ${kind}`);
    // What is off by default and stays so is not worth a word.
    if (Number(value) !== 0 || Number(chosen) !== 0) settings[option] = chosen;
  }
  for (const option of Object.keys(clips)) {
    if (read[option] === undefined) continue;
    settings[option] = number(read[option], above0, `The ${option} of ${kind}`);
  }
  if (settings.clipNorm !== undefined && settings.clipValue !== undefined) {
    throw new GraphError("bad-option", "Gradients are clipped by `clipNorm` or by `clipValue`, not by both.");
  }
  if (settings.nesterov === true && settings.momentum === undefined) {
    throw new GraphError("bad-option", "`nesterov` is a kind of momentum: give a `momentum` above 0, too.");
  }
  return Object.freeze(settings) as unknown as Settings;
}

function readOption(given: unknown, usual: unknown, bounds: Bounds | undefined, what: string): unknown {
  const value = given === undefined ? usual : given;
  if (typeof usual !== "boolean") return number(value, bounds ?? {}, what);
  if (typeof value === "boolean") return value;
  throw new GraphError("bad-option", `${what} is true or false, not ${show(given)}.`);
}

/** Reads a rate. Throws `bad-option`. */
export function readRate(given: unknown): Rate {
  if (typeof given === "function") return given as Rate;
  if (typeof given !== "object" || given === null) return checkRate(given);
  const { name: kind, read: object } = named(given, schedules, "A schedule's name");
  const row: Readonly<Record<string, Option>> = schedules[kind];
  const read = options(object, ["name", ...Object.keys(row)], `the schedule ${kind}`);
  const schedule: Record<string, unknown> = { name: kind };
  for (const [option, [, value, bounds]] of Object.entries(row)) {
    schedule[option] = readOption(read[option], value, bounds, `The ${option} of ${kind}`);
  }
  return Object.freeze(schedule) as unknown as Rate;
}

/** A rate as a number. Throws `bad-option`. */
export function checkRate(given: unknown): number {
  if (typeof given === "number" && Number.isFinite(given) && given >= 0) return given;
  throw new GraphError("bad-option", `A rate is a finite number ≥ 0, not ${show(given)}.`);
}

/** Stands for a rate that was a function, which no file can hold. */
export const unsaved = (): never => {
  const why = "a file can't hold it: set `rate` before training goes on";
  throw new GraphError("bad-option", `The rate was a function, and ${why}.`);
};

/** The moments that are kept for each parameter. */
export function momentsOf(settings: Settings): Moment[] {
  const { moments } = optimizers[settings.name] as Row;
  return (Object.keys(moments) as Moment[]).filter(
    (name) => moments[name] === "" || moments[name]! in settings,
  );
}

/** Whether it is plain descent: p - rate · g, and nothing else. */
export function isPlain(settings: Settings): boolean {
  return settings.name === "sgd" && Object.keys(settings).length === 2;
}

/** Writes an optimizer into its record, of which `u32` and `f64` are views from its start. */
export function writeOptimizer(settings: Settings, u32: Uint32Array, f64: Float64Array): void {
  const row: Row = optimizers[settings.name];
  const values = settings as unknown as Readonly<Record<string, number | boolean | undefined>>;
  // What an optimizer has none of is such that the core's bound of a step holds; adagrad's squares are summed, and all of them stay.
  f64[OptimizerWord.epsilon / 2] = 1;
  f64[OptimizerWord.beta2 / 2] = settings.name === "adagrad" ? 1 : 0;
  for (const [option, [word, value]] of Object.entries(row.options)) {
    if (word === undefined) continue;
    if (typeof value === "boolean") u32[word] = Number(values[option] ?? value);
    else f64[word / 2] = Number(values[option] ?? value);
  }
  for (const [option, word] of Object.entries(clips)) f64[word / 2] = Number(values[option] ?? Infinity);
  u32[OptimizerWord.kind] = Object.keys(optimizers).indexOf(settings.name);
  u32[OptimizerWord.plain] = Number(isPlain(settings));
}

/** Writes a rate into an optimizer's record, and a schedule into the one behind it. */
export function writeRate(given: Rate, u32: Uint32Array, f64: Float64Array): void {
  const names = Object.keys(schedules);
  const at = OptimizerWord.words;
  const isNamed = typeof given === "object";
  u32[at + ScheduleWord.kind] = isNamed ? names.indexOf(given.name) : names.length - 1;
  if (typeof given === "number") f64[OptimizerWord.rate / 2] = given;
  if (!isNamed) return;
  f64[OptimizerWord.rate / 2] = given.rate;
  const values = given as unknown as Readonly<Record<string, number>>;
  const row: Readonly<Record<string, Option>> = schedules[given.name];
  for (const [option, [word]] of Object.entries(row)) {
    if (word !== undefined) f64[(at + word) / 2] = values[option]!;
  }
}
