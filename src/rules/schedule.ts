// The schedules of the learning rate by name, in the order of `ScheduleKind` in assembly/abi.ts.

import { OptimizerWord, type ScheduleKind, ScheduleWord } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { named, options } from "../base/options.js";
import { show } from "../base/text.js";
import { above0, count0, count1, least0, type Option, readOption, share } from "./option.js";
import type { Rows } from "./rule.js";

/** The learning rate: a number, finite and ≥ 0, a function of the number of steps made before, or a schedule. */
export type Rate = number | ((step: number) => number) | Schedule;

/** A rate that changes during training; docs/reference.md has the formulas. */
export type Schedule =
  | { readonly name: "constant"; readonly rate: number; readonly warmup?: number }
  | { readonly name: "step"; readonly rate: number; readonly every: number; readonly factor?: number }
  | { readonly name: "exponential"; readonly rate: number; readonly factor: number; readonly every?: number }
  | {
      readonly name: "cosine";
      readonly rate: number;
      readonly steps: number;
      readonly floor?: number;
      readonly warmup?: number;
      readonly restarts?: number;
      readonly growth?: number;
    }
  | {
      readonly name: "oneCycle";
      readonly rate: number;
      readonly steps: number;
      readonly start?: number;
      readonly divisor?: number;
      readonly finalDivisor?: number;
    }
  | {
      readonly name: "reduceOnPlateau";
      readonly rate: number;
      readonly factor?: number;
      readonly patience?: number;
      readonly minRate?: number;
      readonly minDelta?: number;
    };

const rate: Option = [ScheduleWord.rate, undefined, least0];

const warmup: Option = [ScheduleWord.warmup, 0, count0];

const steps: Option = [ScheduleWord.period, undefined, count1];

/**
 * The schedules, in the order of `ScheduleKind`. The core computes all but the last, which depends on measurements of `fit`.
 */
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

/** Returns a rate that is a number. Throws `bad-option`. */
export function checkRate(given: unknown): number {
  if (typeof given === "number" && Number.isFinite(given) && given >= 0) return given;
  throw new GraphError("bad-option", `A rate is a finite number ≥ 0, not ${show(given)}.`);
}

/** Throws the refusal of a rate that was a function, which no file can hold. */
export const unsaved = (): never => {
  const why = "a file can't hold it: set `rate` before training continues";
  throw new GraphError("bad-option", `The rate was a function, and ${why}.`);
};

/** Writes a rate into an optimizer's record, and a schedule into the record after it. */
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
