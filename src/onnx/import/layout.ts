// Operators that move numbers and change none. Axis 0 of a value is the batch: it stays where it is, as a dimension of 1 here.

import { TensorProto_DataType as DataType } from "onnx-buf";
import { damaged } from "../wire.js";
import type { Call } from "./call.js";
import { isValue, type Operand } from "./plan.js";
import {
  broadcast,
  type Constant,
  constant,
  count,
  pickNumbers,
  places,
  shape,
  spread,
  steps,
  strides,
  typeName,
  wholes,
} from "./tensor.js";

export type Operator = (call: Call) => Operand | readonly Operand[];

/** A shape with the batch as a dimension of 1. */
export function full(operand: Operand): readonly number[] {
  return isValue(operand) ? [1, ...operand.dims] : operand.dims;
}

/** An operand's elements by their places, in another shape. */
export function arranged(call: Call, operand: Operand, dims: readonly number[], index: Int32Array): Operand {
  if (isValue(operand)) return call.plan.pick(operand, dims.slice(1), index, call.label);
  call.plan.charge(index.length);
  return constant(dims, pickNumbers(operand.values, index), operand.integer);
}

/** The same elements in the same order, in another shape. */
export function reshaped(operand: Operand, dims: readonly number[]): Operand {
  return isValue(operand) ? { ...operand, dims: dims.slice(1) } : { ...operand, dims };
}

/** An operand broadcast to a shape that it fits. */
export function expanded(call: Call, operand: Operand, dims: readonly number[]): Operand {
  const from = full(operand);
  call.plan.charge(count(dims));
  if (count(from) === count(dims)) return reshaped(operand, dims);
  return arranged(call, operand, dims, spread(from, dims));
}

/** Elements whose place is a sum over the axes; an axis has an offset for each of its coordinates. */
function along(
  call: Call,
  operand: Operand,
  offsets: readonly ArrayLike<number>[],
  dims = offsets.map((axis) => axis.length),
) {
  call.plan.charge(offsets.reduce((product, { length }) => product * length, 1));
  return arranged(call, operand, dims, places(offsets));
}

function offsets(call: Call, operand: Operand): Int32Array[] {
  const dims = full(operand);
  const by = strides(dims);
  call.plan.charge(dims.reduce((sum, dim) => sum + dim, 0));
  return dims.map((dim, i) => steps(dim, by[i]!));
}

/** An axis that may not be the batch's. */
function unitAxis(call: Call, operand: Operand, given: number, rank = full(operand).length): number {
  const axis = call.axis(given, rank);
  if (axis === 0 && isValue(operand)) throw call.refuse("works along the batch");
  return axis;
}

const reshape: Operator = (call) => {
  const data = call.input(0);
  const from = full(data);
  const wanted = call.opset < 5 ? (call.wholes("shape") ?? []) : wholes(call.constant(1), "a shape");
  const copies = call.whole("allowzero", 0) === 0;
  const dims = wanted.map((dim, i) => (dim === 0 && copies ? (from[i] ?? 0) : dim));
  if (isValue(data)) {
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
    return reshaped(data, full_);
  if (isValue(data))
    throw call.refuse(`makes of rows of ${shape(data.dims)} the shape ${shape(wanted)}, and so mixes them`);
  throw damaged(`${shape(from)} can't have the shape ${shape(wanted)}`);
};

const flatten: Operator = (call) => {
  const data = call.input(0);
  const from = full(data);
  const given = call.whole("axis", 1);
  const axis = given === from.length ? given : call.axis(given, from.length);
  const dims = [count(from.slice(0, axis)), count(from.slice(axis))];
  if (isValue(data) && (axis === 0 || dims[0] !== 1)) throw call.refuse("mixes the rows with other axes");
  return reshaped(data, dims);
};

const transpose: Operator = (call) => {
  const data = call.input(0);
  const from = full(data);
  const order = call.wholes("perm") ?? from.map((_, i) => from.length - 1 - i);
  if ([...order].sort((a, b) => a - b).some((axis, i) => axis !== i) || order.length !== from.length) {
    throw damaged(`a transposition of ${shape(from)} has the axes ${order}`);
  }
  if (isValue(data) && order[0] !== 0) throw call.refuse("moves the batch to another axis");
  const by = offsets(call, data);
  return along(
    call,
    data,
    order.map((axis) => by[axis]!),
  );
};

const squeeze: Operator = (call) => {
  const data = call.input(0);
  const from = full(data);
  const axes = call.wholes("axes", 1)?.map((axis) => unitAxis(call, data, axis));
  if (axes === undefined && isValue(data) && call.plan.batch === 1) throw call.refuse("removes the batch");
  const gone = from.map((dim, i) =>
    axes === undefined ? dim === 1 && !(isValue(data) && i === 0) : axes.includes(i),
  );
  if (from.some((dim, i) => gone[i] && dim !== 1)) throw damaged(`${shape(from)} has no axes ${axes} of 1`);
  return reshaped(
    data,
    from.filter((_, i) => !gone[i]),
  );
};

const unsqueeze: Operator = (call) => {
  const data = call.input(0);
  const given = call.wholes("axes", 1) ?? [];
  const rank = full(data).length + given.length;
  const axes = new Set(given.map((axis) => unitAxis(call, data, axis, rank)));
  const left = [...full(data)];
  return reshaped(
    data,
    Array.from({ length: left.length + axes.size }, (_, i) => (axes.has(i) ? 1 : left.shift()!)),
  );
};

const slice: Operator = (call) => {
  const data = call.input(0);
  const from = full(data);
  const old = call.opset < 10;
  const starts = call.wholes("starts", old ? undefined : 1) ?? [];
  const ends = call.wholes("ends", old ? undefined : 2) ?? [];
  const axes = call.wholes("axes", old ? undefined : 3) ?? starts.map((_, i) => i);
  const by = old ? [] : (call.wholes("steps", 4) ?? []);
  const picked = offsets(call, data);
  axes.forEach((given, i) => {
    const axis = call.axis(given, from.length);
    const [start, end, step] = [starts[i]!, ends[i]!, by[i] ?? 1];
    if (axis === 0 && isValue(data)) {
      const all = start === 0 && step === 1 && end >= (call.plan.batch ?? 2 ** 31 - 1);
      if (!all) throw call.refuse("takes some of the rows");
      return;
    }
    picked[axis] = sliced(picked[axis]!, start, end, step);
  });
  return along(call, data, picked);
};

/** What numpy gives for [start:end:step]. */
function sliced(axis: Int32Array, start: number, end: number, step: number): Int32Array {
  const { length } = axis;
  if (!(Number.isInteger(step) && step !== 0)) throw damaged(`a slice has the step ${step}`);
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const within = (at: number) => Math.min(Math.max(at < 0 ? at + length : at, low), high);
  const [first, last] = [within(start), within(end)];
  const found = Math.max(0, Math.ceil((last - first) / step));
  const picked = new Int32Array(found);
  for (let i = 0; i < found; i++) picked[i] = axis[first + i * step]!;
  return picked;
}

const gather: Operator = (call) => {
  const data = call.input(0);
  const indices = call.constant(1);
  const axis = unitAxis(call, data, call.whole("axis", 0));
  const picked = offsets(call, data);
  const along_ = picked[axis]!;
  picked[axis] = Int32Array.from(wholes(indices, "indices"), (at) => {
    const found = along_[at < 0 ? at + along_.length : at];
    if (found === undefined) throw damaged(`the index ${at} is not one of ${along_.length}`);
    return found;
  });
  const dims = picked.map(({ length }) => length);
  return along(call, data, picked, [...dims.slice(0, axis), ...indices.dims, ...dims.slice(axis + 1)]);
};

const split: Operator = (call) => {
  const data = call.input(0);
  const axis = unitAxis(call, data, call.whole("axis", 0));
  const from = full(data);
  const length = from[axis]!;
  const parts = call.node.output.length;
  const equal = Math.ceil(length / parts);
  const lengths =
    call.wholes("split", call.opset < 13 ? undefined : 1) ??
    Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(equal, length - i * equal)));
  if (lengths.some((part) => part < 0) || lengths.reduce((a, b) => a + b, 0) !== length) {
    throw damaged(`${length} can't be split into ${lengths.join(", ")}`);
  }
  let start = 0;
  return lengths.map((part) => {
    const picked = offsets(call, data);
    picked[axis] = picked[axis]!.slice(start, start + part);
    start += part;
    return along(call, data, picked);
  });
};

const tile: Operator = (call) => {
  const data = call.input(0);
  const repeats = wholes(call.constant(1), "repeats");
  if (isValue(data) && repeats[0] !== 1) throw call.refuse("repeats the rows");
  const picked = offsets(call, data).map((axis, i) => {
    const times = Math.max(0, repeats[i] ?? 1);
    call.plan.charge(axis.length * times);
    const repeated = new Int32Array(axis.length * times);
    for (let i = 0; i < times; i++) repeated.set(axis, i * axis.length);
    return repeated;
  });
  return along(call, data, picked);
};

const expand: Operator = (call) => {
  const data = call.input(0);
  const wanted = wholes(call.constant(1), "a shape");
  const from = full(data);
  if (isValue(data) && wanted.length >= from.length) {
    const [first] = wanted.splice(0, 1, 1);
    const same = first === 1 || Number.isNaN(first) || first === call.plan.batch;
    if (!same || wanted.length > from.length) throw call.refuse("repeats the rows");
  }
  const dims = broadcast(from, wanted);
  if (dims === undefined) throw damaged(`${shape(from)} can't be expanded to ${shape(wanted)}`);
  return expanded(call, data, dims);
};

const shapeOf: Operator = (call) => {
  const data = call.input(0);
  const dims = isValue(data) ? [call.plan.batch ?? Number.NaN, ...data.dims] : data.dims;
  const part = dims.slice(call.whole("start", 0), call.whole("end", dims.length));
  return constant([part.length], Float64Array.from(part), true);
};

const cast: Operator = (call) => {
  const data = call.input(0);
  const to = call.whole("to", DataType.UNDEFINED);
  if (to === DataType.FLOAT || to === DataType.DOUBLE) {
    if (isValue(data)) return data;
    call.plan.charge(data.values.length);
    return constant(data.dims, (to === DataType.FLOAT ? Float32Array : Float64Array).from(data.values));
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
  if (dims.some((dim) => !(dim >= 0))) throw call.refuse(`makes a constant of the shape ${shape(dims)}`);
  call.plan.charge(count(dims));
  const values = (fill.values.constructor as Float64ArrayConstructor).from(
    { length: count(dims) },
    () => fill.values[0]!,
  );
  return constant(dims, values, fill.integer);
};

const dropout: Operator = (call) => {
  const training = call.has(2) && call.scalar(2) !== 0 && !(call.has(1) && call.scalar(1) === 0);
  if (training || (call.opset < 7 && call.whole("is_test", 0) === 0))
    throw call.refuse("is in training mode");
  return call.input(0);
};

/** What a constant is for each row of a value of some rank: a row, with a batch of 1. */
export function rowOf(call: Call, given: Constant, rank: number): Constant {
  const { dims, values } = given;
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

const concat: Operator = (call) => {
  const operands = call.inputs.filter((operand) => operand !== undefined);
  const model = operands.find(isValue) ?? call.input(0);
  const axis = unitAxis(call, model, call.whole("axis", 1));
  const rank = full(model).length;
  const parts = operands.map((one) => (isValue(model) && !isValue(one) ? rowOf(call, one, rank) : one));
  const dims = [...full(model)];
  dims[axis] = parts.reduce((length, part) => length + (full(part)[axis] ?? 0), 0);
  const by = strides(dims);
  call.plan.charge(count(dims) * parts.length);
  let start = 0;
  const values = new Float64Array(count(dims));
  let total: Operand = constant(
    dims,
    values,
    parts.every((part) => !isValue(part) && part.integer),
  );
  for (const part of parts) {
    const own = full(part);
    if (own.length !== rank || own.some((dim, i) => i !== axis && dim !== dims[i])) {
      throw damaged(`${shape(own)} and ${shape(full(model))} can't be joined along axis ${axis}`);
    }
    const index = places(own.map((dim, i) => steps(dim, by[i]!, i === axis ? start * by[i]! : 0)));
    start += own[axis]!;
    if (isValue(part)) {
      const from = new Int32Array(values.length).fill(-1);
      index.forEach((to, i) => {
        from[to] = i;
      });
      const placed = call.plan.pick(part, dims.slice(1), from, call.label);
      total = isValue(total) ? call.plan.sum(total, placed, call.label) : placed;
    } else {
      index.forEach((to, i) => {
        values[to] = part.values[i]!;
      });
    }
  }
  if (!isValue(total) || values.every((value) => value === 0)) return total;
  return {
    ...total,
    bias: total.bias === undefined ? values : values.map((value, i) => value + total.bias![i]!),
  };
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
  Slice: slice,
  Gather: gather,
  Split: split,
  Tile: tile,
  Expand: expand,
  Concat: concat,
};
