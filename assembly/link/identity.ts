// An identity synapse: no weights, and equal sizes. It adds the source to the target.

import { add } from "../kernel/fold";
import { Synapse } from "../record";

/** Adds the source's output to sums of the target. sum: (rows, size) */
@inline
export function forward<T>(synapse: Synapse, sum: usize, rows: i32): void {
  const from = synapse.from;
  add<T>(sum, from.output, rows * from.size);
}

/** Adds the target's gradient to that of the source. delta: (rows, size) */
@inline
export function backward<T>(synapse: Synapse, delta: usize, rows: i32): void {
  const to = synapse.to;
  add<T>(delta, to.delta, rows * to.size);
}

/** Adds the target's part of the bias gradient of a linear input. sums, dbias: (size) */
@inline
export function biasGradient<T>(synapse: Synapse, sums: usize, dbias: usize): void {
  add<T>(dbias, sums, synapse.from.size);
}
