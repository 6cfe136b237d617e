// The networks whose training and prediction is measured on several threads.

import { Graph } from "../dist/index.js";

/**
 * @typedef {"float64" | "float32"} Precision
 * @typedef {import("plexus-nn").Graph<any, any, any, any, any>} AnyGraph
 */
/**
 * A training by batches of some rows, or a prediction of some rows. The goals are the least speed-up, by precision, and the least
 * share of independent runs.
 * @typedef {{ title: string, make: (precision: Precision) => AnyGraph, batch?: number, rows?: number, steps?: number,
 *   least: { float32: number, float64: number }, share?: number }} Task
 */

/** Makes a chain of layers. @type {(...sizes: number[]) => Task["make"]} */
const chain = (...sizes) => {
  const names = sizes.map((_, i) => `l${i}`);
  return (precision) => {
    /** @type {AnyGraph} */
    const graph = new Graph({ seed: 1, precision, optimizer: { name: "sgd", rate: 0.01 } });
    sizes.forEach((size, i) => {
      if (i === 0) graph.addInput("l0", size);
      else if (i < sizes.length - 1) graph.addHidden(`l${i}`, size, "relu");
      else graph.addOutput(`l${i}`, size, "softmax");
    });
    for (let i = 1; i < names.length; i++) graph.connect(`l${i - 1}`, `l${i}`);
    return graph;
  };
};

/** @type {Task["make"]} */
const xor = (precision) =>
  new Graph({
    seed: 1,
    precision,
    inputs: { x: 2 },
    hidden: { h: 4 },
    outputs: { y: 1 },
    synapses: [
      ["x", "h"],
      ["h", "y"],
    ],
  });

/** @type {Task["make"]} */
const skip = (precision) =>
  new Graph({
    seed: 1,
    precision,
    inputs: { a: 8, b: 8 },
    hidden: { h1: 16, h2: 16, h3: 16 },
    outputs: { out1: 4, out2: 2 },
    synapses: [
      ["a", "h1"],
      ["h1", "h2"],
      ["b", "h2"],
      ["h2", "h3"],
      ["h1", "h3"],
      ["a", "h3"],
      ["h3", "out1"],
      ["h1", "out1"],
      ["h3", "out2"],
      ["b", "out2"],
    ],
  });

/** @type {Task["make"]} */
const characters = (precision) =>
  new Graph({
    seed: 1,
    precision,
    optimizer: { name: "sgd", rate: 0.1 },
    inputs: { x: 65 },
    hidden: { cell: { size: 128, cell: "lstm", from: "x" } },
    outputs: { y: { size: 65, activation: "softmax" } },
    synapses: [["cell", "y"]],
  });

/** @type {Task["make"]} */
const lenet = (precision) =>
  new Graph({
    seed: 1,
    precision,
    optimizer: { name: "sgd", rate: 0.01 },
    inputs: { image: [28, 28, 1] },
    hidden: {
      c1: { size: [24, 24, 8], activation: "linear" },
      p1: { size: [12, 12, 8], activation: "relu" },
      c2: { size: [8, 8, 16], activation: "linear" },
      p2: { size: [4, 4, 16], activation: "relu" },
    },
    outputs: { digit: { size: 10, activation: "softmax" } },
    synapses: [
      ["image", "c1", { kind: "conv", kernel: 5 }],
      ["c1", "p1", { kind: "maxPool", kernel: 2 }],
      ["p1", "c2", { kind: "conv", kernel: 5 }],
      ["c2", "p2", { kind: "maxPool", kernel: 2 }],
      ["p2", "digit"],
    ],
  });

/** @type {Task[]} */
export const tasks = [
  {
    title: "1024-1024-1024-10, batch 128",
    make: chain(1024, 1024, 1024, 10),
    batch: 128,
    least: { float32: 1.8, float64: 1.8 },
    share: 0.9,
  },
  {
    title: "784-128-10, batch 256",
    make: chain(784, 128, 10),
    batch: 256,
    least: { float32: 1.6, float64: 1.7 },
    share: 0.9,
  },
  {
    title: "LSTM 65-128-65, 64 steps, batch 32",
    make: characters,
    batch: 32,
    steps: 64,
    least: { float32: 1.5, float64: 1.5 },
    share: 0.9,
  },
  { title: "LeNet, batch 32", make: lenet, batch: 32, least: { float32: 1.5, float64: 1.5 }, share: 0.9 },
  {
    title: "64-64-64-10, batch 32",
    make: chain(64, 64, 64, 10),
    batch: 32,
    least: { float32: 0.97, float64: 0.97 },
  },
  { title: "Skip graph, batch 32", make: skip, batch: 32, least: { float32: 0.97, float64: 0.97 } },
  { title: "XOR 2-4-1, batch 4", make: xor, batch: 4, least: { float32: 0.97, float64: 0.97 } },
  {
    title: "1024-1024-1024-10, predicting",
    make: chain(1024, 1024, 1024, 10),
    rows: 1e5,
    least: { float32: 1.8, float64: 1.8 },
    share: 0.9,
  },
  {
    title: "784-128-10, predicting",
    make: chain(784, 128, 10),
    rows: 1e5,
    least: { float32: 1.8, float64: 1.8 },
    share: 0.9,
  },
];

/** Tasks that prove that all run. */
export const few = tasks.filter(({ title }) => /^(XOR|784-128-10, predicting)/.test(title));
