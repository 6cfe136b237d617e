// brain.js: layers in a row, float32 inside, sample by sample. Its update follows the gradient of half the squared error.

import { load, version as versionOf } from "../../test/peers/load.js";
import { joined, parted } from "./synaptic.js";

export const version = () => versionOf("brain.js");
export const note = "sigmoid throughout; knows no batches";

/** @type {(asked: { network: import("../networks.js").Network, kind: string }) => string | undefined} */
export function refuses({ network }) {
  return network.inputs.length > 1 ? "it has layers in a row only" : undefined;
}

/** @type {import("../worker.js").Setup} */
export async function setup({ network, weights, data }) {
  const { NeuralNetwork } = await load("brain.js");
  const { rows, batch, rate, loss, inputs, layers } = network;
  const step = loss === "mse" ? 2 * rate : rate;
  const outs = layers.slice(-1);
  const net = new NeuralNetwork({
    inputSize: inputs[0]?.size,
    hiddenLayers: layers.slice(0, -1).map(({ size }) => size),
    outputSize: outs[0]?.size,
    activation: "sigmoid",
  });
  net.initialize();
  // Set directly, since its checks refuse a momentum of 0.
  Object.assign(net.trainOpts, { learningRate: step, momentum: 0 });
  layers.forEach(({ name, size, from }, i) => {
    const own = weights[name];
    const values = own?.from[from[0] ?? ""] ?? new Float64Array();
    for (let j = 0; j < size; j++) {
      net.biases[i + 1][j] = own?.bias[j];
      for (let k = 0; k < values.length / size; k++) net.weights[i + 1][j][k] = values[k * size + j];
    }
  });
  const xs = joined(inputs, data.xs, rows).map((row) => Float32Array.from(row));
  const ts = joined(outs, data.ts, rows).map((row) => Float32Array.from(row));
  const pairs = xs.map((input, i) => ({ input, output: ts[i] }));
  let next = 0;
  return {
    train(steps) {
      for (let n = 0; n < steps * batch; n++) {
        net.trainPattern(pairs[next]);
        next = next + 1 === rows ? 0 : next + 1;
      }
    },
    predict: (first) =>
      parted(
        outs,
        xs.slice(first, first + batch).map((x) => net.runInput(x).slice()),
      ),
  };
}
