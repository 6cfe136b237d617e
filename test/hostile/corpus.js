// Valid files to spoil.

import { Graph, Scaler } from "../../dist/index.js";

/** @returns {Graph<any, any, any, any>[]} */
export function graphs() {
  const small = new Graph({
    seed: 1,
    inputs: { x: 2 },
    hidden: { h: { size: 3, activation: "tanh" } },
    outputs: { y: 1 },
    synapses: [
      ["x", "h"],
      ["h", "y"],
    ],
  });
  const odd = new Graph({
    seed: 2,
    precision: "float32",
    optimizer: { name: "sgd", rate: 0.25 },
    inputs: { __proto__x: 1, "a.b": { size: 2, activation: "relu" } },
    hidden: { "💡": { size: 2, activation: { name: "leakyRelu", slope: 0.3 } } },
    outputs: {
      constructor: { size: 2, activation: "softmax" },
      y: { size: 1, loss: "mse" },
      z: { size: 1, activation: "linear", loss: { name: "huber", delta: 2 } },
    },
    synapses: [
      ["__proto__x", "💡"],
      ["a.b", "💡", { init: "glorot" }],
      ["a.b", "💡", { name: "twin" }],
      ["💡", "constructor"],
      ["💡", "y"],
      ["constructor", "y"],
      ["y", "z", { name: "__proto__" }],
    ],
  });
  const full = new Graph({
    seed: 4,
    init: "heNormal",
    inputs: { x: 2 },
    hidden: {
      a: { size: 2, activation: "relu", norm: "layer", dropout: 0.25 },
      b: { size: 2, bias: false, frozen: true },
    },
    outputs: { y: { size: 2, activation: "linear", weight: 0.5 } },
  });
  const shared = full.connect("x", "a", { l1: 0.1, maxNorm: 3, init: { name: "normal", deviation: 0.5 } });
  full.connect("a", "b", { share: shared });
  full.connect("a", "y", { kind: "identity" });
  full.connect("b", "y", { frozen: true, init: { values: [1, 2, 3, 4] } });
  full.scale("x", Scaler.fit([1, 2, 3, 5], 2));
  full.optimizer = { name: "nadam", weightDecay: 0.1, clipNorm: 2 };
  full.train({ x: [1, 2] }, { y: [0, 1] });
  const learnt = new Graph({
    seed: 5,
    optimizer: { name: "sgd", momentum: 0.9, rate: { name: "cosine", rate: 0.1, steps: 10, warmup: 2 } },
    inputs: { x: 1 },
    outputs: { y: 1, never: 1 },
    synapses: [
      ["x", "y"],
      ["x", "never"],
    ],
  });
  learnt.train({ x: [1] }, { y: [0] });
  const timed = new Graph({
    seed: 6,
    optimizer: "adam",
    inputs: { x: 2, place: { size: 2, time: false } },
    hidden: {
      a: { size: 2, activation: "tanh", initial: [1, 2] },
      b: { size: 2, join: "product", initial: true, norm: "layer" },
    },
    outputs: { y: { size: 1, activation: "linear" }, last: 2 },
    synapses: [
      ["x", "a"],
      ["a", "a", { delay: 1 }],
      ["a", "b", { kind: "oneToOne" }],
      ["place", "b", { delay: 2 }],
      ["b", "y", { delay: -1 }],
      ["b", "last", { at: "last" }],
    ],
  });
  timed.train({ x: [1, 2, 3, 4], place: [1, 0] }, { y: [0, 1], last: [0, 1] }, { steps: 2 });
  return [small, odd, full, learnt, timed, mapped("float64"), new Graph({ seed: 3 })];
}

/**
 * Makes a graph with shapes, class numbers and every kind of synapse.
 * @param {"float64" | "float32"} precision
 * @returns {Graph<any, any, any, any>}
 */
export function mapped(precision) {
  const graph = new Graph({
    seed: 7,
    precision,
    optimizer: "adam",
    inputs: { image: [4, 5, 2], words: { size: 2, classes: 5 }, signal: [6, 1] },
    hidden: {
      c: { size: [4, 5, 4], activation: "tanh", norm: { name: "group", groups: 2 } },
      m: { size: [2, 3, 4], activation: "relu", norm: "layer" },
      p: { size: [2, 5, 4], bias: Array.from({ length: 40 }, (_, i) => i / 40) },
      u: { size: [4, 5, 4], bias: false, initial: true },
      t: [4, 5, 2],
      w: { size: [5, 2], activation: "linear" },
      e: [2, 3],
      s: 4,
      r: 4,
      g: 6,
    },
    outputs: { y: { size: [2, 3], activation: "softmax" }, z: 2 },
  });
  const first = graph.connect("image", "c", { kind: "conv", kernel: 3, maxNorm: 4 });
  graph.connect("c", "m", { kind: "maxPool", kernel: [2, 2], stride: 2, padding: [0, [0, 1]] });
  graph.connect("c", "p", {
    kind: "averagePool",
    kernel: [3, 1],
    stride: [2, 1],
    padding: [[0, 1], 0],
    countPadding: true,
  });
  graph.connect("p", "u", { kind: "upsample" });
  graph.connect("c", "t", { kind: "convTranspose", kernel: 3, share: first });
  graph.connect("u", "t", { kind: "conv", kernel: 1, groups: 2, frozen: true, name: "grouped" });
  graph.connect("signal", "w", { kind: "conv", kernel: 2, dilation: 1 });
  graph.connect("words", "e", { kind: "embedding", l2: 0.1 });
  graph.connect("e", "y", { kind: "oneToOne" });
  const sparse = graph.connect("m", "s", { kind: "sparse", density: 0.2, init: "he" });
  graph.connect("m", "r", { kind: "sparse", share: sparse });
  graph.connect("signal", "s", {
    kind: "sparse",
    connections: [
      [5, 3],
      [0, 0],
      [0, 2],
    ],
  });
  graph.connect("s", "g", { kind: "gather", units: [3, -1, 0, 0, 1, 2] });
  graph.connect("w", "y");
  for (const from of /** @type {const} */ (["t", "r", "g"])) graph.connect(from, "z");
  const image = Array.from({ length: 40 }, (_, i) => Math.sin(i));
  graph.train({ image, words: [4, 0], signal: [1, 2, 3, 4, 5, 6] }, { y: [1, 0, 0, 0, 0, 1], z: [0, 1] });
  return graph;
}
