// A part of a call's samples: all that a pass computes in one thread of a team. Values and deltas of a sample depend on no other
// sample, so a part has the same bits as the whole. Sums over samples are left to the team. See team/.

import { Layer, Pass } from "./record";

/** Whether the passes of this instance are over a part. */
export let isPart: bool = false;
/** Index of the part's first sample. */
export let firstSample: i32 = 0;
/** Samples of the whole call, and its rows in layers with time. */
let samplesOfAll: i32 = 0;
let rowsOfAll: i32 = 0;

/** Begins a part of a call. */
export function beginPart(first: i32, samples: i32, rows: i32): void {
  isPart = true;
  firstSample = first;
  samplesOfAll = samples;
  rowsOfAll = rows;
}

/** Ends the part. */
export function endPart(): void {
  isPart = false;
}

/** Returns the rows of a layer in the whole call. rows: of the layer in the pass */
@inline
export function allRows(pass: Pass, layer: Layer, rows: i32): i32 {
  if (!ASC_FEATURE_THREADS || !isPart) return rows;
  return pass.times && layer.timed ? rowsOfAll : samplesOfAll;
}

/** Returns whether other parts lie behind the rows of this one, in the same matrices. */
@inline
export function hasNeighbour(pass: Pass): bool {
  return ASC_FEATURE_THREADS && isPart && !pass.times;
}
