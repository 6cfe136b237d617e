/**
 * `fit` and `predict` off the main thread: the same options, progress and bits. In browsers, Node, Deno and Bun.
 *
 * @module
 */

export { type PredictOptions, predict } from "./predict.js";
export type { AnyWorker } from "./start.js";
export { type Threads, threads } from "./threads.js";

import type { Network } from "../../calls/network.js";
import type { Run } from "../../fit/run.js";
import { abortOn } from "../../fit/signal.js";
import { foreign, INSIDE } from "../../graph/internal.js";
import { type FitData, type FitOptions, type FitRun, Graph, GraphError } from "../../index.js";
import { readArguments, type WorkerArguments } from "./arguments.js";
import { converse } from "./conversation.js";
import { type PageMessage, readMessage, type ThreadMessage } from "./message.js";
import { type AnyWorker, readMaker, start, type Thread } from "./start.js";

/** Options of `fit` in a worker. */
export interface WorkerOptions<In extends string = string, Out extends string = string>
  extends FitOptions<In, Out> {
  /** Makes the worker, of the module `plexus-nn/worker/thread`: for bundlers, and where the module lies at another origin. */
  readonly worker?: () => AnyWorker;
}

/** A graph of these inputs and outputs. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the hidden layers and the precision
type Trains<In extends string, Out extends string> = Graph<In, Out, any, any>;

/**
 * Trains a graph in a worker of its own. Meanwhile the graph is `busy`; it receives the parameters after each epoch, and all
 * its state at the end. Callbacks are called here, and an iterable's batches are pulled here. If a stopped run doesn't end
 * within a second, its thread is abandoned. Throws the errors of `fit`. Throws `bad-option` also for a rate that is a
 * function, values that can't be sent, and a worker that fails or runs other code.
 */
export function fit<In extends string, Out extends string>(
  graph: Trains<In, Out>,
  data: FitData<In, Out>,
  options: WorkerOptions<In, Out> = {},
): FitRun {
  const { networkOf, reserve, Run } = Graph[INSIDE];
  return new Run(async (run) => {
    const given = readArguments(data, options);
    const network = networkOf(graph);
    if (network === undefined) throw foreign(graph);
    await reserve(network, () => train(network, run, given));
  });
}

async function train(network: Network, run: Run, given: WorkerArguments): Promise<void> {
  if (network.training.optimizer.rateOf !== undefined) {
    throw new GraphError(
      "bad-option",
      "A rate that is a function can't be sent to a worker: use one by name.",
    );
  }
  const { hooks } = given;
  const maker = readMaker(given.worker);
  const before = (hooks.resume as { fit?: { epochs?: unknown } } | undefined)?.fit?.epochs;
  // The thread refuses anything but a checkpoint.
  if (Array.isArray(before)) run.prepend(before);
  const unlisten = abortOn(hooks.signal, run);
  const timer = limit(run, hooks.timeLimit);
  let thread: Thread<PageMessage, ThreadMessage> | undefined;
  try {
    thread = start(maker, readMessage);
    await converse(thread, network, run, given);
  } finally {
    clearTimeout(timer);
    unlisten();
    thread?.terminate();
  }
}

/** Stops a run at its time limit. An invalid limit is refused by the thread. */
function limit(run: Run, seconds: unknown): ReturnType<typeof setTimeout> | undefined {
  if (typeof seconds !== "number" || !(seconds > 0)) return undefined;
  return setTimeout(() => run.halt("time"), Math.min(seconds * 1000, 2 ** 31 - 1));
}
