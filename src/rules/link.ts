// The kinds of synapse by name, in the order of `SynapseKind` in assembly/abi.ts: the layers that each joins, its options, and
// its weights. assembly/link/ computes them.

import type { SynapseKind as Kinds } from "../../assembly/abi.js";
import type { Rows } from "./rule.js";
import { channels, product, type Shape } from "./shape.js";
import { type Window, type WindowKind, windowOptions } from "./window.js";

/**
 * A kind of synapse by its name.
 *
 * @useDeclaredType
 */
export type SynapseKind = keyof typeof links;

/** A layer at one end of a synapse. */
export interface End {
  readonly name: string;
  readonly size: number;
  readonly shape: Shape;
  readonly classes?: number | undefined;
}

/** The layers that a synapse joins, and the facts that its own options have come to. */
export interface Joined {
  readonly from: End;
  readonly to: End;
  readonly window?: Window | undefined;
  /** Of `sparse` the pairs from, to, sorted; of `gather` the source of each target unit, -1 for none. */
  readonly pattern?: Uint32Array | undefined;
  readonly units?: Int32Array | undefined;
}

/** A kind of synapse. */
interface Link {
  /** Noun of the kind in sentences. */
  readonly title: string;
  /** Options that not every kind has. */
  readonly options?: readonly OwnOption[];
  /** The sizes that it can join, and the predicate of the refusal; any sizes if left out. */
  readonly sizes?: { readonly rule: string; fit(from: End, to: End): boolean };
  /** Weights of its own; left out for a kind without parameters. */
  readonly weights?: Weights;
}

/** The weights of a kind of synapse. */
export interface Weights {
  /** Returns the shape of the weights, which are row-major, in memory, in files and as `synapse.shape`. */
  shape(joined: Joined): Shape;
  /** Returns the sources of a target unit, and the targets of a source unit: initial weights depend on both. */
  fans(joined: Joined): readonly [into: number, outOf: number];
  /** Whether they are no matrix, and so can't start orthogonal. */
  readonly isList?: true;
}

/** Options that not every kind has. */
export type OwnOption = keyof Window | "connections" | "matrix" | "density" | "units";

const isEqual = { rule: "joins layers of equal sizes", fit: (from: End, to: End) => from.size === to.size };

/** Returns the options of a kind of window. */
function optionsOf(kind: WindowKind): readonly (keyof Window)[] {
  return (Object.keys(windowOptions) as (keyof Window)[]).filter((name) =>
    windowOptions[name].includes(kind),
  );
}

/** Returns the fans of a convolution: kernel · channels of a group, of both ends. */
function windowFans({ from, to, window }: Joined): readonly [number, number] {
  const taps = product(window!.kernel);
  const { groups } = window!;
  return [(taps * channels(from.shape)) / groups, (taps * channels(to.shape)) / groups];
}

/** The kinds, in the order of `SynapseKind`. */
export const links = {
  /** every source unit, times a weight */
  dense: {
    title: "a dense synapse",
    weights: { shape: ({ from, to }) => [from.size, to.size], fans: ({ from, to }) => [from.size, to.size] },
  },
  /** the same unit of the source: a residual connection */
  identity: { title: "an identity", sizes: isEqual },
  /** the same unit of the source, times a weight */
  oneToOne: {
    title: "a one-to-one synapse",
    sizes: isEqual,
    weights: { shape: ({ from }) => [from.size], fans: () => [1, 1], isList: true },
  },
  /** the source units that it is connected with, each times a weight */
  sparse: {
    title: "a sparse synapse",
    options: ["connections", "matrix", "density"],
    // Each weight has the degrees of its own units: memory/start.ts.
    weights: { shape: ({ pattern }) => [pattern!.length / 2], fans: () => [1, 1], isList: true },
  },
  /** the units of a window that moves over the source, in every channel of its group, times weights: a correlation */
  conv: {
    title: "a conv",
    options: optionsOf("conv"),
    weights: {
      shape: ({ from, to, window }) => [
        ...window!.kernel,
        channels(from.shape) / window!.groups,
        channels(to.shape),
      ],
      fans: windowFans,
    },
  },
  /** the transpose of the conv from the target to the source */
  convTranspose: {
    title: "a convTranspose",
    options: optionsOf("convTranspose"),
    weights: {
      shape: ({ from, to, window }) => [
        ...window!.kernel,
        channels(to.shape) / window!.groups,
        channels(from.shape),
      ],
      fans: windowFans,
    },
  },
  /** the mean of a window, channel by channel */
  averagePool: { title: "an averagePool", options: optionsOf("averagePool") },
  /** the largest unit of a window, channel by channel */
  maxPool: { title: "a maxPool", options: optionsOf("maxPool") },
  /** the unit of the nearest position: each is repeated */
  upsample: { title: "an upsample" },
  /** the unit that `units` names */
  gather: { title: "a gather", options: ["units"] },
  /** for each class number of the source, the row of a table */
  embedding: {
    title: "an embedding",
    sizes: {
      rule: "leaves an input with `classes`, for a layer of slots × columns; the input's size is its number of slots",
      fit: (from, to) =>
        from.classes !== undefined &&
        to.size % from.size === 0 &&
        (to.shape.length === 1 || (to.shape.length === 2 && to.shape[0] === from.size)),
    },
    weights: {
      shape: ({ from, to }) => [from.classes!, to.size / from.size],
      fans: ({ from, to }) => [1, to.size / from.size],
    },
  },
} as const satisfies Rows<typeof Kinds, Link>;

/** The kind of a synapse that names none. */
export const USUAL_KIND: SynapseKind = "dense";

/** Returns the row of a kind. A name that is no kind, which a file may have, has the row of the usual one. */
export function linkOf(kind: unknown): Link {
  const name = typeof kind === "string" && Object.hasOwn(links, kind) ? (kind as SynapseKind) : USUAL_KIND;
  return links[name];
}

/** Returns whether a kind is a map by windows. */
export function isWindow(kind: SynapseKind): kind is WindowKind {
  return kind === "upsample" || (linkOf(kind).options ?? []).includes("kernel");
}

/** Returns the kinds that have an option of their own. */
export function kindsWith(option: string): readonly SynapseKind[] {
  return (Object.keys(links) as SynapseKind[]).filter((kind) =>
    linkOf(kind).options?.includes(option as OwnOption),
  );
}

/** Returns the shape of a synapse's weights; for a kind without weights, the sizes of both layers. */
export function shapeOf(synapse: Joined & { readonly kind: SynapseKind }): Shape {
  const { from, to, kind } = synapse;
  return linkOf(kind).weights?.shape(synapse) ?? [from.size, to.size];
}

/** Returns the rows and columns that weights have in memory: all axes but the last, and the last; 0 without a shape. */
export function matrixOf(shape: Shape | undefined): readonly [rows: number, columns: number] {
  if (shape === undefined) return [0, 0];
  return [product(shape.slice(0, -1)), shape.at(-1)!];
}

/** Returns the label of a synapse: its kind, unless that is the usual one, and the shape of its weights. */
export function labelOf(kind: SynapseKind, shape: string): string {
  return [...(kind === USUAL_KIND ? [] : [kind]), ...(linkOf(kind).weights ? [shape] : [])].join(" ");
}
