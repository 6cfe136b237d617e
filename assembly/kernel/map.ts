// Elementwise loops over whole lanes. A rule F is a class without fields, whose methods are inlined into the loop. A matrix
// costs one indirect call, and a number its arithmetic. The last lanes may lie in a matrix's padding.

import { bytes, lanes, storePart } from "./part";

/**
 * Sets y to 0, up to whole lanes. The host's fill is a call out of the engine, which pays off for many numbers only. y:
 * (count)
 */
@inline
export function zero<T>(y: usize, count: i32): void {
  if (count > 256) {
    memory.fill(y, 0, bytes<T>(count));
  } else {
    for (const end = y + bytes<T>(count); y < end; y += 16) v128.store(y, v128.splat<T>(0));
  }
}

/**
 * Computes y = y + share · (x - y), and y = x for a share of 1. If x and y are finite, so is the result: where the difference
 * overflows, it is (1 - share) · y + share · x. y, x: (count); share: from 0 to 1
 */
export function approach<T>(y: usize, x: usize, count: i32, share: f64): void {
  if (share == 1) {
    memory.copy(y, x, bytes<T>(count));
    return;
  }
  const taken = v128.splat<T>(<T>share), kept = v128.splat<T>(<T>(1 - share)), huge = v128.splat<T>(<T>Infinity);
  for (let left = count; left > 0; left -= lanes<T>(), y += 16, x += 16) {
    const from = v128.load(y), to = v128.load(x);
    const way = v128.sub<T>(to, from);
    const near = v128.add<T>(from, v128.mul<T>(taken, way));
    const far = v128.add<T>(v128.mul<T>(kept, from), v128.mul<T>(taken, to));
    const next = v128.bitselect(far, near, v128.eq<T>(v128.abs<T>(way), huge));
    if (left < lanes<T>()) storePart<T>(y, next, left);
    else v128.store(y, next);
  }
}

/** Computes y = F.value(x, parameter). x, y: (count) */
@inline
export function mapValue<F, T>(x: usize, y: usize, count: i32, parameter: T): void {
  const a = v128.splat<T>(parameter);
  for (const end = x + bytes<T>(count); x < end; x += 16, y += 16) {
    v128.store(y, changetype<F>(0).value<T>(v128.load(x), a));
  }
}

/** Computes `mapValue` by pairs of vectors, of which one fills the latency of the other. For the most used rules. */
@inline
export function mapPairs<F, T>(x: usize, y: usize, count: i32, parameter: T): void {
  const a = v128.splat<T>(parameter);
  for (const end = x + bytes<T>(count); x < end; x += 32, y += 32) {
    const next: usize = x + 16 < end ? 16 : 0;
    const first = changetype<F>(0).value<T>(v128.load(x), a);
    const second = changetype<F>(0).value<T>(v128.load(x + next), a);
    v128.store(y, first);
    v128.store(y + next, second);
  }
}

/** Computes d = d ⊙ F.slope(x, y, parameter). x, y, d: (count) */
@inline
export function mapSlope<F, T>(x: usize, y: usize, d: usize, count: i32, parameter: T): void {
  const a = v128.splat<T>(parameter);
  for (const end = x + bytes<T>(count); x < end; x += 16, y += 16, d += 16) {
    v128.store(d, v128.mul<T>(v128.load(d), changetype<F>(0).slope<T>(v128.load(x), v128.load(y), a)));
  }
}

/** Computes `mapSlope` by pairs of vectors, as `mapPairs` does. */
@inline
export function mapSlopePairs<F, T>(x: usize, y: usize, d: usize, count: i32, parameter: T): void {
  const a = v128.splat<T>(parameter);
  for (const end = x + bytes<T>(count); x < end; x += 32, y += 32, d += 32) {
    const next: usize = x + 16 < end ? 16 : 0;
    const first = changetype<F>(0).slope<T>(v128.load(x), v128.load(y), a);
    const second = changetype<F>(0).slope<T>(v128.load(x + next), v128.load(y + next), a);
    const d0 = v128.load(d), d1 = v128.load(d + next);
    v128.store(d, v128.mul<T>(d0, first));
    v128.store(d + next, v128.mul<T>(d1, second));
  }
}

/** Computes d += scale · F.slope(x, y, t, parameter). x, y, t, d: (count) */
@inline
export function addSlope<F, T>(x: usize, y: usize, t: usize, d: usize, count: i32, scale: T, parameter: T): void {
  const factor = v128.splat<T>(scale);
  const a = v128.splat<T>(parameter);
  for (const end = x + bytes<T>(count); x < end; x += 16, y += 16, t += 16, d += 16) {
    const slope = changetype<F>(0).slope<T>(v128.load(x), v128.load(y), v128.load(t), a);
    v128.store(d, v128.add<T>(v128.load(d), v128.mul<T>(slope, factor)));
  }
}
