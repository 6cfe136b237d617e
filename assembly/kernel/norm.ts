// Layer normalisation, a row at a time: Ba, Kiros, Hinton, "Layer normalization", 2016. Sums over a row are in float64 and
// in a fixed order, so that a sample's bits don't depend on its batch.

import { across, lift } from "./fold";
import { bytes, kept, lanes, put } from "./part";
import { addAlong } from "./unit";

/** Number that is added to the variance. */
export const EPSILON: f64 = 1e-5;

/**
 * Normalizes each row of sums s in place: rstd = 1 / √(var + 1e-5), normalized = (s - mean) · rstd, and then computes
 * pre = bias + gain ⊙ normalized. The variance is the biased one. normalized, pre: (rows, n); rstd: (rows); gain, bias: (n)
 */
export function normalise<T>(normalized: usize, rstd: usize, pre: usize, gain: usize, bias: usize, rows: i32, n: i32): void {
  for (let r = 0; r < rows; r++) {
    let sums = f64x2.splat(0);
    for (let j = 0; j < n; j += lanes<T>()) {
      sums = f64x2.add(sums, lift<T>(kept<T>(v128.load(normalized + bytes<T>(j)), n - j)));
    }
    const mean = v128.splat<T>(<T>(across(sums) / <f64>n));
    let squares = f64x2.splat(0);
    for (let j = 0; j < n; j += lanes<T>()) {
      const d = kept<T>(v128.sub<T>(v128.load(normalized + bytes<T>(j)), mean), n - j);
      squares = f64x2.add(squares, lift<T>(v128.mul<T>(d, d)));
    }
    const variance = across(squares) / <f64>n;
    // 1 / √∞ would make a layer of zeros, which hides the overflow.
    const scale = variance < Infinity ? <T>(1 / sqrt<f64>(variance + EPSILON)) : <T>NaN;
    store<T>(rstd + bytes<T>(r), scale);
    for (let j = 0; j < n; j += lanes<T>()) {
      const at = bytes<T>(j);
      const h = v128.mul<T>(v128.sub<T>(v128.load(normalized + at), mean), v128.splat<T>(scale));
      put<T>(normalized + at, h, n - j);
      put<T>(pre + at, v128.add<T>(v128.load(bias + at), v128.mul<T>(v128.load(gain + at), h)), n - j);
    }
    normalized += bytes<T>(n);
    pre += bytes<T>(n);
  }
}

/**
 * Computes the gradient by the sums from the gradient by pre, in place: for e = delta ⊙ gain,
 * delta = rstd · (e - mean e - normalized · mean(e ⊙ normalized)). delta, normalized: (rows, n); rstd: (rows); gain: (n)
 */
export function denormalise<T>(delta: usize, normalized: usize, rstd: usize, gain: usize, rows: i32, n: i32): void {
  for (let r = 0; r < rows; r++) {
    let sums = f64x2.splat(0);
    let inner = f64x2.splat(0);
    for (let j = 0; j < n; j += lanes<T>()) {
      const at = bytes<T>(j);
      const e = kept<T>(v128.mul<T>(v128.load(delta + at), v128.load(gain + at)), n - j);
      sums = f64x2.add(sums, lift<T>(e));
      inner = f64x2.add(inner, lift<T>(kept<T>(v128.mul<T>(e, v128.load(normalized + at)), n - j)));
    }
    const mean = v128.splat<T>(<T>(across(sums) / <f64>n));
    const along = v128.splat<T>(<T>(across(inner) / <f64>n));
    const scale = v128.splat<T>(load<T>(rstd + bytes<T>(r)));
    for (let j = 0; j < n; j += lanes<T>()) {
      const at = bytes<T>(j);
      const e = v128.mul<T>(v128.load(delta + at), v128.load(gain + at));
      const rest = v128.sub<T>(v128.sub<T>(e, mean), v128.mul<T>(v128.load(normalized + at), along));
      put<T>(delta + at, v128.mul<T>(rest, scale), n - j);
    }
    delta += bytes<T>(n);
    normalized += bytes<T>(n);
  }
}

/** Sums of x ⊙ d over a block of samples: the gradient of a gain, and of a diagonal. */
@unmanaged @final
export class Along {
  /** Sums the products of a block. out: (n); x, d: (rows, n) */
  @inline block<T>(out: usize, x: usize, d: usize, rows: i32, _m: i32, n: i32): void {
    addAlong<T>(out, x, d, rows, n, true);
  }
}
