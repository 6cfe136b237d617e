// The limit of products: independent chains of a multiplication and an addition, with every operand in a register.

// Twelve chains, enough to hide the latency of both operations; each turn is 12 kernels and 12 sums in every lane.
// @ts-expect-error: decorator
@inline
function chains<T>(turns: i32, at: usize): void {
  const x = v128.load(at), y = v128.load(at, 16);
  let s0 = v128.load(at, 32), s1 = v128.load(at, 48), s2 = v128.load(at, 64), s3 = v128.load(at, 80);
  let s4 = v128.load(at, 96), s5 = v128.load(at, 112), s6 = v128.load(at, 128), s7 = v128.load(at, 144);
  let s8 = v128.load(at, 160), s9 = v128.load(at, 176), s10 = v128.load(at, 192), s11 = v128.load(at, 208);
  for (; turns > 0; turns--) {
    s0 = v128.add<T>(v128.mul<T>(s0, x), y);
    s1 = v128.add<T>(v128.mul<T>(s1, x), y);
    s2 = v128.add<T>(v128.mul<T>(s2, x), y);
    s3 = v128.add<T>(v128.mul<T>(s3, x), y);
    s4 = v128.add<T>(v128.mul<T>(s4, x), y);
    s5 = v128.add<T>(v128.mul<T>(s5, x), y);
    s6 = v128.add<T>(v128.mul<T>(s6, x), y);
    s7 = v128.add<T>(v128.mul<T>(s7, x), y);
    s8 = v128.add<T>(v128.mul<T>(s8, x), y);
    s9 = v128.add<T>(v128.mul<T>(s9, x), y);
    s10 = v128.add<T>(v128.mul<T>(s10, x), y);
    s11 = v128.add<T>(v128.mul<T>(s11, x), y);
  }
  v128.store(at, s0, 32); v128.store(at, s1, 48); v128.store(at, s2, 64); v128.store(at, s3, 80);
  v128.store(at, s4, 96); v128.store(at, s5, 112); v128.store(at, s6, 128); v128.store(at, s7, 144);
  v128.store(at, s8, 160); v128.store(at, s9, 176); v128.store(at, s10, 192); v128.store(at, s11, 208);
}

export function chains64(turns: i32, at: usize): void { chains<f64>(turns, at); }
export function chains32(turns: i32, at: usize): void { chains<f32>(turns, at); }
