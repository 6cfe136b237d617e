// A sparse synapse of all pairs against the dense one at its place, bit for bit; with fewer pairs, against one with zeros.

import { Graph, type NamedInit, type Optimizer, type Precision, type SynapseOptions } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectSame, Random, seed } from "../support/helpers.js";
import { optimizers } from "../support/optimizers.js";

const every: readonly Optimizer[] = [
  ...optimizers,
  { name: "sgd", rate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 },
];
const inits: readonly NamedInit[] = [
  "glorot",
  "he",
  "lecunNormal",
  "uniform",
  "normal",
  { name: "normal", mean: 0.1, deviation: 0.2 },
  { name: "constant", value: 0.25 },
  "zeros",
];

/** Makes all pairs of units, in any order. */
function all(from: number, to: number, random: Random): [number, number][] {
  const pairs = Array.from({ length: from * to }, (_, i): [number, number] => [Math.floor(i / to), i % to]);
  return random.shuffled(pairs);
}

interface Task {
  readonly precision: Precision;
  readonly optimizer: Optimizer;
  readonly init: NamedInit;
  readonly sizes: readonly [number, number, number];
}

/** Makes a graph of dense synapses, or of sparse ones, whose pairs `pairs` makes. */
function make(
  { precision, optimizer, init, sizes: [n, m, k] }: Task,
  pairs: ((from: number, to: number) => [number, number][]) | undefined,
): AnyGraph {
  const graph: AnyGraph = new Graph({ seed, precision, optimizer, init });
  graph.addInput("x", n, "linear", { bias: false });
  graph.addHidden("h", m, "tanh", { dropout: 0.2 });
  graph.addOutput("y", k, "softmax");
  const own = (from: number, to: number): SynapseOptions =>
    pairs === undefined ? {} : { kind: "sparse", connections: pairs(from, to) };
  graph.connect("x", "h", { ...own(n, m), l2: 0.001 });
  graph.connect("h", "h", { ...own(m, m), delay: 1, maxNorm: 0.9 });
  graph.connect("h", "y", own(m, k));
  return graph;
}

function dataOf(random: Random, { sizes: [n, , k] }: Task, rows: number) {
  const steps = 3;
  return [
    { x: Array.from({ length: rows }, () => Array.from({ length: steps }, () => random.numbers(n))) },
    { y: Array.from({ length: rows }, () => Array.from({ length: steps }, () => random.whole(0, k - 1))) },
  ] as const;
}

/** Expects the same bits of a step: cost, predictions, gradients and weights. */
function expectStep(dense: AnyGraph, sparse: AnyGraph, [xs, ts]: ReturnType<typeof dataOf>): void {
  expectSame(sparse.predict(xs).y!, dense.predict(xs).y!, "y");
  const [found, wanted] = [sparse, dense].map((graph) => graph.gradients(xs, ts));
  expect(found!.cost).toBe(wanted!.cost);
  wanted!.weights.forEach(({ values }, i) => {
    expectSame(found!.weights[i]!.values, values, `gradient ${i}`);
  });
  for (const name of ["h", "y"]) expectSame(found!.bias[name]!, wanted!.bias[name]!, `bias of ${name}`);
  expect(sparse.train(xs, ts)).toBe(dense.train(xs, ts));
  dense.synapses.forEach(({ weights }, i) => {
    expectSame(sparse.synapses[i]!.weights, weights, `weights ${i}`);
  });
}

const precisions: readonly Precision[] = ["float64", "float32"];

describe.each(precisions)("a sparse synapse of all pairs, in %s", (precision) => {
  it.each(every)("makes the steps of the dense one with %o", (optimizer) => {
    const random = new Random(seed);
    inits.forEach((init, i) => {
      const sizes = [[3, 4, 2], [17, 9, 5], [1, 2, 3]][i % 3] as [number, number, number]; // biome-ignore format: a list
      const task: Task = { precision, optimizer, init, sizes };
      const [dense, sparse] = [make(task, undefined), make(task, (from, to) => all(from, to, random))];
      dense.synapses.forEach(({ weights }, k) => {
        expectSame(sparse.synapses[k]!.weights, weights, `start of ${k}`);
      });
      for (const rows of [1, 2, 9, 20, 130]) expectStep(dense, sparse, dataOf(random, task, rows));
    });
  });

  it("is that of `density: 1`, and of a pruned one that keeps everything", () => {
    const random = new Random(seed);
    const task: Task = { precision, optimizer: { name: "adam" }, init: "glorot", sizes: [5, 6, 4] };
    const [dense, pruned] = [make(task, undefined), make(task, undefined)];
    const before = dataOf(random, task, 4);
    for (const graph of [dense, pruned]) graph.train(...before);
    for (const synapse of pruned.synapses) pruned.prune(synapse, { share: 1 });
    for (const rows of [1, 30]) expectStep(dense, pruned, dataOf(random, task, rows));
    const full = new Graph({ seed, precision, inputs: { x: 5 }, hidden: { h: 6 } }) as AnyGraph;
    const synapse = full.connect("x", "h", { kind: "sparse", density: 1 });
    expect(synapse.shape).toEqual([30]);
    expectSame(synapse.weights, make(task, undefined).synapses[0]!.weights, "weights");
  });
});

describe.each(precisions)("a sparse synapse of some pairs, in %s", (precision) => {
  it("does what the dense one with zeros there does", () => {
    const random = new Random(seed);
    for (let turn = 0; turn < 12; turn++) {
      const optimizer = { name: "sgd", rate: 0.05 } as const;
      const sizes = [random.whole(1, 20), random.whole(1, 20), random.whole(2, 9)] as [number, number, number];
      const task: Task = { precision, optimizer, init: "normal", sizes };
      const [dense, sparse] = [
        make(task, undefined),
        make(task, (from, to) => {
          const pairs = all(from, to, random);
          return pairs.slice(0, random.whole(1, pairs.length));
        }),
      ];
      const placesOf = (i: number) => {
        const { connections, to } = sparse.synapses[i]!;
        return Array.from({ length: connections!.length / 2 }, (_, k) => {
          return connections![2 * k]! * to.size + connections![2 * k + 1]!;
        });
      };
      for (const rows of [1, 5, 40]) {
        dense.synapses.forEach((synapse, i) => {
          const values = new Array(synapse.weights.length).fill(0);
          placesOf(i).forEach((place, k) => {
            values[place] = sparse.synapses[i]!.weights[k]!;
          });
          synapse.weights = values;
        });
        for (const name of ["h", "y"]) dense.layer(name).bias = sparse.layer(name).bias;
        const [xs, ts] = dataOf(random, task, rows);
        expectSame(sparse.predict(xs).y!, dense.predict(xs).y!, "y");
        const [found, wanted] = [sparse, dense].map((graph) => graph.gradients(xs, ts));
        expectSame(found!.inputs.x!, wanted!.inputs.x!, "inputs");
        sparse.synapses.forEach((_, i) => {
          const { values } = wanted!.weights[i]!;
          expectSame(found!.weights[i]!.values, placesOf(i).map((place) => values[place]!), `gradient ${i}`);
        });
        sparse.train(xs, ts);
      }
    }
  }); // biome-ignore format: tables
});
