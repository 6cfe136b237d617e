// The engine's functions for the package's other entries, which a user loads beside `plexus-nn`. Their bundles leave the
// engine out, since a second copy would have a core of its own. They reach this copy through the class `Graph`, by a symbol.

import { GraphError } from "../base/error.js";
import { isUnfoldable, unfold } from "../base/nested.js";
import { checkRows, rowsOrLevels, write } from "../base/read.js";
import { show } from "../base/text.js";
import { fillSlots, isOneStep, outputsOf } from "../calls/bind.js";
import { readStepData } from "../calls/bindsteps.js";
import { checkClasses } from "../calls/classes.js";
import { unfoldSlot } from "../calls/forms.js";
import { blank } from "../calls/results.js";
import { rowName } from "../calls/sequence.js";
import { uneven } from "../calls/slots.js";
import { writeSteps } from "../calls/stepdata.js";
import { readTiming } from "../calls/timing.js";
import { restoreArrays } from "../fit/resume.js";
import { bindDataset, selectRows } from "../fit/rows.js";
import { Run, reserve } from "../fit/run.js";
import { setScalers } from "../fit/scaling.js";
import { toArrays } from "../format/arrays.js";
import { save } from "../format/safetensors.js";
import { Times } from "../memory/times.js";

/** The static member of `Graph` that has the engine's functions; of no use to users. */
export const INSIDE: unique symbol = Symbol.for("plexus-nn: inside of the engine");

/** Functions by which the entry for workers trains a graph's network in a thread. */
export const training = {
  bindDataset,
  Run,
  reserve,
  restoreArrays,
  selectRows,
  setScalers,
  toArrays,
};

/** Functions by which that entry reads the data of a prediction in parts. */
export const reading = {
  blank,
  checkClasses,
  checkRows,
  fillSlots,
  isOneStep,
  isUnfoldable,
  outputsOf,
  readStepData,
  readTiming,
  rowName,
  rowsOrLevels,
  save,
  Times,
  uneven,
  unfold,
  unfoldSlot,
  write,
  writeSteps,
};

/** Returns the error for a value that is no graph of this copy of the library. */
export function foreign(given: unknown): GraphError {
  const hint =
    "one of another copy of the module (after a hot reload) comes over by toJSON and Graph.fromJSON";
  return new GraphError(
    "bad-option",
    `The graph is a Graph of this copy of plexus-nn, not ${show(given)}; ${hint}.`,
  );
}
