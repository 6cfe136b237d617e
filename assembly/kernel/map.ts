// Elementwise loops over whole lanes. A rule F is a class without fields whose methods are inlined into the loop, so that
// a buffer costs one indirect call and a number costs its arithmetic. The last lanes may lie in a buffer's padding.

import { bytes, lanes, storePart } from "./part";

/** y = 0, up to whole lanes. The host's fill is a call out of the engine: worth it for many numbers alone. y: (count) */
@inline
export function zero<T>(y: usize, count: i32): void {
  if (count > 256) {
    memory.fill(y, 0, bytes<T>(count));
  } else {
    for (const end = y + bytes<T>(count); y < end; y += 16) v128.store(y, v128.splat<T>(0));
  }
}

/** y = y ⊙ x. y, x: (count) */
export function scaleBy<T>(y: usize, x: usize, count: i32): void {
  for (const end = y + bytes<T>(count); y < end; y += 16, x += 16) {
    v128.store(y, v128.mul<T>(v128.load(y), v128.load(x)));
  }
}

/**
 * y = y + share · (x - y), and x itself for a share of 1; finite where both are, and the share lies in [0, 1]: where the
 * difference overflows, (1 - share) · y + share · x. y, x: (count)
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

/** y = F.value(x, a). x, y: (count) */
@inline
export function mapValue<F, T>(x: usize, y: usize, count: i32, a: T): void {
  const own = v128.splat<T>(a);
  for (const end = x + bytes<T>(count); x < end; x += 16, y += 16) {
    v128.store(y, changetype<F>(0).value<T>(v128.load(x), own));
  }
}

/** The same by two vectors, the last of which may be one: their sums fill each other's waits. Worth it for the most used. */
@inline
export function mapPairs<F, T>(x: usize, y: usize, count: i32, a: T): void {
  const own = v128.splat<T>(a);
  for (const end = x + bytes<T>(count); x < end; x += 32, y += 32) {
    const next: usize = x + 16 < end ? 16 : 0;
    const first = changetype<F>(0).value<T>(v128.load(x), own);
    const second = changetype<F>(0).value<T>(v128.load(x + next), own);
    v128.store(y, first);
    v128.store(y + next, second);
  }
}

/** d = d ⊙ F.slope(x, y, a). x, y, d: (count) */
@inline
export function mapSlope<F, T>(x: usize, y: usize, d: usize, count: i32, a: T): void {
  const own = v128.splat<T>(a);
  for (const end = x + bytes<T>(count); x < end; x += 16, y += 16, d += 16) {
    v128.store(d, v128.mul<T>(v128.load(d), changetype<F>(0).slope<T>(v128.load(x), v128.load(y), own)));
  }
}

/** The same by two vectors, as `mapPairs`. */
@inline
export function mapSlopePairs<F, T>(x: usize, y: usize, d: usize, count: i32, a: T): void {
  const own = v128.splat<T>(a);
  for (const end = x + bytes<T>(count); x < end; x += 32, y += 32, d += 32) {
    const next: usize = x + 16 < end ? 16 : 0;
    const first = changetype<F>(0).slope<T>(v128.load(x), v128.load(y), own);
    const second = changetype<F>(0).slope<T>(v128.load(x + next), v128.load(y + next), own);
    const d0 = v128.load(d), d1 = v128.load(d + next);
    v128.store(d, v128.mul<T>(d0, first));
    v128.store(d + next, v128.mul<T>(d1, second));
  }
}

/** d += scale · F.slope(x, y, t, a). x, y, t, d: (count) */
@inline
export function addSlope<F, T>(x: usize, y: usize, t: usize, d: usize, count: i32, scale: T, a: T): void {
  const factor = v128.splat<T>(scale);
  const own = v128.splat<T>(a);
  for (const end = x + bytes<T>(count); x < end; x += 16, y += 16, t += 16, d += 16) {
    const slope = changetype<F>(0).slope<T>(v128.load(x), v128.load(y), v128.load(t), own);
    v128.store(d, v128.add<T>(v128.load(d), v128.mul<T>(slope, factor)));
  }
}
