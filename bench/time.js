// The tasks of networks with loops in time: training a network of characters and a small GRU, and streaming.

/** @typedef {import("./networks.js").Layer} Layer */
/** @typedef {import("./networks.js").Network} Network */
/** @typedef {import("./networks.js").Task} Task */

/** @type {(cell: Partial<Layer>, size: number, units: number, network: Partial<Network>) => Network} */
const recurrent = (cell, size, units, network) => ({
  inputs: [{ name: "x", size }],
  layers: [
    { name: "cell", size: units, from: ["x"], activation: "linear", ...cell },
    { name: "y", size, from: ["cell"], activation: size > 1 ? "softmax" : "linear" },
  ],
  outputs: ["y"],
  loss: size > 1 ? "crossEntropy" : "mse",
  rate: 1,
  rows: 1,
  batch: 1,
  ...network,
});

const CHARACTERS = 65;
/** @param {Partial<Network>} network */
export const characters = (network) => recurrent({ cell: "lstm" }, CHARACTERS, 128, network);
/** @type {(reset: "after" | "before", network: Partial<Network>) => Network} */
const gru = (reset, network) => recurrent({ cell: "gru", reset }, 1, 16, network);

/** @type {Task[]} */
export const tasks = [
  {
    id: "characters",
    title: "LSTM 65-128-65, 64 steps, batch 32: training",
    kind: "train",
    steps: 3,
    network: characters({ length: 64, rows: 32, batch: 32, rate: 16 }),
  },
  {
    id: "gru",
    title: "GRU 1-16-1, 100 steps: training",
    kind: "train",
    steps: 5,
    network: gru("after", { length: 100, rate: 0.03125 }),
  },
  {
    id: "gru-before",
    title: "GRU 1-16-1, reset before, 100 steps: training",
    kind: "train",
    steps: 5,
    network: gru("before", { length: 100, rate: 0.03125 }),
  },
  {
    id: "stream-characters",
    title: "LSTM 65-128-65: streaming, a step a call",
    kind: "stream",
    steps: 0,
    network: characters({ length: 64 }),
  },
  {
    id: "stream-gru",
    title: "GRU 1-16-1: streaming, a step a call",
    kind: "stream",
    steps: 0,
    network: gru("after", { length: 100 }),
  },
];
