// The table of kinds of synapse. A kind is a file in this folder, and a row in each function here. The rows are calls by name,
// not by a table of functions: the compiler inlines them, and `predict` needs no kind's backward half.

import { SynapseKind } from "../abi";
import { Synapse } from "../record";
import * as dense from "./dense";
import * as identity from "./identity";

/** Returns the number of weights; 0 for a kind without weights. */
@inline
export function weightCount(synapse: Synapse): i32 {
  switch (synapse.kind) {
    case SynapseKind.dense: return dense.weightCount(synapse);
    default: return 0;
  }
}

/** Adds the source's output to sums of the target. sum: (rows, size of target) */
@inline
export function forward<T>(synapse: Synapse, sum: usize, rows: i32): void {
  switch (synapse.kind) {
    case SynapseKind.dense: return dense.forward<T>(synapse, sum, rows);
    case SynapseKind.identity: return identity.forward<T>(synapse, sum, rows);
  }
}

/** Adds the target's gradient to that of the source. delta: (rows, size of source) */
@inline
export function backward<T>(synapse: Synapse, delta: usize, rows: i32): void {
  switch (synapse.kind) {
    case SynapseKind.dense: return dense.backward<T>(synapse, delta, rows);
    case SynapseKind.identity: return identity.backward<T>(synapse, delta, rows);
  }
}

/** Computes the weights' gradient of a kind with weights. out: (weights); partialSums: as in `overSamples` */
@inline
export function weightGradient<T>(synapse: Synapse, out: usize, rows: i32, partialSums: usize): void {
  switch (synapse.kind) {
    case SynapseKind.dense: return dense.weightGradient<T>(synapse, out, rows, partialSums);
  }
}

/**
 * Adds the target's part of the bias gradient of a linear input. sums: (size of target), over samples; dbias: (size of source)
 */
@inline
export function biasGradient<T>(synapse: Synapse, sums: usize, dbias: usize): void {
  switch (synapse.kind) {
    case SynapseKind.dense: return dense.biasGradient<T>(synapse, sums, dbias);
    case SynapseKind.identity: return identity.biasGradient<T>(synapse, sums, dbias);
  }
}
