// What callers give: the checks of its shape, and its way into the engine's memory.

import { GraphError, show } from "./error.js";
import type { FloatArray, Precision, Vector } from "./types.js";

function bad(name: string, given: string, size: number): GraphError {
  const wanted = size === 1 ? "1 number a sample" : `${size} numbers a sample`;
  return new GraphError(
    "bad-shape",
    `The data for ${show(name)} ${given}; expected ${wanted}: a flat array of k × ${size}, or k arrays of ${size}.`,
  );
}

/** Whether it is a typed array of numbers (and not of BigInts). */
function isTyped(value: unknown): value is FloatArray<Precision> {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}

/** Whether the first row is one, and so all should be. */
function isNested(data: unknown): data is readonly Vector[] {
  if (!Array.isArray(data) || typeof data[0] !== "object") return false;
  return Array.isArray(data[0]) || isTyped(data[0]);
}

/** The samples in the data for a layer of `size` units. Throws `bad-shape`. */
export function rowsOf(data: unknown, name: string, size: number): number {
  if (!Array.isArray(data) && !isTyped(data)) throw bad(name, `is ${show(data)}`, size);
  if (data.length === 0) throw bad(name, "has no rows", size);
  if (!isNested(data)) {
    if (data.length % size !== 0) throw bad(name, `has ${data.length} numbers`, size);
    return data.length / size;
  }
  for (let r = 0; r < data.length; r++) {
    const row: unknown = data[r];
    const given = r in data ? show(row) : "a hole";
    if (!isTyped(row) && !Array.isArray(row)) throw bad(name, `has ${given} as row ${r}`, size);
    if (row.length !== size) throw bad(name, `has ${row.length} numbers in row ${r}`, size);
  }
  return data.length;
}

/**
 * The same data, but for what lies in the engine's own memory (a live view), which is copied: that memory may move before it
 * is read.
 */
export function settled(data: unknown, engine: ArrayBuffer): unknown {
  if (isTyped(data)) return data.buffer === engine ? data.slice() : data;
  return isNested(data) ? data.map((row) => settled(row, engine)) : data;
}

/**
 * Writes data, by `rowsOf` known to have `rows` samples, from the number `at` of `memory` on. Throws `bad-shape` at what isn't
 * a number.
 */
export function write(
  data: unknown,
  name: string,
  rows: number,
  size: number,
  memory: FloatArray<Precision>,
  at: number,
): void {
  if (isNested(data)) {
    for (let r = 0; r < rows; r++) writeNumbers(data[r]!, name, r, size, size, memory, at + r * size);
  } else {
    writeNumbers(data as Vector, name, 0, rows * size, size, memory, at);
  }
}

/** Writes `count` numbers, the first of which is that of a row's first unit. A missing number is no number. */
function writeNumbers(
  values: Vector,
  name: string,
  row: number,
  count: number,
  size: number,
  memory: FloatArray<Precision>,
  at: number,
): void {
  if (!Array.isArray(values)) {
    // A few numbers are sooner written than `set` is called.
    if (count > 16) memory.set(values, at);
    else for (let i = 0; i < count; i++) memory[at + i] = values[i]!;
    return;
  }
  for (let i = 0; i < count; i++) {
    const value: unknown = values[i];
    if (typeof value !== "number") {
      const given = i in values ? show(value) : "a hole";
      throw bad(name, `has ${given} at row ${row + Math.floor(i / size)}, unit ${i % size}`, size);
    }
    memory[at + i] = value;
  }
}
