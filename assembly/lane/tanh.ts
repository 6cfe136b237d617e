// tanh and the logistic function, both as a difference m - m · z instead of a quotient. Where the quotient z is least exact, it
// counts least.
//
// Error bounds, ulp: tanh 1.8 (float64) and 1.84 (float32); sigmoid 1.7 and 1.81; found as in exp.ts.

import { expBelow, expm1 } from "./exp";
import { half, one, sign, withSign } from "./lane";

/** Returns tanh x: for h = (e^2|x| - 1) / 2 and m = min(h, 1) it is m - m · m / (1 + h), with the sign of x. */
@inline
export function tanh<T>(x: v128): v128 {
  const up = v128.abs<T>(x);
  const h = v128.mul<T>(expm1<T>(v128.add<T>(up, up)), half<T>());
  const m = v128.pmin<T>(h, one<T>());
  return withSign<T>(v128.sub<T>(m, v128.mul<T>(m, v128.div<T>(m, v128.add<T>(one<T>(), h)))), x);
}

/** Returns 1 / (1 + e^-x): for e = e^-|x| and m = e if x < 0, else 1, it is m - (m · e) / (1 + e). */
@inline
export function sigmoid<T>(x: v128): v128 {
  const e = expBelow<T>(v128.or(x, sign<T>()));
  const m = v128.bitselect(e, one<T>(), v128.lt<T>(x, v128.splat<T>(0)));
  return v128.sub<T>(m, v128.div<T>(v128.mul<T>(m, e), v128.add<T>(one<T>(), e)));
}
