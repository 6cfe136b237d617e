// Group normalization: Wu, He, "Group normalization", 2018. A sample's units are (positions, channels), and a group is a run of
// channels at all positions. One group is the norm over all units. Sums are in float64 and in a fixed order, as in norm.ts.
//
// `period` is the number of gains and biases: one for each channel, or one for each unit.

import { across, lift } from "./fold";
import { EPSILON } from "./norm";
import { bytes, kept, lanes, put } from "./part";

/**
 * Normalizes each group of the sums s in place: rstd = 1 / √(var + 1e-5), normalized = (s - mean) · rstd, and then computes
 * pre = bias + gain ⊙ normalized. normalized, pre: (rows, positions, channels); rstd: (rows, groups); gain, bias: (period)
 */
export function normaliseGroups<T>(
  normalized: usize, rstd: usize, pre: usize, gain: usize, bias: usize,
  rows: i32, positions: i32, channels: i32, groups: i32, period: i32
): void {
  const n = channels / groups, row = bytes<T>(positions * channels), step = bytes<T>(channels), count = <f64>(positions * n);
  const nextGain = period > channels ? step : 0;
  for (; rows > 0; rows--, normalized += row - step, pre += row - step) {
    for (let g = 0; g < groups; g++, normalized += bytes<T>(n), pre += bytes<T>(n), rstd += sizeof<T>()) {
      let sums = f64x2.splat(0);
      for (let at: usize = 0; at < row; at += step) {
        for (let j = 0; j < n; j += lanes<T>()) {
          sums = f64x2.add(sums, lift<T>(kept<T>(v128.load(normalized + at + bytes<T>(j)), n - j)));
        }
      }
      const mean = v128.splat<T>(<T>(across(sums) / count));
      let squares = f64x2.splat(0);
      for (let at: usize = 0; at < row; at += step) {
        for (let j = 0; j < n; j += lanes<T>()) {
          const d = kept<T>(v128.sub<T>(v128.load(normalized + at + bytes<T>(j)), mean), n - j);
          squares = f64x2.add(squares, lift<T>(v128.mul<T>(d, d)));
        }
      }
      const variance = across(squares) / count;
      // 1 / √∞ would make a group of zeros, which hides the overflow.
      const scale = variance < Infinity ? <T>(1 / sqrt<f64>(variance + EPSILON)) : <T>NaN;
      store<T>(rstd, scale);
      let own = bytes<T>(g * n);
      for (let at: usize = 0; at < row; at += step, own += nextGain) {
        for (let j = 0; j < n; j += lanes<T>()) {
          const to = at + bytes<T>(j), by = own + bytes<T>(j);
          const h = v128.mul<T>(v128.sub<T>(v128.load(normalized + to), mean), v128.splat<T>(scale));
          put<T>(normalized + to, h, n - j);
          put<T>(pre + to, v128.add<T>(v128.load(bias + by), v128.mul<T>(v128.load(gain + by), h)), n - j);
        }
      }
    }
  }
}

/**
 * Computes the gradient by the sums from the gradient by pre, in place. Means are over each group. For e = delta ⊙ gain,
 * delta = rstd · (e - mean e - normalized · mean(e ⊙ normalized)). Shapes are as above.
 */
export function denormaliseGroups<T>(
  delta: usize, normalized: usize, rstd: usize, gain: usize,
  rows: i32, positions: i32, channels: i32, groups: i32, period: i32
): void {
  const n = channels / groups, row = bytes<T>(positions * channels), step = bytes<T>(channels), count = <f64>(positions * n);
  const nextGain = period > channels ? step : 0;
  for (; rows > 0; rows--, delta += row - step, normalized += row - step) {
    for (let g = 0; g < groups; g++, delta += bytes<T>(n), normalized += bytes<T>(n), rstd += sizeof<T>()) {
      let sums = f64x2.splat(0);
      let inner = f64x2.splat(0);
      let own = gain + bytes<T>(g * n);
      for (let at: usize = 0; at < row; at += step, own += nextGain) {
        for (let j = 0; j < n; j += lanes<T>()) {
          const from = at + bytes<T>(j);
          const e = kept<T>(v128.mul<T>(v128.load(delta + from), v128.load(own + bytes<T>(j))), n - j);
          sums = f64x2.add(sums, lift<T>(e));
          inner = f64x2.add(inner, lift<T>(kept<T>(v128.mul<T>(e, v128.load(normalized + from)), n - j)));
        }
      }
      const mean = v128.splat<T>(<T>(across(sums) / count));
      const along = v128.splat<T>(<T>(across(inner) / count));
      const scale = v128.load_splat<T>(rstd);
      own = gain + bytes<T>(g * n);
      for (let at: usize = 0; at < row; at += step, own += nextGain) {
        for (let j = 0; j < n; j += lanes<T>()) {
          const to = at + bytes<T>(j);
          const e = v128.mul<T>(v128.load(delta + to), v128.load(own + bytes<T>(j)));
          const rest = v128.sub<T>(v128.sub<T>(e, mean), v128.mul<T>(v128.load(normalized + to), along));
          put<T>(delta + to, v128.mul<T>(rest, scale), n - j);
        }
      }
    }
  }
}
