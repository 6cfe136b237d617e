// The normal distribution's Φ(x) = (1 + erf(x / √2)) / 2, of which gelu is made. Below 0 it is
//
//     Φ(-v) = e^(-v²/2) · P(t) / (v + k),   t = (v - k) / (v + k)
//
// P a polynomial that was fitted to e^(v²/2) (v + k) Φ(-v) at Chebyshev's points, to 40 digits: k = 4, degree 22 and
// |error| < 2 · 10⁻¹⁷ in float64; k = 3, degree 10 and 1.5 · 10⁻⁹ in float32. Above 0 it is 1 - Φ(-x).
//
// v² keeps what its rounding leaves out, so that the far tail is as exact as the middle.
//
// Error bounds, ulp: 4.3 (float64) and 5.3 (float32); found against 80 digits on random arguments from -38 to 8, and those
// of float32 against our float64.

import { exp } from "./exp";
import { constant, either, one } from "./lane";

const WIDE = memory.data<f64>([
  0.7552851304157515, -0.6078966419718917, 0.38713740074221886, -0.18652185795969417, 0.06039657489069947,
  -0.007540188965593059, -0.0034796923622425332, 0.0016308184418903596, 0.00013334425401904912,
  -0.0002310948183193762, -1.9078665316613576e-06, 3.5144181157760973e-05, 7.150055959216099e-07,
  -5.918892731763236e-06, -6.25132104047868e-07, 1.0198048518135172e-06, 2.6368248576407624e-07,
  -1.5426320536771075e-07, -7.63808205349045e-08, 1.457859334703646e-08, 1.392402399350171e-08, 7.26954547902669e-11,
  -9.653425420228504e-10,
]);
const NARROW = memory.data<f32>([
  0.7290837168693542, -0.509332001209259, 0.23001767694950104, -0.0472627617418766, -0.010462288744747639,
  0.006969920359551907, 0.0010241572745144367, -0.0010344765614718199, -0.0002447093138471246,
  0.00013332394883036613, 5.549187335418537e-05,
]);

const HALF64 = memory.data<f64>([-0.5]), HALF32 = memory.data<f32>([-0.5]);
const K64 = memory.data<f64>([4]), K32 = memory.data<f32>([3]);
// The leading half of a number's digits.
const BIG64 = memory.data<u64>([0xFFFFFFFFF8000000]), BIG32 = memory.data<u32>([0xFFFFF000]);
// From here on Φ(-v) is 0.
const END64 = memory.data<f64>([39]), END32 = memory.data<f32>([15]);

/** Φ(x): 0 at -Infinity, 1 at Infinity, NaN at NaN. */
@inline
export function normal<T>(x: v128): v128 {
  const v = v128.pmin<T>(v128.abs<T>(x), either<T>(END64, END32));
  const k = either<T>(K64, K32);
  const inverse = v128.div<T>(one<T>(), v128.add<T>(v, k));
  const t = v128.mul<T>(v128.sub<T>(v, k), inverse);
  const square = v128.mul<T>(v, v);
  const big = v128.and(v, either<T>(BIG64, BIG32));
  const small = v128.sub<T>(v, big);
  const lost = v128.add<T>(
    v128.add<T>(v128.sub<T>(v128.mul<T>(big, big), square), v128.mul<T>(v128.add<T>(big, big), small)),
    v128.mul<T>(small, small),
  ); // exact: Dekker's product
  const half = either<T>(HALF64, HALF32);
  const e = exp<T>(v128.mul<T>(square, half));
  const fall = v128.add<T>(e, v128.mul<T>(e, v128.mul<T>(lost, half)));
  const below = v128.mul<T>(v128.mul<T>(fall, inverse), polynomial<T>(t));
  return v128.bitselect(v128.sub<T>(one<T>(), below), below, v128.ge<T>(x, v128.splat<T>(0)));
}

/** P(t), the even and the odd powers side by side. */
@inline
function polynomial<T>(t: v128): v128 {
  const z = v128.mul<T>(t, t);
  if (sizeof<T>() == 8) {
    let even = constant<f64>(WIDE + 22 * 8);
    let odd = constant<f64>(WIDE + 21 * 8);
    even = f64x2.add(f64x2.mul(even, z), constant<f64>(WIDE + 20 * 8));
    odd = f64x2.add(f64x2.mul(odd, z), constant<f64>(WIDE + 19 * 8));
    even = f64x2.add(f64x2.mul(even, z), constant<f64>(WIDE + 18 * 8));
    odd = f64x2.add(f64x2.mul(odd, z), constant<f64>(WIDE + 17 * 8));
    even = f64x2.add(f64x2.mul(even, z), constant<f64>(WIDE + 16 * 8));
    odd = f64x2.add(f64x2.mul(odd, z), constant<f64>(WIDE + 15 * 8));
    even = f64x2.add(f64x2.mul(even, z), constant<f64>(WIDE + 14 * 8));
    odd = f64x2.add(f64x2.mul(odd, z), constant<f64>(WIDE + 13 * 8));
    even = f64x2.add(f64x2.mul(even, z), constant<f64>(WIDE + 12 * 8));
    odd = f64x2.add(f64x2.mul(odd, z), constant<f64>(WIDE + 11 * 8));
    even = f64x2.add(f64x2.mul(even, z), constant<f64>(WIDE + 10 * 8));
    odd = f64x2.add(f64x2.mul(odd, z), constant<f64>(WIDE + 9 * 8));
    even = f64x2.add(f64x2.mul(even, z), constant<f64>(WIDE + 8 * 8));
    odd = f64x2.add(f64x2.mul(odd, z), constant<f64>(WIDE + 7 * 8));
    even = f64x2.add(f64x2.mul(even, z), constant<f64>(WIDE + 6 * 8));
    odd = f64x2.add(f64x2.mul(odd, z), constant<f64>(WIDE + 5 * 8));
    even = f64x2.add(f64x2.mul(even, z), constant<f64>(WIDE + 4 * 8));
    odd = f64x2.add(f64x2.mul(odd, z), constant<f64>(WIDE + 3 * 8));
    even = f64x2.add(f64x2.mul(even, z), constant<f64>(WIDE + 2 * 8));
    odd = f64x2.add(f64x2.mul(odd, z), constant<f64>(WIDE + 1 * 8));
    even = f64x2.add(f64x2.mul(even, z), constant<f64>(WIDE + 0 * 8));
    return f64x2.add(even, f64x2.mul(odd, t));
  }
  let even = constant<f32>(NARROW + 10 * 4);
  let odd = constant<f32>(NARROW + 9 * 4);
  even = f32x4.add(f32x4.mul(even, z), constant<f32>(NARROW + 8 * 4));
  odd = f32x4.add(f32x4.mul(odd, z), constant<f32>(NARROW + 7 * 4));
  even = f32x4.add(f32x4.mul(even, z), constant<f32>(NARROW + 6 * 4));
  odd = f32x4.add(f32x4.mul(odd, z), constant<f32>(NARROW + 5 * 4));
  even = f32x4.add(f32x4.mul(even, z), constant<f32>(NARROW + 4 * 4));
  odd = f32x4.add(f32x4.mul(odd, z), constant<f32>(NARROW + 3 * 4));
  even = f32x4.add(f32x4.mul(even, z), constant<f32>(NARROW + 2 * 4));
  odd = f32x4.add(f32x4.mul(odd, z), constant<f32>(NARROW + 1 * 4));
  even = f32x4.add(f32x4.mul(even, z), constant<f32>(NARROW + 0 * 4));
  return f32x4.add(even, f32x4.mul(odd, t));
}
