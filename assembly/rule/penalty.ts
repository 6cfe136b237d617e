// L1 and L2 penalties, which are part of the cost, and the max-norm constraint on the weights into a unit.

import { across, lift, liftSquare } from "../kernel/fold";
import { bytes, lanes, mask, storePart } from "../kernel/part";

/** Returns l1 Σ |w| + l2 Σ w², in float64. w: (count) */
export function penalty<T>(w: usize, count: i32, l1: f64, l2: f64): f64 {
  let sizes = f64x2.splat(0);
  let squares = f64x2.splat(0);
  for (let j = 0; j < count; j += lanes<T>()) {
    let v = v128.load(w + bytes<T>(j));
    if (count - j < lanes<T>()) v = v128.and(v, mask<T>(count - j));
    sizes = f64x2.add(sizes, lift<T>(v128.abs<T>(v)));
    squares = f64x2.add(squares, liftSquare<T>(v));
  }
  return (l1 > 0 ? l1 * across(sizes) : 0) + (l2 > 0 ? l2 * across(squares) : 0);
}

/** Computes d += l1 sign(w) + 2 l2 w, where sign(0) is 0. d, w: (count), padded to whole lanes */
export function addPenalty<T>(d: usize, w: usize, count: i32, l1: f64, l2: f64): void {
  const slope = v128.splat<T>(<T>l1);
  const twice = v128.splat<T>(<T>(2 * l2));
  const zero = v128.splat<T>(0);
  for (const end = d + bytes<T>(count); d < end; d += 16, w += 16) {
    const v = v128.load(w);
    const side = v128.sub<T>(v128.and(v128.gt<T>(v, zero), slope), v128.and(v128.lt<T>(v, zero), slope));
    v128.store(d, v128.add<T>(v128.load(d), v128.add<T>(side, v128.mul<T>(twice, v))));
  }
}

/** Returns Σ (scale · w)² of each of a vector's columns. w: (m, n) */
@inline
function squares<T>(w: usize, m: i32, n: i32, scale: v128): v128 {
  let sum = v128.splat<T>(0);
  for (let i = 0; i < m; i++) {
    const v = v128.mul<T>(v128.load(w), scale);
    sum = v128.add<T>(sum, v128.mul<T>(v, v));
    w += bytes<T>(n);
  }
  return sum;
}

/** Scales each column whose norm is above `maxNorm` to that norm. w: (m, n) */
export function constrainNorms<T>(w: usize, m: i32, n: i32, maxNorm: f64): void {
  const one = v128.splat<T>(1);
  // Where squares overflow, they are computed again of scaled numbers.
  const small = v128.splat<T>(<T>(sizeof<T>() == 8 ? 1e-160 : 1e-22));
  for (let j = 0; j < n; j += lanes<T>(), w += 16) {
    let scale = one;
    let sum = squares<T>(w, m, n, scale);
    if (n - j < lanes<T>()) sum = v128.and(sum, mask<T>(n - j));
    const over = v128.eq<T>(sum, v128.splat<T>(<T>Infinity));
    if (v128.any_true(over)) {
      scale = v128.bitselect(small, one, over);
      sum = squares<T>(w, m, n, scale);
    }
    const bound = v128.splat<T>(<T>maxNorm);
    const norm = v128.sqrt<T>(sum);
    const long = v128.gt<T>(norm, v128.mul<T>(bound, scale));
    if (!v128.any_true(long)) continue;
    scale = v128.bitselect(scale, one, long);
    const factor = v128.bitselect(v128.div<T>(bound, norm), one, long);
    let at = w;
    for (let i = 0; i < m; i++) {
      const v = v128.mul<T>(v128.mul<T>(v128.load(at), scale), factor);
      if (n - j < lanes<T>()) storePart<T>(at, v, n - j);
      else v128.store(at, v);
      at += bytes<T>(n);
    }
  }
}
