// Tensors that windows, tables and lists of units make of others.

import type { SynapseOptions } from "../../index.js";
import type { Maker } from "./maker.js";
import { areAll } from "./repeat.js";
import {
  extentsOf,
  type Pads,
  type Pending,
  partsOf,
  type Ready,
  type Segment,
  sizeOf,
  type Tensor,
} from "./tensor.js";

/** A window, with a number for each axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: Pads;
}

/** A convolution: its shape, and the kernel as a synapse has it. */
export interface Convolution {
  readonly kind: "conv" | "convTranspose";
  readonly window: Window & { readonly groups: number };
  readonly shape: readonly number[];
  readonly values: Float64Array;
  readonly bias: Float64Array | undefined;
  readonly name: string;
}

/** Conditions on the numbers beside a tensor's layers, without which these become one layer. */
interface Needs {
  /** Whether a convolution can take several layers, each with channels of its own. */
  readonly isSplit: boolean;
  fits(segment: Segment): boolean;
}

/** Returns a tensor in layers that have all positions, and channels of their own; numbers beside them are for channels. */
function spatial(maker: Maker, given: Tensor, { isSplit, fits }: Needs): Ready {
  const ready = maker.ready(given);
  const { shape, segments, runs = 1 } = ready;
  const lead = shape.slice(0, -1);
  const positions = sizeOf(lead);
  const areFit = segments.every((segment) => {
    const { layer, scale, shift } = segment;
    const channels = layer.size / positions;
    const isShaped =
      `${layer.shape}` === `${[...lead, channels]}` || (positions === 1 && layer.shape.length === 1);
    const isRepeated = [scale, shift].every((values) => channels % (values?.length ?? 1) === 0);
    return isShaped && isRepeated && fits(segment);
  });
  const isRun = segments.length === 1 || (isSplit && runs === positions);
  return areFit && isRun ? ready : maker.whole(ready);
}

/** Convolves a tensor. Numbers beside its layers go into the kernel and the bias, where no padding stands in the way. */
export function convolve(maker: Maker, given: Tensor, convolution: Convolution): Pending {
  const { kind, window, shape, values, bias, name } = convolution;
  const isTurned = kind === "convTranspose";
  const isPlain = !isTurned && [window.padding].flat(2).every((pad) => pad === 0);
  const source = spatial(maker, given, {
    isSplit: !isTurned && window.groups === 1,
    fits: ({ shift }) => isPlain || areAll(shift, 0),
  });
  const filters = shape.at(-1)!;
  const sum = bias?.slice() ?? new Float64Array(filters);
  const { segments, steps } = source;
  const biased = bias !== undefined || segments.some(({ shift }) => !areAll(shift, 0));
  const all = source.shape.at(-1)!;
  const inner = isTurned ? all : 1;
  const parts = partsOf({ ...source, runs: sizeOf(source.shape) / all });
  const terms = segments.map(({ layer, at, scale, shift }, i) => {
    const map: SynapseOptions = { kind, ...window };
    if (segments.length === 1 && scale === undefined && shift === undefined) {
      return { layer, at, map, weights: { values, kernel: values, inner } };
    }
    const { from, own } = parts[i]!;
    // The last two axes of a kernel are (channels of a group, filters), and (filters, channels) where it is turned.
    const [rows, columns] = isTurned ? [filters, all] : [all / window.groups, filters];
    const taps = values.length / (rows * columns);
    const width = isTurned ? rows : own / window.groups;
    const block = new Float64Array(taps * width * columns);
    for (let at = 0; at < block.length; at++) {
      const [column, row] = [at % columns, Math.floor(at / columns) % width];
      const tap = Math.floor(at / (columns * width));
      const group = Math.floor((column * window.groups) / columns);
      const channel = isTurned ? column : group * width + row;
      const weight = values[(tap * rows + (isTurned ? row : from + row)) * columns + column]!;
      if (shift !== undefined && !isTurned) sum[column]! += weight * shift[channel % shift.length]!;
      block[at] = weight * (scale === undefined ? 1 : scale[channel % scale.length]!);
    }
    return { layer, at, map, weights: { values: block, inner } };
  });
  return { shape, extents: shape, steps, name, terms, bias: sum, biased, activation: "linear" };
}

/** A pool or an upsample: its options, and the shape that it makes. */
export interface Channelwise {
  readonly map: SynapseOptions;
  readonly shape: readonly number[];
  readonly name: string;
}

/** Pools or repeats a tensor's positions, channel by channel. Numbers beside its layers follow behind it. */
export function channelwise(maker: Maker, given: Tensor, { map, shape, name }: Channelwise): Tensor {
  const {
    shape: before,
    segments,
    steps,
  } = spatial(maker, given, {
    isSplit: true,
    fits: ({ scale, shift }) =>
      (map.kind !== "maxPool" || (scale ?? []).every((factor) => factor > 0)) &&
      (map.countPadding !== true || areAll(shift, 0)),
  });
  const positions = sizeOf(before.slice(0, -1));
  const lead = shape.slice(0, -1);
  const made = segments.map(({ layer, at, scale, shift }): Tensor => {
    const own = [...lead, layer.size / positions];
    const terms = [{ layer, at, map }];
    const bias = Float64Array.of(0);
    const pending: Pending = {
      shape: own,
      extents: own,
      steps,
      name,
      terms,
      bias,
      biased: false,
      activation: "linear",
    };
    if (scale === undefined && shift === undefined) return pending;
    return maker.affine(pending, scale ?? Float64Array.of(1), shift ?? Float64Array.of(0), name);
  });
  return made.length === 1 ? made[0]! : maker.join(made, shape, sizeOf(lead));
}

/** Makes a tensor of some units of another, -1 for zero. */
export function gather(
  maker: Maker,
  given: Tensor,
  shape: readonly number[],
  units: Int32Array,
  name: string,
): Pending {
  let ready = maker.ready(given);
  const isPlain = ready.segments.every(({ scale, shift }) => areAll(scale, 1) && areAll(shift, 0));
  if (!isPlain || ready.segments.length > 1) ready = maker.whole(ready);
  const { layer, at } = ready.segments[0]!;
  const terms = [{ layer, at, map: { kind: "gather", units } as const }];
  const bias = Float64Array.of(0);
  return { shape, steps: ready.steps, name, terms, bias, biased: false, activation: "linear" };
}

/** Returns a tensor of another shape, whose axes are as long or, where they are 1, repeat. */
export function repeated(maker: Maker, given: Tensor, shape: readonly number[], name: string): Tensor {
  if (`${given.shape}` === `${shape}`) return given;
  // The place of each unit in the given tensor, axis by axis.
  let units = Int32Array.of(0);
  for (const [axis, extent] of shape.entries()) {
    const own = given.shape[axis]!;
    const longer = new Int32Array(units.length * extent);
    for (let i = 0; i < longer.length; i++) {
      longer[i] = units[Math.floor(i / extent)]! * own + (own === 1 ? 0 : i % extent);
    }
    units = longer;
  }
  return gather(maker, given, shape, units, name);
}

/** Looks class numbers up in a table of (classes, columns). */
export function embed(
  maker: Maker,
  given: Tensor,
  table: Float64Array,
  columns: number,
  name: string,
): Pending {
  const { shape, steps, segments } = maker.ready(given);
  const extents = shape.length === 0 ? [columns] : [sizeOf(shape), columns];
  const weights = { values: table, kernel: table, inner: 1 };
  const terms = [{ layer: segments[0]!.layer, map: { kind: "embedding" } as const, weights }];
  const bias = Float64Array.of(0);
  return {
    shape: [...shape, columns],
    extents: extentsOf(extents),
    steps,
    name,
    terms,
    bias,
    biased: false,
    activation: "linear",
  };
}
