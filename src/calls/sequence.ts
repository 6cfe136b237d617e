// Data with steps in its four forms, read row by row:
//
//     flat      k · T · width numbers; what lies beyond a sample's length isn't read
//     rows      k · T rows of `width` numbers; rows beyond a sample's length aren't read
//     samples   k rows of L · width numbers, L being the sample's length
//     levels    k samples of L rows of `width` numbers

import { advice } from "../base/advice.js";
import { GraphError } from "../base/error.js";
import { counted } from "../base/inspect.js";
import type { FloatArray, Precision } from "../base/precision.js";
import { isNested, isTyped, lengthOfData, type Vector } from "../base/read.js";
import { show } from "../base/text.js";
import type { Times } from "../memory/times.js";

/** The help for data with one row a sample where each step needs one. */
const ONE_EACH = ' For one a sample: `at: "last"` before an output, or `time: false` for an input.';

/** Data of which the form is known. `width` is the number of numbers in a row. */
export interface Sequence {
  readonly data: unknown;
  /** The data in errors: `The data for "x"`. */
  readonly what: string;
  readonly form: "flat" | "rows" | "samples" | "levels";
  readonly width: number;
}

/** A part of a call's rows. */
export interface Span {
  /** Its own steps. */
  readonly times: Times;
  /** The place of its first sample, in the core's order of the call. */
  readonly first: number;
  /** The step of the call that is its first one. */
  readonly step: number;
}

/** Names a row in errors: by sample and step, or by the row of data without time. */
export function rowName(isTimed: boolean, sample: number, step: number): string {
  return isTimed ? `sample ${sample}, step ${step}` : `row ${sample}`;
}

/** Returns whether data has three levels: samples, their steps, numbers. */
export function hasLevels(data: unknown): data is readonly (readonly Vector[])[] {
  return isNested(data) && isNested(data[0]);
}

/** Returns the lengths of the samples in data of three levels. Throws `bad-shape`. */
export function lengthsOf(data: readonly (readonly Vector[])[], what: string): number[] {
  return Array.from({ length: lengthOfData(data) }, (_, r) => {
    const steps: unknown = data[r];
    if (Array.isArray(steps) && lengthOfData(steps) > 0) return lengthOfData(steps);
    const given = Array.isArray(steps) ? "no steps" : r in data ? show(steps) : "a hole";
    throw new GraphError("bad-shape", `${what} has ${given} as sample ${r}; expected an array of its steps.`);
  });
}

/**
 * Returns the number of samples in data of `size` numbers a row, of up to `steps` steps; it may have any of the four forms.
 * Throws `bad-shape`.
 */
export function samplesOf(data: unknown, what: string, size: number, steps: number): number {
  const length = lengthOf(data, what, [size]);
  if (!isNested(data)) {
    if (length % (steps * size) === 0) return length / (steps * size);
    throw mismatch(what, counted(length, "number"), steps, [size]);
  }
  const row = lengthOfRow(data, 0, what, [size]);
  if (row !== size || steps === 1 || hasLevels(data)) return length;
  if (length % steps === 0) return length / steps;
  throw mismatch(what, `${length} rows of ${row}`, steps, [size]);
}

/**
 * Returns the data of a call with its form. A row has one of the `widths`, of which the first that fits is taken. Throws
 * `bad-shape`.
 */
export function sequenceOf(data: unknown, what: string, times: Times, widths: readonly number[]): Sequence {
  const { samples, steps } = times;
  const length = lengthOf(data, what, widths);
  const found = (form: Sequence["form"], width: number): Sequence => ({ data, what, form, width });
  if (!isNested(data)) {
    const width = widths.find((width) => length === samples * steps * width);
    if (width !== undefined) return found("flat", width);
    const isEach = widths.some((width) => length === samples * width);
    throw mismatch(what, counted(length, "number"), steps, widths, samples, isEach ? ONE_EACH : "");
  }
  if (hasLevels(data)) {
    const width = lengthOfRow(data[0] as readonly Vector[], 0, what, widths, 0);
    if (length !== samples) throw mismatch(what, counted(length, "sample"), steps, widths, samples);
    if (!widths.includes(width)) {
      const first: unknown = data[0]![0]![0];
      const help = typeof first === "number" ? "" : advice(first);
      throw mismatch(what, `${counted(width, "number")} in step 0 of sample 0`, steps, widths, samples, help);
    }
    checkLevels(data, what, times, width);
    return found("levels", width);
  }
  const row = lengthOfRow(data, 0, what, widths);
  if (length === samples * steps && widths.includes(row)) {
    for (let r = 0; r < samples; r++) {
      for (let t = 0; t < times.lengthOf(r); t++) checkRow(data, r * steps + t, what, row, "");
    }
    return found("rows", row);
  }
  const width = widths.find((width) => row === times.lengthOf(0) * width);
  if (length !== samples || width === undefined) {
    const given = `${counted(length, "row")}, the first of ${counted(row, "number")}`;
    const isEach = length === samples && widths.includes(row);
    throw mismatch(what, given, steps, widths, samples, isEach ? ONE_EACH : "");
  }
  for (let r = 0; r < samples; r++) {
    const steps = times.lengthOf(r);
    checkRow(data, r, what, steps * width, `, the ${steps === 1 ? "step" : `${steps} steps`} of sample ${r}`);
  }
  return found("samples", width);
}

function checkLevels(data: readonly (readonly Vector[])[], what: string, times: Times, width: number): void {
  for (let r = 0; r < times.samples; r++) {
    const steps: unknown = data[r];
    const wanted = times.lengthOf(r);
    const given = Array.isArray(steps) ? lengthOfData(steps) : undefined;
    if (given !== wanted) {
      const found = given === undefined ? show(steps) : counted(given, "step");
      throw new GraphError(
        "bad-shape",
        `${what} has ${found} in sample ${r}; \`steps\` or other data has ${wanted}.`,
      );
    }
    for (let t = 0; t < wanted; t++)
      checkRow(steps as readonly Vector[], t, what, width, ` of sample ${r}`, "step");
  }
}

/** Refuses a row of another length. */
function checkRow(
  data: readonly unknown[],
  row: number,
  what: string,
  width: number,
  of: string,
  unit = "row",
): void {
  const values = data[row];
  if ((isTyped(values) || Array.isArray(values)) && lengthOfData(values) === width) return;
  const isList = isTyped(values) || Array.isArray(values);
  const given = isList ? counted(lengthOfData(values), "number") : row in data ? show(values) : "a hole";
  const help = isList || typeof values === "number" ? "" : advice(values);
  throw new GraphError(
    "bad-shape",
    `${what} has ${given} as ${unit} ${row}${of}; expected ${counted(width, "number")}.${help}`,
  );
}

/** Returns the length of data. Throws `bad-shape` for anything but a list with elements. */
function lengthOf(data: unknown, what: string, widths: readonly number[]): number {
  if (!Array.isArray(data) && !isTyped(data)) {
    const help = typeof data === "number" ? "" : advice(data);
    throw new GraphError("bad-shape", `${what} is ${show(data)}; expected ${formsOf(widths)}.${help}`);
  }
  const length = lengthOfData(data);
  if (length > 0) return length;
  throw new GraphError("bad-shape", `${what} has no rows; expected ${formsOf(widths)}.`);
}

function lengthOfRow(
  data: readonly unknown[],
  row: number,
  what: string,
  widths: readonly number[],
  sample?: number,
): number {
  const values = data[row];
  if (isTyped(values) || Array.isArray(values)) return lengthOfData(values);
  const place = sample === undefined ? `row ${row}` : `step ${row} of sample ${sample}`;
  throw new GraphError("bad-shape", `${what} has ${show(values)} as ${place}; expected ${formsOf(widths)}.`);
}

/** Returns the error for data that fits no form. */
function mismatch(
  what: string,
  given: string,
  steps: number,
  widths: readonly number[],
  samples?: number,
  help = "",
): GraphError {
  const call =
    samples === undefined
      ? counted(steps, "step")
      : `${counted(samples, "sample")} of ${counted(steps, "step")}`;
  return new GraphError(
    "bad-shape",
    `${what} has ${given}, for ${call}; expected ${formsOf(widths)}.${help}`,
  );
}

/** Lists the forms of data with steps. */
function formsOf(widths: readonly number[]): string {
  const [size] = widths as [number];
  const each =
    widths.length > 1
      ? `${size} numbers a step, or one`
      : size === 1
        ? "1 number a step"
        : `${size} numbers a step`;
  return `${each}: a flat array of samples × steps × ${size}, rows of ${size}, or an array of steps for each sample`;
}

/**
 * Writes rows of data to `memory` from index `at`, in the core's order. `whole` are the steps of all the data. Throws
 * `bad-shape` at a value that isn't a number.
 */
export function writeSequence(
  { data, what, form, width }: Sequence,
  whole: Times,
  { times, first, step: begin }: Span,
  memory: FloatArray<Precision>,
  at: number,
): void {
  const { steps } = whole;
  for (let i = 0; i < times.samples; i++) {
    const sample = whole.sampleAt(first + i);
    const length = times.lengthOf(times.sampleAt(i));
    const own = form === "samples" || form === "levels" ? (data as readonly unknown[])[sample] : data;
    for (let t = 0; t < length; t++) {
      const step = begin + t;
      const to = at + times.row(i, t) * width;
      if (form === "flat")
        copyNumbers(own as Vector, (sample * steps + step) * width, width, memory, to, what, sample, step);
      else if (form === "samples")
        copyNumbers(own as Vector, step * width, width, memory, to, what, sample, step);
      else {
        const row = (own as readonly Vector[])[form === "rows" ? sample * steps + step : step]!;
        copyNumbers(row, 0, width, memory, to, what, sample, step);
      }
    }
  }
}

/** Copies numbers of one step. Refuses holes and values that aren't numbers. */
function copyNumbers(
  values: Vector,
  from: number,
  count: number,
  memory: FloatArray<Precision>,
  to: number,
  what: string,
  sample: number,
  step: number,
): void {
  if (!Array.isArray(values)) {
    for (let i = 0; i < count; i++) memory[to + i] = values[from + i]!;
    return;
  }
  for (let i = 0; i < count; i++) {
    const value: unknown = values[from + i];
    if (typeof value !== "number") {
      const given = from + i in values ? show(value) : "a hole";
      const place = `${rowName(true, sample, step)}, unit ${i}`;
      throw new GraphError(
        "bad-shape",
        `${what} has ${given} in ${place}; expected a number.${advice(value)}`,
      );
    }
    memory[to + i] = value;
  }
}
