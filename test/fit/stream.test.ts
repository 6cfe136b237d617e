// Data that comes batch by batch.

import { type Checkpoint, Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, rejection, wrong } from "../support/helpers.js";
import { data, make, only, parameters, ROWS, ts, xs } from "../support/training.js";

const batches = (size: number) =>
  Array.from({ length: Math.ceil(ROWS / size) }, (_, b) =>
    only(Array.from({ length: Math.min(size, ROWS - b * size) }, (_, i) => b * size + i)),
  );

async function* slowly(size: number) {
  for (const batch of batches(size)) {
    await new Promise((resolve) => setTimeout(resolve));
    yield batch;
  }
}

describe("an iterable of datasets", () => {
  it.each([
    ["an array", () => batches(10)],
    ["a generator", () => batches(10)[Symbol.iterator]()],
    ["an async generator", () => slowly(10)],
  ])("as %s has the bits of the same data at once", async (_, begin) => {
    const [graph, other] = [make(), make()];
    const history = await graph.fit(begin(), { epochs: 1 });
    const whole = await other.fit(data, { batchSize: 10, shuffle: false });
    expect(parameters(graph)).toBe(parameters(other));
    expect(history.epochs[0]).toMatchObject({
      cost: whole.epochs[0]!.cost,
      outputs: whole.epochs[0]!.outputs,
      step: 6,
    });
    expect([history.epochs[0]!.steps, history.epochs[0]!.secondsLeft]).toEqual([undefined, undefined]);
  });

  it("by a function is asked for in every epoch", async () => {
    const [graph, other] = [make(), make()];
    const history = await graph.fit(() => slowly(10), { epochs: 3, validation: data });
    await other.fit(data, { epochs: 3, batchSize: 10, shuffle: false });
    expect(parameters(graph)).toBe(parameters(other));
    expect([history.steps, history.epochs.length]).toEqual([18, 3]);
    expect(history.epochs[2]!.validation).toEqual(graph.evaluate(xs, ts));
  });

  it("that can be gone through again needs no function", async () => {
    const [graph, other] = [make(), make()];
    await graph.fit(batches(10), { epochs: 3 });
    await other.fit(data, { epochs: 3, batchSize: 10, shuffle: false });
    expect(parameters(graph)).toBe(parameters(other));
  });

  it("may name other outputs from batch to batch", async () => {
    const [graph, other] = [make(), make()];
    const { epochs } = await graph.fit([{ xs, ts: { y: ts.y } }, { xs, ts: { z: ts.z } }, data]);
    const costs = [other.train(xs, { y: ts.y }), other.train(xs, { z: ts.z })];
    const { y, z } = other.evaluate(xs, ts).outputs;
    costs.push(other.train(xs, ts));
    expect(parameters(graph)).toBe(parameters(other));
    // The mean of an output is over the samples that had a target for it.
    expect(epochs[0]!.cost).toBeCloseTo((costs[0]! + costs[1]! + costs[2]!) / 3, 12);
    expect(epochs[0]!.outputs!.y!.cost).toBeCloseTo((costs[0]! + y.cost) / 2, 12);
    expect(epochs[0]!.outputs!.z!.cost).toBeCloseTo((costs[1]! + z.cost) / 2, 12);
  });

  it("is told where it isn't read to its end, and asked for anew", async () => {
    const events: string[] = [];
    function* all() {
      events.push("begin");
      try {
        yield* batches(10);
      } finally {
        events.push("end");
      }
    }
    const history = await make().fit(() => all(), { epochs: 2, stepsPerEpoch: 2 });
    expect([history.steps, events]).toEqual([4, ["begin", "end", "begin", "end"]]);
  });

  async function* stuck() {
    yield batches(10)[0]!;
    await new Promise(() => {});
  }

  it("that never goes on is left where the graph is disposed of", async () => {
    const graph = make();
    const run = graph.fit(() => stuck(), { onBatch: () => void setTimeout(() => graph.dispose()) });
    expect((await rejection(run)).code).toBe("disposed");
    expect(run.history.steps).toBe(1);
  });

  it("that never goes on is left where the time is over, also before the first step", async () => {
    let [returned, resume]: [number, Checkpoint | undefined] = [0, undefined];
    const data = () => ({
      [Symbol.asyncIterator]: () => {
        const iterator = stuck();
        return { next: () => iterator.next(), return: async () => ({ done: true, value: ++returned }) };
      },
    });
    const save = (one: Checkpoint) => {
      resume = one;
    };
    const options = { timeLimit: 0.03, checkpoint: { everySeconds: 1e-9, save } };
    expect(await make().fit(wrong(data), options)).toMatchObject({ stopped: "time", steps: 1, epochs: [] });
    const never = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) });
    const resumed = await make().fit(wrong(never), { timeLimit: 0.03, resume: resume! });
    expect(resumed).toMatchObject({ stopped: "time", steps: 1, epochs: [] });
    expect(returned).toBe(1);
  });

  it("that never goes on is left where the run is aborted", async () => {
    const control = new AbortController();
    const run = make().fit(() => stuck(), {
      epochs: 2,
      signal: control.signal,
      onBatch: () => void setTimeout(() => control.abort()),
    });
    expect(await run).toMatchObject({ stopped: "aborted", steps: 1, epochs: [] });
  });

  it("rejects with what it throws, and with what a batch is refused for; steps before stay", async () => {
    const oops = new Error("oops");
    function* broken() {
      yield batches(10)[0]!;
      throw oops;
    }
    const graph = make();
    const before = parameters(graph);
    await expect(graph.fit(broken())).rejects.toBe(oops);
    expect(parameters(graph)).not.toBe(before);
    expect((await rejection(graph.fit(wrong([batches(10)[0], 3])))).code).toBe("bad-shape");
    expect((await rejection(graph.fit(wrong([{ xs: { x: [1, 2, 3, 4] }, ts }])))).code).toBe("missing-input");
  });

  it.each<[string, unknown, object, string, string]>([
    ["nothing", [], {}, "bad-shape", "no batch"],
    ["a function that gives nothing", () => undefined, {}, "bad-shape", "iterable"],
    ["once, for two epochs", batches(10)[Symbol.iterator](), { epochs: 2 }, "bad-shape", "function"],
    ["with shuffling", batches(10), { shuffle: true }, "bad-option", "shuffle"],
    ["with a share for validation", batches(10), { validation: 0.5 }, "bad-option", "validation"],
    ["with metrics of nothing", batches(10), { metrics: ["mae"] }, "bad-option", "metrics"],
    ["with `scale`", batches(10), { scale: { x: "standard" } }, "bad-option", "scale"],
  ])("%s is refused", async (_, given, options, code, words) => {
    const error = await rejection(make().fit(wrong(given), options));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  it("that diverges says where", async () => {
    const graph: AnyGraph = new Graph({ seed: 3 });
    graph.addInput("x", 1);
    graph.addOutput("y", 1, "linear");
    graph.connect("x", "y");
    const batch = (t: number) => ({ xs: { x: [1] }, ts: { y: [t] } });
    const error = await rejection(graph.fit([batch(1), batch(2), batch(1e200)]));
    expect(error.code).toBe("diverged");
    expect(error.details).toMatchObject({ epoch: 1, batch: 3, step: 3, layer: "y" });
  });
});
