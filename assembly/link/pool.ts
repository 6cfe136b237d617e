// Maps by windows without weights: the mean or the largest of each window, and its inverse, the repetition of a position.

import { SynapseKind } from "../abi";
import {
  averageBackward, averageForward, maxBackward, maxForward, upsampleBackward, upsampleForward,
} from "../kernel/pool";
import { Window } from "../kernel/window";
import { Synapse } from "../record";

/** Adds rows of the source's output to sums of the target. x: (rows, size of source); sum: (rows, size of target) */
export function forward<T>(synapse: Synapse, x: usize, sum: usize, rows: i32): void {
  const window = changetype<Window>(synapse.map);
  if (synapse.kind == SynapseKind.maxPool) maxForward<T>(window, sum, x, rows);
  else if (synapse.kind == SynapseKind.averagePool) averageForward<T>(window, sum, x, rows);
  else upsampleForward<T>(window, sum, x, rows);
}

/**
 * Adds rows of the target's gradient to that of the source. d: (rows, size of target); delta, x: (rows, size of source), x
 * being the values that the source brought
 */
export function backward<T>(synapse: Synapse, d: usize, delta: usize, x: usize, rows: i32): void {
  const window = changetype<Window>(synapse.map);
  if (synapse.kind == SynapseKind.maxPool) maxBackward<T>(window, delta, d, x, rows);
  else if (synapse.kind == SynapseKind.averagePool) averageBackward<T>(window, delta, d, rows);
  else upsampleBackward<T>(window, delta, d, rows);
}
