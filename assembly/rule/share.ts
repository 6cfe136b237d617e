// Joint forms on softmax of losses of single units, entropy and Poisson's: value beside derivative. For a unit near 1, 1 - y
// has few digits, in float32 none beyond a difference of 17 between pre-activations. So it is the sum of the other units.
// Logarithms are bounded below by -100, divisors by 1e-12. Scalar float64, since these forms are rare.
//
// For g, the derivative of a unit's loss by y, times y, the derivative by z is
//
//     dz_j = g_j (1 - y_j) - y_j Σ over k ≠ j of g_k

import { exp } from "../lane/exp";
import { largest, sum } from "../kernel/fold";
import { bytes } from "../kernel/part";
import { Cost, Fall, Slope, logarithm } from "./entropy";

/** -t ln y - (1 - t) ln(1 - y), for c = 1 - y and level = ln y without bound; a: smoothing */
@unmanaged @final
export class EntropyOfShare {
  @inline value(_y: f64, c: f64, level: f64, t: f64, a: f64): f64 {
    t += a * (0.5 - t);
    return -t * max(level, -100) - (1 - t) * logarithm(c);
  }
  /** Returns g = (y - t) y / (y (1 - y)). */
  @inline pull<T>(y: f64, c: f64, _level: f64, t: f64, a: f64): f64 {
    t += a * (0.5 - t);
    const distance = y > 0.5 ? 1 - t - c : y - t;
    return distance * y / max(y * c, 1e-12);
  }
}

/** y - t ln y */
@unmanaged @final
export class PoissonOfShare {
  @inline value(y: f64, _c: f64, level: f64, t: f64, _a: f64): f64 { return y - t * max(level, -100); }
  /** Returns g = (1 - t / y) y, where the divisor is at least e^-100. */
  @inline pull<T>(y: f64, _c: f64, level: f64, t: f64, _a: f64): f64 {
    return y - t * (level < -100 ? <f64>exponential<T>(<T>(level + 100)) : 1);
  }
}

/** Returns e^x. */
@inline
function exponential<T>(x: T): T {
  return v128.extract_lane<T>(exp<T>(v128.splat<T>(x)), 0);
}

/** Index of a row's largest unit, and sum of the others. */
let top: i32 = 0, rest: f64 = 0;

/** Computes `top` and `rest` of a row. y: (n) */
function look<T>(y: usize, n: i32): void {
  top = 0;
  for (let j = 1; j < n; j++) if (load<T>(y + bytes<T>(j)) > load<T>(y + bytes<T>(top))) top = j;
  rest = 0;
  for (let j = 0; j < n; j++) if (j != top) rest += <f64>load<T>(y + bytes<T>(j));
}

/** Returns ln Σ e^z. z: (n) */
function logSumExp<T>(z: usize, n: i32): f64 {
  const most = largest<T>(z, n);
  return <f64>most + logarithm(sum<Fall, T>(z, z, z, n, v128.splat<T>(most)));
}

/** Returns the weight of a unit. e: (n), or 0 where all weigh 1 */
@inline
function weightOf<T>(e: usize, j: i32): f64 {
  return e ? <f64>load<T>(e + bytes<T>(j)) : 1;
}

/** Computes costs[r] = Σ e · loss. z, y, t, e: (rows, n); costs: (rows) */
export function shareCosts<F, T>(z: usize, y: usize, t: usize, e: usize, costs: usize, rows: i32, n: i32, a: f64): void {
  for (let r = 0; r < rows; r++) {
    const level = logSumExp<T>(z, n);
    look<T>(y, n);
    let total: f64 = 0;
    for (let j = 0; j < n; j++) {
      const weight = weightOf<T>(e, j), at = bytes<T>(j);
      if (weight == 0) continue;
      const own = <f64>load<T>(y + at), others = j == top ? rest : 1 - own;
      total += weight * changetype<F>(0).value(own, others, <f64>load<T>(z + at) - level, <f64>load<T>(t + at), a);
    }
    store<f64>(costs + ((<usize>r) << 3), total);
    z += bytes<T>(n);
    y += bytes<T>(n);
    t += bytes<T>(n);
    if (e) e += bytes<T>(n);
  }
}

/** Computes delta += scale · dz. z, y, t, e, delta: (rows, n) */
export function addShareSlopes<F, T>(
  z: usize, y: usize, t: usize, e: usize, delta: usize, rows: i32, n: i32, scale: f64, a: f64,
): void {
  for (let r = 0; r < rows; r++) {
    const level = logSumExp<T>(z, n);
    look<T>(y, n);
    const first = pulled<F, T>(z, y, t, e, top, level, a);
    let others: f64 = 0;
    for (let j = 0; j < n; j++) if (j != top) others += pulled<F, T>(z, y, t, e, j, level, a);
    for (let j = 0; j < n; j++) {
      const at = bytes<T>(j), own = <f64>load<T>(y + at);
      const g = j == top ? first : pulled<F, T>(z, y, t, e, j, level, a);
      const d = j == top ? g * rest - own * others : g * (1 - own) - own * (first + (others - g));
      store<T>(delta + at, <T>(load<T>(delta + at) + <T>(scale * d)));
    }
    z += bytes<T>(n);
    y += bytes<T>(n);
    t += bytes<T>(n);
    delta += bytes<T>(n);
    if (e) e += bytes<T>(n);
  }
}

/** Returns e · g of a unit. */
@inline
function pulled<F, T>(z: usize, y: usize, t: usize, e: usize, j: i32, level: f64, a: f64): f64 {
  const weight = weightOf<T>(e, j), at = bytes<T>(j);
  if (weight == 0) return 0;
  const own = <f64>load<T>(y + at), others = j == top ? rest : 1 - own;
  return weight * changetype<F>(0).pull<T>(own, others, <f64>load<T>(z + at) - level, <f64>load<T>(t + at), a);
}

/** Returns the loop of a class's value. */
export function shareCost<F, T>(): Cost {
  return (z, y, t, costs, rows, n, a) => shareCosts<F, T>(z, y, t, 0, costs, rows, n, a);
}

/** Returns the loop of a class's derivative. */
export function shareSlope<F, T>(): Slope {
  return (z, y, t, delta, rows, n, scale, a) => addShareSlopes<F, T>(z, y, t, 0, delta, rows, n, scale, a);
}
