// A caller's arrays: checked for their shape, and written to memory.

import { advice } from "./advice.js";
import { GraphError } from "./error.js";
import { reading } from "./options.js";
import { type FloatArray, holds, type Precision } from "./precision.js";
import { show } from "./text.js";

/** Scales rows of numbers, as a scaler does. */
interface Transform {
  transform(data: Data): Float64Array;
}

/** Returns the error for data of a wrong shape. `more` is a sentence that helps, `also` the text of further forms. */
export function bad(name: string, given: string, size: number, more = "", also = ""): GraphError {
  const wanted = size === 1 ? "1 number a sample" : `${size} numbers a sample`;
  const forms = `a flat array of k × ${size}, ${also ? "" : "or "}k arrays of ${size}`;
  return new GraphError(
    "bad-shape",
    `The data for ${show(name)} ${given}; expected ${wanted}: ${forms}${also}.${more}`,
  );
}

/** Getters of all typed arrays. They read the array itself, whatever its class, its own members or its prototype say. */
const typed = Object.getPrototypeOf(Uint8Array.prototype) as object;
const getter = (name: PropertyKey) => Object.getOwnPropertyDescriptor(typed, name)!.get!;
const classOf = getter(Symbol.toStringTag) as () => string;
const bufferOf = getter("buffer") as () => ArrayBufferLike;
const typedPart = Reflect.get(typed, "subarray") as (from: number, to: number) => unknown;
/** Returns the length of a typed array, 0 where its buffer is detached. */
const lengthOf = getter("length") as () => number;

/** Returns whether a value is a typed array of numbers (and not of BigInts). */
export function isTyped(value: unknown): value is FloatArray<Precision> {
  if (!ArrayBuffer.isView(value)) return false;
  const name = classOf.call(value);
  return name !== undefined && !name.startsWith("Big");
}

/** Returns the number of elements. Throws `bad-shape` where an array's length is invalid, as a proxy's can be. */
export function lengthOfData(values: readonly unknown[] | FloatArray<Precision>): number {
  if (!Array.isArray(values)) return lengthOf.call(values);
  const { length } = values;
  if (Number.isInteger(length) && length >= 0 && length < 2 ** 32) return length;
  throw new GraphError("bad-shape", `An array of the data has the length ${show(length)}.`);
}

const classes: Readonly<Record<string, TypedClass>> = {
  Float32Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
};

/** Returns the class of a typed array, or one that holds its numbers. */
export function classFor(values: TypedArray): TypedClass {
  return classes[classOf.call(values)] ?? Float64Array;
}

/** Returns the buffer of a typed array. Runs no code of the caller's. */
export function bufferFor(values: TypedArray): ArrayBufferLike {
  return bufferOf.call(values);
}

/** Copies a typed array to one of the same class, or of one that holds its numbers. Runs no code of the caller's. */
export function copied(values: TypedArray): TypedArray {
  const copy = new (classFor(values))(lengthOf.call(values));
  copy.set(values);
  return copy;
}

/** Returns whether a value is an object by names. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Returns whether the data is nested: whether its first element is a row. */
export function isNested(data: unknown): data is readonly Vector[] {
  if (!Array.isArray(data) || typeof data[0] !== "object") return false;
  return Array.isArray(data[0]) || isTyped(data[0]);
}

/** Returns whether the data is a single row, where its class and length show so at once. */
function isOne(data: unknown, size: number): data is Float64Array | Float32Array {
  if (Array.isArray(data)) return false; // A plain array would cost two walks of its prototypes.
  return (data instanceof Float64Array || data instanceof Float32Array) && data.length === size;
}

/** The number of rows that stands for data of three levels: samples, their steps, numbers. */
export const LEVELS = -1;

/** Returns the number of samples in the data for a layer of `size` units, as `rowsOrLevels` does. Throws `bad-shape`. */
export function rowsOf(data: unknown, name: string, size: number): number {
  const found = rowsOrLevels(data, name, size);
  if (found !== LEVELS) return found;
  throw bad(name, "has rows of rows", size, advice([]));
}

/**
 * Returns the number of samples in the data for a layer of `size` units, or `LEVELS`. `also` is the text of further forms in
 * errors. Throws `bad-shape`.
 */
export function rowsOrLevels(data: unknown, name: string, size: number, also = ""): number {
  return isOne(data, size) ? 1 : countRows(data, name, size, also);
}

/** Returns the number of samples in any data. It is apart from `rowsOrLevels`, so that V8 inlines that. */
function countRows(data: unknown, name: string, size: number, also: string): number {
  if (!Array.isArray(data) && !isTyped(data)) {
    throw bad(name, `is ${show(data)}`, size, typeof data === "number" ? "" : advice(data), also);
  }
  const length = lengthOfData(data);
  if (length === 0) throw bad(name, "has no rows", size, "", also);
  if (!isNested(data)) {
    if (length % size === 0) return length / size;
    throw notWhole(length, data[0], name, size, also);
  }
  // Most data ends this test at once, by the type of its first number.
  if (typeof (data[0] as Vector)[0] === "object" && isNested(data[0])) return LEVELS;
  checkRows(data, name, size, also, 0, length);
  return length;
}

/** Checks the rows [from, to) of nested data for a layer of `size` units. Throws `bad-shape`. */
export function checkRows(
  data: readonly unknown[],
  name: string,
  size: number,
  also: string,
  from: number,
  to: number,
): void {
  for (let r = from; r < to; r++) {
    const row: unknown = data[r];
    if (!isTyped(row) && !Array.isArray(row)) {
      throw bad(name, `has ${r in data ? show(row) : "a hole"} as row ${r}`, size, advice(row));
    }
    if (lengthOfData(row) !== size) {
      const first: unknown = row[0];
      const more = typeof first === "number" || first === undefined ? "" : advice(first);
      throw bad(name, `has ${counted(lengthOfData(row))} in row ${r}`, size, more, also);
    }
  }
}

/** Returns a count of numbers in words. */
const counted = (count: number) => `${count} number${count === 1 ? "" : "s"}`;

/** Returns the error for a flat array of no whole number of rows, which begins with `first`. */
function notWhole(length: number, first: unknown, name: string, size: number, also: string): GraphError {
  if (typeof first === "number" || first === undefined) {
    return bad(name, `has ${counted(length)}`, size, "", also);
  }
  return bad(name, `has ${show(first)} as the first of ${length} values`, size, advice(first), also);
}

/**
 * Copies live views, which lie in the engine's memory, since that may move before they are read. Returns other data as it is.
 */
export function detached(data: unknown, engine: ArrayBuffer): unknown {
  if (isTyped(data)) return bufferOf.call(data) === engine ? copied(data) : data;
  if (!isNested(data)) return data;
  const rows: unknown[] = [];
  const length = lengthOfData(data);
  for (let r = 0; r < length; r++) rows.push(detached(data[r], engine));
  return rows;
}

/**
 * Writes `rows` samples, as `rowsOf` counted them, to `memory` from index `at`, scaled by the scaler if there is one. `first`
 * is the first sample of a part of the data. Throws `bad-shape` at a value that isn't a number.
 */
export function write(
  data: unknown,
  name: string,
  rows: number,
  size: number,
  memory: FloatArray<Precision>,
  at: number,
  scaler?: Transform,
  first?: number,
): void {
  if (scaler === undefined && isOne(data, size) && size <= 16) {
    for (let i = 0; i < size; i++) memory[at + i] = data[i]!;
  } else writeRows(data, name, rows, size, memory, at, scaler, first);
}

/** Writes any data, as `write` does. It is apart from that, so that V8 inlines `write`. */
function writeRows(
  data: unknown,
  name: string,
  rows: number,
  size: number,
  memory: FloatArray<Precision>,
  at: number,
  scaler: Transform | undefined,
  first: number | undefined,
): void {
  if (scaler !== undefined) {
    // Scaled in float64, before the numbers are rounded to the graph's precision.
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

/** Returns `count` numbers of a flat array, beginning at `first`. */
function part(values: Vector, first: number, count: number): Vector {
  if (isTyped(values)) return typedPart.call(values, first, first + count) as FloatArray<Precision>;
  return Array.from({ length: count }, (_, i) => values[first + i]!);
}

/**
 * Writes `count` numbers, of which the first belongs to the first unit of `row`. Refuses holes and values that aren't
 * numbers.
 */
export function writeNumbers(
  values: Vector,
  name: string,
  row: number,
  count: number,
  size: number,
  memory: FloatArray<Precision>,
  at: number,
): void {
  if (!Array.isArray(values)) {
    // A loop is faster than `set` for a few numbers. `set` would write more than `count` where an array's `length` is wrong.
    if (count <= 16) for (let i = 0; i < count; i++) memory[at + i] = values[i]!;
    else if (lengthOf.call(values) === count) {
      if (memory.length > 0) memory.set(values, at);
    } else throw bad(name, `has ${counted(lengthOf.call(values))}`, size);
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

/** Copies a flat array of `count` numbers. Throws `bad-shape`. */
export function readNumbers(given: unknown, what: string, count: number): Float64Array {
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

/** Returns an array of `count` numbers, each made from its index. Throws `out-of-memory`. */
export function filled(count: number, what: string, make: (i: number) => number): Float64Array {
  const values = zeros(count, what);
  for (let i = 0; i < count; i++) values[i] = make(i);
  return values;
}

/** Returns an array of `count` zeros. Throws `out-of-memory`. */
export function zeros(count: number, what: string): Float64Array {
  try {
    return new Float64Array(count);
  } catch (cause) {
    throw new GraphError("out-of-memory", `There is no room for ${what}: ${count} numbers.`, { cause });
  }
}

/** Typed arrays that data may be: all but those of BigInts. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** The class of a typed array. */
export type TypedClass =
  | Float64ArrayConstructor
  | Float32ArrayConstructor
  | Int8ArrayConstructor
  | Uint8ArrayConstructor
  | Uint8ClampedArrayConstructor
  | Int16ArrayConstructor
  | Uint16ArrayConstructor
  | Int32ArrayConstructor
  | Uint32ArrayConstructor;

/** Numbers one after another. */
export type Vector = readonly number[] | TypedArray;

/**
 * k samples: a flat array of k × size numbers, row-major, or an array of k rows. With steps it is a flat array of k × steps ×
 * size numbers, or an array of k × steps rows. An array of k samples has for each an array of its rows, or all their numbers. A
 * row of a layer with a shape may be nested as that.
 */
export type Data = Vector | readonly Data[];
