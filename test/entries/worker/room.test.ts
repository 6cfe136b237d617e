// Runs whose shared memory has no room for them, or whose team has fewer members than wanted.

import type { Worker } from "node:worker_threads";
import { type Checkpoint, type Dataset, Graph } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import { type AnyGraph, Random, rejection, seed } from "../../support/helpers.js";
import { crew, outcome, trainTogether } from "../../support/team.js";

const WIDE = 400;
const ROWS = 3000;
const random = new Random(seed);
const xs = { x: Float64Array.from(random.numbers(WIDE * ROWS)) };
const ts = { y: Array.from({ length: ROWS }, (_, r) => r % 7) };
const data = { xs, ts } as unknown as Dataset;

function make(): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 3, optimizer: "adam" });
  graph.addInput("x", WIDE);
  graph.addHidden("h", 20, "relu", { dropout: 0.1 });
  graph.addOutput("y", 7, "softmax");
  graph.connect("x", "h");
  graph.connect("h", "y");
  return graph;
}

/** Pages that have room for the graph, and none for the data. */
const SMALL = 60;
/** Yields the data as batches, the second one too large for the small memory. */
function* batches(sizes: readonly number[]) {
  let from = 0;
  for (const size of sizes) {
    const to = from + size;
    yield {
      xs: { x: xs.x.slice(from * WIDE, to * WIDE) },
      ts: { y: ts.y.slice(from, to) },
    } as unknown as Dataset;
    from = to;
  }
}

describe(`a run without room in a shared memory begins again on one thread, PLEXUS_SEED=${seed}`, () => {
  const trial = { delays: 1, pages: SMALL };

  it.each<[string, object]>([
    ["data", {}],
    ["data and scalers", { scale: { x: "standard" } }],
    ["held-out data", { validation: data }],
  ])("for %s", async (_, options) => {
    const [here, there] = [make(), make()];
    const chosen = { epochs: 2, batchSize: 300, ...options };
    const given = Object.hasOwn(options, "validation") ? ([...batches([20])][0] as Dataset) : data;
    const wanted = await outcome(here, here.fit(given, chosen));
    const run = trainTogether(there, given, chosen, 3, trial);
    expect(await outcome(there, run)).toEqual(wanted);
    expect(await run).toMatchObject({ threads: 1, sharing: "none" });
  });

  it("for the graph itself", async () => {
    const [here, there] = [make(), make()];
    const given = [...batches([20])][0] as Dataset;
    const wanted = await outcome(here, here.fit(given));
    const run = trainTogether(there, given, {}, 2, { delays: 1, pages: 4 });
    expect(await outcome(there, run)).toEqual(wanted);
    expect(await run).toMatchObject({ threads: 1, sharing: "none" });
  });

  it.each<[string, () => Iterable<Dataset>]>([
    ["an iterable that can be read once", () => batches([2000, 300, 700])],
    ["one of a single batch", () => batches([3000])],
  ])("for %s, and reads each batch once", async (_, source) => {
    const [here, there] = [make(), make()];
    const wanted = await outcome(here, here.fit(source()));
    let [begun, read] = [0, 0];
    const counted = function* () {
      begun++;
      for (const batch of source()) {
        read++;
        yield batch;
      }
    };
    const run = trainTogether(there, counted(), {}, 3, trial);
    expect(await outcome(there, run)).toEqual(wanted);
    expect(await run).toMatchObject({ threads: 1, sharing: "none" });
    expect([begun, read]).toEqual([1, [...source()].length]);
  });

  it("for a resumed run, which passes over the batches before it", async () => {
    const sizes = [100, 100, 100, 2000, 100];
    const saved: Checkpoint[] = [];
    const checkpoint = { everySeconds: 1e-9, save: (one: Checkpoint) => void saved.push(one) };
    const [here, there] = [make(), make()];
    await make().fit(() => batches(sizes), { epochs: 2, checkpoint });
    const options = { epochs: 2, resume: saved[2]! };
    const wanted = await outcome(
      here,
      here.fit(() => batches(sizes), options),
    );
    const run = trainTogether(there, () => batches(sizes), options, 2, trial);
    expect(await outcome(there, run)).toEqual(wanted);
  });

  it("and is refused as on one thread, with its iterator ended", async () => {
    let ended = 0;
    const wrong = function* () {
      try {
        yield { xs: { x: [1] }, ts };
      } finally {
        ended++;
      }
    };
    const error = await rejection(trainTogether(make(), wrong() as Iterable<never>, {}, 2, trial));
    expect([error.code, ended]).toEqual(["bad-shape", 1]);
  });
});

it.each([1, 2, 3])("a team has no gap where helper %i of 3 doesn't start", async (lacking) => {
  const [here, there] = [make(), make()];
  const options = { epochs: 2, batchSize: 100 };
  const wanted = await outcome(here, here.fit(data, options));
  let made = 0;
  const worker = (): Worker => {
    if (made++ === lacking) throw new Error("no more workers");
    return crew({ delays: lacking, helpers: 2 });
  };
  const run = fit(there, data, { ...options, threads: 4, worker });
  expect(await outcome(there, run)).toEqual(wanted);
  expect((await run).threads).toBe(3);
});
