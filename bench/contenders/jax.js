// jax-js on its WebAssembly backend: one jit around the whole step, gradients and update included. Its arrays are counted by
// hand: a call consumes its arguments, and `.ref` keeps one.

import { load, version as versionOf } from "../../test/peers/load.js";

export const version = () => versionOf("@jax-js/jax");

// Node has it since version 24. jax-js compares types with it by name, and makes no such array here.
/** @type {any} */ (globalThis).Float16Array ??= class Float16Array extends Uint16Array {};

/** @typedef {Record<string, any>} Arrays */

/** @type {import("../worker.js").Setup} */
export async function setup({ network, weights, data, precision }) {
  const { init, defaultDevice, numpy: np, nn, grad, jit, blockUntilReady } = await load("@jax-js/jax");
  await init("wasm");
  defaultDevice("wasm");
  const { rows, batch, rate, loss, outputs } = network;
  const Numbers = precision === "float64" ? Float64Array : Float32Array;
  const size = Object.fromEntries(
    [...network.inputs, ...network.layers].map((layer) => [layer.name, layer.size]),
  );
  /** @type {(values: Float64Array, shape: number[]) => any} */
  const array = (values, shape) => np.array(Numbers.from(values), { dtype: np[precision] }).reshape(shape);
  /** @type {Arrays} */
  let parameters = {};
  for (const [name, { bias, from }] of Object.entries(weights)) {
    parameters[name] = array(bias, [size[name] ?? 0]);
    for (const source in from) {
      parameters[`${source}>${name}`] = array(/** @type {any} */ (from[source]), [
        size[source] ?? 0,
        size[name] ?? 0,
      ]);
    }
  }
  /** @type {(values: Record<string, Float64Array>, first: number) => Arrays} */
  const part = (values, first) =>
    Object.fromEntries(
      Object.entries(values).map(([name, all]) => {
        const units = size[name] ?? 0;
        return [name, array(all.slice(first * units, (first + batch) * units), [batch, units])];
      }),
    );
  const batches = Array.from({ length: rows / batch }, (_, n) => ({
    xs: part(data.xs, n * batch),
    ts: part(data.ts, n * batch),
  }));
  /** @param {Arrays} arrays */
  const kept = (arrays) => Object.fromEntries(Object.entries(arrays).map(([name, one]) => [name, one.ref]));
  /** @param {Arrays} arrays */
  const drop = (arrays) => {
    for (const one of Object.values(arrays)) one.dispose();
  };

  /** Computes the outputs; the last softmax is left to the loss. @type {(p: Arrays, xs: Arrays, raw: boolean) => Arrays} */
  const forward = (p, xs, raw) => {
    const post = { ...xs };
    for (const { name, from, activation } of network.layers) {
      let sum = p[name].ref;
      for (const source of from) sum = np.matmul(post[source].ref, p[`${source}>${name}`].ref).add(sum);
      post[name] = activation === "sigmoid" ? nn.sigmoid(sum) : raw ? sum : nn.softmax(sum);
    }
    drop(p);
    const asked = Object.fromEntries(outputs.map((name) => [name, post[name].ref]));
    drop(post);
    return asked;
  };
  /** @type {(p: Arrays, xs: Arrays, ts: Arrays) => any} */
  const cost = (p, xs, ts) => {
    const y = forward(p, xs, true);
    let sum;
    for (const name of outputs) {
      const t = ts[name];
      const off =
        loss === "mse" ? np.square(y[name].sub(t)).sum() : nn.logSoftmax(y[name]).mul(t).sum().mul(-1);
      sum = sum ? sum.add(off) : off;
    }
    return sum.mul(1 / batch);
  };
  const slope = grad(cost);
  const step = jit((/** @type {Arrays} */ p, /** @type {Arrays} */ xs, /** @type {Arrays} */ ts) => {
    const by = slope(kept(p), xs, ts);
    return Object.fromEntries(Object.entries(p).map(([name, one]) => [name, one.sub(by[name].mul(rate))]));
  });
  const run = jit((/** @type {Arrays} */ p, /** @type {Arrays} */ xs) => forward(p, xs, false));
  // Waiting after each step makes small networks six times as fast, and large ones four times as slow.
  const small = network.layers.every((layer) => layer.size < 100);
  let next = 0;
  return {
    async train(steps) {
      for (let n = 0; n < steps; n++) {
        const { xs, ts } = /** @type {(typeof batches)[number]} */ (batches[next]);
        parameters = step(parameters, kept(xs), kept(ts));
        next = next + 1 === batches.length ? 0 : next + 1;
        if (small) await blockUntilReady(kept(parameters));
      }
      await blockUntilReady(kept(parameters));
    },
    async predict(first) {
      const y = run(kept(parameters), kept(/** @type {any} */ (batches[first / batch]).xs));
      /** @type {Record<string, ArrayLike<number>>} */
      const values = {};
      for (const name of outputs) values[name] = await y[name].data();
      return values;
    },
  };
}
