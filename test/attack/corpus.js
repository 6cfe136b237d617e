// Valid files to spoil.

import { Graph } from "../../dist/index.js";

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
  return [small, odd, new Graph({ seed: 3 })];
}
