// The allowed ends of an attack: a coded error, or a valid graph. Everything in this folder runs in Node and in browsers.

import { Graph, GraphError } from "../../dist/index.js";

/** The most units of a layer of which a sample is predicted. */
const MOST_UNITS = 2 ** 20;

/** The codes of a refused file. */
const coded = ["bad-file", "unsupported", "out-of-memory"];

/**
 * Returns a reader's verdict on something hostile: the code of its refusal, or `valid` for a consistent graph. Anything else
 * is thrown.
 * @param {() => Graph<any, any, any, any>} read
 */
export function verdict(read) {
  let graph;
  try {
    graph = read();
  } catch (error) {
    if (error instanceof GraphError && coded.includes(error.code) && error.message.length < 1000)
      return error.code;
    throw error;
  }
  try {
    check(graph);
  } finally {
    graph.dispose();
  }
  return "valid";
}

/**
 * Checks whether a graph that was read predicts, and is the same after it is saved and read again.
 * @param {Graph<any, any, any, any>} graph
 */
function check(graph) {
  const text = JSON.stringify(graph);
  const again = Graph.load(graph.save());
  if (JSON.stringify(again) !== text) throw new Error(`another graph after saving:\n${text}`);
  again.dispose();
  // A shape's size comes without bytes: a call to predict makes room for its sample, or refuses.
  if (graph.layers.some(({ size }) => size > MOST_UNITS)) return;
  const xs = Object.create(null);
  for (const { name, size, classes } of graph.inputs) {
    xs[name] = new Float64Array(size).fill(classes === undefined ? 0.5 : 0);
  }
  if (graph.outputs.length === 0 || graph.inputs.length === 0) return;
  const needsSteps = graph.synapses.some(({ delay, at }) => delay !== 0 || at !== undefined);
  try {
    graph.predict(xs, needsSteps ? { steps: 1 } : {});
  } catch (error) {
    // A layer without sources can be made by hand, too, and so can a scaler that takes values beyond the largest number.
    const made = ["unconnected", "not-finite"];
    if (!(error instanceof GraphError) || !made.includes(error.code)) throw error;
  }
}
