// The table of losses: value beside derivative, for the target t, the post-activation y and the pre-activation z. A loss's
// kind is its place in the table at the end, and src/rule.ts names the kinds in the same order. After the losses come the
// joint forms of an activation and a loss, which stay exact where y is saturated; their derivative is the one by z.
// Logarithms are bounded below by -100 and divisors by 1e-12, as PyTorch does.

import { exp } from "../lane/exp";
import { log, log1pUnit } from "../lane/log";
import { largest, sum } from "../kernel/fold";
import { addSlope } from "../kernel/map";
import { bytes } from "../kernel/part";
import { SIGMOID, SOFTMAX } from "./activation";

/** costs[r] = Σ over the units of the row r, in float64. z, y, t: (rows, n); costs: (rows) */
export type Cost = (z: usize, y: usize, t: usize, costs: usize, rows: i32, n: i32) => void;
/** delta += scale · derivative. z, y, t, delta: (rows, n) */
export type Slope = (z: usize, y: usize, t: usize, delta: usize, rows: i32, n: i32, scale: f64) => void;

@inline
function boundedLog<T>(y: v128): v128 {
  return v128.max<T>(log<T>(y), v128.splat<T>(-100));
}

@inline
function boundedDivisor<T>(y: v128): v128 {
  return v128.max<T>(y, v128.splat<T>(<T>1e-12));
}

/** -t ln y - (1 - t) ln(1 - y); (y - t) / (y (1 - y)) */
@unmanaged @final
class Entropy {
  @inline value<T>(_z: v128, y: v128, t: v128): v128 {
    const one = v128.splat<T>(1);
    const hit = v128.mul<T>(t, boundedLog<T>(y));
    const miss = v128.mul<T>(v128.sub<T>(one, t), boundedLog<T>(v128.sub<T>(one, y)));
    return v128.neg<T>(v128.add<T>(hit, miss));
  }
  @inline slope<T>(_z: v128, y: v128, t: v128): v128 {
    return v128.div<T>(
      v128.sub<T>(y, t),
      boundedDivisor<T>(v128.mul<T>(y, v128.sub<T>(v128.splat<T>(1), y))),
    );
  }
}

/** (y - t)²; 2 (y - t) */
@unmanaged @final
class SquaredError {
  @inline value<T>(_z: v128, y: v128, t: v128): v128 {
    const d = v128.sub<T>(y, t);
    return v128.mul<T>(d, d);
  }
  @inline slope<T>(_z: v128, y: v128, t: v128): v128 {
    const d = v128.sub<T>(y, t);
    return v128.add<T>(d, d);
  }
}

/** -t ln y; -t / y */
@unmanaged @final
class CrossEntropy {
  @inline value<T>(_z: v128, y: v128, t: v128): v128 {
    return v128.neg<T>(v128.mul<T>(t, boundedLog<T>(y)));
  }
  @inline slope<T>(_z: v128, y: v128, t: v128): v128 {
    return v128.neg<T>(v128.div<T>(t, boundedDivisor<T>(y)));
  }
}

/** Entropy on sigmoid: max(z, 0) - t z + log1p(e^-|z|); y - t */
@unmanaged @final
export class EntropyOnSigmoid {
  @inline value<T>(z: v128, _y: v128, t: v128): v128 {
    const rest = log1pUnit<T>(exp<T>(v128.neg<T>(v128.abs<T>(z))));
    const top = v128.max<T>(z, v128.splat<T>(0));
    return v128.add<T>(v128.sub<T>(top, v128.mul<T>(t, z)), rest);
  }
  @inline slope<T>(_z: v128, y: v128, t: v128): v128 { return v128.sub<T>(y, t); }
}

/** t */
@unmanaged @final
class Mass {
  @inline value<T>(_z: v128, _y: v128, t: v128): v128 { return t; }
}

function cost<F, T>(): Cost {
  return (z, y, t, costs, rows, n) => {
    for (let r = 0; r < rows; r++) {
      const at = bytes<T>(r * n);
      store<f64>(costs + ((<usize>r) << 3), sum<F, T>(z + at, y + at, t + at, n));
    }
  };
}

function slope<F, T>(): Slope {
  return (z, y, t, delta, rows, n, scale) => addSlope<F, T>(z, y, t, delta, rows * n, <T>scale);
}

/** crossEntropy on softmax: Σ t (logsumexp z - z), logsumexp z = top + ln Σ e^(z - top) */
function softmaxCost<T>(): Cost {
  return (z, _y, t, costs, rows, n) => {
    for (let r = 0; r < rows; r++) {
      const top = largest<T>(z, n);
      let total: f64 = 0;
      for (let j = 0; j < n; j++) {
        total += <f64>extractFirst<T>(exp<T>(v128.splat<T>(load<T>(z + bytes<T>(j)) - top)));
      }
      const level = extractFirst<f64>(log<f64>(f64x2.splat(total)));
      let row: f64 = 0;
      for (let j = 0; j < n; j++) {
        row += <f64>load<T>(t + bytes<T>(j)) * (level - (<f64>load<T>(z + bytes<T>(j)) - <f64>top));
      }
      store<f64>(costs + ((<usize>r) << 3), row);
      z += bytes<T>(n);
      t += bytes<T>(n);
    }
  };
}

@inline
function extractFirst<T>(v: v128): T {
  return sizeof<T>() == 8 ? <T>f64x2.extract_lane(v, 0) : <T>f32x4.extract_lane(v, 0);
}

/** y · Σt - t, which is y - t where the targets of a row sum to 1 */
function softmaxSlope<T>(): Slope {
  return (z, y, t, delta, rows, n, scale) => {
    for (let r = 0; r < rows; r++) {
      const mass = <T>sum<Mass, T>(z, y, t, n);
      for (let j = 0; j < n; j++) {
        const at = bytes<T>(j);
        const d = load<T>(y + at) * mass - load<T>(t + at);
        store<T>(delta + at, load<T>(delta + at) + d * <T>scale);
      }
      z += bytes<T>(n);
      y += bytes<T>(n);
      t += bytes<T>(n);
      delta += bytes<T>(n);
    }
  };
}

/** The kinds; src/rule.ts has the same names in the same order. */
export const ENTROPY: u32 = 0;
export const MSE: u32 = 1;
export const CROSS_ENTROPY: u32 = 2;
export const LOSSES: u32 = 3;
export const ENTROPY_ON_SIGMOID: u32 = 3;
const CROSS_ENTROPY_ON_SOFTMAX: u32 = 4;

/** The form in which a loss is computed on an activation: a joint one, from LOSSES on, or the loss itself. */
@inline
export function form(loss: u32, activation: u32): u32 {
  if (loss == ENTROPY && activation == SIGMOID) return ENTROPY_ON_SIGMOID;
  if (loss == CROSS_ENTROPY && activation == SOFTMAX) return CROSS_ENTROPY_ON_SOFTMAX;
  return loss;
}

function costs<T>(): StaticArray<Cost> {
  return [
    cost<Entropy, T>(), cost<SquaredError, T>(), cost<CrossEntropy, T>(), cost<EntropyOnSigmoid, T>(), softmaxCost<T>(),
  ];
}

function slopes<T>(): StaticArray<Slope> {
  return [
    slope<Entropy, T>(), slope<SquaredError, T>(), slope<CrossEntropy, T>(), slope<EntropyOnSigmoid, T>(), softmaxSlope<T>(),
  ];
}

const costs32 = costs<f32>();
const costs64 = costs<f64>();
const slopes32 = slopes<f32>();
const slopes64 = slopes<f64>();

/** costs[r] = the loss of the row r. */
@inline
export function measure<T>(form: u32, z: usize, y: usize, t: usize, costs: usize, rows: i32, n: i32): void {
  (sizeof<T>() == 8 ? costs64 : costs32)[form](z, y, t, costs, rows, n);
}

/** delta += scale · the derivative, by y or, in a joint form, by z. */
@inline
export function addGradient<T>(
  form: u32, z: usize, y: usize, t: usize, delta: usize, rows: i32, n: i32, scale: f64,
): void {
  (sizeof<T>() == 8 ? slopes64 : slopes32)[form](z, y, t, delta, rows, n, scale);
}
