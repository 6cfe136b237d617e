// The rows of a call with steps; abi.ts has their layout. A call without steps has one row for each sample in every layer, which
// is one block of one step here.

import { BLOCK_SAMPLES } from "./abi";
import { join, overSamples, place } from "./kernel/fold";
import { bytes } from "./kernel/part";
import { Layer, Pass, Times } from "./record";

/** Returns the number of rows of a layer in a call of `rows` samples. */
@inline
export function rowsOf(pass: Pass, layer: Layer, rows: i32): i32 {
  return pass.times && layer.timed ? changetype<Times>(pass.times).rows : rows;
}

/** Returns the list of a block's first rows, step by step. */
@inline
export function listOf(times: usize, block: i32): usize {
  return times + (<usize>load<u32>(times + offsetof<Times>() + ((<usize>block) << 2)) << 2);
}

/** Returns the number of a block's steps. */
@inline
export function stepsOf(times: usize, block: i32): i32 {
  return (<i32>(listOf(times, block + 1) - listOf(times, block)) >> 2) - 1;
}

/** Returns the first row of a step; after the last step, the row after the block. */
@inline
export function firstRow(list: usize, step: i32): i32 {
  return load<u32>(list + ((<usize>step) << 2));
}

/** Returns the number of rows of a step: its samples. */
@inline
export function width(list: usize, step: i32): i32 {
  return firstRow(list, step + 1) - firstRow(list, step);
}

/** Returns the first row of a block in a layer, with time or without. */
@inline
export function blockRow(times: usize, block: i32, timed: bool): i32 {
  return timed ? firstRow(listOf(times, block), 0) : block * BLOCK_SAMPLES;
}

/** Returns the number of rows of a block in a layer. rows: the samples */
@inline
export function blockRows(times: usize, block: i32, timed: bool, rows: i32): i32 {
  if (!timed) return min(BLOCK_SAMPLES, rows - block * BLOCK_SAMPLES);
  return firstRow(listOf(times, block), stepsOf(times, block)) - firstRow(listOf(times, block), 0);
}

/** Returns the number of samples of a block in a sum over samples with so many positions each. */
@inline
export function blockOf(positions: i32): i32 {
  return (BLOCK_SAMPLES + positions - 1) / positions;
}

/**
 * Sums over a layer's rows, as `overSamples` does. With steps, each block of samples is summed over its rows, and the blocks
 * are joined by the same tree. A row has `parts` rows of the matrices, such as a row's positions, and a block `size` of them.
 * out: (count); x: (rows, parts, m); d: (rows, parts, n)
 */
export function overRows<B, T>(
  pass: Pass, layer: Layer, out: usize, count: i32, x: usize, d: usize, rows: i32, m: i32, n: i32, parts: i32, size: i32,
): void {
  const times = layer.timed ? pass.times : 0, partialSums = pass.partialSums;
  if (!times) return overSamples<B, T>(out, count, x, d, rows * parts, m, n, partialSums, size);
  const blocks = changetype<Times>(times).blocks;
  let waiting = 0;
  for (let block = 0; block < blocks; block++) {
    const first = blockRow(times, block, true) * parts;
    overSamples<B, T>(
      place<T>(out, partialSums, count, waiting), count, x + bytes<T>(first * m), d + bytes<T>(first * n),
      blockRows(times, block, true, rows) * parts, m, n, partialSums + bytes<T>(count * waiting), size,
    );
    waiting++;
    for (let twins = block; twins & 1; twins >>= 1) join<T>(out, partialSums, count, --waiting);
  }
  while (waiting > 1) join<T>(out, partialSums, count, --waiting);
}
