// Live views read and write the engine's own memory; what calls return is the caller's own.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectRefusal, expectSame, refusal, wrong } from "../support/helpers.js";

function small<P extends Precision = "float64">(precision?: P) {
  return new Graph({
    seed: 2,
    precision: precision ?? ("float64" as P),
    inputs: { x: 2 },
    hidden: { h: { size: 3, activation: "tanh" } },
    outputs: { y: { size: 1, activation: "linear" } },
    synapses: [
      ["x", "h"],
      ["h", "y"],
    ],
  });
}

describe.each([
  ["float64", Float64Array],
  ["float32", Float32Array],
] as const)("in %s", (precision, Numbers) => {
  it("everything is of that precision", () => {
    const graph = small<Precision>(precision);
    expect(graph.precision).toBe(precision);
    const { cost, inputs, bias, weights } = graph.gradients({ x: [1, 2] }, { y: [1] });
    expect(typeof cost).toBe("number");
    const { h } = { h: graph.layer("h") };
    const { y } = graph.predict({ x: [1, 2] });
    const synapse = graph.synapse("x", "h");
    const found = [y, h.bias, h.pre, h.post, synapse.weights, inputs.x, bias.h, weights[0]!.values];
    for (const numbers of found) expect(numbers).toBeInstanceOf(Numbers);
    expect(synapse.shape).toEqual([2, 3]);
    expect(synapse.weights).toHaveLength(6);
  });

  it("parameters are written through", () => {
    const graph = small<Precision>(precision);
    graph.synapse("x", "h").weights.set([1, 0, 0.5, 0, 1, -0.5]);
    graph.layer("h").bias.set([0, 0.25, 0]);
    graph.synapse("h", "y").weights.fill(2);
    graph.layer("x").bias[1] = 0.5;
    graph.predict({ x: [1, 2] });
    expect([...graph.layer("x").post]).toEqual([1, 2.5]);
    expect([...graph.layer("h").pre]).toEqual([1, 2.75, -0.75]);
    const sum = [...graph.layer("h").post].reduce((a, b) => a + b);
    expect(graph.layer("y").pre[0]).toBeCloseTo(2 * sum, 5);
    expect(graph.synapse("x", "h").weights[2]).toBe(0.5);
  });
});

it("can give a graph a number that no copy takes", () => {
  const graph = new Graph({ seed: 1, inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
  graph.layer("y").bias[0] = Number.NaN;
  expectRefusal(() => graph.clone(), "not-finite", "bias", "NaN");
  expectRefusal(() => graph.gradCheck({ x: [1] }, { y: [1] }), "not-finite", "bias", "NaN");
});

describe("pre and post", () => {
  it("are empty before a pass, and hold the last pass's rows after", () => {
    const graph = small();
    expect(graph.layer("h").pre).toHaveLength(0);
    expect(graph.layer("h").post).toHaveLength(0);
    for (const rows of [4, 1, 300, 2]) {
      const { y } = graph.predict({ x: new Float64Array(rows * 2).fill(0.3) });
      expect(graph.layer("h").pre).toHaveLength(rows * 3);
      expect(graph.layer("x").post).toHaveLength(rows * 2);
      expectSame(graph.layer("y").post, y, "post of y");
    }
    graph.train({ x: [1, 2, 3, 4, 5, 6] }, { y: [1, 2, 3] });
    expect(graph.layer("y").post).toHaveLength(3);
    graph.evaluate({ x: [1, 2] }, { y: [1] });
    expect(graph.layer("y").post).toHaveLength(1);
    graph.gradients({ x: [1, 2, 3, 4] }, { y: [1, 1] });
    expect(graph.layer("y").post).toHaveLength(2);
  });

  it("are those of the pass, not of the parameters after its step", () => {
    const [graph, other] = [small(), small()];
    const { y } = other.predict({ x: [1, 2] });
    graph.train({ x: [1, 2] }, { y: [5] });
    expectSame(graph.layer("y").post, y, "post");
  });

  it("stay when layers and synapses are added", () => {
    const graph = small();
    graph.predict({ x: [1, 2, 3, 4] });
    const kept = graph.layer("h").post.slice();
    const k = graph.addHidden("k", 50);
    graph.connect("x", k);
    graph.connect(k, "y", { name: "k to y" });
    expectSame(graph.layer("h").post, kept, "post of h");
    expect(k.post).toHaveLength(0);
  });

  it("stay when a call is refused, also one of a larger batch", () => {
    const graph = small();
    graph.predict({ x: [1, 2, 3, 4] });
    const [pre, post] = [graph.layer("h").pre.slice(), graph.layer("h").post.slice()];
    const given = graph.layer("x").post.slice();
    const refused = [
      () => graph.predict({ x: [1, Number.NaN] }),
      () => graph.predict({ x: [...new Float64Array(1001), Number.NaN] }),
      () => graph.predict({ x: [...new Array(1001).fill(0), wrong("1")] }),
      () =>
        graph.train(
          { x: new Float64Array(1000).fill(9) },
          { y: new Float64Array(500).fill(Number.POSITIVE_INFINITY) },
        ),
      () => graph.train({ x: new Float64Array(600).fill(9) }, { y: [1] }),
    ];
    for (const call of refused) {
      refusal(call);
      expectSame(graph.layer("h").pre, pre, "pre");
      expectSame(graph.layer("h").post, post, "post");
      expectSame(graph.layer("x").post, given, "post of x");
    }
  });
});

describe("handles", () => {
  it("are the same objects at each look", () => {
    const graph = new Graph({ seed: 1 });
    const x = graph.addInput("x", 2);
    const y = graph.addOutput("y", 1);
    const s = graph.connect(x, y);
    expect(graph.layer("x")).toBe(x);
    expect(graph.synapse("x", "y")).toBe(s);
    expect(graph.synapse(x, y)).toBe(s);
    expect(graph.layers).toEqual([x, y]);
    expect(graph.inputs).toEqual([x]);
    expect(graph.outputs).toEqual([y]);
    expect(graph.synapses).toEqual([s]);
    expect([s.from, s.to]).toEqual([x, y]);
  });

  it("lists are the caller's own", () => {
    const graph = small();
    for (const list of [graph.layers, graph.synapses, graph.inputs, graph.outputs])
      (list as unknown[]).length = 0;
    expect(graph.layers.map(({ name }) => name)).toEqual(["x", "h", "y"]);
    expect(graph.synapses).toHaveLength(2);
    expect(graph.predict({ x: [0, 1] }).y).toHaveLength(1);
  });

  it("results are copies without a prototype", () => {
    const graph = small();
    const ys = graph.predict({ x: [1, 2] });
    const kept = ys.y[0];
    expect(Object.getPrototypeOf(ys)).toBe(null);
    ys.y[0] = 99;
    graph.predict({ x: [3, 4] });
    expect(ys.y[0]).toBe(99);
    expect(graph.predict({ x: [1, 2] }).y[0]).toBe(kept);
  });
});
