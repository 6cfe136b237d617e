// Operators that change a tensor's shape, or nothing, and constants.

import { TensorProto_DataType as DataType } from "onnx-buf";
import { damaged } from "../wire.js";
import { along, expanded, full, type Operator, offsets, reshaped, rows, unitAxis } from "./arrange.js";
import type { Call } from "./call.js";
import { isValue } from "./plan.js";
import { broadcast, type Constant, constant, count, isFloat, shape, typeName, wholes } from "./tensor.js";

const reshape: Operator = (call) => {
  const data = call.input(0);
  const from = full(call, data);
  const wanted = call.opset < 5 ? (call.wholes("shape") ?? []) : wholes(call.constant(1), "a shape");
  const copies = call.whole("allowzero", 0) === 0;
  const dims = wanted.map((dim, i) => (dim === 0 && copies ? (from[i] ?? 0) : dim));
  if (isValue(data) && call.plan.batched) {
    const [first] = wanted;
    const same = (first === 0 && copies) || first === -1 || Number.isNaN(first) || first === call.plan.batch;
    if (!same)
      throw call.refuse(`makes of rows of ${shape(data.dims)} the shape ${shape(wanted)}, and so mixes them`);
    dims[0] = 1;
  }
  const known = dims.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
  const total = count(from);
  const full_ = dims.map((dim) => (dim === -1 ? total / known : dim));
  if (count(full_) === total && full_.every((dim) => Number.isInteger(dim) && dim >= 0))
    return reshaped(call, data, full_);
  if (isValue(data))
    throw call.refuse(`makes of rows of ${shape(data.dims)} the shape ${shape(wanted)}, and so mixes them`);
  throw damaged(`${shape(from)} can't have the shape ${shape(wanted)}`);
};

const flatten: Operator = (call) => {
  const data = call.input(0);
  const from = full(call, data);
  const given = call.whole("axis", 1);
  const axis = given === from.length ? given : call.axis(given, from.length);
  const dims = [count(from.slice(0, axis)), count(from.slice(axis))];
  if (isValue(data) && call.plan.batched && (axis === 0 || dims[0] !== 1))
    throw call.refuse("mixes the rows with other axes");
  return reshaped(call, data, dims);
};

const transpose: Operator = (call) => {
  const data = call.input(0);
  const from = full(call, data);
  const order = call.wholes("perm") ?? from.map((_, i) => from.length - 1 - i);
  if ([...order].sort((a, b) => a - b).some((axis, i) => axis !== i) || order.length !== from.length) {
    throw damaged(`a transposition of ${shape(from)} has the axes ${order}`);
  }
  if (isValue(data) && call.plan.batched && order[0] !== 0)
    throw call.refuse("moves the batch to another axis");
  const by = offsets(call, data);
  return along(
    call,
    data,
    order.map((axis) => by[axis]!),
  );
};

const squeeze: Operator = (call) => {
  const data = call.input(0);
  const from = full(call, data);
  const axes = call.wholes("axes", 1)?.map((axis) => unitAxis(call, data, axis));
  const batch = isValue(data) && call.plan.batched;
  if (axes === undefined && batch && call.plan.batch === 1) throw call.refuse("removes the batch");
  const gone = from.map((dim, i) =>
    axes === undefined ? dim === 1 && !(batch && i === 0) : axes.includes(i),
  );
  if (from.some((dim, i) => gone[i] && dim !== 1)) throw damaged(`${shape(from)} has no axes ${axes} of 1`);
  return reshaped(
    call,
    data,
    from.filter((_, i) => !gone[i]),
  );
};

const unsqueeze: Operator = (call) => {
  const data = call.input(0);
  const given = call.wholes("axes", 1) ?? [];
  const rank = full(call, data).length + given.length;
  const axes = new Set(given.map((axis) => unitAxis(call, data, axis, rank)));
  const left = [...full(call, data)];
  return reshaped(
    call,
    data,
    Array.from({ length: left.length + axes.size }, (_, i) => (axes.has(i) ? 1 : left.shift()!)),
  );
};

const expand: Operator = (call) => {
  const data = call.input(0);
  const wanted = wholes(call.constant(1), "a shape");
  const from = full(call, data);
  // A constant that is repeated for each sample.
  const each = !isValue(data) && Number.isNaN(wanted[0]);
  if (each) {
    wanted[0] = 1;
    if (data.dims.length >= wanted.length && data.dims[0] !== 1)
      throw call.refuse("repeats rows for each sample");
  }
  if (isValue(data) && call.plan.batched && wanted.length >= from.length) {
    const [first] = wanted.splice(0, 1, 1);
    const same = first === 1 || Number.isNaN(first) || first === call.plan.batch;
    if (!same || wanted.length > from.length) throw call.refuse("repeats the rows");
  }
  const dims = broadcast(from, wanted);
  if (dims === undefined) throw damaged(`${shape(from)} can't be expanded to ${shape(wanted)}`);
  const expansion = expanded(call, data, dims);
  return each && !isValue(expansion) ? rows(call, expansion) : expansion;
};

const shapeOf: Operator = (call) => {
  const data = call.input(0);
  return shapePart(
    call,
    isValue(data) && call.plan.batched ? [call.plan.batch ?? Number.NaN, ...data.dims] : data.dims,
  );
};

/** Returns the numbers of a shape that a node asks for; NaN is the number of samples. */
export function shapePart(call: Call, dims: readonly number[]): Constant {
  const part = dims.slice(call.whole("start", 0), call.whole("end", dims.length));
  return constant([part.length], Float64Array.from(part), true);
}

const cast: Operator = (call) => {
  const data = call.input(0);
  const to = call.whole("to", DataType.UNDEFINED);
  if (isFloat(to)) {
    if (isValue(data)) return data;
    call.plan.charge(data.values.length);
    return constant(data.dims, (to === DataType.DOUBLE ? Float64Array : Float32Array).from(data.values));
  }
  if (isValue(data) || (to !== DataType.INT32 && to !== DataType.INT64)) {
    throw call.refuse(`casts to ${typeName(to)}, and a layer has numbers of float32 or float64`);
  }
  return constant(data.dims, Float64Array.from(data.values, Math.trunc), true);
};

const constantNode: Operator = (call) => {
  const tensor = call.tensor("value");
  if (tensor !== undefined) return tensor;
  const [float, whole] = [call.floats("value_float"), call.wholes("value_int")];
  if (float ?? whole) return constant([], Float64Array.from(float ?? whole!), float === undefined);
  const [floats, wholes] = [call.floats("value_floats"), call.wholes("value_ints")];
  const list = floats ?? wholes;
  if (list === undefined) throw call.refuse("has no tensor of numbers");
  return constant([list.length], Float64Array.from(list), floats === undefined);
};

const constantOfShape: Operator = (call) => {
  const dims = wholes(call.constant(0), "a shape");
  const fill = call.tensor("value") ?? constant([1], Float32Array.of(0));
  // Zeros for each sample, such as an initial state that is left out.
  const each = call.plan.batched && Number.isNaN(dims[0]);
  if (each) dims[0] = 1;
  if (dims.some((dim) => !(dim >= 0))) throw call.refuse(`makes a constant of the shape ${shape(dims)}`);
  call.plan.charge(count(dims));
  const values = (fill.values.constructor as Float64ArrayConstructor).from(
    { length: count(dims) },
    () => fill.values[0]!,
  );
  const filled = constant(dims, values, fill.integer);
  return each ? rows(call, filled) : filled;
};

const dropout: Operator = (call) => {
  const training = call.has(2) && call.scalar(2) !== 0 && !(call.has(1) && call.scalar(1) === 0);
  if (training || (call.opset < 7 && call.whole("is_test", 0) === 0))
    throw call.refuse("is in training mode");
  return call.input(0);
};

export const layout: Readonly<Record<string, Operator>> = {
  Identity: (call) => call.input(0),
  Constant: constantNode,
  ConstantOfShape: constantOfShape,
  Cast: cast,
  Dropout: dropout,
  Shape: shapeOf,
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
};
