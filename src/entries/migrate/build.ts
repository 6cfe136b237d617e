// Makes the graph of a file of another library.

import { GraphError } from "../../base/error.js";
import { Graph } from "../../index.js";
import { unsupported } from "./read.js";

/**
 * Makes a graph of float64, which holds the numbers of all these libraries as they are. Throws `bad-file` for errors of the
 * graph's calls, and then disposes of the graph.
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

/** Most zeros of matrices that the file doesn't have: a small file could ask for any number. */
const SPARE = 2 ** 24;

export function checkSpare(zeros: number): void {
  if (zeros > SPARE)
    throw unsupported("the network", `is so sparse that its matrices would have ${zeros} zeros`);
}
