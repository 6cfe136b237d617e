// The table of kinds of synapse. A kind is a file in this folder, or shares one with its relatives, and a row in each function
// here. The rows are calls by name, not by a table of functions: the compiler inlines them, and `predict` needs no kind's
// backward half.

import { BLOCK_SAMPLES, SynapseKind } from "../abi";
import { convolveRoom } from "../kernel/conv";
import { constrainNumbers, constrainPattern, constrainRows, constrainTransposed } from "../kernel/limit";
import { sparseRoom } from "../kernel/sparse";
import { Window } from "../kernel/window";
import { Synapse } from "../record";
import { constrainNorms } from "../rule/penalty";
import { blockOf } from "../times";
import * as conv from "./conv";
import * as dense from "./dense";
import * as identity from "./identity";
import * as oneToOne from "./onetoone";
import * as pool from "./pool";
import * as select from "./select";
import * as sparse from "./sparse";

/** Returns the number of weights; 0 for a kind without weights. */
@inline
export function weightCount(synapse: Synapse): i32 {
  return synapse.rows * synapse.columns;
}

/** Returns the samples of a block in the sum of the weights' gradient. */
@inline
export function blockSize(synapse: Synapse): i32 {
  const kind = synapse.kind;
  const isConv = kind == SynapseKind.conv || kind == SynapseKind.convTranspose;
  return isConv ? blockOf(conv.positions(synapse)) : BLOCK_SAMPLES;
}

/** Returns whether a kind is a linear map, the same for all samples. */
@inline
export function isLinear(synapse: Synapse): bool {
  return synapse.kind != SynapseKind.maxPool;
}

/** Returns the bytes of workspace that a synapse needs, or the most that a number of 32 bits counts. */
export function room<T>(synapse: Synapse): usize {
  let bytes: u64 = 0;
  switch (synapse.kind) {
    case SynapseKind.conv:
    case SynapseKind.convTranspose: bytes = convolveRoom<T>(changetype<Window>(synapse.map)); break;
    case SynapseKind.sparse: bytes = sparseRoom<T>(sparse.patternOf(synapse));
  }
  return <usize>min<u64>(bytes, usize.MAX_VALUE);
}

/** Adds the source's output to sums of the target. x: (rows, size of source); sum: (rows, size of target) */
@inline
export function forward<T>(synapse: Synapse, x: usize, sum: usize, rows: i32): void {
  switch (synapse.kind) {
    case SynapseKind.dense: return dense.forward<T>(synapse, x, sum, rows);
    case SynapseKind.identity: return identity.forward<T>(synapse, x, sum, rows);
    case SynapseKind.oneToOne: return oneToOne.forward<T>(synapse, x, sum, rows);
    default: return mapForward<T>(synapse, x, sum, rows);
  }
}

/** Does `forward` for kinds that are called less often. */
function mapForward<T>(synapse: Synapse, x: usize, sum: usize, rows: i32): void {
  switch (synapse.kind) {
    case SynapseKind.sparse: return sparse.forward<T>(synapse, x, sum, rows);
    case SynapseKind.conv:
    case SynapseKind.convTranspose: return conv.forward<T>(synapse, x, sum, rows);
    case SynapseKind.gather: return select.gather<T>(synapse, x, sum, rows);
    case SynapseKind.embedding: return select.embed<T>(synapse, x, sum, rows);
    case SynapseKind.averagePool:
    case SynapseKind.maxPool:
    case SynapseKind.upsample: return pool.forward<T>(synapse, x, sum, rows);
  }
}

/**
 * Adds the target's gradient to that of the source. d: (rows, size of target); delta, x: (rows, size of source), x being the
 * values that the source brought
 */
@inline
export function backward<T>(synapse: Synapse, d: usize, delta: usize, x: usize, rows: i32): void {
  switch (synapse.kind) {
    case SynapseKind.dense: return dense.backward<T>(synapse, d, delta, rows);
    case SynapseKind.identity: return identity.backward<T>(synapse, d, delta, rows);
    case SynapseKind.oneToOne: return oneToOne.backward<T>(synapse, d, delta, rows);
    default: return mapBackward<T>(synapse, d, delta, x, rows);
  }
}

/** Does `backward` for kinds that are called less often. Class numbers have no gradient. */
function mapBackward<T>(synapse: Synapse, d: usize, delta: usize, x: usize, rows: i32): void {
  switch (synapse.kind) {
    case SynapseKind.sparse: return sparse.backward<T>(synapse, d, delta, rows);
    case SynapseKind.conv:
    case SynapseKind.convTranspose: return conv.backward<T>(synapse, d, delta, rows);
    case SynapseKind.gather: return select.gatherBack<T>(synapse, d, delta, rows);
    case SynapseKind.embedding: return;
    case SynapseKind.averagePool:
    case SynapseKind.maxPool:
    case SynapseKind.upsample: return pool.backward<T>(synapse, d, delta, x, rows);
  }
}

/** Adds the products of rows to the gradient of a kind with weights, or begins it if `fresh`. out: (weights); x, d: as above */
@inline
export function addGradient<T>(synapse: Synapse, out: usize, x: usize, d: usize, rows: i32, fresh: bool): void {
  switch (synapse.kind) {
    case SynapseKind.dense: return dense.addGradient<T>(synapse, out, x, d, rows, fresh);
    case SynapseKind.oneToOne: return oneToOne.addGradient<T>(synapse, out, x, d, rows, fresh);
    case SynapseKind.sparse: return sparse.addGradient<T>(synapse, out, x, d, rows, fresh);
    case SynapseKind.embedding: return select.embedOuter<T>(synapse, out, x, d, rows, fresh);
    case SynapseKind.conv:
    case SynapseKind.convTranspose: return conv.addGradient<T>(synapse, out, x, d, rows, fresh);
  }
}

/**
 * Adds the target's part of the bias gradient of a linear input: the transpose of one row, since every sample adds the same
 * bias. sums: (size of target), over samples; out: (size of source)
 */
@inline
export function biasGradient<T>(synapse: Synapse, sums: usize, out: usize): void {
  if (synapse.kind == SynapseKind.dense) dense.biasGradient<T>(synapse, sums, out);
  else backward<T>(synapse, sums, out, 0, 1);
}

/** Bounds the norms of the weights into each unit, channel or row. */
export function constrain<T>(synapse: Synapse): void {
  const w = synapse.weights, most = synapse.maxNorm;
  switch (synapse.kind) {
    case SynapseKind.oneToOne: return constrainNumbers<T>(w, synapse.columns, most);
    case SynapseKind.sparse: return constrainPattern<T>(w, sparse.patternOf(synapse), most);
    case SynapseKind.convTranspose: return constrainTransposed<T>(w, changetype<Window>(synapse.map), most);
    case SynapseKind.embedding: return constrainRows<T>(w, synapse.rows, synapse.columns, most);
    case SynapseKind.dense:
    case SynapseKind.conv: return constrainNorms<T>(w, synapse.rows, synapse.columns, most);
  }
}
