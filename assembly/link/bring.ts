// A synapse at some rows of its layers: adds the source's values to the target's sums, and gradients the other way.

import { BLOCK_SAMPLES, Join } from "../abi";
import { join, place } from "../kernel/fold";
import { bytes } from "../kernel/part";
import { Layer, Pass, Synapse, Times } from "../record";
import { blockRow, blockRows, stepsOf } from "../times";
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
  if (isAligned(pass, synapse)) return link.backward<T>(synapse, slopeOf(synapse), synapse.from.delta, rows);
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
      link.backward<T>(synapse, d, source.delta + bytes<T>(span.source * source.size), span.count);
    } else if (source.initial) {
      takeBackPast<T>(pass, synapse, d, samples);
    }
  }
}

/** Adds gradients to those of the source's initial values, except for rows that a state remembers. */
function takeBackPast<T>(pass: Pass, synapse: Synapse, d: usize, samples: i32): void {
  const source = synapse.from;
  const to = source.dpast + bytes<T>(span.sample * source.size);
  if (!pass.stateful) return link.backward<T>(synapse, d, to, span.count);
  for (let i = 0; i < span.count; i++) {
    if (load<u8>(source.begun + <usize>(span.slot * samples + span.sample + i))) continue;
    link.backward<T>(synapse, d + bytes<T>(i * synapse.to.size), to + bytes<T>(i * source.size), 1);
  }
}

/**
 * Computes the gradient of a synapse's weights: the sums over the target's rows, as `overRows` joins them. out: the gradient;
 * rows: of the target; samples: of the call
 */
export function weightGradient<T>(pass: Pass, synapse: Synapse, out: usize, rows: i32, samples: i32): void {
  const to = synapse.to, from = synapse.from;
  const slope = slopeOf(synapse), width = bytes<T>(to.size);
  const times = pass.times, timed = to.timed != 0;
  const aligned = isAligned(pass, synapse);
  const nested = times != 0 && timed;
  const blocks = nested ? changetype<Times>(times).blocks : (rows + BLOCK_SAMPLES - 1) / BLOCK_SAMPLES;
  const count = link.weightCount(synapse), partialSums = pass.partialSums;
  let outer = 0;
  for (let block = 0; block < blocks; block++) {
    const begin = nested ? blockRow(times, block, true) : block * BLOCK_SAMPLES;
    const end = begin + (nested ? blockRows(times, block, true, samples) : min(BLOCK_SAMPLES, rows - begin));
    let inner = outer, piece = 0;
    if (!aligned) span.begin(pass, synapse, block, 0, stepsOf(times, block), samples);
    let left = 0, at = begin, x: usize = 0;
    for (let first = begin; first < end; first += BLOCK_SAMPLES, piece++) {
      const sum = place<T>(out, partialSums, count, inner);
      const last = min(end, first + BLOCK_SAMPLES);
      if (aligned) {
        const values = from.output + bytes<T>(first * from.size);
        link.addGradient<T>(synapse, sum, values, slope + <usize>first * width, last - first, true);
      } else {
        while (at < last) {
          if (left == 0) {
            span.next<T>();
            left = span.count;
            x = span.values;
          }
          const some = min(left, last - at);
          link.addGradient<T>(synapse, sum, x, slope + <usize>at * width, some, at == first);
          at += some;
          left -= some;
          x += bytes<T>(some * from.size);
        }
      }
      inner++;
      for (let twins = piece; twins & 1; twins >>= 1) join<T>(out, partialSums, count, --inner);
    }
    while (inner > outer + 1) join<T>(out, partialSums, count, --inner);
    outer++;
    for (let twins = block; twins & 1; twins >>= 1) join<T>(out, partialSums, count, --outer);
  }
  while (outer > 1) join<T>(out, partialSums, count, --outer);
}
