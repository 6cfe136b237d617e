// Class numbers in data: those of an input, and the targets of softmax, one for each position.

import { type ErrorCode, GraphError } from "../base/error.js";
import { isNested, isTyped, LEVELS, rowsOrLevels, write, zeros } from "../base/read.js";
import { show } from "../base/text.js";
import type { Slot } from "../memory/pass.js";

/** Copies the class numbers of an input, without steps, in float64. Throws `bad-input`, `bad-shape`. */
export function readClasses(slot: Slot, classes: number): void {
  const { data, name, size, also } = slot;
  const rows = rowsOrLevels(data, name, size, also);
  if (rows === LEVELS) return;
  const values = zeros(rows * size, `the data for ${show(name)}`);
  write(data, name, rows, size, values, 0);
  checkClasses(values, classes, name, size, (row) => `row ${row}`);
  slot.data = values;
}

/** Checks class numbers, (rows, size), before they are rounded to a graph's precision. Throws `bad-input`. */
export function checkClasses(
  values: Float64Array,
  classes: number,
  name: string,
  size: number,
  rowName: (row: number) => string,
): void {
  const wrong = values.findIndex((value) => !isClass(value, classes));
  if (wrong < 0) return;
  const place = `${rowName(Math.floor(wrong / size))}, slot ${wrong % size}`;
  throw badClass(`The input ${show(name)}`, values[wrong]!, place, classes, "bad-input");
}

/** Returns whether a number is that of a class. */
export function isClass(value: number, classes: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < classes;
}

/** Returns the error for a number that is no class. `what` names the data. */
export function badClass(
  what: string,
  value: number,
  place: string,
  classes: number,
  code: ErrorCode = "bad-target",
): GraphError {
  const wanted = `a class is a whole number from 0 to ${classes - 1}`;
  return new GraphError(code, `${what} has ${show(value)} in ${place}; ${wanted}.`);
}

/** Names the position of the class number at an index, where a sample has several. */
export function positionText(index: number, parts: number): string {
  return parts === 1 ? "" : `, position ${index % parts}`;
}

/** Returns whether data has a number for each of `rows` samples, and no rows. */
export function isFlat(data: unknown, rows: number): data is ArrayLike<unknown> {
  return (Array.isArray(data) || isTyped(data)) && !isNested(data) && data.length === rows;
}

/** Returns class numbers, `parts` for each of `rows` samples, as a flat list; `undefined` for other data. */
export function classList(data: unknown, rows: number, parts: number): ArrayLike<unknown> | undefined {
  if (isFlat(data, rows * parts)) return data;
  const isEach = parts > 1 && isNested(data) && data.length === rows;
  if (!isEach || !data.every((row) => isFlat(row, parts))) return undefined;
  return data.flatMap((row) => Array.from<unknown>(row));
}
