// The table of kinds of synapse. A kind is a file in this folder, and a row in each function here. The rows are calls by name,
// not by a table of functions: the compiler inlines them, and `predict` needs no kind's backward half.

import { SynapseKind } from "../abi";
import { Synapse } from "../record";
import * as dense from "./dense";
import * as identity from "./identity";
import * as oneToOne from "./onetoone";

/** Returns the number of weights into each unit of the target; 0 for a kind without weights. */
@inline
export function weightRows(synapse: Synapse): i32 {
  switch (synapse.kind) {
    case SynapseKind.dense: return synapse.from.size;
    case SynapseKind.oneToOne: return 1;
    default: return 0;
  }
}

/** Returns the number of weights; 0 for a kind without weights. */
@inline
export function weightCount(synapse: Synapse): i32 {
  return weightRows(synapse) * synapse.to.size;
}

/** Adds rows of the source's output to sums of the target. x: (rows, size of source); sum: (rows, size of target) */
@inline
export function forward<T>(synapse: Synapse, x: usize, sum: usize, rows: i32): void {
  switch (synapse.kind) {
    case SynapseKind.dense: return dense.forward<T>(synapse, x, sum, rows);
    case SynapseKind.identity: return identity.forward<T>(synapse, x, sum, rows);
    case SynapseKind.oneToOne: return oneToOne.forward<T>(synapse, x, sum, rows);
  }
}

/** Adds rows of the target's gradient to that of the source. d: (rows, size of target); delta: (rows, size of source) */
@inline
export function backward<T>(synapse: Synapse, d: usize, delta: usize, rows: i32): void {
  switch (synapse.kind) {
    case SynapseKind.dense: return dense.backward<T>(synapse, d, delta, rows);
    case SynapseKind.identity: return identity.backward<T>(synapse, d, delta, rows);
    case SynapseKind.oneToOne: return oneToOne.backward<T>(synapse, d, delta, rows);
  }
}

/** Adds the products of rows to the gradient of a kind with weights, or begins it if `fresh`. out: (weights); x, d: as above */
@inline
export function addGradient<T>(synapse: Synapse, out: usize, x: usize, d: usize, rows: i32, fresh: bool): void {
  switch (synapse.kind) {
    case SynapseKind.dense: return dense.addGradient<T>(synapse, out, x, d, rows, fresh);
    case SynapseKind.oneToOne: return oneToOne.addGradient<T>(synapse, out, x, d, rows, fresh);
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
    case SynapseKind.oneToOne: return oneToOne.biasGradient<T>(synapse, sums, dbias);
  }
}
