// A one-to-one synapse: equal sizes, and a weight for each unit. Its matrix is diagonal. w: (size)
//
//     sum of the target    += output of the source ⊙ w
//     delta of the source  += delta of the target ⊙ w
//     dw                    = Σ over rows of output of the source ⊙ delta of the target

import { addAlong, addScaled } from "../kernel/unit";
import { Synapse } from "../record";

/** Adds rows of the source's output to sums of the target. x, sum: (rows, size) */
@inline
export function forward<T>(synapse: Synapse, x: usize, sum: usize, rows: i32): void {
  addScaled<T>(sum, x, synapse.weights, rows, synapse.to.size);
}

/** Adds rows of the target's gradient to that of the source. d, delta: (rows, size) */
@inline
export function backward<T>(synapse: Synapse, d: usize, delta: usize, rows: i32): void {
  addScaled<T>(delta, d, synapse.weights, rows, synapse.to.size);
}

/** Adds the products of rows to the weights' gradient, or begins it if `fresh`. out: (size); x, d: (rows, size) */
@inline
export function addGradient<T>(synapse: Synapse, out: usize, x: usize, d: usize, rows: i32, fresh: bool): void {
  addAlong<T>(out, x, d, rows, synapse.to.size, fresh);
}
