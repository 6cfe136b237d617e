// Numbers of 16 bits, exactly converted to float32.

/** Ratio of a half to the float32 that has its shifted bits: the exponents' biases differ by 127 - 15. */
const SCALE = 5.192296858534828e33; // 2¹¹²

/** Reads IEEE 754's binary16: a sign, 5 bits of exponent, 10 of fraction. */
export function fromHalf(halves: Uint16Array): Float32Array {
  const words = Uint32Array.from(halves, (half) => {
    const special = (half & 0x7c00) === 0x7c00 ? 0x7f800000 : 0; // an infinity, or a NaN
    return ((half & 0x8000) << 16) | special | ((half & 0x7fff) << 13);
  });
  // Infinities and NaN don't change by the factor; a subnormal half is a subnormal float32 before it is scaled.
  return new Float32Array(words.buffer).map((value) => value * SCALE);
}

/** Reads bfloat16: the upper half of a float32. */
export function fromBfloat(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
