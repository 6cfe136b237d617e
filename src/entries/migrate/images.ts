// The layers of Keras over positions: convolutions, pools, upsampling and padding. Channels come last, and kernels stay as they
// are.

import { show } from "../../base/text.js";
import type { Maker } from "./maker.js";
import { channelwise, convolve, gather } from "./maps.js";
import type { Operation } from "./operation.js";
import { bad, unsupported, whole } from "./read.js";
import { areAll } from "./repeat.js";
import { activated } from "./squash.js";
import { type Pads, sizeOf, type Tensor } from "./tensor.js";
import { bounded } from "./topology.js";
import { checkLast, perAxis, readSides, readTurned, readWindow, span } from "./window.js";

type Operate = (operation: Operation, input: Tensor) => Tensor;

/** The layers that take zeros around their input into their own padding. */
export const folding: readonly string[] = ["Conv", "DepthwiseConv", "SeparableConv", "MaxPooling"]
  .concat("AveragePooling", "ZeroPadding")
  .flatMap((type) => [`${type}1D`, `${type}2D`]);

/** The layers of this file, by their class. */
export const images: Readonly<Record<string, Operate>> = Object.fromEntries(
  Object.entries({
    Conv: convolution,
    DepthwiseConv: depthwise,
    SeparableConv: separable,
    MaxPooling: pool("maxPool"),
    AveragePooling: pool("averagePool"),
    GlobalMaxPooling: global("maxPool"),
    GlobalAveragePooling: global("averagePool"),
    UpSampling: upsampling,
    ZeroPadding: padding,
    Cropping: cropping,
  })
    .flatMap(([type, run]) => [1, 2].map((rank): [string, Operate] => [`${type}${rank}D`, over(rank, run)]))
    .concat([1, 2].map((rank) => [`Conv${rank}DTranspose`, over(rank, turned)])),
);

/** Returns a layer over so many axes of positions, after the checks that all of them have. */
function over(rank: number, run: Operate): Operate {
  return (operation, input) => {
    const { config, path } = operation;
    checkLast(config, path);
    if (input.shape.length === rank + 1) return run(operation, input);
    if (input.steps !== undefined) throw unsupported(path, "joins the steps of a sequence");
    throw bad(path, `is given a tensor of the shape [${input.shape}], not of ${rank + 1} axes`);
  };
}

/** Returns the extents of a tensor's positions, and the number of its channels. */
function split({ shape }: Tensor): [lead: readonly number[], channels: number] {
  return [shape.slice(0, -1), shape.at(-1)!];
}

function biasOf({ config, weights, scope }: Operation, count: number): Float64Array | undefined {
  return config.use_bias === false ? undefined : weights.take(scope, "bias", [count]);
}

function convolution(operation: Operation, input: Tensor): Tensor {
  const { config, maker, weights, name, scope, path } = operation;
  const [, channels] = split(input);
  const { window, extents } = readWindow(config, "kernel_size", input, path);
  const filters = whole(config.filters, `${path}.filters`, 1);
  const groups = whole(config.groups ?? 1, `${path}.groups`, 1);
  if (channels % groups > 0 || filters % groups > 0) {
    throw bad(`${path}.groups`, `is ${groups}, which doesn't divide ${channels} and ${filters} channels`);
  }
  const values = weights.take(scope, "kernel", [...window.kernel, channels / groups, filters]);
  const shape = bounded([...extents, filters], path);
  const bias = biasOf(operation, filters);
  const options = { kind: "conv", window: { ...window, groups }, shape, values, bias, name } as const;
  return activated(operation, convolve(maker, { ...input, pads: undefined }, options));
}

/** Convolves each channel apart, with `depth_multiplier` filters. */
function channelwiseConv(
  operation: Operation,
  input: Tensor,
  bias: (count: number) => Float64Array | undefined,
) {
  const { config, maker, weights, scope, name, path } = operation;
  const [, channels] = split(input);
  const { window, extents } = readWindow(config, "kernel_size", input, path);
  const factor = whole(config.depth_multiplier ?? 1, `${path}.depth_multiplier`, 1);
  const values = weights.take(scope, "depthwise_kernel", [...window.kernel, channels, factor], "kernel");
  const shape = bounded([...extents, channels * factor], path);
  return convolve(
    maker,
    { ...input, pads: undefined },
    {
      kind: "conv",
      window: { ...window, groups: channels },
      shape,
      values,
      bias: bias(channels * factor),
      name,
    },
  );
}

function depthwise(operation: Operation, input: Tensor): Tensor {
  const made = channelwiseConv(operation, input, (count) => biasOf(operation, count));
  return activated(operation, made);
}

function separable(operation: Operation, input: Tensor): Tensor {
  const { config, maker, weights, name, scope, path } = operation;
  const depth = { ...operation, name: `${name}.depthwise` };
  const given = channelwiseConv(depth, input, () => undefined);
  const filters = whole(config.filters, `${path}.filters`, 1);
  const [lead, channels] = split(given);
  const ones = lead.map(() => 1);
  const values = weights.take(scope, "pointwise_kernel", [...ones, channels, filters]);
  const shape = bounded([...lead, filters], path);
  const bias = biasOf(operation, filters);
  return activated(
    operation,
    convolve(maker, given, { ...pointwise(lead.length), shape, values, bias, name }),
  );
}

/** Returns the options of a convolution of each position alone. */
export function pointwise(rank: number) {
  const ones = new Array<number>(rank).fill(1);
  const padding = ones.map((): readonly [number, number] => [0, 0]);
  return {
    kind: "conv",
    window: { kernel: ones, stride: ones, dilation: ones, padding, groups: 1 },
  } as const;
}

function turned(operation: Operation, input: Tensor): Tensor {
  const { config, maker, weights, name, scope, path } = operation;
  const [lead, channels] = split(input);
  const { window, extents } = readTurned(config, lead, path);
  const filters = whole(config.filters, `${path}.filters`, 1);
  const values = weights.take(scope, "kernel", [...window.kernel, filters, channels]);
  const shape = bounded([...extents, filters], path);
  const bias = biasOf(operation, filters);
  const options = { window: { ...window, groups: 1 }, shape, values, bias, name };
  return activated(operation, convolve(maker, input, { kind: "convTranspose", ...options }));
}

function pool(kind: "maxPool" | "averagePool"): Operate {
  return (operation, input) => {
    const { config, maker, name, path } = operation;
    const { window, extents } = readWindow(config, "pool_size", input, path);
    const [, channels] = split(input);
    if (input.pads !== undefined) {
      const areBelow = window.padding.flat().every((pad, i) => pad < span(window, i >> 1));
      // Zeros don't change the largest of values that aren't negative, nor a mean that counts them.
      const isSame = kind === "maxPool" ? isNonNegative(input) : config.padding !== "same";
      if (!areBelow || !isSame) return pool(kind)(operation, padded(maker, input, name));
    }
    const shape = bounded([...extents, channels], path);
    const countPadding = kind === "averagePool" && input.pads !== undefined ? { countPadding: true } : {};
    const map = { kind, ...window, ...countPadding };
    return channelwise(maker, { ...input, pads: undefined }, { map, shape, name });
  };
}

const nonNegative: readonly unknown[] = ["relu", "sigmoid", "hardSigmoid", "softmax", "softplus", "exp"];

function isNonNegative(given: Tensor): boolean {
  if ("terms" in given) return nonNegative.includes(given.activation);
  return given.segments.every(
    ({ layer, scale, shift }) =>
      nonNegative.includes(layer.activation) && areAll(shift, 0) && (scale ?? []).every((one) => one >= 0),
  );
}

function global(kind: "maxPool" | "averagePool"): Operate {
  return ({ config, maker, name }, input) => {
    const [lead, channels] = split(input);
    const shape = config.keepdims === true ? [...lead.map(() => 1), channels] : [channels];
    if (sizeOf(lead) === 1) return { ...input, shape };
    return channelwise(maker, input, { map: { kind }, shape, name });
  };
}

function upsampling({ config, maker, name, path }: Operation, input: Tensor): Tensor {
  const [lead, channels] = split(input);
  const { interpolation = "nearest" } = config;
  if (interpolation !== "nearest" && interpolation !== null) {
    throw unsupported(`${path}.interpolation`, `is ${show(interpolation)}, not "nearest"`);
  }
  const factors = perAxis(config.size ?? 2, lead.length, `${path}.size`);
  if (factors.every((factor) => factor === 1)) return input;
  const shape = bounded([...lead.map((extent, axis) => extent * factors[axis]!), channels], path);
  return channelwise(maker, input, { map: { kind: "upsample" }, shape, name });
}

function padding({ config, path }: Operation, input: Tensor): Tensor {
  const [lead, channels] = split(input);
  const more = readSides(config.padding ?? 1, lead.length, `${path}.padding`);
  const pads = more.map(([before, after], axis): readonly [number, number] => {
    const [first, last] = input.pads?.[axis] ?? [0, 0];
    return [first + before, last + after];
  });
  bounded([...lead.map((extent, axis) => extent + pads[axis]![0] + pads[axis]![1]), channels], path);
  return { ...input, pads };
}

/** Returns a tensor with its zeros around it in a layer, if it has some. */
export function padded(maker: Maker, { pads, ...given }: Tensor, name: string): Tensor {
  const tensor = given as Tensor;
  return pads === undefined ? tensor : moved(maker, tensor, pads, name);
}

function cropping({ config, maker, name, path }: Operation, input: Tensor): Tensor {
  const [lead] = split(input);
  const sides = readSides(config.cropping ?? 0, lead.length, `${path}.cropping`);
  if (lead.some((extent, axis) => extent <= sides[axis]![0] + sides[axis]![1])) {
    throw bad(path, `cuts all positions of [${lead}] off`);
  }
  const pads = sides.map(([before, after]): readonly [number, number] => [-before, -after]);
  return moved(maker, input, pads, name);
}

/** Returns a tensor with more positions, whose units are 0, or with fewer. */
function moved(maker: Maker, input: Tensor, pads: Pads, name: string): Tensor {
  const [lead, channels] = split(input);
  const extents = lead.map((extent, axis) => extent + pads[axis]![0] + pads[axis]![1]);
  const units = new Int32Array(sizeOf(extents) * channels).fill(-1);
  // Of one axis, there is one row.
  const [height, width] = [lead.length === 1 ? 1 : lead[0]!, lead.at(-1)!];
  const [top, left] = [lead.length === 1 ? 0 : pads[0]![0], pads.at(-1)![0]];
  const [rows, columns] = [lead.length === 1 ? 1 : extents[0]!, extents.at(-1)!];
  for (let y = Math.max(top, 0); y < Math.min(top + height, rows); y++) {
    for (let x = Math.max(left, 0); x < Math.min(left + width, columns); x++) {
      const from = ((y - top) * width + x - left) * channels;
      for (let c = 0; c < channels; c++) units[(y * columns + x) * channels + c] = from + c;
    }
  }
  return gather(maker, input, [...extents, channels], units, name);
}
