// A step whose cost, gradient or outcome isn't finite is refused, and leaves the parameters as before it.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectRefusal, expectSame } from "../helpers.js";

function make(precision: Precision, rate: number) {
  const graph = new Graph<string, string, string, Precision>({
    seed: 3,
    precision,
    optimizer: { name: "sgd", rate },
  });
  graph.addInput("x", 2);
  graph.addHidden("h", 3, "linear");
  graph.addOutput("y", 2, "linear");
  graph.addOutput("z", 1);
  graph.connect("x", "h");
  graph.connect("h", "y");
  graph.connect("h", "z");
  return graph;
}

describe.each([
  ["float64", 1e200, 1.7e308],
  ["float32", 1e30, 3e38],
] as const)("diverged in %s", (precision, large, largest) => {
  const before = (graph: ReturnType<typeof make>) => JSON.stringify(graph);

  it("a cost", () => {
    const graph = make(precision, 0.1);
    const kept = before(graph);
    expectRefusal(() => graph.train({ x: [large, 1] }, { y: [-large, 0] }), "diverged", "0.1");
    expect(before(graph)).toBe(kept);
  });

  it("a pre-activation", () => {
    const graph = make(precision, 0.1);
    graph.synapse("x", "h").weights.fill(large);
    const kept = before(graph);
    expectRefusal(() => graph.train({ x: [large, large] }, { y: [0, 0] }), "diverged");
    expectRefusal(() => graph.train({ x: [large, large] }, { z: [0] }), "diverged");
    expect(before(graph)).toBe(kept);
  });

  it("an updated parameter", () => {
    const graph = make(precision, largest);
    const kept = before(graph);
    expectRefusal(() => graph.train({ x: [1, 2] }, { y: [9, -9] }), "diverged");
    expect(before(graph)).toBe(kept);
    graph.rate = 0.1;
    expect(graph.train({ x: [1, 2] }, { y: [9, -9] })).toBeGreaterThan(0);
    expect(before(graph)).not.toBe(kept);
  });

  it("one parameter among many that would be fine", () => {
    // Nothing goes in and no weight leads back, so that the one gradient that isn't 0 is a bias's.
    const graph = make(precision, largest);
    graph.synapse("h", "y").weights.fill(0);
    graph.layer("h").bias.fill(0);
    const { bias } = graph.gradients({ x: [0, 0] }, { y: [-1, 0] });
    expect([...bias.y!]).toEqual([2, 0]);
    const kept = before(graph);
    expectRefusal(() => graph.train({ x: [0, 0] }, { y: [-1, 0] }), "diverged");
    expect(before(graph)).toBe(kept);
  });

  it("any one unit of an output, the first as the last", () => {
    for (let unit = 0; unit < 9; unit++) {
      const graph = new Graph<string, string, string, Precision>({
        precision,
        optimizer: { name: "sgd", rate: largest },
      });
      graph.addInput("x", 1);
      graph.addOutput("y", 9, "linear");
      graph.connect("x", "y").weights.fill(0);
      const kept = JSON.stringify(graph);
      const t = Array.from({ length: 9 }, (_, j) => (j === unit ? -2 : 0));
      expectRefusal(() => graph.train({ x: [0] }, { y: t }), "diverged");
      expect(JSON.stringify(graph)).toBe(kept);
    }
  });

  it("a parameter that was written as NaN", () => {
    const graph = make(precision, 0.1);
    graph.synapse("h", "z").weights[1] = Number.NaN;
    const kept = graph.layers.map(({ bias }) => bias.slice());
    expectRefusal(() => graph.train({ x: [1, 2] }, { z: [1] }), "diverged");
    for (const [i, { bias }] of graph.layers.entries()) expectSame(bias, kept[i]!, "bias");
    expect(graph.predict({ x: [1, 2] }).z![0]).toBeNaN();
    // The other output doesn't depend on it.
    expect(graph.train({ x: [1, 2] }, { y: [1, 1] })).toBeGreaterThan(0);
  });

  it("never what computes without a step: it gives what the arithmetic gives", () => {
    const graph = make(precision, 0.1);
    graph.synapse("h", "y").weights.fill(large);
    expect(graph.evaluate({ x: [large, large] }, { y: [0, 0] }).cost).toBe(Number.POSITIVE_INFINITY);
    expect(graph.gradients({ x: [large, large] }, { y: [0, 0] }).cost).toBe(Number.POSITIVE_INFINITY);
    expect(graph.predict({ x: [large, large] }).y).toHaveLength(2);
  });
});
