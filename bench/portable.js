// The engine's tasks in one function for any runtime, a browser's page included: seconds a step, medians of five.

import { Graph } from "../dist/index.js";
import { tasks } from "./networks.js";
import { data, weights } from "./numbers.js";

/** @typedef {{ id: string, precision: "float64" | "float32", seconds: number }} Time */

/** @type {(made: any, task: import("./networks.js").Task, precision: Time["precision"]) => (steps: number) => void | PromiseLike<unknown>} */
export function setup(made, { network, kind }, precision) {
  const graph = new made({ precision, optimizer: { name: "sgd", rate: network.rate } });
  for (const { name, size } of network.inputs) graph.addInput(name, size);
  for (const { name, size, from, activation } of network.layers) {
    if (network.outputs.includes(name)) graph.addOutput(name, size, activation, network.loss);
    else graph.addHidden(name, size, activation);
    for (const source of from) graph.connect(source, name);
  }
  for (const [name, { bias, from }] of Object.entries(weights(network))) {
    graph.layer(name).bias.set(bias);
    for (const [source, values] of Object.entries(from)) graph.synapse(source, name).weights.set(values);
  }
  const Numbers = precision === "float64" ? Float64Array : Float32Array;
  const size = Object.fromEntries(
    [...network.inputs, ...network.layers].map((layer) => [layer.name, layer.size]),
  );
  const all = data(network);
  /** @type {(values: Record<string, Float64Array>, copies: number, rows: number) => Record<string, any>} */
  const part = (values, copies, rows) =>
    Object.fromEntries(
      Object.entries(values).map(([name, numbers]) => {
        const count = rows * (size[name] ?? 0);
        const all = new Numbers(count * copies);
        for (let i = 0; i < all.length; i++) all[i] = numbers[i % count] ?? 0;
        return [name, all];
      }),
    );
  if (kind === "fit") {
    const copies = 1024;
    const set = { xs: part(all.xs, copies, network.rows), ts: part(all.ts, copies, network.rows) };
    const epoch = (copies * network.rows) / network.batch;
    return (steps) =>
      graph.fit(set, { epochs: Math.ceil(steps / epoch), batchSize: network.batch, shuffle: false });
  }
  const xs = part(all.xs, 1, network.batch);
  const ts = part(all.ts, 1, network.batch);
  return (steps) => {
    for (let n = 0; n < steps; n++) {
      if (kind === "train") graph.train(xs, ts);
      else graph.predict(xs);
    }
  };
}

/** Least milliseconds of a measurement, since a browser's clock is coarse. */
const WANTED = 150;

export default async function run() {
  /** @type {Time[]} */
  const times = [];
  for (const task of tasks) {
    for (const precision of /** @type {const} */ (["float64", "float32"])) {
      const work = setup(Graph, task, precision);
      const unit = task.kind === "fit" ? 4096 : 1;
      let steps = unit;
      let spent = 0;
      const time = async () => {
        const before = performance.now();
        await work(steps);
        spent = performance.now() - before;
        return spent / 1000 / steps;
      };
      for (await time(); spent < WANTED; await time()) steps *= spent < WANTED / 8 ? 8 : 2;
      const all = [await time(), await time(), await time(), await time(), await time()].sort(
        (a, b) => a - b,
      );
      times.push({ id: task.id, precision, seconds: all[2] ?? 0 });
    }
  }
  return times;
}
