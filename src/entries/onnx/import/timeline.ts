// Operators along the steps of a value: one step alone, and steps outside the sequence, which make a delay.

import { damaged } from "../wire.js";
import { expanded, firstOf, full, isTaken, moved, rowOf, unitsOf } from "./arrange.js";
import type { Call } from "./call.js";
import { paddedUnits } from "./pad.js";
import { isValue, type Operand } from "./plan.js";
import { type Constant, constant, type Numbers } from "./tensor.js";
import type { Value } from "./term.js";
import { size } from "./value.js";

/** From here on the end of a slice is beyond any length. */
const BEYOND = 2 ** 31 - 1;

/** A step, counted from the first one or from the one after the last. */
interface Bound {
  readonly isFromEnd: boolean;
  readonly offset: number;
}

/** Returns a slice of the steps: all, one alone, or as many that come later. */
export function slicedSteps(call: Call, v: Value, start: number, end: number, step: number): Value {
  if (step !== 1) throw call.refuse("turns the steps round, or leaves out some");
  const { before = 0, after = 0, outside } = v.span ?? {};
  const { steps } = call.plan;
  const bound = (at: number): Bound => {
    if (at >= BEYOND) return { isFromEnd: true, offset: after };
    if (at <= -BEYOND) return { isFromEnd: false, offset: -before };
    return at < 0 ? { isFromEnd: true, offset: after + at } : { isFromEnd: false, offset: at - before };
  };
  const [low, high] = [start, end].map((at) => {
    const { isFromEnd, offset } = bound(at);
    if (steps === undefined) return { isFromEnd, offset };
    const place = Math.min(Math.max(isFromEnd ? steps + offset : offset, -before), steps + after);
    return { isFromEnd: false, offset: place };
  }) as [Bound, Bound];
  // With a known number of steps, a bound can be counted from either side.
  const fromStart = ({ isFromEnd, offset }: Bound) => (isFromEnd ? Number.NaN : offset);
  const fromEnd = ({ isFromEnd, offset }: Bound) => (isFromEnd ? offset : offset - (steps ?? Number.NaN));
  if (fromStart(low) === 0 && fromEnd(high) === 0) return spanned(call, v, 0, 0, undefined);
  if (fromEnd(low) === -1 && fromEnd(high) === 0) return oneStep(call, v, "last");
  if (fromStart(low) === 0 && fromStart(high) === 1) return oneStep(call, v, "first");
  const [first, last] = [fromStart(low), fromEnd(high)];
  if (Number.isNaN(first) || Number.isNaN(last)) throw call.refuse("takes some of the steps");
  return spanned(call, v, -first, last, outside);
}

/** Returns one step of a value, with a dimension of 1 for the steps. */
function oneStep(call: Call, { span: _, ...v }: Value, at: "last" | "first"): Value {
  const axes = { batch: v.axes.batch, time: -1 };
  const step = call.plan.stepOf(v, at, axes, call.label);
  return { ...step, dims: unitsOf(axes, full(v)) };
}

/** Returns a step of a value by its index, with dimensions of 1 in the place of the steps. */
export function stepAt(call: Call, v: Value, index: Constant): Value {
  const [at] = index.values;
  const { steps } = call.plan;
  const isLast = at === -1 || (steps !== undefined && at === steps - 1);
  if (index.values.length !== 1 || !(isLast || at === 0)) throw call.refuse("takes steps in the middle");
  const { batch, time } = v.axes;
  const more = index.dims.length - 1;
  const axes = moved({ batch, time: -1 }, (axis) => (axis > time ? axis + more : axis));
  const step = call.plan.stepOf(v, isLast ? "last" : "first", axes, call.label);
  const dims = full(v).flatMap((dim, i) => (i === time ? index.dims : [dim]));
  return { ...step, dims: unitsOf(axes, dims) };
}

/** Returns a value with other steps than those of the sequence; with as many, a delayed one. */
function spanned(
  call: Call,
  { span: _, ...v }: Value,
  before: number,
  after: number,
  outside: Numbers | undefined,
): Value {
  if (before === 0 && after === 0) return v;
  if (before !== -after) return { ...v, span: { before, after, outside } };
  return call.plan.delayed(v, before, outside ?? new Float64Array(size(v)), call.label);
}

/** Joins a value with rows before its steps and after them, all of them equal. */
export function joinedSteps(call: Call, operands: readonly Operand[], v: Value): Value {
  const { time } = v.axes;
  let { before = 0, after = 0, outside } = v.span ?? {};
  let isAfter = false;
  for (const operand of operands) {
    if (operand === v) {
      if (isAfter) throw call.refuse("joins two sequences");
      isAfter = true;
      continue;
    }
    const part = constantOf(operand);
    call.plan.charge(part?.values.length ?? 0);
    const row = part && firstOf(part, time);
    if (part === undefined)
      throw call.refuse("joins a sequence with rows that are no constant; `bind` can give an input's values");
    if (row === undefined) throw call.refuse("joins a sequence with rows that are not equal");
    const { values } = expanded(call, rowOf(call, row, v), full(v)) as Constant;
    if (outside?.some((value, i) => value !== values[i]))
      throw call.refuse("has unequal rows outside the sequence");
    outside = values;
    const length = part.dims[time] ?? 1;
    if (isAfter) after += length;
    else before += length;
  }
  return spanned(call, v, before, after, outside);
}

/** Returns an operand that depends on no layer as a constant. */
function constantOf(operand: Operand): Constant | undefined {
  if (!isValue(operand)) return operand;
  if (operand.terms.length > 0 || operand.axes.time >= 0) return undefined;
  return constant(full(operand), operand.bias ?? new Float64Array(size(operand)));
}

/** Pads the steps by a constant, or axes of units. */
export function padded(call: Call): Operand {
  const v = call.value(0);
  const mode = call.text("mode", "constant");
  const pads = call.wholes(call.opset < 2 ? "paddings" : "pads", call.opset < 11 ? undefined : 1) ?? [];
  const value = call.opset < 11 ? call.float("value", 0) : call.has(2) ? call.scalar(2) : 0;
  const dims = full(v);
  const axes = call.wholes("axes", 3)?.map((axis) => call.axis(axis, dims.length)) ?? dims.map((_, i) => i);
  if (pads.length !== 2 * axes.length)
    throw damaged(`a "Pad" of ${axes.length} axes has ${pads.length} pads`);
  const ends = dims.map((): [number, number] => [0, 0]);
  axes.forEach((axis, i) => {
    ends[axis] = [pads[i]!, pads[i + axes.length]!];
  });
  const isPadded = (axis: number) => ends[axis]![0] !== 0 || ends[axis]![1] !== 0;
  const { time, batch } = v.axes;
  const others = ends.flatMap((_, axis) => (isPadded(axis) && axis !== time ? [axis] : []));
  if (others.some((axis) => isTaken(v, axis))) throw call.refuse("pads the batch");
  if (others.length > 0 && v.span !== undefined) throw call.refuse("pads steps and units at once");
  if (time < 0 || !isPadded(time)) return others.length === 0 ? v : paddedUnits(call, v, ends, mode, value);
  const [low, high] = ends[time]!;
  if (others.length > 0 || time === batch || low < 0 || high < 0)
    throw call.refuse("pads other axes than the steps, or cuts them");
  if (mode !== "constant") throw call.refuse("pads by other values than a constant");
  const { before = 0, after = 0, outside } = v.span ?? {};
  if (outside?.some((one) => one !== value)) throw call.refuse("has unequal rows outside the sequence");
  return spanned(call, v, before + low, after + high, new Float64Array(size(v)).fill(value));
}
