// A dense synapse: a weight from every unit of the source to every unit of the target. W: (size of source, size of target)
//
//     sum of the target    += output of the source · W
//     delta of the source  += delta of the target · Wᵀ
//     dW                    = (output of the source)ᵀ · delta of the target, summed over samples
//
// For few rows the two factors of dW are smaller than dW. Then they bound |dW|, and a step can use them without storing dW.

import { OWN_RUN_WEIGHTS, SMALL_LAYER_WEIGHTS, SynapseKind } from "../abi";
import { dotsInLanes } from "../kernel/dots";
import { magnitude } from "../kernel/fold";
import { bytes, lanes } from "../kernel/part";
import { multiply, multiplyOuter, multiplyOuterPart, multiplyTransposed, subtractOuter } from "../kernel/product";
import { Synapse, isLone } from "../record";

/** Adds rows of the source's output to sums of the target. x: (rows, size of source); sum: (rows, size of target) */
@inline
export function forward<T>(synapse: Synapse, x: usize, sum: usize, rows: i32): void {
  multiply<T>(sum, x, synapse.weights, rows, synapse.from.size, synapse.to.size);
}

/** Adds rows of the target's gradient to that of the source. d: (rows, size of target); delta: (rows, size of source) */
@inline
export function backward<T>(synapse: Synapse, d: usize, delta: usize, rows: i32): void {
  multiplyTransposed<T>(delta, d, synapse.weights, rows, synapse.to.size, synapse.from.size);
}

/** Adds the products of rows to the weights' gradient, or begins it if `fresh`. out: the gradient; x, d: as above */
@inline
export function addGradient<T>(synapse: Synapse, out: usize, x: usize, d: usize, rows: i32, fresh: bool): void {
  multiplyOuter<T>(out, x, d, synapse.from.size, rows, synapse.to.size, fresh);
}

/** Does `addGradient` for `count` units of the source, beginning at `first`. out: (count, size of target) */
export function addGradientPart<T>(
  synapse: Synapse, out: usize, x: usize, d: usize, rows: i32, fresh: bool, first: i32, count: i32,
): void {
  const m = synapse.from.size;
  multiplyOuterPart<T>(out, x + bytes<T>(first), d, count, rows, synapse.to.size, fresh, m);
}

/**
 * Adds the target's part of the bias gradient of a linear input: a product of one row, since every sample adds the same bias.
 * sums: (size of target), of the target's delta over samples; dbias: (size of source)
 */
@inline
export function biasGradient<T>(synapse: Synapse, sums: usize, dbias: usize): void {
  biasGradientPart<T>(synapse, sums, dbias, 0, synapse.from.size);
}

/** Does `biasGradient` for `count` units of the source, beginning at `first`. dbias: (count) */
@inline
export function biasGradientPart<T>(synapse: Synapse, sums: usize, dbias: usize, first: i32, count: i32): void {
  const m = synapse.from.size, n = synapse.to.size, w = synapse.weights + bytes<T>(first * n);
  // For layers that pass/sample.ts may compute, the sums go in the order of that file.
  const large = m * n > SMALL_LAYER_WEIGHTS && n % lanes<T>() == 0;
  if (large) dotsInLanes<T>(dbias, sums, w, n, count);
  else multiplyTransposed<T>(dbias, sums, w, 1, n, count);
}

/** Returns whether the gradient is the product of two matrices, both together much smaller than itself, and nothing else. */
export function isFactored(synapse: Synapse, rows: i32): bool {
  if (synapse.kind != SynapseKind.dense || !isLone(synapse)) return false;
  const m = synapse.from.size, n = synapse.to.size;
  return m * n >= OWN_RUN_WEIGHTS && 2 * rows * (m + n) < m * n;
}

/** Returns a bound of Σ |dW| for a factored gradient: the product of Σ |x| of both factors. */
export function gradientBound<T>(synapse: Synapse, rows: i32): f64 {
  const from = synapse.from, to = synapse.to;
  return magnitude<T>(from.output, rows * from.size) * magnitude<T>(to.delta, rows * to.size);
}

/**
 * Makes a step of plain descent by the factors of the gradient, for `count` units of the source, beginning at `first`. scratch:
 * room for as many numbers as there are weights
 */
export function stepByFactors<T>(synapse: Synapse, rows: i32, rate: f64, scratch: usize, first: i32, count: i32): void {
  const from = synapse.from, to = synapse.to, n = to.size;
  const x = from.output + bytes<T>(first), place = bytes<T>(first * n);
  subtractOuter<T>(synapse.weights + place, x, to.delta, count, rows, n, rate, scratch + place, from.size);
}
