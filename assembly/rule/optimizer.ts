// The table of optimizers. A step leaves the old parameters where their gradients were (`kept`): where a new one is not
// finite, all of them are taken back. `bad` stays 0, and becomes NaN with the first number that is not finite.

import { bytes, lanes, mask, storePart } from "../kernel/part";
import { grow } from "../kernel/tile";

/** Plain descent: p - rate · g */
@unmanaged @final
class Sgd {
  @inline value<T>(p: v128, g: v128, rate: v128): v128 { return v128.sub<T>(p, v128.mul<T>(rate, g)); }
}

/** A step along a run of parameters; whether it keeps them finite. p, g: (count), padded with zeros to whole lanes */
export function step<T>(p: usize, g: usize, count: i32, rate: f64): bool {
  const rates = v128.splat<T>(<T>rate);
  let bad = v128.splat<T>(0);
  for (const end = p + bytes<T>(count); p < end; p += 16, g += 16) {
    const old = v128.load(p);
    const next = changetype<Sgd>(0).value<T>(old, v128.load(g), rates);
    v128.store(p, next);
    v128.store(g, old);
    bad = v128.add<T>(bad, v128.mul<T>(next, v128.splat<T>(0)));
  }
  return !v128.any_true(v128.ne<T>(bad, bad));
}

/**
 * A finite parameter stays finite in a step below this: half a unit in the last place of the largest number. So it need not
 * be looked at, nor kept to be taken back.
 */
@inline
export function harmless<T>(step: f64): bool {
  return step < (sizeof<T>() == 8 ? 9.9e291 : 1e31); // 2^970, 2^103
}

/** The step of a bias by the delta of one sample; the padding stays as it is. p, delta: (n) */
@inline
export function stepBias<T>(p: usize, delta: usize, n: i32, rate: v128): void {
  for (; n >= lanes<T>(); n -= lanes<T>()) {
    v128.store(p, changetype<Sgd>(0).value<T>(v128.load(p), v128.load(delta), rate));
    p += 16;
    delta += 16;
  }
  // A whole vector, for what is stored in pieces and read at once must wait for the cache.
  if (n) v128.store(p, changetype<Sgd>(0).value<T>(v128.load(p), v128.and(v128.load(delta), mask<T>(n)), rate));
}

/**
 * The step of a matrix by xᵀ · d, the gradient of one sample, which is not stored. +0 is added, as in every sum.
 * p: (m, n); x: (m); d: (n)
 */
@inline
export function stepOuter<T>(p: usize, x: usize, d: usize, m: i32, n: i32, rate: v128): void {
  if (n == 1) return stepColumn<T>(p, x, d, m, rate);
  const part = n & (lanes<T>() - 1);
  const width = bytes<T>(n);
  let j: usize = 0;
  for (; j + 64 <= width; j += 64) strip<T>(4, p + j, x, d + j, m, width, rate);
  if (j + 32 <= width) {
    strip<T>(2, p + j, x, d + j, m, width, rate);
    j += 32;
  }
  if (j + 16 <= width) {
    strip<T>(1, p + j, x, d + j, m, width, rate);
    j += 16;
  }
  if (!part) return;
  const right = v128.load(d + j);
  p += j;
  for (const end = x + bytes<T>(m); x < end; x += sizeof<T>()) {
    storePart<T>(p, moved<T>(v128.load(p), v128.load_splat<T>(x), right, rate), part);
    p += width;
  }
}

/** The step of one column, which is contiguous. p, x: (m) */
@inline
export function stepColumn<T>(p: usize, x: usize, d: usize, m: i32, rate: v128): void {
  const v = v128.load_splat<T>(d);
  for (; m >= lanes<T>(); m -= lanes<T>()) {
    v128.store(p, moved<T>(v128.load(p), v128.load(x), v, rate));
    p += 16;
    x += 16;
  }
  if (m) v128.store(p, moved<T>(v128.load(p), v128.and(v128.load(x), mask<T>(m)), v, rate));
}

/** The step of one vector. */
@inline
function moved<T>(p: v128, x: v128, d: v128, rate: v128): v128 {
  return changetype<Sgd>(0).value<T>(p, grow<T>(i64x2.splat(0), x, d), rate);
}

// `wide` vectors of columns, whose deltas stay in registers; a constant where this is inlined.
@inline
function strip<T>(wide: i32, p: usize, x: usize, d: usize, m: i32, width: usize, rate: v128): void {
  const none = i64x2.splat(0);
  const d0 = v128.load(d);
  const d1 = wide > 1 ? v128.load(d, 16) : none;
  const d2 = wide > 2 ? v128.load(d, 32) : none;
  const d3 = wide > 2 ? v128.load(d, 48) : none;
  for (const end = x + bytes<T>(m); x < end; x += sizeof<T>()) {
    const v = v128.load_splat<T>(x);
    v128.store(p, moved<T>(v128.load(p), v, d0, rate));
    if (wide > 1) v128.store(p, moved<T>(v128.load(p, 16), v, d1, rate), 16);
    if (wide > 2) v128.store(p, moved<T>(v128.load(p, 32), v, d2, rate), 32);
    if (wide > 2) v128.store(p, moved<T>(v128.load(p, 48), v, d3, rate), 48);
    p += width;
  }
}

/** Takes a step back. p, kept: (count) */
export function retract<T>(p: usize, kept: usize, count: i32): void {
  memory.copy(p, kept, bytes<T>(count));
}
