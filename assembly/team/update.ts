// The update of a team's step, by ranges of parameters: pass/update.ts has its rules. If a step can't be made so, all parameters
// are as before, and the leader makes it alone, which finds the fault.

import { BLOCK_NUMBERS, SynapseKind } from "../abi";
import { magnitude, squares } from "../kernel/fold";
import { bytes } from "../kernel/part";
import { beginTree, endTree, grow } from "../kernel/tree";
import * as dense from "../link/dense";
import * as select from "../link/select";
import * as link from "../link/table";
import { SMALL, allSquares, clipBy, clipBySmall, moveRun, runAt, takesPart, tried } from "../pass/update";
import { Pass, Run, Synapse, at } from "../record";
import { keepsAllFinite } from "../rule/bound";
import { Optimizer, begin as beginStep, count, coupled, prepare, retract, step } from "../rule/optimizer";
import { rowsOf } from "../times";
import { copyOf } from "./mirror";
import { boundOf, unitsOf } from "./sums";
import { Member, Team, begin, fail, hasFailed, index, isMine, meet, member, take } from "./team";

/** Parameters of a chunk: whole blocks of a sum. */
const NUMBERS = 2 * BLOCK_NUMBERS;

/** Returns the copy of a run's synapse if its gradient was skipped, else 0. */
@inline
function skippedOf(team: Team, whole: Pass, run: Run): usize {
  if (!run.synapse) return 0;
  const synapse = copyOf(team, whole, run.synapse);
  return synapse.stamp == 0 ? changetype<usize>(synapse) : 0;
}

/** Makes the step of all parameters, unless a member fails; then none is made. */
export function update<T>(team: Team, me: Member, whole: Pass, samples: i32): void {
  const o = whole.optimizer;
  if (o.plain) stepPlain<T>(team, whole, samples, o.rate);
  else advance<T>(team, me, whole, o);
  if (!hasFailed() && whole.limitedCount) constrainAll<T>(whole);
}

/** Makes a step of plain descent: p - rate · g, last where gradients were skipped. */
function stepPlain<T>(team: Team, whole: Pass, samples: i32, rate: f64): void {
  let skips = false;
  begin();
  for (let r = 0; r < whole.runCount; r++) {
    const run = runAt(whole, r);
    if (!takesPart(run)) continue;
    if (skippedOf(team, whole, run)) {
      skips = true;
      continue;
    }
    for (let from = 0; from < run.count; from += NUMBERS) {
      if (!isMine()) continue;
      const place = bytes<T>(from);
      if (!step<T>(run.values + place, run.gradients + place, min(NUMBERS, run.count - from), rate)) fail();
      take();
    }
  }
  meet();
  if (hasFailed()) return retractAll<T>(team, whole);
  if (skips) stepSkipped<T>(team, whole, samples, rate);
}

/** Restores the parameters before a step. */
function retractAll<T>(team: Team, whole: Pass): void {
  for (let r = 0; r < whole.runCount && index == 0; r++) {
    const run = runAt(whole, r);
    if (takesPart(run) && !skippedOf(team, whole, run)) retract<T>(run.values, run.gradients, run.count);
  }
}

/** Makes the step of large matrices whose gradient was skipped. */
function stepSkipped<T>(team: Team, whole: Pass, samples: i32, rate: f64): void {
  begin();
  for (let r = 0; r < whole.runCount; r++) {
    const run = runAt(whole, r);
    const found = takesPart(run) ? skippedOf(team, whole, run) : 0;
    if (!found) continue;
    const synapse = changetype<Synapse>(found), rows = rowsOf(whole, synapse.to, samples);
    if (synapse.kind != SynapseKind.dense) {
      if (!isMine()) continue;
      select.stepByRows<T>(synapse, rows, rate, run.gradients);
      take();
      continue;
    }
    const units = unitsOf(synapse, team.size);
    for (let first = 0, m = synapse.from.size; first < m; first += units) {
      if (!isMine()) continue;
      dense.stepByFactors<T>(synapse, rows, rate, run.gradients, first, min(units, m - first));
      take();
    }
  }
  meet();
}

/** Makes a step of an optimizer with moments: first the bound and the norm of all gradients, then the step. */
function advance<T>(team: Team, me: Member, whole: Pass, o: Optimizer): void {
  const clips = o.clipNorm < Infinity, decay = coupled(o);
  let slopes: f64 = 0;
  begin();
  for (let r = 0, block = 0; r < whole.runCount; r++) {
    const run = runAt(whole, r);
    if (!takesPart(run)) continue;
    for (let from = 0; from < run.count; from += NUMBERS, block += 2) {
      if (!isMine()) continue;
      const place = bytes<T>(from), some = min(NUMBERS, run.count - from);
      slopes += magnitude<T>(run.gradients + place, some);
      if (decay > 0) slopes += decay * magnitude<T>(run.values + place, some);
      if (clips) storeSquares<T>(team, run.gradients + place, some, block, 1);
      take();
    }
  }
  store<f64>(me.slopes, slopes);
  meet();
  let momentBound = o.momentBound, pres: f64 = 0;
  for (let m = 0; m < team.size; m++) momentBound += load<f64>(member(m).slopes);
  for (let i = 0; i < whole.layerCount; i++) pres += boundOf(team, i, 2);
  beginStep<T>(o, clips ? shrink<T>(team, whole, o.clipNorm) : 1);
  if (!keepsAllFinite<T>(o, momentBound) || !(pres < Infinity)) {
    tryAll<T>(whole, o);
    if (hasFailed()) return;
  }
  begin();
  for (let r = 0; r < whole.runCount; r++) {
    const run = runAt(whole, r);
    if (!takesPart(run)) continue;
    for (let from = 0; from < run.count; from += NUMBERS) {
      if (!isMine()) continue;
      moveRun<T>(o, run, from, min(run.count, from + NUMBERS));
      take();
    }
  }
  meet();
  if (index != 0) return;
  for (let r = 0; r < whole.runCount; r++) {
    const run = runAt(whole, r);
    if (!takesPart(run)) continue;
    prepare<T>(o, run.block);
    count(o, run.block);
  }
  o.momentBound = momentBound;
}

/** Stores the sums of the squares of some numbers, block by block. */
function storeSquares<T>(team: Team, x: usize, numbers: i32, block: i32, scale: f64): void {
  for (let from = 0; from < numbers; from += BLOCK_NUMBERS, block++) {
    const square = squares<T>(x + bytes<T>(from), min(BLOCK_NUMBERS, numbers - from), scale);
    store<f64>(team.blocks + ((<usize>block) << 3), square);
  }
}

/** Returns the factor that clips the norm of all gradients to `most`. Every member computes it. */
function shrink<T>(team: Team, whole: Pass, most: f64): f64 {
  beginTree();
  for (let r = 0, block = 0; r < whole.runCount; r++) {
    const run = runAt(whole, r);
    if (!takesPart(run)) continue;
    for (let from = 0; from < run.count; from += BLOCK_NUMBERS, block++) grow(load<f64>(team.blocks + ((<usize>block) << 3)));
    if ((run.count + BLOCK_NUMBERS - 1) / BLOCK_NUMBERS & 1) block++;
  }
  const square = endTree();
  if (square < Infinity) return clipBy(most, square);
  const small = allSquares<T>(whole, SMALL);
  meet(); // a member that is ahead changes gradients in its step
  return clipBySmall(most, small);
}

/** Tries the step on copies of all numbers; a member fails where one would not be finite. */
function tryAll<T>(whole: Pass, o: Optimizer): void {
  begin();
  for (let r = 0; r < whole.runCount; r++) {
    const run = runAt(whole, r);
    if (!takesPart(run)) continue;
    for (let from = 0; from < run.count; from += NUMBERS) {
      if (!isMine()) continue;
      if (!tried<T>(o, run, from, min(run.count, from + NUMBERS))) fail();
      take();
    }
  }
  meet();
}

/** Bounds the norms of weights. */
function constrainAll<T>(whole: Pass): void {
  begin();
  for (let l = 0; l < whole.limitedCount; l++) {
    const synapse = at<Synapse>(whole.limited, l);
    if (synapse.frozen || !isMine()) continue;
    link.constrain<T>(synapse);
    take();
  }
  meet();
}
