// The table of optimizers. A step leaves the old parameters where their gradients were: where a new one is not finite, all of
// them are taken back.

import { bytes } from "../kernel/part";

/** Plain descent: p - rate · g */
@unmanaged @final
class Sgd {
  @inline value<T>(p: v128, g: v128, rate: v128): v128 { return v128.sub<T>(p, v128.mul<T>(rate, g)); }
}

/** p = F.value(p, g), g = p. Whether every new number is finite. p, g: (count), padded with zeros to whole lanes */
@inline
function exchange<F, T>(p: usize, g: usize, count: i32, rate: T): bool {
  const rates = v128.splat<T>(rate);
  let bad = v128.splat<T>(0); // stays 0, and becomes NaN with the first infinity or NaN
  for (const end = p + bytes<T>(count); p < end; p += 16, g += 16) {
    const old = v128.load(p);
    const next = changetype<F>(0).value<T>(old, v128.load(g), rates);
    v128.store(p, next);
    v128.store(g, old);
    bad = v128.add<T>(bad, v128.mul<T>(next, v128.splat<T>(0)));
  }
  return !v128.any_true(v128.ne<T>(bad, bad));
}

/** A step along a run of parameters, which gives whether it keeps them finite; the gradients become the old parameters. */
export function step<T>(p: usize, g: usize, count: i32, rate: f64): bool {
  return exchange<Sgd, T>(p, g, count, <T>rate);
}

/** Takes a step back. */
export function retract<T>(p: usize, g: usize, count: i32): void {
  memory.copy(p, g, bytes<T>(count));
}
