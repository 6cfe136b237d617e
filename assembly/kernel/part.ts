// The end of a row: fewer numbers than a vector holds.

/** Returns the number of lanes of a vector. */
@inline
export function lanes<T>(): i32 {
  return 16 / <i32>sizeof<T>();
}

/** Returns the bytes of `count` numbers. */
@inline
export function bytes<T>(count: i32): usize {
  return (<usize>count) * sizeof<T>();
}

/** Stores the first `count` numbers of a vector, 0 < count < lanes. */
@inline
export function storePart<T>(at: usize, v: v128, count: i32): void {
  if (sizeof<T>() == 8) {
    v128.store64_lane(at, v, 0);
  } else if (count == 1) {
    v128.store32_lane(at, v, 0);
  } else {
    v128.store64_lane(at, v, 0);
    if (count == 3) v128.store32_lane(at, v, 2, 8);
  }
}

/** Stores the first `left` numbers of a vector, or all if it has no more. */
@inline
export function put<T>(at: usize, v: v128, left: i32): void {
  if (left < lanes<T>()) storePart<T>(at, v, left);
  else v128.store(at, v);
}

/** Returns a mask with all bits set in the first `count` numbers, 0 < count < lanes. */
@inline
export function mask<T>(count: i32): v128 {
  if (sizeof<T>() == 8) return i64x2(-1, 0);
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

/** Returns the first `left` numbers of a vector, with zeros in the others. */
@inline
export function kept<T>(v: v128, left: i32): v128 {
  return left < lanes<T>() ? v128.and(v, mask<T>(left)) : v;
}
