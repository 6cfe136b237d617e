// A tensor of another library's model, in layers here: made already, or pending.

import type { ActivationOption, Layer, LayerOptions, SynapseOptions } from "../../index.js";
import { areAll, type Part, tile } from "./repeat.js";

/** A step of a sequence. */
export type At = "last" | "first";

/** The steps of a tensor that has some. */
export interface Steps {
  /** Whether the first step is the last one of the graph's. */
  readonly isReversed: boolean;
}

/** Positions of zeros before and after a tensor, on each axis of its positions. */
export type Pads = readonly (readonly [before: number, after: number])[];

/** The units of a layer, each multiplied by a number (1 by default), plus a number (0 by default). Both repeat. */
export interface Segment {
  readonly layer: Layer;
  /** The step that it has, where it is one of several. */
  readonly at?: At | undefined;
  readonly scale?: Float64Array | undefined;
  readonly shift?: Float64Array | undefined;
}

interface Facts {
  /** Shape without the samples and the steps, row-major. */
  readonly shape: readonly number[];
  readonly steps?: Steps | undefined;
  /** Zeros around it, which `shape` doesn't count. */
  readonly pads?: Pads | undefined;
}

/** Units of layers that are made. */
export interface Ready extends Facts {
  readonly segments: readonly Segment[];
  /** Number of runs of units, 1 by default. Each has a part of every segment, in their order. */
  readonly runs?: number;
}

/**
 * A source layer's term: a matrix (its size, size), which may be a whole kernel that others use too. Or each unit times a
 * number, for one unit of a part. Or a map of another kind, with its options and weights.
 */
export type Term = { readonly layer: Layer; readonly at?: At | undefined } & (
  | { readonly matrix: Float64Array; readonly kernel?: Float64Array | undefined }
  | { readonly factors: Float64Array; readonly part: Part }
  | { readonly map: SynapseOptions; readonly weights?: MapWeights | undefined }
);

export interface MapWeights {
  readonly values: Float64Array;
  /** The whole kernel, where these are its numbers, unchanged. */
  readonly kernel?: Float64Array | undefined;
  /** Number of weights in a row that lead to one channel; those of the next channel follow. */
  readonly inner: number;
}

/** A pending layer: it sums or multiplies its terms, normalizes if there is a gain, adds a bias, applies an activation and dropout. */
export interface Pending extends Facts {
  readonly name: string;
  /** Shape of the layer, where it can't be another. */
  readonly extents?: readonly number[] | undefined;
  readonly terms: readonly Term[];
  /** Numbers that repeat. */
  readonly bias: Float64Array;
  /** Whether the bias is the file's, or derived from one; else it is 0, and the layer has no bias. */
  readonly biased: boolean;
  readonly gain?: Float64Array;
  /** Whether it multiplies its terms. */
  readonly isProduct?: boolean;
  readonly activation: ActivationOption;
  readonly dropout?: number;
}

export type Tensor = Ready | Pending;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Returns the shape of a layer for a tensor: at most three numbers. */
export function extentsOf(shape: readonly number[]): readonly number[] {
  if (shape.length === 0) return [1];
  return shape.length > 3 ? [sizeOf(shape.slice(0, -1)), shape.at(-1)!] : shape;
}

/** Returns the shape of a pending tensor's layer. */
export function layerShape({ extents, shape }: Pending): readonly number[] {
  return extents ?? extentsOf(shape);
}

/** Returns the parts of a made tensor: one for each segment. */
export function partsOf({ shape, segments, runs = 1 }: Ready): Part[] {
  const all = sizeOf(shape) / runs;
  let next = 0;
  return segments.map(({ layer }) => {
    const own = segments.length === 1 ? all : layer.size / runs;
    const from = next;
    next += own;
    return { from, own, all, runs };
  });
}

/** Returns the options of a pending tensor's layer. */
export function optionsOf(given: Pending): LayerOptions {
  const { bias, biased, terms, gain, dropout, isProduct } = given;
  const shape = layerShape(given);
  // Of a shape with positions, the numbers are for its channels or for all units.
  const isRepeated = shape.length > 1 && shape.at(-1)! % bias.length === 0;
  // A layer that only picks units has no bias in the file, except for numbers of a batch normalization.
  const frozen =
    gain === undefined && biased && terms.every((term) => isFixed(term) && !isIdentity(term, sizeOf(shape)));
  return {
    ...(biased ? { bias: tile(bias, isRepeated ? shape.at(-1)! : sizeOf(shape)) } : { bias: false }),
    ...(frozen ? { frozen } : {}),
    ...(gain === undefined ? {} : { norm: "layer" }),
    ...(isProduct === true ? { join: "product" } : {}),
    ...(dropout === undefined ? {} : { dropout }),
  };
}

/** Returns whether a term has no weights of the file. */
function isFixed(term: Term): boolean {
  return "factors" in term || ("map" in term && term.weights === undefined);
}

/** Returns whether a term is all units of a layer, unchanged, for a layer of the same size. */
export function isIdentity(term: Term, size: number): boolean {
  return "factors" in term && term.layer.size === size && areAll(term.factors, 1);
}

/** Returns whether the terms of a tensor's layer may be summed with others. */
export function isSum(tensor: Tensor): boolean {
  return !("gain" in tensor) && !("isProduct" in tensor);
}

/** Returns whether an operation can still be put before the activation of a tensor's layer. */
export function isOpen(tensor: Tensor): boolean {
  return "segments" in tensor || (tensor.activation === "linear" && tensor.dropout === undefined);
}
