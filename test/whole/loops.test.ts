// Loops and products among edits, and calls of one step: results that must not depend on what happened before.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";

const many = (rows: number, size: number) => new Array<number>(rows * size).fill(0.5);

describe("an edit of a product's factors", () => {
  const make = () =>
    new Graph({
      seed: 1,
      inputs: { a: 4, b: 4 },
      hidden: { p: { size: 4, activation: "tanh", join: "product" } },
      outputs: { y: 1 },
      synapses: [
        ["a", "p"],
        ["b", "p"],
        ["p", "y"],
      ],
    });

  it.each([
    ["a removed one", (graph: ReturnType<typeof make>) => graph.remove(graph.synapse("b", "p"))],
    ["an added one", (graph: ReturnType<typeof make>) => graph.connect("b", "p", { name: "again" })],
  ] as const)("leaves other memory alone after a larger pass: %s", (_, edit) => {
    const [graph, other] = [make(), make()];
    const before = JSON.stringify(other);
    graph.predict({ a: many(500, 4), b: many(500, 4) });
    const shown = [...graph.layer("y").post];
    edit(graph);
    const xs = { a: many(1, 4), b: many(1, 4) };
    expect(() => graph.predict({ a: [1, 2, 3, Number.NaN], b: many(1, 4) })).toThrow(/not|NaN/);
    expect([...graph.layer("y").post]).toEqual(shown);
    graph.predict(xs);
    graph.train(xs, { y: [1] });
    const copy = Graph.fromJSON(JSON.parse(JSON.stringify(graph)));
    expect(graph.predict(xs)).toEqual(copy.predict(xs));
    expect(JSON.stringify(other)).toBe(before);
    graph.dispose();
  });
});

describe("a loop of a layer through itself", () => {
  it.each([4, 1])("is resized at both ends, to %i units", (size) => {
    const graph = new Graph({
      seed: 1,
      optimizer: "adam",
      inputs: { x: 1 },
      hidden: { h: { size: 2, activation: "tanh" } },
      outputs: { y: { size: 1, activation: "linear" } },
      synapses: [
        ["x", "h"],
        ["h", "h", { delay: 1 }],
        ["h", "y"],
      ],
    });
    graph.train({ x: [1, 2] }, { y: [1, 2] }, { steps: 2 });
    const before = [...graph.synapse("h", "h", 1).weights];
    graph.resize("h", size);
    const { shape, weights } = graph.synapse("h", "h", 1);
    expect(shape).toEqual([size, size]);
    expect(weights).toHaveLength(size * size);
    const kept = Math.min(2, size);
    for (let i = 0; i < kept; i++) {
      for (let j = 0; j < kept; j++) expect(weights[i * size + j]).toBe(before[i * 2 + j]);
    }
    const copy = Graph.fromJSON(JSON.parse(JSON.stringify(graph)));
    for (const one of [graph, copy]) one.train({ x: [1, 2, 3] }, { y: [1, 2, 3] }, { steps: 3 });
    expect(JSON.stringify(copy)).toBe(JSON.stringify(graph));
    expect(JSON.stringify(graph.clone())).toBe(JSON.stringify(graph));
  });
});

describe("a part that is added after a removal", () => {
  const make = () => {
    const graph = new Graph({
      seed: 1,
      optimizer: "adam",
      inputs: { x: 4 },
      hidden: { a: { size: 16, activation: "tanh", bias: 0.5 }, b: 2 },
      outputs: { y: { size: 4, activation: "linear" } },
      synapses: [
        ["x", "a"],
        ["a", "y"],
        ["x", "b"],
        ["b", "y"],
      ],
    });
    graph.train({ x: [1, 2, 3, 4] }, { y: [1, 2, 3, 4] });
    graph.remove(graph.synapse("x", "b"));
    return graph;
  };

  it("begins with zeros in its bias and its initial values", () => {
    const graph = make();
    const added = graph.addHidden("n", 4, "tanh", { initial: true });
    expect([...added.bias]).toEqual([0, 0, 0, 0]);
    expect([...added.initial!]).toEqual([0, 0, 0, 0]);
  });

  it("begins with moments of zero", () => {
    const graph = make();
    graph.connect("x", "b");
    const copy = Graph.fromJSON(JSON.parse(JSON.stringify(graph)));
    for (const one of [graph, copy]) one.train({ x: [1, 2, 3, 4] }, { y: [4, 3, 2, 1] });
    expect(JSON.stringify(copy)).toBe(JSON.stringify(graph));
  });
});

describe("a pass without an input", () => {
  const graph = new Graph({
    seed: 1,
    inputs: { x: 1 },
    hidden: { h: { size: 2, activation: "tanh", initial: 0.5 } },
    outputs: { y: { size: 1, activation: "linear" } },
    synapses: [
      ["h", "h", { delay: 1 }],
      ["h", "y"],
    ],
  });

  it("streams as it predicts", () => {
    const whole = graph.predict({} as never, { steps: 3 }).y;
    expect(graph.predict({} as never, { steps: 1 }).y).toHaveLength(1);
    const state = graph.state();
    const single = [0, 1, 2].map(() => graph.predict({} as never, { state }).y[0]);
    expect(single).toEqual([...whole]);
  });

  it("has gradients at one step", () => {
    const { bias } = graph.gradients({} as never, null, { outputs: { y: [1] }, steps: 1 });
    expect([...bias.y!]).toEqual([1]);
  });
});

describe("targets of one step", () => {
  const graph = new Graph({
    seed: 1,
    inputs: { x: 2 },
    hidden: { h: { size: 3, activation: "tanh" } },
    outputs: { y: { size: 3, activation: "softmax" } },
    synapses: [
      ["x", "h"],
      ["h", "h", { delay: 1 }],
      ["h", "y"],
    ],
  });
  const x = [1, 2, 3, 4];
  const levels = [[[1, 0, 0]], [[0, 0, 1]]];
  const wanted = (options: object) =>
    graph.evaluate({ x }, { y: levels.flat(2) }, { steps: [1, 1], ...options }).cost;

  it.each([
    ["class numbers of each sample", [[0], [2]], {}],
    ["class numbers in a row", [0, 2], {}],
    ["three levels with weights of samples", levels, { sampleWeights: [1, 0.5] }],
    ["three levels with a mask", levels, { mask: { y: [1, 0] } }],
    ["three levels with a mask of three levels", levels, { mask: { y: [[[1, 1, 1]], [[0, 0, 0]]] } }],
  ])("take %s", (_, y, options) => {
    const flat = "mask" in options ? { mask: { y: [1, 0] } } : options;
    expect(graph.evaluate({ x }, { y }, { steps: 1, ...options }).cost).toBe(wanted(flat));
    const state = graph.state(2);
    expect(graph.evaluate({ x }, { y }, { state, ...options }).cost).toBe(wanted(flat));
  });
});

it("fit names `window` where there is no room for all steps", async () => {
  const graph = new Graph({ seed: 1, inputs: { x: 1 }, hidden: { h: 3000 }, outputs: { y: 1 } });
  graph.connect("x", "h");
  graph.connect("h", "h", { delay: 1 });
  graph.connect("h", "y");
  const steps = 400_000;
  const data = { xs: { x: new Float64Array(steps) }, ts: { y: new Float64Array(steps) }, steps };
  await expect(graph.fit(data)).rejects.toThrow(/no room for [\s\S]*With a `window`/);
  graph.dispose();
});
