// A network of maps in TensorFlow.js, on the backend that was set.

import { channels } from "../../numbers.js";

/**
 * Returns layers with relu at the convolution before a max pool, where it is fused.
 * @type {(layers: import("../../networks.js").Layer[]) => import("../../networks.js").Layer[]}
 */
export const early = (layers) =>
  layers.map((layer, i) => {
    if (layer.link?.kind === "maxPool" && layer.activation === "relu")
      return { ...layer, activation: "linear" };
    const next = layers[i + 1];
    const isMoved = next?.link?.kind === "maxPool" && next.activation === "relu";
    return isMoved ? { ...layer, activation: "relu" } : layer;
  });

/** @type {(tf: any, start: import("../../worker.js").Start) => import("../../worker.js").Contender} */
export function tensorflow(tf, { network, weights, data }) {
  const { rows, batch, rate } = network;
  const [input] = /** @type {[import("../../networks.js").Input]} */ (network.inputs);
  /** @type {any[]} */
  const variables = [];
  /** @type {(values: Float64Array | undefined, shape: number[]) => any} */
  const variable = (values, shape) => {
    if (values === undefined || values.length === 0) return undefined;
    variables.push(tf.variable(tf.tensor(Float32Array.from(values), shape)));
    return variables.at(-1);
  };
  const layers = early(network.layers).map((layer, i) => {
    const source = network.layers[i - 1] ?? input;
    const { link, name, size } = layer;
    const { kernel = 1, groups = 1 } = link ?? {};
    const [from, to] = [channels(source), channels(layer)];
    const shapes = {
      conv: groups === 1 ? [kernel, kernel, from, to] : [kernel, kernel, from, to / from],
      embedding: [source.classes ?? 0, to],
      dense: [source.size, size],
    };
    const kind = link?.kind ?? "dense";
    const own = /** @type {import("../../numbers.js").Weights} */ (weights[name]);
    return {
      ...layer,
      kind,
      shape: layer.shape ?? [size],
      isDepthwise: groups > 1,
      stride: link?.stride ?? (kind === "conv" ? 1 : kernel),
      pad: link?.padding
        ? [
            [0, 0],
            [link.padding, link.padding],
            [link.padding, link.padding],
            [0, 0],
          ]
        : "valid",
      kernel,
      w: variable(own.from[source.name], shapes[/** @type {"conv"} */ (kind)] ?? []),
      bias: variable(own.bias, [own.bias.length]),
    };
  });
  /** @typedef {(typeof layers)[number]} Layer */

  /** Computes a layer; the last softmax is left to the loss. @type {(layer: Layer, x: any, raw: boolean) => any} */
  const compute = (
    { kind, isDepthwise, activation, shape, kernel, stride: strides, pad, w, bias },
    x,
    raw,
  ) => {
    const fused = { x, filter: w, strides, pad, bias, activation };
    if (kind === "conv") return isDepthwise ? tf.fused.depthwiseConv2d(fused) : tf.fused.conv2d(fused);
    if (kind === "maxPool") return tf.maxPool(x, kernel, strides, "valid");
    if (kind === "averagePool") return tf.mean(x, [1, 2]);
    if (kind === "embedding") return tf.reshape(tf.gather(w, x), [batch, ...shape]);
    const y = tf.add(tf.matMul(tf.reshape(x, [batch, w.shape[0]]), w), bias);
    return raw ? y : tf.softmax(y);
  };
  /** @type {(x: any, raw: boolean) => any} */
  const forward = (x, raw) => layers.reduce((y, layer) => compute(layer, y, raw), x);

  const [[output, ts]] = /** @type {[[string, Float64Array]]} */ (Object.entries(data.ts));
  const xs = /** @type {Float64Array} */ (data.xs[input.name]);
  /** @type {(values: Float64Array, first: number, Numbers: any, shape: number[]) => any} */
  const tensor = (values, first, Numbers, shape) => {
    const size = values.length / rows;
    return tf.tensor(Numbers.from(values.subarray(first * size, (first + batch) * size)), [batch, ...shape]);
  };
  const batches = Array.from({ length: rows / batch }, (_, n) => ({
    x: tensor(
      xs,
      n * batch,
      input.classes === undefined ? Float32Array : Int32Array,
      input.shape ?? [input.size],
    ),
    t: tensor(ts, n * batch, Float32Array, [ts.length / rows]),
  }));
  const optimizer = tf.train.sgd(rate);
  let next = 0;
  return {
    train(steps) {
      for (let s = 0; s < steps; s++) {
        const { x, t } = /** @type {{ x: any, t: any }} */ (batches[next]);
        const cost = () => tf.div(tf.neg(tf.sum(tf.mul(t, tf.logSoftmax(forward(x, true))))), batch);
        tf.tidy(() => optimizer.minimize(cost, false, variables));
        next = next + 1 === batches.length ? 0 : next + 1;
      }
      variables[0].dataSync();
    },
    predict: (first) => tf.tidy(() => ({ [output]: forward(batches[first / batch]?.x, false).dataSync() })),
  };
}
