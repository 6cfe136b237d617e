// What callers give: the checks of its shape, and its way into the engine's memory.

import type { Memory } from "../memory/memory.js";
import { holds } from "../rules/rule.js";
import type { Scaler } from "../rules/scaler.js";
import type { FloatArray, Precision, Vector } from "../rules/types.js";
import { advice } from "./form.js";
import { GraphError, reading, show } from "./options.js";

/** `more`: a sentence that helps. */
function bad(name: string, given: string, size: number, more = "", classes = false): GraphError {
  const wanted = size === 1 ? "1 number a sample" : `${size} numbers a sample`;
  const forms = `a flat array of k × ${size}, ${classes ? "" : "or "}k arrays of ${size}`;
  const also = classes ? ", or k class numbers, one a sample" : "";
  return new GraphError(
    "bad-shape",
    `The data for ${show(name)} ${given}; expected ${wanted}: ${forms}${also}.${more}`,
  );
}

/** Getters of all typed arrays, which ask the array itself, whatever its class, its own members or its prototype say. */
const typed = Object.getPrototypeOf(Uint8Array.prototype) as object;
const getter = (name: PropertyKey) => Object.getOwnPropertyDescriptor(typed, name)!.get!;
const classOf = getter(Symbol.toStringTag) as () => string;
const bufferOf = getter("buffer") as () => ArrayBufferLike;
const typedPart = Reflect.get(typed, "subarray") as (from: number, to: number) => unknown;
/** 0 where its buffer is gone. */
const lengthOf = getter("length") as () => number;

/** Whether it is a typed array of numbers (and not of BigInts). */
export function isTyped(value: unknown): value is FloatArray<Precision> {
  if (!ArrayBuffer.isView(value)) return false;
  const name = classOf.call(value);
  return name !== undefined && !name.startsWith("Big");
}

/** Elements of an array or a typed array. Throws `bad-shape` where an array's length is none, as that of a proxy can be. */
function lengthOfData(values: readonly unknown[] | FloatArray<Precision>): number {
  if (!Array.isArray(values)) return lengthOf.call(values);
  const { length } = values;
  if (Number.isInteger(length) && length >= 0 && length < 2 ** 32) return length;
  throw new GraphError("bad-shape", `An array of the data has the length ${show(length)}.`);
}

/** A copy of a typed array, in floats that hold its numbers; runs no code of a class. */
export function copied(values: FloatArray<Precision>): Float64Array | Float32Array {
  const length = lengthOf.call(values);
  const copy = classOf.call(values) === "Float32Array" ? new Float32Array(length) : new Float64Array(length);
  copy.set(values);
  return copy;
}

/** Whether the first row is one, and so all should be. */
function isNested(data: unknown): data is readonly Vector[] {
  if (!Array.isArray(data) || typeof data[0] !== "object") return false;
  return Array.isArray(data[0]) || isTyped(data[0]);
}

/** Whether it is one row in a form that tells so at once. */
function isOne(data: unknown, size: number): data is Float64Array | Float32Array {
  return (data instanceof Float64Array || data instanceof Float32Array) && data.length === size;
}

/** The samples in the data for a layer of `size` units; `classes`: class numbers would do. Throws `bad-shape`. */
export function rowsOf(data: unknown, name: string, size: number, classes = false): number {
  if (isOne(data, size)) return 1;
  if (!Array.isArray(data) && !isTyped(data)) {
    throw bad(name, `is ${show(data)}`, size, typeof data === "number" ? "" : advice(data), classes);
  }
  const length = lengthOfData(data);
  if (length === 0) throw bad(name, "has no rows", size, "", classes);
  if (!isNested(data)) {
    if (length % size !== 0) {
      const first: unknown = data[0];
      const isNumber = typeof first === "number" || first === undefined;
      const given = isNumber
        ? `has ${length} numbers`
        : `has ${show(first)} as the first of ${length} values`;
      throw bad(name, given, size, isNumber ? "" : advice(first), classes);
    }
    return length / size;
  }
  for (let r = 0; r < length; r++) {
    const row: unknown = data[r];
    if (!isTyped(row) && !Array.isArray(row)) {
      throw bad(name, `has ${r in data ? show(row) : "a hole"} as row ${r}`, size, advice(row));
    }
    if (lengthOfData(row) !== size) {
      const first: unknown = row[0];
      const more = typeof first === "number" || first === undefined ? "" : advice(first);
      throw bad(name, `has ${lengthOfData(row)} numbers in row ${r}`, size, more, classes);
    }
  }
  return length;
}

/**
 * The same data, but for what lies in the engine's own memory (a live view), which is copied: that memory may move before it
 * is read.
 */
export function settled(data: unknown, engine: ArrayBuffer): unknown {
  if (isTyped(data)) return bufferOf.call(data) === engine ? copied(data) : data;
  if (!isNested(data)) return data;
  const rows: unknown[] = [];
  const length = lengthOfData(data);
  for (let r = 0; r < length; r++) rows.push(settled(data[r], engine));
  return rows;
}

/**
 * Writes data, as `write` does, to a place in the engine's memory: reading it may run the caller's code, which may make another
 * graph and so move that memory.
 */
export function enter(
  data: unknown,
  name: string,
  rows: number,
  size: number,
  memory: Memory,
  pointer: number,
  scaler?: Scaler,
  first?: number,
): void {
  const { numbers } = memory;
  write(data, name, rows, size, numbers, memory.place(pointer), scaler, first);
  if (numbers.length > 0) return;
  const copy = zeros(rows * size, `the data for ${show(name)}`);
  write(data, name, rows, size, copy, 0, scaler, first);
  memory.numbers.set(copy, memory.place(pointer));
}

/**
 * Writes `rows` samples of data, which `rowsOf` has found, to `memory` from its number `at`, scaled where there is a scaler. `first`: the
 * sample to begin with, where they aren't all. Throws `bad-shape` at what isn't a number.
 */
export function write(
  data: unknown,
  name: string,
  rows: number,
  size: number,
  memory: FloatArray<Precision>,
  at: number,
  scaler?: Scaler,
  first?: number,
): void {
  if (scaler !== undefined) {
    // In float64, before the numbers have the graph's precision.
    const plain = zeros(rows * size, `the data for ${show(name)}`);
    write(data, name, rows, size, plain, 0, undefined, first);
    const scaled = scaler.transform(plain);
    const isSingle = memory instanceof Float32Array;
    const wrong = scaled.findIndex((value) => !holds(isSingle ? "float32" : "float64", value));
    if (wrong >= 0) {
      const place = `row ${(first ?? 0) + Math.floor(wrong / size)}, unit ${wrong % size}`;
      const to = Number.isFinite(plain[wrong]) ? `, which its scaler brings to ${scaled[wrong]}` : "";
      const given = `The data for ${show(name)} has ${plain[wrong]} in ${place}${to}`;
      throw new GraphError("not-finite", `${given}, in ${isSingle ? "float32" : "float64"}.`);
    }
    if (memory.length > 0) memory.set(scaled, at);
  } else if (isOne(data, size) && size <= 16) {
    for (let i = 0; i < size; i++) memory[at + i] = data[i]!;
  } else if (isNested(data)) {
    const from = first ?? 0;
    for (let r = 0; r < rows; r++) {
      writeNumbers(data[from + r]!, name, from + r, size, size, memory, at + r * size);
    }
  } else if (first === undefined) {
    writeNumbers(data as Vector, name, 0, rows * size, size, memory, at);
  } else {
    writeNumbers(part(data as Vector, first * size, rows * size), name, first, rows * size, size, memory, at);
  }
}

/** `count` of the numbers of a flat array, from one on. */
function part(values: Vector, first: number, count: number): Vector {
  if (isTyped(values)) return typedPart.call(values, first, first + count) as FloatArray<Precision>;
  return Array.from({ length: count }, (_, i) => values[first + i]!);
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
    // A few numbers are sooner written than `set` is called, which would write more than `count` of what belies its length.
    if (count <= 16) for (let i = 0; i < count; i++) memory[at + i] = values[i]!;
    else if (lengthOf.call(values) === count) {
      if (memory.length > 0) memory.set(values, at);
    } else throw bad(name, `has ${lengthOf.call(values)} numbers`, size);
    return;
  }
  for (let i = 0; i < count; i++) {
    const value: unknown = values[i];
    if (typeof value !== "number") {
      const given = i in values ? show(value) : "a hole";
      const place = `at row ${row + Math.floor(i / size)}, unit ${i % size}`;
      throw bad(name, `has ${given} ${place}`, size, advice(value));
    }
    memory[at + i] = value;
  }
}

/** `count` numbers of a flat array, copied. Throws `bad-shape`. */
export function numbers(given: unknown, what: string, count: number): Float64Array {
  return reading("bad-shape", what, () => listed(given, what, count));
}

function listed(given: unknown, what: string, count: number): Float64Array {
  const isList = Array.isArray(given) || isTyped(given);
  if (!isList || lengthOfData(given) !== count) {
    const found = isList ? `${lengthOfData(given)}` : show(given);
    throw new GraphError("bad-shape", `For ${what} there are ${count} numbers, not ${found}.`);
  }
  return filled(count, what, (i) => {
    const value = given[i];
    if (typeof value === "number") return value;
    throw new GraphError("bad-shape", `For ${what}, number ${i} is ${show(value)}.`);
  });
}

/** `count` numbers of their own, each made from its place. Throws `out-of-memory`. */
function filled(count: number, what: string, make: (i: number) => number): Float64Array {
  const values = zeros(count, what);
  for (let i = 0; i < count; i++) values[i] = make(i);
  return values;
}

/** Throws `out-of-memory`. */
export function zeros(count: number, what: string): Float64Array {
  try {
    return new Float64Array(count);
  } catch (cause) {
    throw new GraphError("out-of-memory", `There is no room for ${what}: ${count} numbers.`, { cause });
  }
}

/** A number for each sample, or for each unit of it, as (rows, size). Throws `bad-shape`, `not-finite`; `bad-option` below `least`. */
function weights(given: unknown, what: string, rows: number, size: number, least: number): Float64Array {
  const nested = isNested(given);
  if (nested && given.length !== rows) {
    throw new GraphError("bad-shape", `For ${what} there are ${rows} rows, not ${given.length}.`);
  }
  const isEach = nested ? given[0]!.length === 1 : (given as { length?: unknown } | null)?.length === rows;
  const width = isEach ? 1 : size;
  const each = nested
    ? Array.from(given, (row, r) => [...numbers(row, `${what}, row ${r},`, width)]).flat()
    : numbers(given, what, rows * width);
  each.forEach((value, i) => {
    const at = `For ${what}, number ${i} is ${value}`;
    if (!Number.isFinite(value)) throw new GraphError("not-finite", `${at}.`);
    if (value < least)
      throw new GraphError(
        "bad-option",
        `${at}; in masks, and where metrics are computed, it is at least 0.`,
      );
  });
  return filled(rows * size, what, (i) => each[width === size ? i : Math.floor(i / size)]!);
}

/** The weights of samples, and the masks of outputs, as a call was given them. */
export interface Counts {
  readonly sampleWeights: unknown;
  readonly mask: Readonly<Record<string, unknown>> | undefined;
  /** Whether metrics are computed, which are means over the weights: then none is negative. */
  readonly isScored: boolean;
}

/**
 * What every unit of every sample of an output counts, (rows, size): sample weight times mask. Throws as `weights` does;
 * `not-finite` also for what the graph's precision can't hold.
 */
export function emphasis(
  { sampleWeights, mask, isScored }: Counts,
  name: string,
  rows: number,
  size: number,
  precision: Precision,
): Float64Array {
  const least = isScored ? 0 : -Infinity;
  const samples =
    sampleWeights === undefined ? undefined : weights(sampleWeights, "the sample weights", rows, 1, least);
  const own = mask !== undefined && Object.hasOwn(mask, name) ? mask[name] : undefined;
  const units = own === undefined ? undefined : weights(own, `the mask of ${show(name)}`, rows, size, 0);
  const counts = filled(
    rows * size,
    `what ${show(name)} counts`,
    (i) => (samples?.[Math.floor(i / size)] ?? 1) * (units?.[i] ?? 1),
  );
  const wrong = counts.findIndex((count) => !holds(precision, count));
  if (wrong < 0) return counts;
  const place = `row ${Math.floor(wrong / size)}, unit ${wrong % size} of ${show(name)} counts ${counts[wrong]}`;
  throw new GraphError("not-finite", `By the sample weights and the mask, ${place}, in ${precision}.`);
}

/** The same targets, rows × size, with zeros where they count nothing, whatever stands there. */
export function masked(data: unknown, counts: Float64Array, size: number): unknown[] {
  const nested = isNested(data);
  return Array.from(counts, (count, i) => {
    if (count === 0) return 0;
    return nested ? data[Math.floor(i / size)]![i % size] : (data as ArrayLike<unknown>)[i];
  });
}

/** One-hot rows for class numbers, of which those that count nothing are not looked at. Throws `bad-target`, `bad-shape`. */
export function oneHot(
  data: ArrayLike<unknown>,
  name: string,
  size: number,
  counts?: Float64Array,
): Float64Array {
  const rows = zeros(data.length * size, `the classes of ${show(name)}`);
  for (let r = 0; r < data.length; r++) {
    const value = data[r];
    if (counts?.subarray(r * size, (r + 1) * size).every((count) => count === 0)) continue;
    if (typeof value !== "number") {
      const given = r in data ? show(value) : "a hole";
      throw bad(name, `has ${given} as row ${r}`, size, advice(value), true);
    }
    if (!Number.isInteger(value) || value < 0 || value >= size) {
      const wanted = `a class is a whole number from 0 to ${size - 1}`;
      throw new GraphError(
        "bad-target",
        `The target of ${show(name)} has ${show(value)} in row ${r}; ${wanted}.`,
      );
    }
    rows[r * size + value] = 1;
  }
  return rows;
}

/** Whether data is a flat array of as many numbers as there are rows: what class numbers look like. */
export function isFlat(data: unknown, rows: number): data is ArrayLike<unknown> {
  return (Array.isArray(data) || isTyped(data)) && !isNested(data) && data.length === rows;
}
