// The kinds of synapse from their definitions: for each term of a target unit's sum its source unit and its weight. Units are
// row-major, channels last. Nothing of the engine is in it.

import type { SynapseKind } from "plexus-nn";

export type Shape = readonly number[];

/** A window, an element for each axis. */
export interface NaiveWindow {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly (readonly [before: number, after: number])[];
  readonly groups: number;
  readonly countPadding?: boolean;
}

/** The ends of a synapse, and the options of its kind. */
export interface NaiveMap {
  readonly kind: SynapseKind;
  readonly from: Shape;
  readonly to: Shape;
  readonly window?: NaiveWindow;
  /** Pairs from, to, sorted. */
  readonly pattern?: readonly (readonly [from: number, to: number])[];
  readonly units?: readonly number[];
  /** Classes of the source. */
  readonly classes?: number;
}

/** A term of a target unit: the source unit times a weight, and a factor; `weight` is a place, -1 for none. */
export interface Term {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly factor: number;
}

export const product = (numbers: Shape): number => numbers.reduce((all, n) => all * n, 1);
export const channelsOf = (shape: Shape): number => shape.at(-1)!;

/** Returns the extents along axes: those of a plain size are 1. */
export function extentsOf(shape: Shape, rank: number): number[] {
  return shape.length === 1 ? new Array<number>(rank).fill(1) : shape.slice(0, -1);
}

/** Returns all places of a box, row-major. */
function placesOf(box: Shape): number[][] {
  return box.reduce<number[][]>(
    (all, n) => all.flatMap((place) => Array.from({ length: n }, (_, i) => [...place, i])),
    [[]],
  );
}

/** Returns the place in a row-major list. */
const flat = (place: Shape, box: Shape): number => place.reduce((at, i, axis) => at * box[axis]! + i, 0);

/** Returns whether the target is the end whose positions lie in windows. */
const isTurned = (kind: SynapseKind) => kind === "convTranspose" || kind === "upsample";

interface Cell {
  readonly big: number;
  readonly small: number;
  readonly tap: number;
}

/** Returns the cells of all windows, without those in padding: windows row-major, and so are taps. */
function cellsOf({ kind, from, to, window }: NaiveMap): Cell[] {
  const { kernel, stride, dilation, padding } = window!;
  const [big, small] = (isTurned(kind) ? [to, from] : [from, to]).map((shape) => {
    return extentsOf(shape, kernel.length);
  }) as [number[], number[]];
  return placesOf(small).flatMap((q) =>
    placesOf(kernel).flatMap((t) => {
      const p = q.map((i, axis) => i * stride[axis]! - padding[axis]![0] + t[axis]! * dilation[axis]!);
      const isInside = p.every((i, axis) => i >= 0 && i < big[axis]!);
      return isInside ? [{ big: flat(p, big), small: flat(q, small), tap: flat(t, kernel) }] : [];
    }),
  );
}

/** Returns the terms of the conv between a map's ends, from the big one to the small one. */
function convTerms(map: NaiveMap): Term[] {
  const { kind, from, to, window } = map;
  const [sources, targets] = (isTurned(kind) ? [to, from] : [from, to]).map(channelsOf) as [number, number];
  const { groups } = window!;
  const [each, many] = [sources / groups, targets / groups];
  return cellsOf(map).flatMap(({ big, small, tap }) =>
    Array.from({ length: each * targets }, (_, i) => {
      const [c, o] = [Math.floor(i / targets), i % targets];
      const group = Math.floor(o / many);
      return {
        from: big * sources + group * each + c,
        to: small * targets + o,
        weight: (tap * each + c) * targets + o,
        factor: 1,
      };
    }),
  );
}

/** Returns the units of each target unit's window, row-major. */
export function windowsOf(map: NaiveMap): number[][] {
  const channels = channelsOf(map.to);
  const windows = Array.from({ length: product(map.to) }, (): number[] => []);
  for (const { big, small } of cellsOf(map)) {
    for (let c = 0; c < channels; c++) windows[small * channels + c]!.push(big * channels + c);
  }
  return windows;
}

/** Returns the shape of a synapse's weights; undefined for a kind without. */
export function weightShape({ kind, from, to, window, pattern, classes }: NaiveMap): number[] | undefined {
  const [sources, targets] = [from, to].map(channelsOf) as [number, number];
  if (kind === "dense") return [product(from), product(to)];
  if (kind === "oneToOne") return [product(from)];
  if (kind === "sparse") return [pattern!.length];
  if (kind === "embedding") return [classes!, product(to) / product(from)];
  if (kind === "conv") return [...window!.kernel, sources / window!.groups, targets];
  if (kind === "convTranspose") return [...window!.kernel, targets / window!.groups, sources];
  return undefined;
}

/** Returns the terms of a linear map: all kinds but maxPool and embedding. */
export function termsOf(map: NaiveMap): Term[] {
  const { kind, from, to, window, pattern, units } = map;
  const [m, n] = [product(from), product(to)];
  const each = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
  switch (kind) {
    case "dense":
      return each(m * n, (i) => ({ from: Math.floor(i / n), to: i % n, weight: i, factor: 1 }));
    case "identity":
      return each(n, (i) => ({ from: i, to: i, weight: -1, factor: 1 }));
    case "oneToOne":
      return each(n, (i) => ({ from: i, to: i, weight: i, factor: 1 }));
    case "sparse":
      return pattern!.map(([from, to], weight) => ({ from, to, weight, factor: 1 }));
    case "conv":
      return convTerms(map);
    case "convTranspose":
      return convTerms(map).map((term) => ({ ...term, from: term.to, to: term.from }));
    case "averagePool":
      return windowsOf(map).flatMap((cells, to) => {
        const count = window!.countPadding ? product(window!.kernel) : cells.length;
        return cells.map((from) => ({ from, to, weight: -1, factor: 1 / count }));
      });
    case "upsample": {
      const channels = channelsOf(to);
      return cellsOf(map).flatMap(({ big, small }) =>
        each(channels, (c) => ({
          from: small * channels + c,
          to: big * channels + c,
          weight: -1,
          factor: 1,
        })),
      );
    }
    case "gather":
      return units!.flatMap((from, to) => (from < 0 ? [] : [{ from, to, weight: -1, factor: 1 }]));
    default:
      throw new Error(`no linear map: ${kind}`);
  }
}

/** A map with a sample's values: the target's sums, and by how much the largest of a window leads. */
export interface Brought {
  readonly sums: number[];
  readonly lead: number;
}

/** Returns the function that brings a sample's values through a map. */
export function mapper(map: NaiveMap): (values: Shape, weights: Shape) => Brought {
  const { kind, from, to } = map;
  if (kind === "maxPool") {
    const windows = windowsOf(map);
    return (values) => {
      let lead = Infinity;
      const sums = windows.map((cells) => {
        const sorted = cells.map((i) => values[i]!).sort((a, b) => b - a);
        // Zeros of a relu, or of steps that there aren't, have no derivative: a tie of theirs is none.
        if (sorted.length > 1 && sorted[0] !== 0) lead = Math.min(lead, sorted[0]! - sorted[1]!);
        else if (sorted.length > 1 && sorted[1] !== 0) lead = Math.min(lead, -sorted[1]!);
        return sorted[0]!;
      });
      return { sums, lead };
    };
  }
  if (kind === "embedding") {
    const columns = product(to) / product(from);
    return (values, weights) => {
      const sums = values.flatMap((one) => weights.slice(one * columns, (one + 1) * columns));
      return { sums, lead: Infinity };
    };
  }
  const terms = termsOf(map);
  const size = product(to);
  return (values, weights) => {
    const sums = new Array<number>(size).fill(0);
    for (const { from, to, weight, factor } of terms) {
      sums[to]! += values[from]! * factor * (weight < 0 ? 1 : weights[weight]!);
    }
    return { sums, lead: Infinity };
  };
}
