// Plain loops over typed arrays, in float64: code as written by hand, without tricks. It is also the reference for the other
// contenders' results.

import { gru, lstm } from "./cells.js";
import { backward, denseOf, forward, update } from "./loops.js";

export const version = () => "";

/** @type {import("../../worker.js").Setup} */
export function setup({ network, weights, data }) {
  const { rows, batch, rate, loss, length = 1 } = network;
  const [input] = /** @type {[import("../../networks.js").Input]} */ (network.inputs);
  const [layer, output] =
    /** @type {[import("../../networks.js").Layer, import("../../networks.js").Layer]} */ (network.layers);
  const { name, size: n } = layer;
  const cell =
    layer.cell === "lstm"
      ? lstm(name, n, length, weights)
      : gru(name, n, length, weights, layer.reset === "before");
  const readout = denseOf(weights[output.name]);
  const { size } = output;
  const xs = /** @type {Float64Array} */ (data.xs[input.name]);
  const ts = /** @type {Float64Array} */ (data.ts[output.name]);
  const y = new Float64Array(size);
  const d = new Float64Array(length * size);

  /** @type {(t: number, source: number) => void} */
  const compute = (t, source) => {
    cell.forward(t, { values: xs, at: source * input.size });
    forward(readout, [{ values: cell.post, at: (t + 1) * n }], { values: y, at: 0 });
    if (output.activation === "softmax") softmax(y);
  };

  /** Trains on one sequence: adds its gradients. @param {number} row */
  const sequence = (row) => {
    cell.begin();
    for (let t = 0; t < length; t++) {
      const at = row * length + t;
      compute(t, at);
      const factor = loss === "mse" ? 2 : 1;
      for (let j = 0; j < size; j++) d[t * size + j] = factor * (y[j] - ts[at * size + j]);
    }
    cell.dpost.fill(0);
    for (let t = length - 1; t >= 0; t--) {
      const at = (t + 1) * n;
      const delta = { values: d, at: t * size };
      backward(readout, [{ values: cell.post, at }], delta, [{ values: cell.dpost, at }]);
      cell.backward(t, { values: xs, at: (row * length + t) * input.size });
    }
  };

  let next = 0;
  let step = 0;
  return {
    train(steps) {
      for (let s = 0; s < steps; s++) {
        for (let b = 0; b < batch; b++) {
          sequence(next);
          next = (next + 1) % rows;
        }
        for (const dense of [...cell.dense, readout]) update(dense, rate / (batch * length));
      }
    },
    stream(steps) {
      for (let s = 0; s < steps; s++) {
        compute(0, step);
        cell.shift();
        step = (step + 1) % length;
      }
    },
    predict(first) {
      const all = new Float64Array(batch * length * size);
      for (let row = first; row < first + batch; row++) {
        cell.begin();
        for (let t = 0; t < length; t++) {
          compute(t, row * length + t);
          all.set(y, ((row - first) * length + t) * size);
        }
      }
      return { [output.name]: all };
    },
  };
}

/** @param {Float64Array} y */
function softmax(y) {
  let most = -Infinity;
  for (let j = 0; j < y.length; j++) most = Math.max(most, y[j]);
  let sum = 0;
  for (let j = 0; j < y.length; j++) sum += y[j] = Math.exp(y[j] - most);
  for (let j = 0; j < y.length; j++) y[j] /= sum;
}
