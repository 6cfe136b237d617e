// Options of optimizers and schedules: rows of their tables, and the reader.

import { GraphError } from "../base/error.js";
import { type Bounds, number } from "../base/options.js";
import { show } from "../base/text.js";

/** An option: its word in the core's record, if any, its default (undefined if it must be given), and its bounds. */
export type Option = readonly [
  word: number | undefined,
  value: number | boolean | undefined,
  bounds?: Bounds,
];

export const share: Bounds = { least: 0, below: 1 };

export const least0: Bounds = { least: 0 };

export const above0: Bounds = { above: 0 };

export const count0: Bounds = { least: 0, whole: true };

export const count1: Bounds = { least: 1, whole: true };

export function readOption(
  given: unknown,
  usual: unknown,
  bounds: Bounds | undefined,
  what: string,
): unknown {
  const value = given === undefined ? usual : given;
  if (typeof usual !== "boolean") return number(value, bounds ?? {}, what);
  if (typeof value === "boolean") return value;
  throw new GraphError("bad-option", `${what} is true or false, not ${show(given)}.`);
}
