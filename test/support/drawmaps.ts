// Random shapes, and random options of each kind of synapse between layers of given shapes.

import type { SynapseKind, SynapseOptions } from "plexus-nn";
import type { Random } from "./helpers.js";
import { channelsOf, extentsOf, type NaiveMap, type NaiveWindow, product, type Shape } from "./maps.js";

/** Draws a small shape of so many axes. */
export function randomShape(random: Random, rank: number, channels: number): Shape {
  const most = rank === 1 ? 6 : 4;
  return [...Array.from({ length: rank }, () => random.whole(1, most)), channels];
}

/** Returns the number of axes of windows between two shapes; 0 where there can't be any. */
function rankOf(from: Shape, to: Shape): number {
  const rank = Math.max(from.length, to.length) - 1;
  const fits = (shape: Shape) => shape.length === 1 || shape.length === rank + 1;
  return rank > 0 && fits(from) && fits(to) ? rank : 0;
}

const windowKinds: readonly SynapseKind[] = ["conv", "convTranspose", "averagePool", "maxPool", "upsample"];

/** A drawn map with the options that ask for it. */
export interface DrawnMap extends NaiveMap {
  readonly options: SynapseOptions;
}

/** Returns the kinds that may join two shapes, and any window of theirs may not fit. */
export function kindsBetween(from: Shape, to: Shape): SynapseKind[] {
  const isEqual = product(from) === product(to);
  const isSame = channelsOf(from) === channelsOf(to);
  const hasWindows = rankOf(from, to) > 0;
  return [
    ...(["dense", "sparse", "gather"] as const),
    ...(isEqual ? (["identity", "oneToOne"] as const) : []),
    ...(hasWindows ? (["conv", "conv", "convTranspose", "convTranspose"] as const) : []),
    ...(hasWindows && isSame
      ? (["averagePool", "averagePool", "maxPool", "maxPool", "upsample"] as const)
      : []),
  ];
}

/**
 * Draws the options of a kind between two shapes; undefined where no window was found that gives them. `like` is a conv or a
 * convTranspose whose kernel and groups are taken over.
 */
export function randomMap(
  random: Random,
  kind: SynapseKind,
  from: Shape,
  to: Shape,
  like?: NaiveWindow,
): DrawnMap | undefined {
  const ends = { kind, from, to };
  const [m, n] = [product(from), product(to)];
  if (kind === "sparse") {
    const density = random.chance(0.2) ? 1 : random.next();
    const all = Array.from({ length: m * n }, (_, i) => [Math.floor(i / n), i % n] as const);
    const drawn = all.filter(() => random.chance(density));
    const pattern = drawn.length > 0 ? drawn : [random.pick(all)];
    const given = random.shuffled(pattern);
    const connections = random.chance(0.5) ? given : Uint32Array.from(given.flat());
    return { ...ends, pattern, options: { kind, connections } };
  }
  if (kind === "gather") {
    const units = Array.from({ length: n }, () => random.whole(-1, m - 1));
    return { ...ends, units, options: { kind, units: random.chance(0.5) ? units : Int32Array.from(units) } };
  }
  if (!windowKinds.includes(kind)) return { ...ends, options: { kind } };
  if (kind === "upsample") return upsample(from, to);
  for (let i = 0; i < 20; i++) {
    const found = drawWindow(random, kind, from, to, like);
    if (found !== undefined) return { ...ends, window: found.window, options: { kind, ...found.options } };
  }
  return undefined;
}

function upsample(from: Shape, to: Shape): DrawnMap | undefined {
  const rank = rankOf(from, to);
  const [big, small] = [extentsOf(to, rank), extentsOf(from, rank)];
  const factor = big.map((extent, axis) => extent / small[axis]!);
  if (!factor.every(Number.isInteger)) return undefined;
  const [dilation, padding] = [factor.map(() => 1), factor.map(() => [0, 0] as const)];
  const window = { kernel: factor, stride: factor, dilation, padding, groups: 1 };
  return { kind: "upsample", from, to, window, options: { kind: "upsample" } };
}

function drawWindow(
  random: Random,
  kind: SynapseKind,
  from: Shape,
  to: Shape,
  like: NaiveWindow | undefined,
): { window: NaiveWindow; options: SynapseOptions } | undefined {
  const rank = rankOf(from, to);
  const isConv = kind === "conv" || kind === "convTranspose";
  const [big, small] = (kind === "convTranspose" ? [to, from] : [from, to]).map((shape) => {
    return extentsOf(shape, rank);
  }) as [number[], number[]];
  const countPadding = kind === "averagePool" && random.chance(0.4);
  const own = countPadding ? { countPadding } : {};
  const quotient = big.map((extent, axis) => extent / small[axis]!);
  const [ones, none] = [quotient.map(() => 1), quotient.map(() => [0, 0] as const)];
  if (!isConv && quotient.every(Number.isInteger) && random.chance(0.4)) {
    const window = { kernel: quotient, stride: quotient, dilation: ones, padding: none, groups: 1 };
    return { window: { ...window, ...own }, options: own };
  }
  const each = <T>(make: (axis: number) => T) => Array.from({ length: rank }, (_, axis) => make(axis));
  const alike = random.chance(0.4);
  const draw = (most: number) => {
    const one = random.whole(1, most);
    return each(() => (alike ? one : random.whole(1, most)));
  };
  const kernel = like === undefined ? draw(4) : [...like.kernel];
  if (kernel.length !== rank) return undefined;
  const stride = random.chance(0.4) ? ones : draw(3);
  const dilation = random.chance(0.7) ? ones : draw(2);
  const span = each((axis) => dilation[axis]! * (kernel[axis]! - 1) + 1);
  const room = each((axis) => (small[axis]! - 1) * stride[axis]! + span[axis]! - big[axis]!);
  // The padding of "same" is the least that gives ⌈extent / stride⌉ positions.
  const same = room.map(
    (total) => [Math.floor(Math.max(total, 0) / 2), Math.ceil(Math.max(total, 0) / 2)] as const,
  );
  const isSame = small.every((extent, axis) => extent === Math.ceil(big[axis]! / stride[axis]!));
  if (room.some((total, axis) => total + stride[axis]! - 1 < 0)) return undefined;
  const drawn = room.map((least, axis) => {
    const total = random.whole(Math.max(0, least), least + stride[axis]! - 1);
    const before = random.whole(0, total);
    return [before, total - before] as const;
  });
  const isValid = room.every((total) => total <= 0);
  const padding = isValid && random.chance(0.5) ? none : isSame && random.chance(0.5) ? same : drawn;
  if (!isConv && !isPool(big, small, { kernel, stride, dilation, padding, groups: 1 })) return undefined;
  const most = Math.min(channelsOf(from), channelsOf(to));
  const divisors = Array.from({ length: most }, (_, g) => g + 1).filter((g) =>
    [from, to].every((shape) => channelsOf(shape) % g === 0),
  );
  const drawnGroups = random.chance(0.5) ? 1 : random.chance(0.3) ? divisors.at(-1)! : random.pick(divisors);
  const groups = isConv ? (like?.groups ?? drawnGroups) : 1;
  if (!divisors.includes(groups)) return undefined;
  const brief = (list: number[]) =>
    list.every((n) => n === list[0]) && random.chance(0.7) ? list[0]! : list;
  const equals = (other: NaiveWindow["padding"]) =>
    padding.every((pads, i) => pads.every((n, end) => n === other[i]![end]));
  const forms = [
    padding,
    ...(equals(none) ? (["valid", 0, undefined] as const) : []),
    ...(isSame && equals(same) ? (["same"] as const) : []),
    ...(isSame && equals(same) && !isValid ? [undefined] : []),
  ];
  const form = random.pick(forms);
  const usual = isConv ? ones : kernel;
  const isUsual = stride.every((n, axis) => n === usual[axis]);
  return {
    window: { kernel, stride, dilation, padding, groups, ...own },
    options: {
      kernel: brief(kernel),
      ...(isUsual && random.chance(0.5) ? {} : { stride: brief(stride) }),
      ...(dilation === ones && random.chance(0.7) ? {} : { dilation: brief(dilation) }),
      ...(form === undefined ? {} : { padding: form }),
      ...(groups === 1 ? {} : { groups }),
      ...own,
    },
  };
}

/** Returns whether a pool's padding is below its span, and each of its windows has a cell. */
function isPool(big: Shape, small: Shape, { kernel, stride, dilation, padding }: NaiveWindow): boolean {
  return big.every((extent, axis) => {
    const [k, s, d, [before, after]] = [kernel[axis]!, stride[axis]!, dilation[axis]!, padding[axis]!];
    if (Math.max(before, after) > d * (k - 1)) return false;
    return Array.from({ length: small[axis]! }, (_, q) =>
      Array.from({ length: k }, (_, t) => q * s - before + t * d).some((p) => p >= 0 && p < extent),
    ).every(Boolean);
  });
}
