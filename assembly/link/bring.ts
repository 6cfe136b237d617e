// A synapse at some rows of its layers: adds the source's values to the target's sums, and gradients the other way.

import { Join } from "../abi";
import { bytes } from "../kernel/part";
import { Pass, Synapse, Times } from "../record";
import { overRows, stepsOf } from "../times";
import * as dense from "./dense";
import * as link from "./table";
import * as span from "./span";

/** Returns whether each row of the target receives the same row of the source, as in every call without steps. */
@inline
export function isAligned(pass: Pass, synapse: Synapse): bool {
  return !pass.times || synapse.aligned != 0;
}

/** Returns the gradient with respect to a synapse's values. (rows, size of target) */
@inline
function slopeOf(synapse: Synapse): usize {
  return synapse.to.join == Join.product ? synapse.dfactor : synapse.to.delta;
}

/** Adds the source's values to sums of the target, at all rows. sum: (rows, size of target); samples: of the call */
export function bring<T>(pass: Pass, synapse: Synapse, sum: usize, rows: i32, samples: i32): void {
  if (isAligned(pass, synapse)) return link.forward<T>(synapse, synapse.from.output, sum, rows);
  const times = pass.times;
  for (let block = 0; block < changetype<Times>(times).blocks; block++) {
    bringSteps<T>(pass, synapse, sum, block, 0, stepsOf(times, block), samples);
  }
}

/** Adds the source's values to sums of the target, at the steps [from, to) of a block. */
export function bringSteps<T>(
  pass: Pass, synapse: Synapse, sum: usize, block: i32, from: i32, to: i32, samples: i32,
): void {
  const width = bytes<T>(synapse.to.size);
  span.begin(pass, synapse, block, from, to, samples);
  while (span.next<T>()) link.forward<T>(synapse, span.values, sum + <usize>span.row * width, span.count);
}

/** Adds the target's gradients to those of the source, at all rows. */
export function takeBack<T>(pass: Pass, synapse: Synapse, rows: i32, samples: i32): void {
  const from = synapse.from;
  if (isAligned(pass, synapse)) return link.backward<T>(synapse, slopeOf(synapse), from.delta, from.output, rows);
  const times = pass.times;
  for (let block = 0; block < changetype<Times>(times).blocks; block++) {
    takeBackSteps<T>(pass, synapse, block, 0, stepsOf(times, block), samples);
  }
}

/** Adds the target's gradients at the steps [from, to) of a block to those of the source. */
export function takeBackSteps<T>(pass: Pass, synapse: Synapse, block: i32, from: i32, to: i32, samples: i32): void {
  const source = synapse.from, slope = slopeOf(synapse);
  const width = bytes<T>(synapse.to.size);
  span.begin(pass, synapse, block, from, to, samples);
  while (span.next<T>()) {
    const d = slope + <usize>span.row * width;
    if (span.source >= 0) {
      link.backward<T>(synapse, d, source.delta + bytes<T>(span.source * source.size), span.values, span.count);
    } else if (source.initial) {
      takeBackPast<T>(pass, synapse, d, samples);
    }
  }
}

/** Adds gradients to those of the source's initial values, except for rows that a state remembers. */
function takeBackPast<T>(pass: Pass, synapse: Synapse, d: usize, samples: i32): void {
  const source = synapse.from;
  const to = source.dpast + bytes<T>(span.sample * source.size);
  if (!pass.stateful) return link.backward<T>(synapse, d, to, span.values, span.count);
  for (let i = 0; i < span.count; i++) {
    if (load<u8>(source.begun + <usize>(span.slot * samples + span.sample + i))) continue;
    const offset = bytes<T>(i * source.size);
    link.backward<T>(synapse, d + bytes<T>(i * synapse.to.size), to + offset, span.values + offset, 1);
  }
}

/** The synapse whose weights have their gradient computed. */
let learner: Synapse = changetype<Synapse>(0);

/** Units of the source whose weights have it, for a thread with a part of them; all where the count is 0. */
let firstUnit: i32 = 0;
let unitCount: i32 = 0;

/** Adds the products of rows to the gradient, or begins it if `fresh`. */
@inline
function add<T>(out: usize, x: usize, d: usize, rows: i32, fresh: bool): void {
  if (!ASC_FEATURE_THREADS || unitCount == 0) link.addGradient<T>(learner, out, x, d, rows, fresh);
  else dense.addGradientPart<T>(learner, out, x, d, rows, fresh, firstUnit, unitCount);
}

/** Sums of the products of a synapse's source with its gradients over one block of rows. */
@unmanaged @final
class Products {
  /** Sums the products of a block. out: the weights' gradient; x, d: rows of the source and of the target */
  @inline block<T>(out: usize, x: usize, d: usize, rows: i32, _m: i32, _n: i32): void {
    add<T>(out, x, d, rows, true);
  }
}

/** The spans that are left of the block of samples, the rows that are left of one, and the next block. */
let values: usize = 0;
let left: i32 = 0;
let nextBlock: i32 = 0;
let caller: Pass = changetype<Pass>(0);
let samples: i32 = 0;

/** The same over the spans of a synapse, whose blocks are summed one after another. */
@unmanaged @final
class SpannedProducts {
  /** Sums the products of a block. out: the weights' gradient; d: rows of the target */
  @inline block<T>(out: usize, _x: usize, d: usize, rows: i32, _m: i32, n: i32): void {
    for (let done = 0; done < rows; ) {
      if (left == 0) nextSpan<T>();
      const some = min(left, rows - done);
      add<T>(out, values, d + bytes<T>(done * n), some, done == 0);
      done += some;
      left -= some;
      values += bytes<T>(some * learner.from.size);
    }
  }
}

/** Moves to the next span, in the next block of samples after the last one of a block. */
function nextSpan<T>(): void {
  if (nextBlock == 0 || !span.next<T>()) {
    span.begin(caller, learner, nextBlock, 0, stepsOf(caller.times, nextBlock), samples);
    span.next<T>();
    nextBlock++;
  }
  left = span.count;
  values = span.values;
}

/**
 * Computes the gradient of a dense synapse's weights from `units` units of its source, beginning at `first`. out: (units, size of
 * target)
 */
export function weightGradientPart<T>(
  pass: Pass, synapse: Synapse, out: usize, rows: i32, all: i32, first: i32, units: i32,
): void {
  firstUnit = first;
  unitCount = units;
  weightGradient<T>(pass, synapse, out, rows, all);
  unitCount = 0;
}

/** Computes the gradient of a synapse's weights, (weights). rows: of the target; all: samples of the call */
export function weightGradient<T>(pass: Pass, synapse: Synapse, out: usize, rows: i32, all: i32): void {
  const from = synapse.from, to = synapse.to;
  const count = ASC_FEATURE_THREADS && unitCount > 0 ? unitCount * to.size : link.weightCount(synapse);
  const slope = slopeOf(synapse), size = link.blockSize(synapse);
  learner = synapse;
  if (isAligned(pass, synapse)) {
    return overRows<Products, T>(pass, to, out, count, from.output, slope, rows, from.size, to.size, 1, size);
  }
  caller = pass;
  samples = all;
  left = 0;
  nextBlock = 0;
  overRows<SpannedProducts, T>(pass, to, out, count, 0, slope, rows, 0, to.size, 1, size);
}
