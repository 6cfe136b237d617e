// Plain loops over typed arrays, in float64: code as written by hand, without tricks. It is also the reference for the other
// contenders' results.

import { sizes } from "../numbers.js";

export const version = () => "";

/** @type {import("../worker.js").Setup} */
export function setup({ network, weights, data }) {
  const { rows, batch, rate, outputs, loss } = network;
  const size = sizes(network);
  const inputs = new Set(network.inputs.map(({ name }) => name));
  /** @type {Record<string, Float64Array>} */
  const post = {};
  /** @type {Record<string, Float64Array>} */
  const delta = {};
  for (const { name, size: units } of network.inputs) post[name] = new Float64Array(batch * units);
  const layers = network.layers.map((layer) => {
    const { bias, from } = weights[layer.name] ?? { bias: new Float64Array(), from: {} };
    const y = new Float64Array(batch * layer.size);
    const d = new Float64Array(batch * layer.size);
    post[layer.name] = y;
    delta[layer.name] = d;
    const dbias = new Float64Array(layer.size);
    const synapses = layer.from.map((name) => {
      const w = from[name] ?? new Float64Array();
      const dx = inputs.has(name) ? undefined : delta[name];
      return {
        x: post[name] ?? new Float64Array(),
        dx,
        w,
        dw: new Float64Array(w.length),
        from: size[name] ?? 0,
      };
    });
    return { ...layer, y, d, bias, dbias, synapses, goal: new Float64Array(batch * layer.size) };
  });
  /** @typedef {(typeof layers)[number]} Layer */

  /** @param {number} first row */
  function give(first) {
    for (const { name, size: units } of network.inputs) {
      post[name]?.set(
        /** @type {Float64Array} */ (data.xs[name]).subarray(first * units, (first + batch) * units),
      );
    }
    for (const { name, size: units, goal } of layers) {
      const all = data.ts[name];
      if (all) goal.set(all.subarray(first * units, (first + batch) * units));
    }
  }

  /** @param {Layer} layer */
  function forward({ y, bias, synapses, size: units, activation }) {
    for (let r = 0; r < batch; r++) {
      const at = r * units;
      for (let j = 0; j < units; j++) y[at + j] = bias[j];
      for (const { x, w, from } of synapses) {
        for (let k = 0; k < from; k++) {
          const value = x[r * from + k];
          for (let j = 0; j < units; j++) y[at + j] += value * w[k * units + j];
        }
      }
      if (activation === "sigmoid")
        for (let j = 0; j < units; j++) y[at + j] = 1 / (1 + Math.exp(-y[at + j]));
      else {
        let most = -Infinity;
        for (let j = 0; j < units; j++) most = Math.max(most, y[at + j]);
        let sum = 0;
        for (let j = 0; j < units; j++) sum += y[at + j] = Math.exp(y[at + j] - most);
        for (let j = 0; j < units; j++) y[at + j] /= sum;
      }
    }
  }

  /** @param {Layer} layer */
  function backward({ y, d, goal, name, dbias, synapses, size: units }) {
    const output = outputs.includes(name);
    if (output && loss === "mse") for (let i = 0; i < d.length; i++) d[i] += 2 * (y[i] - goal[i]);
    if (output && loss === "crossEntropy") for (let i = 0; i < d.length; i++) d[i] += y[i] - goal[i];
    else for (let i = 0; i < d.length; i++) d[i] *= y[i] * (1 - y[i]);
    dbias.fill(0);
    for (let r = 0; r < batch; r++) for (let j = 0; j < units; j++) dbias[j] += d[r * units + j];
    for (const { x, dx, w, dw, from } of synapses) {
      dw.fill(0);
      for (let r = 0; r < batch; r++) {
        for (let k = 0; k < from; k++) {
          const value = x[r * from + k];
          for (let j = 0; j < units; j++) dw[k * units + j] += value * d[r * units + j];
        }
        if (!dx) continue;
        for (let k = 0; k < from; k++) {
          let sum = 0;
          for (let j = 0; j < units; j++) sum += d[r * units + j] * w[k * units + j];
          dx[r * from + k] += sum;
        }
      }
    }
  }

  /** @param {Layer} layer */
  function update({ bias, dbias, synapses }) {
    const step = rate / batch;
    for (let j = 0; j < bias.length; j++) bias[j] -= step * dbias[j];
    for (const { w, dw } of synapses) for (let i = 0; i < w.length; i++) w[i] -= step * dw[i];
  }

  let next = 0;
  return {
    train(steps) {
      for (let n = 0; n < steps; n++) {
        give(next);
        next = (next + batch) % rows;
        for (const layer of layers) forward(layer);
        for (const layer of layers) layer.d.fill(0);
        for (let i = layers.length - 1; i >= 0; i--) backward(/** @type {Layer} */ (layers[i]));
        for (const layer of layers) update(layer);
      }
    },
    predict(first) {
      give(first);
      for (const layer of layers) forward(layer);
      return Object.fromEntries(outputs.map((name) => [name, post[name]?.slice() ?? []]));
    },
  };
}
