// Parts of a call with steps: some samples, with matrices of their own, since the rows of a sample are not adjacent. Rows are
// copied there, and afterwards back to those of the whole call, which the sums read.

import { BLOCK_SAMPLES } from "../abi";
import { bytes } from "../kernel/part";
import { Layer, Pass, Synapse, Times, at, parts } from "../record";
import { firstRow, listOf, stepsOf, width } from "../times";
import { costsOf } from "./costs";
import { Team } from "./team";

/** The part: its block, its first sample there, and its number of samples. */
let block: i32 = 0;
let first: i32 = 0;
let count: i32 = 0;
/** Lists of first rows, of the whole block and of the part. */
let all: usize = 0;
let own: usize = 0;
let steps: i32 = 0;
/** The next free place of the member's memory. */
let next: usize = 0;

/** Takes some bytes of the member's memory. */
function take(size: usize): usize {
  const place = next;
  next += ((size + 15) & ~15) + 16;
  return place;
}

/** Writes the steps of a part, and returns their record. */
function writeTimes(times: usize): usize {
  all = listOf(times, block);
  steps = 0;
  for (const most = stepsOf(times, block); steps < most && width(all, steps) > first; ) steps++;
  const record = take((<usize>steps + 5) << 2);
  own = record + offsetof<Times>() + 8;
  store<u32>(record + offsetof<Times>(), (own - record) >> 2);
  store<u32>(record + offsetof<Times>() + 4, ((own - record) >> 2) + steps + 1);
  let row = 0;
  for (let step = 0; step < steps; step++) {
    store<u32>(own + (<usize>step << 2), row);
    row += min(width(all, step), first + count) - first;
  }
  store<u32>(own + (<usize>steps << 2), row);
  changetype<Times>(record).rows = row;
  changetype<Times>(record).blocks = 1;
  return record;
}

/** Copies rows between the part and the whole call. size: bytes of a row */
function copyRows(part: usize, whole: usize, size: usize, timed: bool, back: bool): void {
  if (!timed) {
    const there = whole + <usize>(block * BLOCK_SAMPLES + first) * size;
    if (back) memory.copy(there, part, <usize>count * size);
    else memory.copy(part, there, <usize>count * size);
    return;
  }
  for (let step = 0; step < steps; step++) {
    const here = part + <usize>firstRow(own, step) * size, there = whole + <usize>(firstRow(all, step) + first) * size;
    const some = <usize>width(own, step) * size;
    if (back) memory.copy(there, here, some);
    else memory.copy(here, there, some);
  }
}

/** Takes a matrix of a part for one of the whole call, if that has it. */
@inline
function matrix(whole: usize, size: usize): usize {
  return whole ? take(size) : 0;
}

/** Takes a matrix and copies its rows. */
function filled(whole: usize, size: usize, timed: bool, rows: i32): usize {
  if (!whole) return 0;
  const place = take(size * rows);
  copyRows(place, whole, size, timed, false);
  return place;
}

/**
 * Places a part of a call with steps: the samples [from, from + some) of a block. pass: the original; part: the member's copy;
 * arena: its memory
 */
export function placeSteps<T>(pass: Pass, part: Pass, arena: usize, inBlock: i32, from: i32, some: i32, samples: i32): void {
  block = inBlock;
  first = from;
  count = some;
  next = arena;
  part.times = writeTimes(pass.times);
  let widest = 0;
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    widest = max(widest, layer.size);
    placeLayer<T>(pass, layer, at<Layer>(part.layers, i), samples);
  }
  const rows = changetype<Times>(part.times).rows;
  part.weightedScratch = pass.weightedScratch ? take(<usize>(max(rows, count) * widest) * (8 + sizeof<T>())) : 0;
  part.costs = take(<usize>(max(rows, count) * widest) << 3);
}

/** Places the matrices of a layer. */
function placeLayer<T>(pass: Pass, from: Layer, to: Layer, samples: i32): void {
  const timed = from.timed != 0, rows = timed ? firstRow(own, steps) : count;
  const n = from.size, row = bytes<T>(n), size = row * rows;
  to.input = filled(from.input, row, timed, rows);
  to.target = filled(from.target, row, timed, rows);
  to.lossWeights = filled(from.lossWeights, row, timed, rows);
  to.dropoutMask = filled(from.dropoutMask, row, false, count);
  to.pre = matrix(from.pre, size);
  to.post = from.post == from.pre ? to.pre : matrix(from.post, size);
  to.delta = matrix(from.delta, size);
  to.dpre = matrix(from.dpre, size);
  to.normalized = matrix(from.normalized, size);
  to.rstd = matrix(from.rstd, bytes<T>(rows * max(1, from.groups)));
  to.droppedPost = matrix(from.droppedPost, size);
  to.dpast = matrix(from.dpast, row * count);
  for (let s = 0; s < from.incomings; s++) {
    const original = at<Synapse>(from.incoming, s), copy = at<Synapse>(to.incoming, s);
    copy.factor = matrix(original.factor, size);
    copy.dfactor = matrix(original.dfactor, size);
  }
  if (!from.past) return;
  const depth = pass.stateful ? from.depth : 1, whole = block * BLOCK_SAMPLES + first;
  to.past = take(row * count * depth);
  to.begun = take(count * depth);
  if (!pass.stateful) return;
  for (let slot = 0; slot < depth; slot++) {
    memory.copy(to.past + row * (slot * count), from.past + row * (slot * samples + whole), row * count);
    memory.copy(to.begun + slot * count, from.begun + slot * samples + whole, count);
  }
}

/** Copies values of a part back, and if it learns what the sums read. */
export function giveSteps<T>(pass: Pass, part: Pass, learns: bool): void {
  for (let o = 0; o < pass.outputCount && !learns; o++) {
    // A cost that is measured afterwards may be one of pre.
    const to = at<Layer>(pass.outputs, o), from = at<Layer>(part.outputs, o);
    if (to.pre != to.post) copyRows(from.pre, to.pre, bytes<T>(to.size), to.timed != 0, true);
  }
  for (let i = 0; i < pass.layerCount; i++) {
    const to = at<Layer>(pass.layers, i), from = at<Layer>(part.layers, i);
    const timed = to.timed != 0, row = bytes<T>(to.size);
    copyRows(from.output, from.output == from.post ? to.post : to.droppedPost, row, timed, true);
    if (!learns) continue;
    copyRows(from.delta, to.delta, row, timed, true);
    if (to.dpre) copyRows(from.dpre, to.dpre, row, timed, true);
    if (to.gain) copyRows(from.normalized, to.normalized, row, timed, true);
    if (to.dpast) copyRows(from.dpast, to.dpast, row, false, true);
    for (let s = 0; s < to.incomings; s++) {
      const synapse = at<Synapse>(to.incoming, s);
      if (synapse.dfactor) copyRows(at<Synapse>(from.incoming, s).dfactor, synapse.dfactor, row, timed, true);
    }
  }
}

/** Copies the costs of an output's rows to those of the whole call. */
export function giveCosts(team: Team, pass: Pass, part: Pass, output: i32, samples: i32): void {
  const layer = at<Layer>(pass.outputs, output);
  copyRows(part.costs, costsOf(team, pass, output, samples), <usize>parts(layer) << 3, layer.timed != 0, true);
}
