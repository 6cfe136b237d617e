// A tensor of another library's model, in layers here: made already, or pending.

import type { ActivationOption, Layer, LayerOptions } from "../../index.js";

/** A step of a sequence. */
export type At = "last" | "first";

/** The steps of a tensor that has some. */
export interface Steps {
  /** Whether the first step is the last one of the graph's. */
  readonly isReversed: boolean;
}

/** The units of a layer, each multiplied by a number (1 by default), plus a number (0 by default). */
interface Segment {
  readonly layer: Layer;
  /** The step that it has, where it is one of several. */
  readonly at?: At | undefined;
  readonly scale?: Float64Array;
  readonly shift?: Float64Array;
}

/** Units of layers that are made, in a row. */
export interface Ready {
  /** Shape without the samples and the steps, row-major. */
  readonly shape: readonly number[];
  readonly steps?: Steps | undefined;
  readonly segments: readonly Segment[];
}

/**
 * A source layer's term: a matrix (its size, size), which may be a whole kernel that others use too. Or one unit of the
 * source for each unit, beginning at `from`, times a number.
 */
export type Term = { readonly layer: Layer; readonly at?: At | undefined } & (
  | { readonly matrix: Float64Array; readonly kernel?: Float64Array | undefined }
  | { readonly factors: Float64Array; readonly from: number }
);

/** A pending layer: it sums its terms, normalizes if there is a gain, adds a bias, applies an activation and dropout. */
export interface Pending {
  readonly shape: readonly number[];
  readonly steps?: Steps | undefined;
  readonly name: string;
  readonly terms: readonly Term[];
  readonly bias: Float64Array;
  /** Whether the bias is the file's, or derived from one; else it is 0, and the layer has no bias. */
  readonly biased: boolean;
  readonly gain?: Float64Array;
  readonly activation: ActivationOption;
  readonly dropout?: number;
}

export type Tensor = Ready | Pending;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Returns the options of a pending tensor's layer. */
export function optionsOf({ bias, biased, terms, gain, dropout }: Pending): LayerOptions {
  // A layer that only picks units has no bias in the file, except for numbers of a batch normalization.
  const frozen =
    gain === undefined &&
    biased &&
    terms.every((term) => "factors" in term && !isIdentity(term, bias.length));
  return {
    ...(biased ? { bias } : { bias: false }),
    ...(frozen ? { frozen } : {}),
    ...(gain === undefined ? {} : { norm: "layer" }),
    ...(dropout === undefined ? {} : { dropout }),
  };
}

/** Returns whether a term is all units of a layer, unchanged, for a layer of the same size. */
export function isIdentity(term: Term, size: number): boolean {
  return "factors" in term && term.factors.length === size && term.factors.every((value) => value === 1);
}

/** Returns whether an operation can still be put before the activation of a tensor's layer. */
export function isOpen(tensor: Tensor): boolean {
  return "segments" in tensor || (tensor.activation === "linear" && tensor.dropout === undefined);
}

/** Adds a term to its weights, with `columns` to a row. */
export function add(view: Float64Array, term: Term, columns: number): void {
  if ("matrix" in term) {
    for (let i = 0; i < view.length; i++) view[i]! += term.matrix[i]!;
  } else {
    for (const [i, factor] of term.factors.entries()) view[i * columns + term.from + i]! += factor;
  }
}
