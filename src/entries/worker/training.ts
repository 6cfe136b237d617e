// A run in a worker, from the page's checks to its end.

import type { Network } from "../../calls/network.js";
import type { Run } from "../../fit/run.js";
import { abortOn } from "../../fit/signal.js";
import { type Evaluation, GraphError } from "../../index.js";
import type { WorkerArguments } from "./arguments.js";
import { converse } from "./conversation.js";
import type { Crew } from "./helpers.js";

/** Trains a network in a thread. Resolves as `converse` does. Throws `bad-option` for a rate that is a function. */
export async function train(
  network: Network,
  run: Run,
  given: WorkerArguments,
  crew: Crew,
): Promise<Evaluation | undefined> {
  if (network.training.optimizer.rateOf !== undefined) {
    throw new GraphError(
      "bad-option",
      "A rate that is a function can't be sent to a worker: use one by name.",
    );
  }
  const { hooks } = given;
  const before = (hooks.resume as { fit?: { epochs?: unknown } } | undefined)?.fit?.epochs;
  // The thread refuses anything but a checkpoint.
  if (Array.isArray(before)) run.prepend(before);
  const unlisten = abortOn(hooks.signal, run);
  const timer = limit(run, hooks.timeLimit);
  try {
    return await converse(crew, network, run, given);
  } finally {
    clearTimeout(timer);
    unlisten();
  }
}

/** Stops a run at its time limit. An invalid limit is refused by the thread. */
function limit(run: Run, seconds: unknown): ReturnType<typeof setTimeout> | undefined {
  if (typeof seconds !== "number" || !(seconds > 0)) return undefined;
  return setTimeout(() => run.halt("time"), Math.min(seconds * 1000, 2 ** 31 - 1));
}
