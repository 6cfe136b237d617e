// Exports of a core that only predicts, for plexus-nn/predict/float64 and /float32. index.ts has these and all others.

import { Status } from "./abi";
import { forward } from "./pass/forward";
import { check } from "./pass/pass";
import { firstNotFinite } from "./kernel/fold";
import { room as roomOf } from "./link/table";
import { Pass, Synapse } from "./record";

export { alloc, free, probe } from "./memory";

/** Returns the bytes of workspace that a synapse needs. */
export function room(synapse: Synapse): usize {
  return roomOf<real>(synapse);
}

/** Returns the index of the first value that is not finite, or -1. */
export function notFinite(values: usize, count: i32): i32 {
  return firstNotFinite<real>(values, count);
}

/** Checks the given values, then computes the outputs. */
export function predict(pass: Pass, rows: i32): Status {
  const status = check<real>(pass, rows, false);
  // One sample has no path of its own here: it would be a third of a kB for less than the call itself takes.
  if (status == Status.ok) forward<real>(pass, rows, 1, false);
  return status;
}
