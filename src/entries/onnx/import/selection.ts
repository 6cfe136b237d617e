// Operators that take some of the elements of tensors, or join tensors.

import { damaged } from "../wire.js";
import {
  along,
  arranged,
  full,
  isAlike,
  isSteps,
  moved,
  type Operator,
  offsets,
  rowOf,
  rows,
  unitAxis,
} from "./arrange.js";
import { isValue, type Operand } from "./plan.js";
import { isClasses, looked } from "./table.js";
import { constant, count, places, shape, steps, strides, wholes } from "./tensor.js";
import { BATCH_FIRST, placesOf, type Value } from "./term.js";
import { joinedSteps, padded, slicedSteps, stepAt } from "./timeline.js";

const slice: Operator = (call) => {
  let data = call.input(0);
  const from = full(data);
  const old = call.opset < 10;
  const starts = call.wholes("starts", old ? undefined : 1) ?? [];
  const ends = call.wholes("ends", old ? undefined : 2) ?? [];
  const axes = call.wholes("axes", old ? undefined : 3) ?? starts.map((_, i) => i);
  const by = old ? [] : (call.wholes("steps", 4) ?? []);
  const picked = offsets(call, data);
  let isPicked = false;
  axes.forEach((given, i) => {
    const axis = call.axis(given, from.length);
    const [start, end, step] = [starts[i]!, ends[i]!, by[i] ?? 1];
    if (isSteps(data, axis)) {
      data = slicedSteps(call, data, start, end, step);
      return;
    }
    if (isValue(data) && axis === data.axes.batch) {
      const all = start === 0 && step === 1 && end >= (call.plan.batch ?? 2 ** 31 - 1);
      if (!all) throw call.refuse("takes some of the rows");
      return;
    }
    picked[axis] = sliced(picked[axis]!, start, end, step);
    isPicked = true;
  });
  if (!isPicked && isValue(data) && call.plan.hasSteps) return data;
  if (isValue(data) && data.span !== undefined) throw call.refuse("slices steps and units at once");
  return along(call, data, picked);
};

/** Returns numpy's selection [start:end:step] of an axis. */
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
  const wanted = call.input(1);
  if (isValue(wanted) && !isValue(data) && isClasses(wanted)) return looked(call, data, wanted);
  const indices = call.constant(1);
  const given = call.axis(call.whole("axis", 0), full(data).length);
  if (isSteps(data, given)) return stepAt(call, data, indices);
  const axis = unitAxis(call, data, given);
  const picked = offsets(call, data);
  const along_ = picked[axis]!;
  picked[axis] = Int32Array.from(wholes(indices, "indices"), (at) => {
    const found = along_[at < 0 ? at + along_.length : at];
    if (found === undefined) throw damaged(`the index ${at} is not one of ${along_.length}`);
    return found;
  });
  const dims = picked.map(({ length }) => length);
  const more = indices.dims.length - 1;
  const axes = isValue(data) ? moved(data.axes, (place) => (place > axis ? place + more : place)) : undefined;
  const to = [...dims.slice(0, axis), ...indices.dims, ...dims.slice(axis + 1)];
  return along(call, data, picked, to, axes);
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
  if (isValue(data) && placesOf(data.axes).some((place) => repeats[place] !== 1))
    throw call.refuse("repeats the rows");
  // A row that is repeated for each sample.
  const each = !isValue(data) && Number.isNaN(repeats[0]) && data.dims[0] === 1;
  if (each) repeats[0] = 1;
  if (!repeats.every(Number.isFinite)) throw call.refuse("repeats rows for each sample");
  const picked = offsets(call, data).map((axis, i) => {
    const times = Math.max(0, repeats[i] ?? 1);
    call.plan.charge(axis.length * times);
    const repeated = new Int32Array(axis.length * times);
    for (let i = 0; i < times; i++) repeated.set(axis, i * axis.length);
    return repeated;
  });
  const tiled = along(call, data, picked);
  return each && !isValue(tiled) ? rows(call, tiled, BATCH_FIRST) : tiled;
};

const concat: Operator = (call) => {
  const operands = call.inputs.filter((operand) => operand !== undefined);
  const found = operands.filter(isValue);
  const model = found.find(({ axes }) => axes.time >= 0) ?? found[0] ?? call.input(0);
  const rank = full(model).length;
  const given = call.axis(call.whole("axis", 1), rank);
  if (isSteps(model, given)) return joinedSteps(call, operands, model);
  const axis = unitAxis(call, model, given);
  const parts = operands.map((one) => (isValue(model) && !isValue(one) ? rowOf(call, one, model) : one));
  for (const part of parts) {
    if (isValue(model) && isValue(part) && !isAlike(part.axes, model.axes))
      throw call.refuse("joins tensors whose samples or steps are on other axes");
  }
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
      const placed = arranged(call, part, dims, from) as Value;
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

export const selection: Readonly<Record<string, Operator>> = {
  Slice: slice,
  Gather: gather,
  Split: split,
  Tile: tile,
  Concat: concat,
  Pad: padded,
};
