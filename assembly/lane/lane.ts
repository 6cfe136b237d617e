// Parts of all functions over lanes. Constants lie in memory and are read into every lane: V8 builds a v128.const anew on each
// turn of a loop, with which log took 11 to 18 % longer.

/** Returns the constant at `address`, in every lane. */
@inline
export function constant<T>(address: usize): v128 {
  return v128.load_splat<T>(address);
}

/** Returns one of two constants, by the precision. */
@inline
export function either<T>(wide: usize, narrow: usize): v128 {
  if (sizeof<T>() == 8) return v128.load_splat<f64>(wide);
  return v128.load_splat<f32>(narrow);
}

export const ONE64 = memory.data<f64>([1]), ONE32 = memory.data<f32>([1]);

/** Returns 1 in every lane. */
@inline
export function one<T>(): v128 {
  return either<T>(ONE64, ONE32);
}

const HALF64 = memory.data<f64>([0.5]), HALF32 = memory.data<f32>([0.5]);

/** Returns ½ in every lane. */
@inline
export function half<T>(): v128 {
  return either<T>(HALF64, HALF32);
}

const TWO64 = memory.data<f64>([2]), TWO32 = memory.data<f32>([2]);

/** Returns 2 in every lane. */
@inline
export function two<T>(): v128 {
  return either<T>(TWO64, TWO32);
}

const SIGN64 = memory.data<f64>([-0.0]), SIGN32 = memory.data<f32>([-0.0]);

/** Returns -0 in every lane: the bit of the sign. */
@inline
export function sign<T>(): v128 {
  return either<T>(SIGN64, SIGN32);
}

/** Returns y, with the sign bit set where x has it. */
@inline
export function withSign<T>(y: v128, x: v128): v128 {
  return v128.or(y, v128.and(x, sign<T>()));
}

/** Returns the last two of four float32, in float64. */
@inline
export function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0));
}

/** Returns four float64 in float32. */
@inline
export function demoted(low: v128, high: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}
