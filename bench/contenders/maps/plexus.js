// The engine itself, by its public calls.

import { Graph } from "../../../dist/index.js";
import { classes } from "../../numbers.js";

export { version } from "../plexus.js";

/** @typedef {import("../../networks.js").Link} Link */

/** Returns a synapse's options. @type {(link: Link | undefined, matrix: Float64Array | undefined) => any} */
function optionsOf(link, matrix) {
  if (link?.kind !== "sparse") return link;
  return { kind: "sparse", matrix };
}

/**
 * Makes the graph of a network. A layer behind a synapse without weights of its own, or behind an embedding, has no bias.
 * @type {(start: import("../../worker.js").Start, synapse?: typeof optionsOf) => Graph}
 */
export function graphOf({ network, weights, precision }, synapse = optionsOf) {
  const { rate, loss, outputs } = network;
  const graph = new Graph({ precision, optimizer: { name: "sgd", rate } });
  for (const { name, size, shape = [], classes } of network.inputs) {
    const extents = shape.length > 1 ? shape : size;
    graph.addInput(name, extents, "linear", classes === undefined ? { bias: false } : { classes });
  }
  for (const { name, size, shape = [], from, activation, link } of network.layers) {
    const extents = shape.length > 1 ? shape : size;
    const { bias, from: matrices } = /** @type {import("../../numbers.js").Weights} */ (weights[name]);
    const options = bias.length === 0 ? { bias: false } : {};
    if (outputs.includes(name)) graph.addOutput(name, extents, activation, loss, options);
    else graph.addHidden(name, extents, activation, options);
    if (bias.length > 0) graph.layer(name).bias.set(bias);
    for (const source of from) {
      const made = graph.connect(source, name, synapse(link, matrices[source]));
      if (link?.kind !== "sparse" && matrices[source]) made.weights.set(matrices[source]);
    }
  }
  return graph;
}

/** @type {import("../../worker.js").Setup} */
export function setup(start) {
  return run(start, graphOf(start));
}

/** @type {(start: import("../../worker.js").Start, graph: Graph) => import("../../worker.js").Contender} */
export function run({ network, data, precision }, graph) {
  const { rows, batch, loss, outputs } = network;
  const Numbers = precision === "float64" ? Float64Array : Float32Array;
  const layers = [...network.inputs, ...network.layers];
  /** @type {(values: Record<string, Float64Array>, first: number) => Record<string, any>} */
  const part = (values, first) =>
    Object.fromEntries(
      Object.entries(values).map(([name, all]) => {
        const layer = layers.find((one) => one.name === name);
        const size = layer?.size ?? 0;
        const own = all.subarray(first * size, (first + batch) * size);
        if (outputs.includes(name) && loss === "crossEntropy") return [name, classes(own, size)];
        return [name, layer?.classes === undefined ? new Numbers(own) : Int32Array.from(own)];
      }),
    );
  const batches = Array.from({ length: rows / batch }, (_, n) => ({
    xs: part(data.xs, n * batch),
    ts: part(data.ts, n * batch),
  }));
  let next = 0;
  return {
    train(steps) {
      for (let n = 0; n < steps; n++) {
        const { xs, ts } = /** @type {typeof batches[number]} */ (batches[next]);
        graph.train(xs, ts);
        next = next + 1 === batches.length ? 0 : next + 1;
      }
    },
    predict: (first) => graph.predict(/** @type {typeof batches[number]} */ (batches[first / batch]).xs),
  };
}
