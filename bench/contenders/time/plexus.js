// The engine itself, by its public calls.

import { Graph } from "../../../dist/index.js";
import { classes } from "../../numbers.js";

export { version } from "../plexus.js";

/** @type {import("../../worker.js").Setup} */
export function setup({ network, weights, data, precision }) {
  const { rows, batch, rate, loss, length = 1, outputs } = network;
  const graph = new Graph({ precision, optimizer: { name: "sgd", rate } });
  // The other contenders' inputs have no bias.
  for (const { name, size } of network.inputs) graph.addInput(name, size, "linear", { bias: false });
  for (const { name, size, from, activation, cell, reset } of network.layers) {
    if (cell === "lstm") graph.addLstm(name, size, from);
    else if (cell === "gru") graph.addGru(name, size, from, { reset });
    else graph.addOutput(name, size, activation, loss);
    if (cell === undefined) for (const source of from) graph.connect(source, name);
  }
  for (const [name, { bias, from }] of Object.entries(weights)) {
    graph.layer(name).bias.set(bias);
    for (const [source, values] of Object.entries(from)) {
      const isOwn = name.startsWith(`${source}.`);
      graph.synapse(source, name, isOwn ? 1 : 0).weights.set(values);
    }
  }

  const Numbers = precision === "float64" ? Float64Array : Float32Array;
  const size = Object.fromEntries(
    [...network.inputs, ...network.layers].map((layer) => [layer.name, layer.size]),
  );
  /** @type {(values: Record<string, Float64Array>, first: number, count: number) => Record<string, any>} */
  const part = (values, first, count) =>
    Object.fromEntries(
      Object.entries(values).map(([name, all]) => {
        const units = size[name] ?? 0;
        const own = all.subarray(first * units, (first + count) * units);
        const isClass = outputs.includes(name) && loss === "crossEntropy";
        return [name, isClass ? classes(own, units) : new Numbers(own)];
      }),
    );
  const batches = Array.from({ length: rows / batch }, (_, n) => ({
    xs: part(data.xs, n * batch * length, batch * length),
    ts: part(data.ts, n * batch * length, batch * length),
  }));
  const options = { steps: length };
  const stepsOfStream = Array.from({ length }, (_, t) => part(data.xs, t, 1));
  const stream = { state: graph.state() };
  let next = 0;
  let step = 0;
  return {
    train(steps) {
      for (let n = 0; n < steps; n++) {
        const { xs, ts } = /** @type {typeof batches[number]} */ (batches[next]);
        graph.train(xs, ts, options);
        next = next + 1 === batches.length ? 0 : next + 1;
      }
    },
    stream(steps) {
      for (let n = 0; n < steps; n++) {
        graph.predict(/** @type {Record<string, any>} */ (stepsOfStream[step]), stream);
        step = step + 1 === length ? 0 : step + 1;
      }
    },
    predict(first) {
      const { xs } = /** @type {typeof batches[number]} */ (batches[first / batch]);
      return graph.predict(xs, options);
    },
  };
}
