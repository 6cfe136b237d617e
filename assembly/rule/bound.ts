// The proof that a step keeps finite numbers finite, in the arithmetic of the step's precision. All fast paths of a step rely
// on it. If it fails, the step checks every number, or is first tried on copies.
//
// p - rate · g is rounded three times. Let M be the largest finite number of the precision, and u half a unit in its last
// place:
//
//     g             does not overflow where |g| ≤ slope and slope < M / 2; the other half is for the rounding of sums in g
//     rate          is finite in the precision where rate < M / 2
//     p - rate · g  rounds to no more than M where |p| ≤ M and rate · slope < u
//
// All three must hold: for a rate of 0 the third holds for any slope, but 0 times an overflowed gradient is NaN.

import { Optimizer, coupled } from "./optimizer";

/** Returns M / 2: 2^1023, 2^127, rounded down. */
@inline
function half<T>(): f64 {
  return sizeof<T>() == 8 ? 8.9e307 : 1.7e38;
}

/** Returns u: 2^970, 2^103, rounded down. */
@inline
function unit<T>(): f64 {
  return sizeof<T>() == 8 ? 9.9e291 : 1e31;
}

/** Returns whether a step by gradients of at most `slope` is sure to keep finite parameters finite; false for a NaN. */
@inline
export function keepsFinite<T>(rate: f64, slope: f64): bool {
  return slope < half<T>() && rate < half<T>() && rate * slope < unit<T>();
}

/**
 * Returns whether an optimizer's step is sure to keep finite numbers finite. `momentBound` bounds the first moments and the
 * roots of the second moments after this step. Each is at most the sum over steps of Σ |g|, and rmsprop's momentum that sum /
 * ε. So a step is at most rate · 2 momentBound / ((1 - β1) ε), and lion's at most the rate. Decay multiplies parameters by its
 * factor, or by 1 - rate · decay.
 */
export function keepsAllFinite<T>(o: Optimizer, momentBound: f64): bool {
  const length = 4 * (1 + momentBound) / ((1 - o.beta1) * min(1, <f64><T>o.epsilon));
  const decays = coupled(o) < half<T>() && o.rate * o.weightDecay <= 1;
  return momentBound * momentBound < half<T>() / 16 && length < half<T>() / 16 && keepsFinite<T>(o.rate, length) && decays;
}
