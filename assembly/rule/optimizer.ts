// The table of optimizers. A step is tried before it is made: a parameter that would not be finite refuses the whole step,
// and then nothing has changed.

import { bytes } from "../kernel/part";

/** Plain descent: p - rate · g */
@unmanaged @final
class Sgd {
  @inline value<T>(p: v128, g: v128, rate: v128): v128 { return v128.sub<T>(p, v128.mul<T>(rate, g)); }
}

/** Whether every updated parameter is finite. p, g: (count), padded with zeros to whole lanes */
@inline
function check<F, T>(p: usize, g: usize, count: i32, rate: T): bool {
  const rates = v128.splat<T>(rate);
  let bad = v128.splat<T>(0); // stays 0, and becomes NaN with the first infinity or NaN
  for (const end = p + bytes<T>(count); p < end; p += 16, g += 16) {
    const next = changetype<F>(0).value<T>(v128.load(p), v128.load(g), rates);
    bad = v128.add<T>(bad, v128.mul<T>(next, v128.splat<T>(0)));
  }
  return !v128.any_true(v128.ne<T>(bad, bad));
}

@inline
function commit<F, T>(p: usize, g: usize, count: i32, rate: T): void {
  const rates = v128.splat<T>(rate);
  for (const end = p + bytes<T>(count); p < end; p += 16, g += 16) {
    v128.store(p, changetype<F>(0).value<T>(v128.load(p), v128.load(g), rates));
  }
}

/** Whether a step along the run of parameters keeps them finite. */
export function tryStep<T>(p: usize, g: usize, count: i32, rate: f64): bool {
  return check<Sgd, T>(p, g, count, <T>rate);
}

/** The step. */
export function step<T>(p: usize, g: usize, count: i32, rate: f64): void {
  commit<Sgd, T>(p, g, count, <T>rate);
}
