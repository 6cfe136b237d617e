// sin x and cos x. The argument is reduced to x = k π/2 + r, |r| < π/4 or so, r as a sum of two numbers. The quadrant
// k mod 4 selects one of two series (fdlibm's, |error| < 2^-58), and its sign.
//
// Up to 2^20 π/2 the reduction subtracts π/2 in four parts, two of 33 bits, whose products with k are exact (Cody and Waite).
// Beyond, it multiplies x by 224 bits of 2/π, a lane at a time (Payne and Hanek, "Radian reduction for trigonometric
// functions", 1983). float32 is computed in float64.
//
// Error bounds, ulp: 1.2 (float64) and 0.51 (float32); found against 400 digits on random arguments of every magnitude and
// beside the multiples of π/2.

import { own } from "../own";
import { constant, demoted, high, ONE64 } from "./lane";

/** Returns sin x: ±0 at ±0, NaN at ±Infinity. */
@inline
export function sine<T>(x: v128): v128 {
  if (sizeof<T>() == 8) return turn(x, 0);
  return demoted(turn(f64x2.promote_low_f32x4(x), 0), turn(high(x), 0));
}

/** Returns cos x: NaN at ±Infinity. */
@inline
export function cosine<T>(x: v128): v128 {
  if (sizeof<T>() == 8) return turn(x, 1);
  return demoted(turn(f64x2.promote_low_f32x4(x), 1), turn(high(x), 1));
}

const SHIFT = memory.data<f64>([6755399441055744]); // 1.5 · 2^52
const TURNS = memory.data<f64>([0.6366197723675814]); // 2 / π
const P0 = memory.data<f64>([1.5707963267341256]), P1 = memory.data<f64>([6.077100506303966e-11]);
const P2 = memory.data<f64>([2.0222662487111665e-21]), P3 = memory.data<f64>([8.4784276603689e-32]);
const FAR = memory.data<f64>([1647099]); // 2^20 π / 2

const S1 = memory.data<f64>([-1.66666666666666324348e-01]), S2 = memory.data<f64>([8.33333333332248946124e-03]);
const S3 = memory.data<f64>([-1.98412698298579493134e-04]), S4 = memory.data<f64>([2.75573137070700676789e-06]);
const S5 = memory.data<f64>([-2.50507602534068634195e-08]), S6 = memory.data<f64>([1.58969099521155010221e-10]);
const C1 = memory.data<f64>([4.16666666666666019037e-02]), C2 = memory.data<f64>([-1.38888888888741095749e-03]);
const C3 = memory.data<f64>([2.48015872894767294178e-05]), C4 = memory.data<f64>([-2.75573143513906633035e-07]);
const C5 = memory.data<f64>([2.08757232129817482790e-09]), C6 = memory.data<f64>([-1.13596475577881948265e-11]);
const HALF = memory.data<f64>([0.5]);

/** Returns sin(x + quarters · π/2) */
function turn(x: v128, quarters: i64): v128 {
  const shifted = f64x2.add(f64x2.mul(x, constant<f64>(TURNS)), constant<f64>(SHIFT)); // k in the low bits
  const k = f64x2.sub(shifted, constant<f64>(SHIFT));
  // r and its rounding error, by two-sums: parts of π/2 are subtracted, the largest first.
  const a = f64x2.sub(x, f64x2.mul(k, constant<f64>(P0))); // exact
  const p = f64x2.mul(k, constant<f64>(P1)); // exact
  const b = f64x2.sub(a, p);
  const v = f64x2.sub(b, a);
  const lost = f64x2.sub(f64x2.sub(a, f64x2.sub(b, v)), f64x2.add(p, v));
  const rest = f64x2.add(f64x2.mul(k, constant<f64>(P2)), f64x2.mul(k, constant<f64>(P3)));
  const low = f64x2.sub(lost, rest);
  let r = f64x2.add(b, low);
  let tail = f64x2.add(f64x2.sub(b, r), low);
  let quadrant = i64x2.add(shifted, i64x2.splat(quarters));

  const far = f64x2.gt(f64x2.abs(x), constant<f64>(FAR));
  if (v128.any_true(far)) {
    for (let lane = 0; lane < 2; lane++) {
      const one = lane == 0 ? f64x2.extract_lane(x, 0) : f64x2.extract_lane(x, 1);
      if (!(abs(one) > 1647099)) continue;
      const turned = reduce(one) + quarters;
      if (lane == 0) {
        r = f64x2.replace_lane(r, 0, head);
        tail = f64x2.replace_lane(tail, 0, left);
        quadrant = i64x2.replace_lane(quadrant, 0, turned);
      } else {
        r = f64x2.replace_lane(r, 1, head);
        tail = f64x2.replace_lane(tail, 1, left);
        quadrant = i64x2.replace_lane(quadrant, 1, turned);
      }
    }
  }

  const z = f64x2.mul(r, r);
  const w = f64x2.mul(z, z);
  // sin: r + (r³ (S1 + …) + tail (1 - z/2)), as in fdlibm's kernel.
  const s = f64x2.add(
    f64x2.add(constant<f64>(S2), f64x2.mul(z, f64x2.add(constant<f64>(S3), f64x2.mul(z, constant<f64>(S4))))),
    f64x2.mul(f64x2.mul(z, w), f64x2.add(constant<f64>(S5), f64x2.mul(z, constant<f64>(S6)))),
  );
  const cube = f64x2.mul(z, r);
  const half = f64x2.mul(constant<f64>(HALF), z);
  const bend = f64x2.sub(f64x2.mul(z, f64x2.sub(f64x2.mul(constant<f64>(HALF), tail), f64x2.mul(cube, s))), tail);
  const sines = f64x2.sub(r, f64x2.sub(bend, f64x2.mul(cube, constant<f64>(S1))));
  // cos: 1 - z/2 + (z² (C1 + …) - r tail), and the rounding error of 1 - z/2.
  const c = f64x2.mul(
    z,
    f64x2.add(
      f64x2.add(constant<f64>(C1), f64x2.mul(z, f64x2.add(constant<f64>(C2), f64x2.mul(z, constant<f64>(C3))))),
      f64x2.mul(
        f64x2.mul(z, w),
        f64x2.add(constant<f64>(C4), f64x2.mul(z, f64x2.add(constant<f64>(C5), f64x2.mul(z, constant<f64>(C6))))),
      ),
    ),
  );
  const top = f64x2.sub(constant<f64>(ONE64), half);
  const under = f64x2.sub(f64x2.sub(constant<f64>(ONE64), top), half);
  const cosines = f64x2.add(top, f64x2.add(under, f64x2.sub(f64x2.mul(z, c), f64x2.mul(r, tail))));

  const odd = i64x2.ne(v128.and(quadrant, i64x2.splat(1)), i64x2.splat(0));
  const flip = i64x2.shl(v128.and(quadrant, i64x2.splat(2)), 62);
  const y = v128.xor(v128.bitselect(cosines, sines, odd), flip);
  // -0 has lost its sign on the way.
  return v128.bitselect(x, y, v128.and(f64x2.eq(x, f64x2.splat(0)), i64x2.splat(quarters - 1)));
}

// 2 / π, 32 bits a word.
const BITS = memory.data<u32>([
  0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599, 0x3C439041, 0xFE5163AB, 0xDEBBC561, 0xB7246E3A, 0x424DD2E0,
  0x06492EEA, 0x09D1921C, 0xFE1DEB1C, 0xB129A73E, 0xE88235F5, 0x2EBB4484, 0xE99C7026, 0xB45F7E41, 0x3991D639, 0x835339F4,
  0x9C845F8B, 0xBDF9283B, 0x1FF897FF, 0xDE05980F, 0xEF2F118B, 0x5A0A6D1F, 0x6D367ECF, 0x27CB09B7, 0x4F463F66, 0x9E5FEA2D,
  0x7527BAC7, 0xEBE5F17B, 0x3D0739F7, 0x8A5292EA, 0x6BFB5FB1, 0x1F8D5D08, 0x56033046, 0xFC7B6BAB,
]);

// Two results of `reduce`, beside the quadrant: r = head + left.
let head: f64 = 0;
let left: f64 = 0;

// The product's 32-bit words, the lowest first.
const DIGITS = memory.data(40, 8);

/**
 * Returns the quadrant of a large x, with r in `head` and `left`. x = m · 2^e with a whole m of 53 bits. Bits of 2/π that weigh
 * 2 or more, times 2^e, make whole turns, so the product with m starts at the first other bit. A float64 comes as near to a
 * multiple of π/2 as 2^-61 of a turn; seven words have 100 bits more than that.
 */
function reduce(x: f64): i64 {
  const raw = reinterpret<u64>(x);
  const e = <i32>((raw >> 52) & 0x7ff) - 1075;
  if (e == 972) {
    head = NaN;
    left = NaN;
    return 0;
  }
  const m = (raw & 0xfffffffffffff) | 0x10000000000000;
  const first = e > 2 ? (e - 2) >> 5 : 0;
  const m0 = m & 0xffffffff, m1 = m >> 32;
  let carry: u64 = 0;
  let above: u64 = 0; // m1 · the word below, still to be added
  for (let i = 6; i >= 0; i--) {
    const bits = <u64>load<u32>(BITS + (<usize>(first + i) << 2));
    const low = m0 * bits;
    const sum = (low & 0xffffffff) + (above & 0xffffffff) + carry;
    carry = (sum >> 32) + (low >> 32) + (above >> 32);
    above = m1 * bits;
    store<u32>(own(DIGITS) + (<usize>(6 - i) << 2), <u32>sum);
  }
  store<u64>(own(DIGITS), carry + above, 28);
  // So many bits lie behind the point. Of those above it the lowest two are the quadrant.
  const point = 32 * (first + 7) - e;
  const whole = window(point - 62), rest = window(point - 126);
  let quadrant = <i64>(whole >> 62);
  let f1 = (whole << 2) | (rest >> 62); // the fraction, 64 bits
  let f0 = rest << 2;
  let negative = false;
  if (<i64>f1 < 0) {
    // Above ½: one quadrant more, and back.
    quadrant += 1;
    negative = true;
    f1 = ~f1;
    f0 = ~f0;
  }
  // The fraction as two numbers, the first of its leading 53 bits.
  const shift = clz(f1);
  if (shift > 0 && shift < 64) {
    f1 = (f1 << shift) | (f0 >> (64 - shift));
    f0 <<= shift;
  }
  const scale = reinterpret<f64>(<u64>(1023 - 64 - shift) << 52);
  const top = <f64>(f1 & ~0x7ff) * scale;
  const under = (<f64>(f1 & 0x7ff) + <f64>(f0 >> 11) * 1.1102230246251565e-16) * scale; // 2^-53
  // Times π/2, in two parts each: Dekker's product.
  const c = 134217729 * top; // 2^27 + 1
  const t1 = c - (c - top), t2 = top - t1;
  const product = top * 1.5707963267948966;
  // π/2 = 1.5707963407039642 - 1.3909067564377153e-8 + 6.123233995736766e-17
  const error = ((t1 * 1.5707963407039642 - product) - t1 * 1.3909067564377153e-8) + t2 * 1.5707963407039642
    - t2 * 1.3909067564377153e-8;
  const low = error + (top * 6.123233995736766e-17 + under * 1.5707963267948966);
  head = product + low;
  left = product - head + low;
  if (negative != (x < 0)) {
    head = -head;
    left = -left;
  }
  return x < 0 ? -quadrant : quadrant;
}

/** Returns 64 bits of the product, from the bit `at` up. */
function window(at: i32): u64 {
  const from = own(DIGITS) + <usize>(at >> 3);
  const shift = <u64>(at & 7);
  const bits = load<u64>(from);
  return shift == 0 ? bits : (bits >> shift) | (<u64>load<u8>(from, 8) << (64 - shift));
}
