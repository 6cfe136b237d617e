// A team of threads has the bits of one thread at batches whose ends lie in the middle of vectors, blocks and parts. The graphs have
// products, convolutions, pools and group norms. Each chunk of work begins with a delay at random.

import { type Dataset, Graph, type Precision } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type AnyGraph, Random, seed } from "../../support/helpers.js";
import { optimizers } from "../../support/optimizers.js";
import { compare, crew } from "../../support/team.js";

afterEach(() => void vi.useRealTimers());

const batches = [17, 31, 33, 63, 65, 97, 127, 129] as const;
const precisions = ["float64", "float32"] as const satisfies readonly Precision[];
const cases = precisions.flatMap((precision) => batches.map((batch) => [batch, precision] as const));

/** Makes a graph whose layers multiply what flows in: of odd widths, shared weights, and a product of three. */
function products(precision: Precision): AnyGraph {
  return new Graph({
    ...{ seed: 3, precision },
    inputs: { x: 19, c: 7 },
    hidden: {
      a: { size: 33, activation: "tanh", join: "product" },
      b: { size: 70, activation: "relu", join: "product", dropout: 0.1 },
      n: { size: 30, activation: "gelu", norm: { name: "group", groups: 5 } },
    },
    outputs: {
      y: { size: 5, activation: "softmax" },
      z: { size: 3, activation: "linear", join: "product" },
    },
    synapses: [
      ["x", "a"],
      ["c", "a"],
      ["a", "b"],
      ["x", "b"],
      ["c", "b", { l2: 0.001 }],
      ["b", "n"],
      ["n", "y"],
      ["a", "y"],
      ["n", "z"],
      ["c", "z", { maxNorm: 1 }],
    ],
  }) as AnyGraph;
}

/** Makes a graph of wide and grouped convolutions, pools and norms. */
function convolutions(precision: Precision): AnyGraph {
  return new Graph({
    ...{ seed: 4, precision, init: "he" },
    inputs: { x: [7, 9, 3] },
    hidden: {
      wide: { size: [7, 9, 20], activation: "relu", norm: { name: "group", groups: 4 } },
      most: { size: [3, 4, 20], activation: "linear" },
      deep: { size: [3, 4, 24], activation: "silu", norm: { name: "group", groups: 3 }, dropout: 0.1 },
      own: { size: [3, 4, 24], activation: "tanh", join: "product" },
      mean: { size: [1, 1, 24], activation: "linear" },
    },
    outputs: { y: { size: 5, activation: "softmax" }, each: { size: [6, 8, 2], activation: "sigmoid" } },
    synapses: [
      ["x", "wide", { kind: "conv", kernel: 3, padding: "same" }],
      ["wide", "most", { kind: "maxPool", kernel: 2 }],
      ["most", "deep", { kind: "conv", kernel: 3, padding: "same", groups: 4, maxNorm: 2 }],
      ["deep", "own", { kind: "conv", kernel: 3, padding: "same", groups: 24 }],
      ["most", "own", { kind: "conv", kernel: 1, l1: 0.001 }],
      ["own", "mean", { kind: "averagePool", kernel: [3, 4] }],
      ["mean", "y"],
      ["most", "each", { kind: "convTranspose", kernel: 2, stride: 2 }],
    ],
  }) as AnyGraph;
}

describe(`a team of threads has the bits of one thread, PLEXUS_SEED=${seed}`, () => {
  it.each(cases)("with products, at batches of %i rows in %s", async (batchSize, precision) => {
    const random = new Random(seed * 3000 + batchSize);
    const rows = 2 * batchSize + random.pick([0, 1, 5, 16]);
    const data: Dataset = {
      xs: { x: random.numbers(rows * 19), c: random.numbers(rows * 7) },
      ts: { y: Array.from({ length: rows }, (_, r) => r % 5), z: random.numbers(rows * 3) },
    };
    for (let trial = 0; trial < 3; trial++) {
      const graph = products(precision);
      graph.optimizer = random.pick(optimizers);
      await compare(random, graph, data, { epochs: 2, batchSize }, `products, batches of ${batchSize}`);
    }
  });

  it.each(cases)("with convolutions and pools, at batches of %i rows in %s", async (batchSize, precision) => {
    const random = new Random(seed * 4000 + batchSize);
    const rows = batchSize + random.pick([0, 1, 5, 16]);
    const data: Dataset = {
      xs: { x: random.numbers(rows * 7 * 9 * 3) },
      ts: {
        y: Array.from({ length: rows }, (_, r) => r % 5),
        each: random.numbers(rows * 6 * 8 * 2).map((value) => Math.abs(value) % 1),
      },
    };
    const graph = convolutions(precision);
    graph.optimizer = random.pick(optimizers);
    await compare(random, graph, data, { epochs: 2, batchSize }, `convolutions, batches of ${batchSize}`);
  });
});

it("a time limit stops a run of a team after a whole step", async () => {
  const random = new Random(seed);
  const [graph, other] = [products("float32"), products("float32")];
  const rows = 200;
  const data: Dataset = {
    xs: { x: random.numbers(rows * 19), c: random.numbers(rows * 7) },
    ts: { y: Array.from({ length: rows }, (_, r) => r % 5), z: random.numbers(rows * 3) },
  };
  const options = { epochs: 1e9, batchSize: 33 };
  // Only the test moves the clock of the limit.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const team = { threads: 3, worker: () => crew({ delays: 7 }) };
  const run = fit(graph, data, { ...options, ...team, timeLimit: 2 });
  while (run.history.steps < 10) await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(2000);
  const { stopped, steps, threads } = await run;
  expect([stopped, threads, steps >= 10]).toEqual(["time", 3, true]);
  const control = new AbortController();
  await other.fit(data, {
    ...{ ...options, signal: control.signal },
    onBatch: ({ step }) => {
      if (step === steps) control.abort();
    },
  });
  expect(JSON.stringify(graph) === JSON.stringify(other)).toBe(true);
});
