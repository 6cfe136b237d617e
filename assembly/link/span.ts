// The rows that a synapse brings, as spans: runs of rows that are adjacent in the source and in the target. Step t of the target
// receives step t - delay of the source, or the last or first one of each sample. Outside a sequence it receives the source's
// past. One span is read at a time.

import { BLOCK_SAMPLES, Step } from "../abi";
import { bytes } from "../kernel/part";
import { Pass, Synapse } from "../record";
import { blockRows, firstRow, listOf, stepsOf, width } from "../times";

/** The span: its rows in the target, and pointer of the first source row. */
export let row: i32 = 0;
export let count: i32 = 0;
export let values: usize = 0;
/** First row in the source; -1 for the past. Then `sample` is the first sample, and `slot` the steps before the last one. */
export let source: i32 = 0;
export let sample: i32 = 0;
export let slot: i32 = 0;

let list: usize = 0;
let steps: i32 = 0;
let step: i32 = 0;
let end: i32 = 0;
/** Samples of this step that earlier spans cover. */
let done: i32 = 0;
let first: i32 = 0;
let samples: i32 = 0;
let synapse: Synapse = changetype<Synapse>(0);
let stateful: bool = false;
let rows: i32 = 0;

/** Begins the spans of a block's steps [from, to) of the target; of a target without time, which is one step, all its rows. */
export function begin(pass: Pass, given: Synapse, block: i32, from: i32, to: i32, all: i32): void {
  const times = pass.times;
  list = listOf(times, block);
  steps = stepsOf(times, block);
  first = block * BLOCK_SAMPLES;
  samples = blockRows(times, block, false, all);
  step = from;
  end = given.to.timed ? to : from + 1;
  done = 0;
  synapse = given;
  stateful = pass.stateful != 0;
  rows = all;
}

/** Sets a span of the source's own rows. */
@inline
function own<T>(at: i32, from: i32, number: i32): bool {
  row = at;
  source = from;
  count = number;
  values = synapse.from.output + bytes<T>(from * synapse.from.size);
  return true;
}

/** Sets a span of the source's past: of `number` samples from `sampleAt`, `back` steps before the last remembered one. */
function past<T>(at: i32, sampleAt: i32, back: i32, number: i32): bool {
  const from = synapse.from;
  row = at;
  source = -1;
  sample = sampleAt;
  slot = back;
  count = number;
  values = from.past + bytes<T>((stateful ? back * rows + sampleAt : sampleAt - first) * from.size);
  return true;
}

/** Moves to the next span. Returns whether there is one. */
export function next<T>(): bool {
  if (step >= end) return false;
  const from = synapse.from, timed = synapse.to.timed != 0;
  const at = timed ? firstRow(list, step) : first;
  const number = timed ? width(list, step) : samples;
  if (!from.timed) return nextOfOne<T>(at, number);
  if (synapse.at == Step.first) {
    step++;
    return own<T>(at, firstRow(list, 0), number);
  }
  if (synapse.at == Step.last) return nextOfLast<T>(at, number);
  const u = step - synapse.delay;
  if (u < 0) {
    step++;
    return past<T>(at, first, -u - 1, number);
  }
  const inner = u < steps ? min(width(list, u), number) : 0;
  if (done == inner && inner < number) { // samples that have ended
    done = 0;
    step++;
    return past<T>(at + inner, first + inner, 0, number - inner);
  }
  const found = own<T>(at, firstRow(list, u), inner);
  if (inner < number) {
    done = inner;
    return found;
  }
  step++;
  // Further steps, while their rows follow in the source, too.
  for (let v = u; step < end && width(list, v) == width(list, step - 1) && v + 1 < steps; step++) {
    const more = width(list, step);
    if (width(list, ++v) < more) break;
    count += more;
  }
  return found;
}

/** Does `next` for a source without time, whose one value stands at each of a sample's steps. */
function nextOfOne<T>(at: i32, number: i32): bool {
  const u = step - synapse.delay;
  if (u < 0) {
    step++;
    return past<T>(at, first, -u - 1, number);
  }
  const inner = synapse.delay >= 0 ? number : u < steps ? min(width(list, u), number) : 0;
  if (done == inner && inner < number) {
    done = 0;
    step++;
    return past<T>(at + inner, first + inner, 0, number - inner);
  }
  if (inner < number) done = inner;
  else step++;
  return own<T>(at, first, inner);
}

/** Does `next` for the last step of each sample: samples that end together are neighbours. */
function nextOfLast<T>(at: i32, number: i32): bool {
  // Longest first, so the last step with more samples than `done` is the end of the next ones.
  let u = steps - 1;
  while (width(list, u) <= done) u--;
  const begun = done, ended = min(width(list, u), number);
  if (ended == number) {
    done = 0;
    step++;
  } else {
    done = ended;
  }
  return own<T>(at + begun, firstRow(list, u) + begun, ended - begun);
}
