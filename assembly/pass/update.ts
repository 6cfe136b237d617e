// The update of a pass: all parameters that lead to its outputs make a step, or none does.
//
// Plain descent makes the step, and takes it back if a number is not finite. Large matrices that are sure to stay finite make
// their step last, by the factors of their gradients, which are never stored. Of a large table only the named rows step. Other
// optimizers keep moments, which could not be taken back. A bound of gradients and parameters shows whether all numbers stay
// finite. If it doesn't, the step is first tried on copies, a few numbers at a time.

import { BLOCK_NUMBERS, BLOCK_SAMPLES, ScheduleKind, SynapseKind } from "../abi";
import { firstNotFinite, magnitude, squares } from "../kernel/fold";
import { bytes } from "../kernel/part";
import { beginTree, endTree, grow } from "../kernel/tree";
import { own } from "../own";
import * as dense from "../link/dense";
import * as select from "../link/select";
import { keepsAllFinite, keepsFinite } from "../rule/bound";
import { Optimizer, begin, count, coupled, moment, move, retract, step } from "../rule/optimizer";
import { Schedule, rateAt } from "../rule/schedule";
import { locateNonFinite } from "./locate";
import { Layer, Pass, Run, Synapse, at } from "../record";
import { rowsOf } from "../times";

/** Returns a run of the pass. */
@inline
export function runAt(pass: Pass, index: i32): Run {
  return changetype<Run>(pass.runs + (<usize>index) * offsetof<Run>());
}

/** Sets the rate of the next step, if there is a schedule for it. */
export function schedule(o: Optimizer): void {
  const plan = changetype<Schedule>(changetype<usize>(o) + offsetof<Optimizer>());
  if (plan.kind != ScheduleKind.reduceOnPlateau) o.rate = rateAt(plan, o.steps);
}

/** Makes a step. Returns whether it was made; if not, no parameter has changed, and the pass has the layer at fault. */
export function update<T>(pass: Pass, rows: i32): bool {
  const o = pass.optimizer;
  return o.plain ? stepPlain<T>(pass, rows, o.rate) : advance<T>(pass, rows, o);
}

/** Makes a step of plain descent: p - rate · g. */
function stepPlain<T>(pass: Pass, rows: i32, rate: f64): bool {
  let kept = true;
  for (let r = 0; r < pass.runCount; r++) {
    const run = runAt(pass, r);
    if (!takesPart(run) || skippedWeightGradient(pass, run, rows)) continue;
    kept = step<T>(run.values, run.gradients, run.count, rate) && kept;
  }
  if (!kept) locateNonFinite<T>(pass, rows, 0);
  for (let r = 0; r < pass.runCount; r++) {
    const run = runAt(pass, r);
    if (!takesPart(run)) continue;
    const skipped = skippedWeightGradient(pass, run, rows);
    const synapse = changetype<Synapse>(run.synapse);
    if (kept && skipped) stepWithoutGradient<T>(synapse, rowsOf(pass, synapse.to, rows), rate, run.gradients);
    else if (!kept && !skipped) retract<T>(run.values, run.gradients, run.count);
  }
  return kept;
}

/** Makes a step of an optimizer with moments. */
function advance<T>(pass: Pass, rows: i32, o: Optimizer): bool {
  let slopes: f64 = 0, sizes: f64 = 0;
  const clips = o.clipNorm < Infinity;
  const decay = coupled(o);
  for (let r = 0; r < pass.runCount; r++) {
    const run = runAt(pass, r);
    if (!takesPart(run)) continue;
    const synapse = changetype<Synapse>(run.synapse);
    const factored = run.synapse != 0 && isFactored(pass, synapse, rows);
    slopes += factored ? dense.gradientBound<T>(synapse, rowsOf(pass, synapse.to, rows)) : magnitude<T>(run.gradients, run.count);
    if (decay > 0) sizes += magnitude<T>(run.values, run.count);
  }
  const scale = clips ? shrink<T>(pass, o.clipNorm) : 1;
  const momentBound = o.momentBound + slopes + decay * sizes;
  begin<T>(o, scale);
  if (!keepsAllFinite<T>(o, momentBound) || !isComputed<T>(pass, rows)) {
    for (let r = 0; r < pass.runCount; r++) {
      const run = runAt(pass, r);
      if (!takesPart(run) || tried<T>(o, run, 0, run.count)) continue;
      locateNonFinite<T>(pass, rows, run.values);
      return false;
    }
  }
  for (let r = 0; r < pass.runCount; r++) {
    const run = runAt(pass, r);
    if (!takesPart(run)) continue;
    moveRun<T>(o, run, 0, run.count);
    count(o, run.block);
  }
  o.momentBound = momentBound;
  return true;
}

/** Makes the step of a run's numbers [first, last). */
@inline
export function moveRun<T>(o: Optimizer, run: Run, first: i32, last: i32): void {
  const place = bytes<T>(first), p = run.values + place, g = run.gradients + place;
  move<T>(o, run.block, p, g, moment(p, o.mean), moment(p, o.square), moment(p, o.momentum), last - first);
}

/** Factor of gradients whose squares overflow: 2^-600. */
export const SMALL: f64 = 2.409919865102884e-181;

/** Returns the factor that clips the norm of all gradients to `most`. */
function shrink<T>(pass: Pass, most: f64): f64 {
  const square = allSquares<T>(pass, 1);
  return square < Infinity ? clipBy(most, square) : clipBySmall(most, allSquares<T>(pass, SMALL));
}

/** Returns the factor that clips the norm √square to `most`. */
@inline
export function clipBy(most: f64, square: f64): f64 {
  return min(1, most / (sqrt(square) + 1e-6));
}

/** Returns the same for a square of numbers times `SMALL`. */
@inline
export function clipBySmall(most: f64, square: f64): f64 {
  return min(1, most * SMALL / sqrt(square));
}

/** Returns Σ (scale · g)² of all gradients, summed over blocks of parameters. */
export function allSquares<T>(pass: Pass, scale: f64): f64 {
  beginTree();
  for (let r = 0; r < pass.runCount; r++) {
    const run = runAt(pass, r);
    if (!takesPart(run)) continue;
    for (let from = 0; from < run.count; from += BLOCK_NUMBERS) {
      grow(squares<T>(run.gradients + bytes<T>(from), min(run.count - from, BLOCK_NUMBERS), scale));
    }
  }
  return endTree();
}

/** Returns whether all pres are finite, and so were all parameters that they were computed from. */
function isComputed<T>(pass: Pass, rows: i32): bool {
  let sizes: f64 = 0;
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    sizes += magnitude<T>(layer.pre, rowsOf(pass, layer, rows) * layer.size);
  }
  return sizes < Infinity;
}

/** Returns whether a synapse's gradient may stay in its factors. pass/sample.ts computes all gradients. */
@inline
function isFactored(pass: Pass, synapse: Synapse, rows: i32): bool {
  return !(rows == 1 && pass.path) && dense.isFactored(synapse, rowsOf(pass, synapse.to, rows));
}

/** Returns whether a run takes part in a step: of initial values, only if they flow into the pass. */
@inline
export function takesPart(run: Run): bool {
  return !run.initial || changetype<Layer>(run.initial).flows != 0;
}

/** Makes a step of a large matrix whose gradient was not computed. */
function stepWithoutGradient<T>(synapse: Synapse, rows: i32, rate: f64, scratch: usize): void {
  if (synapse.kind == SynapseKind.dense) dense.stepByFactors<T>(synapse, rows, rate, scratch, 0, synapse.from.size);
  else select.stepByRows<T>(synapse, rows, rate, scratch);
}

/** Returns whether plain descent can update a synapse without its gradient. */
@inline
function isSkippable(pass: Pass, synapse: Synapse, samples: i32): bool {
  return isFactored(pass, synapse, samples) || select.isListed(synapse, rowsOf(pass, synapse.to, samples));
}

/** Returns whether plain descent updates a synapse without its gradient, and if so notes that it is not computed. */
export function skipsWeightGradient<T>(pass: Pass, synapse: Synapse, samples: i32): bool {
  const o = pass.optimizer, rows = rowsOf(pass, synapse.to, samples);
  if (!o.plain || rows > BLOCK_SAMPLES || !isSkippable(pass, synapse, samples)) return false;
  const isDense = synapse.kind == SynapseKind.dense;
  const bound = isDense ? dense.gradientBound<T>(synapse, rows) : select.listedBound<T>(synapse, rows);
  if (!keepsFinite<T>(o.rate, bound)) return false;
  if (!(magnitude<T>(synapse.to.pre, rows * synapse.to.size) < Infinity)) return false;
  synapse.stamp = 0;
  return true;
}

/** Returns whether `skipsWeightGradient` returned true for a run in this pass. */
export function skippedWeightGradient(pass: Pass, run: Run, samples: i32): bool {
  if (!run.synapse) return false;
  const synapse = changetype<Synapse>(run.synapse);
  if (rowsOf(pass, synapse.to, samples) > BLOCK_SAMPLES) return false;
  return isSkippable(pass, synapse, samples) && synapse.stamp == 0;
}

/** Bytes of a piece, and workspace for five pieces: of parameters, gradients and three moments. */
const PIECE: usize = 1024;
const ROOM = memory.data(5 * 1024, 16);

/**
 * Returns whether all gradients of a run's numbers [first, last) are finite, and all numbers after a step, which is tried on
 * copies.
 */
export function tried<T>(o: Optimizer, run: Run, first: i32, last: i32): bool {
  const p = run.values;
  for (let from = bytes<T>(first), end = bytes<T>(last); from < end; from += PIECE) {
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
      if (copies && firstNotFinite<T>(own(ROOM) + place * PIECE, numbers) >= 0) return false;
    }
  }
  return true;
}

/** Copies a piece to its place in the workspace and returns the pointer; 0 if there is no such moment. */
function copied(place: usize, source: usize, from: usize, size: usize): usize {
  if (!source) return 0;
  const to = own(ROOM) + place * PIECE;
  memory.copy(to, source + from, size);
  return to;
}
