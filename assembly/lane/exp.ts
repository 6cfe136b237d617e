// e^x and e^x - 1. The argument is reduced to x = k·step + r, and e^x = 2^(k·step / ln 2) · (1 + p(r)), p(r) ≈ e^r - 1.
//
// float64: step = ln 2 / 128, the powers from a table of 128 (the exp of ARM's optimized routines and musl, by Szabolcs
//          Nagy; |p - (e^r - 1)| < 1.6 · 2^-66 for |r| < ln 2 / 256).
// float32: step = ln 2, no table (Cephes' expf; |r| < ln 2 / 2).
//
// The power is applied in two halves, 2^(n - h) inside and 2^h at the end, h = ⌊n / 2⌋. So results underflow gradually, and
// overflow only where they should. e^x - 1 subtracts 2^-h from the inner half, which is exact near 0, and adds r to that before
// all smaller terms. NaN stays NaN: pmin and pmax return their first operand if it is NaN.
//
// Error bounds, ulp: exp 0.52 (float64; 0.8 where denormal) and 0.91 (float32); expm1 1.1 and 1.24. The bounds in float64 were
// found on millions of arguments against 64-bit significands. The bounds in float32 were found against this float64 on every
// argument above 1e-8 (exp) or 1e-20 (expm1), of either sign, that changes the result.

import { constant, either, ONE32, ONE64, withSign } from "./lane";
import { POWERS } from "./powers";

/** Returns e^x */
@inline
export function exp<T>(x: v128): v128 {
  return expBelow<T>(v128.pmin<T>(x, either<T>(HIGH64, HIGH32)));
}

/** Returns e^x for x ≤ 89, where float32 ends. */
@inline
export function expBelow<T>(x: v128): v128 {
  if (sizeof<T>() == 8) return grow64(x, false);
  return grow32(x, false);
}

/** Returns e^x - 1 */
@inline
export function expm1<T>(x: v128): v128 {
  const y = v128.pmin<T>(x, either<T>(HIGH64, HIGH32));
  if (sizeof<T>() == 8) return withSign<f64>(grow64(y, true), x);
  return withSign<f32>(grow32(y, true), x);
}

// Beyond these bounds e^x is 0 or Infinity, e^x - 1 is -1 or Infinity, and the halves of the power are still normal numbers.
const LOW64 = memory.data<f64>([-746]), HIGH64 = memory.data<f64>([710]);
const LOW32 = memory.data<f32>([-104]), HIGH32 = memory.data<f32>([89]);

// Adding this number rounds to a whole number, in the lowest bits.
const SHIFT64 = memory.data<f64>([6755399441055744]); // 1.5 · 2^52
const SHIFT32 = memory.data<f32>([12582912]); // 1.5 · 2^23

// The step in two parts: k times the first is exact.
const STEPS64 = memory.data<f64>([184.6649652337873]); // 128 / ln 2
const STEP64 = memory.data<u64>([0x3F762E42FEFA0000]), STEP64_LOW = memory.data<u64>([0x3D0CF79ABC9E3B39]);
const STEPS32 = memory.data<f32>([1.44269504]); // 1 / ln 2
const STEP32 = memory.data<f32>([6.9313812256e-01]), STEP32_LOW = memory.data<f32>([9.0580006145e-06]);

const A2 = memory.data<u64>([0x3FDFFFFFFFFFFDBD]), A3 = memory.data<u64>([0x3FC555555555543C]);
const A4 = memory.data<u64>([0x3FA55555CF172B91]), A5 = memory.data<u64>([0x3F81111167A4D017]);

const B2 = memory.data<f32>([5.0000001201e-1]), B3 = memory.data<f32>([1.6666665459e-1]);
const B4 = memory.data<f32>([4.1665795894e-2]), B5 = memory.data<f32>([8.3334519073e-3]);
const B6 = memory.data<f32>([1.3981999507e-3]), B7 = memory.data<f32>([1.9875691500e-4]);

/** Returns k = x / step, rounded, in the low 32 bits of each lane. */
@inline
function shift64(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, constant<f64>(STEPS64)), constant<f64>(SHIFT64));
}

/** Returns the row of the table for k. */
@inline
function row(k: i32): v128 {
  return v128.load(POWERS + ((k & 127) << 4));
}

/** Returns h as an exponent, where n is k >> 7. */
@inline
function half64(shifted: v128): v128 {
  return i64x2.shl(i32x4.shr_s(shifted, 8), 52);
}

/** Returns 2^(k / 128 - h), from the heads of its rows. */
@inline
function inner64(shifted: v128, half: v128, row0: v128, row1: v128): v128 {
  return i64x2.sub(i64x2.add(v128.shuffle<f64>(row0, row1, 1, 3), i64x2.shl(shifted, 45)), half);
}

/** Returns e^r - 1 - r */
@inline
function bent64(r: v128): v128 {
  const rr = f64x2.mul(r, r);
  const low = f64x2.add(constant<f64>(A2), f64x2.mul(r, constant<f64>(A3)));
  const high = f64x2.add(constant<f64>(A4), f64x2.mul(r, constant<f64>(A5)));
  return f64x2.add(f64x2.mul(rr, low), f64x2.mul(f64x2.mul(rr, rr), high));
}

/** Returns e^x, or e^x - 1 if `less`. */
@inline
function grow64(x: v128, less: bool): v128 {
  x = f64x2.pmax(x, constant<f64>(LOW64));
  const shifted = shift64(x);
  const k = f64x2.sub(shifted, constant<f64>(SHIFT64));
  const rHigh = f64x2.sub(x, f64x2.mul(k, constant<f64>(STEP64))); // exact
  const rLow = f64x2.mul(k, constant<f64>(STEP64_LOW));
  const r = f64x2.sub(rHigh, rLow);
  const row0 = row(i32x4.extract_lane(shifted, 0)), row1 = row(i32x4.extract_lane(shifted, 2));
  const tail = v128.shuffle<f64>(row0, row1, 0, 2);
  const half = half64(shifted);
  const power = inner64(shifted, half, row0, row1);
  const bent = bent64(r);
  const scale = i64x2.add(constant<f64>(ONE64), half);
  if (!less) return f64x2.mul(f64x2.add(power, f64x2.mul(power, f64x2.add(f64x2.add(r, tail), bent))), scale);
  const rest = f64x2.add(f64x2.sub(tail, rLow), bent);
  const down = i64x2.sub(constant<f64>(ONE64), half);
  const base = f64x2.sub(power, down);
  const first = f64x2.mul(down, rHigh);
  const near = f64x2.add(base, first);
  const lost = f64x2.sub(first, f64x2.sub(near, base)); // exact: Dekker's two-sum
  const small = f64x2.add(f64x2.mul(base, rHigh), f64x2.mul(power, rest));
  return f64x2.mul(f64x2.add(near, f64x2.add(lost, small)), scale);
}

/** Returns factor · (1 + extra) e^x in float64, with one rounding more than factor · e^x has; for x from -746 to 709. */
@inline
export function expTimes(x: v128, factor: v128, extra: v128): v128 {
  const shifted = shift64(x);
  const k = f64x2.sub(shifted, constant<f64>(SHIFT64));
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(k, constant<f64>(STEP64))), f64x2.mul(k, constant<f64>(STEP64_LOW)));
  const row0 = row(i32x4.extract_lane(shifted, 0)), row1 = row(i32x4.extract_lane(shifted, 2));
  const tail = v128.shuffle<f64>(row0, row1, 0, 2);
  const half = half64(shifted);
  const power = f64x2.mul(inner64(shifted, half, row0, row1), factor);
  const grown = f64x2.add(power, f64x2.mul(power, f64x2.add(f64x2.add(f64x2.add(r, tail), bent64(r)), extra)));
  return f64x2.mul(grown, i64x2.add(constant<f64>(ONE64), half));
}

/** Returns e^x, or e^x - 1 if `less`. */
@inline
function grow32(x: v128, less: bool): v128 {
  x = f32x4.pmax(x, constant<f32>(LOW32));
  const shifted = f32x4.add(f32x4.mul(x, constant<f32>(STEPS32)), constant<f32>(SHIFT32)); // n in the low 22 bits
  const n = f32x4.sub(shifted, constant<f32>(SHIFT32));
  const rHigh = f32x4.sub(x, f32x4.mul(n, constant<f32>(STEP32))); // exact
  const rLow = f32x4.mul(n, constant<f32>(STEP32_LOW));
  const r = f32x4.sub(rHigh, rLow);
  const half = i32x4.shl(i32x4.shr_s(shifted, 1), 23); // h as an exponent
  const power = i32x4.sub(i32x4.add(constant<f32>(ONE32), i32x4.shl(shifted, 23)), half);

  const rr = f32x4.mul(r, r);
  const low = f32x4.add(constant<f32>(B2), f32x4.mul(r, constant<f32>(B3)));
  const middle = f32x4.add(constant<f32>(B4), f32x4.mul(r, constant<f32>(B5)));
  const high = f32x4.add(constant<f32>(B6), f32x4.mul(r, constant<f32>(B7)));
  const q = f32x4.add(low, f32x4.mul(rr, f32x4.add(middle, f32x4.mul(rr, high))));
  const rest = f32x4.sub(f32x4.mul(rr, q), rLow);
  const scale = i32x4.add(constant<f32>(ONE32), half);
  if (!less) return f32x4.mul(f32x4.add(power, f32x4.mul(power, f32x4.add(rHigh, rest))), scale);
  const base = f32x4.sub(power, i32x4.sub(constant<f32>(ONE32), half));
  const near = f32x4.add(base, f32x4.mul(power, rHigh)); // exact near 0
  return f32x4.mul(f32x4.add(near, f32x4.mul(power, rest)), scale);
}
