// A sparse synapse: a weight for each pair of a list. w: (connections), sorted by source, then target

import { Pattern, sparseBackward, sparseForward, sparseOuter } from "../kernel/sparse";
import { Synapse } from "../record";

/** Returns the pattern of a synapse. */
@inline
export function patternOf(synapse: Synapse): Pattern {
  return changetype<Pattern>(synapse.map);
}

/** Adds rows of the source's output to sums of the target. x: (rows, size of source); sum: (rows, size of target) */
export function forward<T>(synapse: Synapse, x: usize, sum: usize, rows: i32): void {
  sparseForward<T>(patternOf(synapse), sum, x, synapse.weights, rows, synapse.room);
}

/** Adds rows of the target's gradient to that of the source. d: (rows, size of target); delta: (rows, size of source) */
export function backward<T>(synapse: Synapse, d: usize, delta: usize, rows: i32): void {
  sparseBackward<T>(patternOf(synapse), delta, d, synapse.weights, rows, synapse.room);
}

/** Adds the products of rows to the weights' gradient, or begins it if `fresh`. out: (connections); x, d: as above */
export function addGradient<T>(synapse: Synapse, out: usize, x: usize, d: usize, rows: i32, fresh: bool): void {
  sparseOuter<T>(patternOf(synapse), out, x, d, rows, fresh, synapse.room);
}
