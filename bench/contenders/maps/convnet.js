// ConvNetJS, in float64. Its volumes have channels last, as the numbers of the other contenders.

import { load, version as versionOf } from "../../../test/peers/load.js";

export const version = () => versionOf("convnetjs");

/** @type {(asked: { network: import("../../networks.js").Network }) => string | undefined} */
export function refuses({ network }) {
  for (const { link } of network.layers) {
    if (link?.kind === "embedding") return "it has no embedding";
    if ((link?.groups ?? 1) > 1) return "it has no groups of channels";
  }
  return undefined;
}

/** @type {import("../../worker.js").Setup} */
export async function setup({ network, weights, data }) {
  const { Net, Trainer, Vol } = await load("convnetjs");
  const { batch, rows, rate } = network;
  const [input] = /** @type {[import("../../networks.js").Input]} */ (network.inputs);
  const [height = 1, width = 1, depth = 1] = input.shape ?? [];
  /** @type {any[]} */
  const defined = [{ type: "input", out_sx: width, out_sy: height, out_depth: depth }];
  /** @type {import("../../numbers.js").Weights[]} */
  const own = [];
  for (const { name, size, shape = [], link, activation } of network.layers) {
    const { kernel: sx = 1, stride = 1, padding: pad = 0 } = link ?? {};
    if (link?.kind === "maxPool") defined.push({ type: "pool", sx, stride: sx });
    else {
      own.push(/** @type {import("../../numbers.js").Weights} */ (weights[name]));
      if (link) defined.push({ type: "conv", sx, stride, pad, filters: shape[2] });
      else defined.push({ type: "softmax", num_classes: size });
    }
    if (activation === "relu") defined.push({ type: "relu" });
  }
  const net = new Net();
  net.makeLayers(defined);
  const weighted = net.layers.filter((/** @type {any} */ layer) => layer.filters);
  for (const [i, { bias, from }] of own.entries()) {
    const [w = new Float64Array()] = Object.values(from);
    const { filters, biases } = weighted[i];
    biases.w.set(bias);
    for (let j = 0; j < bias.length; j++) filters[j].w.set(w.filter((_, place) => place % bias.length === j));
  }

  const xs = /** @type {Float64Array} */ (data.xs[input.name]);
  const [[output, ts]] = /** @type {[[string, Float64Array]]} */ (Object.entries(data.ts));
  const units = ts.length / rows;
  const samples = Array.from({ length: rows }, (_, r) => {
    const x = new Vol(width, height, depth, 0);
    x.w.set(xs.subarray(r * input.size, (r + 1) * input.size));
    return { x, t: ts.subarray(r * units, (r + 1) * units).indexOf(1) };
  });
  const trainer = new Trainer(net, {
    method: "sgd",
    learning_rate: rate,
    momentum: 0,
    l2_decay: 0,
    batch_size: batch,
  });
  let next = 0;
  return {
    train(steps) {
      for (let n = 0; n < steps * batch; n++) {
        trainer.train(samples[next]?.x, samples[next]?.t);
        next = next + 1 === rows ? 0 : next + 1;
      }
    },
    predict(first) {
      const all = samples.slice(first, first + batch).flatMap(({ x }) => [...net.forward(x).w]);
      return { [output]: all };
    },
  };
}
