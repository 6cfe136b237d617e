/**
 * `fit`, `predict` and `crossValidate` off the main thread: the same options, results and bits. In browsers, Node, Deno and Bun.
 *
 * @module plexus-nn/worker
 */

export { crossValidate, type WorkerFoldOptions } from "./folds.js";
export { type PredictOptions, predict } from "./predict.js";
export type { AnyWorker } from "./start.js";
export { type Threads, threads } from "./threads.js";

import { foreign, INSIDE } from "../../graph/internal.js";
import { type FitData, type FitOptions, type FitRun, Graph } from "../../index.js";
import { readArguments } from "./arguments.js";
import { Helpers } from "./helpers.js";
import { type PageMessage, readHelperMessage, readMessage, type ThreadMessage } from "./message.js";
import { type AnyWorker, readMaker, start, type Thread } from "./start.js";
import { readThreads, threads } from "./threads.js";
import { train } from "./training.js";

/** Options of `fit` in a worker. */
export interface WorkerOptions<In extends string = string, Out extends string = string>
  extends FitOptions<In, Out> {
  /** Makes the worker, of the module `plexus-nn/worker/thread`: for bundlers, and where the module lies at another origin. */
  readonly worker?: () => AnyWorker;
  /**
   * Most threads, from 1 to 64, that train together where workers can share a memory; `"all"` is one for each core, up to 8. 1 by
   * default. Each calls `worker`. The bits are those of one thread; `history.threads` is the number that computed.
   */
  readonly threads?: number | "all";
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
    const maker = readMaker(given.worker);
    const wanted = readThreads(given.threads);
    await reserve(network, async () => {
      const count = wanted > 1 && threads().sharing === "memory" ? wanted : 1;
      const helpers = count > 1 ? new Helpers() : undefined;
      let leader: Thread<PageMessage, ThreadMessage> | undefined;
      const open = () => {
        leader = start(maker, readMessage);
        helpers?.open(count - 1, () => start(maker, readHelperMessage));
        return leader;
      };
      try {
        await train(network, run, given, { open, helpers, threads: count });
      } finally {
        leader?.terminate();
        helpers?.end();
      }
    });
  });
}
