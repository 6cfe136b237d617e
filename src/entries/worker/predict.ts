// `predict` in workers: its arguments, and the checks before it starts.

import { options } from "../../base/options.js";
import { plain } from "../../base/plain.js";
import type { FloatArray, Precision } from "../../base/precision.js";
import { foreign, INSIDE } from "../../graph/internal.js";
import { type Data, Graph, type TimeOptions } from "../../index.js";
import { partsOf } from "./parts.js";
import { Prediction } from "./prediction.js";
import { type Reply, type Request, readReply } from "./request.js";
import { type AnyWorker, readMaker, start } from "./start.js";
import { readThreads } from "./threads.js";

/** Options of `predict` in workers. */
export interface PredictOptions<K extends string = string> extends Pick<TimeOptions, "steps"> {
  /** Names of the outputs; all by default. */
  readonly outputs?: readonly K[];
  /** Number of threads, from 1 to 64; `"all"` is one for each core, up to 8; 1 by default. */
  readonly threads?: number | "all";
  /** Makes a worker, of the module `plexus-nn/worker/thread`: called once for each thread. */
  readonly worker?: () => AnyWorker;
}

const known = ["outputs", "steps", "threads", "worker"];

/** Parts for each thread, at least, so that all end at about the same time. */
const PARTS = 4;

/**
 * Computes outputs as `graph.predict` does, with the same bits, on threads that each have a copy of the graph: this thread stays
 * free. The graph may be used and changed meanwhile; the data must stay as it is, since it is copied in parts. Needs no shared
 * memory. Throws as `graph.predict` does, and `not-finite` for parameters that aren't finite; `bad-option` for a `state`, and for
 * a worker that doesn't start, fails or runs other code.
 */
export async function predict<
  In extends string,
  Out extends string,
  P extends Precision,
  K extends Out = Out,
>(
  // biome-ignore lint/suspicious/noExplicitAny: whatever the hidden layers
  graph: Graph<In, Out, any, P, any>,
  xs: Readonly<Partial<Record<In, Data>>>,
  given: PredictOptions<K> = {},
): Promise<{ [N in K]: FloatArray<P> }> {
  const { networkOf, save } = Graph[INSIDE];
  const network = networkOf(graph);
  if (network === undefined) throw foreign(graph);
  const read = options(given, known, "predict");
  const wanted = readThreads(read.threads);
  const maker = readMaker(read.worker);
  const outputs = plain(read.outputs, "bad-option", "The outputs");
  const steps = plain(read.steps, "bad-option", "The steps");
  const parts = partsOf(network, xs, outputs, steps, wanted * PARTS);
  const prediction = new Prediction(parts, network.memory.core.bytes);
  const file = save({ ...network.savable("saved"), isFresh: true });
  const count = Math.min(wanted, parts.count);
  const values = await prediction.run(file, count, () => start<Request, Reply>(maker, readReply));
  return values as { [N in K]: FloatArray<P> };
}
