// jax-js on its WebAssembly backend: one jit around the whole step, gradients and update included. Its arrays are counted by
// hand: a call consumes its arguments, and `.ref` keeps one.

import { load } from "../../../test/peers/load.js";
import { channels } from "../../numbers.js";
import { channelsFirst, filters, flattened } from "./layout.js";

export { version } from "../jax.js";

/** @typedef {Record<string, any>} Arrays */

/** @type {import("../../worker.js").Setup} */
export async function setup({ network, weights, data, precision }) {
  const { init, defaultDevice, numpy: np, nn, lax, grad, jit, blockUntilReady } = await load("@jax-js/jax");
  await init("wasm");
  defaultDevice("wasm");
  const { rows, batch, rate } = network;
  const [input] = /** @type {[import("../../networks.js").Input]} */ (network.inputs);
  const Numbers = precision === "float64" ? Float64Array : Float32Array;
  /** @type {(values: Float64Array, shape: number[]) => any} */
  const array = (values, shape) => np.array(Numbers.from(values), { dtype: np[precision] }).reshape(shape);
  /** @type {Arrays} */
  let parameters = {};
  const layers = network.layers.map((layer, i) => {
    const { name, link } = layer;
    const source = network.layers[i - 1] ?? input;
    const { kernel = 1, groups = 1 } = link ?? {};
    const { bias, from } = /** @type {import("../../numbers.js").Weights} */ (weights[name]);
    const w = from[source.name] ?? new Float64Array();
    if (link?.kind === "conv") {
      const [to, depth] = [channels(layer), channels(source) / groups];
      parameters[name] = array(filters(w, kernel, to), [to, depth, kernel, kernel]);
      parameters[`${name} bias`] = array(bias, [1, to, 1, 1]);
    } else if (link?.kind === "embedding") {
      parameters[name] = array(w, [source.classes ?? 0, channels(layer)]);
    } else if (!link) {
      const isPooled = network.layers[i - 1]?.link?.kind === "averagePool";
      const order = isPooled ? [] : (source.shape ?? []);
      parameters[name] = array(flattened(w, order), [source.size, layer.size]);
      parameters[`${name} bias`] = array(bias, [layer.size]);
    }
    return { ...layer, source };
  });

  /** Computes the outputs; the last softmax is left to the loss. @type {(p: Arrays, x: any, raw: boolean) => any} */
  const forward = (p, x, raw) => {
    let y = x;
    for (const { name, link, activation, source } of layers) {
      const { kernel = 1, stride = 1, padding = 0, groups = 1 } = link ?? {};
      if (link?.kind === "conv") {
        const pads = [padding, padding];
        const z = lax.convGeneralDilated(y, p[name], [stride, stride], [pads, pads], {
          featureGroupCount: groups,
        });
        y = z.add(p[`${name} bias`]);
      } else if (link?.kind === "maxPool") {
        const window = [kernel, kernel];
        y = lax.reduceWindow(y, (/** @type {any} */ cells) => np.max(cells), window, window);
      } else if (link?.kind === "embedding") y = np.take(p[name], y, 0);
      else if (link) y = np.mean(y, [2, 3]);
      else y = np.matmul(y.reshape([batch, source.size]), p[name]).add(p[`${name} bias`]);
      if (activation === "relu") y = nn.relu(y);
    }
    return raw ? y : nn.softmax(y);
  };
  /** @type {(p: Arrays, x: any, t: any) => any} */
  const cost = (p, x, t) =>
    nn
      .logSoftmax(forward(p, x, true))
      .mul(t)
      .sum()
      .mul(-1 / batch);
  /** @param {Arrays} arrays */
  const kept = (arrays) => Object.fromEntries(Object.entries(arrays).map(([name, one]) => [name, one.ref]));
  const slope = grad(cost);
  /** @type {(p: Arrays, x: any, t: any) => Arrays} */
  const eager = (p, x, t) => {
    const by = slope(kept(p), x, t);
    return Object.fromEntries(Object.entries(p).map(([name, one]) => [name, one.sub(by[name].mul(rate))]));
  };
  // Its jit fails at the gradient of a table: "routine primitive input is not imm".
  const step = input.classes === undefined ? jit(eager) : eager;
  const run = jit((/** @type {Arrays} */ p, /** @type {any} */ x) => forward(p, x, false));

  const [[output, ts]] = /** @type {[[string, Float64Array]]} */ (Object.entries(data.ts));
  const { shape = [], classes } = input;
  const [height = 1, width = 1, depth = 1] = shape;
  const xs = channelsFirst(/** @type {Float64Array} */ (data.xs[input.name]), shape);
  const batches = Array.from({ length: rows / batch }, (_, n) => {
    const [units, goals] = [batch * input.size, (batch * ts.length) / rows];
    const own = xs.slice(n * units, (n + 1) * units);
    const x =
      classes === undefined
        ? array(own, [batch, depth, height, width])
        : np.array(Int32Array.from(own), { dtype: np.int32 });
    return { x, t: array(ts.slice(n * goals, (n + 1) * goals), [batch, goals / batch]) };
  });
  let next = 0;
  return {
    async train(steps) {
      for (let n = 0; n < steps; n++) {
        const { x, t } = /** @type {(typeof batches)[number]} */ (batches[next]);
        parameters = step(parameters, x.ref, t.ref);
        next = next + 1 === batches.length ? 0 : next + 1;
      }
      await blockUntilReady(kept(parameters));
    },
    async predict(first) {
      return { [output]: await run(kept(parameters), batches[first / batch]?.x.ref).data() };
    },
  };
}
