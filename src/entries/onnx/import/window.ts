// Windows of convolutions and pools: their attributes, and the padding that a file gives by name or by a shape.
// https://onnx.ai/onnx/operators/onnx__Conv.html

import { GraphError } from "../../../index.js";
import { positions, type Shape } from "../../../rules/shape.js";
import { readWindow } from "../../../rules/window.js";
import { damaged } from "../wire.js";
import { full, isSteps, isTaken } from "./arrange.js";
import { checkSize } from "./budget.js";
import type { Call } from "./call.js";
import { count, type Numbers, tabulate } from "./tensor.js";
import { isPick, placesOf, type Value, type Windowed } from "./term.js";
import { isSum } from "./value.js";

/** A window along one axis, over an extent. */
export interface Axis {
  readonly extent: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** Returns the channels and the extents of a value whose first axis has the samples. */
export function planesOf(call: Call, v: Value): { channels: number; extents: readonly number[] } {
  const dims = full(v);
  const taken = placesOf(v.axes).find((place) => place > 0);
  if (taken !== undefined)
    throw call.misread(isSteps(v, taken) ? "has windows over the steps" : "has windows over the batch");
  if (!isTaken(v, 0) && dims[0] !== 1)
    throw call.refuse("has more than one sample in a file without a batch");
  const [, channels, ...extents] = dims;
  if (channels === undefined || extents.length === 0) throw damaged(`a window has ${dims.length} axes`);
  if (extents.length > 2) throw call.refuse(`has ${extents.length} dimensions; windows have one or two`);
  return { channels, extents };
}

/** Returns dimensions of units, with the axis of samples where the file has it among the units. */
export function unitDims(v: Value, dims: readonly number[]): readonly number[] {
  return isTaken(v, 0) ? dims : [1, ...dims];
}

/** Reads an attribute with a number for each axis. */
function each(call: Call, name: string, rank: number, usual: number): number[] {
  const found = call.wholes(name) ?? new Array<number>(rank).fill(usual);
  if (found.length !== rank || found.some((one) => !(one >= 1)))
    throw damaged(`the attribute "${name}" of "${call.node.opType}" is ${found}`);
  return found;
}

/** Reads the windows of a node over some extents. `padding` has cells beyond those of the file. */
export function axesOf(
  call: Call,
  extents: readonly number[],
  kernel: readonly number[],
  padding: readonly (readonly [number, number])[],
): Axis[] {
  const rank = extents.length;
  const [strides, dilations] = [each(call, "strides", rank, 1), each(call, "dilations", rank, 1)];
  if (kernel.length !== rank || kernel.some((one) => !(one >= 1)))
    throw damaged(`the kernel of "${call.node.opType}" is ${kernel}`);
  const pads = call.wholes("pads") ?? new Array<number>(2 * rank).fill(0);
  if (pads.length !== 2 * rank) throw damaged(`"${call.node.opType}" has ${pads.length} pads`);
  if (pads.some((pad) => pad < 0)) throw call.refuse("has padding below 0");
  return extents.map((extent, i) => ({
    extent,
    kernel: kernel[i]!,
    stride: strides[i]!,
    dilation: dilations[i]!,
    before: pads[i]! + padding[i]![0],
    after: pads[i + rank]! + padding[i]![1],
  }));
}

/** Reads `kernel_shape`. */
export function kernelOf(call: Call, rank: number, usual?: readonly number[]): readonly number[] {
  const found = call.wholes("kernel_shape");
  if (found === undefined && usual === undefined) throw damaged(`"${call.node.opType}" has no kernel`);
  if (found !== undefined && (found.length !== rank || (usual && String(usual) !== String(found))))
    throw damaged(`"${call.node.opType}" has the kernel ${found}`);
  return found ?? usual!;
}

export function span({ kernel, dilation }: Axis): number {
  return dilation * (kernel - 1) + 1;
}

/** Reads `auto_pad`. */
export function autoPad(call: Call): "NOTSET" | "VALID" | "SAME_UPPER" | "SAME_LOWER" {
  const found = call.text("auto_pad", "NOTSET");
  if (found === "NOTSET" || found === "VALID" || found === "SAME_UPPER" || found === "SAME_LOWER")
    return found;
  throw damaged(`"${call.node.opType}" has the padding ${found}`);
}

/** Splits padding into both ends; the odd cell is after, or with `SAME_LOWER` before. */
export function halves(total: number, isLower: boolean): readonly [number, number] {
  const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
  return isLower ? [more, less] : [less, more];
}

/** Returns the padding along an axis and the number of windows. */
export function resolved(call: Call, axis: Axis): { padding: readonly [number, number]; out: number } {
  const { extent, stride, before, after } = axis;
  const auto = autoPad(call);
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    const out = Math.ceil(extent / stride);
    const total = Math.max((out - 1) * stride + span(axis) - extent, 0);
    return { padding: halves(total, auto === "SAME_LOWER"), out };
  }
  const room = extent + before + after - span(axis);
  if (call.whole("ceil_mode", 0) === 0)
    return { padding: [before, after], out: Math.floor(room / stride) + 1 };
  let out = Math.ceil(room / stride) + 1;
  // A window that would begin behind the cells is left out, as PyTorch and onnxruntime do.
  if ((out - 1) * stride >= extent + before) out--;
  const needed = (out - 1) * stride + span(axis) - extent - before;
  if (needed > after && call.whole("count_include_pad", 0) !== 0)
    throw call.refuse("counts padding in windows that `ceil_mode` adds");
  return { padding: [before, Math.max(after, needed)], out };
}

/**
 * Returns a value of windows over another. Numbers that its channels are multiplied by become weights, or follow a pool.
 * Throws `unsupported` for windows that no synapse has.
 */
export function windowed(
  call: Call,
  v: Value,
  map: Omit<Windowed, "from" | "to">,
  from: Shape,
  to: Shape,
): Value {
  const { plan, label } = call;
  const by = channelScale(v, from);
  if (by === undefined || (map.kind === "maxPool" && by.some((factor) => factor <= 0)))
    return overWindows(call, v, map, from, to);
  const [term] = v.terms;
  const plain: Value = { ...v, terms: [{ ...term!, map: { ...term!.map, scale: undefined } }] };
  if (map.weights !== undefined) {
    plan.charge(map.weights.length);
    return overWindows(call, plain, { ...map, weights: scaledInputs(map, by, to) }, from, to);
  }
  const pooled = plan.asLayer(overWindows(call, plain, map, from, to), label);
  const each = positions(to);
  return plan.scaled(
    pooled,
    tabulate(count(to), (at) => by[Math.floor(at / each)]!),
  );
}

/** Returns the number by which each channel of a layer is multiplied in a value; `undefined` for another value. */
function channelScale(v: Value, shape: Shape): Numbers | undefined {
  const [term] = v.terms;
  if (v.terms.length !== 1 || v.bias !== undefined || !isSum(v) || !isPick(term!.map)) return undefined;
  const { scale, learns } = term!.map;
  const each = positions(shape);
  if (scale === undefined || learns === true) return undefined;
  if (scale.some((factor, at) => factor !== scale[at - (at % each)])) return undefined;
  return tabulate(shape.at(-1)!, (channel) => scale[channel * each]!);
}

/** Multiplies the weights of each source channel by a number. */
function scaledInputs(
  { kind, weights, window }: Omit<Windowed, "from" | "to">,
  by: Numbers,
  to: Shape,
): Numbers {
  const { groups = 1 } = window;
  if (kind === "convTranspose") return tabulate(weights!.length, (at) => weights![at]! * by[at % by.length]!);
  const [inner, outer] = [by.length / groups, to.at(-1)!];
  return tabulate(weights!.length, (at) => {
    const group = Math.floor(((at % outer) * groups) / outer);
    return weights![at]! * by[group * inner + (Math.floor(at / outer) % inner)]!;
  });
}

function overWindows(
  call: Call,
  v: Value,
  map: Omit<Windowed, "from" | "to">,
  from: Shape,
  to: Shape,
): Value {
  const { plan, label } = call;
  const name = label;
  checkSize(count(to));
  const isPlain = positions(from) === 1 && positions(to) > 1;
  const source = isPlain ? [from.at(-1)!] : from;
  const target = positions(to) === 1 ? [to.at(-1)!] : to;
  try {
    readWindow(map.kind, map.window, { name, shape: source }, { name, shape: target });
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw call.refuse(`has windows that no synapse has: ${error.message.replace(/\.$/, "")}`);
  }
  const term = plan.image(v, from, !isPlain, label);
  const dims = unitDims(v, [to.at(-1)!, ...to.slice(0, -1)]);
  return {
    dims,
    axes: v.axes,
    terms: [{ ...term, map: { ...map, from: source, to: target } }],
    bias: undefined,
    gain: undefined,
  };
}

const turned = new WeakMap<Numbers, Map<string, Numbers>>();

/** Returns weights (outer, inner, …kernel) as (…kernel, inner, outer), once, so that nodes that share them still do. */
export function turnedWeights(
  call: Call,
  values: Numbers,
  [outer, inner, taps]: readonly [number, number, number],
): Numbers {
  const shapes = turned.get(values) ?? new Map<string, Numbers>();
  const key = `${outer} ${inner}`;
  const known = shapes.get(key);
  if (known !== undefined) return known;
  call.plan.charge(values.length);
  const result = values.slice();
  for (let o = 0, at = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++)
      for (let t = 0; t < taps; t++) result[(t * inner + i) * outer + o] = values[at++]!;
  }
  turned.set(values, shapes.set(key, result));
  return result;
}
