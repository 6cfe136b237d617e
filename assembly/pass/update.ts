// The update of a pass: every parameter that leads to its outputs takes a step, or none does.
//
// Plain descent makes the step and takes it back where a number is not finite. Large matrices that are sure to stay finite step
// last, when all others have, by the factors of their gradients, which are never whole in memory. Other optimizers have moments,
// which could not be taken back: one look over gradients and parameters tells whether all numbers are sure to stay finite, and
// where it can't tell, the step is tried on copies first, piece by piece.

import { BLOCK_SAMPLES, ScheduleKind } from "../abi";
import { firstNotFinite, magnitude, squares } from "../kernel/fold";
import { bytes } from "../kernel/part";
import * as dense from "../link/dense";
import { keepsAllFinite, keepsFinite } from "../rule/bound";
import { Optimizer, begin, count, coupled, moment, move, retract, step } from "../rule/optimizer";
import { Schedule, rateAt } from "../rule/schedule";
import { locateNonFinite } from "./locate";
import { Layer, Pass, Run, Synapse, at } from "../record";

@inline
function runAt(pass: Pass, index: i32): Run {
  return changetype<Run>(pass.runs + (<usize>index) * offsetof<Run>());
}

/** Sets the rate of the next step, where a schedule says it. */
export function schedule(o: Optimizer): void {
  const plan = changetype<Schedule>(changetype<usize>(o) + offsetof<Optimizer>());
  if (plan.kind != ScheduleKind.reduceOnPlateau) o.rate = rateAt(plan, o.steps);
}

/** Takes a step along the gradients; whether it was made. Else nothing has changed, and the pass tells where it went wrong. */
export function update<T>(pass: Pass, rows: i32): bool {
  const o = pass.optimizer;
  return o.plain ? stepPlain<T>(pass, rows, o.rate) : advance<T>(pass, rows, o);
}

function stepPlain<T>(pass: Pass, rows: i32, rate: f64): bool {
  let kept = true;
  for (let r = 0; r < pass.runCount; r++) {
    const run = runAt(pass, r);
    if (!skippedWeightGradient(pass, run, rows)) kept = step<T>(run.values, run.gradients, run.count, rate) && kept;
  }
  if (!kept) locateNonFinite<T>(pass, rows, 0);
  for (let r = 0; r < pass.runCount; r++) {
    const run = runAt(pass, r);
    const skipped = skippedWeightGradient(pass, run, rows);
    if (kept && skipped) dense.stepByFactors<T>(changetype<Synapse>(run.synapse), rows, rate, run.gradients);
    else if (!kept && !skipped) retract<T>(run.values, run.gradients, run.count);
  }
  return kept;
}

function advance<T>(pass: Pass, rows: i32, o: Optimizer): bool {
  let slopes: f64 = 0, sizes: f64 = 0, square: f64 = 0;
  const clips = o.clipNorm < Infinity;
  const decay = coupled(o);
  for (let r = 0; r < pass.runCount; r++) {
    const run = runAt(pass, r);
    const synapse = changetype<Synapse>(run.synapse);
    slopes += run.synapse && isFactored(pass, synapse, rows) ? dense.gradientBound<T>(synapse, rows) : magnitude<T>(run.gradients, run.count);
    if (decay > 0) sizes += magnitude<T>(run.values, run.count);
    if (clips) square += squares<T>(run.gradients, run.count, 1);
  }
  const scale = clips ? shrink<T>(pass, o.clipNorm, square) : 1;
  const momentBound = o.momentBound + slopes + decay * sizes;
  begin<T>(o, scale);
  if (!keepsAllFinite<T>(o, momentBound) || !isComputed<T>(pass, rows)) {
    for (let r = 0; r < pass.runCount; r++) {
      const run = runAt(pass, r);
      if (tried<T>(o, run)) continue;
      locateNonFinite<T>(pass, rows, run.values);
      return false;
    }
  }
  for (let r = 0; r < pass.runCount; r++) {
    const run = runAt(pass, r);
    const p = run.values;
    move<T>(
      o, run.block, p, run.gradients, moment(p, o.mean), moment(p, o.square), moment(p, o.momentum), run.count,
    );
    count(o, run.block);
  }
  o.momentBound = momentBound;
  return true;
}

/** Gradients are multiplied by this where their squares overflow: 2^-600. */
const SMALL: f64 = 2.409919865102884e-181;

/** Returns the factor by which the norm √square of all gradients is brought down to `most`. */
function shrink<T>(pass: Pass, most: f64, square: f64): f64 {
  if (square < Infinity) return min(1, most / (sqrt(square) + 1e-6));
  let small: f64 = 0;
  for (let r = 0; r < pass.runCount; r++) {
    const run = runAt(pass, r);
    small += squares<T>(run.gradients, run.count, SMALL);
  }
  return min(1, most * SMALL / sqrt(small));
}

/** Whether all pres are finite: then so were all parameters, whose step is sure to stay so. */
function isComputed<T>(pass: Pass, rows: i32): bool {
  let sizes: f64 = 0;
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    sizes += magnitude<T>(layer.pre, rows * layer.size);
  }
  return sizes < Infinity;
}

/** Returns whether a synapse's gradient may stay in its factors. pass/sample.ts needs no such help. */
@inline
function isFactored(pass: Pass, synapse: Synapse, rows: i32): bool {
  return !(rows == 1 && pass.path) && dense.isFactored(synapse, rows);
}

/** Whether plain descent takes a synapse's step by the factors of its gradient, which then need not be computed; notes it. */
export function skipsWeightGradient<T>(pass: Pass, synapse: Synapse, rows: i32): bool {
  const o = pass.optimizer;
  if (!o.plain || rows > BLOCK_SAMPLES || !isFactored(pass, synapse, rows)) return false;
  if (!keepsFinite<T>(o.rate, dense.gradientBound<T>(synapse, rows))) return false;
  if (!(magnitude<T>(synapse.to.pre, rows * synapse.to.size) < Infinity)) return false;
  synapse.stamp = 0;
  return true;
}

/** Whether `skipsWeightGradient` said so of a run in this pass. */
function skippedWeightGradient(pass: Pass, run: Run, rows: i32): bool {
  if (!run.synapse || rows > BLOCK_SAMPLES) return false;
  const synapse = changetype<Synapse>(run.synapse);
  return isFactored(pass, synapse, rows) && synapse.stamp == 0;
}

/** Bytes of a piece, and room for those of parameters, gradients and three moments. */
const PIECE: usize = 1024;
const ROOM = memory.data(5 * 1024, 16);

/** Whether a step would keep all numbers of a run finite, and its gradients are. */
function tried<T>(o: Optimizer, run: Run): bool {
  const p = run.values;
  for (let from: usize = 0, end = bytes<T>(run.count); from < end; from += PIECE) {
    const size = min(PIECE, end - from);
    const numbers = <i32>(size / sizeof<T>());
    if (firstNotFinite<T>(run.gradients + from, numbers) >= 0) return false;
    const parameters = copied(0, p, from, size);
    const mean = copied(2, moment(p, o.mean), from, size);
    const square = copied(3, moment(p, o.square), from, size);
    const momentum = copied(4, moment(p, o.momentum), from, size);
    move<T>(o, run.block, parameters, copied(1, run.gradients, from, size), mean, square, momentum, numbers);
    for (let place: usize = 0; place < 5; place++) {
      const copies = place == 0 || (place == 2 && mean) || (place == 3 && square) || (place == 4 && momentum);
      if (copies && firstNotFinite<T>(ROOM + place * PIECE, numbers) >= 0) return false;
    }
  }
  return true;
}

/** A copy of a piece in a place of the room; 0 where there is nothing. */
function copied(place: usize, source: usize, from: usize, size: usize): usize {
  if (!source) return 0;
  memory.copy(ROOM + place * PIECE, source + from, size);
  return ROOM + place * PIECE;
}
