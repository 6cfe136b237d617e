// neataptic: a GRU of its own kind, of nodes and gated connections as objects.

import { load } from "../../../test/peers/load.js";

export { version } from "../neataptic.js";
export const note = "has a GRU of its own kind, and gradients without a way back through time";

/** @type {(asked: { network: import("../../networks.js").Network, kind: string }) => string | undefined} */
export function refuses({ network: { layers } }) {
  const [cell] = layers;
  return cell?.cell === "gru" && cell.reset === "after"
    ? undefined
    : "one of its own kind is in the other task";
}

/** @type {import("../../worker.js").Setup} */
export async function setup({ network, data }) {
  const { architect } = await load("neataptic");
  const { length = 1 } = network;
  const [input] = /** @type {[import("../../networks.js").Input]} */ (network.inputs);
  const [cell, output] =
    /** @type {[import("../../networks.js").Layer, import("../../networks.js").Layer]} */ (network.layers);
  const net = new architect.GRU(input.size, cell.size, output.size);
  /** @type {(values: Float64Array | undefined, size: number) => number[][]} */
  const rows = (values, size) =>
    Array.from({ length }, (_, t) => [...(values?.subarray(t * size, (t + 1) * size) ?? [])]);
  const xs = rows(data.xs[input.name], input.size);
  const ts = rows(data.ts[output.name], output.size);
  let step = 0;
  return {
    train(steps) {
      for (let n = 0; n < steps; n++) {
        net.clear();
        for (let t = 0; t < length; t++) {
          net.activate(xs[t], true);
          net.propagate(0.01, 0, true, ts[t]);
        }
      }
    },
    stream(steps) {
      for (let n = 0; n < steps; n++) {
        net.activate(xs[step]);
        step = step + 1 === length ? 0 : step + 1;
      }
    },
    predict() {
      net.clear();
      return { [output.name]: xs.flatMap((x) => net.activate(x)) };
    },
  };
}
