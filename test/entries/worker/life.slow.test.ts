// The life of a team's threads: their end, however a run ends, and the memory after many runs.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { type FitRun, Graph } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import type { AnyGraph } from "../../support/helpers.js";
import { crew } from "../../support/team.js";

const ROWS = 2000;
const data = { xs: { x: new Float64Array(100 * ROWS) }, ts: { y: new Float64Array(5 * ROWS) } };

/** Begins an endless run on three threads, and waits for its first epochs. */
async function begin(delays: number) {
  const graph: AnyGraph = new Graph({
    seed: 1,
    inputs: { x: 100 },
    outputs: { y: 5 },
    synapses: [["x", "y"]],
  });
  const workers: Worker[] = [];
  const exits: Promise<unknown>[] = [];
  const worker = () => {
    const made = crew({ delays });
    workers.push(made);
    exits.push(new Promise((resolve) => made.on("exit", resolve)));
    return made;
  };
  let epochs = 0;
  let reached = () => {};
  const third = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const control = new AbortController();
  const run = fit(graph, data, {
    ...{ threads: 3, epochs: 1e9, worker, signal: control.signal },
    onEpoch: () => {
      if (++epochs === 3) reached();
    },
  });
  const end = Promise.resolve(run).then(
    ({ stopped }) => stopped,
    (error) => error.code,
  );
  await third;
  return { graph, workers, exits, run, end, control };
}

type Begun = Awaited<ReturnType<typeof begin>>;

async function leave(run: FitRun): Promise<void> {
  for await (const _ of run) break;
}

describe("all threads of a run end", () => {
  it.each<[string, string, (begun: Begun) => unknown]>([
    ["its leader", "bad-option", ({ workers }) => workers[0]!.terminate()],
    ["a helper", "bad-option", ({ workers }) => workers[1]!.terminate()],
    ["the last helper", "bad-option", ({ workers }) => workers[2]!.terminate()],
    ["its graph", "disposed", ({ graph }) => graph.dispose()],
    ["an abort", "aborted", ({ control }) => control.abort()],
    ["a break", "break", ({ run }) => leave(run)],
  ])("with %s, at any time", async (_, wanted, stop) => {
    for (let delays = 1; delays <= 5; delays++) {
      const begun = await begin(delays);
      await new Promise((resolve) => setTimeout(resolve, delays));
      stop(begun);
      expect(await begun.end).toBe(wanted);
      await Promise.all(begun.exits);
      expect(begun.exits).toHaveLength(3);
    }
  });
});

it("a hundred runs leave no thread, no port, and no memory", () => {
  const file = fileURLToPath(new URL("./life.js", import.meta.url));
  const { before, after } = JSON.parse(
    execFileSync(process.execPath, ["--expose-gc", file], { encoding: "utf8" }),
  );
  expect(after.resources).toEqual(before.resources);
  // A run takes 3 MB and more: its shared memory, and three threads.
  expect(after.megabytes - before.megabytes).toBeLessThan(60);
});
