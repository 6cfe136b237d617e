// The table of losses: value beside derivative, for the target t and the post-activation y. A loss's kind is its place in the
// table at the end, and src/rules/rule.ts names the kinds in the same order; after the losses come the joint forms. Here are the
// losses of a difference or a margin; the losses that take logarithms, and the joint forms, are in entropy.ts, poisson.ts and
// share.ts.

import { expm1 } from "../lane/exp";
import { either, half, one } from "../lane/lane";
import { log1pUnit } from "../lane/log";
import { tanh } from "../lane/tanh";
import { sum } from "../kernel/fold";
import { addSlope } from "../kernel/map";
import { bytes } from "../kernel/part";
import { EXP, HARD_SIGMOID, SIGMOID, SOFTMAX, SOFTPLUS } from "./activation";
import {
  Cost, crossEntropyCost, crossEntropyOnSoftmax, crossEntropySlope, Entropy, EntropyOnHardSigmoid, EntropyOnSigmoid, Kl,
  klOnSoftmax, Slope, slopeOnSoftmax,
} from "./entropy";
import { Poisson, PoissonOnExp, PoissonOnSigmoid, PoissonOnSoftplus } from "./poisson";
import { EntropyOfShare, PoissonOfShare, shareCost, shareSlope } from "./share";

/** (y - t)²; 2 (y - t) */
@unmanaged @final
export class Mse {
  @inline value<T>(_z: v128, y: v128, t: v128, _a: v128): v128 {
    const d = v128.sub<T>(y, t);
    return v128.mul<T>(d, d);
  }
  @inline slope<T>(_z: v128, y: v128, t: v128, _a: v128): v128 {
    const d = v128.sub<T>(y, t);
    return v128.add<T>(d, d);
  }
}

/** |y - t|; its sign, 0 at 0 */
@unmanaged @final
class Mae {
  @inline value<T>(_z: v128, y: v128, t: v128, _a: v128): v128 { return v128.abs<T>(v128.sub<T>(y, t)); }
  @inline slope<T>(_z: v128, y: v128, t: v128, _a: v128): v128 {
    const above = v128.and(v128.gt<T>(y, t), one<T>());
    return v128.sub<T>(above, v128.and(v128.lt<T>(y, t), one<T>()));
  }
}

/** d²/2 for |d| ≤ a, else a (|d| - a/2), d = y - t; d between ±a. Huber, "Robust estimation of a location parameter", 1964 */
@unmanaged @final
class Huber {
  @inline value<T>(_z: v128, y: v128, t: v128, a: v128): v128 {
    const d = v128.abs<T>(v128.sub<T>(y, t));
    const near = v128.mul<T>(v128.mul<T>(d, d), half<T>());
    const far = v128.mul<T>(a, v128.sub<T>(d, v128.mul<T>(a, half<T>())));
    return v128.bitselect(near, far, v128.le<T>(d, a));
  }
  @inline slope<T>(_z: v128, y: v128, t: v128, a: v128): v128 {
    return v128.max<T>(v128.min<T>(v128.sub<T>(y, t), a), v128.neg<T>(a));
  }
}

const LN2_64 = memory.data<f64>([0.69314718055994530942]), LN2_32 = memory.data<f32>([0.69314718]);

/** ln cosh d, d = y - t: for E = e^|d| - 1 that is ln(1 + E² / 2 (1 + E)), or |d| - ln 2 + ln(1 + 1 / (1 + E)²); tanh d */
@unmanaged @final
class LogCosh {
  @inline value<T>(_z: v128, y: v128, t: v128, _a: v128): v128 {
    const d = v128.abs<T>(v128.sub<T>(y, t));
    const e = expm1<T>(d);
    const up = v128.add<T>(one<T>(), e);
    const steep = v128.gt<T>(d, one<T>());
    const near = v128.mul<T>(v128.mul<T>(e, e), half<T>());
    const rest = v128.div<T>(v128.bitselect(v128.div<T>(one<T>(), up), near, steep), up);
    return v128.add<T>(v128.and(steep, v128.sub<T>(d, either<T>(LN2_64, LN2_32))), log1pUnit<T>(rest));
  }
  @inline slope<T>(_z: v128, y: v128, t: v128, _a: v128): v128 { return tanh<T>(v128.sub<T>(y, t)); }
}

/** max(0, 1 - t y), t being -1 or 1; -t where that is above 0. Rosasco et al., "Are loss functions all the same?", 2004 */
@unmanaged @final
class Hinge {
  @inline value<T>(_z: v128, y: v128, t: v128, _a: v128): v128 {
    return v128.max<T>(v128.sub<T>(one<T>(), v128.mul<T>(t, y)), v128.splat<T>(0));
  }
  @inline slope<T>(_z: v128, y: v128, t: v128, _a: v128): v128 {
    const inside = v128.gt<T>(v128.sub<T>(one<T>(), v128.mul<T>(t, y)), v128.splat<T>(0));
    return v128.and(v128.neg<T>(t), inside);
  }
}

/** No cost; the target is the derivative by y, of a cost that the caller computes. */
@unmanaged @final
class Upstream {
  @inline value<T>(_z: v128, _y: v128, _t: v128, _a: v128): v128 { return v128.splat<T>(0); }
  @inline slope<T>(_z: v128, _y: v128, t: v128, _a: v128): v128 { return t; }
}

function cost<F, T>(): Cost {
  return (z, y, t, costs, rows, n, a) => {
    const own = v128.splat<T>(<T>a);
    for (let r = 0; r < rows; r++) {
      const at = bytes<T>(r * n);
      store<f64>(costs + ((<usize>r) << 3), sum<F, T>(z + at, y + at, t + at, n, own));
    }
  };
}

function slope<F, T>(): Slope {
  return (z, y, t, delta, rows, n, scale, a) => addSlope<F, T>(z, y, t, delta, rows * n, <T>scale, <T>a);
}

/** The kinds; src/rules/rule.ts has the same names in the same order. */
export const ENTROPY: u32 = 0;
export const CROSS_ENTROPY: u32 = 1;
export const MSE: u32 = 2;
export const MAE: u32 = 3;
export const HUBER: u32 = 4;
export const LOG_COSH: u32 = 5;
export const HINGE: u32 = 6;
export const KL: u32 = 7;
export const POISSON: u32 = 8;
export const LOSSES: u32 = 9;
// The joint forms.
export const ENTROPY_ON_SIGMOID: u32 = 9;
export const CROSS_ENTROPY_ON_SOFTMAX: u32 = 10;
export const KL_ON_SOFTMAX: u32 = 11;
export const POISSON_ON_EXP: u32 = 12;
export const POISSON_ON_SOFTPLUS: u32 = 13;
export const POISSON_ON_SIGMOID: u32 = 14;
export const ENTROPY_ON_SOFTMAX: u32 = 15;
export const POISSON_ON_SOFTMAX: u32 = 16;
export const ENTROPY_ON_HARD_SIGMOID: u32 = 17;
// The form of a pass whose targets are derivatives.
export const UPSTREAM: u32 = 18;

/** Whether a form's derivative is the one by z. */
@inline
export function isJoint(form: u32): bool {
  return form >= LOSSES && form < UPSTREAM;
}

/** The form in which a loss is computed on an activation: a joint one, from LOSSES on, or the loss itself. */
@inline
export function form(loss: u32, activation: u32): u32 {
  if (loss == ENTROPY && activation == SIGMOID) return ENTROPY_ON_SIGMOID;
  if (activation == SOFTMAX) return onSoftmax(loss);
  if (loss == ENTROPY && activation == HARD_SIGMOID) return ENTROPY_ON_HARD_SIGMOID;
  return loss == POISSON ? poissonOn(activation) : loss;
}

function onSoftmax(loss: u32): u32 {
  if (loss == CROSS_ENTROPY) return CROSS_ENTROPY_ON_SOFTMAX;
  if (loss == KL) return KL_ON_SOFTMAX;
  return loss == ENTROPY ? ENTROPY_ON_SOFTMAX : loss == POISSON ? POISSON_ON_SOFTMAX : loss;
}

function poissonOn(activation: u32): u32 {
  if (activation == EXP) return POISSON_ON_EXP;
  if (activation == SOFTPLUS) return POISSON_ON_SOFTPLUS;
  return activation == SIGMOID ? POISSON_ON_SIGMOID : POISSON;
}

function costs<T>(): StaticArray<Cost> {
  return [
    cost<Entropy, T>(), crossEntropyCost<T>(), cost<Mse, T>(), cost<Mae, T>(), cost<Huber, T>(), cost<LogCosh, T>(),
    cost<Hinge, T>(), cost<Kl, T>(), cost<Poisson, T>(),
    cost<EntropyOnSigmoid, T>(), crossEntropyOnSoftmax<T>(), klOnSoftmax<T>(),
    cost<PoissonOnExp, T>(), cost<PoissonOnSoftplus, T>(), cost<PoissonOnSigmoid, T>(),
    shareCost<EntropyOfShare, T>(), shareCost<PoissonOfShare, T>(), cost<EntropyOnHardSigmoid, T>(), cost<Upstream, T>(),
  ];
}

function slopes<T>(): StaticArray<Slope> {
  return [
    slope<Entropy, T>(), crossEntropySlope<T>(), slope<Mse, T>(), slope<Mae, T>(), slope<Huber, T>(), slope<LogCosh, T>(),
    slope<Hinge, T>(), slope<Kl, T>(), slope<Poisson, T>(),
    slope<EntropyOnSigmoid, T>(), slopeOnSoftmax<T>(), slopeOnSoftmax<T>(),
    slope<PoissonOnExp, T>(), slope<PoissonOnSoftplus, T>(), slope<PoissonOnSigmoid, T>(),
    shareSlope<EntropyOfShare, T>(), shareSlope<PoissonOfShare, T>(), slope<EntropyOnHardSigmoid, T>(),
    slope<Upstream, T>(),
  ];
}

@lazy const costs32 = costs<f32>();
@lazy const costs64 = costs<f64>();
@lazy const slopes32 = slopes<f32>();
@lazy const slopes64 = slopes<f64>();

/** costs[r] = the loss of the row r. */
@inline
export function measure<T>(form: u32, z: usize, y: usize, t: usize, costs: usize, rows: i32, n: i32, a: f64): void {
  (sizeof<T>() == 8 ? costs64 : costs32)[form](z, y, t, costs, rows, n, a);
}

/** delta += scale · the derivative, by y or, in a joint form, by z. */
@inline
export function addGradient<T>(
  form: u32, z: usize, y: usize, t: usize, delta: usize, rows: i32, n: i32, scale: f64, a: f64,
): void {
  (sizeof<T>() == 8 ? slopes64 : slopes32)[form](z, y, t, delta, rows, n, scale, a);
}
