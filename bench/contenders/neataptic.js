// neataptic: nodes and connections as objects. It adds up a batch's changes; its update follows the gradient of half the
// squared error.

import { load, version as versionOf } from "../../test/peers/load.js";
import { joined, parted } from "./synaptic.js";

export const version = () => versionOf("neataptic");
export const note = "changes a weight before the gradient has gone back through it";

/** @type {(asked: { network: import("../networks.js").Network, kind: string }) => string | undefined} */
export function refuses({ network }) {
  return network.layers.some(({ size }) => size > 512) ? "some 3 samples a second" : undefined;
}

/** @type {import("../worker.js").Setup} */
export async function setup({ network, weights, data }) {
  const { architect, Group, methods } = await load("neataptic");
  const { rows, batch, rate, loss } = network;
  /** @type {Record<string, any>} */
  const groups = {};
  for (const { name, size } of [...network.inputs, ...network.layers]) groups[name] = new Group(size);
  for (const { name, size, from } of network.layers) {
    const own = weights[name];
    for (const [j, node] of groups[name].nodes.entries()) node.bias = own?.bias[j];
    for (const source of from) {
      groups[source].connect(groups[name], methods.connection.ALL_TO_ALL);
      for (const [k, node] of groups[source].nodes.entries()) {
        const to = new Map(node.connections.out.map((/** @type {any} */ one) => [one.to, one]));
        for (const [j, target] of groups[name].nodes.entries()) {
          to.get(target).weight = own?.from[source]?.[k * size + j];
        }
      }
    }
  }
  const net = architect.Construct([...network.inputs, ...network.layers].map(({ name }) => groups[name]));
  const outs = network.layers.filter(({ name }) => network.outputs.includes(name));
  const xs = joined(network.inputs, data.xs, rows);
  const ts = joined(outs, data.ts, rows);
  const step = (loss === "mse" ? 2 * rate : rate) / batch;
  let next = 0;
  return {
    train(steps) {
      for (let n = 0; n < steps; n++) {
        for (let r = 0; r < batch; r++) {
          net.activate(xs[next], true);
          net.propagate(step, 0, r + 1 === batch, ts[next]);
          next = next + 1 === rows ? 0 : next + 1;
        }
      }
    },
    predict: (first) =>
      parted(
        outs,
        xs.slice(first, first + batch).map((x) => net.activate(x)),
      ),
  };
}
