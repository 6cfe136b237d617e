// Enlargements, reductions and padding of the axes of units: by the nearest element, and so as selections.
// https://onnx.ai/onnx/operators/onnx__Resize.html

import { damaged } from "../wire.js";
import { along, full, isTaken, type Operator, offsets } from "./arrange.js";
import type { Call } from "./call.js";
import { enlarged } from "./convolution.js";
import { isValue, type Operand } from "./plan.js";
import { places, steps, strides, wholes } from "./tensor.js";
import type { Value } from "./term.js";
import { size } from "./value.js";
import { planesOf, unitDims } from "./window.js";

/** An axis to be resized. */
interface Resized {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

/** Returns the coordinate in the old axis of an element of the new one. */
const coordinates: Readonly<Record<string, (at: number, axis: Resized) => number>> = {
  half_pixel: (at, { scale }) => (at + 0.5) / scale - 0.5,
  half_pixel_symmetric: (at, { from, to, scale }) => {
    const shift = (from / 2) * (1 - to / (scale * from));
    return shift + (at + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (at, { to, scale }) => (to > 1 ? (at + 0.5) / scale - 0.5 : 0),
  tf_half_pixel_for_nn: (at, { scale }) => (at + 0.5) / scale,
  asymmetric: (at, { scale }) => at / scale,
  align_corners: (at, { from, to }) => (to > 1 ? (at * (from - 1)) / (to - 1) : 0),
};

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Returns the elements of an axis that a resized one has. */
function picked(call: Call, axis: Resized): Int32Array {
  const isOld = call.opset < 11;
  const transformation = isOld ? "asymmetric" : call.text("coordinate_transformation_mode", "half_pixel");
  const rounding = isOld ? "floor" : call.text("nearest_mode", "round_prefer_floor");
  if (!Object.hasOwn(coordinates, transformation)) throw call.refuse(`has coordinates by ${transformation}`);
  if (!Object.hasOwn(roundings, rounding)) throw damaged(`"${call.node.opType}" rounds by ${rounding}`);
  call.plan.charge(axis.to);
  return Int32Array.from({ length: axis.to }, (_, at) => {
    const x = roundings[rounding]!(coordinates[transformation]!(at, axis));
    return Math.min(Math.max(x, 0), axis.from - 1);
  });
}

/** Returns the axes that a node resizes, with their scales or sizes. */
function axesOf(call: Call, data: Operand): (Resized | undefined)[] {
  const dims = full(data);
  const input = call.node.opType === "Upsample" ? 1 : call.opset < 11 ? 1 : 2;
  const isAttribute = call.node.opType === "Upsample" && call.opset < 9;
  const axes = call.wholes("axes")?.map((axis) => call.axis(axis, dims.length)) ?? dims.map((_, i) => i);
  const sizes = call.has(3) ? wholes(call.constant(3), "sizes") : undefined;
  const scales = isAttribute
    ? call.floats("scales")
    : call.has(input)
      ? [...call.constant(input).values]
      : undefined;
  const given = sizes ?? scales;
  if (given?.length !== axes.length)
    throw damaged(`"${call.node.opType}" has scales for ${given?.length ?? 0} axes`);
  if (sizes !== undefined && call.text("keep_aspect_ratio_policy", "stretch") !== "stretch")
    throw call.refuse("keeps the aspect ratio");
  const found: (Resized | undefined)[] = dims.map(() => undefined);
  axes.forEach((axis, i) => {
    const from = dims[axis]!;
    const one = given[i]!;
    if (isTaken(data, axis)) {
      const isSame =
        scales === undefined ? one === 1 || one === call.plan.batch || !Number.isFinite(one) : one === 1;
      if (!isSame) throw call.refuse("resizes the batch");
      return;
    }
    const to = sizes === undefined ? Math.floor(from * one) : one;
    if (!(to >= 1 && to <= 2 ** 31)) throw damaged(`"${call.node.opType}" makes ${to} of an axis of ${from}`);
    if (to !== from || one !== (sizes === undefined ? 1 : from))
      found[axis] = { from, to, scale: sizes === undefined ? one : to / from };
  });
  return found;
}

const resize: Operator = (call) => {
  const data = call.input(0);
  const mode = call.text("mode", "nearest");
  const axes = axesOf(call, data);
  if (axes.every((axis) => axis === undefined)) return data;
  if (mode !== "nearest") throw call.refuse(`is ${mode}, and mixes neighbours`);
  const chosen = axes.map((axis) => axis && picked(call, axis));
  const factors = axes.map((axis, i) => {
    if (axis === undefined) return 1;
    const factor = axis.to / axis.from;
    return chosen[i]!.every((at, to) => at === Math.floor(to / factor)) ? factor : Number.NaN;
  });
  const isLarger = factors.every((factor, i) => Number.isInteger(factor) && (i > 1 || factor === 1));
  const rank = factors.length - 2;
  if (isValue(data) && isLarger && (rank === 1 || rank === 2)) return enlarged(call, data, factors.slice(2));
  const all = offsets(call, data).map((axis, i) => chosen[i]?.map((at) => axis[at]!) ?? axis);
  return along(call, data, all);
};

/** Moves channels into blocks of positions. */
const depthToSpace: Operator = (call) => {
  const v = call.value(0);
  const { channels, extents } = planesOf(call, v);
  const [height, width] = extents as [number, number];
  const block = call.whole("blocksize", 0);
  const left = channels / block ** 2;
  if (extents.length !== 2 || !(block >= 1) || !Number.isInteger(left))
    throw damaged(`blocks of ${block} are made of ${channels} channels`);
  const isFirst = call.text("mode", "DCR") === "CRD";
  const split = isFirst ? [left, block, block] : [block, block, left];
  const order = isFirst ? [0, 3, 1, 4, 2] : [2, 3, 0, 4, 1];
  return moved(call, v, [...split, height, width], order, [left, height * block, width * block]);
};

/** Moves blocks of positions into channels. */
const spaceToDepth: Operator = (call) => {
  const v = call.value(0);
  const { channels, extents } = planesOf(call, v);
  const block = call.whole("blocksize", 0);
  const [high, wide] = extents.map((extent) => extent / block) as [number, number];
  if (extents.length !== 2 || !(block >= 1) || !Number.isInteger(high) || !Number.isInteger(wide))
    throw damaged(`blocks of ${block} are made of ${extents}`);
  return moved(
    call,
    v,
    [channels, high, block, wide, block],
    [2, 4, 0, 1, 3],
    [channels * block ** 2, high, wide],
  );
};

/** Splits the units of a value into axes, reorders these and joins them again. */
function moved(
  call: Call,
  v: Value,
  split: readonly number[],
  order: readonly number[],
  joined: readonly number[],
): Operand {
  call.plan.charge(size(v));
  const by = strides(split);
  const index = places(order.map((axis) => steps(split[axis]!, by[axis]!)));
  return { ...call.plan.pick(v, unitDims(v, joined), index, call.label), axes: v.axes };
}

export const resizes: Readonly<Record<string, Operator>> = {
  Resize: resize,
  Upsample: resize,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
