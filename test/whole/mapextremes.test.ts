// Windows with distances and paddings that are large beside their layers.

import { Graph, type SynapseOptions } from "plexus-nn";
import { expect, it } from "vitest";
import { expectRefusal, expectSame } from "../support/helpers.js";

/** The largest number that an option of a window takes. */
const MOST = 2 ** 31 - 1;

/** Returns the prediction before a step, and the parameters after it, of a graph with one window. */
function step(from: number[], to: number[], options: SynapseOptions): number[] {
  const graph = new Graph({
    seed: 1,
    inputs: { x: from },
    hidden: { h: { size: from, activation: "tanh" } },
    outputs: { y: { size: to, activation: "linear" } },
    synapses: [["x", "h", { kind: "identity" }]],
  });
  const synapse = graph.connect("h", "y", options);
  const xs = { x: Float64Array.from({ length: 2 * graph.layer("x").size }, (_, i) => Math.sin(i)) };
  const { y } = graph.predict(xs);
  graph.train(xs, { y: new Float64Array(y.length).fill(1) });
  const after = [...y, ...synapse.weights, ...graph.layer("h").bias];
  graph.dispose();
  return after;
}

it.each<[string, number[], number[], SynapseOptions]>([
  ["conv", [4, 1], [1, 1], { kind: "conv", kernel: 2 }],
  ["convTranspose", [1, 1], [4, 1], { kind: "convTranspose", kernel: 2 }],
  ["averagePool", [4, 1], [1, 1], { kind: "averagePool", kernel: 2 }],
])("a stride of a single window has no effect: %s", (_, from, to, options) => {
  const wanted = step(from, to, { ...options, stride: 3 });
  for (const stride of [2 ** 27, 2 ** 28, 2 ** 30, MOST]) {
    expectSame(step(from, to, { ...options, stride }), wanted, `stride ${stride}`);
  }
});

it("a dilation of a single tap has no effect", () => {
  for (const kind of ["conv", "convTranspose", "maxPool"] as const) {
    const wanted = step([4, 2], [4, 2], { kind, kernel: 1, stride: 1 });
    expectSame(step([4, 2], [4, 2], { kind, kernel: 1, stride: 1, dilation: MOST }), wanted, kind);
  }
});

it("steps over a stride of hundreds of thousands in no time", () => {
  const options = { kind: "conv", kernel: 2, stride: 200_003, dilation: 3 } as const;
  expect(step([200_010, 1], [2, 1], options).every(Number.isFinite)).toBe(true);
});

it("refuses padding whose bytes the core can't count", () => {
  const graph = new Graph({ inputs: { x: [4, 1] }, hidden: { h: [4, 1] } });
  const apart = 2 ** 29;
  const options = { kind: "conv", kernel: 2, dilation: apart, padding: [[apart, 0]] } as const;
  expectRefusal(() => graph.connect("x", "h", options), "bad-option", "padded", String(2 ** 28));
  expect(graph.synapses).toEqual([]);
});
