// Maps that select. A gather brings the source unit that a list names. An embedding brings the row of a table that the source's
// class number names. table: (classes, columns)

import { OWN_RUN_WEIGHTS, SynapseKind } from "../abi";
import { add, magnitude } from "../kernel/fold";
import { bytes } from "../kernel/part";
import { embedForward, embedGradient, gatherBackward, gatherForward } from "../kernel/place";
import { Synapse, isLone } from "../record";
import { subtractScaled } from "../rule/optimizer";

/** Adds rows of the units that a gather names. x: (rows, size of source); sum: (rows, size of target) */
@inline
export function gather<T>(synapse: Synapse, x: usize, sum: usize, rows: i32): void {
  gatherForward<T>(sum, x, synapse.map, rows, synapse.from.size, synapse.to.size);
}

/** Adds rows of the target's gradient to units that a gather names. d: (rows, size of target); delta: (rows, size of source) */
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

/** Returns whether a step of plain descent may change the named rows of a table alone: the gradient of the others is 0. */
export function isListed(synapse: Synapse, rows: i32): bool {
  if (synapse.kind != SynapseKind.embedding || !isLone(synapse)) return false;
  return synapse.rows * synapse.columns >= OWN_RUN_WEIGHTS && rows * synapse.from.size < synapse.rows;
}

/** Returns a bound of Σ |dW| for a table. rows: of the target */
export function listedBound<T>(synapse: Synapse, rows: i32): f64 {
  return magnitude<T>(synapse.to.delta, rows * synapse.to.size);
}

/**
 * Makes a step of plain descent in the named rows alone, each by its whole gradient. A row that is named twice has then a
 * gradient of 0. scratch: (classes, columns)
 */
export function stepByRows<T>(synapse: Synapse, rows: i32, rate: f64, scratch: usize): void {
  const x = synapse.from.output, d = synapse.to.delta, columns = synapse.columns;
  const width = bytes<T>(columns), count = rows * synapse.from.size;
  for (let i = 0; i < count; i++) memory.fill(scratch + classOf<T>(x, i) * width, 0, width);
  for (let i = 0; i < count; i++) add<T>(scratch + classOf<T>(x, i) * width, d + <usize>i * width, columns);
  for (let i = 0; i < count; i++) {
    const row = classOf<T>(x, i) * width;
    subtractScaled<T>(synapse.weights + row, scratch + row, columns, rate);
    memory.fill(scratch + row, 0, width);
  }
}

/** Returns the class of a slot. x: (slots) */
@inline
function classOf<T>(x: usize, slot: i32): usize {
  return <usize>load<T>(x + bytes<T>(slot));
}
