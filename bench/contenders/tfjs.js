// TensorFlow.js on its WebAssembly backend, one thread: gradients by its tape, an eager pass a step.

import { folder, load, version as versionOf } from "../../test/peers/load.js";

export const version = () => versionOf("@tensorflow/tfjs");

/** @type {import("../worker.js").Setup} */
export async function setup({ network, weights, data }) {
  const tf = await load("@tensorflow/tfjs");
  const wasm = await load("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(`${folder}node_modules/@tensorflow/tfjs-backend-wasm/dist/`);
  wasm.setThreadsCount(1);
  await tf.setBackend("wasm");
  const { rows, batch, rate, loss } = network;
  const size = Object.fromEntries(
    [...network.inputs, ...network.layers].map((layer) => [layer.name, layer.size]),
  );
  /** @type {(values: Float64Array, shape: number[]) => any} */
  const tensor = (values, shape) => tf.tensor(Float32Array.from(values), shape, "float32");
  /** @type {any[]} */
  const variables = [];
  /** @type {(values: Float64Array, shape: number[]) => any} */
  const variable = (values, shape) => {
    variables.push(tf.variable(tensor(values, shape)));
    return variables.at(-1);
  };
  const layers = network.layers.map((layer) => ({
    ...layer,
    bias: variable(/** @type {any} */ (weights[layer.name]).bias, [layer.size]),
    weights: layer.from.map((from) =>
      variable(/** @type {any} */ (weights[layer.name]).from[from], [size[from] ?? 0, layer.size]),
    ),
  }));
  /** @type {(values: Record<string, Float64Array>, first: number) => Record<string, any>} */
  const part = (values, first) =>
    Object.fromEntries(
      Object.entries(values).map(([name, all]) => {
        const units = size[name] ?? 0;
        return [name, tensor(all.subarray(first * units, (first + batch) * units), [batch, units])];
      }),
    );
  const batches = Array.from({ length: rows / batch }, (_, n) => ({
    xs: part(data.xs, n * batch),
    ts: part(data.ts, n * batch),
  }));

  /**
   * Computes the outputs; the last softmax is left to the loss.
   * @type {(xs: Record<string, any>, raw: boolean) => Record<string, any>}
   */
  const forward = (xs, raw) => {
    const post = { ...xs };
    for (const { name, from, bias, weights: matrices, activation } of layers) {
      let sum = bias;
      from.forEach((source, i) => {
        sum = tf.add(tf.matMul(post[source], matrices[i]), sum);
      });
      post[name] = activation === "sigmoid" ? tf.sigmoid(sum) : raw ? sum : tf.softmax(sum);
    }
    return post;
  };
  /** @type {(batch: { xs: Record<string, any>, ts: Record<string, any> }) => any} */
  const cost = ({ xs, ts }) => {
    const post = forward(xs, true);
    const terms = network.outputs.map((name) =>
      loss === "mse"
        ? tf.sum(tf.square(tf.sub(post[name], ts[name])))
        : tf.neg(tf.sum(tf.mul(ts[name], tf.logSoftmax(post[name])))),
    );
    return tf.div(tf.addN(terms), batch);
  };
  const optimizer = tf.train.sgd(rate);
  let next = 0;
  return {
    train(steps) {
      for (let n = 0; n < steps; n++) {
        const one = batches[next];
        tf.tidy(() => optimizer.minimize(() => cost(/** @type {any} */ (one)), false, variables));
        next = next + 1 === batches.length ? 0 : next + 1;
      }
      variables[0].dataSync();
    },
    predict: (first) =>
      tf.tidy(() => {
        const post = forward(/** @type {any} */ (batches[first / batch]).xs, false);
        return Object.fromEntries(network.outputs.map((name) => [name, post[name].dataSync()]));
      }),
  };
}
