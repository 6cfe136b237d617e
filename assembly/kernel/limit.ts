// The max-norm constraint on weights that are no columns of a matrix: w · (most / norm) where the norm is above `most`. Sums are
// in float64. rule/penalty.ts has columns, several of them at a time.

import { across, liftSquare } from "./fold";
import { bytes, kept, lanes, put } from "./part";
import { Pattern } from "./sparse";
import { Window } from "./window";

/** Bounds each number. w: (count) */
export function constrainNumbers<T>(w: usize, count: i32, most: f64): void {
  constrainRows<T>(w, count, 1, most);
}

/** Bounds the norm of each row. w: (rows, columns) */
export function constrainRows<T>(w: usize, rows: i32, columns: i32, most: f64): void {
  for (; rows > 0; rows--, w += bytes<T>(columns)) constrain<T>(w, 0, 0, 1, columns, most);
}

/** Bounds the norm of the weights into each target. w: (count) */
export function constrainPattern<T>(w: usize, p: Pattern, most: f64): void {
  for (let j: usize = 0; j < <usize>p.targets; j++) {
    const first = load<i32>(p.startsInto + j * 4), end = load<i32>(p.startsInto + j * 4, 4);
    constrain<T>(w, p.place + <usize>first * 4, 0, end - first, 1, most);
  }
}

/**
 * Bounds the norm of the weights into each channel of a convTranspose's target, which come from the source's channels of its
 * group. w: (taps, big channels / groups, small channels)
 */
export function constrainTransposed<T>(w: usize, window: Window, most: f64): void {
  const own = window.bigChannels / window.groups, sources = window.smallChannels / window.groups;
  const taps = window.kernelHeight * window.kernelWidth, step = bytes<T>(own * window.smallChannels);
  for (let b = own * window.groups; b > 0; b--, w += bytes<T>(sources)) constrain<T>(w, 0, step, taps, sources, most);
}

/**
 * Bounds the norm of a set of weights: `count` runs of `length` numbers, `step` bytes apart, or of which the first numbers'
 * indices are listed.
 */
function constrain<T>(w: usize, indices: usize, step: usize, count: i32, length: i32, most: f64): void {
  // Where squares overflow, they are computed again of scaled numbers.
  let scale: f64 = 1, sum = squares<T>(w, indices, step, count, length, scale);
  if (sum == Infinity) sum = squares<T>(w, indices, step, count, length, scale = 1e-160);
  const norm = sqrt<f64>(sum);
  if (!(norm > most * scale)) return;
  const factor = v128.splat<T>(<T>(most / norm)), scales = v128.splat<T>(<T>scale);
  for (let i = 0; i < count; i++) {
    const run = runAt<T>(w, indices, step, i);
    for (let j = 0; j < length; j += lanes<T>()) {
      const at = run + bytes<T>(j);
      put<T>(at, v128.mul<T>(v128.mul<T>(v128.load(at), scales), factor), length - j);
    }
  }
}

/** Returns Σ (scale · w)² over a set. */
function squares<T>(w: usize, indices: usize, step: usize, count: i32, length: i32, scale: f64): f64 {
  let sum = f64x2.splat(0);
  for (let i = 0; i < count; i++) {
    const run = runAt<T>(w, indices, step, i);
    for (let j = 0; j < length; j += lanes<T>()) {
      const v = kept<T>(v128.load(run + bytes<T>(j)), length - j);
      sum = f64x2.add(sum, liftSquare<T>(v128.mul<T>(v, v128.splat<T>(<T>scale))));
    }
  }
  return across(sum);
}

/** Returns the address of a run of a set. */
@inline
function runAt<T>(w: usize, indices: usize, step: usize, i: i32): usize {
  return w + (indices ? bytes<T>(load<i32>(indices + <usize>i * 4)) : step * i);
}
