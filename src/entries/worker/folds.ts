// Cross-validation in workers: the folds are dealt to threads, which each receive the data once.

import { members, options } from "../../base/options.js";
import { bufferFor, isTyped } from "../../base/read.js";
import { show } from "../../base/text.js";
import type { Folds } from "../../graph/folds.js";
import { foreign, INSIDE } from "../../graph/internal.js";
import {
  type AnyGraph,
  type CrossValidation,
  type Dataset,
  type Evaluation,
  type Fold,
  type FoldOptions,
  Graph,
  GraphError,
  crossValidate as validate,
} from "../../index.js";
import { readOptions } from "./arguments.js";
import { type PageMessage, readMessage, type ThreadMessage } from "./message.js";
import { type AnyWorker, readMaker, start, type Thread } from "./start.js";
import { threads } from "./threads.js";
import { train } from "./training.js";

type FoldThread = Thread<PageMessage, ThreadMessage>;

/** Options of `crossValidate` in workers. */
export interface WorkerFoldOptions extends FoldOptions {
  /** Number of workers, from 1 to 64, that train folds at the same time; 1 by default. */
  readonly workers?: number;
  /** Makes a worker, of the module `plexus-nn/worker/thread`: called once for each of them. */
  readonly worker?: () => AnyWorker;
}

/**
 * Trains and evaluates folds in workers as `crossValidate` of `plexus-nn` does, with the same result. `make` and callbacks are called here, and
 * each graph receives all its state at its fold's end. Data in a `SharedArrayBuffer` stays shared, and must stay as it is. Rejects with
 * the first fold's error, in their order; later folds then end early. Throws as `fit` in a worker does, too.
 */
export async function crossValidate(
  make: (fold: number) => AnyGraph,
  data: Dataset,
  given: WorkerFoldOptions = {},
): Promise<CrossValidation> {
  const read = members(given, "bad-option", "The options of crossValidate");
  if (read === undefined) options(given, [], "crossValidate");
  const { workers = 1, worker, threads: wanted, ...rest } = read!;
  if (wanted !== undefined) {
    throw new GraphError(
      "bad-option",
      "`threads` is an option of `fit`: `crossValidate` takes `workers`, a fold each.",
    );
  }
  if (!Number.isInteger(workers) || (workers as number) < 1 || (workers as number) > 64) {
    throw new GraphError("bad-option", `\`workers\` is a whole number from 1 to 64, not ${show(workers)}.`);
  }
  const maker = readMaker(worker);
  const isSharing = threads().sharing === "memory";
  return validate(make, data, rest as FoldOptions, {
    keeps: (value) => isSharing && isTyped(value) && bufferFor(value) instanceof SharedArrayBuffer,
    train: (folds) => deal(folds, workers as number, maker),
  });
}

/** Trains folds in threads, each the next one in order. Throws the error of the first fold that has one. */
async function deal(folds: Folds, workers: number, maker: (() => unknown) | undefined): Promise<Fold[]> {
  const results: Fold[] = [];
  let next = 0;
  /** The first fold with an error; later ones are stopped. */
  let end = folds.count;
  let error: unknown;
  const stops = new Map<number, () => void>();
  const work = async () => {
    let thread: FoldThread | undefined;
    const open = () => {
      if (thread === undefined) {
        thread = start(maker, readMessage);
        thread.send({ kind: "data", data: folds.data });
      }
      return thread;
    };
    try {
      while (next < end) {
        const fold = next++;
        try {
          const graph = folds.make(fold);
          const { scores, history } = await trainFold(graph, folds, fold, open, (stop) =>
            stops.set(fold, stop),
          );
          results[fold] = { ...(scores ?? scoresOf(graph, folds, fold)), history };
          if (scores !== undefined) continue;
          thread?.terminate();
          thread = undefined;
        } catch (reason) {
          if (fold > end) return;
          [end, error] = [fold, reason];
          for (const [other, stop] of stops) if (other > fold) stop();
        }
      }
    } finally {
      thread?.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, folds.count) }, work));
  if (end < folds.count) throw error;
  return results;
}

/** Trains the graph of a fold in a thread. Returns its history, and its scores unless the thread was abandoned. */
async function trainFold(
  graph: AnyGraph,
  { fit, rows }: Folds,
  fold: number,
  open: () => FoldThread,
  onRun: (stop: () => void) => void,
): Promise<Pick<Fold, "history"> & { readonly scores: Evaluation | undefined }> {
  const { networkOf, reserve, Run } = Graph[INSIDE];
  const network = networkOf(graph);
  if (network === undefined) throw foreign(graph);
  const { sent, ...read } = readOptions(fit);
  const own = { rows: rows(fold, false), heldOut: rows(fold, true) };
  const given = {
    ...read,
    data: undefined,
    sent: { ...sent, data: undefined, batches: undefined, fold: own },
  };
  let scores: Evaluation | undefined;
  const run = new Run(async (run) => {
    scores = await reserve(network, () =>
      train(network, run, given, { open, helpers: undefined, threads: 1 }),
    );
  });
  onRun(() => run.halt("aborted"));
  return { history: await run, scores };
}

/** Evaluates the graph of a fold here. */
function scoresOf(graph: AnyGraph, { data, fit, rows }: Folds, fold: number): Evaluation {
  const { bindDataset, networkOf, selectRows } = Graph[INSIDE];
  const bound = bindDataset(networkOf(graph)!, data, true);
  const { xs, ts, ...weighting } = selectRows(bound, data, rows(fold, true));
  return graph.evaluate(xs, ts, { ...weighting, ...(fit.metrics && { metrics: fit.metrics }) });
}
