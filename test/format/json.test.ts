// toJSON and fromJSON: all of a graph, bit for bit, and its training from there.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, everything, expectSame, Random, seed } from "../support/helpers.js";
import { build, randomCase } from "../support/random.js";

const precisions: readonly Precision[] = ["float64", "float32"];

function reloaded(graph: AnyGraph): AnyGraph {
  return Graph.fromJSON(JSON.parse(JSON.stringify(graph)));
}

function expectEqual(a: AnyGraph, b: AnyGraph): void {
  expect(JSON.stringify(b)).toBe(JSON.stringify(a));
  expect(b.layers.map((l) => [l.name, l.kind, l.size, l.activation, l.loss])).toEqual(
    a.layers.map((l) => [l.name, l.kind, l.size, l.activation, l.loss]),
  );
  expect(b.synapses.map((s) => [s.from.name, s.to.name, s.name, s.init, s.shape])).toEqual(
    a.synapses.map((s) => [s.from.name, s.to.name, s.name, s.init, s.shape]),
  );
  expect([b.seed, b.precision, b.optimizer]).toEqual([a.seed, a.precision, a.optimizer]);
  for (const [i, layer] of a.layers.entries()) expectSame(b.layers[i]!.bias, layer.bias, layer.name);
  for (const [i, { weights }] of a.synapses.entries())
    expectSame(b.synapses[i]!.weights, weights, `synapse ${i}`);
}

describe.each(precisions)("a graph in %s", (precision) => {
  it(`comes back bit for bit, and goes on with the same bits, PLEXUS_SEED=${seed}`, () => {
    for (let i = 0; i < 40; i++) {
      const { naive, xs, ts } = randomCase(new Random(seed * 500_009 + i));
      const graph: AnyGraph = build(naive, precision);
      graph.rate = 0.01;
      graph.train(xs, ts);
      const loaded = reloaded(graph);
      expectEqual(graph, loaded);
      for (let step = 0; step < 3; step++) expect(loaded.train(xs, ts)).toBe(graph.train(xs, ts));
      expectEqual(graph, loaded);
      // Further weights come from the same stream.
      for (const one of [graph, loaded]) one.connect("in0", one.addHidden("later", 3));
      expectEqual(graph, loaded);
    }
  });

  it("keeps a rule's own number", () => {
    const activation = { name: "elu", alpha: 1 / 3 } as const;
    const loss = { name: "entropy", smoothing: 0.1 } as const;
    const graph: AnyGraph = new Graph({ seed: 0, precision });
    graph.addInput("x", 3, { name: "leakyRelu", slope: 0.01 });
    graph.addHidden("h", 3, activation);
    graph.addOutput("y", 1, "hardSigmoid", loss);
    const loaded = reloaded(graph);
    expectEqual(graph, loaded);
    expect(loaded.layer("x").activation).toBe("leakyRelu"); // the usual slope
    expect(loaded.layer("h").activation).toEqual(activation);
    expect(loaded.layer("y").loss).toEqual(loss);
  });

  it("keeps -0, the smallest and the largest numbers", () => {
    const extremes =
      precision === "float64" ? [-0, 5e-324, 1.7976931348623157e308] : [-0, 2 ** -149, 3.4028234663852886e38];
    const graph: AnyGraph = new Graph({ seed: 0, precision });
    graph.addInput("x", 3).bias.set(extremes);
    graph.addOutput("y", 1, "linear").bias[0] = -0;
    graph.connect("x", "y").weights.set(extremes.map((value) => -value));
    const loaded = reloaded(graph);
    expectSame(loaded.layer("x").bias, extremes, "bias");
    expectSame(loaded.layer("y").bias, [-0], "bias of y");
    expectSame(
      loaded.synapses[0]!.weights,
      extremes.map((value) => -value),
      "weights",
    );
  });

  it("goes on after an interrupted fit as if there had been none", async () => {
    const make = () => {
      const graph: AnyGraph = new Graph({ seed: 77, precision });
      graph.addInput("x", 3);
      graph.addHidden("h", 5, "tanh");
      graph.addOutput("y", 2, "softmax");
      graph.connect("x", "h");
      graph.connect("h", "y");
      return graph;
    };
    const random = new Random(seed);
    const data = {
      xs: { x: random.rows(50, 3) },
      ts: { y: Array.from({ length: 50 }, () => (random.chance(0.5) ? [1, 0] : [0, 1])) },
    };
    const whole = make();
    await whole.fit(data, { epochs: 5, batchSize: 8 });
    const half = make();
    await half.fit(data, { epochs: 2, batchSize: 8 });
    const loaded = reloaded(half);
    await loaded.fit(data, { epochs: 3, batchSize: 8 });
    expect(JSON.stringify(loaded)).toBe(JSON.stringify(whole));
    // It is the state of the shuffles that does it: without it, the epochs' orders would repeat.
    const forgetful = Graph.fromJSON({
      ...(half.toJSON() as object),
      generators: { shuffles: 0 },
    }) as AnyGraph;
    await forgetful.fit(data, { epochs: 3, batchSize: 8 });
    expect(JSON.stringify(forgetful.layers.map(({ bias }) => [...bias]))).not.toBe(
      JSON.stringify(whole.layers.map(({ bias }) => [...bias])),
    );
  });
});

describe("a file", () => {
  it("is plain data, the graph's JSON, and not the graph's memory", () => {
    const graph: AnyGraph = build(randomCase(new Random(3)).naive);
    const json = graph.toJSON();
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    const kept = JSON.stringify(json);
    graph.layers[0]!.bias.fill(7);
    graph.rate = 5;
    expect(JSON.stringify(json)).toBe(kept);
    const before = everything(graph);
    Graph.fromJSON(json);
    expect(JSON.stringify(json)).toBe(kept);
    expect(everything(graph)).toBe(before);
  });

  it("tells its format, its version, and the places of all numbers", () => {
    const graph: AnyGraph = new Graph({
      seed: 5,
      inputs: { x: 1 },
      outputs: { y: 1 },
      synapses: [["x", "y"]],
    });
    graph.synapse("x", "y").weights[0] = 1;
    expect(graph.toJSON()).toEqual({
      format: "plexus",
      version: 1,
      precision: "float64",
      seed: 5,
      generators: { shuffles: 0 },
      optimizer: { name: "sgd", rate: 0.1 },
      init: "glorot",
      layers: [
        { name: "x", kind: "input", size: 1, activation: "linear", bias: "AAAAAAAAAAA=" },
        { name: "y", kind: "output", size: 1, activation: "sigmoid", loss: "entropy", bias: "AAAAAAAAAAA=" },
      ],
      synapses: [{ from: "x", to: "y", init: "glorot", weights: "AAAAAAAA8D8=" }],
    });
  });

  it("holds any names, and of an empty graph nothing", () => {
    const graph: AnyGraph = new Graph({ seed: 1 });
    graph.addInput("__proto__", 2);
    graph.addOutput("constructor", 1);
    graph.addOutput("💡\u0000\n", 1, "linear");
    graph.connect("__proto__", "constructor", { name: "toString", init: "glorot" });
    graph.connect("__proto__", "constructor", { name: "__proto__", init: "he" });
    graph.connect("constructor", "💡\u0000\n");
    const loaded = reloaded(graph);
    expectEqual(graph, loaded);
    expect(Object.keys(loaded.predict({ ["__proto__"]: [1, 2] }))).toEqual(["constructor", "💡\u0000\n"]);
    const empty = new Graph({ seed: 3, optimizer: { name: "sgd", rate: 0 } });
    expectEqual(empty, reloaded(empty));
  });

  it("holds a chain of 100,000 layers", () => {
    const graph: AnyGraph = new Graph({ seed: 1 });
    graph.addInput("0", 1);
    for (let i = 1; i < 100_000; i++) {
      graph.addHidden(`${i}`, 1, "tanh");
      graph.connect(`${i - 1}`, `${i}`);
    }
    const loaded = reloaded(graph);
    expect(JSON.stringify(loaded)).toBe(JSON.stringify(graph));
    graph.dispose();
    loaded.dispose();
  });
});
