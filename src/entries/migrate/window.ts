// The windows of Keras's layers: their options, the padding that follows from these, and the extents that they make.

import { show } from "../../base/text.js";
import type { Window } from "./maps.js";
import type { Config } from "./operation.js";
import { array, bad, unsupported, whole } from "./read.js";
import type { Pads, Tensor } from "./tensor.js";
import { bounded } from "./topology.js";

/** A window, and the extents of the tensor that it makes. */
export interface Geometry {
  readonly window: Window;
  readonly extents: readonly number[];
}

/** Reads a number for each axis, or one for all. */
export function perAxis(given: unknown, rank: number, path: string, least = 1): number[] {
  const list = typeof given === "number" ? new Array<unknown>(rank).fill(given) : array(given, path);
  if (list.length !== rank) throw bad(path, `has ${list.length} numbers, not ${rank}`);
  return list.map((one) => whole(one, path, least, 2 ** 31 - 1));
}

/** Refuses a layer whose channels come before its positions. */
export function checkLast({ data_format: format }: Config, path: string): void {
  if (format === undefined || format === null || format === "channels_last" || format === "channelsLast")
    return;
  throw unsupported(`${path}.data_format`, `is ${show(format)}: channels come last here`);
}

/** Returns the number of cells that a kernel spans, the gaps between them included. */
export function span({ kernel, dilation }: Pick<Window, "kernel" | "dilation">, axis: number): number {
  return dilation[axis]! * (kernel[axis]! - 1) + 1;
}

/** Reads the window of a convolution or of a pool over a tensor; its size is the option `size`. */
export function readWindow(
  config: Config,
  size: "kernel_size" | "pool_size",
  { shape, pads }: Tensor,
  path: string,
): Geometry {
  const given = shape.slice(0, -1);
  const rank = given.length;
  const kernel = perAxis(config[size] ?? (size === "pool_size" ? 2 : undefined), rank, `${path}.${size}`);
  const stride = perAxis(config.strides ?? (size === "pool_size" ? kernel : 1), rank, `${path}.strides`);
  const dilation = perAxis(config.dilation_rate ?? 1, rank, `${path}.dilation_rate`);
  const extents: number[] = [];
  const padding = given.map((inner, axis): [number, number] => {
    const [first, last] = pads?.[axis] ?? [0, 0];
    const extent = inner + first + last;
    const reach = span({ kernel, dilation }, axis);
    let [before, after] = [0, 0];
    if (config.padding === "same")
      [before, after] = same(extent, Math.ceil(extent / stride[axis]!), reach, stride[axis]!);
    else if (config.padding === "causal" && size === "kernel_size" && rank === 1) before = reach - 1;
    else checkValid(config, path);
    const room = extent + before + after - reach;
    if (room < 0) throw bad(path, `has a window of ${reach} positions, and its input has ${extent}`);
    extents.push(Math.floor(room / stride[axis]!) + 1);
    return [first + before, last + after];
  });
  bounded(
    [...given.map((inner, axis) => inner + padding[axis]![0] + padding[axis]![1]), shape.at(-1)!],
    path,
  );
  return { window: { kernel, stride, dilation, padding }, extents };
}

/** Reads the window of a transposed convolution, which lies over the tensor that this makes. */
export function readTurned(config: Config, given: readonly number[], path: string): Geometry {
  const rank = given.length;
  const kernel = perAxis(config.kernel_size, rank, `${path}.kernel_size`);
  const stride = perAxis(config.strides ?? 1, rank, `${path}.strides`);
  const dilation = perAxis(config.dilation_rate ?? 1, rank, `${path}.dilation_rate`);
  const more = config.output_padding ?? undefined;
  const added = more === undefined ? undefined : perAxis(more, rank, `${path}.output_padding`, 0);
  if (config.padding !== "same") checkValid(config, path);
  const extents: number[] = [];
  const padding = given.map((positions, axis): [number, number] => {
    const [reach, step] = [span({ kernel, dilation }, axis), stride[axis]!];
    const cut = config.padding === "same" ? 2 * Math.floor(kernel[axis]! / 2) : 0;
    const extent =
      added !== undefined
        ? (positions - 1) * step + reach - cut + added[axis]!
        : positions * step + (config.padding === "same" ? 0 : Math.max(reach - step, 0));
    if (extent < 1) throw bad(path, "makes a tensor without positions");
    extents.push(extent);
    return config.padding === "same" ? same(extent, positions, reach, step) : [0, 0];
  });
  return { window: { kernel, stride, dilation, padding }, extents };
}

/** Returns the padding for so many windows; an odd position is after. */
function same(extent: number, windows: number, reach: number, stride: number): [number, number] {
  const total = Math.max((windows - 1) * stride + reach - extent, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

function checkValid({ padding }: Config, path: string): void {
  if (padding === undefined || padding === null || padding === "valid") return;
  throw unsupported(`${path}.padding`, `is ${show(padding)}`);
}

/** Reads the positions that a layer adds or cuts off: one number for all sides, one for each axis, or two for each. */
export function readSides(given: unknown, rank: number, path: string): Pads {
  if (typeof given === "number") return new Array(rank).fill(pair([given, given], path));
  const list = array(given, path);
  if (rank === 1 && list.length === 2) return [pair(list, path)];
  if (list.length !== rank) throw bad(path, `has ${list.length} members, not ${rank}`);
  return list.map((one, i) => pair(Array.isArray(one) ? one : [one, one], `${path}[${i}]`));
}

function pair(given: readonly unknown[], path: string): readonly [number, number] {
  if (given.length !== 2) throw bad(path, `has ${given.length} numbers, not two`);
  return [whole(given[0], path, 0, 2 ** 31 - 1), whole(given[1], path, 0, 2 ** 31 - 1)];
}
