// Constants: tensors whose numbers the file has, and the indices of elements under another shape.

import {
  TensorProto_DataType as DataType,
  TensorProto_DataLocation as Location,
  type TensorProto,
} from "onnx-buf";
import { show } from "../../../base/text.js";
import { GraphError } from "../../../index.js";
import { damaged } from "../wire.js";

export type Numbers = Float64Array | Float32Array;

/** Among whole numbers: an unknown number of samples, of steps, and of samples times steps. */
export const BATCH = Number.NaN;
export const STEPS = Infinity;
export const ROWS = -Infinity;

/** A tensor with its numbers, row-major. */
export interface Constant {
  readonly dims: readonly number[];
  readonly values: Numbers;
  readonly integer: boolean;
}

export function constant(dims: readonly number[], values: Numbers, integer = false): Constant {
  return { dims, values, integer };
}

export function count(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** Returns the distances between neighbours along each axis. */
export function strides(dims: readonly number[]): number[] {
  const steps = new Array<number>(dims.length).fill(1);
  for (let i = dims.length - 2; i >= 0; i--) steps[i] = steps[i + 1]! * dims[i + 1]!;
  return steps;
}

/** Returns each element's index: the sum over the axes of an offset for its coordinate. */
export function places(offsets: readonly ArrayLike<number>[]): Int32Array {
  let found = new Int32Array(1);
  for (const axis of offsets) {
    const next = new Int32Array(found.length * axis.length);
    let at = 0;
    for (const base of found) for (let i = 0; i < axis.length; i++) next[at++] = base + axis[i]!;
    found = next;
  }
  return found;
}

/** Returns the offsets of coordinates 0, 1, … along an axis. */
export function steps(length: number, step: number, start = 0): Int32Array {
  const offsets = new Int32Array(length);
  for (let i = 0; i < length; i++) offsets[i] = start + i * step;
  return offsets;
}

/** Returns the shape of two that are broadcast, by numpy's rule, or undefined where they don't fit. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const dims: number[] = [];
  for (let i = 0; i < rank; i++) {
    const [x, y] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1];
    if (x !== y && x !== 1 && y !== 1) return undefined;
    dims.push(x === 1 ? y : x);
  }
  return dims;
}

/** Returns the index of each broadcast element in the shape before. */
export function spread(from: readonly number[], to: readonly number[]): Int32Array {
  const by = strides(from);
  return places(
    to.map((dim, i) => {
      const axis = i - (to.length - from.length);
      return axis < 0 || from[axis] === 1 ? new Int32Array(dim) : steps(dim, by[axis]!);
    }),
  );
}

/** Returns an array of numbers by their indices. */
export function tabulate(length: number, rule: (i: number) => number): Float64Array {
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) values[i] = rule(i);
  return values;
}

export function pickNumbers(values: Numbers, index: Int32Array): Numbers {
  const picked = values.slice(0, 0);
  const result = new (picked.constructor as Float64ArrayConstructor)(index.length);
  for (let i = 0; i < index.length; i++) result[i] = values[index[i]!]!;
  return result;
}

/** Most axes of a tensor. */
export const AXES = 64;

// ------------------------------------------------------------------------------------------------------- reading

/** Returns whether a type is a float. Floats of 16 bits are read as float32. */
export function isFloat(type: number): boolean {
  return type === DataType.DOUBLE || isSingle(type);
}

function isSingle(type: number): boolean {
  return type === DataType.FLOAT || type === DataType.FLOAT16;
}

const word = new DataView(new ArrayBuffer(4));

/** Returns a number of 16 bits (IEEE 754), through one of 32, whose exponent is 112 too small. */
function half(bits: number): number {
  const special = (bits & 0x7c00) === 0x7c00;
  word.setUint32(0, ((bits & 0x8000) << 16) | (special ? 0x7f800000 : 0) | ((bits & 0x7fff) << 13));
  return special ? word.getFloat32(0) : word.getFloat32(0) * 2 ** 112;
}

/** Bytes of a type's numbers in raw data, and their reader. */
const raw: Readonly<Record<number, readonly [bytes: number, read: (v: DataView, at: number) => number]>> = {
  [DataType.FLOAT]: [4, (v, at) => v.getFloat32(at, true)],
  [DataType.FLOAT16]: [2, (v, at) => half(v.getUint16(at, true))],
  [DataType.DOUBLE]: [8, (v, at) => v.getFloat64(at, true)],
  [DataType.INT32]: [4, (v, at) => v.getInt32(at, true)],
  [DataType.INT64]: [8, (v, at) => Number(v.getBigInt64(at, true))],
  [DataType.BOOL]: [1, (v, at) => v.getUint8(at)],
};

/** Returns the name of a type in ONNX. */
export function typeName(type: number): string {
  return DataType[type] ?? `type ${type}`;
}

/**
 * Reads a tensor of a file. Throws `bad-file` where its bytes don't fit its shape, `unsupported` for other types and external
 * data.
 */
export function readTensor(tensor: TensorProto, what: string): Constant {
  if (tensor.dataLocation === Location.EXTERNAL || tensor.externalData.length > 0) {
    throw new GraphError("unsupported", `${what} has its data in another file.`);
  }
  const { dataType, rawData } = tensor;
  const kind = raw[dataType];
  if (kind === undefined || tensor.segment !== undefined) {
    throw new GraphError("unsupported", `${what} is of ${typeName(dataType)}, where numbers are needed.`);
  }
  const dims = tensor.dims.map(Number);
  const length = count(dims);
  if (dims.length > AXES || dims.some((dim) => dim < 0 || dim > 2 ** 31) || length > 2 ** 31) {
    throw damaged(`${what} has the shape ${shape(dims)}`);
  }
  const [bytes, read] = kind;
  const typed = typedData(tensor);
  const found = rawData.length > 0 ? rawData.length / bytes : typed.length;
  if (found !== length) throw damaged(`${what} has ${found} numbers for the shape ${shape(dims)}`);
  const values = isSingle(dataType) ? new Float32Array(length) : new Float64Array(length);
  if (rawData.length > 0) {
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    for (let i = 0; i < length; i++) values[i] = read(view, i * bytes);
  } else {
    const read = dataType === DataType.FLOAT16 ? half : Number;
    for (let i = 0; i < length; i++) values[i] = read(Number(typed[i]));
  }
  return { dims, values, integer: !isFloat(dataType) };
}

function typedData(t: TensorProto): readonly (number | bigint)[] {
  if (t.dataType === DataType.FLOAT) return t.floatData;
  if (t.dataType === DataType.DOUBLE) return t.doubleData;
  return t.dataType === DataType.INT64 ? t.int64Data : t.int32Data;
}

export function shape(dims: readonly number[]): string {
  if (dims.length > AXES) return `[${dims.length} axes]`;
  const named = (dim: number) => {
    if (Number.isNaN(dim)) return "N";
    return dim === STEPS ? "T" : dim === ROWS ? "N·T" : dim;
  };
  return `[${dims.map(named).join(", ")}]`;
}

/** Returns whole numbers of a constant, for a shape or axes. */
export function wholes({ values }: Constant, what: string): number[] {
  const found = [...values];
  const wrong = found.find((value) => !Number.isInteger(value) && Number.isFinite(value));
  if (wrong !== undefined) throw damaged(`${what} has ${show(wrong)}, which is no whole number`);
  return found;
}

/** Returns the shortest decimal of a float32: 0.01, and not 0.0099999998. */
export function shortest(single: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const decimal = Number(single.toPrecision(digits));
    if (Math.fround(decimal) === single) return decimal;
  }
  return single;
}
