// Operators that change a tensor's shape, or nothing, and constants.

import { TensorProto_DataType as DataType } from "onnx-buf";
import { damaged } from "../wire.js";
import {
  along,
  expanded,
  full,
  isTaken,
  moved,
  type Operator,
  offsets,
  reshaped,
  rows,
  unitAxis,
} from "./arrange.js";
import type { Call } from "./call.js";
import { isValue } from "./plan.js";
import { reshapedSteps } from "./reshape.js";
import {
  BATCH,
  broadcast,
  type Constant,
  constant,
  count,
  isFloat,
  ROWS,
  STEPS,
  shape,
  typeName,
  wholes,
} from "./tensor.js";
import type { Axes, Value } from "./term.js";

/** Returns the shape of an operand in refusals: the units, and the steps if there are any. */
function given({ plan }: Call, operand: Value | Constant): readonly number[] {
  return isValue(operand) && plan.hasSteps ? dimsOf(operand) : operand.dims;
}

/** Returns the shape of a value, with symbols for the samples and the steps. */
function dimsOf(v: Value): number[] {
  return full(v).map((dim, i) => {
    if (i === v.axes.batch) return i === v.axes.time ? ROWS : BATCH;
    return i === v.axes.time ? STEPS : dim;
  });
}

const reshape: Operator = (call) => {
  const data = call.input(0);
  const from = full(data);
  const wanted = call.opset < 5 ? (call.wholes("shape") ?? []) : wholes(call.constant(1), "a shape");
  const copies = call.whole("allowzero", 0) === 0;
  const mixes = () =>
    call.refuse(`makes of rows of ${shape(given(call, data))} the shape ${shape(wanted)}, and so mixes them`);
  if (isValue(data) && call.plan.hasSteps) return reshapedSteps(call, data, wanted, copies, mixes);
  const dims = wanted.map((dim, i) => (dim === 0 && copies ? (from[i] ?? 0) : dim));
  if (isValue(data) && call.plan.batched) {
    const [first] = wanted;
    const same = (first === 0 && copies) || first === -1 || Number.isNaN(first) || first === call.plan.batch;
    if (!same) throw mixes();
    dims[0] = 1;
  }
  const known = dims.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
  const total = count(from);
  const full_ = dims.map((dim) => (dim === -1 ? total / known : dim));
  if (count(full_) === total && full_.every((dim) => Number.isInteger(dim) && dim >= 0))
    return reshaped(data, full_);
  if (isValue(data)) throw mixes();
  throw damaged(`${shape(from)} can't have the shape ${shape(wanted)}`);
};

const flatten: Operator = (call) => {
  const data = call.input(0);
  const from = full(data);
  const given = call.whole("axis", 1);
  const axis = given === from.length ? given : call.axis(given, from.length);
  const dims = [count(from.slice(0, axis)), count(from.slice(axis))];
  if (isValue(data) && call.plan.hasSteps) {
    const mixes = () => call.refuse("mixes the rows with other axes");
    return reshapedSteps(call, data, [-1, dims[1]!], false, mixes);
  }
  if (isValue(data) && call.plan.batched && (axis === 0 || dims[0] !== 1))
    throw call.refuse("mixes the rows with other axes");
  return reshaped(data, dims);
};

const transpose: Operator = (call) => {
  const data = call.input(0);
  const from = full(data);
  const order = call.wholes("perm") ?? from.map((_, i) => from.length - 1 - i);
  if ([...order].sort((a, b) => a - b).some((axis, i) => axis !== i) || order.length !== from.length) {
    throw damaged(`a transposition of ${shape(from)} has the axes ${order}`);
  }
  if (isValue(data) && call.plan.batched && order[0] !== 0 && !call.plan.hasSteps)
    throw call.refuse("moves the batch to another axis");
  const by = offsets(call, data);
  const axes = isValue(data) ? moved(data.axes, (axis) => order.indexOf(axis)) : undefined;
  const turned = order.map((axis) => by[axis]!);
  return along(call, data, turned, undefined, axes);
};

const squeeze: Operator = (call) => {
  const data = call.input(0);
  const from = full(data);
  const axes = call.wholes("axes", 1)?.map((axis) => unitAxis(call, data, axis));
  const batch = isValue(data) && call.plan.batched;
  if (axes === undefined && batch && (call.plan.batch === 1 || call.plan.steps === 1))
    throw call.refuse("removes the batch");
  const gone = from.map((dim, i) => (axes === undefined ? dim === 1 && !isTaken(data, i) : axes.includes(i)));
  if (from.some((dim, i) => gone[i] && dim !== 1)) throw damaged(`${shape(from)} has no axes ${axes} of 1`);
  const left = from.filter((_, i) => !gone[i]);
  const place = (axis: number) => axis - gone.slice(0, axis).filter(Boolean).length;
  return reshaped(data, left, isValue(data) ? moved(data.axes, place) : undefined);
};

const unsqueeze: Operator = (call) => {
  const data = call.input(0);
  const given = call.wholes("axes", 1) ?? [];
  const rank = full(data).length + given.length;
  const axes = new Set(given.map((axis) => call.axis(axis, rank)));
  if (isValue(data) && !call.plan.hasSteps) for (const axis of axes) unitAxis(call, data, axis, rank);
  const left = [...full(data)];
  const places: number[] = [];
  const dims = Array.from({ length: left.length + axes.size }, (_, i) => {
    if (axes.has(i)) return 1;
    places.push(i);
    return left.shift()!;
  });
  return reshaped(data, dims, isValue(data) ? moved(data.axes, (axis) => places[axis]!) : undefined);
};

/** Takes the symbols of samples and steps out of a shape; a dimension of 1 stays. `undefined` if there are none. */
export function takeAxes(dims: number[]): Axes | undefined {
  let axes: Axes | undefined;
  dims.forEach((dim, i) => {
    if (Number.isFinite(dim)) return;
    const { batch = -1, time = -1 } = axes ?? {};
    axes = { batch: dim === STEPS ? batch : i, time: Number.isNaN(dim) ? time : i };
    dims[i] = 1;
  });
  return axes;
}

const expand: Operator = (call) => {
  const data = call.input(0);
  const wanted = wholes(call.constant(1), "a shape");
  const from = full(data);
  if (wanted.some((dim) => dim < 0 && Number.isFinite(dim)))
    throw damaged(`${shape(from)} can't be expanded to ${shape(wanted)}`);
  if (isValue(data) && call.plan.hasSteps) return expandedSteps(call, data, wanted);
  // A constant that is repeated for each sample.
  const each = isValue(data) ? undefined : takeAxes(wanted);
  if (each !== undefined) {
    const taken = wanted.map((_, i) => (i === each.batch || i === each.time ? i : -1));
    const ahead = wanted.length - from.length;
    if (taken.some((place) => place >= ahead && from[place - ahead] !== 1))
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
  return each !== undefined && !isValue(expansion) ? rows(call, expansion, each) : expansion;
};

/** Expands a value with a batch, which gets steps where it has a dimension of 1. */
function expandedSteps(call: Call, data: Value, wanted: number[]): Value {
  const from = full(data);
  const rank = Math.max(from.length, wanted.length);
  const own = moved(data.axes, (axis) => axis + rank - from.length);
  const ahead = rank - wanted.length;
  let { time } = own;
  const dims = wanted.map((dim, i) => {
    const place = i + ahead;
    const isOwn = place === own.batch || place === own.time;
    const known = place === own.batch ? call.plan.batch : call.plan.steps;
    if (isOwn && !(dim === 1 || !Number.isFinite(dim) || dim === known))
      throw call.refuse("repeats the rows");
    if (isOwn) return 1;
    if (dim !== STEPS && Number.isFinite(dim)) return dim;
    if (dim !== STEPS || time >= 0) throw call.refuse("repeats the rows");
    time = place;
    return 1;
  });
  const all = broadcast(from, dims);
  if (all === undefined) throw damaged(`${shape(from)} can't be expanded to ${shape(wanted)}`);
  const axes = { ...own, time };
  if (time !== own.time && (from[time - (rank - from.length)] ?? 1) !== 1)
    throw call.refuse("repeats the rows");
  return expanded(call, data, all, axes) as Value;
}

const shapeOf: Operator = (call) => {
  const data = call.input(0);
  if (!isValue(data)) return shapePart(call, data.dims);
  const { batch, steps } = call.plan;
  const known = dimsOf(data).map((dim) => {
    if (Number.isNaN(dim)) return batch ?? dim;
    if (dim === ROWS && batch !== undefined && steps !== undefined) return batch * steps;
    return dim === STEPS ? (steps ?? dim) : dim;
  });
  return shapePart(call, known);
};

/** Returns the numbers of a shape that a node asks for. */
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
  const each = call.plan.batched ? takeAxes(dims) : undefined;
  if (dims.some((dim) => !(dim >= 0))) throw call.refuse(`makes a constant of the shape ${shape(dims)}`);
  call.plan.charge(count(dims));
  const values = (fill.values.constructor as Float64ArrayConstructor).from(
    { length: count(dims) },
    () => fill.values[0]!,
  );
  const filled = constant(dims, values, fill.integer);
  return each === undefined ? filled : rows(call, filled, each);
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
