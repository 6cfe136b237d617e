// Trainings by a team of threads that all take part, beside those of one thread.

import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Dataset, FitData, FitOptions, History } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { expect } from "vitest";
import type { AnyGraph, Random } from "./helpers.js";

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

const text = (graph: AnyGraph) => JSON.stringify(graph);
const costs = (history: History | undefined) =>
  history?.epochs.map(({ cost, validation }) => [cost, validation]);

/** Trains a graph alone, and a copy by a team, and compares all that comes of it. */
export async function compare(
  random: Random,
  graph: AnyGraph,
  data: Dataset,
  options: FitOptions,
  title: string,
): Promise<void> {
  const other = graph.clone() as AnyGraph;
  const threads = random.pick([2, 3, 4, 7]);
  const failures: string[] = [];
  const failed = (error: unknown) => {
    failures.push(String(error));
    return undefined;
  };
  const alone = await graph.fit(data, options).catch(failed);
  const count = failures.length;
  const together = await trainTogether(other, data, options, threads, { delays: random.whole(1, 1e6) }).catch(
    failed,
  );
  const what = `${title}, ${threads} threads, ${JSON.stringify(options)}, ${JSON.stringify(graph.optimizer)}`;
  expect(failures.slice(count), what).toEqual(failures.slice(0, count));
  expect(text(other) === text(graph), what).toBe(true);
  expect(costs(together), what).toEqual(costs(alone));
  if (together !== undefined) expect([together.threads, together.sharing], what).toEqual([threads, "memory"]);
  graph.dispose();
  other.dispose();
}
