// brain.js: its GRU over time steps, float32 inside. It predicts the next step of a sequence. Its outputs agree before training;
// its gradients don't, since the way back overwrites where it should add.

import { load } from "../../../test/peers/load.js";

export { version } from "../brain.js";
export const note =
  "learns by RMSProp, and overwrites gradients that it should add: a bias learns from the first step alone";

/** @type {(asked: { network: import("../../networks.js").Network, kind: string }) => string | undefined} */
export function refuses({ network, kind }) {
  if (kind === "stream") return "it keeps no state between calls";
  const [cell] = network.layers;
  if (cell?.cell === "lstm") return "its LSTM has no state of its own";
  return cell?.reset === "after" ? "its reset gate acts before the product" : undefined;
}

/** @type {import("../../worker.js").Setup} */
export async function setup({ network, weights, data }) {
  const { recurrent } = await load("brain.js");
  const { length = 1 } = network;
  const [input] = /** @type {[import("../../networks.js").Input]} */ (network.inputs);
  const [cell, output] =
    /** @type {[import("../../networks.js").Layer, import("../../networks.js").Layer]} */ (network.layers);
  const { size } = input;
  const net = new recurrent.GRUTimeStep({
    inputSize: size,
    hiddenLayers: [cell.size],
    outputSize: size,
  });
  net.initialize();
  const { model } = net;
  /** Sets a matrix, whose rows are targets. @type {(matrix: any, values: Float64Array | undefined) => void} */
  const set = (matrix, values) => {
    const { rows, columns } = matrix;
    for (let j = 0; j < rows; j++) {
      for (let k = 0; k < columns; k++) matrix.weights[j * columns + k] = values?.[k * rows + j];
    }
  };
  const [layer] = model.hiddenLayers;
  const parts = { updateGate: "update", resetGate: "reset", cellWrite: "candidate" };
  for (const [part, name] of Object.entries(parts)) {
    const own = weights[`${cell.name}.${name}`];
    const past = name === "candidate" ? `${cell.name}.gated` : cell.name;
    set(layer[`${part}InputMatrix`], own?.from[input.name]);
    set(layer[`${part}HiddenMatrix`], own?.from[past]);
    set(layer[`${part}Bias`], own?.bias);
  }
  set(model.outputConnector, weights[output.name]?.from[cell.name]);
  set(model.output, weights[output.name]?.bias);

  const xs = /** @type {Float64Array} */ (data.xs[input.name]);
  const ts = /** @type {Float64Array} */ (data.ts[output.name]);
  const series = Array.from({ length: length + 1 }, (_, t) =>
    Float32Array.from(
      (t < length ? xs : ts).subarray(...(t < length ? [t * size, (t + 1) * size] : [-size])),
    ),
  );
  // Set directly, as its `train` does.
  Object.assign(net.trainOpts, { learningRate: 0.01 });
  return {
    train(steps) {
      for (let n = 0; n < steps; n++) net.trainPattern(series, false);
    },
    predict() {
      while (model.equations.length < length) net.bindEquation();
      const all = [];
      for (let t = 0; t < length; t++) all.push(...model.equations[t].runInput(series[t]).weights);
      net.end();
      return { [output.name]: all };
    },
  };
}
