// Cross-validation in workers: the folds, graphs and errors of `crossValidate` in place, for any number of workers.

import { Worker } from "node:worker_threads";
import {
  type CrossValidation,
  type Dataset,
  type FoldOptions,
  Graph,
  crossValidate as inPlace,
} from "plexus-nn";
import { crossValidate, type WorkerFoldOptions } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import { type AnyGraph, rejection, wrong } from "../../support/helpers.js";
import { data, make, parameters, ROWS, ts, xs } from "../../support/training.js";
import { datasetOf, make as makeLoops, sequences } from "../../support/windows.js";

const thread = new URL("../../../dist/thread.js", import.meta.url);

/** Returns a result without its times. */
function lasting({ folds, mean, deviation }: CrossValidation) {
  const parts = folds.map(({ history: { seconds: _, epochs, ...history }, ...scores }) => ({
    scores,
    history: {
      ...history,
      epochs: epochs.map(({ seconds: _s, secondsLeft: _l, samplesPerSecond: _p, ...rest }) => rest),
    },
  }));
  return { parts, mean, deviation };
}

/** Returns a maker of graphs, which keeps them. */
function keeping(make: (fold: number) => AnyGraph) {
  const graphs: AnyGraph[] = [];
  const keep = (fold: number) => {
    graphs[fold] = make(fold);
    return graphs[fold];
  };
  return { graphs, make: keep };
}

const seeded = (fold: number) => make("float64", 30 + fold);

function diverging(): AnyGraph {
  const graph = make();
  graph.rate = 1e200;
  return graph;
}

describe("folds in workers", () => {
  it.each<[string, Dataset, FoldOptions, (fold: number) => AnyGraph]>([
    ["plain", data, { epochs: 2 }, seeded],
    [
      "dealt by classes, in float32",
      data,
      { folds: 4, stratify: "y", seed: 7 },
      (fold) => make("float32", fold),
    ],
    [
      "with validation, metrics and scalers",
      { xs: { x: Float64Array.from(xs.x.flat()), c: xs.c }, ts },
      {
        epochs: 4,
        patience: 1,
        validation: 0.3,
        metrics: ["mae", "confusion"],
        scale: { x: "standard", z: "minmax" },
      },
      seeded,
    ],
    [
      "with sample weights and masks",
      { ...data, sampleWeights: xs.c.map(([c]) => Math.abs(c!)) },
      {},
      seeded,
    ],
  ])("%s, are those in place", async (_, set, options, of) => {
    const here = keeping(of);
    const wanted = await inPlace(here.make, set, options);
    for (const workers of [1, 2, 3]) {
      const there = keeping(of);
      const found = await crossValidate(there.make, set, { ...options, workers });
      expect(lasting(found)).toEqual(lasting(wanted));
      expect(Object.getPrototypeOf(found.folds[0]!.outputs)).toBe(
        Object.getPrototypeOf(wanted.folds[0]!.outputs),
      );
      expect(there.graphs.map(parameters)).toEqual(here.graphs.map(parameters));
      for (const graph of there.graphs) graph.train(data.xs, data.ts);
    }
  });

  it("of sequences are those in place", async () => {
    const graph = makeLoops(["y"]);
    const set = datasetOf(graph, sequences([7, 2, 5, 5, 3, 6, 4]), [0, 1, 2, 3, 4, 5, 6]);
    const options = { folds: 3, epochs: 2, window: 3 };
    const wanted = await inPlace(() => makeLoops(["y"]), wrong(set), options);
    const found = await crossValidate(() => makeLoops(["y"]), wrong(set), { ...options, workers: 2 });
    expect(lasting(found)).toEqual(lasting(wanted));
  });

  it("call `make` in order, and callbacks, here", async () => {
    const made: number[] = [];
    let [epochs, saves] = [0, 0];
    const options: WorkerFoldOptions = {
      epochs: 2,
      folds: 3,
      workers: 2,
      onEpoch: () => void epochs++,
      checkpoint: { save: () => void saves++ },
    };
    await crossValidate((fold) => seeded(made.push(fold)), data, options);
    expect([made, epochs, saves]).toEqual([[0, 1, 2], 6, 6]);
  });

  it("take data in the call, and leave a shared buffer shared", async () => {
    const shared = new Float64Array(new SharedArrayBuffer(8 * 4 * ROWS));
    shared.set(xs.x.flat());
    const sent: unknown[] = [];
    const worker = () => {
      const made = new Worker(thread);
      const post = made.postMessage.bind(made);
      made.postMessage = (message: { kind: string; data: Dataset }) => {
        if (message.kind === "data") sent.push(message.data.xs.x);
        post(message);
      };
      return made;
    };
    const given = { xs: { x: shared, c: structuredClone(xs.c) }, ts };
    const wanted = await inPlace(seeded, given, {});
    const run = crossValidate(seeded, given, { workers: 2, worker });
    for (const row of given.xs.c) row.fill(9);
    expect(lasting(await run)).toEqual(lasting(wanted));
    expect(sent).toHaveLength(2);
    for (const values of sent) expect((values as Float64Array).buffer).toBe(shared.buffer);
  });

  it("end with a signal as they do in place", async () => {
    const options = { signal: AbortSignal.abort(), folds: 2, epochs: 3 };
    const wanted = await inPlace(seeded, data, options);
    expect(lasting(await crossValidate(seeded, data, { ...options, workers: 2 }))).toEqual(lasting(wanted));
    const control = new AbortController();
    const late = crossValidate(seeded, data, { folds: 2, epochs: 1e9, workers: 2, signal: control.signal });
    setTimeout(() => control.abort(), 150);
    expect((await late).folds.map(({ history }) => history.stopped)).toEqual(["aborted", "aborted"]);
  });
});

describe("a fold in a worker", () => {
  it.each<[string, (fold: number) => unknown, unknown, object]>([
    ["no graph", (fold) => (fold === 2 ? {} : seeded(fold)), data, {}],
    ["another graph", (fold) => (fold === 3 ? new Graph() : seeded(fold)), data, {}],
    ["a wrong option", seeded, data, { epochs: 0 }],
    ["an unknown option", seeded, data, { epoch: 1 }],
    ["too many folds", seeded, data, { folds: 99 }],
    ["no target to stratify by", seeded, data, { stratify: "w" }],
    ["two faults, of which the first fold's counts", (fold) => [seeded(0), diverging(), {}][fold], data, {}],
    ["data that diverges", seeded, { xs, ts: { z: xs.c.map(() => [1e200]) } }, {}],
    ["data of another form", seeded, { xs: { x: xs.x }, ts }, {}],
  ])("with %s is refused as in place", async (_, of, set, options) => {
    const wanted = await rejection(inPlace(wrong(of), wrong(set), options));
    const found = await rejection(crossValidate(wrong(of), wrong(set), { ...options, workers: 2 }));
    expect([found.code, found.message]).toEqual([wanted.code, wanted.message]);
  });

  it("that fails stops later ones, whose graphs are free again", async () => {
    const there = keeping((fold) => (fold === 0 ? diverging() : seeded(fold)));
    const run = crossValidate(there.make, data, { workers: 3, epochs: 1e9 });
    expect((await rejection(run)).code).toBe("diverged");
    for (const graph of there.graphs.slice(1)) graph.train(data.xs, data.ts);
    const oops = (fold: number) => {
      if (fold > 0) throw new TypeError(`oops ${fold}`);
      return seeded(fold);
    };
    await expect(crossValidate(oops, data, { workers: 4 })).rejects.toThrow("oops 1");
  });

  it("whose worker fails, or never answers, ends", async () => {
    const dead = () => new Worker("process.exit(3)", { eval: true });
    const error = await rejection(crossValidate(seeded, data, { worker: dead, workers: 2 }));
    expect([error.code, error.message]).toEqual(["bad-option", expect.stringContaining("worker")]);
    const deaf = () => new Worker("setInterval(() => {}, 1000)", { eval: true });
    const options = { folds: 2, signal: AbortSignal.abort() };
    const wanted = await inPlace(seeded, data, options);
    const found = await crossValidate(seeded, data, { ...options, worker: deaf, workers: 2 });
    expect(lasting(found)).toEqual(lasting(wanted));
  });

  it("leaves no thread", async () => {
    const ended: Promise<unknown>[] = [];
    const worker = () => {
      const made = new Worker(thread);
      ended.push(new Promise((resolve) => made.once("exit", resolve)));
      return made;
    };
    await crossValidate(seeded, data, { worker, workers: 2 });
    await rejection(crossValidate(seeded, data, { worker, workers: 2, epochs: 0 }));
    await Promise.all(ended);
    expect(ended.length).toBeGreaterThan(2);
  });

  it.each([0, 65, 1.5, "2", "all", null])("is not begun with %o for workers", async (workers) => {
    const error = await rejection(crossValidate(seeded, data, wrong({ workers })));
    expect([error.code, error.message]).toEqual(["bad-option", expect.stringContaining("`workers`")]);
  });
});
