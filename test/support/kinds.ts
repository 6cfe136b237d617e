// Graphs of one synapse, of each kind: windows of many shapes, patterns and tables, for the tests of bits.

import { Graph, type Precision, type SynapseKind, type SynapseOptions } from "plexus-nn";
import { type AnyGraph, Random, seed } from "./helpers.js";
import type { NaiveMap, NaiveWindow, Shape } from "./maps.js";

export interface KindCase {
  readonly title: string;
  readonly from: Shape;
  readonly to: Shape;
  readonly classes?: number;
  readonly options: SynapseOptions & { readonly kind: SynapseKind };
}

const random = new Random(seed);

/** Returns pairs of all units, each with a chance. */
function pairs(from: number, to: number, share: number): [number, number][] {
  const all = Array.from({ length: from * to }, (_, i): [number, number] => [Math.floor(i / to), i % to]);
  return all.filter((_, i) => i === 0 || random.chance(share));
}

const one = (
  title: string,
  kind: SynapseKind,
  from: Shape,
  to: Shape,
  options: SynapseOptions = {},
  classes?: number,
): KindCase => ({ title, from, to, options: { kind, ...options }, ...(classes ? { classes } : {}) });

/** Sums over samples go in blocks of ⌈128 / P⌉ samples: of 1, 2, 3, 5 and 128 by the positions P of these. */
export const kindCases: readonly KindCase[] = [
  one("dense, from a shape", "dense", [5, 3], [7]),
  one("dense, to a shape", "dense", [11], [4, 3, 2]),
  one("identity", "identity", [4, 3, 2], [24]),
  one("oneToOne", "oneToOne", [13, 2], [13, 2]),
  one("sparse, a third", "sparse", [40], [30], { connections: pairs(40, 30, 0.3) }),
  one("sparse, few", "sparse", [9, 7], [5, 3, 3], { connections: pairs(63, 45, 0.02) }),
  one("conv of 144 positions", "conv", [14, 14, 1], [12, 12, 8], { kernel: 3 }),
  one("conv of 64 positions", "conv", [8, 8, 3], [8, 8, 5], { kernel: [3, 2], padding: "same" }),
  one("conv of 49 positions with strides", "conv", [13, 13, 4], [7, 7, 9], {
    kernel: 3,
    stride: 2,
    padding: 1,
  }),
  one("conv of 26 positions", "conv", [30, 5], [26, 6], { kernel: 3, dilation: 2 }),
  one("conv of 1 position", "conv", [4, 4, 3], [7], { kernel: 4 }),
  one("conv from a plain layer", "conv", [3], [4, 5], { kernel: 4, padding: [3] }),
  one("conv of kernel 1", "conv", [6, 5, 7], [6, 5, 33], { kernel: 1 }),
  one("conv of kernel 1 with strides", "conv", [6, 5, 3], [3, 3, 4], { kernel: 1, stride: 2 }),
  one("depthwise conv", "conv", [9, 9, 6], [7, 7, 6], { kernel: 3, groups: 6 }),
  one("depthwise conv of 2 targets a channel", "conv", [20, 4], [20, 8], {
    kernel: 5,
    groups: 4,
    padding: "same",
  }),
  one("conv of groups", "conv", [9, 9, 6], [4, 4, 4], { kernel: 3, stride: 2, groups: 2 }),
  one("convTranspose of 49 positions", "convTranspose", [7, 7, 3], [13, 14, 4], {
    kernel: 3,
    stride: 2,
    padding: [1, [1, 0]],
  }),
  one("convTranspose of 1 position", "convTranspose", [5], [4, 4, 3], { kernel: 4 }),
  one("convTranspose of groups", "convTranspose", [26, 6], [30, 4], { kernel: 5, groups: 2 }),
  one("depthwise convTranspose", "convTranspose", [12, 12, 4], [14, 14, 4], { kernel: 3, groups: 4 }),
  one("averagePool", "averagePool", [12, 12, 5], [6, 6, 5]),
  one("averagePool, padded", "averagePool", [7, 7, 3], [4, 4, 3], { kernel: 3, stride: 2, padding: 1 }),
  one("averagePool that counts padding", "averagePool", [9, 4], [9, 4], {
    ...{ kernel: 3, stride: 1, padding: "same", countPadding: true },
  }),
  one("global averagePool", "averagePool", [7, 7, 6], [6]),
  one("maxPool", "maxPool", [12, 12, 8], [6, 6, 8]),
  one("maxPool, padded", "maxPool", [7, 7, 3], [4, 4, 3], { kernel: 3, stride: 2, padding: 1 }),
  one("maxPool, dilated", "maxPool", [15, 2], [11, 2], { kernel: 3, stride: 1, dilation: 2 }),
  one("upsample", "upsample", [3, 4, 5], [6, 12, 5]),
  one("upsample from a plain layer", "upsample", [4], [5, 4]),
  one("gather", "gather", [20], [9, 3], { units: Array.from({ length: 27 }, () => random.whole(-1, 19)) }),
  one("embedding", "embedding", [4], [4, 9], {}, 50),
  one("embedding of one column", "embedding", [3], [3], {}, 5),
];

/** Makes a graph of an input, a synapse and an output with targets per unit; `edit` changes options of the synapse. */
export function graphOfKind(
  { from, to, classes, options }: KindCase,
  precision: Precision = "float64",
  own: SynapseOptions = {},
): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 7, precision });
  graph.addInput("x", from, "linear", classes === undefined ? { bias: 0.25 } : { classes });
  graph.addOutput("y", to, "tanh", "mse", { bias: -0.125 });
  graph.connect("x", "y", { ...options, ...own });
  return graph;
}

/** Draws samples of the input. */
export function samplesOf(random: Random, { from, classes }: KindCase, rows: number): number[][] {
  const size = from.reduce((all, n) => all * n, 1);
  if (classes === undefined) return random.rows(rows, size);
  return Array.from({ length: rows }, () => Array.from({ length: size }, () => random.whole(0, classes - 1)));
}

/** Returns the definition of a case's synapse, with the engine's own reading of its window. */
export function mapOf({ from, to, classes, options }: KindCase, graph: AnyGraph): NaiveMap {
  const synapse = graph.synapses[0]!;
  const { kind, kernel, stride, dilation, padding, groups = 1, countPadding = false, units } = synapse;
  const window = kernel && ({ kernel, stride, dilation, padding, groups, countPadding } as NaiveWindow);
  const flat = synapse.connections;
  const pattern =
    flat && Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!] as const);
  return {
    ...{ kind: options.kind ?? kind, from, to },
    ...(window ? { window } : {}),
    ...(pattern ? { pattern } : {}),
    ...(units ? { units: [...units] } : {}),
    ...(classes === undefined ? {} : { classes }),
  };
}
