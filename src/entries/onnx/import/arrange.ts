// Tensors by the indices of their elements. The batch and the steps of a value stay whole: each is a dimension of 1 here, at
// its place. Files made for one sample have no batch.

import type { Call } from "./call.js";
import { isValue, type Operand } from "./plan.js";
import { type Constant, constant, count, pickNumbers, places, spread, steps, strides } from "./tensor.js";
import { type Axes, placesOf, type Value } from "./term.js";

/** Computes a node's outputs from its inputs. */
export type Operator = (call: Call) => Operand | readonly (Operand | undefined)[];

/** Returns a shape with the batch and the steps as dimensions of 1. */
export function full(operand: Operand): readonly number[] {
  if (!isValue(operand)) return operand.dims;
  const dims = [...operand.dims];
  for (const place of placesOf(operand.axes)) dims.splice(place, 0, 1);
  return dims;
}

/** Returns the dimensions of the units. */
export function unitsOf(axes: Axes, dims: readonly number[]): readonly number[] {
  const taken = placesOf(axes);
  return dims.filter((_, i) => !taken.includes(i));
}

/** Returns axes whose places are mapped to others. */
export function moved(axes: Axes, place: (axis: number) => number): Axes {
  const of = (axis: number) => (axis < 0 ? axis : place(axis));
  return { ...axes, batch: of(axes.batch), time: of(axes.time) };
}

/** Returns an operand of other dimensions, with the elements at some indices. */
export function arranged(
  call: Call,
  operand: Operand,
  dims: readonly number[],
  index: Int32Array,
  axes?: Axes,
): Operand {
  if (isValue(operand)) {
    const to = axes ?? operand.axes;
    return { ...call.plan.pick(operand, unitsOf(to, dims), index, call.label), axes: to };
  }
  call.plan.charge(index.length);
  return constant(dims, pickNumbers(operand.values, index), operand.integer);
}

/** Returns the same elements in the same order, in another shape. */
export function reshaped(operand: Operand, dims: readonly number[], axes?: Axes): Operand {
  if (!isValue(operand)) return { ...operand, dims };
  const to = axes ?? operand.axes;
  return { ...operand, dims: unitsOf(to, dims), axes: to };
}

/** Returns whether samples and steps are in the same places. */
export function isAlike(a: Axes, b: Axes): boolean {
  return a.batch === b.batch && a.time === b.time && (a.isStepwise ?? false) === (b.isStepwise ?? false);
}

/** Broadcasts an operand to a shape. Without `axes`, a value's own are moved with its dimensions. */
export function expanded(call: Call, operand: Operand, dims: readonly number[], axes?: Axes): Operand {
  const from = full(operand);
  call.plan.charge(count(dims));
  const to = isValue(operand)
    ? (axes ?? moved(operand.axes, (axis) => axis + dims.length - from.length))
    : undefined;
  // A tensor that stays as it is keeps its name.
  if (String(from) === String(dims) && (!isValue(operand) || isAlike(operand.axes, to!))) return operand;
  if (count(from) === count(dims)) return reshaped(operand, dims, to);
  return arranged(call, operand, dims, spread(from, dims), to);
}

/** Picks elements whose index is a sum over the axes; an axis has an offset for each of its coordinates. */
export function along(
  call: Call,
  operand: Operand,
  offsets: readonly ArrayLike<number>[],
  dims = offsets.map((axis) => axis.length),
  axes?: Axes,
) {
  call.plan.charge(offsets.reduce((product, { length }) => product * length, 1));
  return arranged(call, operand, dims, places(offsets), axes);
}

export function offsets(call: Call, operand: Operand): Int32Array[] {
  const dims = full(operand);
  const by = strides(dims);
  call.plan.charge(dims.reduce((sum, dim) => sum + dim, 0));
  return dims.map((dim, i) => steps(dim, by[i]!));
}

/** Returns whether an axis of an operand is its batch or its steps. */
export function isTaken(operand: Operand, axis: number): boolean {
  return isValue(operand) && placesOf(operand.axes).includes(axis);
}

/** Returns whether an axis of an operand is its steps alone. */
export function isSteps(operand: Operand, axis: number): operand is Value {
  return isValue(operand) && operand.axes.time === axis && operand.axes.batch !== axis;
}

/** Returns an axis of units. Throws `unsupported` for the batch or the steps. */
export function unitAxis(call: Call, operand: Operand, given: number, rank = full(operand).length): number {
  const axis = call.axis(given, rank);
  if (isTaken(operand, axis))
    throw call.refuse(`works along the ${isSteps(operand, axis) ? "steps" : "batch"}`);
  return axis;
}

/** Returns a constant as a row of a value: with a dimension of 1 for the batch and the steps. */
export function rowOf(call: Call, given: Constant, model: Value): Constant {
  const taken = placesOf(model.axes);
  const rank = model.dims.length + taken.length;
  if (taken.length === 0) return given;
  if (given.dims.length > rank)
    throw call.refuse("has a constant of more axes, which moves the batch to another");
  let row = given;
  for (const place of taken) {
    const axis = place - (rank - given.dims.length);
    const rows = given.dims[axis] ?? 1;
    if (rows === 1) continue;
    const wanted = place === model.axes.batch ? call.plan.batch : call.plan.steps;
    const first = firstOf(row, axis);
    if ((wanted !== undefined && wanted !== rows) || first === undefined)
      throw call.refuse("has a constant that differs from row to row");
    row = first;
  }
  return row;
}

/** Returns a constant's first element along an axis; `undefined` where others differ from it. */
export function firstOf({ dims, values, integer }: Constant, axis: number): Constant | undefined {
  const length = dims[axis]!;
  const inner = count(dims.slice(axis + 1));
  const at = (i: number) => Math.floor(i / (inner * length)) * inner * length + (i % inner);
  if (values.some((value, i) => value !== values[at(i)])) return undefined;
  const first = values.filter((_, i) => Math.floor(i / inner) % length === 0);
  return constant(
    dims.map((dim, i) => (i === axis ? 1 : dim)),
    first,
    integer,
  );
}

/** Returns a constant row with axes of samples or steps as a value. It depends on no layer, and its bias is the row. */
export function rows(call: Call, { dims, values }: Constant, axes: Axes): Value {
  call.plan.charge(values.length);
  return { dims: unitsOf(axes, dims), axes, terms: [], bias: values, gain: undefined };
}
