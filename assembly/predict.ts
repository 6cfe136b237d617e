// Exports of a core that only predicts, for plexus-nn/predict/float64 and /float32. index.ts has these and all others.

import { Status } from "./abi";
import * as graph from "./pass/pass";
import { firstNotFinite } from "./kernel/fold";
import { Pass } from "./record";

export { alloc, free, probe } from "./memory";

/** Returns the index of the first value that is not finite, or -1. */
export function notFinite(values: usize, count: i32): i32 {
  return firstNotFinite<real>(values, count);
}

/** Checks the given values, then computes the outputs. */
export function predict(pass: Pass, rows: i32): Status {
  const status = graph.check<real>(pass, rows, false);
  if (status == Status.ok) graph.predict<real>(pass, rows);
  return status;
}
