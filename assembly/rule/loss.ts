// The table of losses: a class with the value beside its derivative, and a row in the table at the end. t is the target, y the
// post-activation. a is the loss's parameter, such as huber's delta. Losses of a difference or a margin are in this file;
// losses with logarithms, and joint forms, are in entropy.ts, poisson.ts and share.ts.

import { ActivationKind, LossKind } from "../abi";
import { expm1 } from "../lane/exp";
import { either, half, one } from "../lane/lane";
import { log1pUnit } from "../lane/log";
import { tanh } from "../lane/tanh";
import { sum } from "../kernel/fold";
import { addSlope } from "../kernel/map";
import { bytes } from "../kernel/part";
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

/** ln cosh d, d = y - t, by E = e^|d| - 1: ln(1 + E² / 2 (1 + E)), or |d| - ln 2 + ln(1 + 1 / (1 + E)²); tanh d */
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

/** max(0, 1 - t y), t = ±1; -t where it is above 0. Rosasco et al., "Are loss functions all the same?", 2004 */
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

/** 0; t, which is the derivative by y of a cost that the caller computes */
@unmanaged @final
class Upstream {
  @inline value<T>(_z: v128, _y: v128, _t: v128, _a: v128): v128 { return v128.splat<T>(0); }
  @inline slope<T>(_z: v128, _y: v128, t: v128, _a: v128): v128 { return t; }
}

/** Returns the loop of a class's value. */
function cost<F, T>(): Cost {
  return (z, y, t, costs, rows, n, parameter) => {
    const a = v128.splat<T>(<T>parameter);
    for (let r = 0; r < rows; r++) {
      const at = bytes<T>(r * n);
      store<f64>(costs + ((<usize>r) << 3), sum<F, T>(z + at, y + at, t + at, n, a));
    }
  };
}

/** Returns the loop of a class's derivative. */
function slope<F, T>(): Slope {
  return (z, y, t, delta, rows, n, scale, parameter) => {
    addSlope<F, T>(z, y, t, delta, rows * n, <T>scale, <T>parameter);
  };
}

/** Forms in which losses are computed: the kinds of loss, joint forms with an activation, and upstream gradients. */
export const enum LossForm {
  entropyOnSigmoid = LossKind.count,
  crossEntropyOnSoftmax,
  klOnSoftmax,
  poissonOnExp,
  poissonOnSoftplus,
  poissonOnSigmoid,
  entropyOnSoftmax,
  poissonOnSoftmax,
  entropyOnHardSigmoid,
  upstream,
  count,
}

/** Returns whether a form's derivative is by z. */
@inline
export function isJoint(form: LossForm): bool {
  return form >= LossKind.count && form < LossForm.upstream;
}

/** Returns the form in which a loss is computed on an activation: a joint form, or the loss itself. */
@inline
export function form(loss: LossKind, activation: ActivationKind): LossForm {
  if (loss == LossKind.entropy && activation == ActivationKind.sigmoid) return LossForm.entropyOnSigmoid;
  if (activation == ActivationKind.softmax) return onSoftmax(loss);
  if (loss == LossKind.entropy && activation == ActivationKind.hardSigmoid) return LossForm.entropyOnHardSigmoid;
  return loss == LossKind.poisson ? poissonOn(activation) : loss;
}

/** Returns the form of a loss on softmax. */
function onSoftmax(loss: LossKind): LossForm {
  if (loss == LossKind.crossEntropy) return LossForm.crossEntropyOnSoftmax;
  if (loss == LossKind.kl) return LossForm.klOnSoftmax;
  return loss == LossKind.entropy ? LossForm.entropyOnSoftmax : loss == LossKind.poisson ? LossForm.poissonOnSoftmax : loss;
}

/** Returns the form of Poisson's loss on other activations. */
function poissonOn(activation: ActivationKind): LossForm {
  if (activation == ActivationKind.exp) return LossForm.poissonOnExp;
  if (activation == ActivationKind.softplus) return LossForm.poissonOnSoftplus;
  return activation == ActivationKind.sigmoid ? LossForm.poissonOnSigmoid : LossKind.poisson;
}

/** A row of the table: a loss and its derivative, each over a matrix. */
@unmanaged @final
class Row {
  cost: Cost;
  slope: Slope;
}

/** Returns the table of a precision, with a row for each `LossKind`, and then for each `LossForm`. */
function tableOf<T>(): usize {
  const table = memory.data(LossForm.count * 8, 4);
  put(table, LossKind.entropy, cost<Entropy, T>(), slope<Entropy, T>());
  put(table, LossKind.crossEntropy, crossEntropyCost<T>(), crossEntropySlope<T>());
  put(table, LossKind.mse, cost<Mse, T>(), slope<Mse, T>());
  put(table, LossKind.mae, cost<Mae, T>(), slope<Mae, T>());
  put(table, LossKind.huber, cost<Huber, T>(), slope<Huber, T>());
  put(table, LossKind.logCosh, cost<LogCosh, T>(), slope<LogCosh, T>());
  put(table, LossKind.hinge, cost<Hinge, T>(), slope<Hinge, T>());
  put(table, LossKind.kl, cost<Kl, T>(), slope<Kl, T>());
  put(table, LossKind.poisson, cost<Poisson, T>(), slope<Poisson, T>());
  put(table, LossForm.entropyOnSigmoid, cost<EntropyOnSigmoid, T>(), slope<EntropyOnSigmoid, T>());
  put(table, LossForm.crossEntropyOnSoftmax, crossEntropyOnSoftmax<T>(), slopeOnSoftmax<T>());
  put(table, LossForm.klOnSoftmax, klOnSoftmax<T>(), slopeOnSoftmax<T>());
  put(table, LossForm.poissonOnExp, cost<PoissonOnExp, T>(), slope<PoissonOnExp, T>());
  put(table, LossForm.poissonOnSoftplus, cost<PoissonOnSoftplus, T>(), slope<PoissonOnSoftplus, T>());
  put(table, LossForm.poissonOnSigmoid, cost<PoissonOnSigmoid, T>(), slope<PoissonOnSigmoid, T>());
  put(table, LossForm.entropyOnSoftmax, shareCost<EntropyOfShare, T>(), shareSlope<EntropyOfShare, T>());
  put(table, LossForm.poissonOnSoftmax, shareCost<PoissonOfShare, T>(), shareSlope<PoissonOfShare, T>());
  put(table, LossForm.entropyOnHardSigmoid, cost<EntropyOnHardSigmoid, T>(), slope<EntropyOnHardSigmoid, T>());
  put(table, LossForm.upstream, cost<Upstream, T>(), slope<Upstream, T>());
  return table;
}

/** Returns the row of a form. */
@inline
function rowOf(table: usize, form: LossForm): Row {
  return changetype<Row>(table + form * offsetof<Row>());
}

/** Fills the row of a form. */
function put(table: usize, form: LossForm, cost: Cost, slope: Slope): void {
  const row = rowOf(table, form);
  row.cost = cost;
  row.slope = slope;
}

@lazy const table32 = tableOf<f32>();
@lazy const table64 = tableOf<f64>();

/** Computes costs[r], the loss of the row r. */
@inline
export function measure<T>(
  form: LossForm, z: usize, y: usize, t: usize, costs: usize, rows: i32, n: i32, parameter: f64,
): void {
  rowOf(sizeof<T>() == 8 ? table64 : table32, form).cost(z, y, t, costs, rows, n, parameter);
}

/** Computes delta += scale · the derivative by y, or in a joint form by z. */
@inline
export function addGradient<T>(
  form: LossForm, z: usize, y: usize, t: usize, delta: usize, rows: i32, n: i32, scale: f64, parameter: f64,
): void {
  rowOf(sizeof<T>() == 8 ? table64 : table32, form).slope(z, y, t, delta, rows, n, scale, parameter);
}
