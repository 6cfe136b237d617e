// ln x and ln(1 + x). The argument is reduced to 2^k (1 + f), √½ < 1 + f < √2, and with s = f / (2 + f)
//
//     ln(1 + f) = f - f²/2 + s (f²/2 + R(s²))
//
// (fdlibm's log and log1p, with the polynomials of its logf in float32: |R - exact| < 2^-58.45 and 2^-34.24 in s).
// ln(1 + x) takes u = 1 + x rounded and adds the rounding error, c = (1 + x - u) / u.
//
// Error bounds, ulp: log 0.85 (float64) and 0.84 (float32); log1p 0.85 and 0.87; found as in exp.ts.

import { constant, either, half, one, two, withSign } from "./lane";

/** Returns ln x: -Infinity at ±0, NaN below. */
@inline
export function log<T>(x: v128): v128 {
  const tiny = v128.lt<T>(x, either<T>(LOWEST64, LOWEST32));
  const normal = v128.bitselect(v128.mul<T>(x, either<T>(LIFT64, LIFT32)), x, tiny);
  const e = exponent<T>(normal);
  const f = v128.sub<T>(fraction<T>(normal, e), one<T>());
  const k = v128.sub<T>(whole<T>(e), v128.and(tiny, either<T>(LIFTED64, LIFTED32)));
  return bounded<T>(sum<T>(f, v128.mul<T>(k, either<T>(LN2_LOW64, LN2_LOW32)), k), x);
}

/** Returns ln(1 + x): -Infinity at -1, NaN below. */
@inline
export function log1p<T>(x: v128): v128 {
  const u = v128.add<T>(one<T>(), x);
  const v = v128.sub<T>(u, one<T>());
  const lost = v128.add<T>(v128.sub<T>(one<T>(), v128.sub<T>(u, v)), v128.sub<T>(x, v)); // exact: Knuth's two-sum
  const e = exponent<T>(u);
  const f = v128.sub<T>(fraction<T>(u, e), one<T>());
  const k = whole<T>(e);
  const c = v128.div<T>(lost, u);
  return withSign<T>(bounded<T>(sum<T>(f, v128.add<T>(v128.mul<T>(k, either<T>(LN2_LOW64, LN2_LOW32)), c), k), u), x);
}

/**
 * Returns ln(1 + x) for 0 ≤ x ≤ 1; NaN stays NaN. k is 0, or 1 with f = (x - 1) / 2 above √2 - 1. It is half of
 * log1p's work, and enough for losses and softplus.
 */
@inline
export function log1pUnit<T>(x: v128): v128 {
  const above = v128.gt<T>(x, either<T>(ROOT64, ROOT32));
  const high = v128.mul<T>(v128.sub<T>(x, one<T>()), half<T>());
  const f = v128.bitselect(high, x, above);
  const low = v128.and(above, either<T>(LN2_LOW64, LN2_LOW32));
  const s = v128.div<T>(f, v128.add<T>(two<T>(), f));
  const square = v128.mul<T>(half<T>(), v128.mul<T>(f, f));
  const y = v128.add<T>(v128.mul<T>(s, v128.add<T>(square, series<T>(v128.mul<T>(s, s)))), low);
  return v128.add<T>(v128.add<T>(v128.sub<T>(y, square), f), v128.and(above, either<T>(LN2_64, LN2_32)));
}

/** Returns k ln 2 + ln(1 + f), where `low` is the sum of the low parts. */
@inline
function sum<T>(f: v128, low: v128, k: v128): v128 {
  const s = v128.div<T>(f, v128.add<T>(two<T>(), f));
  const square = v128.mul<T>(half<T>(), v128.mul<T>(f, f));
  const y = v128.add<T>(v128.mul<T>(s, v128.add<T>(square, series<T>(v128.mul<T>(s, s)))), low);
  return v128.add<T>(v128.add<T>(v128.sub<T>(y, square), f), v128.mul<T>(k, either<T>(LN2_64, LN2_32)));
}

const L1 = memory.data<f64>([6.666666666666735130e-01]), L2 = memory.data<f64>([3.999999999940941908e-01]);
const L3 = memory.data<f64>([2.857142874366239149e-01]), L4 = memory.data<f64>([2.222219843214978396e-01]);
const L5 = memory.data<f64>([1.818357216161805012e-01]), L6 = memory.data<f64>([1.531383769920937332e-01]);
const L7 = memory.data<f64>([1.479819860511658591e-01]);

const M1 = memory.data<f32>([0.66666662693]), M2 = memory.data<f32>([0.40000972152]);
const M3 = memory.data<f32>([0.28498786688]), M4 = memory.data<f32>([0.24279078841]);

/** Returns R as a polynomial in z = s². */
@inline
function series<T>(z: v128): v128 {
  const w = v128.mul<T>(z, z);
  if (sizeof<T>() == 8) {
    const odd = f64x2.add(constant<f64>(L5), f64x2.mul(w, constant<f64>(L7)));
    const odds = f64x2.add(constant<f64>(L1), f64x2.mul(w, f64x2.add(constant<f64>(L3), f64x2.mul(w, odd))));
    const even = f64x2.add(constant<f64>(L4), f64x2.mul(w, constant<f64>(L6)));
    const evens = f64x2.add(constant<f64>(L2), f64x2.mul(w, even));
    return f64x2.add(f64x2.mul(z, odds), f64x2.mul(w, evens));
  }
  const odds = f32x4.add(constant<f32>(M1), f32x4.mul(w, constant<f32>(M3)));
  const evens = f32x4.add(constant<f32>(M2), f32x4.mul(w, constant<f32>(M4)));
  return f32x4.add(f32x4.mul(z, odds), f32x4.mul(w, evens));
}

/** Returns y if x is a positive number; otherwise the limit of ln x, or NaN. */
@inline
function bounded<T>(y: v128, x: v128): v128 {
  const zero = v128.splat<T>(0);
  y = v128.bitselect(y, x, v128.lt<T>(x, either<T>(INFINITY64, INFINITY32))); // NaN, Infinity
  y = v128.or(y, v128.lt<T>(x, zero)); // all bits set are a NaN
  return v128.bitselect(either<T>(MINUS64, MINUS32), y, v128.eq<T>(x, zero));
}

// 1 - √½ as bits: added to x, it carries into the exponent if 1 + f would be above √2.
const CARRY64 = memory.data<u64>([0x3FF0000000000000 - 0x3FE6A09E667F3BCD]);
const CARRY32 = memory.data<u32>([0x3F800000 - 0x3F3504F3]);
const MAGIC64 = memory.data<f64>([4503599627370496]); // 2^52
const BIAS64 = memory.data<f64>([4503599627371519]); // 2^52 + 1023
const BIAS32 = memory.data<f32>([127]);

/** Returns k + bias, as an integer. */
@inline
function exponent<T>(x: v128): v128 {
  if (sizeof<T>() == 8) return i64x2.shr_u(i64x2.add(x, constant<f64>(CARRY64)), 52);
  return i32x4.shr_u(i32x4.add(x, constant<f32>(CARRY32)), 23);
}

/** Returns 1 + f, which is x without 2^k. */
@inline
function fraction<T>(x: v128, exponent: v128): v128 {
  if (sizeof<T>() == 8) return i64x2.add(i64x2.sub(x, i64x2.shl(exponent, 52)), one<T>());
  return i32x4.add(i32x4.sub(x, i32x4.shl(exponent, 23)), one<T>());
}

/** Returns k as a number. */
@inline
function whole<T>(exponent: v128): v128 {
  if (sizeof<T>() == 8) return f64x2.sub(v128.or(exponent, constant<f64>(MAGIC64)), constant<f64>(BIAS64));
  return f32x4.sub(f32x4.convert_i32x4_s(exponent), constant<f32>(BIAS32));
}

// ln 2 in two parts: k times the first is exact.
const LN2_64 = memory.data<f64>([6.93147180369123816490e-01]), LN2_LOW64 = memory.data<f64>([1.90821492927058770002e-10]);
const LN2_32 = memory.data<f32>([6.9313812256e-01]), LN2_LOW32 = memory.data<f32>([9.0580006145e-06]);

// Below the smallest normal number x is lifted by a power of two.
const LOWEST64 = memory.data<f64>([2.2250738585072014e-308]), LOWEST32 = memory.data<f32>([1.1754943508222875e-38]);
const LIFT64 = memory.data<f64>([18014398509481984]), LIFT32 = memory.data<f32>([18014398509481984]); // 2^54
const LIFTED64 = memory.data<f64>([54]), LIFTED32 = memory.data<f32>([54]);

const ROOT64 = memory.data<f64>([0.41421356237309503]), ROOT32 = memory.data<f32>([0.41421357]); // √2 - 1
const INFINITY64 = memory.data<f64>([Infinity]), INFINITY32 = memory.data<f32>([Infinity]);
const MINUS64 = memory.data<f64>([-Infinity]), MINUS32 = memory.data<f32>([-Infinity]);
