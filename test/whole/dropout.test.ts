// Dropout: a training step hides units, and no other call does.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { everything, expectSame, refusal, seed } from "../support/helpers.js";

/**
 * Makes x → h → y, where x → h is an identity with dropout. With zero targets and mse, the gradient of the weights shows the
 * values that h sends.
 */
function made(dropout: number, size: number, precision: Precision = "float64", from = seed) {
  const graph = new Graph<string, string, string, Precision>({
    seed: from,
    precision,
    optimizer: { name: "sgd", rate: 1 },
  });
  graph.addInput("x", size, "linear", { dropout, bias: false });
  graph.addOutput("y", 1, "linear", "mse", { bias: false });
  graph.connect("x", "y");
  return graph;
}

/**
 * Returns the values that each unit of x sent in a training step: (rows, size). They follow from the step for a target of 0.5
 * and an output of 0.
 */
function sent(graph: ReturnType<typeof made>, row: number[]): number[] {
  const { weights } = graph.synapses[0]!;
  weights.fill(0);
  graph.train({ x: row }, { y: [0.5] });
  return Array.from(graph.synapses[0]!.weights);
}

describe.each(["float64", "float32"] as const)("dropout in %s", (precision) => {
  it("drops its share of units, and scales what is left", () => {
    const size = 20_000;
    for (const share of [0.1, 0.5, 0.8]) {
      const graph = made(share, size, precision);
      const values = sent(graph, new Array(size).fill(1));
      const kept = values.filter((value) => value !== 0);
      // Binomial: five deviations.
      const slack = 5 * Math.sqrt(size * share * (1 - share));
      expect(Math.abs(kept.length - size * (1 - share))).toBeLessThan(slack);
      const scale = precision === "float64" ? 1 / (1 - share) : Math.fround(1 / (1 - share));
      expectSame(kept, new Array(kept.length).fill(scale), "what is kept");
      graph.dispose();
    }
  });

  it("draws anew for each step, by the graph's generator", () => {
    const [graph, other, foreign] = [
      made(0.5, 64, precision),
      made(0.5, 64, precision),
      made(0.5, 64, precision, seed + 1),
    ];
    const ones = new Array(64).fill(1);
    const first = sent(graph, ones);
    expect(sent(graph, ones)).not.toEqual(first);
    expectSame(sent(other, ones), first, "the same seed");
    expect(sent(foreign, ones)).not.toEqual(first);
  });

  it("favours no row, no unit and no pair of neighbours", () => {
    const graph = made(0.5, 16, precision);
    const counts = new Array<number>(16).fill(0);
    const pairs = new Array<number>(15).fill(0);
    for (let step = 0; step < 2000; step++) {
      const values = sent(graph, new Array(16).fill(1));
      values.forEach((value, i) => {
        if (value !== 0) counts[i]!++;
        if (i > 0 && (value !== 0) === (values[i - 1] !== 0)) pairs[i - 1]!++;
      });
    }
    // Binomial of 2000 at ½: deviation 22.
    for (const count of [...counts, ...pairs]) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});

describe("dropout", () => {
  const graph = () =>
    new Graph({
      seed,
      inputs: { x: { size: 3, dropout: 0.3 } },
      hidden: { h: { size: 40, activation: "tanh", dropout: 0.5 } },
      outputs: { y: { size: 2, activation: "softmax", dropout: 0.5 } },
      synapses: [
        ["x", "h"],
        ["h", "y"],
      ],
    });
  const xs = {
    x: [
      [1, 2, 3],
      [0.5, -1, 2],
    ],
  };
  const ts = { y: [1, 0] };

  it("is off in predict, evaluate, gradients and gradCheck, which draw nothing", () => {
    const [one, other] = [graph(), graph()];
    const plain = new Graph({
      seed,
      inputs: { x: 3 },
      hidden: { h: { size: 40, activation: "tanh" } },
      outputs: { y: { size: 2, activation: "softmax" } },
      synapses: [
        ["x", "h"],
        ["h", "y"],
      ],
    });
    expectSame(one.predict(xs).y, plain.predict(xs).y, "predict");
    expect(one.evaluate(xs, ts)).toEqual(plain.evaluate(xs, ts));
    expect(one.gradients(xs, ts)).toEqual(plain.gradients(xs, ts));
    expect(one.gradCheck(xs, ts).ok).toBe(true);
    one.train(xs, ts);
    other.train(xs, ts);
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  });

  it("hides an output from other layers, and not from its loss", () => {
    const wide = new Graph({
      seed,
      inputs: { x: 3 },
      outputs: { y: { size: 9, dropout: 0.9, activation: "sigmoid" } },
      synapses: [["x", "y"]],
    });
    const cost = wide.evaluate({ x: [1, 2, 3] }, { y: new Array(9).fill(1) }).cost;
    expect(wide.train({ x: [1, 2, 3] }, { y: new Array(9).fill(1) })).toBe(cost);
  });

  it("goes on from a file with the same draws", () => {
    const one = graph();
    for (let i = 0; i < 3; i++) one.train(xs, ts);
    const copy = Graph.fromJSON(JSON.parse(JSON.stringify(one)));
    for (let i = 0; i < 3; i++) expect(copy.train(xs, ts)).toBe(one.train(xs, ts));
    expect(JSON.stringify(copy)).toBe(JSON.stringify(one));
  });

  it("is not drawn for a step that is refused", () => {
    const one = made(0.5, 8);
    one.train({ x: new Array(8).fill(1) }, { y: [1] });
    one.synapses[0]!.weights.fill(1e200);
    const before = everything(one);
    expect(refusal(() => one.train({ x: new Array(8).fill(1) }, { y: [1] })).code).toBe("diverged");
    expect(JSON.stringify(one)).toBe(JSON.stringify(JSON.parse(before).graph));
  });

  it("takes its gradient through the units that were kept", () => {
    // A step on a copy whose draws are known: a dropped unit leaves the parameters that lead to it alone.
    const one = new Graph({
      seed,
      inputs: { x: { size: 1, bias: false } },
      hidden: { h: { size: 50, activation: "linear", dropout: 0.5, bias: false } },
      outputs: { y: { size: 1, activation: "linear", bias: false } },
      synapses: [
        ["x", "h"],
        ["h", "y"],
      ],
    });
    const before = Array.from(one.synapses[0]!.weights);
    const out = Array.from(one.synapses[1]!.weights);
    one.train({ x: [1] }, { y: [9] });
    const into = Array.from(one.synapses[0]!.weights, (value, i) => value !== before[i]);
    const from = Array.from(one.synapses[1]!.weights, (value, i) => value !== out[i]);
    expect(into).toEqual(from);
    expect(into.some(Boolean) && !into.every(Boolean)).toBe(true);
  });
});
