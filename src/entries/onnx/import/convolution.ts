// Convolutions, pools and enlargements, as maps by windows.

import { product } from "../../../rules/shape.js";
import type { Window } from "../../../rules/window.js";
import { damaged } from "../wire.js";
import type { Operator } from "./arrange.js";
import type { Call } from "./call.js";
import type { Constant } from "./tensor.js";
import { shape as spelt, tabulate } from "./tensor.js";
import type { Value } from "./term.js";
import { size } from "./value.js";
import {
  type Axis,
  autoPad,
  axesOf,
  halves,
  kernelOf,
  planesOf,
  resolved,
  span,
  turnedWeights,
  unitDims,
  windowed,
} from "./window.js";

type Pads = readonly (readonly [number, number])[];

/** Returns the options of a window, from its axes and its padding. */
function optionsOf(
  axes: readonly Axis[],
  padding: Pads,
): Pick<Window, "kernel" | "stride" | "dilation" | "padding"> {
  return {
    kernel: axes.map(({ kernel }) => kernel),
    stride: axes.map(({ stride }) => stride),
    dilation: axes.map(({ dilation }) => dilation),
    padding,
  };
}

/** Returns the value that a node's windows go over, without a padding of zeros before them, which is theirs. */
function unpadded(call: Call, isPad: (value: number) => boolean): { v: Value; padding: Pads } {
  const v = call.value(0);
  const { extents } = planesOf(call, v);
  const found = call.plan.padded.get(v);
  const offset = v.dims.length - extents.length;
  const auto = autoPad(call);
  if (found === undefined || !isPad(found.value) || (auto !== "NOTSET" && auto !== "VALID"))
    return { v, padding: extents.map(() => [0, 0]) };
  if (
    found.pads.some(([before, after], axis) => (axis < offset ? before + after > 0 : before < 0 || after < 0))
  )
    return { v, padding: extents.map(() => [0, 0]) };
  return { v: found.inner, padding: found.pads.slice(offset) };
}

/** Adds a bias with a number for each channel, if a node has it. */
function biased(call: Call, v: Value, channels: number, input: number): Value {
  if (!call.has(input)) return v;
  const { values } = call.constant(input);
  if (values.length !== channels) throw damaged(`${values.length} biases are given for ${channels} channels`);
  const each = size(v) / channels;
  return call.plan.shifted(
    v,
    tabulate(size(v), (at) => values[Math.floor(at / each)]!),
  );
}

/** Returns the weights of a node and their dimensions: (outer, inner, …kernel). */
function weightsOf(
  call: Call,
  rank: number,
): { weights: Constant; outer: number; inner: number; kernel: readonly number[] } {
  const weights = call.constant(1);
  const [outer = 0, inner = 0, ...taps] = weights.dims;
  if (taps.length !== rank || outer < 1 || inner < 1) throw damaged(`weights are ${spelt(weights.dims)}`);
  return { weights, outer, inner, kernel: kernelOf(call, rank, taps) };
}

function groupsOf(call: Call): number {
  const groups = call.whole("group", 1);
  if (groups >= 1) return groups;
  throw damaged(`"${call.node.opType}" has ${groups} groups`);
}

const conv: Operator = (call) => {
  const { v, padding: more } = unpadded(call, (value) => value === 0);
  const { channels, extents } = planesOf(call, v);
  const { weights, outer, inner, kernel } = weightsOf(call, extents.length);
  const groups = groupsOf(call);
  if (inner * groups !== channels || outer % groups !== 0)
    throw damaged(`weights ${spelt(weights.dims)} of ${groups} groups don't fit ${channels} channels`);
  const axes = axesOf(call, extents, kernel, more);
  const found = axes.map((axis) => resolved(call, axis));
  const out = found.map((one) => one.out);
  const padding = found.map((one) => one.padding);
  const taps = product(kernel);
  // At one position, in and out, it is a matrix, unless the only window lies in the padding.
  const isOne = taps === 1 && product(extents) === 1 && product(out) === 1;
  if (isOne && groups === 1 && padding.every(([before]) => before === 0)) {
    const matrix = turnedWeights(call, weights.values, [outer, inner, 1]);
    const dims = unitDims(v, [outer, ...out]);
    return biased(call, call.plan.product(v, { matrix }, dims, call.label), outer, 2);
  }
  const window = { ...optionsOf(axes, padding), groups };
  const map = {
    kind: "conv" as const,
    window,
    weights: turnedWeights(call, weights.values, [outer, inner, taps]),
  };
  return biased(call, windowed(call, v, map, [...extents, channels], [...checked(out), outer]), outer, 2);
};

/** Refuses extents of no cell. */
function checked(out: readonly number[]): readonly number[] {
  if (out.every((extent) => extent >= 1)) return out;
  throw damaged(`a window gives ${spelt(out)}`);
}

const convTranspose: Operator = (call) => {
  const v = call.value(0);
  const { channels, extents } = planesOf(call, v);
  const rank = extents.length;
  const { weights, outer, inner, kernel } = weightsOf(call, rank);
  const groups = groupsOf(call);
  const target = inner * groups;
  if (outer !== channels || channels % groups !== 0)
    throw damaged(`weights ${spelt(weights.dims)} of ${groups} groups don't fit ${channels} channels`);
  const none = extents.map((): [number, number] => [0, 0]);
  const axes = axesOf(call, extents, kernel, none);
  const auto = autoPad(call);
  const isSame = auto === "SAME_UPPER" || auto === "SAME_LOWER";
  const extra = call.wholes("output_padding") ?? none.map(() => 0);
  const wanted = call.wholes("output_shape")?.slice(-rank);
  if (extra.length !== rank || (wanted !== undefined && wanted.length !== rank))
    throw damaged(`"ConvTranspose" has an output of ${wanted ?? extra}`);
  const ends = axes.map((axis, i): { padding: readonly [number, number]; out: number } => {
    const { extent, stride, before, after } = axis;
    const whole = stride * (extent - 1) + span(axis) + extra[i]!;
    if (wanted === undefined && !isSame) return { padding: [before, after], out: whole - before - after };
    const out = wanted?.[i] ?? extent * stride;
    return { padding: halves(Math.max(whole - out, 0), auto !== "SAME_UPPER"), out };
  });
  const out = checked(ends.map((end) => end.out));
  const padding = ends.map((end) => end.padding);
  const window = { ...optionsOf(axes, padding), groups };
  const turned = turnedWeights(call, weights.values, [outer, inner, product(kernel)]);
  const map = { kind: "convTranspose" as const, window, weights: turned };
  return biased(call, windowed(call, v, map, [...extents, channels], [...out, target]), target, 2);
};

const pool =
  (kind: "averagePool" | "maxPool"): Operator =>
  (call) => {
    const isMax = kind === "maxPool";
    if (isMax && call.isUsed(1)) throw call.refuse("gives indices, which no layer has");
    const counts = !isMax && call.whole("count_include_pad", 0) !== 0;
    const { v, padding: more } = unpadded(call, (value) => (isMax ? value < -3.4e38 : value === 0));
    const isPadded = more.some(([before, after]) => before + after > 0);
    // Zeros before an average count, and a node's own padding wouldn't. A pool's padding is below its kernel.
    const pads = call.wholes("pads") ?? [];
    const kernel = kernelOf(call, more.length);
    const isWide = more.some((ends, i) =>
      ends.some((end, side) => end + (pads[i + side * more.length] ?? 0) >= kernel[i]!),
    );
    const isMixed = isPadded && !isMax && !counts && pads.some((pad) => pad > 0);
    if (isMixed || (isPadded && (isWide || call.whole("ceil_mode", 0) !== 0)))
      return pooled(call, kind, call.value(0), undefined, counts);
    return pooled(call, kind, v, more, counts || (isPadded && !isMax));
  };

/** Pools a value. */
function pooled(
  call: Call,
  kind: "averagePool" | "maxPool",
  v: Value,
  more: Pads | undefined,
  countPadding: boolean,
): Value {
  const { channels, extents } = planesOf(call, v);
  const kernel = kernelOf(call, extents.length);
  const axes = axesOf(call, extents, kernel, more ?? extents.map(() => [0, 0]));
  const found = axes.map((axis) => resolved(call, axis));
  const out = checked(found.map((one) => one.out));
  const isWhole = product(extents) === 1 && product(out) === 1;
  if (isWhole && (kind === "maxPool" || !countPadding)) return v;
  const options = optionsOf(
    axes,
    found.map((one) => one.padding),
  );
  const window = { ...options, ...(kind === "averagePool" ? { countPadding } : {}) };
  return windowed(call, v, { kind, window }, [...extents, channels], [...out, channels]);
}

const globalPool =
  (kind: "averagePool" | "maxPool"): Operator =>
  (call) =>
    overAll(call, call.value(0), kind);

/** Pools all positions of each channel. */
export function overAll(call: Call, v: Value, kind: "averagePool" | "maxPool"): Value {
  const { channels, extents } = planesOf(call, v);
  if (product(extents) === 1) return v;
  const window = { kernel: extents };
  const ones = extents.map(() => 1);
  return windowed(call, v, { kind, window }, [...extents, channels], [...ones, channels]);
}

/** Repeats each position. */
export function enlarged(call: Call, v: Value, factors: readonly number[]): Value {
  const { channels, extents } = planesOf(call, v);
  const to = extents.map((extent, i) => extent * factors[i]!);
  return windowed(call, v, { kind: "upsample", window: {} }, [...extents, channels], [...to, channels]);
}

export const convolution: Readonly<Record<string, Operator>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  AveragePool: pool("averagePool"),
  MaxPool: pool("maxPool"),
  GlobalAveragePool: globalPool("averagePool"),
  GlobalMaxPool: globalPool("maxPool"),
};
