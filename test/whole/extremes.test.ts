// Numbers near the ends of a precision's range: a step is exact there, or it is refused.

import { Graph, type Optimizer, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, refusal } from "../support/helpers.js";

/** Makes x → y, linear. */
function line(size: number, optimizer: Optimizer, precision: Precision = "float64"): AnyGraph {
  const outputs = { y: { size, activation: "linear" as const } };
  return new Graph({ seed: 1, precision, optimizer, inputs: { x: 1 }, outputs, synapses: [["x", "y"]] });
}

/** Makes a graph that is trained by a rate that float32 can't hold. */
function steep(hidden: Record<string, number>): AnyGraph {
  const graph: AnyGraph = new Graph({
    seed: 1,
    precision: "float32",
    optimizer: { name: "sgd", rate: 1e39 },
  });
  graph.addInput("x", 2);
  let last = "x";
  for (const [name, size] of Object.entries(hidden)) {
    graph.addHidden(name, size);
    graph.connect(last, name);
    last = name;
  }
  graph.addOutput("y", 1);
  graph.connect(last, "y");
  return graph;
}

describe("a rate that float32 can't hold is refused, and nothing has changed", () => {
  it.each([
    [-200, { h: 3 }],
    [-92, { h: 3 }],
    [-200, { h: 3, k: 2 }],
  ])("where gradients are 0, or nearly: bias %d, %o", (bias, hidden) => {
    const graph = steep(hidden);
    graph.layer("y").bias[0] = bias;
    const before = JSON.stringify(graph);
    expect(refusal(() => graph.train({ x: [1, 2] }, { y: [0] })).code).toBe("diverged");
    expect(JSON.stringify(graph)).toBe(before);
  });

  it("with a matrix that takes its step alone", () => {
    const graph: AnyGraph = new Graph({
      seed: 1,
      precision: "float32",
      optimizer: { name: "sgd", rate: 1e39 },
    });
    graph.addInput("x", 600, "linear", { bias: false });
    graph.addOutput("y", 600, "linear", "mse", { bias: false });
    graph.connect("x", "y");
    const row = Float64Array.from({ length: 600 }, (_, i) => (i % 7) / 7);
    const xs = { x: [row, row] };
    const ts = graph.predict(xs);
    expect(refusal(() => graph.train(xs, ts)).code).toBe("diverged");
    expect(graph.synapse("x", "y").weights.every(Number.isFinite)).toBe(true);
  });
});

describe("adam's first step is the rate", () => {
  it.each([1e100, 1e149, 1e151, 1e153])("by gradients of some %d, whatever the unit's place", (size) => {
    for (const name of ["adam", "adamw"] as const) {
      for (let units = 1; units <= 6; units++) {
        const graph = line(units, { name, rate: 1e-3, weightDecay: 0 });
        graph.train({ x: [0] }, { y: new Float64Array(units).fill(-size) });
        for (const one of graph.layer("y").bias) expect(one).toBeCloseTo(-1e-3, 12);
      }
    }
  });

  it("and 0 where there is no gradient, however small epsilon is", () => {
    for (const name of ["adam", "adamw", "nadam", "rmsprop", "adagrad"] as const) {
      for (const [precision, epsilon] of [
        ["float32", 1e-44],
        ["float32", 1e-60],
        ["float64", 5e-324],
      ] as const) {
        const graph = line(3, { name, rate: 1e-3, epsilon, weightDecay: 0 }, precision);
        const before = [...graph.synapse("x", "y").weights];
        graph.train({ x: [0] }, { y: [1, 1, 1] });
        expect([...graph.synapse("x", "y").weights]).toEqual(before);
        expect(graph.layer("y").bias.every((one) => one > 0)).toBe(true);
      }
    }
  });
});

it.each([
  ["exp", -32],
  ["softplus", -29],
] as const)("poisson on %s has the derivative of its cost by what is nearly 0", (activation, bias) => {
  const y = { size: 1, activation, loss: "poisson" as const };
  const graph = new Graph({ seed: 1, inputs: { x: 1 }, outputs: { y }, synapses: [["x", "y"]] });
  graph.layer("y").bias[0] = bias;
  expect(graph.gradients({ x: [0] }, { y: [2] }).bias.y![0]).toBeCloseTo(-2, 6);
  expect(graph.gradCheck({ x: [0] }, { y: [2] }).ok).toBe(true);
});

it.each([1, 1e100, 1e153, 1e160, 1e250, 1e307])(
  "clipNorm brings gradients of %d down to its norm",
  (size) => {
    const graph: AnyGraph = new Graph({ seed: 1, optimizer: { name: "sgd", rate: 0.5, clipNorm: 0.25 } });
    graph.addInput("x", 1, "linear", { bias: false });
    graph.addOutput("y", 2, "linear");
    graph.connect("x", "y");
    graph.backward({ x: [0] }, { y: [3 * size, 4 * size] });
    expect(graph.layer("y").bias[0]).toBeCloseTo(-0.075, 6);
    expect(graph.layer("y").bias[1]).toBeCloseTo(-0.1, 6);
  },
);

describe("a bound on norms", () => {
  it.each(["float64", "float32"] as const)("shortens each column by itself in %s", (precision) => {
    const huge = precision === "float64" ? 1.7e308 : 3e38;
    const graph: AnyGraph = new Graph({ seed: 1, precision, optimizer: { name: "sgd", rate: 0 } });
    graph.addInput("x", 2);
    graph.addOutput("y", 4, "linear", "mae");
    const { weights } = graph.connect("x", "y", { maxNorm: 1e-5 });
    weights.set([huge, 3e-4, 3e-3, 1, 0, 4e-4, 4e-3, 1]);
    graph.train({ x: [0, 0] }, { y: [0, 0, 0, 0] });
    const wanted = [1e-5, 6e-6, 6e-6, Math.SQRT1_2 * 1e-5, 0, 8e-6, 8e-6, Math.SQRT1_2 * 1e-5];
    graph.synapse("x", "y").weights.forEach((one: number, i: number) => {
      expect(Math.abs(one / 1e-5 - wanted[i]! / 1e-5)).toBeLessThan(1e-6);
    });
  });
});

it.each([
  ["float64", 1e200],
  ["float32", 1e20],
] as const)("a norm in %s of sums whose squares overflow is no layer of zeros", (precision, size) => {
  const graph: AnyGraph = new Graph({ seed: 1, precision });
  graph.addInput("x", 4);
  graph.addOutput("y", 4, "linear", "mse", { norm: "layer" });
  graph.connect("x", "y", { kind: "identity" });
  const xs = { x: [size, -size, 2 * size, 0] };
  expect([...graph.predict(xs).y!].every(Number.isNaN)).toBe(true);
  expect(refusal(() => graph.train(xs, { y: [0, 0, 0, 0] })).code).toBe("diverged");
});

it("a penalty is summed in float64 in both precisions", () => {
  for (const precision of ["float64", "float32"] as const) {
    const graph: AnyGraph = new Graph({ seed: 1, precision });
    graph.addInput("x", 1);
    graph.addOutput("y", 1, "linear", "mae");
    graph.connect("x", "y", { l2: 1e-30, init: { name: "constant", value: 1e20 } });
    expect(graph.evaluate({ x: [0] }, { y: [0] }).cost).toBeCloseTo(1e10, -5);
  }
});

it.each<[Precision, object]>([
  ["float32", { sampleWeights: [1e39] }],
  ["float32", { mask: { y: [1e39] } }],
  ["float32", { sampleWeights: [1e30], mask: { y: [1e30] } }],
  ["float64", { sampleWeights: [1e200], mask: { y: [1e200] } }],
])("what a sample counts is refused where %s can't hold it: %o", (precision, counts) => {
  const graph = line(1, { name: "sgd" }, precision);
  for (const call of ["train", "gradients", "evaluate"] as const) {
    const error = refusal(() => graph[call]({ x: [1] }, { y: [1] }, counts));
    expect(error.code).toBe("not-finite");
    expect(error.message).toMatch(/row 0, unit 0 of "y" counts .*, in float/);
  }
});
