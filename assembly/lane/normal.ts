// The normal distribution's Φ(x) = (1 + erf(x / √2)) / 2, of which gelu is made. Below 0 it is
//
//     Φ(-v) = e^(-c²/2) · g,   g = (P(t) - (c + 1) · step) / (c + 1),   t = (c - 4) / (c + 4)
//
// c is the multiple of 2⁻¹⁹ next to v, so that c², c + 1 and c ± 4 are exact. P is a polynomial of degree 22, fitted to
// e^(c²/2) (c + 1) Φ(-c) at Chebyshev's points, to 60 digits. It stays between 0.4 and 0.53, so that the roundings of its later
// terms are small beside its first term. Its relative error is below 8 · 10⁻¹⁷. The step from c to v = c + h is
// ∫ φ = φ(c) (h - c h²/2 + c² h³/6 - …), by e^(-c²/2). Above 0, Φ(x) is 1 - Φ(-x). float32 is computed in float64.
//
// Two roundings are corrected: that of the last sum of P, and the difference of the product with 1 / (c + 1) from the quotient.
// Together they are a remainder that is known exactly, since c + 1 has 25 digits. It goes into the sum in e^x.
//
// Error bounds, ulp: 2 (float64) and 0.51 (float32); found against 50 digits and more on random arguments from -37.5 to 8.3.

import { expTimes } from "./exp";
import { constant, demoted, high, ONE64 } from "./lane";

const P = memory.data<f64>([
  0.47205320650984467, -0.09670347732652537, 0.013999634724429484, 0.028600364053505536, -0.03219783742831323,
  0.017936097481063274, -0.005002378585987421, -0.0002856231172674321, 0.0006948970458933204, -9.443010932300517e-05,
  -8.785278100423642e-05, 2.1249416709821007e-05, 1.362512870208532e-05, -3.430553944494517e-06, -2.608039199565658e-06,
  4.02096637961752e-07, 5.432100827612577e-07, 2.8055596826956697e-09, -1.0111129755671242e-07, -1.888137725703163e-08,
  1.134064999612679e-08, 4.347202324981508e-09, 1.9844072305321602e-10,
]);
const GRID = memory.data<f64>([12884901888]); // 1.5 · 2^33: adding it rounds to multiples of 2^-19
const MINUS_HALF = memory.data<f64>([-0.5]), HALF = memory.data<f64>([0.5]), SIXTH = memory.data<f64>([0.16666666666666666]);
const FOUR = memory.data<f64>([4]), DENSITY = memory.data<f64>([0.3989422804014327]); // 1 / √2π
const INVERSE = memory.data<f64>([2.2]); // 1 / P(t), to 12 %
const END = memory.data<f64>([39]); // from here on Φ(-v) is 0
const HEAD = memory.data<u64>([0xFFFFFFFFF8000000]); // the leading half of a number's digits

/**
 * Stores Φ(x) of the vector at `from` to `to`, and in float64 of another vector at `other` behind it. Φ is 0 at -Infinity, 1 at
 * Infinity, NaN at NaN.
 */
@inline
export function normal<T>(from: usize, other: usize, to: usize): void {
  const x = v128.load(from);
  if (sizeof<T>() == 8) {
    areas(x, v128.load(other), to);
  } else {
    areas(f64x2.promote_low_f32x4(x), high(x), to);
    v128.store(to, demoted(v128.load(to), v128.load(to, 16)));
  }
}

/**
 * Computes two vectors at once, of which one fills the latency of the other. The later terms of P, every fourth power side by
 * side, are in a loop: V8 loads all constants of straight code first, into more registers than there are.
 */
function areas(x: v128, y: v128, to: usize): void {
  const v = folded(x), w = folded(y);
  const c = next(v), d = next(w);
  const t = turned(c), u = turned(d);
  const t2 = f64x2.mul(t, t), u2 = f64x2.mul(u, u);
  const t4 = f64x2.mul(t2, t2), u4 = f64x2.mul(u2, u2);
  let t0 = term(constant<f64>(P + 21 * 8), t4, P + 17 * 8), u0 = term(constant<f64>(P + 21 * 8), u4, P + 17 * 8);
  let t1 = term(constant<f64>(P + 22 * 8), t4, P + 18 * 8), u1 = term(constant<f64>(P + 22 * 8), u4, P + 18 * 8);
  let tt = constant<f64>(P + 19 * 8), uu = tt;
  let t3 = constant<f64>(P + 20 * 8), u3 = t3;
  for (let at = P + 13 * 8; at > P; at -= 4 * 8) {
    t0 = term(t0, t4, at);
    u0 = term(u0, u4, at);
    t1 = term(t1, t4, at + 8);
    u1 = term(u1, u4, at + 8);
    tt = term(tt, t4, at + 16);
    uu = term(uu, u4, at + 16);
    t3 = term(t3, t4, at + 24);
    u3 = term(u3, u4, at + 24);
  }
  v128.store(to, area(x, v, c, t, joined(t0, t1, tt, t3, t, t2)));
  v128.store(to, area(y, w, d, u, joined(u0, u1, uu, u3, u, u2)), 16);
}

/** Returns |x|, but not above the end of Φ. */
@inline
function folded(x: v128): v128 {
  return f64x2.pmin(f64x2.abs(x), constant<f64>(END));
}

/** Returns c for v. */
@inline
function next(v: v128): v128 {
  return f64x2.sub(f64x2.add(v, constant<f64>(GRID)), constant<f64>(GRID));
}

/** Returns t for c. */
@inline
function turned(c: v128): v128 {
  return f64x2.div(f64x2.sub(c, constant<f64>(FOUR)), f64x2.add(c, constant<f64>(FOUR)));
}

/** Returns sum · power plus the coefficient at an address. */
@inline
function term(sum: v128, power: v128, at: usize): v128 {
  return f64x2.add(f64x2.mul(sum, power), constant<f64>(at));
}

/** Returns s0 + s1 t + t² (s2 + s3 t) */
@inline
function joined(s0: v128, s1: v128, s2: v128, s3: v128, t: v128, t2: v128): v128 {
  return f64x2.add(f64x2.add(s0, f64x2.mul(s1, t)), f64x2.mul(t2, f64x2.add(s2, f64x2.mul(s3, t))));
}

/** Returns Φ(x) by v, c, t and (P(t) - P(0)) / t. */
@inline
function area(x: v128, v: v128, c: v128, t: v128, later: v128): v128 {
  const s = f64x2.add(c, constant<f64>(ONE64));
  const rest = f64x2.sub(f64x2.mul(t, later), f64x2.mul(s, step(c, f64x2.sub(v, c))));
  const p = f64x2.add(constant<f64>(P), rest);
  const lost = f64x2.add(f64x2.sub(constant<f64>(P), p), rest); // exact: Dekker's two-sum
  const g = f64x2.mul(p, f64x2.div(constant<f64>(ONE64), s));
  const g1 = v128.and(g, constant<f64>(HEAD)), g2 = f64x2.sub(g, g1);
  const remainder = f64x2.add(f64x2.sub(f64x2.sub(p, f64x2.mul(g1, s)), f64x2.mul(g2, s)), lost);
  const power = f64x2.mul(f64x2.mul(c, c), constant<f64>(MINUS_HALF));
  const below = expTimes(power, g, f64x2.mul(remainder, constant<f64>(INVERSE)));
  return v128.bitselect(f64x2.sub(constant<f64>(ONE64), below), below, f64x2.ge(x, f64x2.splat(0)));
}

/** Returns (Φ(-c) - Φ(-c - h)) / e^(-c²/2) */
@inline
function step(c: v128, h: v128): v128 {
  const m = f64x2.mul(c, h);
  const bend = f64x2.mul(m, f64x2.sub(constant<f64>(HALF), f64x2.mul(m, constant<f64>(SIXTH))));
  return f64x2.mul(f64x2.mul(h, constant<f64>(DENSITY)), f64x2.sub(constant<f64>(ONE64), bend));
}
