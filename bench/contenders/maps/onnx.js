// onnxruntime-web, one thread, predicting only. It fuses relu with the convolution before it.

import { load } from "../../../test/peers/load.js";
import { channels } from "../../numbers.js";
import { node, tensor, valueInfo, whole } from "../onnx.js";
import { channelsFirst, filters, flattened } from "./layout.js";
import { early } from "./tensorflow.js";

export { refuses, version } from "../onnx.js";

/** Writes the model. @type {(start: Pick<import("../../worker.js").Start, "network" | "weights">) => Buffer} */
function model({ network, weights }) {
  const { batch } = network;
  const [input] = /** @type {[import("../../networks.js").Input]} */ (network.inputs);
  const [height = 1, width = 1, depth = 1] = input.shape ?? [];
  /** @type {Buffer[]} */
  const parts = [];
  let below = input.name;
  for (const [i, layer] of early(network.layers).entries()) {
    const { name, link, size, activation } = layer;
    const source = network.layers[i - 1] ?? input;
    const { bias, from } = /** @type {import("../../numbers.js").Weights} */ (weights[name]);
    const w = from[source.name] ?? new Float64Array();
    const { kernel = 1, stride = 1, padding = 0, groups: group = 1 } = link ?? {};
    const sum = activation === "linear" ? name : `${name} sum`;
    if (bias.length > 0) parts.push(tensor(`${name} bias`, bias, [bias.length]));
    if (link?.kind === "conv") {
      const [to, taken] = [channels(layer), channels(source) / group];
      parts.push(tensor(`${name} w`, filters(w, kernel, to), [to, taken, kernel, kernel]));
      const pads = [padding, padding, padding, padding];
      const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads, group };
      parts.push(node("Conv", [below, `${name} w`, `${name} bias`], sum, attributes));
    } else if (link?.kind === "maxPool") {
      const window = [kernel, kernel];
      parts.push(node("MaxPool", [below], sum, { kernel_shape: window, strides: window }));
    } else if (link) parts.push(node("GlobalAveragePool", [below], sum));
    else {
      const order = network.layers[i - 1]?.link?.kind === "averagePool" ? [] : (source.shape ?? []);
      parts.push(tensor(`${name} w`, flattened(w, order), [source.size, size]));
      parts.push(node("Flatten", [below], `${name} flat`));
      parts.push(node("Gemm", [`${name} flat`, `${name} w`, `${name} bias`], sum));
    }
    if (activation !== "linear") parts.push(node(activation === "relu" ? "Relu" : "Softmax", [sum], name));
    below = name;
  }
  parts.push(valueInfo(11, input.name, [batch, depth, height, width]));
  parts.push(valueInfo(12, below, [batch, network.layers.at(-1)?.size ?? 0]));
  return whole(parts);
}

/** @type {import("../../worker.js").Setup} */
export async function setup({ network, weights, data }) {
  const ort = await load("onnxruntime-web");
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model({ network, weights }), {
    executionProviders: ["wasm"],
  });
  const { batch, rows, outputs } = network;
  const [{ name, size, shape = [] }] = /** @type {[import("../../networks.js").Input]} */ (network.inputs);
  const [height = 1, width = 1, depth = 1] = shape;
  const xs = Float32Array.from(channelsFirst(/** @type {Float64Array} */ (data.xs[name]), shape));
  const feeds = Array.from({ length: rows / batch }, (_, n) => {
    const values = xs.slice(n * batch * size, (n + 1) * batch * size);
    return { [name]: new ort.Tensor("float32", values, [batch, depth, height, width]) };
  });
  return {
    train() {},
    async predict(first) {
      const results = await session.run(feeds[first / batch]);
      return Object.fromEntries(outputs.map((output) => [output, results[output].data]));
    },
  };
}
