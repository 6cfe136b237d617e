// Tensors by the indices of their elements. Axis 0 of a value is the batch: it stays in place, as a dimension of 1 here.
// Files made for one sample have no such axis.

import type { Call } from "./call.js";
import { isValue, type Operand } from "./plan.js";
import { type Constant, constant, count, pickNumbers, places, spread, steps, strides } from "./tensor.js";
import type { Value } from "./value.js";

/** Computes a node's outputs from its inputs. */
export type Operator = (call: Call) => Operand | readonly (Operand | undefined)[];

/** Returns a shape with the batch as a dimension of 1, if there is one. */
export function full({ plan }: Call, operand: Operand): readonly number[] {
  return isValue(operand) && plan.batched ? [1, ...operand.dims] : operand.dims;
}

/** Returns the dimensions after the batch. */
function units({ plan }: Call, dims: readonly number[]): readonly number[] {
  return plan.batched ? dims.slice(1) : dims;
}

/** Returns an operand of other dimensions, with the elements at some indices. */
export function arranged(call: Call, operand: Operand, dims: readonly number[], index: Int32Array): Operand {
  if (isValue(operand)) return call.plan.pick(operand, units(call, dims), index, call.label);
  call.plan.charge(index.length);
  return constant(dims, pickNumbers(operand.values, index), operand.integer);
}

/** Returns the same elements in the same order, in another shape. */
export function reshaped(call: Call, operand: Operand, dims: readonly number[]): Operand {
  return isValue(operand) ? { ...operand, dims: units(call, dims) } : { ...operand, dims };
}

/** Broadcasts an operand to a shape. */
export function expanded(call: Call, operand: Operand, dims: readonly number[]): Operand {
  const from = full(call, operand);
  call.plan.charge(count(dims));
  if (count(from) === count(dims)) return reshaped(call, operand, dims);
  return arranged(call, operand, dims, spread(from, dims));
}

/** Picks elements whose index is a sum over the axes; an axis has an offset for each of its coordinates. */
export function along(
  call: Call,
  operand: Operand,
  offsets: readonly ArrayLike<number>[],
  dims = offsets.map((axis) => axis.length),
) {
  call.plan.charge(offsets.reduce((product, { length }) => product * length, 1));
  return arranged(call, operand, dims, places(offsets));
}

export function offsets(call: Call, operand: Operand): Int32Array[] {
  const dims = full(call, operand);
  const by = strides(dims);
  call.plan.charge(dims.reduce((sum, dim) => sum + dim, 0));
  return dims.map((dim, i) => steps(dim, by[i]!));
}

/** Returns an axis that isn't the batch's. Throws `unsupported` for the batch's. */
export function unitAxis(
  call: Call,
  operand: Operand,
  given: number,
  rank = full(call, operand).length,
): number {
  const axis = call.axis(given, rank);
  if (axis === 0 && isValue(operand) && call.plan.batched) throw call.refuse("works along the batch");
  return axis;
}

/** Returns a constant as a row of a value with so many axes: with a batch of 1. */
export function rowOf(call: Call, given: Constant, rank: number): Constant {
  const { dims, values } = given;
  if (!call.plan.batched) return given;
  if (dims.length > rank) throw call.refuse("has a constant of more axes, which moves the batch to another");
  const [rows] = dims;
  if (dims.length < rank || rows === 1 || rows === undefined) return given;
  const { batch } = call.plan;
  const width = values.length / rows;
  if ((batch !== undefined && batch !== rows) || values.some((value, i) => value !== values[i % width])) {
    throw call.refuse("has a constant that differs from row to row");
  }
  return constant([1, ...dims.slice(1)], values.slice(0, width), given.integer);
}

/**
 * Returns a constant with an axis of samples, whose rows are equal, as a value. It depends on no layer, and its bias is a
 * row.
 */
export function rows(call: Call, { dims, values }: Constant): Value {
  call.plan.charge(values.length);
  return { dims: dims.slice(1), terms: [], bias: values, gain: undefined };
}
