// A layer of another size: its kept units, its new ones, and what it is refused for.

import { Graph, type Init, Scaler } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, everything, expectRefusal, wrong } from "../support/helpers.js";

function make(more: object = {}) {
  return new Graph({
    seed: 5,
    optimizer: { name: "adam", rate: 0.01 },
    inputs: { x: 2 },
    hidden: { h: { size: 3, activation: "tanh", norm: "layer" } },
    outputs: { y: { size: 3, activation: "softmax" } },
    synapses: [
      ["x", "h"],
      ["h", "y"],
      ["x", "y", { init: "normal" }],
    ],
    ...more,
  }) as AnyGraph;
}

const xs = { x: [0.3, -0.8, 0.5, 0.1] };
const ts = { y: [2, 0] };

/** Returns the rows of a matrix. */
function rowsOf(values: ArrayLike<number>, size: number): number[][] {
  return Array.from({ length: values.length / size }, (_, r) =>
    Array.from({ length: size }, (_, c) => values[r * size + c]!),
  );
}

describe("resize", () => {
  it("keeps units with their parameters and moments; new ones start", () => {
    const graph = make();
    for (let step = 0; step < 3; step++) graph.train(xs, ts);
    const [h, y, into, out] = [
      graph.layer("h"),
      graph.layer("y"),
      graph.synapse("x", "h"),
      graph.synapse("h", "y"),
    ];
    const old = {
      bias: [...h.bias],
      gain: [...h.gain!],
      into: rowsOf(into.weights, 3),
      out: [...out.weights],
    };
    const file = JSON.parse(JSON.stringify(graph));
    graph.resize("h", 5);
    expect([h.size, into.shape, out.shape]).toEqual([5, [2, 5], [5, 3]]);
    expect([...h.bias]).toEqual([...old.bias, 0, 0]);
    expect([...h.gain!]).toEqual([...old.gain, 1, 1]);
    expect(rowsOf(into.weights, 5).map((row) => row.slice(0, 3))).toEqual(old.into);
    expect([...out.weights].slice(0, 9)).toEqual(old.out);
    const fresh = [...rowsOf(into.weights, 5).flatMap((row) => row.slice(3)), ...[...out.weights].slice(9)];
    expect(new Set(fresh.map(Math.abs)).size).toBe(fresh.length);
    expect(fresh.every((value) => value !== 0 && Math.abs(value) < 1.1)).toBe(true);
    const after = JSON.parse(JSON.stringify(graph));
    expect(after.layers[1].biasSteps).toBe(file.layers[1].biasSteps);
    const numbers = (text: string) => [
      ...new Float64Array(Uint8Array.from(Buffer.from(text, "base64")).buffer),
    ];
    expect(numbers(after.layers[1].biasMean)).toEqual([...numbers(file.layers[1].biasMean), 0, 0]);
    expect(after.generators.connections).toBe(5);
    expect([graph.layer("h"), graph.synapse("x", "h")]).toEqual([h, into]);
    expect([h.pre.length, h.post.length]).toEqual([0, 0]);
    expect(y.pre.length).toBe(6);
    graph.train(xs, ts);
    expect(h.pre.length).toBe(10);
    graph.resize(h, 2);
    expect([...h.bias]).toHaveLength(2);
    graph.train(xs, ts);
  });

  it.each(["uniform", "he", "normal", "orthogonal", { name: "constant", value: 0.5 }] satisfies Init[])(
    "draws new weights by %o as a whole matrix of the new sizes, with a number of their own",
    (init) => {
      const graph = make();
      const [into, out] = [graph.synapse("x", "h"), graph.synapse("h", "y")];
      graph.resize("h", 5, { init });
      const twin = new Graph({ seed: 5, inputs: { x: 2, h: 5 }, hidden: { z: 1 }, outputs: { h2: 5, y: 3 } });
      for (let number = 0; number < 3; number++) twin.connect("x", "z", { name: `${number}` });
      const [third, fourth] = [twin.connect("x", "h2", { init }), twin.connect("h", "y", { init })];
      expect(rowsOf(into.weights, 5).map((row) => row.slice(3))).toEqual(
        rowsOf(third.weights, 5).map((row) => row.slice(3)),
      );
      expect([...out.weights].slice(9)).toEqual([...fourth.weights].slice(9));
    },
  );

  it("starts each synapse's new weights as its own did, where nothing else is said", () => {
    const values = { init: { values: new Array(6).fill(9) } };
    const graph = make({
      init: { name: "constant", value: 2 },
      synapses: [
        ["x", "h", values],
        ["h", "y", { init: "zeros" }],
      ],
    });
    for (const one of [graph, graph.clone()]) {
      one.resize("h", 4);
      expect([...one.synapse("x", "h").weights]).toEqual([9, 9, 9, 2, 9, 9, 9, 2]);
      expect([...one.synapse("h", "y").weights]).toEqual(new Array(12).fill(0));
    }
  });

  it("changes no output by units at 0", () => {
    const graph = make({ hidden: { h: { size: 3, activation: "sigmoid" } } });
    graph.train(xs, ts);
    const before = graph.predict(xs).y!;
    graph.resize("h", 7, { init: "zeros" });
    expect(graph.predict(xs).y).toEqual(before);
    graph.resize("h", 3);
    expect(graph.predict(xs).y).toEqual(before);
  });

  it("adds a class to an output that has learnt", () => {
    const graph = make();
    for (let step = 0; step < 50; step++) graph.train(xs, ts);
    const before = graph.predict(xs).y!;
    graph.resize("y", 4, { init: "zeros" });
    const after = graph.predict(xs).y!;
    // The odds of the old classes stay.
    expect(after[0]! / after[1]!).toBeCloseTo(before[0]! / before[1]!, 10);
    expectRefusal(() => graph.train(xs, { y: [4, 0] }), "bad-target", "4");
    for (let step = 0; step < 400; step++) graph.train(xs, { y: [3, 0] });
    expect(graph.evaluate(xs, { y: [3, 0] }).outputs.y!.accuracy).toBe(1);
  });

  it("takes shared weights along where all that share them lead to the layer, or all from it", () => {
    const graph = make();
    graph.addInput("z", 2);
    const shared = graph.connect("z", "h", { share: graph.synapse("x", "h") });
    graph.resize("h", 4);
    expect(shared.shape).toEqual([2, 4]);
    expect([...shared.weights]).toEqual([...graph.synapse("x", "h").weights]);
    graph.train({ ...xs, z: [1, 2, 3, 4] }, ts);
    graph.remove(graph.synapse("x", "h"));
    graph.resize("h", 2);
    expect(shared.weights.length).toBe(4);
    graph.train({ ...xs, z: [1, 2, 3, 4] }, ts);
  });

  it("says what is in the way, and changes nothing", () => {
    const graph = make();
    graph.addHidden("r", 3);
    graph.addHidden("g", 3);
    const identity = graph.connect("h", "r", { kind: "identity" });
    graph.connect("r", "y");
    graph.connect("x", "g", { share: graph.synapse("x", "h") });
    graph.train(xs, ts);
    graph.scale("y", wrong(Scaler.fit([1, 2, 3], 3)));
    const before = everything(graph);
    const refused = (
      use: () => unknown,
      code: "bad-option" | "bad-size" | "unknown-layer",
      ...words: string[]
    ) => {
      expectRefusal(use, code, ...words);
      expect(everything(graph)).toBe(before);
    };
    refused(() => graph.resize("h", 4), "bad-option", '"h"', "an identity", '"h" to "r"');
    refused(() => graph.resize("r", 4), "bad-option", "an identity");
    refused(() => graph.resize("g", 4), "bad-option", "shares", '"x" to "h"');
    refused(() => graph.resize("y", 4), "bad-option", "scaler", "3 units", 'scale("y", null)');
    refused(() => graph.resize("y", 1), "bad-option", "softmax");
    refused(() => graph.resize(wrong("x"), 3), "bad-option", '"x"', "input");
    refused(() => graph.resize("hh", 3), "unknown-layer", '"hh"', "Did you mean");
    for (const size of [0, -1, 1.5, Number.NaN, 2 ** 32, "3", undefined, null]) {
      refused(() => graph.resize("h", wrong(size)), "bad-size", '"h"');
    }
    refused(() => graph.resize("h", 4, wrong({ units: 3 })), "bad-option", '"units"');
    refused(() => graph.resize("h", 4, wrong({ init: "small" })), "bad-option", '"small"');
    refused(() => graph.resize("h", 4, wrong({ init: { values: [1] } })), "bad-option");
    refused(() => graph.resize("h", 4, wrong(null)), "bad-option");
    expectRefusal(() => graph.resize("g", 2 ** 31), "bad-option");
    graph.remove(identity);
    graph.remove("r");
    graph.remove("g");
    const between = everything(graph);
    expectRefusal(() => graph.resize("h", 2 ** 31), "out-of-memory");
    expectRefusal(() => graph.resize("h", 2 ** 25), "out-of-memory");
    expect(everything(graph)).toBe(between);
    graph.resize("h", 3);
    expect(everything(graph)).toBe(between); // of the size that it has, nothing happens
    graph.resize("h", 4);
    graph.scale("y", null);
    graph.train(xs, {
      y: [
        [1, 0, 0],
        [0, 1, 0],
      ],
    });
  });

  it("refuses shapes and synapses whose options follow the size, with nothing changed", () => {
    const graph = make({ hidden: { h: [2, 2, 3], k: 4 }, outputs: { y: [2, 3] }, synapses: [["x", "h"]] });
    graph.connect("h", "k", { kind: "sparse", density: 0.5 });
    graph.connect("h", "y");
    const before = everything(graph);
    expectRefusal(() => graph.resize("h", 8), "bad-option", '"h"', "`widen` adds channels");
    expectRefusal(() => graph.resize("y", 8), "bad-option", '"y"', "add another layer");
    expectRefusal(() => graph.resize("k", 8), "bad-option", '"h" to "k" is a sparse synapse');
    expectRefusal(
      () => graph.resize("k", wrong([2, 2])),
      "bad-size",
      "a number of units here, not an array of 2",
    );
    expect(everything(graph)).toBe(before);
  });

  it("looks at the graph after what was given was read", () => {
    const graph = make();
    expectRefusal(
      () =>
        graph.resize("h", 4, {
          get init() {
            graph.remove("h");
            return "he" as const;
          },
        }),
      "unknown-layer",
      '"h"',
    );
    const other = make();
    expectRefusal(
      () =>
        other.resize("h", 4, {
          get init() {
            other.dispose();
            return "he" as const;
          },
        }),
      "disposed",
    );
  });

  it("splits a connection as NEAT does, with the same outputs", () => {
    const graph: AnyGraph = new Graph({
      seed: 1,
      inputs: { x: 1 },
      outputs: { y: { size: 1, activation: "linear" } },
    });
    const old = graph.connect("x", "y", { init: { values: [0.7] } });
    const before = graph.predict({ x: [1, 2, 3] }).y;
    graph.addHidden("mid", 1, "linear");
    graph.connect("x", "mid", { init: { values: [1] } });
    graph.connect("mid", "y", { init: { values: old.weights } });
    graph.remove(old);
    expect(graph.predict({ x: [1, 2, 3] }).y).toEqual(before);
  });
});
