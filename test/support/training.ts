// A small graph, and data for it, that the specs of `fit` train.

import { Graph, type Precision } from "plexus-nn";
import { type AnyGraph, Random, seed } from "./helpers.js";

export function make(precision: Precision = "float64", from = 21): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: from, precision });
  graph.addInput("x", 4);
  graph.addInput("c", 1);
  graph.addHidden("h", 6, "tanh");
  graph.addOutput("y", 3, "softmax");
  graph.addOutput("z", 1, "linear");
  graph.connect("x", "h");
  graph.connect("c", "h");
  graph.connect("h", "y");
  graph.connect("h", "z");
  graph.connect("c", "z");
  return graph;
}

export const ROWS = 53;
const random = new Random(seed);
export const xs = { x: random.rows(ROWS, 4), c: random.rows(ROWS, 1) };
export const ts = {
  y: random.rows(ROWS, 3).map((_, r) => [0, 1, 2].map((j) => Number(r % 3 === j))),
  z: random.rows(ROWS, 1),
};
export const data = { xs, ts };
/** Returns some rows of the data. */
export const only = (rows: readonly number[]) => ({
  xs: { x: rows.map((r) => xs.x[r]!), c: rows.map((r) => xs.c[r]!) },
  ts: { y: rows.map((r) => ts.y[r]!), z: rows.map((r) => ts.z[r]!) },
});
/** Returns every parameter as text, to compare. */
export const parameters = (graph: AnyGraph) =>
  JSON.stringify([
    graph.layers.map(({ bias }) => [...bias]),
    graph.synapses.map(({ weights }) => [...weights]),
  ]);
