// The effects of a seed: weights depend on the seed and the synapse's index alone.

import { Graph, type Init, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectSame, Random, seed } from "../support/helpers.js";

const precisions: readonly Precision[] = ["float64", "float32"];

function layered(
  from: number,
  sizes: readonly number[],
  precision: Precision = "float64",
  init: Init = "uniform",
) {
  const graph: AnyGraph = new Graph({ seed: from, precision });
  graph.addInput("0", sizes[0]!);
  sizes.slice(1).forEach((size, i) => {
    graph.addHidden(`${i + 1}`, size);
    graph.connect(`${i}`, `${i + 1}`, { init });
  });
  return graph;
}

describe.each(precisions)("weights in %s", (precision) => {
  it("are the same for the same seed, and others for another", () => {
    const [a, b, c] = [7, 7, 8].map((from) => layered(from, [5, 6, 7], precision));
    a!.synapses.forEach(({ weights }, i) => {
      expectSame(b!.synapses[i]!.weights, weights, `synapse ${i}`);
      expect([...c!.synapses[i]!.weights]).not.toEqual([...weights]);
    });
  });

  it("depend on the index of the synapse, not on what was there before it", () => {
    const [a, b] = [layered(7, [5, 6, 7, 2], precision), layered(7, [3, 9, 7, 2], precision)];
    expectSame(b.synapses[2]!.weights, a.synapses[2]!.weights, "synapse 2");
    // A larger matrix begins like a smaller one of the same index.
    expectSame(b.synapses[1]!.weights.subarray(0, 42), a.synapses[1]!.weights, "synapse 1");
    expect([...a.synapses[1]!.weights.subarray(0, 14)]).not.toEqual([...a.synapses[2]!.weights]);
  });

  it("don't depend on passes, training or refused calls between", () => {
    const [a, b] = [layered(7, [2, 3, 2], precision), layered(7, [2, 3], precision)];
    b.addOutput("y", 1);
    expect(() => b.connect("1", "0")).toThrow();
    b.connect("1", b.addHidden("2", 2));
    b.connect("2", "y");
    b.train({ 0: [1, 2] }, { y: [1] });
    const c = layered(7, [2, 3, 2, 4], precision);
    b.connect("2", b.addHidden("3", 4), { name: "third" });
    a.connect("0", "2", { name: "skip" });
    a.connect("2", a.addHidden("3", 4));
    expectSame(b.synapses[3]!.weights, a.synapses[3]!.weights, "synapse 3");
    expectSame(c.synapses[2]!.weights, layered(7, [2, 3, 2, 4], precision).synapses[2]!.weights, "synapse 2");
  });

  it("by `uniform` fill the open interval (-1, 1), and biases are 0", () => {
    const graph = layered(seed, [300, 400], precision);
    const { weights } = graph.synapses[0]!;
    let [sum, squares, near] = [0, 0, 0];
    const buckets = new Array<number>(20).fill(0);
    for (const weight of weights) {
      if (!(weight > -1 && weight < 1)) throw new Error(`${weight} is not in (-1, 1)`);
      sum += weight;
      squares += weight * weight;
      if (Math.abs(weight) > 0.999) near++;
      buckets[Math.floor((weight + 1) * 10)]!++;
    }
    const count = weights.length;
    // Six standard deviations each.
    expect(Math.abs(sum / count)).toBeLessThan(6 / Math.sqrt(3) / Math.sqrt(count));
    expect(Math.abs(squares / count - 1 / 3)).toBeLessThan((6 * Math.sqrt(4 / 45)) / Math.sqrt(count));
    expect(near).toBeGreaterThan(0);
    for (const bucket of buckets)
      expect(Math.abs(bucket - count / 20)).toBeLessThan(6 * Math.sqrt(count / 20));
    expect(new Set(weights).size).toBeGreaterThan(precision === "float64" ? count - 1 : count * 0.95);
    for (const { bias } of graph.layers) expectSame(bias, new Float64Array(bias.length), "bias");
  });

  it.each<[Init, (from: number, to: number) => number]>([
    ["glorot", (from, to) => Math.sqrt(6 / (from + to))],
    ["he", (from) => Math.sqrt(6 / from)],
  ])("%s fills its interval, and scales the same draws", (init, limit) => {
    const shapes: [number, number][] = [
      [300, 100],
      [4, 700],
      [50, 50],
    ];
    for (const sizes of shapes) {
      const weights = layered(3, sizes, precision, init).synapses[0]!.weights as Float64Array;
      const bound = limit(...sizes);
      const largest = weights.reduce((most: number, weight: number) => Math.max(most, Math.abs(weight)), 0);
      expect(largest).toBeLessThanOrEqual(precision === "float64" ? bound : Math.fround(bound));
      expect(largest).toBeGreaterThan(bound * 0.99);
      const plain = layered(3, sizes, precision).synapses[0]!.weights;
      const off = weights.reduce(
        (most: number, w: number, i: number) => Math.max(most, Math.abs(w - plain[i]! * bound)),
        0,
      );
      expect(off).toBeLessThan(precision === "float64" ? 1e-15 : 1e-6);
    }
  });
});

describe("a seed", () => {
  it("is drawn where none is given, and can be read and used again", () => {
    const seeds = Array.from({ length: 8 }, () => new Graph().seed);
    expect(seeds.every((drawn) => Number.isInteger(drawn) && drawn >= 0 && drawn < 2 ** 32)).toBe(true);
    expect(new Set(seeds).size).toBeGreaterThan(4);
    const drawn: AnyGraph = new Graph({ inputs: { x: 3 }, outputs: { y: 2 }, synapses: [["x", "y"]] });
    const again: AnyGraph = new Graph({
      seed: drawn.seed,
      inputs: { x: 3 },
      outputs: { y: 2 },
      synapses: [["x", "y"]],
    });
    expect(JSON.stringify(again)).toBe(JSON.stringify(drawn));
  });
});

describe("a declaration", () => {
  it.each(precisions)("does what the calls would, bit for bit, in %s", (precision) => {
    const optimizer = { name: "sgd", rate: 0.03 } as const;
    const declared = new Graph({
      seed: 7,
      precision,
      optimizer,
      inputs: { x: 2, c: { size: 3, activation: "tanh" } },
      hidden: { h: 4, k: { size: 2, activation: "relu" } },
      outputs: {
        y: 1,
        z: { size: 3, activation: "softmax" },
        w: { size: 2, activation: "sigmoid", loss: "mse" },
      },
      synapses: [
        ["x", "h"],
        ["c", "h", { init: "glorot" }],
        ["c", "h", { name: "twin" }],
        ["h", "k"],
        ["k", "y"],
        ["h", "z"],
        ["z", "w"],
        ["x", "y"],
      ],
    });
    const called: AnyGraph = new Graph({ seed: 7, precision });
    called.optimizer = optimizer;
    called.addInput("x", 2);
    called.addInput("c", 3, "tanh");
    called.addHidden("h", 4);
    called.addHidden("k", 2, "relu");
    called.addOutput("y", 1);
    called.addOutput("z", 3, "softmax");
    called.addOutput("w", 2, "sigmoid", "mse");
    called.connect("x", "h");
    called.connect("c", called.layer("h"), { init: "glorot" });
    called.connect("c", "h", { name: "twin" });
    called.connect("h", "k");
    called.connect("k", "y");
    called.connect(called.layer("h"), called.layer("z"));
    called.connect("z", "w");
    called.connect("x", "y");
    expect(JSON.stringify(declared)).toBe(JSON.stringify(called));
    const random = new Random(seed);
    const xs = { x: random.rows(5, 2), c: random.rows(5, 3) };
    const ts = { y: [0, 1, 0, 1, 1], w: random.rows(5, 2) };
    for (let i = 0; i < 3; i++) expect(declared.train(xs, ts)).toBe(called.train(xs, ts));
    expect(JSON.stringify(declared)).toBe(JSON.stringify(called));
  });

  it("has the losses that follow from the activations", () => {
    const graph: AnyGraph = new Graph();
    const losses = (["sigmoid", "softmax", "linear", "tanh", "relu"] as const).map(
      (activation) => graph.addOutput(activation, 2, activation).loss,
    );
    expect(losses).toEqual(["entropy", "crossEntropy", "mse", "mse", "mse"]);
    expect(graph.addHidden("h", 1).loss).toBeUndefined();
    expect([graph.addInput("x", 1).activation, graph.layer("h").activation]).toEqual(["linear", "sigmoid"]);
  });
});
