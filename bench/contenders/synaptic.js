// synaptic, by the code it generates. It knows no batches, and its update follows the gradient of half the squared error.

import { load, version as versionOf } from "../../test/peers/load.js";

export const version = () => versionOf("synaptic");
export const note = "changes a weight before the gradient has gone back through it; knows no batches";

/** @type {(asked: { network: import("../networks.js").Network, kind: string }) => string | undefined} */
export function refuses({ network }) {
  if (network.layers.some(({ size }) => size > 512)) return "its generated code does not come to an end";
  if (network.outputs.length > 1 && network.batch > 1) return "it knows no batches";
  return undefined;
}

/** @type {import("../worker.js").Setup} */
export async function setup({ network, weights, data }) {
  const { Layer, Network } = await load("synaptic");
  const { rows, batch, rate, loss } = network;
  const outs = network.layers.filter(({ name }) => network.outputs.includes(name));
  const width = { in: sum(network.inputs), out: sum(outs) };
  const input = new Layer(width.in);
  const output = new Layer(width.out);
  /** @type {Record<string, any>} */
  const layers = {};
  // It takes one layer of inputs and one of outputs, of which ours are parts.
  /** @type {(whole: any, parts: { name: string, size: number }[]) => void} */
  const split = (whole, parts) => {
    let at = 0;
    for (const { name, size } of parts) {
      layers[name] = new Layer(0);
      layers[name].list = whole.list.slice(at, at + size);
      layers[name].size = size;
      at += size;
    }
  };
  split(input, network.inputs);
  split(output, outs);
  for (const { name, size } of network.layers) layers[name] ??= new Layer(size);
  for (const { name, size, from } of network.layers) {
    const own = weights[name];
    layers[name].list.forEach((/** @type {any} */ neuron, /** @type {number} */ j) => {
      neuron.bias = own?.bias[j];
    });
    for (const source of from) {
      layers[source].project(layers[name], Layer.connectionType.ALL_TO_ALL);
      layers[source].list.forEach((/** @type {any} */ neuron, /** @type {number} */ k) => {
        const to = new Map(Object.values(neuron.connections.projected).map((one) => [one.to, one]));
        layers[name].list.forEach((/** @type {any} */ target, /** @type {number} */ j) => {
          /** @type {any} */ (to.get(target)).weight = own?.from[source]?.[k * size + j];
        });
      });
    }
  }
  const hidden = network.layers.filter((layer) => !outs.includes(layer)).map(({ name }) => layers[name]);
  const net = new Network({ input, hidden, output });
  const xs = joined(network.inputs, data.xs, rows);
  const ts = joined(outs, data.ts, rows);
  const step = loss === "mse" ? 2 * rate : rate;
  let next = 0;
  return {
    train(steps) {
      for (let n = 0; n < steps * batch; n++) {
        net.activate(xs[next]);
        net.propagate(step, ts[next]);
        next = next + 1 === rows ? 0 : next + 1;
      }
    },
    predict: (first) =>
      parted(
        outs,
        xs.slice(first, first + batch).map((x) => net.activate(x)),
      ),
  };
}

/** @param {{ size: number }[]} layers */
const sum = (layers) => layers.reduce((all, { size }) => all + size, 0);

/**
 * Joins the values of all layers to rows.
 * @type {(layers: { name: string, size: number }[], values: Record<string, Float64Array>, rows: number) => number[][]}
 */
export function joined(layers, values, rows) {
  return Array.from({ length: rows }, (_, r) =>
    layers.flatMap(({ name, size }) => [...(values[name]?.subarray(r * size, (r + 1) * size) ?? [])]),
  );
}

/**
 * Splits rows into the values of layers.
 * @type {(layers: { name: string, size: number }[], rows: ArrayLike<number>[]) => Record<string, number[]>}
 */
export function parted(layers, rows) {
  let at = 0;
  return Object.fromEntries(
    layers.map(({ name, size }) => {
      const from = at;
      at += size;
      return [name, rows.flatMap((row) => Array.from(row).slice(from, from + size))];
    }),
  );
}
