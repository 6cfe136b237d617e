// Costs with a weight e for each unit of each sample, the sample's weight times the mask. It is any finite number; below 0,
// descent increases the loss. A unit of weight 0 adds exactly 0, even if its numbers are not finite.
//
// If a loss is a sum over units, its terms are weighted. The joint forms on softmax are linear in the targets, so their targets
// are weighted: Σ e t' (logsumexp z - z). The derivative is y Σ (e t') - e t'. share.ts applies weights itself.
//
// scratch: workspace for (rows, n) float64 and, behind it, (rows, n) numbers.

import { LossKind } from "../abi";
import { zero } from "../kernel/map";
import { bytes } from "../kernel/part";
import { LossForm, addGradient, measure } from "./loss";
import { EntropyOfShare, PoissonOfShare, addShareSlopes, shareCosts } from "./share";

/** Returns whether a form's targets are weighted. */
@inline
function onSoftmax(form: LossForm): bool {
  return form == LossForm.crossEntropyOnSoftmax || form == LossForm.klOnSoftmax;
}

/** Computes goal = t (1 - a) + a / n, times e if `weighted`; 0 where e is 0. goal, t, e: (rows, n) */
function weightedTargets<T>(goal: usize, t: usize, e: usize, rows: i32, n: i32, a: f64, weighted: bool): void {
  const kept = v128.splat<T>(<T>(1 - a)), share = v128.splat<T>(<T>(a / <f64>n));
  const none = v128.splat<T>(0);
  for (const end = goal + bytes<T>(rows * n); goal < end; goal += 16, t += 16, e += 16) {
    const weight = v128.load(e);
    let target = v128.add<T>(v128.mul<T>(kept, v128.load(t)), share);
    if (weighted) target = v128.mul<T>(target, weight);
    v128.store(goal, v128.bitselect(none, target, v128.eq<T>(weight, none)));
  }
}

/** Computes costs[r] = Σ over the units of the row r of e · loss. z, y, t, e: (rows, n); costs: (rows), float64 */
export function measureWeighted<T>(
  form: LossForm, z: usize, y: usize, t: usize, e: usize, costs: usize, rows: i32, n: i32, a: f64, scratch: usize,
): void {
  if (form == LossForm.entropyOnSoftmax) return shareCosts<EntropyOfShare, T>(z, y, t, e, costs, rows, n, a);
  if (form == LossForm.poissonOnSoftmax) return shareCosts<PoissonOfShare, T>(z, y, t, e, costs, rows, n, a);
  const goal = scratch + bytes<f64>(rows * n);
  const joint = onSoftmax(form);
  if (joint) {
    weightedTargets<T>(goal, t, e, rows, n, a, true);
    measure<T>(LossForm.crossEntropyOnSoftmax, z, y, goal, costs, rows, n, 0);
    if (form == LossForm.crossEntropyOnSoftmax) return;
    // Σ e t ln t is -e times the crossEntropy of t with itself.
    measure<T>(LossKind.crossEntropy, t, t, t, scratch, rows * n, 1, 0);
  } else if (form == LossKind.crossEntropy) {
    weightedTargets<T>(goal, t, e, rows, n, a, false);
    measure<T>(form, z, y, goal, scratch, rows * n, 1, 0);
  } else {
    measure<T>(form, z, y, t, scratch, rows * n, 1, a);
  }
  for (let r = 0; r < rows; r++) {
    let total: f64 = joint ? load<f64>(costs) : 0;
    for (let j = 0; j < n; j++) {
      const weight = <f64>load<T>(e);
      if (weight != 0) total += (joint ? -weight : weight) * load<f64>(scratch);
      e += sizeof<T>();
      scratch += sizeof<f64>();
    }
    store<f64>(costs, total);
    costs += sizeof<f64>();
  }
}

/** Computes delta += scale · e · derivative. z, y, t, e, delta: (rows, n) */
export function addWeightedGradient<T>(
  form: LossForm, z: usize, y: usize, t: usize, e: usize, delta: usize, rows: i32, n: i32, scale: f64, a: f64, scratch: usize,
): void {
  if (form == LossForm.entropyOnSoftmax) return addShareSlopes<EntropyOfShare, T>(z, y, t, e, delta, rows, n, scale, a);
  if (form == LossForm.poissonOnSoftmax) return addShareSlopes<PoissonOfShare, T>(z, y, t, e, delta, rows, n, scale, a);
  let goal = scratch + bytes<f64>(rows * n);
  if (onSoftmax(form)) {
    weightedTargets<T>(goal, t, e, rows, n, a, true);
    addGradient<T>(LossForm.crossEntropyOnSoftmax, z, y, goal, delta, rows, n, scale, 0);
    return;
  }
  zero<T>(goal, rows * n);
  addGradient<T>(form, z, y, t, goal, rows, n, scale, a);
  const none = v128.splat<T>(0);
  for (const end = delta + bytes<T>(rows * n); delta < end; delta += 16, e += 16, goal += 16) {
    const weight = v128.load(e);
    const part = v128.bitselect(none, v128.mul<T>(v128.load(goal), weight), v128.eq<T>(weight, none));
    v128.store(delta, v128.add<T>(v128.load(delta), part));
  }
}
