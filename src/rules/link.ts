// The kinds of synapse by name, in the order of `SynapseKind` in assembly/abi.ts: the layers that each joins, and its
// weights. assembly/link/ computes them.

import type { SynapseKind as Kinds } from "../../assembly/abi.js";
import type { Rows } from "./rule.js";

export type SynapseKind = keyof typeof links;

/** A kind of synapse, for layers of the sizes `from` and `to`. */
interface Link {
  /** Noun of the kind in sentences. */
  readonly title: string;
  /** The sizes that it can join, and the predicate of the refusal; any sizes if left out. */
  readonly sizes?: { readonly rule: string; fit(from: number, to: number): boolean };
  /** Weights of its own; left out for a kind without parameters. */
  readonly weights?: Weights;
}

/** A matrix of weights, or one weight for each unit. */
export type Shape = readonly [rows: number, columns: number] | readonly [size: number];

/** The weights of a kind of synapse. */
export interface Weights {
  /** Returns the shape of the weights, which are row-major, in memory, in files and as `synapse.shape`. */
  shape(from: number, to: number): Shape;
  /** Returns the sources of a target unit, and the targets of a source unit: initial weights depend on both. */
  fans(from: number, to: number): readonly [into: number, outOf: number];
}

/** The kinds, in the order of `SynapseKind`. */
export const links = {
  /** every source unit, times a weight */
  dense: {
    title: "a dense synapse",
    weights: { shape: (from, to) => [from, to], fans: (from, to) => [from, to] },
  },
  /** the same unit of the source: a residual connection */
  identity: {
    title: "an identity",
    sizes: { rule: "joins layers of equal sizes", fit: (from, to) => from === to },
  },
  /** the same unit of the source, times a weight */
  oneToOne: {
    title: "a one-to-one synapse",
    sizes: { rule: "joins layers of equal sizes", fit: (from, to) => from === to },
    weights: { shape: (from) => [from], fans: () => [1, 1] },
  },
} as const satisfies Rows<typeof Kinds, Link>;

/** The kind of a synapse that names none. */
export const USUAL_KIND: SynapseKind = "dense";

/** Returns the row of a kind. A name that is no kind, which a file may have, has the row of the usual one. */
export function linkOf(kind: unknown): Link {
  const name = typeof kind === "string" && Object.hasOwn(links, kind) ? (kind as SynapseKind) : USUAL_KIND;
  return links[name];
}

/** Returns the rows and columns that weights have in memory; without a shape, those of no weights. */
export function matrixOf(shape: Shape | undefined): readonly [rows: number, columns: number] {
  if (shape === undefined) return [0, 0];
  return shape.length === 1 ? [1, shape[0]] : shape;
}

/** Returns the label of a synapse: its kind, unless that is the usual one, and the shape of its weights. */
export function labelOf(kind: SynapseKind, shape: string): string {
  return [...(kind === USUAL_KIND ? [] : [kind]), ...(linkOf(kind).weights ? [shape] : [])].join(" ");
}
