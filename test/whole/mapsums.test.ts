// Sums over samples have one order for every kind of synapse: in blocks, joined in pairs.

import { Graph, type Precision } from "plexus-nn";
import { describe, it } from "vitest";
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
});
