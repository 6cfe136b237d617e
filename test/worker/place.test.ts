// Where `fit` in a worker could be another than `fit` in place.

import type { Checkpoint, FitOptions, FitRun } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import { type AnyGraph, rejection, wrong } from "../helpers.js";
import { data, make, parameters, ts, xs } from "../training.js";

type Train = (graph: AnyGraph, data: unknown, options?: FitOptions) => FitRun;

const places: [string, Train][] = [
  ["in place", (graph, data, options) => graph.fit(wrong(data), options)],
  ["in a worker", (graph, data, options) => fit(graph, wrong(data), options)],
];

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
});
