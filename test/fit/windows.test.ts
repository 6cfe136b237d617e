// `fit` over sequences: the bits of the same `train` calls with a state, window by window.

import type { Optimizer } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectClose, wrong } from "../support/helpers.js";
import { parameters } from "../support/training.js";
import { datasetOf, even, make, ordersOf, ragged, sequences, trainWindows } from "../support/windows.js";

const optimizers: Record<string, Optimizer> = {
  sgd: { name: "sgd", rate: 0.1 },
  adam: { name: "adam", rate: 0.02, clipNorm: 1 },
};

describe.each(["float64", "float32"] as const)("fit with a window, in %s", (precision) => {
  it.each([
    ["even, an output with time", even, ["y"], 5, "sgd"],
    ["even, an output without", even, ["z"], 5, "adam"],
    ["even, both", even, ["y", "z"], 4, "adam"],
    ["ragged, an output with time", ragged, ["y"], 4, "adam"],
    ["ragged, an output without", ragged, ["z"], 4, "sgd"],
    ["ragged, both", ragged, ["y", "z"], 3, "adam"],
    ["ragged, both, one step", ragged, ["y", "z"], 1, "sgd"],
    ["ragged, both, whole", ragged, ["y", "z"], 12, "adam"],
    ["ragged, both, longer", ragged, ["y", "z"], 100, "adam"],
  ] as const)("is `train` with a state: %s", async (_, lengths, outputs, window, optimizer) => {
    const data = sequences(lengths);
    const [graph, other] = [make(outputs, precision), make(outputs, precision)];
    graph.optimizer = optimizers[optimizer]!;
    other.optimizer = optimizers[optimizer]!;
    const all = datasetOf(graph, data, [...lengths.keys()]);
    const options = { epochs: 2, batchSize: 4, shuffle: false, window };
    const { epochs, steps } = await graph.fit(wrong(all), options);
    let made = 0;
    for (let epoch = 0; epoch < 2; epoch++) {
      const sum = { rows: 0, cost: 0 };
      for (let first = 0; first < lengths.length; first += 4) {
        const batch = Array.from({ length: Math.min(4, lengths.length - first) }, (_, i) => first + i);
        const one = trainWindows(other, data, batch, window);
        sum.rows += one.rows;
        sum.cost += one.cost;
        made += one.steps;
      }
      expectClose([epochs[epoch]!.cost], [sum.cost / sum.rows], 1e-12, "cost");
    }
    expect(steps).toBe(made);
    expect(JSON.stringify(graph)).toBe(JSON.stringify(other));
  });

  it("shuffles the samples of each epoch", async () => {
    const data = sequences(ragged);
    const [graph, other] = [make(["y", "z"], precision), make(["y", "z"], precision)];
    const all = datasetOf(graph, data, [...ragged.keys()]);
    await graph.fit(wrong(all), { epochs: 3, batchSize: 4, window: 5 });
    for (const order of await ordersOf(5, ragged.length, 3)) {
      for (let first = 0; first < order.length; first += 4) {
        trainWindows(other, data, order.slice(first, first + 4), 5);
      }
    }
    expect(parameters(graph)).toBe(parameters(other));
  });

  it.each([
    ["in windows", 5],
    ["in whole batches", undefined],
  ])("carries the state from batch to batch: %s", async (_, window) => {
    const lengths = Array.from({ length: 12 }, () => 7);
    const data = sequences(lengths);
    const [graph, other] = [make(["y"], precision), make(["y"], precision)];
    const all = datasetOf(graph, data, [...lengths.keys()]);
    await graph.fit(wrong(all), {
      epochs: 2,
      batchSize: 4,
      shuffle: false,
      carry: true,
      ...(window && { window }),
    });
    for (let epoch = 0; epoch < 2; epoch++) {
      const state = other.state(4);
      for (let first = 0; first < 12; first += 4) {
        trainWindows(other, data, [first, first + 1, first + 2, first + 3], window ?? 7, state);
      }
    }
    expect(parameters(graph)).toBe(parameters(other));
  });

  it.each([
    ["in windows", { window: 5 }],
    ["in windows, carried", { window: 5, carry: true }],
    ["whole, carried", { carry: true }],
    ["whole", {}],
  ])("takes batches of a stream: %s", async (_, options) => {
    const lengths = Array.from({ length: 12 }, () => 7);
    const data = sequences(lengths);
    const [graph, other] = [make(["y", "z"], precision), make(["y", "z"], precision)];
    const batch = (from: number) => datasetOf(graph, data, [from, from + 1, from + 2, from + 3]);
    const stream = () => [batch(0), batch(4), batch(8)];
    const one = await graph.fit(wrong(stream), { epochs: 2, ...options });
    const all = datasetOf(graph, data, [...lengths.keys()]);
    const two = await other.fit(wrong(all), { epochs: 2, batchSize: 4, shuffle: false, ...options });
    expect(parameters(graph)).toBe(parameters(other));
    expect(one.epochs.map(({ cost, outputs }) => [cost, outputs])).toEqual(
      two.epochs.map(({ cost, outputs }) => [cost, outputs]),
    );
    expect([one.steps, one.epochs[0]!.steps]).toEqual([two.steps, undefined]);
  });
});

describe.each(["float64", "float32"] as const)("fit without a window, in %s", (precision) => {
  it.each([
    ["even", even],
    ["ragged", ragged],
  ])("is `train` with steps: %s", async (_, lengths) => {
    const data = sequences(lengths);
    const [graph, other] = [make(["y", "z"], precision), make(["y", "z"], precision)];
    const all = datasetOf(graph, data, [...lengths.keys()]);
    await graph.fit(wrong(all), { epochs: 2, batchSize: 4, shuffle: false });
    for (let epoch = 0; epoch < 2; epoch++) {
      for (let first = 0; first < lengths.length; first += 4) {
        const { xs, ts } = datasetOf(graph, data, [...lengths.keys()].slice(first, first + 4));
        other.train(wrong(xs), wrong(ts));
      }
    }
    expect(parameters(graph)).toBe(parameters(other));
  });
});

describe("the sums of an epoch", () => {
  it("weigh each step of training by its samples and steps, and each output by its rows", async () => {
    const data = sequences(ragged);
    const graph = make(["y", "z"], "float64", 5, 0);
    // Nothing learns, so that the costs are those of the parameters.
    for (const layer of graph.layers) layer.frozen = true;
    for (const synapse of graph.synapses) synapse.frozen = true;
    const all = datasetOf(graph, data, [...ragged.keys()]);
    const { epochs } = await graph.fit(wrong(all), { batchSize: 4, window: 5 });
    const found = graph.evaluate(wrong(all.xs), wrong(all.ts)).outputs;
    const { y, z } = epochs[0]!.outputs!;
    expectClose([y!.cost], [found.y!.cost], 1e-12, "y");
    expectClose([z!.cost], [found.z!.cost], 1e-12, "z");
  });
});
