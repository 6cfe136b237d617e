// Rows and sums: loops along a row, and sums over the samples of a batch.

import { bytes, lanes, mask, storePart } from "./part";

/** Computes y[r] = x[r] + row, or y[r] = row if x is 0. y, x: (rows, n); row: (n) */
export function addRow<T>(y: usize, x: usize, row: usize, rows: i32, n: i32): void {
  const whole = n & -lanes<T>();
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < whole; j += lanes<T>()) {
      let v = v128.load(row + bytes<T>(j));
      if (x) v = v128.add<T>(v128.load(x + bytes<T>(j)), v);
      v128.store(y + bytes<T>(j), v);
    }
    if (whole < n) {
      let v = v128.load(row + bytes<T>(whole));
      if (x) v = v128.add<T>(v128.load(x + bytes<T>(whole)), v);
      storePart<T>(y + bytes<T>(whole), v, n - whole);
    }
    y += bytes<T>(n);
    if (x) x += bytes<T>(n);
  }
}

/** Returns two float64 with the sum of a vector. */
@inline
export function lift<T>(v: v128): v128 {
  if (sizeof<T>() == 8) return v;
  return f64x2.add(
    f64x2.promote_low_f32x4(v),
    f64x2.promote_low_f32x4(i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)),
  );
}

/** Returns two float64 with the sum of a vector's squares, computed in float64. */
@inline
export function liftSquare<T>(v: v128): v128 {
  const low = sizeof<T>() == 8 ? v : f64x2.promote_low_f32x4(v);
  const square = f64x2.mul(low, low);
  if (sizeof<T>() == 8) return square;
  const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0));
  return f64x2.add(square, f64x2.mul(high, high));
}

/** Returns the sum of the two float64 of a vector. */
@inline
export function across(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** Returns Σ F.value(x_j, y_j, t_j, a) over a row, in float64. x, y, t: (n) */
@inline
export function sum<F, T>(x: usize, y: usize, t: usize, n: i32, a: v128): f64 {
  let total = f64x2.splat(0);
  for (let j = 0; j < n; j += lanes<T>()) {
    const at = bytes<T>(j);
    let v = changetype<F>(0).value<T>(v128.load(x + at), v128.load(y + at), v128.load(t + at), a);
    if (n - j < lanes<T>()) v = v128.and(v, mask<T>(n - j));
    total = f64x2.add(total, lift<T>(v));
  }
  return across(total);
}

/** Returns the largest number of a row; NaN if one is NaN. x: (n) */
@inline
export function largest<T>(x: usize, n: i32): T {
  let top = load<T>(x);
  if (n >= lanes<T>()) {
    let v = v128.load(x);
    for (let j = lanes<T>(); j + lanes<T>() <= n; j += lanes<T>()) v = v128.max<T>(v, v128.load(x + bytes<T>(j)));
    for (let lane = 0; lane < lanes<T>(); lane++) {
      top = max(top, extract<T>(v, lane));
    }
  }
  for (let j = n & -lanes<T>(); j < n; j++) top = max(top, load<T>(x + bytes<T>(j)));
  return top;
}

/** Returns a lane of a vector. */
@inline
function extract<T>(v: v128, lane: i32): T {
  if (sizeof<T>() == 8) return <T>(lane == 0 ? f64x2.extract_lane(v, 0) : f64x2.extract_lane(v, 1));
  if (lane < 2) return <T>(lane == 0 ? f32x4.extract_lane(v, 0) : f32x4.extract_lane(v, 1));
  return <T>(lane == 2 ? f32x4.extract_lane(v, 2) : f32x4.extract_lane(v, 3));
}

/** Sums of the columns of one block of samples, in registers. */
@unmanaged @final
export class Columns {
  /** Sums the columns of a block. out: (n); d: (rows, n) */
  @inline block<T>(out: usize, _x: usize, d: usize, rows: i32, _m: i32, n: i32): void {
    const width = bytes<T>(n);
    const end = d + bytes<T>(n & -lanes<T>());
    for (; d + 64 <= end; d += 64, out += 64) strip<T>(4, out, d, rows, width);
    for (; d < end; d += 16, out += 16) strip<T>(1, out, d, rows, width);
    const part = n & (lanes<T>() - 1);
    if (!part) return;
    let v = v128.load(d);
    for (let r = 1; r < rows; r++) v = v128.add<T>(v, v128.load((d += width)));
    storePart<T>(out, v, part);
  }
}

/** Sums `wide` vectors of columns, `width` bytes to a row. */
@inline
function strip<T>(wide: i32, out: usize, d: usize, rows: i32, width: usize): void {
  let v0 = v128.load(d), v1 = v0, v2 = v0, v3 = v0;
  if (wide > 1) {
    v1 = v128.load(d, 16);
    v2 = v128.load(d, 32);
    v3 = v128.load(d, 48);
  }
  for (let r = 1; r < rows; r++) {
    d += width;
    v0 = v128.add<T>(v0, v128.load(d));
    if (wide == 1) continue;
    v1 = v128.add<T>(v1, v128.load(d, 16));
    v2 = v128.add<T>(v2, v128.load(d, 32));
    v3 = v128.add<T>(v3, v128.load(d, 48));
  }
  v128.store(out, v0);
  if (wide == 1) return;
  v128.store(out, v1, 16);
  v128.store(out, v2, 32);
  v128.store(out, v3, 48);
}

/** Computes y += x. y, x: (count) */
export function add<T>(y: usize, x: usize, count: i32): void {
  const whole = count & -lanes<T>();
  for (let j = 0; j < whole; j += lanes<T>()) {
    const at = bytes<T>(j);
    v128.store(y + at, v128.add<T>(v128.load(y + at), v128.load(x + at)));
  }
  for (let j = whole; j < count; j++) {
    const at = bytes<T>(j);
    store<T>(y + at, load<T>(y + at) + load<T>(x + at));
  }
}

/**
 * Sums over samples: each block of `size` in order, 128 for most, then the blocks in pairs, pairs of pairs, and so on. So the
 * bits are the same if blocks are computed in pieces or in threads.
 *
 *     ((b0 + b1) + (b2 + b3)) + b4
 *
 * A partial sum over 2^i blocks waits for the next 2^i blocks; `partialSums` has room for `count` numbers of each that can wait.
 * out: (count); x: (rows, m); d: (rows, n); size: rows of a block
 */
export function overSamples<B, T>(
  out: usize, count: i32, x: usize, d: usize, rows: i32, m: i32, n: i32, partialSums: usize, size: i32,
): void {
  let waiting = 0;
  for (let first = 0, block = 0; first < rows; first += size, block++) {
    changetype<B>(0).block<T>(
      place<T>(out, partialSums, count, waiting), x + bytes<T>(first * m), d + bytes<T>(first * n),
      min(rows - first, size), m, n,
    );
    waiting++;
    for (let twins = block; twins & 1; twins >>= 1) join<T>(out, partialSums, count, --waiting);
  }
  while (waiting > 1) join<T>(out, partialSums, count, --waiting);
}

/** Returns the address of a waiting sum; the first is `out`. */
@inline
export function place<T>(out: usize, partialSums: usize, count: i32, index: i32): usize {
  return index == 0 ? out : partialSums + bytes<T>((index - 1) * count);
}

/** Adds a waiting sum to the one before it. */
@inline
export function join<T>(out: usize, partialSums: usize, count: i32, index: i32): void {
  add<T>(place<T>(out, partialSums, count, index - 1), place<T>(out, partialSums, count, index), count);
}

/** Returns Σ F.value(x) lane by lane. Four sums run side by side, since each addition waits for the one before it. x: (count) */
@inline
function total<F, T>(x: usize, count: i32): v128 {
  let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
  const end = x + bytes<T>(count & -lanes<T>());
  for (; x + 48 < end; x += 64) {
    s0 = more<F, T>(s0, v128.load(x));
    s1 = more<F, T>(s1, v128.load(x, 16));
    s2 = more<F, T>(s2, v128.load(x, 32));
    s3 = more<F, T>(s3, v128.load(x, 48));
  }
  for (; x < end; x += 16) s0 = more<F, T>(s0, v128.load(x));
  const part = count & (lanes<T>() - 1);
  if (part) s1 = more<F, T>(s1, v128.and(v128.load(x), mask<T>(part)));
  return v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3));
}

/** Returns a sum with F.value(x) added. */
@inline
function more<F, T>(sum: v128, x: v128): v128 {
  return v128.add<T>(sum, changetype<F>(0).value<T>(x));
}

/** |x| */
@unmanaged @final
class Size {
  @inline value<T>(x: v128): v128 { return v128.abs<T>(x); }
}

/** 0, or NaN if x is not finite. */
@unmanaged @final
class Nothing {
  @inline value<T>(x: v128): v128 { return v128.mul<T>(x, v128.splat<T>(0)); }
}

/** Returns Σ |x|, which bounds every |x|; not finite if a number is not finite. x: (count) */
export function magnitude<T>(x: usize, count: i32): f64 {
  return across(lift<T>(total<Size, T>(x, count)));
}

/** Returns Σ (scale · x)², in float64. x: (count), padded with zeros to whole lanes */
export function squares<T>(x: usize, count: i32, scale: f64): f64 {
  const factor = v128.splat<T>(<T>scale);
  let total = f64x2.splat(0);
  for (const end = x + bytes<T>(count); x < end; x += 16) {
    total = f64x2.add(total, liftSquare<T>(v128.mul<T>(v128.load(x), factor)));
  }
  return across(total);
}

/** Returns the index of the first number that is not finite, or -1. x: (count) */
export function firstNotFinite<T>(x: usize, count: i32): i32 {
  const bad = total<Nothing, T>(x, count);
  if (!v128.any_true(v128.ne<T>(bad, bad))) return -1;
  for (let j = 0; j < count; j++) if (!isFinite<T>(load<T>(x + bytes<T>(j)))) return j;
  return -1;
}

/** Returns the index of the first number outside [0, 1], or -1; NaN is outside. x: (count) */
export function firstOutside<T>(x: usize, count: i32): i32 {
  const whole = count & -lanes<T>();
  let inside = i64x2.splat(-1);
  for (let j = 0; j < whole; j += lanes<T>()) inside = v128.and(inside, unit<T>(v128.load(x + bytes<T>(j))));
  if (whole < count) {
    const v = v128.and(v128.load(x + bytes<T>(whole)), mask<T>(count - whole));
    inside = v128.and(inside, unit<T>(v));
  }
  if (i32x4.all_true(inside)) return -1;
  for (let j = 0; j < count; j++) {
    const value = load<T>(x + bytes<T>(j));
    if (!(value >= 0 && value <= 1)) return j;
  }
  return -1;
}

/** Returns a mask with all bits set where a number lies in [0, 1]. */
@inline
function unit<T>(v: v128): v128 {
  return v128.and(v128.ge<T>(v, v128.splat<T>(0)), v128.le<T>(v, v128.splat<T>(1)));
}
