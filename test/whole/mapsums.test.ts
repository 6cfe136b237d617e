// Sums over samples have one order for every kind of synapse, and kinds that compute the same have the same bits.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectSame, Random, seed } from "../support/helpers.js";
import { type KindCase, kindCases, mapOf, samplesOf } from "../support/kinds.js";
import { product, type Shape, termsOf } from "../support/maps.js";

const precisions: readonly Precision[] = ["float64", "float32"];
const titled = kindCases.map((one) => [one.title, one] as const);

/** Sums blocks of some samples, each in order, joined in pairs: ((b0 + b1) + (b2 + b3)) + b4. */
function inBlocks(blocks: readonly (readonly number[])[], round: (value: number) => number): number {
  let sums = blocks.map((terms) => terms.slice(1).reduce((sum, term) => round(sum + term), terms[0] ?? 0));
  while (sums.length > 1) {
    const joined: number[] = [];
    for (let i = 0; i < sums.length; i += 2)
      joined.push(i + 1 < sums.length ? round(sums[i]! + sums[i + 1]!) : sums[i]!);
    sums = joined;
  }
  return sums[0]!;
}

/** Returns numbers whose zeros have no sign, since that of a zero sum is not promised. */
const unsigned = (values: ArrayLike<number>) => Array.from(values, (value) => value + 0);

describe.each(precisions)("sums over samples in %s", (precision) => {
  const round = precision === "float64" ? (value: number) => value : Math.fround;
  const exact = (rows: readonly number[][]) => rows.map((row) => row.map(round));

  /** Returns the positions whose sums go over samples: of the end that has one for each window. */
  const positionsOf = ({ from, to, options }: KindCase) => {
    const shape: Shape = options.kind === "conv" ? to : options.kind === "convTranspose" ? from : [1];
    return product(shape.slice(0, -1));
  };

  const cut = (rows: number, each: number) =>
    Array.from({ length: Math.ceil(rows / each) }, (_, b) => {
      return Array.from({ length: Math.min(each, rows - b * each) }, (_, i) => b * each + i);
    });

  const learning = titled.filter(([, { options }]) =>
    ["conv", "convTranspose", "sparse", "oneToOne", "embedding"].includes(options.kind),
  );
  it.each(learning)("go in blocks, joined in pairs: %s", (_, one) => {
    const random = new Random(seed);
    const { from, to, classes } = one;
    const graph: AnyGraph = new Graph({ seed: 7, precision });
    graph.addInput("x", from, "linear", classes === undefined ? { bias: false } : { classes });
    graph.addOutput("y", to, "linear");
    graph.connect("x", "y", one.options);
    const size = product(to);
    const map = mapOf(one, graph);
    const terms = classes === undefined ? termsOf(map) : [];
    const byWeight = new Map<number, { from: number; to: number }[]>();
    for (const term of terms) byWeight.set(term.weight, [...(byWeight.get(term.weight) ?? []), term]);
    // A weight's positions in order: of a conv those of the target, of a convTranspose those of the source.
    const end = one.options.kind === "convTranspose" ? "from" : "to";
    for (const list of byWeight.values()) list.sort((a, b) => a[end] - b[end]);
    for (const rows of [1, 3, 128, 300]) {
      const xs =
        classes === undefined ? exact(random.rows(rows, product(from))) : samplesOf(random, one, rows);
      const ds = exact(random.rows(rows, size));
      const found = graph.gradients({ x: xs.flat() }, null, { outputs: { y: ds.flat() } });
      const { values } = found.weights[0]!;
      const blocks = cut(rows, Math.ceil(128 / positionsOf(one)));
      const columns = product(to) / product(from);
      const wanted = Array.from(values, (_, w) =>
        inBlocks(
          blocks.map((block) =>
            block.flatMap((r) =>
              classes === undefined
                ? (byWeight.get(w) ?? []).map(({ from, to }) => round(xs[r]![from]! * ds[r]![to]!))
                : xs[r]!.flatMap((named, slot) =>
                    named === Math.floor(w / columns) ? [ds[r]![slot * columns + (w % columns)]!] : [],
                  ),
            ),
          ),
          round,
        ),
      );
      expectSame(unsigned(values), unsigned(wanted), `weights of ${rows} rows`);
      // One bias for each channel: the sums go over its own positions.
      const channels = to.length === 1 ? size : to.at(-1)!;
      const own = cut(rows, Math.ceil(128 / (size / channels)));
      const bias = Array.from({ length: channels }, (_, c) =>
        inBlocks(
          own.map((block) => block.flatMap((r) => ds[r]!.filter((_, j) => j % channels === c))),
          round,
        ),
      );
      expectSame(unsigned(found.bias.y!), unsigned(bias), `bias of ${rows} rows`);
    }
    graph.dispose();
  });

  const layers = (from: Shape, to: Shape, options: object): AnyGraph => {
    const graph: AnyGraph = new Graph({ seed: 3, precision, init: "he" });
    graph.addInput("x", from);
    graph.addOutput("y", to, "tanh", "mse", { bias: 0.1 });
    graph.connect("x", "y", options);
    return graph;
  };

  it.each([1, 2, 4, 16, 128])("of a conv of kernel 1 are those of a dense synapse: %i positions", (n) => {
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
  ] as const)("of a conv over [1, 1, c] %s are those of a dense synapse", (_, kernel, padding) => {
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
  ] as const)("of all pairs are those of a dense synapse, in steps of %s", (optimizer, from, to) => {
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
});
