// A run: awaited, iterated, left, aborted, out of time.

import type { FitRun, History, Progress } from "plexus-nn";
import { describe, expect, it, vi } from "vitest";
import { rejection, wrong } from "../support/helpers.js";
import { data, make, only, parameters, ROWS } from "../support/training.js";

/** Returns the costs and places of a history, without times. */
const lasting = ({ epochs, steps }: History) => [
  steps,
  epochs.map(({ epoch, step, cost }) => [epoch, step, cost]),
];

describe("a run", () => {
  it("starts at once, and can be awaited, caught and finished by", async () => {
    const graph = make();
    const before = parameters(graph);
    const run: FitRun = graph.fit(data, { epochs: 2 });
    expect(() => graph.train(data.xs, data.ts)).toThrow("in training");
    let finished = 0;
    const history = await run.finally(() => finished++).then((found) => found);
    expect(history).toBe(run.history);
    expect([history.stopped, finished]).toEqual(["epochs", 1]);
    expect(parameters(graph)).not.toBe(before);
    expect(
      await make()
        .fit(wrong(0))
        .catch((error) => error.code),
    ).toBe("bad-shape");
  });

  it("gives every epoch to whoever goes through it, and has no reader wait", async () => {
    const run = make().fit(data, { epochs: 50, batchSize: 5 });
    const slow: Progress[] = [];
    for await (const progress of run) {
      if (progress.kind === "epoch") slow.push(progress);
      if (slow.length === 3) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(slow).toEqual(run.history.epochs);
    // Whoever comes late is given them, too.
    const late: number[] = [];
    for await (const progress of run) if (progress.kind === "epoch") late.push(progress.epoch);
    expect(late).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it("gives batches in their places between the epochs", async () => {
    const seen: Progress[] = [];
    for await (const progress of make().fit(data, { epochs: 6, batchSize: 1 })) seen.push(progress);
    const batches = seen.filter(({ kind }) => kind === "batch");
    expect(batches.length).toBeGreaterThan(0);
    for (const [i, { step }] of seen.entries()) expect(step).toBeGreaterThanOrEqual(seen[i - 1]?.step ?? 0);
    for (const { epoch, step } of batches) {
      expect(step).toBeGreaterThan((epoch - 1) * ROWS);
      expect(step).toBeLessThanOrEqual(epoch * ROWS);
    }
  });

  it("ends where its reader leaves, with the bits of as many epochs", async () => {
    const [graph, other] = [make(), make()];
    const run = graph.fit(data, { epochs: 1000, batchSize: 10 });
    for await (const progress of run) if (progress.kind === "epoch" && progress.epoch === 3) break;
    expect([run.history.stopped, run.history.epochs.length]).toEqual(["break", 3]);
    graph.evaluate(data.xs, data.ts);
    await other.fit(data, { epochs: 3, batchSize: 10 });
    expect(parameters(graph)).toBe(parameters(other));
    expect(graph.train(data.xs, data.ts)).toBe(other.train(data.xs, data.ts));
  });

  it("throws what went wrong where it is read, and nowhere else", async () => {
    const run = make().fit(wrong({ xs: {}, ts: {} }));
    await expect(
      (async () => {
        for await (const progress of run) expect(progress).toBeUndefined();
      })(),
    ).rejects.toThrow("target");
    expect((await rejection(run)).code).toBe("missing-target");
  });
});

describe("onBatch", () => {
  it("is called after every step with the cost that `train` returns", async () => {
    const [graph, other] = [make(), make()];
    const seen: Progress[] = [];
    const history = await graph.fit(data, {
      epochs: 2,
      batchSize: 8,
      shuffle: false,
      onBatch: (progress) => void seen.push(progress),
    });
    const costs = [0, 1].flatMap(() =>
      Array.from({ length: 7 }, (_, b) => {
        const rows = Array.from({ length: Math.min(8, ROWS - b * 8) }, (_, i) => b * 8 + i);
        const batch = only(rows);
        return other.train(batch.xs, batch.ts);
      }),
    );
    expect(seen.map(({ cost }) => cost)).toEqual(costs);
    expect(seen.map(({ step, epoch, kind, steps }) => [step, epoch, kind, steps])).toEqual(
      costs.map((_, i) => [i + 1, i < 7 ? 1 : 2, "batch", 14]),
    );
    expect(parameters(graph)).toBe(parameters(other));
    expect(history.steps).toBe(14);
  });

  it("changes no bits", async () => {
    const [graph, other] = [make(), make()];
    const one = await graph.fit(data, { epochs: 3, batchSize: 4, onBatch: () => {} });
    const two = await other.fit(data, { epochs: 3, batchSize: 4 });
    expect(lasting(one)).toEqual(lasting(two));
    expect(parameters(graph)).toBe(parameters(other));
  });

  it("rejects the run with what it throws", async () => {
    const oops = new Error("oops");
    const graph = make();
    const run = graph.fit(data, {
      onBatch: () => {
        throw oops;
      },
    });
    await expect(run).rejects.toBe(oops);
    expect(graph.train(data.xs, data.ts)).toBeGreaterThan(0);
  });
});

describe("outputs", () => {
  it("have the mean costs of an epoch, which add up to its cost", async () => {
    const graph = make();
    const [first] = (await graph.fit(data, { batchSize: 9 })).epochs;
    const { y, z } = first!.outputs!;
    expect(Math.abs(y!.cost + z!.cost - first!.cost)).toBeLessThan(1e-12 * first!.cost);
  });

  it("are those of the data after the epoch with `metrics` and without validation", async () => {
    const graph = make();
    const [first] = (await graph.fit(data, { metrics: ["accuracy"] })).epochs;
    const { outputs } = graph.evaluate(data.xs, data.ts, { metrics: ["accuracy"] });
    expect(first!.outputs).toEqual(outputs);
  });
});

describe("an AbortSignal", () => {
  it("that is aborted already trains no step", async () => {
    const graph = make();
    const before = parameters(graph);
    const history = await graph.fit(data, { epochs: 5, signal: AbortSignal.abort() });
    expect(history).toMatchObject({ stopped: "aborted", steps: 0, epochs: [] });
    expect(parameters(graph)).toBe(before);
  });

  it("that is aborted in a callback trains no further step", async () => {
    for (const stopAt of [1, 3, 7, 9]) {
      const [graph, other] = [make(), make()];
      const control = new AbortController();
      const history = await graph.fit(data, {
        epochs: 3,
        batchSize: 8,
        signal: control.signal,
        onBatch: ({ step }) => step === stopAt && control.abort(),
      });
      expect([history.stopped, history.steps, history.epochs.length]).toEqual([
        "aborted",
        stopAt,
        Math.floor(stopAt / 7),
      ]);
      let steps = 0;
      const second = new AbortController();
      await other.fit(data, {
        epochs: 3,
        batchSize: 8,
        signal: second.signal,
        onBatch: () => ++steps === stopAt && second.abort(),
      });
      expect(parameters(graph)).toBe(parameters(other));
    }
  });

  it("stops between two epochs, and from outside", async () => {
    const control = new AbortController();
    const run = make().fit(data, { epochs: 1e9, signal: control.signal });
    setTimeout(() => control.abort(), 5);
    expect((await run).stopped).toBe("aborted");
    const second = new AbortController();
    const history = await make().fit(data, {
      epochs: 9,
      signal: second.signal,
      onEpoch: ({ epoch }) => void (epoch === 4 && second.abort()),
    });
    expect([history.stopped, history.epochs.length]).toEqual(["aborted", 4]);
  });

  it("leaves no listener behind", async () => {
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
    await make().fit(data, { signal });
    await rejection(make().fit(wrong({ xs: {}, ts: data.ts }), { signal }));
    expect(remove.mock.calls).toEqual(add.mock.calls);
    expect(add).toHaveBeenCalledTimes(2);
  });
});

describe("a time limit", () => {
  it("stops the run between batches", async () => {
    let time = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (time += 100));
    try {
      const history = await make().fit(data, { epochs: 1e6, batchSize: 5, timeLimit: 20 });
      expect(history.stopped).toBe("time");
      expect(history.seconds).toBeGreaterThanOrEqual(20);
      expect(history.seconds).toBeLessThan(25);
      expect(history.steps).toBeGreaterThan(0);
    } finally {
      clock.mockRestore();
    }
  });
});

describe("a coarse clock", () => {
  it("loses no step where it shows as much as a slice", async () => {
    let time = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => time);
    try {
      const onEpoch = () => {
        time += 10;
      };
      expect((await make().fit(data, { epochs: 3, batchSize: 10, onEpoch })).steps).toBe(18);
    } finally {
      clock.mockRestore();
    }
  });
});

describe("stepsPerEpoch", () => {
  it("ends an epoch early, and the next begins anew", async () => {
    const graph = make();
    const history = await graph.fit(data, { epochs: 4, batchSize: 10, shuffle: false, stepsPerEpoch: 2 });
    expect([history.steps, history.epochs.map(({ step, steps }) => [step, steps])]).toEqual([
      8,
      [2, 4, 6, 8].map((step) => [step, 8]),
    ]);
    const other = make();
    for (let epoch = 0; epoch < 4; epoch++) {
      for (const first of [0, 10]) {
        const batch = only(Array.from({ length: 10 }, (_, i) => first + i));
        other.train(batch.xs, batch.ts);
      }
    }
    expect(parameters(graph)).toBe(parameters(other));
  });

  it("beyond the data is the data's end", async () => {
    expect((await make().fit(data, { epochs: 2, batchSize: 10, stepsPerEpoch: 100 })).steps).toBe(12);
  });
});
