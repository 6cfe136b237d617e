// Kinds of synapse that compute the same have the same bits: values, derivatives and steps.

import { Graph, type Optimizer, type Precision, type SynapseOptions } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectSame, Random, seed } from "../support/helpers.js";
import { product, type Shape } from "../support/maps.js";

const precisions: readonly Precision[] = ["float64", "float32"];

/** Returns numbers whose zeros have no sign, since that of a zero sum is not promised. */
const unsigned = (values: ArrayLike<number>) => Array.from(values, (value) => value + 0);

/** Expects two graphs of one synapse each to have the same values and derivatives; `turn` orders the weights of the second. */
function expectTwins(
  one: AnyGraph,
  other: AnyGraph,
  from: number,
  to: number,
  turn = (values: ArrayLike<number>): ArrayLike<number> => values,
): void {
  const random = new Random(seed);
  for (const rows of [1, 3, 150]) {
    const [x, dy] = [random.numbers(rows * from), random.numbers(rows * to)];
    expectSame(one.predict({ x }).y!, other.predict({ x }).y!, "y");
    const [ours, theirs] = [one, other].map((graph) => graph.gradients({ x }, null, { outputs: { y: dy } }));
    expectSame(unsigned(ours!.inputs.x!), unsigned(theirs!.inputs.x!), "dx");
    expect(ours!.weights).toHaveLength(theirs!.weights.length);
    ours!.weights.forEach(({ values }, i) => {
      expectSame(unsigned(values), unsigned(turn(theirs!.weights[i]!.values)), "dW");
    });
  }
  one.dispose();
  other.dispose();
}

describe.each(precisions)("the same bits in %s have", (precision) => {
  const layers = (from: Shape, to: Shape, options: object): AnyGraph => {
    const graph: AnyGraph = new Graph({ seed: 3, precision, init: "he" });
    graph.addInput("x", from);
    graph.addOutput("y", to, "tanh", "mse", { bias: 0.1 });
    graph.connect("x", "y", options);
    return graph;
  };

  it.each([1, 2, 4, 16, 128])("a conv of kernel 1 and a dense synapse: %i positions", (n) => {
    for (const [c, o] of [
      [5, 7],
      [33, 16],
      [1, 3],
      [8, 1],
    ] as const) {
      const conv = layers([n, c], [n, o], { kind: "conv", kernel: 1 });
      const dense = layers([c], [o], {});
      dense.synapses[0]!.weights.set(conv.synapses[0]!.weights);
      const random = new Random(seed);
      for (const rows of [1, 3, 150]) {
        const x = random.numbers(rows * n * c);
        const dy = random.numbers(rows * n * o);
        expectSame(conv.predict({ x }).y!, dense.predict({ x }).y!, "y");
        const [ours, theirs] = [conv, dense].map((graph) =>
          graph.gradients({ x }, null, { outputs: { y: dy } }),
        );
        expectSame(ours!.weights[0]!.values, theirs!.weights[0]!.values, "dW");
        expectSame(ours!.bias.y!, theirs!.bias.y!, "dbias");
        expectSame(ours!.inputs.x!, theirs!.inputs.x!, "dx");
      }
      conv.dispose();
      dense.dispose();
    }
  });

  it.each([
    ["of kernel 1", 1, "valid"],
    ["of kernel 3, padded", 3, "same"],
  ] as const)("a conv over [1, 1, c] %s and a dense synapse", (_, kernel, padding) => {
    const conv = layers([1, 1, 9], [1, 1, 17], { kind: "conv", kernel, padding });
    const dense = layers([9], [17], {});
    const { weights } = conv.synapses[0]!;
    const middle = kernel === 1 ? 0 : 4 * 9 * 17;
    dense.synapses[0]!.weights.set(weights.slice(middle, middle + 9 * 17));
    const random = new Random(seed);
    for (const rows of [1, 3, 300]) {
      const [x, dy] = [random.numbers(rows * 9), random.numbers(rows * 17)];
      expectSame(conv.predict({ x }).y!, dense.predict({ x }).y!, "y");
      const [ours, theirs] = [conv, dense].map((graph) =>
        graph.gradients({ x }, null, { outputs: { y: dy } }),
      );
      expectSame(ours!.weights[0]!.values.slice(middle, middle + 9 * 17), theirs!.weights[0]!.values, "dW");
      expectSame(ours!.inputs.x!, theirs!.inputs.x!, "dx");
    }
  });

  it.each([
    ["sgd", [12], [9]],
    ["adam", [5, 5, 2], [33]],
    ["adam", [40], [3, 4, 2]],
  ] as const)("a sparse synapse of all pairs and a dense one, in steps of %s", (optimizer, from, to) => {
    const make = (isSparse: boolean): AnyGraph => {
      const graph: AnyGraph = new Graph({ seed: 3, precision, optimizer, init: "he" });
      graph.addInput("x", from, "linear", { bias: false });
      graph.addHidden("h", to, "tanh");
      graph.addOutput("y", [3], "softmax");
      for (const [a, b] of [
        ["x", "h"],
        ["h", "y"],
        ["x", "y"],
      ] as const)
        graph.connect(a, b, isSparse ? { kind: "sparse", density: 1, l2: 0.01 } : { l2: 0.01 });
      return graph;
    };
    const [sparse, dense] = [make(true), make(false)];
    const random = new Random(seed);
    const same = (what: string) => {
      for (let i = 0; i < 3; i++)
        expectSame(sparse.synapses[i]!.weights, dense.synapses[i]!.weights, `${what}, synapse ${i}`);
      for (const name of ["h", "y"]) {
        expectSame(sparse.layer(name).bias, dense.layer(name).bias, `${what}, bias of ${name}`);
      }
    };
    same("at the start");
    for (const rows of [1, 5, 32, 130, 300]) {
      const x = random.numbers(rows * product(from));
      const y = Array.from({ length: rows }, () => random.whole(0, 2));
      expectSame(sparse.predict({ x }).y!, dense.predict({ x }).y!, `y of ${rows} rows`);
      expect(sparse.train({ x }, { y })).toBe(dense.train({ x }, { y }));
      same(`after ${rows} rows`);
    }
  });

  const identities: [title: string, from: Shape, to: Shape, options: SynapseOptions][] = [
    ["an upsample by 1", [4, 3, 2], [4, 3, 2], { kind: "upsample" }],
    ["an averagePool of kernel 1", [4, 3, 2], [4, 3, 2], { kind: "averagePool", kernel: 1 }],
    ["a maxPool of kernel 1", [12, 2], [12, 2], { kind: "maxPool" }],
    ["a gather of all units", [24], [24], { kind: "gather", units: Array.from({ length: 24 }, (_, i) => i) }],
  ];
  it.each(identities)("%s and an identity", (_, from, to, options) => {
    const [one, other] = [layers(from, to, options), layers(from, to, { kind: "identity" })];
    expectTwins(one, other, product(from), product(to));
  });

  const ones: [title: string, from: Shape, to: Shape, options: SynapseOptions][] = [
    ["a depthwise conv of kernel 1", [1, 24], [1, 24], { kind: "conv", kernel: 1, groups: 24 }],
    [
      "a depthwise convTranspose of kernel 1",
      [1, 1, 9],
      [9],
      { kind: "convTranspose", kernel: 1, groups: 9 },
    ],
    [
      "a sparse diagonal",
      [13],
      [13],
      { kind: "sparse", connections: Array.from({ length: 13 }, (_, i) => [i, i]) },
    ],
  ];
  it.each(ones)("%s and a one-to-one synapse", (_, from, to, options) => {
    const [one, other] = [layers(from, to, options), layers(from, to, { kind: "oneToOne" })];
    other.synapses[0]!.weights.set(one.synapses[0]!.weights);
    expectTwins(one, other, product(from), product(to));
  });

  it("a convTranspose of kernel 1 and a conv with the weights turned", () => {
    const [c, o] = [5, 9];
    const conv = layers([6, 4, c], [6, 4, o], { kind: "conv", kernel: 1 });
    const turned = layers([6, 4, c], [6, 4, o], { kind: "convTranspose", kernel: 1 });
    const weights = conv.synapses[0]!.weights;
    const turn = (values: ArrayLike<number>) =>
      Array.from({ length: c * o }, (_, i) => values[(i % c) * o + Math.floor(i / c)]!);
    turned.synapses[0]!.weights.set(turn(weights));
    expectTwins(turned, conv, 24 * c, 24 * o, turn);
  });

  const optimizers: readonly Optimizer[] = [
    { name: "sgd", rate: 0.5 },
    { name: "sgd", rate: 0.1, momentum: 0.9, nesterov: true },
    { name: "sgd", rate: 0.1, weightDecay: 0.1 },
    { name: "sgd", rate: 0.5, clipNorm: 0.01 },
    { name: "adam", rate: 0.01 },
    { name: "adamw", rate: 0.01, weightDecay: 0.1 },
    { name: "adagrad" },
    { name: "rmsprop", centered: true, momentum: 0.5 },
  ];
  it.each(optimizers)("an embedding and a dense synapse from one-hot rows, in steps of %j", (optimizer) => {
    const [count, columns] = [700, 6];
    for (const own of [{}, { l2: 0.01 }, { l1: 0.01 }]) {
      const make = (isTable: boolean): AnyGraph => {
        const graph: AnyGraph = new Graph({ seed: 3, precision, optimizer, init: "he" });
        if (isTable) graph.addInput("x", 1, "linear", { classes: count });
        else graph.addInput("x", count, "linear", { bias: false });
        graph.addHidden("h", columns, "tanh");
        graph.addOutput("y", 2, "softmax");
        graph.connect("x", "h", { ...own, ...(isTable ? { kind: "embedding" } : {}) });
        graph.connect("h", "y");
        return graph;
      };
      const [table, dense] = [make(true), make(false)];
      for (const i of [0, 1]) table.synapses[i]!.weights.set(dense.synapses[i]!.weights);
      const random = new Random(seed);
      for (const rows of [1, 3, 40, 300]) {
        const named = Array.from({ length: rows }, () => random.whole(0, rows < 40 ? 9 : count - 1));
        const hot = new Float64Array(rows * count);
        named.forEach((one, r) => {
          hot[r * count + one] = 1;
        });
        const y = named.map((one) => one % 2);
        expect(table.train({ x: named }, { y })).toBe(dense.train({ x: hot }, { y }));
        for (const i of [0, 1]) {
          const [ours, theirs] = [table, dense].map((graph) => unsigned(graph.synapses[i]!.weights));
          expectSame(ours!, theirs!, `${JSON.stringify(own)}, synapse ${i} after ${rows} rows`);
        }
      }
      table.dispose();
      dense.dispose();
    }
  });
});
