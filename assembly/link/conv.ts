// A conv or a convTranspose: windows of positions times weights, the same at each position. K: (kernel, channels of a group of
// the larger end, channels of the smaller end)
//
//     conv            the source is the larger end:   sum += source * K,    delta of the source += delta *ᵀ K
//     convTranspose   the target is the larger end:   sum += source *ᵀ K,   delta of the source += delta * K
//
// Here * is a correlation of the larger end, and *ᵀ its transpose.

import { SynapseKind } from "../abi";
import { convolve, convolveBack, convolveOuter } from "../kernel/conv";
import { Window } from "../kernel/window";
import { Synapse } from "../record";

/** Returns the window of a synapse. */
@inline
function windowOf(synapse: Synapse): Window {
  return changetype<Window>(synapse.map);
}

/** Returns the positions of the smaller end. */
@inline
export function positions(synapse: Synapse): i32 {
  return windowOf(synapse).smallHeight * windowOf(synapse).smallWidth;
}

/** Adds rows of the source's output to sums of the target. x: (rows, size of source); sum: (rows, size of target) */
export function forward<T>(synapse: Synapse, x: usize, sum: usize, rows: i32): void {
  const window = windowOf(synapse);
  if (synapse.kind == SynapseKind.conv) convolve<T>(window, sum, x, synapse.weights, rows, synapse.room);
  else convolveBack<T>(window, sum, x, synapse.weights, rows, synapse.room);
}

/** Adds rows of the target's gradient to that of the source. d: (rows, size of target); delta: (rows, size of source) */
export function backward<T>(synapse: Synapse, d: usize, delta: usize, rows: i32): void {
  const window = windowOf(synapse);
  if (synapse.kind == SynapseKind.conv) convolveBack<T>(window, delta, d, synapse.weights, rows, synapse.room);
  else convolve<T>(window, delta, d, synapse.weights, rows, synapse.room);
}

/** Adds the products of rows to the weights' gradient, or begins it if `fresh`. out: the gradient; x, d: as above */
export function addGradient<T>(synapse: Synapse, out: usize, x: usize, d: usize, rows: i32, fresh: bool): void {
  const isConv = synapse.kind == SynapseKind.conv;
  convolveOuter<T>(windowOf(synapse), out, isConv ? x : d, isConv ? d : x, rows, fresh, synapse.room);
}
