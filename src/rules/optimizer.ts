// The optimizers by name: their options, bounds, and words in the core's record. A kind in the core is an index in this
// table, so the order is that of `OptimizerKind` in assembly/abi.ts.

import { type OptimizerKind, OptimizerWord } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { named, number, options } from "../base/options.js";
import { above0, least0, type Option, readOption, share } from "./option.js";
import type { Rows } from "./rule.js";
import { type Rate, readRate } from "./schedule.js";

/** Average that an optimizer keeps for each parameter: of gradients, of their squares, or of steps. */
export type Moment = "mean" | "square" | "momentum";

interface Row {
  readonly rate: number;
  readonly options: Readonly<Record<string, Option>>;
  /** Its moments, each with the option that must be on for it, or an empty text. */
  readonly moments: Readonly<Partial<Record<Moment, string>>>;
}

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

/** An optimizer with its rate and all options that are on. */
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
    // Options that are off by default, and stay off, are left out.
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

/** Returns an optimizer's moments, each with a number for each parameter. */
export function momentsOf(settings: Settings): Moment[] {
  const { moments } = optimizers[settings.name] as Row;
  return (Object.keys(moments) as Moment[]).filter(
    (name) => moments[name] === "" || moments[name]! in settings,
  );
}

/** Returns whether an optimizer is plain descent: p - rate · g, and nothing else. */
export function isPlain(settings: Settings): boolean {
  return settings.name === "sgd" && Object.keys(settings).length === 2;
}

/** Writes an optimizer into its record. `u32` and `f64` are views from the record's start. */
export function writeOptimizer(settings: Settings, u32: Uint32Array, f64: Float64Array): void {
  const row: Row = optimizers[settings.name];
  const values = settings as unknown as Readonly<Record<string, number | boolean | undefined>>;
  // Options that an optimizer lacks get values for which the core's bound of a step holds. The decay of adagrad is 1, since
  // it keeps the sum of all squares.
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

/** Optimizer by name, with all defaults, or with options. */
export type Optimizer = OptimizerOptions["name"] | OptimizerOptions;

/** Options of an optimizer; docs/reference.md has the formulas and the defaults. */
export type OptimizerOptions = {
  readonly rate?: Rate;
  /** Non-negative; 0 by default, with adamw 0.01. */
  readonly weightDecay?: number;
  /** The largest norm of all gradients of a step together; larger gradients are shortened to it. Not with `clipValue`. */
  readonly clipNorm?: number;
  /** The largest magnitude of any gradient. */
  readonly clipValue?: number;
} & (
  | { readonly name: "sgd"; readonly momentum?: number; readonly nesterov?: boolean }
  | {
      readonly name: "rmsprop";
      readonly alpha?: number;
      readonly epsilon?: number;
      readonly momentum?: number;
      readonly centered?: boolean;
    }
  | { readonly name: "adagrad"; readonly epsilon?: number }
  | {
      readonly name: "adam" | "adamw";
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
    }
  | {
      readonly name: "nadam";
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
      readonly momentumDecay?: number;
    }
  | { readonly name: "lion"; readonly beta1?: number; readonly beta2?: number }
);
