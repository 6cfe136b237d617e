// A sum of float64 in the order of `overSamples`: in pairs, pairs of pairs, and so on, ((b0 + b1) + (b2 + b3)) + b4. Sums over
// parameters take a block of `BLOCK_NUMBERS` in order, and join the blocks so. Blocks may then be computed by several threads.

import { own } from "../own";

/** Sums of 2^i numbers that wait for the next 2^i: float64 (32). */
const WAITING = memory.data(32 * 8, 8);

let count: u32 = 0;
let waiting: usize = 0;

/** Returns the address of a waiting sum. */
@inline
function at(index: usize): usize {
  return own(WAITING) + (index << 3);
}

/** Adds the last waiting sum to the one before it. */
@inline
function join(): void {
  waiting--;
  store<f64>(at(waiting - 1), load<f64>(at(waiting - 1)) + load<f64>(at(waiting)));
}

/** Begins a sum. */
export function beginTree(): void {
  count = 0;
  waiting = 0;
}

/** Adds a number, the next in order. */
export function grow(value: f64): void {
  store<f64>(at(waiting), value);
  waiting++;
  for (let twins = count; twins & 1; twins >>= 1) join();
  count++;
}

/** Returns the sum; 0 of no number. */
export function endTree(): f64 {
  if (waiting == 0) return 0;
  while (waiting > 1) join();
  return load<f64>(at(0));
}
