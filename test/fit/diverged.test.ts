// What `diverged` tells: place, layer, gradient, hint.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, refusal, rejection } from "../helpers.js";

/** x → a → b → y, all linear, with weights of 1; x → z besides. */
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

describe("the first layer", () => {
  it.each(diverging)("of %s", (_, train, layer, largestGradient) => {
    const error = refusal(() => train(chain()));
    expect(error.code).toBe("diverged");
    expect(error.details).toMatchObject({ step: 1, layer, largestGradient });
    expect(error.message).toContain(`"${layer}"`);
    expect(error.message).toContain(error.details!.hint);
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
    expect(run.history.steps).toBeLessThan(step);
    expect(run.history.epochs).toHaveLength(epoch! - 1);
    for (const word of [`epoch ${epoch}, batch ${batch}`, "rate 10", "largest gradient"])
      expect(error.message).toContain(word);
    expect(hint).toContain("clipNorm");
    for (const layer of graph.layers) expect(layer.bias.every(Number.isFinite)).toBe(true);
  });
});
