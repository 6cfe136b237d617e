// Measures a function over lanes. An error is in units in the last place of the correct result, fractions included. It is
// Infinity if a lane's result depends on its place or on the other lanes.

export type Lanes = (x: v128) => v128;

/** Returns f(x), or a NaN with all bits set if lanes differ. */
export function value<T>(f: Lanes, x: T): T {
  const y = f(v128.splat<T>(x));
  const first = v128.extract_lane<T>(y, 0);
  if (sizeof<T>() == 8) return v128.all_true<i64>(i64x2.eq(y, v128.splat<T>(first))) ? first : reinterpret<f64>(<u64>-1);
  return v128.all_true<i32>(i32x4.eq(y, v128.splat<T>(first))) ? first : reinterpret<f32>(<u32>-1);
}

/** Returns the bits of a result, in which 0 and -0 differ. */
export function bits<T>(x: T): u64 {
  if (sizeof<T>() == 8) return reinterpret<u64>(<f64>x);
  return reinterpret<u32>(<f32>x);
}

/** Returns the largest error over a table of reference.ts. */
export function worst(f: Lanes, table: StaticArray<f64>): f64 {
  let most: f64 = 0;
  let other = v128.splat<f64>(1);
  for (let i = 0; i < table.length; i += 3) {
    const x = f64x2.splat(table[i]), y = table[i + 1];
    const left = f(v128.shuffle<f64>(x, other, 0, 2)), right = f(v128.shuffle<f64>(other, x, 0, 2));
    const got = f64x2.extract_lane(left, 0);
    if (bits<f64>(got) != bits<f64>(f64x2.extract_lane(right, 1))) return Infinity;
    const unit = reinterpret<f64>(reinterpret<u64>(abs(y)) + 1) - abs(y);
    const error = abs((got - y) / unit - table[i + 2]);
    if (!(error <= most)) most = error;
    other = x;
  }
  return most;
}

/** Returns the largest error of `narrow` against `wide` over `count` float32 numbers, evenly spread over the bits from a to b. */
export function worst32(narrow: Lanes, wide: Lanes, a: f32, b: f32, count: u32): f64 {
  const first = reinterpret<u32>(a), step = (reinterpret<u32>(b) - first) / (count - 1);
  let most: f64 = 0;
  for (let i: u32 = 0; i < count; i += 4) {
    const at = first + i * step;
    const x = i32x4.add(i32x4.splat(at), i32x4.mul(i32x4.splat(step), i32x4(0, 1, 2, 3)));
    const y = narrow(x);
    const turned = narrow(v128.shuffle<i32>(x, x, 1, 2, 3, 0));
    if (!v128.all_true<i32>(i32x4.eq(v128.shuffle<i32>(y, y, 1, 2, 3, 0), turned))) return Infinity;
    const low = distance(y, wide(f64x2.promote_low_f32x4(x)));
    const high = distance(v128.shuffle<i64>(y, y, 1, 0), wide(f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0))));
    if (!(low <= most)) most = low;
    if (!(high <= most)) most = high;
  }
  return most;
}

/** Returns the larger error of the first two lanes of y, in float32, against `exact`, in float64. */
function distance(y: v128, exact: v128): f64 {
  const e0 = error(f32x4.extract_lane(y, 0), f64x2.extract_lane(exact, 0));
  const e1 = error(f32x4.extract_lane(y, 1), f64x2.extract_lane(exact, 1));
  return e0 <= e1 ? e1 : e0; // a NaN is kept
}

function error(y: f32, exact: f64): f64 {
  const rounded = abs(<f32>exact);
  if (rounded == Infinity) return y == <f32>exact ? 0 : Infinity;
  const unit = <f64>reinterpret<f32>(reinterpret<u32>(rounded) + 1) - <f64>rounded;
  return abs(<f64>y - exact) / unit;
}
