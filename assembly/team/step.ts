// The jobs of a team. The leader writes a job and works at it like the other members, who wait for jobs in between. All loop over
// the same steps. A step that the team can't make is made by the leader alone: so a refusal is that of a single thread.

import { DISMISSED, Job, Status } from "../abi";
import { Layer, Pass, at } from "../record";
import { drawMasks } from "../pass/hide";
import { beginPast } from "../pass/past";
import * as alone from "../pass/pass";
import { schedule } from "../pass/update";
import { mirror } from "./mirror";
import { computeRows } from "./rows";
import { beginSums, computeSums, joinSums } from "./sums";
import { Member, Team, nextJob, call, fail, forgive, hasFailed, index, meet, member, team } from "./team";
import { update } from "./update";

/** Works at the team's job. */
function work<T>(): f64 {
  const t = team(), me = member(index), pass = changetype<Pass>(t.pass);
  // V8 tells an instance lazily that another thread's has grown the memory. Growing by no page asks for it.
  if (memory.size() < t.pages) memory.grow(0);
  const part = mirror(t, me, pass, me.part), whole = mirror(t, me, pass, me.whole);
  part.path = 0;
  let result: f64 = 0;
  switch (t.kind) {
    case Job.batches: result = makeSteps<T>(t, me, part, whole); break;
    case Job.train: result = makeStep<T>(t, me, part, whole, t.samples, -1, t.stamp); break;
    case Job.predict: computeRows<T>(t, me, pass, part, t.samples, -1, t.stamp, false, true);
  }
  meet();
  return result;
}

/** Makes the steps over the batches of the job. Returns the index of the refused batch, or that behind the last. */
function makeSteps<T>(t: Team, me: Member, part: Pass, whole: Pass): f64 {
  for (let batch = t.from; batch < t.to; batch++) {
    const first = batch * t.batch, taken = min(t.batch, t.samples - first);
    const cost = makeStep<T>(t, me, part, whole, taken, first, t.stamp + (batch - t.from));
    if (isNaN(cost)) return batch;
    if (index == 0) alone.tally(changetype<Pass>(t.pass), t.sums, taken, cost);
  }
  return t.to;
}

/**
 * Makes a step over some samples, those of resident data from `batch` on, or with -1 those in the matrices. Returns its cost, or
 * NaN if no step was made.
 */
function makeStep<T>(t: Team, me: Member, part: Pass, whole: Pass, samples: i32, batch: i32, stamp: u64): f64 {
  const pass = changetype<Pass>(t.pass);
  if (index == 0) schedule(pass.optimizer);
  computeRows<T>(t, me, pass, part, samples, batch, stamp, true, batch < 0);
  if (!hasFailed()) {
    beginSums<T>(t, whole, samples, stamp);
    computeSums<T>(t, whole, samples, stamp);
    if (!hasFailed()) {
      joinSums<T>(t, whole, samples, stamp);
      update<T>(t, me, whole, samples);
    }
  }
  if (hasFailed()) return makeAlone<T>(t, pass, samples, batch < 0);
  if (index == 0) pass.optimizer.steps += 1;
  if (whole.noise) {
    if (index == 0) store<u64>(whole.noise, load<u64>(whole.noise) + 1);
    meet();
  }
  return load<f64>(t.total);
}

/** Has the leader make a step alone. Returns its cost, or NaN. */
function makeAlone<T>(t: Team, pass: Pass, samples: i32, checks: bool): f64 {
  meet();
  if (index == 0) {
    forgive();
    const status = checks ? alone.check<T>(pass, samples, true) : Status.ok;
    store<f64>(t.total, status == Status.ok ? alone.train<T>(pass, samples) : alone.refuse(status));
  }
  meet();
  return load<f64>(t.total);
}

/** Writes a job and works at it. */
function lead<T>(kind: Job, size: i32, pass: Pass, samples: i32, steps: i32): f64 {
  const t = team();
  t.kind = kind;
  t.size = size;
  t.pass = changetype<usize>(pass);
  t.samples = samples;
  t.pages = memory.size();
  t.stamp = alone.takeStamps(steps);
  if (pass.times) beginTimes<T>(pass, samples, kind == Job.train);
  call();
  const result = work<T>();
  // A state takes the values of the last steps from there.
  for (let i = 0; i < pass.layerCount && pass.times; i++) {
    const layer = at<Layer>(pass.layers, i);
    layer.output = kind == Job.train && pass.noise && layer.droppedPost ? layer.droppedPost : layer.post;
  }
  return result;
}

/** Fills the past of a call with steps, and draws its masks in the caller's order. */
function beginTimes<T>(pass: Pass, samples: i32, learns: bool): void {
  beginPast<T>(pass, samples);
  for (let i = 0; i < pass.layerCount && learns && pass.noise; i++) {
    const layer = at<Layer>(pass.layers, i);
    if (layer.droppedPost) drawMasks<T>(pass, layer, samples);
  }
}

/** Makes steps as `batches` of pass/pass.ts, with a team of `size` members. */
export function leadBatches<T>(
  size: i32, pass: Pass, feeds: usize, feedCount: i32, order: usize, rows: i32, batch: i32, from: i32, to: i32, sums: usize,
): i32 {
  const t = team();
  t.feeds = feeds;
  t.feedCount = feedCount;
  t.order = order;
  t.batch = batch;
  t.from = from;
  t.to = to;
  t.sums = sums;
  return <i32>lead<T>(Job.batches, size, pass, rows, to - from);
}

/** Makes a step as `train` of index.ts. */
export function leadTrain<T>(size: i32, pass: Pass, samples: i32): f64 {
  return lead<T>(Job.train, size, pass, samples, 1);
}

/** Computes the outputs as `predict` of index.ts. */
export function leadPredict<T>(size: i32, pass: Pass, samples: i32): Status {
  lead<T>(Job.predict, size, pass, samples, 1);
  if (!hasFailed()) return Status.ok;
  forgive();
  return alone.check<T>(pass, samples, false);
}

/** Works at the jobs of a team until it is dismissed. */
export function follow<T>(): void {
  for (let job = nextJob(0); job != DISMISSED; job = nextJob(job)) work<T>();
}
