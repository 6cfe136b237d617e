// How every file of another library becomes a graph.

import { GraphError } from "../../base/error.js";
import { Graph } from "../../index.js";
import { unsupported } from "./read.js";

/**
 * Makes a graph of float64, which holds the numbers of all these libraries as they are. Throws `bad-file` for what a graph
 * refuses, and leaves none behind.
 */
export function build(make: (graph: Graph) => void): Graph {
  const graph: Graph = new Graph({ seed: 0 });
  try {
    make(graph);
  } catch (error) {
    graph.dispose();
    if (!(error instanceof GraphError) || passed.includes(error.code)) throw error;
    throw new GraphError("bad-file", error.message, { cause: error });
  }
  return graph;
}

const passed: readonly string[] = ["bad-file", "unsupported", "out-of-memory", "no-wasm"];

/** The most weights that no number of a file stands for: the zeros of matrices, which a small file could ask any number of. */
const SPARE = 2 ** 24;

export function checkSpare(zeros: number): void {
  if (zeros > SPARE)
    throw unsupported("the network", `is so sparse that its matrices would have ${zeros} zeros`);
}
