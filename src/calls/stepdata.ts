// The data of a call with steps: its form for each slot, and its rows in the core's order.

import { advice } from "../base/advice.js";
import { GraphError } from "../base/error.js";
import { type FloatArray, holds, type Precision } from "../base/precision.js";
import { isNested, LEVELS, rowsOrLevels, type Vector, zeros } from "../base/read.js";
import { show } from "../base/text.js";
import type { Core } from "../memory/core.js";
import type { Slot } from "../memory/pass.js";
import type { Times } from "../memory/times.js";
import type { Scaling } from "../rules/scaling.js";
import { badClass, checkClasses, classList, isClass, positionText } from "./classes.js";
import { rowName, type Sequence, type Span, sequenceOf, writeSequence } from "./sequence.js";
import { uneven } from "./slots.js";

/** Data as it was given for a layer. */
interface Given {
  readonly data: unknown;
  readonly name: string;
  readonly size: number;
  /** The data in errors. */
  readonly what: string;
  /** Whether it may be class numbers, `parts` for each row. */
  readonly classes?: boolean;
  readonly parts?: number;
  /** Its further forms in errors. */
  readonly also?: string;
  readonly scaler?: Scaling | undefined;
  readonly inputClasses?: number | undefined;
}

/** Data for a layer, of which the form is known. */
export interface StepData {
  readonly name: string;
  readonly size: number;
  readonly sequence: Sequence;
  /** Whether it has a row for each step, and not one for each sample. */
  readonly isTimed: boolean;
  /** Whether its numbers are classes. */
  readonly isClass: boolean;
  readonly scaler: Scaling | undefined;
  /** Number of classes of an input of class numbers. */
  readonly inputClasses: number | undefined;
  /** Weights of its rows in the cost, (rows, size), in the core's order: numbers of weight 0 aren't read. */
  readonly lossWeights: Float64Array | undefined;
}

/** The data of a slot. */
export interface SlotData extends StepData {
  readonly slot: Slot;
}

/** Returns the data of a slot with its form. Throws as `stepDataOf` does. */
export function slotDataOf(
  slot: Slot,
  isTimed: boolean,
  times: Times,
  first: string,
  lossWeights: Float64Array | undefined,
): SlotData {
  const { data, name, size, classes, parts, also, matrix, layer } = slot;
  const what = `The ${matrix === "target" ? "target" : "data"} for ${show(name)}`;
  const given = { data, name, size, what, classes, parts, also };
  const inputClasses = matrix === "input" ? layer.classes : undefined;
  return {
    slot,
    ...stepDataOf({ ...given, scaler: layer.scaler, inputClasses }, isTimed, times, first, lossWeights),
  };
}

/** Returns data with its form. `first` names the first data of the call, for errors. Throws `bad-shape`. */
export function stepDataOf(
  { data, name, size, what, classes = false, parts = 1, also = "", scaler, inputClasses }: Given,
  isTimed: boolean,
  times: Times,
  first: string,
  lossWeights: Float64Array | undefined,
): StepData {
  if (isTimed) {
    const sequence = sequenceOf(data, what, times, classes ? [size, parts] : [size]);
    const isClass = sequence.width < size;
    return { name, size, sequence, isTimed, isClass, scaler, inputClasses, lossWeights };
  }
  const list = classes ? classList(data, times.samples, parts) : undefined;
  const isClass = list !== undefined;
  const rows = isClass ? times.samples : rowsOrLevels(data, name, size, also);
  if (rows === LEVELS) {
    const why = `${show(name)} has no time, and takes one row a sample`;
    throw new GraphError("bad-shape", `${what} has rows of rows, but ${why}.`);
  }
  if (rows !== times.samples) throw uneven(first, times.samples, name, rows);
  const form = !isClass && isNested(data) ? "rows" : "flat";
  const sequence: Sequence = { data: list ?? data, what, form, width: isClass ? parts : size };
  return { name, size, sequence, isTimed, isClass, scaler, inputClasses, lossWeights };
}

/** Returns the number of rows that data has in a part of a call. */
export function rowsIn({ isTimed }: StepData, { times }: Span): number {
  return isTimed ? times.rows : times.samples;
}

/**
 * Writes rows of data to a place in the core's memory. Reading may run the caller's code, which may make another graph and so
 * move that memory. Throws `bad-shape`, `bad-target`, `not-finite`.
 */
export function enterSteps(data: StepData, whole: Times, span: Span, core: Core, pointer: number): void {
  const { name, size, scaler, inputClasses, isTimed } = data;
  const { numbers, bytes } = core;
  if (scaler === undefined && inputClasses === undefined) {
    writeSteps(data, whole, span, numbers, pointer / bytes);
    if (numbers.length > 0) return;
  }
  const copy = zeros(rowsIn(data, span) * size, `the data for ${show(name)}`);
  writeSteps(data, whole, span, copy, 0);
  if (inputClasses !== undefined) {
    checkClasses(copy, inputClasses, name, size, (row) => placeIn(isTimed, whole, span, row));
  }
  const values = scaler === undefined ? copy : scaled(data, scaler, whole, span, copy, core.precision);
  core.numbers.set(values, pointer / bytes);
}

/** Returns scaled numbers. Throws `not-finite`. */
function scaled(
  { size, isTimed, sequence }: StepData,
  scaler: Scaling,
  whole: Times,
  span: Span,
  plain: Float64Array,
  precision: Precision,
): Float64Array {
  const found = scaler.transform(plain);
  const wrong = found.findIndex((value) => !holds(precision, value));
  if (wrong < 0) return found;
  const place = placeIn(isTimed, whole, span, Math.floor(wrong / size));
  const to = Number.isFinite(plain[wrong]) ? `, which its scaler brings to ${found[wrong]}` : "";
  const given = `${sequence.what} has ${plain[wrong]} in ${place}, unit ${wrong % size}${to}`;
  throw new GraphError("not-finite", `${given}, in ${precision}.`);
}

/** Names a row of a part of a call, by its index in the core's order. */
export function placeIn(isTimed: boolean, whole: Times, { times, first, step }: Span, row: number): string {
  const at = isTimed ? times.at(row) : { place: row, step: 0 };
  return rowName(isTimed, whole.sampleAt(first + at.place), step + at.step);
}

/** Writes rows of data to `memory` from index `at`. */
export function writeSteps(
  data: StepData,
  whole: Times,
  span: Span,
  memory: FloatArray<Precision>,
  at: number,
): void {
  const { sequence, isTimed, isClass, lossWeights, size } = data;
  if (isTimed && !isClass && lossWeights === undefined) {
    writeSequence(sequence, whole, span, memory, at);
    return;
  }
  eachRow(isTimed, whole, span, (sample, step, row) => {
    const [values, from] = rowAt(sequence, whole, isTimed, sample, step);
    const to = at + row * size;
    const parts = isClass ? sequence.width : 1;
    const mixed = size / parts;
    for (let part = 0, first = 0; part < parts; part++, first += mixed) {
      let isRead = lossWeights === undefined;
      for (let i = first; i < first + mixed; i++) {
        const counts = lossWeights === undefined || lossWeights[row * size + i] !== 0;
        isRead ||= counts;
        const isNumber = counts && !isClass;
        memory[to + i] = isNumber ? numberAt(sequence, values, from + i, isTimed, sample, step, i) : 0;
      }
      if (isClass && isRead) {
        memory[to + first + classAt(sequence, values, from, part, mixed, isTimed, sample, step)] = 1;
      }
    }
  });
}

/** Calls a function for each row of a part of a call, in the core's order of samples; without time for their last steps. */
export function eachRow(
  isTimed: boolean,
  whole: Times,
  { times, first, step }: Span,
  visit: (sample: number, step: number, row: number) => void,
): void {
  for (let place = 0; place < times.samples; place++) {
    const sample = whole.sampleAt(first + place);
    const length = times.lengthOf(times.sampleAt(place));
    if (!isTimed) visit(sample, step + length - 1, place);
    else for (let t = 0; t < length; t++) visit(sample, step + t, times.row(place, t));
  }
}

/** Returns the numbers that have a row of data, and the index of the row's first number. */
export function rowAt(
  { data, form, width }: Sequence,
  { steps }: Times,
  isTimed: boolean,
  sample: number,
  step: number,
): readonly [values: Vector, from: number] {
  const row = isTimed ? sample * steps + step : sample;
  if (form === "flat") return [data as Vector, row * width];
  const rows = data as readonly Vector[];
  if (form === "rows") return [rows[row]!, 0];
  if (form === "samples") return [rows[sample]!, step * width];
  return [(data as readonly (readonly Vector[])[])[sample]![step]!, 0];
}

/** Returns a number of data. Throws `bad-shape`. */
function numberAt(
  { what }: Sequence,
  values: Vector,
  at: number,
  isTimed: boolean,
  sample: number,
  step: number,
  unit: number,
): number {
  const value: unknown = values[at];
  if (typeof value === "number") return value;
  const given = at in values ? show(value) : "a hole";
  const place = `${rowName(isTimed, sample, step)}, unit ${unit}`;
  throw new GraphError("bad-shape", `${what} has ${given} in ${place}; expected a number.${advice(value)}`);
}

/** Returns the class number of a position. Throws `bad-target`, `bad-shape`. */
function classAt(
  sequence: Sequence,
  values: Vector,
  from: number,
  part: number,
  classes: number,
  isTimed: boolean,
  sample: number,
  step: number,
): number {
  const value = numberAt(sequence, values, from + part, isTimed, sample, step, part);
  if (isClass(value, classes)) return value;
  const place = `${rowName(isTimed, sample, step)}${positionText(part, sequence.width)}`;
  throw badClass(sequence.what, value, place, classes);
}
