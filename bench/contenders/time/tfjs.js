// TensorFlow.js on its WebAssembly backend, one thread: gradients by its tape. The products with inputs are made for all steps
// at once, the gates' by one matrix.

import { folder, load } from "../../../test/peers/load.js";

export { version } from "../tfjs.js";

/** @type {import("../../worker.js").Setup} */
export async function setup({ network, weights, data }) {
  const tf = await load("@tensorflow/tfjs");
  const wasm = await load("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(`${folder}node_modules/@tensorflow/tfjs-backend-wasm/dist/`);
  wasm.setThreadsCount(1);
  await tf.setBackend("wasm");
  const { rows, batch, rate, loss, length = 1 } = network;
  const [input] = /** @type {[import("../../networks.js").Input]} */ (network.inputs);
  const [cell, output] =
    /** @type {[import("../../networks.js").Layer, import("../../networks.js").Layer]} */ (network.layers);
  const { name, size: n } = cell;
  /** @type {any[]} */
  const variables = [];
  /** Makes a variable of matrices side by side. @type {(parts: Float64Array[], rows: number) => any} */
  const joined = (parts, rows) => {
    const tensors = parts.map((values) => tf.tensor(Float32Array.from(values), [rows, values.length / rows]));
    variables.push(tf.variable(tf.concat(tensors, 1)));
    return variables.at(-1);
  };
  /** @param {string} part */
  const own = (part) => /** @type {import("../../numbers.js").Weights} */ (weights[`${name}.${part}`]);
  const gates =
    cell.cell === "lstm" ? ["input", "forget", "output", "candidate"] : ["update", "reset", "candidate"];
  const isBefore = cell.reset === "before";
  const recurrent =
    cell.cell === "lstm" ? gates : isBefore ? gates.slice(0, 2) : ["update", "reset", "recall"];
  const bias = joined(
    gates.map((part) => own(part).bias),
    1,
  );
  const inner = joined(
    gates.map((part) => own(part).from[input.name] ?? new Float64Array()),
    input.size,
  );
  const past = joined(
    recurrent.map((part) => own(part).from[name] ?? new Float64Array()),
    n,
  );
  const recallBias = cell.cell === "gru" && !isBefore ? joined([own("recall").bias], 1) : undefined;
  const gated = isBefore
    ? joined([own("candidate").from[`${name}.gated`] ?? new Float64Array()], n)
    : undefined;
  const last = /** @type {import("../../numbers.js").Weights} */ (weights[output.name]);
  const readout = { bias: joined([last.bias], 1), w: joined([last.from[name] ?? new Float64Array()], n) };

  /** Returns the next state. @type {(z: any, state: any[]) => any[]} */
  const step =
    cell.cell === "lstm"
      ? (z, [h, c]) => {
          const all = tf.add(z, tf.matMul(h, past));
          const [sigmoids, candidate] = tf.split(all, [3 * n, n], 1);
          const [i, f, o] = tf.split(tf.sigmoid(sigmoids), 3, 1);
          const state = tf.add(tf.mul(f, c), tf.mul(i, tf.tanh(candidate)));
          return [tf.mul(o, tf.tanh(state)), state];
        }
      : (z, [h]) => {
          const [zs, zc] = tf.split(z, [2 * n, n], 1);
          const [ps, pc] = isBefore ? [tf.matMul(h, past)] : tf.split(tf.matMul(h, past), [2 * n, n], 1);
          const [u, r] = tf.split(tf.sigmoid(tf.add(zs, ps)), 2, 1);
          const q = isBefore ? tf.matMul(tf.mul(r, h), gated) : tf.mul(r, tf.add(pc, recallBias));
          const g = tf.tanh(tf.add(zc, q));
          return [tf.add(g, tf.mul(u, tf.sub(h, g)))];
        };
  const begin = () => Array.from({ length: cell.cell === "lstm" ? 2 : 1 }, () => tf.zeros([batch, n]));
  /** Returns the readout of all steps, step by step. @param {any} x (length, batch, size) */
  const forward = (x) => {
    const flat = tf.reshape(x, [length * batch, input.size]);
    const z = tf.reshape(tf.add(tf.matMul(flat, inner), bias), [length, batch, gates.length * n]);
    let state = begin();
    const posts = tf.unstack(z).map((/** @type {any} */ one) => {
      state = step(one, state);
      return state[0];
    });
    return tf.add(tf.matMul(tf.concat(posts), readout.w), readout.bias);
  };
  const activate = (/** @type {any} */ y) => (output.activation === "softmax" ? tf.softmax(y) : y);

  /** Returns a batch in the order (length, batch, size). @type {(values: Float64Array, first: number, size: number) => any} */
  const tensor = (values, first, size) => {
    const part = values.subarray(first * length * size, (first + batch) * length * size);
    return tf.tidy(() => tf.transpose(tf.tensor(Float32Array.from(part), [batch, length, size]), [1, 0, 2]));
  };
  const batches = Array.from({ length: rows / batch }, (_, i) => ({
    x: tensor(/** @type {Float64Array} */ (data.xs[input.name]), i * batch, input.size),
    t: tf.reshape(tensor(/** @type {Float64Array} */ (data.ts[output.name]), i * batch, output.size), [
      length * batch,
      output.size,
    ]),
  }));
  const inputs = batch === 1 ? tf.unstack(batches[0]?.x) : [];
  const optimizer = tf.train.sgd(rate);
  let next = 0;
  let place = 0;
  let state = begin();
  return {
    train(steps) {
      for (let s = 0; s < steps; s++) {
        const { x, t } = /** @type {{ x: any, t: any }} */ (batches[next]);
        const cost = () => {
          const y = forward(x);
          const sum =
            loss === "mse" ? tf.sum(tf.square(tf.sub(y, t))) : tf.neg(tf.sum(tf.mul(t, tf.logSoftmax(y))));
          return tf.div(sum, batch * length);
        };
        tf.tidy(() => optimizer.minimize(cost, false, variables));
        next = next + 1 === batches.length ? 0 : next + 1;
      }
      variables[0].dataSync();
    },
    stream(steps) {
      for (let s = 0; s < steps; s++) {
        const before = state;
        state = tf.tidy(() => {
          const after = step(tf.add(tf.matMul(inputs[place], inner), bias), before);
          activate(tf.add(tf.matMul(after[0], readout.w), readout.bias)).dataSync();
          return after;
        });
        tf.dispose(before);
        place = place + 1 === length ? 0 : place + 1;
      }
    },
    predict: (first) =>
      tf.tidy(() => {
        const y = activate(forward(/** @type {any} */ (batches[first / batch]).x));
        const whole = tf.transpose(tf.reshape(y, [length, batch, output.size]), [1, 0, 2]);
        return { [output.name]: whole.dataSync() };
      }),
  };
}
