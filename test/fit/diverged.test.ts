// Members of `diverged`: place, layer, gradient, hint.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, refusal, rejection } from "../support/helpers.js";

/** Makes x → a → b → y, all linear, with weights of 1; and x → z. */
function chain(rate = 0.1): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 1, optimizer: { name: "sgd", rate } });
  graph.addInput("x", 1);
  graph.addHidden("a", 1, "linear");
  graph.addHidden("b", 1, "linear");
  graph.addOutput("y", 1, "linear");
  graph.addOutput("z", 1, "linear");
  for (const [from, to] of [
    ["x", "a"],
    ["a", "b"],
    ["b", "y"],
    ["x", "z"],
  ])
    graph.connect(from, to).weights.fill(1);
  return graph;
}

const diverging: [string, (graph: AnyGraph) => unknown, string, number][] = [
  [
    "values, in the layer that is computed first",
    (graph) => {
      graph.synapse("a", "b").weights.fill(1e200);
      graph.train({ x: [1e200] }, { y: [0] });
    },
    "b",
    Number.POSITIVE_INFINITY,
  ],
  ["costs, in the output", (graph) => graph.train({ x: [1] }, { y: [1], z: [1e200] }), "z", 2e200],
  [
    "gradients, in the layer that is reached first on the way back",
    (graph) => {
      graph.synapse("a", "b").weights.fill(1e300);
      graph.synapse("b", "y").weights.fill(1e300);
      graph.train({ x: [0] }, { y: [1e3] });
    },
    "a",
    Number.POSITIVE_INFINITY,
  ],
  [
    "updates, in the layer whose parameter it is",
    (graph) => {
      graph.rate = 1e300;
      graph.train({ x: [0] }, { z: [1e10] });
    },
    "x",
    2e10,
  ],
];

/** Makes a graph as wide as a page of memory, so that reading the weights that an identity lacks would end outside. */
function withIdentity(size: number): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 1, optimizer: { name: "sgd", rate: 1e308 } });
  graph.addInput("x", size, "linear", { frozen: true });
  graph.addHidden("a", size, "linear", { frozen: true });
  graph.connect("x", "a", { kind: "identity" });
  graph.addOutput("y", size, "linear");
  graph.connect("a", "y", { kind: "identity" });
  return graph;
}

it.each([4, 2000])("an identity of %i units has no parameters to be blamed", (size) => {
  const graph = withIdentity(size);
  const error = refusal(() =>
    graph.train({ x: new Float64Array(size) }, { y: new Float64Array(size).fill(1) }),
  );
  expect(error).toMatchObject({ code: "diverged", details: { layer: "y", largestGradient: 2 } });
});

it("the largest gradient is one of those that `gradients` gives, gains too", () => {
  const graph: AnyGraph = new Graph({ seed: 3, optimizer: { name: "sgd", rate: 1e308 } });
  graph.addInput("x", 3);
  graph.addHidden("h", 4, "linear", { norm: "layer", bias: false });
  graph.addOutput("y", 2, "linear", "mse", { bias: false });
  graph.connect("x", "h");
  graph.connect("h", "y").weights.fill(9);
  const [xs, ts] = [{ x: [1, 2, 3] }, { y: [1e3, -1e2] }];
  const { bias, gain, weights } = graph.gradients(xs, ts);
  const all = [...Object.values(bias), ...Object.values(gain), ...weights.map(({ values }) => values)];
  const error = refusal(() => graph.train(xs, ts));
  const most = Math.max(...all.flatMap((values) => [...(values as Float64Array)].map(Math.abs)));
  expect(error).toMatchObject({ code: "diverged", details: { largestGradient: most } });
});

describe("the first layer to diverge is named", () => {
  it.each(diverging)("of %s", (_, train, layer, largestGradient) => {
    const error = refusal(() => train(chain()));
    expect(error.code).toBe("diverged");
    expect(error.details).toMatchObject({ step: 1, layer, largestGradient });
    expect(error.message).toContain(`"${layer}"`);
    expect(error.message).toContain(error.details!.hint);
  });
});

describe("after an epoch", () => {
  it("the cost of the data that metrics are measured of counts as well", async () => {
    const graph = chain(1e199);
    const data = { xs: { x: [1] }, ts: { z: [9] } };
    const error = await rejection(graph.fit(data, { metrics: ["mae"] }));
    expect(error.message).toContain("The cost of the data is not finite in epoch 1;");
    expect([error.code, error.details!.layer]).toEqual(["diverged", "z"]);
  });
});

describe("in a loop of `train`", () => {
  it("the step is named, and after the first one a bound on gradients may help", () => {
    const graph = chain(10);
    let steps = 0;
    const error = refusal(() => {
      for (; steps < 1000; steps++) graph.train({ x: [3] }, { y: [7] });
    });
    expect([error.code, error.details!.step]).toEqual(["diverged", steps + 1]);
    expect(steps).toBeGreaterThan(0);
    expect(error.details!.hint).toContain("clipNorm");
  });
});

describe("in `fit`", () => {
  it("the epoch, the batch and the step are named", async () => {
    const graph = chain(10);
    const run = graph.fit(
      { xs: { x: [1, 2, 3, 4, 5, 6] }, ts: { y: [9, 8, 7, 6, 5, 4] } },
      { epochs: 99, batchSize: 2 },
    );
    const error = await rejection(run);
    expect(error.code).toBe("diverged");
    const { epoch, batch, step, hint } = error.details!;
    expect(step).toBe((epoch! - 1) * 3 + batch!);
    expect(run.history.steps).toBe(step - 1);
    expect(run.history.epochs).toHaveLength(epoch! - 1);
    for (const word of [`epoch ${epoch}, batch ${batch}`, "rate 10", "largest gradient"])
      expect(error.message).toContain(word);
    expect(hint).toContain("clipNorm");
    for (const layer of graph.layers) expect(layer.bias.every(Number.isFinite)).toBe(true);
  });
});
