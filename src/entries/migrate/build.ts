// Makes the graph of a file of another library.

import { GraphError } from "../../base/error.js";
import { Graph } from "../../index.js";

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
