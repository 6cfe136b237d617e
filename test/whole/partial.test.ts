// Passes are demand-driven: they compute no layer without need, and change no parameter that no target reaches.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectClose, expectSame, Random, seed } from "../support/helpers.js";
import { build, randomCase } from "../support/random.js";

/** Makes two branches that share a hidden layer; the output y feeds the output z. */
function branches() {
  return new Graph({
    seed: 11,
    inputs: { a: 2, b: 3 },
    hidden: { shared: 4, left: 3, right: 2 },
    outputs: { y: 2, z: { size: 1, activation: "linear" }, w: 1 },
    synapses: [
      ["a", "shared"],
      ["shared", "left"],
      ["shared", "right"],
      ["b", "right"],
      ["left", "y"],
      ["right", "w"],
      ["y", "z"],
      ["a", "z"],
    ],
  });
}

const a = [
  [0.1, -0.4],
  [0.9, 0.3],
];
const b = [
  [1, 2, 3],
  [-1, 0, 0.5],
];

describe("predicting some outputs", () => {
  it("computes their ancestors and no other layer", () => {
    const graph = branches();
    graph.predict({ a }, { outputs: ["y"] });
    for (const name of ["a", "shared", "left", "y"] as const) {
      expect(graph.layer(name).pre).toHaveLength(2 * graph.layer(name).size);
      expect(graph.layer(name).post).toHaveLength(2 * graph.layer(name).size);
    }
    for (const name of ["b", "right", "z", "w"] as const) {
      expect(graph.layer(name).pre).toHaveLength(0);
      expect(graph.layer(name).post).toHaveLength(0);
    }
  });

  it("leaves the others' states as they were", () => {
    const graph = branches();
    graph.predict({ a, b });
    const kept = (["b", "right", "z", "w"] as const).map(
      (name) => [name, graph.layer(name).post.slice()] as const,
    );
    graph.predict({ a: [5, 5, 5, 5, 5, 5] }, { outputs: ["y"] });
    for (const [name, post] of kept) expectSame(graph.layer(name).post, post, name);
    expect(graph.layer("y").post).toHaveLength(6);
  });

  it("gives the bits of predicting all, and those names alone", () => {
    const graph = branches();
    const all = graph.predict({ a, b });
    expect(Object.keys(all).sort()).toEqual(["w", "y", "z"]);
    for (const outputs of [["y"], ["z"], ["w"], ["z", "y"], ["w", "z"], ["w", "y", "z", "y"]] as const) {
      const some: Record<string, Float64Array> = graph.predict({ a, b }, { outputs });
      expect(Object.keys(some).sort()).toEqual([...new Set<string>(outputs)].sort());
      for (const name of outputs) expectSame(some[name]!, all[name], name);
    }
  });

  it("doesn't read an input that is not needed", () => {
    const graph = branches();
    const ys = graph.predict({ a, b: [Number.NaN, 1] }, { outputs: ["y", "z"] });
    expect(ys.y).toHaveLength(4);
    expect(graph.layer("b").pre).toHaveLength(0);
    expect(graph.train({ a, b: "nothing" as never }, { y: [0, 1, 1, 0] })).toBeGreaterThan(0);
  });
});

describe("training on some outputs", () => {
  const parameters = (graph: ReturnType<typeof branches>) => ({
    bias: new Map(graph.layers.map(({ name, bias }) => [name, bias.slice()])),
    weights: graph.synapses.map(({ weights }) => weights.slice()),
  });

  it("changes the parameters that lead to them, and no others", () => {
    const graph = branches();
    const before = parameters(graph);
    graph.train({ a }, { y: [0, 1, 1, 0] });
    const after = parameters(graph);
    for (const [name, bias] of before.bias) {
      if (["a", "shared", "left", "y"].includes(name))
        expect([...after.bias.get(name)!]).not.toEqual([...bias]);
      else expectSame(after.bias.get(name)!, bias, name);
    }
    graph.synapses.forEach(({ to }, i) => {
      const reached = ["shared", "left", "y"].includes(to.name);
      if (reached) expect([...after.weights[i]!]).not.toEqual([...before.weights[i]!]);
      else expectSame(after.weights[i]!, before.weights[i]!, to.name);
    });
  });

  it("reports in `gradients` what it reached, and no more", () => {
    const { inputs, bias, weights } = branches().gradients({ a, b }, { y: [0, 1, 1, 0] });
    expect(Object.keys(inputs)).toEqual(["a"]);
    expect(Object.keys(bias).sort()).toEqual(["a", "left", "shared", "y"]);
    expect(weights.map(({ from, to }) => `${from} ${to}`)).toEqual(["a shared", "shared left", "left y"]);
  });

  it("takes no gradient that another pass left behind", () => {
    const graph = branches();
    const alone = graph.gradients({ a, b }, { y: [0, 1, 1, 0] });
    graph.gradients({ a, b }, { y: [1, 1, 1, 1], z: [5, 5], w: [1, 0] });
    const { cost, inputs, bias, weights } = graph.gradients({ a, b }, { y: [0, 1, 1, 0] });
    expect(cost).toBe(alone.cost);
    for (const [name, values] of Object.entries(inputs)) expectSame(values, alone.inputs[name]!, name);
    for (const [name, values] of Object.entries(bias)) expectSame(values, alone.bias[name]!, name);
    weights.forEach(({ values }, i) => {
      expectSame(values, alone.weights[i]!.values, `synapse ${i}`);
    });
  });

  it("leaves the rest bit for bit on random graphs", () => {
    let untouched = 0;
    for (let i = 0; i < 60; i++) {
      const { naive, xs, ts } = randomCase(new Random(seed * 400_009 + i));
      const graph = build(naive);
      const reached = new Set(naive.reached(Object.keys(ts)).map(({ name }) => name));
      graph.train(xs, ts);
      graph.train(xs, ts);
      for (const { name, bias } of naive.layers) {
        if (reached.has(name)) continue;
        expectSame(graph.layer(name).bias, bias, `graph ${i}: ${name}`);
        untouched++;
      }
      naive.synapses.forEach(({ to, weights }, k) => {
        if (!reached.has(to)) expectSame(graph.synapses[k]!.weights, weights, `graph ${i}: synapse ${k}`);
      });
      graph.dispose();
    }
    expect(untouched).toBeGreaterThan(20);
  });
});

describe("an output that feeds another", () => {
  it("adds what comes back to its loss gradient", () => {
    const graph = branches();
    const t = { y: [0, 1, 1, 0], z: [2, -1] };
    const both = graph.gradients({ a }, t);
    const [y, z] = [graph.gradients({ a }, { y: t.y }), graph.gradients({ a }, { z: t.z })];
    expect(both.cost).toBe(y.cost + z.cost);
    const sum = z.bias.left!.map((value, i) => value + y.bias.left![i]!);
    expectClose(both.bias.left!, sum, 1e-14, "bias of left");
    expect([...z.bias.y!].every((value) => value !== 0)).toBe(true);
  });
});
