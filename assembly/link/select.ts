// Maps that select. A gather brings the source unit that a list names. An embedding brings the row of a table that the source's
// class number names. table: (classes, columns)

import { embedForward, embedGradient, gatherBackward, gatherForward } from "../kernel/place";
import { Synapse } from "../record";

/** Adds rows of the units that a gather names. x: (rows, size of source); sum: (rows, size of target) */
@inline
export function gather<T>(synapse: Synapse, x: usize, sum: usize, rows: i32): void {
  gatherForward<T>(sum, x, synapse.map, rows, synapse.from.size, synapse.to.size);
}

/** Adds rows of the target's gradient to the units that a gather names. d: (rows, size of target); delta: (rows, size of source) */
@inline
export function gatherBack<T>(synapse: Synapse, d: usize, delta: usize, rows: i32): void {
  gatherBackward<T>(delta, d, synapse.map, rows, synapse.from.size, synapse.to.size);
}

/** Adds the table's rows of class numbers. x: (rows, slots); sum: (rows, slots, columns) */
@inline
export function embed<T>(synapse: Synapse, x: usize, sum: usize, rows: i32): void {
  embedForward<T>(sum, x, synapse.weights, rows, synapse.from.size, synapse.columns);
}

/** Adds rows of the target's gradient to that of the table, or begins it if `fresh`. out: (classes, columns); x, d: as above */
@inline
export function embedOuter<T>(synapse: Synapse, out: usize, x: usize, d: usize, rows: i32, fresh: bool): void {
  embedGradient<T>(out, x, d, rows, synapse.from.size, synapse.columns, synapse.rows * synapse.columns, fresh);
}
