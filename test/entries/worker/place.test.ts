// Where `fit` in a worker could be another than `fit` in place.

import { setTimeout as wait } from "node:timers/promises";
import { type Checkpoint, type FitOptions, type FitRun, Graph } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import { type AnyGraph, rejection, wrong } from "../../support/helpers.js";
import { data, make, only, parameters, ts, xs } from "../../support/training.js";

type Train = (graph: AnyGraph, data: unknown, options?: FitOptions) => FitRun;

const places: [string, Train][] = [
  ["in place", (graph, data, options) => graph.fit(wrong(data), options)],
  ["in a worker", (graph, data, options) => fit(graph, wrong(data), options)],
];

/** Returns an endless async iterable of a batch, which counts the calls of its return(). */
function endless(batch: unknown, next = async () => ({ done: false, value: batch })) {
  const told = { left: 0, [Symbol.asyncIterator]: () => ({ next, return: async () => told.left++ }) };
  return told;
}

async function checkpoint(epochs: number): Promise<Checkpoint> {
  const saved: Checkpoint[] = [];
  await make().fit(data, { epochs, checkpoint: { save: (one) => void saved.push(one) } });
  return saved.at(-1)!;
}

describe.each(places)("fit %s", (_, train) => {
  it("takes data, validation and options in the call", async () => {
    const [graph, other] = [make(), make()];
    const flat = () => ({ xs: { x: Buffer.from(xs.x.flat()), c: Float32Array.from(xs.c.flat()) }, ts });
    const copies = () => [flat(), structuredClone(data), { name: "topK", k: 2 } as const] as const;
    const [given, apart, metric] = copies();
    const options = { epochs: 2, validation: apart, metrics: [metric] };
    const run = train(graph, given, options);
    given.xs.x.fill(7);
    given.xs.c.fill(7);
    apart.xs.x[0]![0] = 9;
    apart.ts.z.length = 3;
    options.epochs = 5;
    const { epochs } = await run;
    const [whole, kept] = copies();
    const wanted = await other.fit(whole, { epochs: 2, validation: kept, metrics: [metric] });
    expect(parameters(graph)).toBe(parameters(other));
    expect(epochs.map(({ cost, validation }) => [cost, validation])).toEqual(
      wanted.epochs.map(({ cost, validation }) => [cost, validation]),
    );
  });

  it("takes datasets that are instances of a class", async () => {
    class Sample {
      get xs() {
        return xs;
      }
      get ts() {
        return ts;
      }
      get sampleWeights() {
        return xs.c.map(([c]) => Math.abs(c!));
      }
    }
    const [graph, other] = [make(), make()];
    const { xs: x, ts: t, sampleWeights } = new Sample();
    const plain = { xs: x, ts: t, sampleWeights };
    expect(await train(graph, new Sample(), { validation: new Sample() })).toMatchObject({ steps: 2 });
    await train(graph, [new Sample()]);
    await other.fit(plain, { validation: plain });
    await other.fit([plain]);
    expect(parameters(graph)).toBe(parameters(other));
  });

  it("gives a reader the epochs after those of an earlier run", async () => {
    const resume = await checkpoint(2);
    const run = train(make(), data, { epochs: 4, resume });
    const found: number[] = [];
    for await (const { kind, epoch } of run) if (kind === "epoch") found.push(epoch);
    expect(found).toEqual([3, 4]);
    expect(run.history.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
  });

  it("has no epoch of a run that it is refused to go on from", async () => {
    const resume = await checkpoint(2);
    const run = train(make(), data, { epochs: 4, batchSize: 7, resume });
    expect((await rejection(run)).code).toBe("bad-option");
    expect(run.history.epochs).toEqual([]);
  });

  it("needs no function for `onEpoch`", async () => {
    const { epochs } = await train(make(), data, wrong({ onEpoch: undefined, onBatch: undefined }));
    expect(epochs).toHaveLength(1);
  });

  it.each([
    ["bad-file", "damaged", { resume: { format: "plexus-checkpoint", version: 1, fit: { epochs: 5 } } }],
    ["bad-option", "AbortSignal", { signal: new EventTarget() }],
  ])("refuses with %s what is %s", async (code, words, options) => {
    const error = await rejection(train(make(), data, wrong(options)));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
  });

  it("gives scores by outputs' names alone, whatever those are", async () => {
    const graph: AnyGraph = new Graph({ seed: 1 });
    graph.addInput("x", 1);
    for (const name of ["constructor", "__proto__"]) {
      graph.addOutput(name, 1);
      graph.connect("x", name);
    }
    const set = { xs: { x: [1, 2, 3] }, ts: { constructor: [0, 1, 0], ["__proto__"]: [0, 1, 0] } };
    const { epochs } = await train(graph, set, { validation: set });
    for (const outputs of [epochs[0]!.outputs!, epochs[0]!.validation!.outputs]) {
      expect([Object.getPrototypeOf(outputs), Object.keys(outputs)]).toEqual([
        null,
        ["constructor", "__proto__"],
      ]);
    }
  });

  it("tells an iterator that it is left: by a graph that is disposed of", async () => {
    const graph = make();
    const batches = endless(data);
    const run = train(graph, batches, { onBatch: ({ step }) => step === 3 && graph.dispose() });
    expect((await rejection(run)).code).toBe("disposed");
    expect(batches.left).toBe(1);
  });

  it("tells an iterator once in each epoch that is ended early", async () => {
    const batches = endless(data);
    await train(make(), batches, { epochs: 3, stepsPerEpoch: 2 });
    expect(batches.left).toBe(3);
  });

  it("tells an iterator that failed, as one that is left, and one that has ended not", async () => {
    const oops = new Error("oops");
    const broken = endless(data, () => Promise.reject(oops));
    await expect(train(make(), broken)).rejects.toBe(oops);
    const empty = endless(data, async () => ({ done: true, value: data }));
    expect((await rejection(train(make(), empty))).code).toBe("bad-shape");
    expect([broken.left, empty.left]).toEqual([1, 0]);
  });

  it("minds no failure of an iterator that is told at the run's end", async () => {
    const begin = (): Iterator<unknown> => ({
      next: () => ({ done: false, value: data }),
      return() {
        throw new Error("oops");
      },
    });
    const batches = { [Symbol.iterator]: begin };
    const control = new AbortController();
    const run = train(make(), batches, {
      signal: control.signal,
      onBatch: ({ step }) => step === 3 && control.abort(),
    });
    expect(await run).toMatchObject({ stopped: "aborted", steps: 3 });
    const huge = { xs: only([0]).xs, ts: { z: [1e200] } };
    const diverging = { [Symbol.iterator]: () => ({ ...begin(), next: () => ({ value: huge }) }) };
    expect((await rejection(train(make(), diverging))).code).toBe("diverged");
    // Within a run it is a failure of the data.
    await expect(train(make(), batches, { epochs: 2, stepsPerEpoch: 1 })).rejects.toThrow("oops");
  });
});

describe("a worker's run", () => {
  it("tells an iterator that it is left where a batch can't be sent", async () => {
    const batches = endless({ ...data, extra: () => {} });
    expect((await rejection(fit(make(), wrong(batches)))).code).toBe("bad-option");
    expect(batches.left).toBe(1);
  });

  it("that waits for data ends with a graph that is disposed of", async () => {
    const graph = make();
    const batches = endless(data, () => new Promise<never>(() => {}));
    const run = fit(graph, wrong(batches));
    await wait(300);
    graph.dispose();
    expect((await rejection(run)).code).toBe("disposed");
    expect(batches.left).toBe(1);
    const early = make();
    const soon = fit(early, wrong(batches));
    early.dispose();
    expect((await rejection(soon)).code).toBe("disposed");
  });
});
