// The engine itself, by its public calls.

import { readFileSync } from "node:fs";
import { Graph } from "../../dist/index.js";

export const version = () =>
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
export const note = "also learns a bias for each input, which the others don't have";

/** @type {import("../worker.js").Setup} */
export function setup({ network, weights, data, precision, kind }) {
  const { rows, batch, rate, loss, outputs } = network;
  const graph = new Graph({ precision, optimizer: { name: "sgd", rate } });
  for (const { name, size } of network.inputs) graph.addInput(name, size);
  for (const { name, size, from, activation } of network.layers) {
    if (outputs.includes(name)) graph.addOutput(name, size, activation, loss);
    else graph.addHidden(name, size, activation);
    for (const source of from) graph.connect(source, name);
  }
  for (const [name, { bias, from }] of Object.entries(weights)) {
    graph.layer(name).bias.set(bias);
    for (const [source, values] of Object.entries(from)) graph.synapse(source, name).weights.set(values);
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
        return [name, new Numbers(all.subarray(first * units, (first + count) * units))];
      }),
    );
  const batches = Array.from({ length: rows / batch }, (_, n) => ({
    xs: part(data.xs, n * batch, batch),
    ts: part(data.ts, n * batch, batch),
  }));

  // One epoch of `fit` iterates over so many copies of the data that a call is worth its overhead.
  const copies = kind === "fit" ? 1024 : 1;
  /** @param {Record<string, Float64Array>} values */
  const repeat = (values) =>
    Object.fromEntries(
      Object.entries(values).map(([name, all]) => [
        name,
        Numbers.from({ length: all.length * copies }, (_, i) => all[i % all.length] ?? 0),
      ]),
    );
  const all = { xs: repeat(data.xs), ts: repeat(data.ts) };

  let next = 0;
  /** @param {number} steps */
  const train = (steps) => {
    for (let n = 0; n < steps; n++) {
      const { xs, ts } = /** @type {typeof batches[number]} */ (batches[next]);
      graph.train(xs, ts);
      next = next + 1 === batches.length ? 0 : next + 1;
    }
  };
  return {
    train,
    // Inputs keep a bias of 0, as in the other contenders, which have none. It is 0 at first, and no other gradient depends
    // on its change within the step.
    check(steps) {
      for (let n = 0; n < steps; n++) {
        train(1);
        for (const { name } of network.inputs) graph.layer(name).bias.fill(0);
      }
    },
    async fit(steps) {
      const epoch = (rows / batch) * copies;
      await graph.fit(all, {
        epochs: Math.max(1, Math.round(steps / epoch)),
        batchSize: batch,
        shuffle: false,
      });
      return Math.max(1, Math.round(steps / epoch)) * epoch;
    },
    predict: (first) => graph.predict(/** @type {typeof batches[number]} */ (batches[first / batch]).xs),
  };
}
