// synaptic: an LSTM of its own kind, by the code it generates. Streaming only.

import { load } from "../../../test/peers/load.js";

export { version } from "../synaptic.js";
export const note = "has an LSTM of its own kind";

/** @type {(asked: { network: import("../../networks.js").Network, kind: string }) => string | undefined} */
export function refuses({ network, kind }) {
  if (kind !== "stream") return "its gradients don't go back through time";
  if (network.layers.some(({ size }) => size > 16)) return "its generated code does not come to an end";
  return undefined;
}

/** @type {import("../../worker.js").Setup} */
export async function setup({ network, data }) {
  const { Architect } = await load("synaptic");
  const { length = 1 } = network;
  const [input] = /** @type {[import("../../networks.js").Input]} */ (network.inputs);
  const [cell, output] =
    /** @type {[import("../../networks.js").Layer, import("../../networks.js").Layer]} */ (network.layers);
  const net = new Architect.LSTM(input.size, cell.size, output.size);
  const xs = Array.from({ length }, (_, t) => [
    ...(data.xs[input.name]?.subarray(t * input.size, (t + 1) * input.size) ?? []),
  ]);
  let step = 0;
  return {
    train() {},
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
