// The networks of the other benchmarks whose training and prediction is measured on several threads.

import { Graph } from "../dist/index.js";
import { lenet } from "./maps.js";
import { chain, skip, xor } from "./networks.js";
import { characters } from "./time.js";

/**
 * @typedef {"float64" | "float32"} Precision
 * @typedef {import("plexus-nn").Graph<any, any, any, any, any>} AnyGraph
 */
/**
 * A training by a network's batches, or a prediction of some rows. The goals are the least speed-up, by precision, and the least
 * share of independent runs.
 * @typedef {{ title: string, network: import("./networks.js").Network, rows?: number,
 *   least: { float32: number, float64: number }, share?: number }} Task
 */

/** Makes the graph of a network. @type {(network: Task["network"], precision: Precision) => AnyGraph} */
export function make({ inputs, layers, outputs, loss }, precision) {
  /** @type {AnyGraph} */
  const graph = new Graph({ seed: 1, precision, optimizer: { name: "sgd", rate: 0.01 } });
  for (const { name, size, shape } of inputs) graph.addInput(name, shape ?? size);
  for (const { name, size, shape, from, activation, cell, link } of layers) {
    if (cell === "lstm") {
      graph.addLstm(name, size, from);
      continue;
    }
    const extents = shape ?? size;
    if (outputs.includes(name)) graph.addOutput(name, extents, activation, loss);
    else graph.addHidden(name, extents, activation);
    for (const source of from) graph.connect(source, name, link);
  }
  return graph;
}

/** @type {Task[]} */
export const tasks = [
  {
    title: "1024-1024-1024-10, batch 128",
    network: chain(128, 1024, 1024, 1024, 10),
    least: { float32: 1.8, float64: 1.8 },
    share: 0.9,
  },
  {
    title: "784-128-10, batch 256",
    network: chain(256, 784, 128, 10),
    least: { float32: 1.6, float64: 1.7 },
    share: 0.9,
  },
  {
    title: "LSTM 65-128-65, 64 steps, batch 32",
    network: characters({ length: 64, rows: 32, batch: 32 }),
    least: { float32: 1.5, float64: 1.5 },
    share: 0.9,
  },
  { title: "LeNet, batch 32", network: lenet(32), least: { float32: 1.5, float64: 1.5 }, share: 0.9 },
  {
    title: "64-64-64-10, batch 32",
    network: chain(32, 64, 64, 64, 10),
    least: { float32: 0.97, float64: 0.97 },
  },
  { title: "Skip graph, batch 32", network: skip(32), least: { float32: 0.97, float64: 0.97 } },
  { title: "XOR 2-4-1, batch 4", network: xor(4), least: { float32: 0.97, float64: 0.97 } },
  {
    title: "1024-1024-1024-10, predicting",
    network: chain(128, 1024, 1024, 1024, 10),
    rows: 1e5,
    least: { float32: 1.8, float64: 1.8 },
    share: 0.9,
  },
  {
    title: "784-128-10, predicting",
    network: chain(256, 784, 128, 10),
    rows: 1e5,
    least: { float32: 1.8, float64: 1.8 },
    share: 0.9,
  },
];

/** Tasks that prove that all run. */
export const few = tasks.filter(({ title }) => /^(XOR|784-128-10, predicting)/.test(title));
