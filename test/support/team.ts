// Trainings by a team of threads that all take part, beside those of one thread.

import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { FitData, FitOptions, History } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import type { AnyGraph } from "./helpers.js";

const file = fileURLToPath(new URL("../entries/worker/crew.js", import.meta.url));

/** Data of a worker of crew.js: the seed of random delays, the helpers to wait for, and the most pages of the memory. */
export interface Trial {
  readonly delays: number;
  readonly helpers?: number;
  readonly pages?: number;
}

/** Starts a worker whose team makes every step. */
export const crew = (trial: Trial) => new Worker(file, { workerData: trial });

/** Trains on threads that all take part. */
export async function trainTogether(
  graph: AnyGraph,
  data: FitData,
  options: FitOptions,
  threads: number,
  trial: Trial,
): Promise<History> {
  return await fit(graph, data, { ...options, threads, worker: () => crew(trial) });
}

/** Returns all that comes of a training: the graph, its history, and the error with its details. */
export async function outcome(graph: AnyGraph, run: PromiseLike<History>) {
  const failures: unknown[] = [];
  const history = await Promise.resolve(run).catch((error) => {
    failures.push([String(error), error.code, error.details]);
    return undefined;
  });
  const epochs = history?.epochs.map(({ cost, validation, step }) => [cost, validation, step]);
  const end = history && [history.stopped, history.steps, history.best];
  return { graph: createHash("sha256").update(JSON.stringify(graph)).digest("hex"), failures, epochs, end };
}
