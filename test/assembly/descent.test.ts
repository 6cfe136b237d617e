// Plain descent's step, whatever way it takes: parameter - rate · gradient, each rounded; of large matrices no gradient is stored.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectSame, Random, seed } from "../support/helpers.js";

const RATE = 0.3;
const precisions: readonly Precision[] = ["float64", "float32"];

/** Makes x → h → y, and beside it x → y. */
function graphOf(precision: Precision, inputs: number, units: number) {
  return new Graph<string, string, string, Precision>({
    seed: seed % 1000,
    precision,
    optimizer: { name: "sgd", rate: RATE },
    inputs: { x: inputs },
    hidden: { h: units },
    outputs: { y: { size: 3, activation: "linear" } },
    synapses: [
      ["x", "h"],
      ["h", "y"],
      ["x", "y"],
    ],
  });
}

describe.each(precisions)("plain descent in %s", (precision) => {
  const round = precision === "float32" ? Math.fround : (value: number) => value;
  const down = (values: ArrayLike<number>, gradient: ArrayLike<number>) =>
    Array.from(values, (value, i) => round(value - round(round(RATE) * gradient[i]!)));

  it.each([
    [784, 128, 1],
    [784, 128, 32],
    [64, 64, 1],
    [64, 64, 15],
    [64, 64, 16],
    [300, 77, 28],
    [71, 61, 2],
    [2100, 3, 1],
    [130, 500, 50],
    [600, 600, 128],
    [600, 600, 129],
  ])("goes down the gradient: %d inputs, %d hidden units, %d samples", (inputs, units, rows) => {
    const random = new Random(seed);
    const graph = graphOf(precision, inputs, units);
    for (let step = 0; step < 2; step++) {
      const xs = { x: random.rows(rows, inputs) };
      const ts = { y: random.rows(rows, 3) };
      const { bias, weights } = graph.gradients(xs, ts);
      const wanted = [
        ...graph.layers.map(({ name, bias: old }) => [name, down(old, bias[name]!)] as const),
        ...graph.synapses.map(({ weights: old }, i) => [`${i}`, down(old, weights[i]!.values)] as const),
      ];
      graph.train(xs, ts);
      const found = [
        ...graph.layers.map(({ bias }) => bias),
        ...graph.synapses.map(({ weights }) => weights),
      ];
      wanted.forEach(([what, values], i) => {
        expectSame(found[i]!, values, `${what} at step ${step}`);
      });
    }
  });

  it("changes nothing where another parameter would not stay finite", () => {
    const graph = graphOf(precision, 784, 128);
    const x = new Float64Array(784 * 4).fill(0.5);
    const y = new Float64Array(12);
    // The large matrix has a small step; the step of the output's bias overflows.
    const [bias, rate, small] = precision === "float32" ? [1e18, 1e30, 1e-36] : [1e150, 1e200, 1e-180];
    graph.layer("y").bias[2] = bias;
    graph.synapse("h", "y").weights.fill(small);
    graph.rate = rate;
    const before = JSON.stringify(graph);
    expect(() => graph.train({ x }, { y })).toThrow(expect.objectContaining({ code: "diverged" }));
    expect(JSON.stringify(graph)).toBe(before);
  });
});
