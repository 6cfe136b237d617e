// Plain loops over typed arrays, in float64: code as written by hand, without tricks. It is also the reference for the other
// contenders' results.

import { channels } from "../../numbers.js";
import { mapOf } from "./links.js";

export const version = () => "";

/** @type {import("../../worker.js").Setup} */
export function setup({ network, weights, data }) {
  const { rows, batch, rate, outputs, loss } = network;
  const [input] = /** @type {[import("../../networks.js").Input]} */ (network.inputs);
  const xs = /** @type {Float64Array} */ (data.xs[input.name]);
  const layers = network.layers.map((layer, i) => {
    const source = network.layers[i - 1] ?? input;
    const own = /** @type {import("../../numbers.js").Weights} */ (weights[layer.name]);
    const w = own.from[source.name] ?? new Float64Array();
    const dw = new Float64Array(w.length);
    return {
      ...layer,
      w,
      dw,
      bias: own.bias,
      dbias: new Float64Array(own.bias.length),
      width: channels(layer),
      map: mapOf(layer.link, source, layer, w, dw),
      y: new Float64Array(batch * layer.size),
      d: new Float64Array(batch * layer.size),
      from: source.size,
    };
  });
  /** @typedef {(typeof layers)[number]} Layer */

  /** Returns a layer's source, a sample from a place on. @type {(i: number, row: number, first: number) => import("./links.js").Sample} */
  const sourceOf = (i, row, first) => {
    const at = row * (layers[i]?.from ?? 0);
    return i > 0
      ? { values: layers[i - 1]?.y ?? xs, at }
      : { values: xs, at: first * (layers[0]?.from ?? 0) + at };
  };

  /** @param {number} first row */
  function forward(first) {
    for (let i = 0; i < layers.length; i++) {
      const { y, bias, width, map, size, activation } = /** @type {Layer} */ (layers[i]);
      for (let u = 0; u < y.length; u++) y[u] = bias.length > 0 ? bias[u % width] : 0;
      for (let r = 0; r < batch; r++) map.forward(sourceOf(i, r, first), { values: y, at: r * size });
      if (activation === "relu") for (let u = 0; u < y.length; u++) y[u] = Math.max(0, y[u]);
      if (activation === "softmax") for (let r = 0; r < batch; r++) softmax(y, r * size, size);
    }
  }

  /** @param {number} first row */
  function backward(first) {
    for (const layer of layers) layer.d.fill(0);
    for (let i = layers.length - 1; i >= 0; i--) {
      const { name, y, d, dbias, dw, width, map, size, activation } = /** @type {Layer} */ (layers[i]);
      const ts = data.ts[name];
      const factor = loss === "mse" ? 2 : 1;
      if (ts) for (let u = 0; u < d.length; u++) d[u] += factor * (y[u] - ts[first * size + u]);
      if (activation === "relu") for (let u = 0; u < d.length; u++) if (y[u] <= 0) d[u] = 0;
      dw.fill(0);
      dbias.fill(0);
      if (dbias.length > 0) for (let u = 0; u < d.length; u++) dbias[u % width] += d[u];
      const below = layers[i - 1];
      for (let r = 0; r < batch; r++) {
        const dx = below && { values: below.d, at: r * below.size };
        map.backward(sourceOf(i, r, first), { values: d, at: r * size }, dx);
      }
    }
  }

  let next = 0;
  return {
    train(steps) {
      for (let n = 0; n < steps; n++) {
        forward(next);
        backward(next);
        next = (next + batch) % rows;
        for (const { bias, dbias, w, dw } of layers) {
          for (let j = 0; j < bias.length; j++) bias[j] -= (rate / batch) * dbias[j];
          for (let j = 0; j < w.length; j++) w[j] -= (rate / batch) * dw[j];
        }
      }
    },
    predict(first) {
      forward(first);
      return Object.fromEntries(
        layers.filter(({ name }) => outputs.includes(name)).map(({ name, y }) => [name, y.slice()]),
      );
    },
  };
}

/** @type {(y: Float64Array, at: number, size: number) => void} */
function softmax(y, at, size) {
  let most = -Infinity;
  for (let j = at; j < at + size; j++) most = Math.max(most, y[j]);
  let sum = 0;
  for (let j = at; j < at + size; j++) sum += y[j] = Math.exp(y[j] - most);
  for (let j = at; j < at + size; j++) y[j] /= sum;
}
