// The max-norm constraint on weights that are no columns of a matrix: w · (most / norm) where the norm is above `most`.
// rule/penalty.ts has columns, several of them at a time. Sums over runs are in float64.

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
  for (; rows > 0; rows--, w += bytes<T>(columns)) constrain<T>(w, 0, 1, columns, most);
}

/** Bounds the norm of the weights into each target, with the bits of rule/penalty.ts for all pairs. w: (count) */
export function constrainPattern<T>(w: usize, p: Pattern, most: f64): void {
  for (let j: usize = 0; j < <usize>p.targets; j++) {
    const first = p.place + <usize>load<i32>(p.startsInto + j * 4) * 4;
    const end = p.place + <usize>load<i32>(p.startsInto + j * 4, 4) * 4;
    // Where squares overflow, they are computed again of scaled numbers.
    let scale: T = 1, sum = squaresAt<T>(w, first, end, scale);
    if (sum == <T>Infinity) sum = squaresAt<T>(w, first, end, scale = <T>(sizeof<T>() == 8 ? 1e-160 : 1e-22));
    const norm = sqrt<T>(sum);
    if (!(norm > <T>most * scale)) continue;
    const factor = <T>most / norm;
    for (let i = first; i < end; i += 4) {
      const at = w + bytes<T>(load<i32>(i));
      store<T>(at, load<T>(at) * scale * factor);
    }
  }
}

/** Returns Σ (scale · w)² over a list of indices. */
function squaresAt<T>(w: usize, first: usize, end: usize, scale: T): T {
  let sum: T = 0;
  for (; first < end; first += 4) {
    const v = load<T>(w + bytes<T>(load<i32>(first))) * scale;
    sum += v * v;
  }
  return sum;
}

/**
 * Bounds the norm of the weights into each channel of a convTranspose's target, which come from the source's channels of its
 * group. w: (taps, big channels / groups, small channels)
 */
export function constrainTransposed<T>(w: usize, window: Window, most: f64): void {
  const own = window.bigChannels / window.groups, sources = window.smallChannels / window.groups;
  const taps = window.kernelHeight * window.kernelWidth, step = bytes<T>(own * window.smallChannels);
  for (let b = own * window.groups; b > 0; b--, w += bytes<T>(sources)) constrain<T>(w, step, taps, sources, most);
}

/** Bounds the norm of a set of weights: `count` runs of `length` numbers, `step` bytes apart. */
function constrain<T>(w: usize, step: usize, count: i32, length: i32, most: f64): void {
  // Where squares overflow, they are computed again of scaled numbers.
  let scale: f64 = 1, sum = squares<T>(w, step, count, length, scale);
  if (sum == Infinity) sum = squares<T>(w, step, count, length, scale = 1e-160);
  const norm = sqrt<f64>(sum);
  if (!(norm > most * scale)) return;
  const factor = v128.splat<T>(<T>(most / norm)), scales = v128.splat<T>(<T>scale);
  for (let i = 0; i < count; i++, w += step) {
    for (let j = 0; j < length; j += lanes<T>()) {
      const at = w + bytes<T>(j);
      put<T>(at, v128.mul<T>(v128.mul<T>(v128.load(at), scales), factor), length - j);
    }
  }
}

/** Returns Σ (scale · w)² over a set. */
function squares<T>(w: usize, step: usize, count: i32, length: i32, scale: f64): f64 {
  let sum = f64x2.splat(0);
  for (let i = 0; i < count; i++, w += step) {
    for (let j = 0; j < length; j += lanes<T>()) {
      const v = kept<T>(v128.load(w + bytes<T>(j)), length - j);
      sum = f64x2.add(sum, liftSquare<T>(v128.mul<T>(v, v128.splat<T>(<T>scale))));
    }
  }
  return across(sum);
}
