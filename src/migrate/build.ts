// How every file of another library becomes a graph: layers and synapses first, then the numbers, since a live view is good until
// something is added.

import { GraphError, show } from "../error.js";
import { Graph } from "../index.js";
import { bad, unsupported } from "./read.js";

export type AnyGraph = Graph<string, string, string>;

/** What fills in numbers, once all is there. */
export type Later = (fill: () => void) => void;

/**
 * Makes a graph of float64, which holds the numbers of all these libraries as they are. Throws `bad-file` for what a graph
 * refuses, and leaves none behind.
 */
export function build(make: (graph: AnyGraph, later: Later) => void): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 0 });
  const fills: (() => void)[] = [];
  try {
    make(graph, (fill) => fills.push(fill));
    for (const fill of fills) fill();
    for (const { name, bias } of graph.layers) checkFinite(bias, `the bias of ${show(name)}`);
    for (const { from, to, weights } of graph.synapses) {
      checkFinite(weights, `the weights from ${show(from.name)} to ${show(to.name)}`);
    }
  } catch (error) {
    graph.dispose();
    if (!(error instanceof GraphError) || passed.includes(error.code)) throw error;
    throw new GraphError("bad-file", error.message, { cause: error });
  }
  return graph;
}

/** The most weights that no number of a file stands for: the zeros of matrices, which a small file could ask any number of. */
const SPARE = 2 ** 24;

export function checkSpare(zeros: number): void {
  if (zeros > SPARE)
    throw unsupported("the network", `is so sparse that its matrices would have ${zeros} zeros`);
}

const passed: readonly string[] = ["bad-file", "unsupported", "out-of-memory", "no-wasm"];

function checkFinite(values: Float64Array, what: string): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw bad(what, `would have ${values[wrong]} as number ${wrong}`);
}
