// The rows of a team's step: values, costs and deltas, by parts of the samples. A thread computes all layers of a part, one after
// another.

import { BLOCK_SAMPLES, LayerFlag, Status } from "../abi";
import { magnitude } from "../kernel/fold";
import { bytes } from "../kernel/part";
import { beginPart, endPart } from "../part";
import { computeDelta, isDirect } from "../pass/backward";
import { forward } from "../pass/forward";
import { backwardSums } from "../pass/layer";
import { check, copy, measureRows } from "../pass/pass";
import { Feed, Layer, Pass, Times, at, parts } from "../record";
import { rowsOf } from "../times";
import { costsOf, measurePenalties } from "./costs";
import { place } from "./mirror";
import { giveCosts, giveSteps, placeSteps } from "./steps";
import { Member, Team, begin, fail, isMine, meet, take } from "./team";

/** Rows of a part are a multiple of this, so that all parts but the last are whole vectors, and blocks of noise. */
const ROWS = 16;
/** Most rows of a part. */
const MOST = 128;

/** Returns the samples of a part. */
export function partOf(samples: i32, size: i32): i32 {
  const share = (samples + size - 1) / size;
  return min((share + ROWS - 1) & -ROWS, MOST);
}

/** Returns the size of the widest output. */
function widestOf(pass: Pass): i32 {
  let widest = 0;
  for (let o = 0; o < pass.outputCount; o++) widest = max(widest, at<Layer>(pass.outputs, o).size);
  return widest;
}

/** Copies rows of a dataset to a part of the layers' matrices, as `gather` does, and nothing behind them. */
function gatherPart(team: Team, batch: i32, first: i32, count: i32): void {
  for (let f = 0; f < team.feedCount; f++) {
    const feed = changetype<Feed>(team.feeds + (<usize>f) * offsetof<Feed>());
    let to = load<usize>(feed.word) + <usize>first * feed.bytes;
    const from = batch + first, order = team.order;
    if (order == 0) {
      memory.copy(to, feed.source + <usize>from * feed.bytes, <usize>count * feed.bytes);
      continue;
    }
    const end = to + <usize>count * feed.bytes;
    for (let r = from; to < end; r++, to += feed.bytes) {
      const row = feed.source + <usize>load<u32>(order + ((<usize>r) << 2)) * feed.bytes;
      if (to + feed.bytes + 15 <= end) copy(to, row, feed.bytes);
      else memory.copy(to, row, feed.bytes);
    }
  }
}

/** Computes a part's deltas, and keeps dpre where `delta` doesn't. */
function computeDeltas<T>(pass: Pass, rows: i32, stamp: u64): void {
  let loop = 0;
  for (let i = pass.layerCount - 1; i >= 0; i--) {
    const layer = at<Layer>(pass.layers, i);
    if (layer.flags & LayerFlag.noGradient) continue;
    const skips = isDirect(pass, layer, stamp);
    loop = computeDelta<T>(pass, i, loop, rows, stamp, skips);
    if (layer.loop || skips) continue;
    if (layer.dpre) memory.copy(layer.dpre, layer.delta, bytes<T>(rowsOf(pass, layer, rows) * layer.size));
    backwardSums<T>(pass, layer, rows);
  }
}

/** Adds bounds of a part to those of the member: Σ |output|, Σ |delta| and Σ |pre| of each layer. */
function addBounds<T>(pass: Pass, samples: i32, bounds: usize, all: bool): void {
  for (let i = 0; i < pass.layerCount; i++, bounds += 24) {
    const layer = at<Layer>(pass.layers, i), count = rowsOf(pass, layer, samples) * layer.size;
    store<f64>(bounds, load<f64>(bounds, 16) + magnitude<T>(layer.pre, count), 16);
    if (!all) continue;
    store<f64>(bounds, load<f64>(bounds) + magnitude<T>(layer.output, count));
    if (!layer.isInput) store<f64>(bounds, load<f64>(bounds, 8) + magnitude<T>(layer.delta, count), 8);
  }
}

/**
 * Computes the values of all samples, and if `learns` their costs and deltas. part: the member's copy of the pass; batch: index
 * of the first row of resident data, or -1; checks: whether values and targets may be unfit
 */
export function computeRows<T>(
  team: Team, me: Member, pass: Pass, part: Pass, samples: i32, batch: i32, stamp: u64, learns: bool, checks: bool,
): void {
  const size = partOf(samples, team.size), widest = widestOf(part);
  if (learns) memory.fill(me.bounds, 0, <usize>pass.layerCount * 24);
  for (let o = 0; o < part.outputCount && learns; o++) at<Layer>(part.outputs, o).targetStamp = stamp;
  begin();
  if (learns && part.penalisedCount) measurePenalties<T>(team, part);
  for (let first = 0; first < samples; ) {
    // A part lies in one block of samples.
    const block = first / BLOCK_SAMPLES, left = min(samples, (block + 1) * BLOCK_SAMPLES) - first, count = min(size, left);
    if (isMine()) {
      if (pass.times) placeSteps<T>(pass, part, me.arena, block, first - block * BLOCK_SAMPLES, count, samples);
      else place<T>(team, pass, part, first, widest);
      if (batch >= 0) gatherPart(team, batch, first, count);
      if (checks && check<T>(part, count, learns) != Status.ok) fail();
      computePart<T>(team, me, pass, part, samples, first, count, stamp, learns);
      take();
    }
    first += count;
  }
  meet();
}

/** Computes the part of a batch that begins at a sample. */
function computePart<T>(
  team: Team, me: Member, pass: Pass, part: Pass, samples: i32, first: i32, count: i32, stamp: u64, learns: bool,
): void {
  const times = pass.times;
  beginPart(first, samples, times ? changetype<Times>(times).rows : 0);
  forward<T>(part, count, stamp, learns && part.noise != 0);
  for (let o = 0; o < part.outputCount && learns; o++) {
    const layer = at<Layer>(part.outputs, o);
    const costs = costsOf(team, pass, o, samples) + (<usize>(first * parts(layer)) << 3);
    measureRows<T>(part, layer, count, times ? part.costs : costs);
    if (times) giveCosts(team, pass, part, o, samples);
  }
  if (learns) {
    computeDeltas<T>(part, count, stamp);
    addBounds<T>(part, count, me.bounds, part.optimizer.plain != 0);
  }
  if (times) giveSteps<T>(pass, part, learns);
  endPart();
}
