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
  return [small, odd, full, learnt, timed, new Graph({ seed: 3 })];
}
