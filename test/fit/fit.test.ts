// fit: the bits of the same `train` calls, in the background.

import { Graph, type Progress } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectClose } from "../support/helpers.js";
import { data, make, only, parameters, ROWS, ts, xs } from "../support/training.js";

describe.each(["float64", "float32"] as const)("without shuffling, in %s", (precision) => {
  it.each([1, 7, 32, 53, 1000])(
    "in batches of %d it gives the bits of `train`, a short last batch included",
    async (size) => {
      const [graph, other] = [make(precision), make(precision)];
      const { epochs, steps, stopped } = await graph.fit(data, {
        epochs: 3,
        batchSize: size,
        shuffle: false,
      });
      const batches = Math.ceil(ROWS / size);
      expect([epochs.length, steps, stopped]).toEqual([3, 3 * batches, "epochs"]);
      for (let epoch = 0; epoch < 3; epoch++) {
        let sum = 0;
        for (let first = 0; first < ROWS; first += size) {
          const rows = Array.from({ length: Math.min(size, ROWS - first) }, (_, i) => first + i);
          const batch = only(rows);
          sum += other.train(batch.xs, batch.ts) * rows.length;
        }
        expectClose([epochs[epoch]!.cost], [sum / ROWS], 1e-12, "cost");
      }
      expect(parameters(graph)).toBe(parameters(other));
    },
  );
});

describe("history", () => {
  it("holds what onEpoch was given", async () => {
    const seen: Progress[] = [];
    const graph = make();
    graph.rate = 0.05;
    const history = await graph.fit(data, {
      epochs: 4,
      batchSize: 10,
      onEpoch: (progress) => void seen.push(progress),
    });
    expect(history.epochs).toEqual(seen);
    expect(history.steps).toBe(24);
    seen.forEach((progress, i) => {
      expect(progress).toMatchObject({
        kind: "epoch",
        epoch: i + 1,
        epochs: 4,
        step: 6 * (i + 1),
        steps: 24,
        rate: 0.05,
      });
      expect(Number.isFinite(progress.cost)).toBe(true);
      for (const time of [progress.seconds, progress.secondsLeft, progress.samplesPerSecond]) {
        expect(Number.isFinite(time) && time! >= 0).toBe(true);
      }
    });
    expect(seen[3]!.secondsLeft).toBe(0);
    expect(seen[3]!.cost).toBeLessThan(seen[0]!.cost);
  });

  it("is of one epoch in batches of 32 by default", async () => {
    const { epochs, steps } = await make().fit(data);
    expect([epochs.length, steps]).toEqual([1, 2]);
  });
});

describe("shuffling", () => {
  it("is told by the seed, differs between epochs, and misses no row", async () => {
    const runs = await Promise.all(
      [21, 21, 22].map(async (from) => {
        const graph = make("float64", 21);
        const json = { ...(graph.toJSON() as object), seed: from };
        const same = Graph.fromJSON(json) as AnyGraph;
        await same.fit(data, { epochs: 2, batchSize: 8 });
        return parameters(same);
      }),
    );
    expect(runs[1]).toBe(runs[0]);
    expect(runs[2]).not.toBe(runs[0]);
    const plain = make();
    await plain.fit(data, { epochs: 2, batchSize: 8, shuffle: false });
    expect(parameters(plain)).not.toBe(runs[0]);
  });

  it("is an order of all rows in each epoch", async () => {
    // The bias of a linear unit whose rate is tiny sums every row's target once, in whatever order.
    const graph: AnyGraph = new Graph({ seed: 4, optimizer: { name: "sgd", rate: 0.5 } });
    graph.addInput("x", 1);
    graph.addOutput("y", 1, "linear");
    graph.connect("x", "y").weights[0] = 0;
    const targets = Array.from({ length: 40 }, (_, i) => 2 ** i);
    const orders: string[] = [];
    let before = graph.layer("y").bias[0]!;
    for (let epoch = 0; epoch < 2; epoch++) {
      graph.rate = 0.5;
      const order: number[] = [];
      // With a rate of 1/2 each step sets the bias to its row's target: bias - (bias - t).
      const { epochs } = await graph.fit(
        { xs: { x: new Float64Array(40) }, ts: { y: targets } },
        { batchSize: 1 },
      );
      before = graph.layer("y").bias[0]!;
      order.push(before, epochs[0]!.cost);
      orders.push(order.join());
    }
    expect(targets).toContain(before);
    expect(orders[0]).not.toBe(orders[1]);
    // Frozen, the epoch's cost is the mean over all rows, each once.
    graph.rate = 0;
    graph.layer("y").bias[0] = 0;
    const { epochs } = await graph.fit(
      { xs: { x: new Float64Array(40) }, ts: { y: targets } },
      { batchSize: 3 },
    );
    expectClose([epochs[0]!.cost / (4 ** 40 / 3 / 40)], [1], 1e-12, "cost");
  });
});

describe("the event loop", () => {
  it("turns during a long run", async () => {
    const graph: AnyGraph = new Graph({ seed: 1 });
    graph.addInput("x", 100);
    graph.addOutput("y", 100);
    graph.connect("x", "y", { init: "glorot" });
    let turns = 0;
    let running = true;
    const turn = () => {
      turns++;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    const big = { xs: { x: new Float64Array(100 * 2000) }, ts: { y: new Float64Array(100 * 2000) } };
    // One epoch, so that no callback between epochs can be what gives way.
    const { seconds } = await graph.fit(big, { epochs: 1, batchSize: 4 });
    running = false;
    // A turn for each 10 ms of work at least; the work itself is some hundred milliseconds.
    expect(turns).toBeGreaterThan(Math.min(3, seconds * 20));
  });

  it("waits for callbacks", async () => {
    const events: string[] = [];
    await make().fit(data, {
      epochs: 3,
      onEpoch: async ({ epoch }) => {
        events.push(`begin ${epoch}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
        events.push(`end ${epoch}`);
      },
    });
    expect(events).toEqual(["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"]);
  });

  it("lets predictions in between change no bits", async () => {
    const [graph, other] = [make(), make()];
    const run = graph.fit(data, {
      epochs: 4,
      batchSize: 5,
      onEpoch: () => {
        graph.predict({ x: new Float64Array(4000), c: new Float64Array(1000) });
        graph.evaluate(xs, ts);
        graph.gradients(xs, { z: ts.z });
      },
    });
    graph.predict({ x: [1, 2, 3, 4], c: [5] });
    await run;
    await other.fit(data, { epochs: 4, batchSize: 5 });
    expect(parameters(graph)).toBe(parameters(other));
  });
});
