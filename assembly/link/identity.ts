// An identity synapse: no weights, and equal sizes. It adds the source to the target.

import { add } from "../kernel/fold";
import { Synapse } from "../record";

/** Adds rows of the source's output to sums of the target. x, sum: (rows, size) */
@inline
export function forward<T>(synapse: Synapse, x: usize, sum: usize, rows: i32): void {
  add<T>(sum, x, rows * synapse.from.size);
}

/** Adds rows of the target's gradient to that of the source. d, delta: (rows, size) */
@inline
export function backward<T>(synapse: Synapse, d: usize, delta: usize, rows: i32): void {
  add<T>(delta, d, rows * synapse.to.size);
}
