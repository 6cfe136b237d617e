// Graphs of every kind of synapse, and data for them, for every runtime: one of images and words, and one of sequences.

import { Graph } from "../../dist/index.js";

/**
 * Returns numbers in [-1, 1) that are the same everywhere, since they come from whole numbers alone.
 * @param {number} count
 * @param {number} from
 */
export function numbers(count, from) {
  let state = from;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/**
 * Returns class numbers from 0 to `most`.
 * @param {number} count
 * @param {number} most
 */
const classes = (count, most) => Uint8Array.from({ length: count }, (_, i) => (i * i + 3 * i) % (most + 1));

/**
 * Makes a graph of all kinds. The way back up shares the weights of the way down.
 * @param {"float64" | "float32"} precision
 * @returns {import("../../dist/index.js").Graph<any, any, any, any>}
 */
export function images(precision) {
  /** @type {Graph<any, any, any, any>} */
  const graph = new Graph({
    seed: 22,
    precision,
    optimizer: { name: "adam", rate: 0.01, clipNorm: 1 },
    init: "he",
    inputs: { image: [9, 8, 2], words: { size: 4, classes: 12 }, signal: [12, 1] },
    hidden: {
      down: { size: [9, 8, 4], activation: "relu", norm: { name: "group", groups: 2 } },
      deep: { size: [5, 4, 4], activation: "tanh", bias: new Float64Array(80).fill(0.1) },
      most: { size: [3, 2, 4], activation: "relu" },
      mean: { size: [3, 2, 4], activation: "gelu" },
      wide: { size: [9, 8, 4], activation: "linear" },
      up: { size: [9, 8, 2], activation: "tanh", dropout: 0.2 },
      table: { size: [4, 5], activation: "linear" },
      scaled: { size: 20, activation: "silu" },
      few: { size: 15, activation: "tanh" },
      picked: { size: 6, activation: "linear", join: "product" },
      line: { size: [10, 3], activation: "softplus", norm: "layer" },
    },
    outputs: {
      each: { size: [9, 8, 3], activation: "softmax" },
      value: { size: 4, activation: "linear", loss: "huber" },
    },
    synapses: [
      ["image", "down", { kind: "conv", kernel: 3, maxNorm: 2 }],
      ["down", "deep", { kind: "conv", kernel: 3, stride: 2, groups: 4, l2: 0.01 }],
      ["deep", "most", { kind: "maxPool", kernel: 2, stride: 2, padding: "same" }],
      [
        "deep",
        "mean",
        { kind: "averagePool", kernel: [3, 2], stride: 2, padding: "same", countPadding: true },
      ],
      ["most", "wide", { kind: "upsample" }],
      ["down", "wide", { kind: "identity" }],
      ["words", "table", { kind: "embedding" }],
      ["table", "scaled", { kind: "oneToOne", l1: 0.01 }],
      ["wide", "few", { kind: "sparse", density: 0.1 }],
      ["signal", "picked", { kind: "gather", units: [11, 0, -1, 5, 5, 2] }],
      ["signal", "picked", { name: "gate" }],
      ["signal", "line", { kind: "conv", kernel: 2, dilation: 2 }],
      ["wide", "each", { kind: "conv", kernel: 1 }],
      ["up", "each", { kind: "conv", kernel: [2, 3], padding: "same" }],
      ["mean", "value"],
      ["scaled", "value"],
      ["few", "value", { kind: "sparse", density: 1 }],
      ["picked", "value"],
      ["line", "value"],
    ],
  });
  const share = graph.synapse("image", "down");
  graph.connect("deep", "up", { kind: "convTranspose", kernel: 3, stride: 2, share });
  return graph;
}

/**
 * Returns data for `images`.
 * @param {number} rows
 */
export function imageData(rows) {
  return {
    xs: { image: numbers(144 * rows, 1), words: classes(4 * rows, 11), signal: numbers(12 * rows, 2) },
    ts: { each: classes(72 * rows, 2), value: numbers(4 * rows, 3) },
  };
}

/**
 * Makes a graph whose loops in time are a convolution and a sparse synapse, of words and of lines.
 * @param {"float64" | "float32"} precision
 * @returns {import("../../dist/index.js").Graph<any, any, any, any>}
 */
export function loops(precision) {
  return new Graph({
    seed: 23,
    precision,
    optimizer: { name: "adam", rate: 0.01 },
    inputs: { line: [7, 2], word: { size: 1, classes: 9 }, place: { size: [7, 1], time: false } },
    hidden: {
      state: { size: [7, 3], activation: "tanh", initial: true },
      web: { size: 20, activation: "tanh" },
      row: { size: 6, activation: "linear" },
    },
    outputs: {
      step: { size: [7, 2], activation: "softmax" },
      whole: { size: 3, activation: "linear" },
    },
    synapses: [
      ["line", "state", { kind: "conv", kernel: 3, init: "he" }],
      ["place", "state", { kind: "conv", kernel: 1, init: "he" }],
      ["state", "state", { kind: "conv", kernel: 3, delay: 1, init: "he" }],
      ["word", "row", { kind: "embedding" }],
      ["row", "web", { init: "he" }],
      ["web", "web", { kind: "sparse", density: 0.1, delay: 1, init: "he" }],
      ["web", "web", { kind: "oneToOne", delay: 2, name: "later" }],
      ["state", "step", { kind: "conv", kernel: 1 }],
      ["state", "step", { kind: "conv", kernel: 1, delay: 3, name: "late" }],
      ["web", "whole", { at: "last" }],
      ["state", "whole", { at: "last" }],
    ],
  });
}

/**
 * Returns data for `loops`: samples of 1 to `most` steps.
 * @param {number} samples
 * @param {number} most
 */
export function loopData(samples, most) {
  const steps = Array.from({ length: samples }, (_, r) => 1 + ((r * 7) % most));
  steps[samples - 1] = most;
  const rows = samples * most;
  return {
    xs: { line: numbers(14 * rows, 4), word: classes(rows, 8), place: numbers(7 * samples, 5) },
    ts: { step: classes(7 * rows, 1), whole: numbers(3 * samples, 6) },
    steps,
  };
}

/**
 * Edits one of the graphs: prunes and rewires its sparse synapses, and widens a new layer between two of its layers.
 * @param {import("../../dist/index.js").Graph<any, any, any, any>} graph
 */
export function edit(graph) {
  for (const synapse of graph.synapses.filter(({ kind }) => kind === "sparse")) {
    graph.prune(synapse, { share: 0.5 });
    graph.rewire(synapse, /** @type {Uint32Array} */ (synapse.connections).slice(2));
  }
  const [from, to] = graph.inputs.some(({ name }) => name === "image")
    ? ["deep", "value"]
    : ["state", "step"];
  graph.addHidden("grown", 5, "tanh");
  graph.connect(from, "grown");
  graph.connect("grown", to);
  graph.widen("grown", 8);
}
