// A seeded training in both precisions, told in a few digests: the same on every runtime. No imports but the package's and a
// module of this folder, since this runs in browsers too.

import { Graph } from "../../dist/index.js";
import { edit, imageData, images, loopData, loops, numbers } from "./maps.js";

/**
 * Returns FNV-1a of 64 bits over the bytes of numbers, with one form for every NaN.
 * @param {readonly (Float64Array | Float32Array | readonly number[])[]} lists
 */
function digest(...lists) {
  let hash = 0xcbf29ce484222325n;
  for (const list of lists) {
    const numbers = Float64Array.from(list, (value) => (Number.isNaN(value) ? Number.NaN : value));
    for (const byte of new Uint8Array(numbers.buffer)) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    }
  }
  return hash.toString(16).padStart(16, "0");
}

/** @param {"float64" | "float32"} precision */
async function train(precision) {
  const graph = new Graph({
    seed: 20,
    precision,
    optimizer: { name: "sgd", rate: 0.05 },
    inputs: { pixels: 37, context: { size: 3, activation: "tanh" } },
    hidden: {
      wide: { size: 70, activation: "tanh" },
      gate: { size: 9 },
      rest: { size: 13, activation: "relu" },
    },
    outputs: { digit: { size: 10, activation: "softmax" }, even: 1, size: { size: 2, activation: "linear" } },
    synapses: [
      ["pixels", "wide", { init: "glorot" }],
      ["context", "wide"],
      ["context", "gate"],
      ["wide", "gate", { init: "glorot" }],
      ["wide", "rest", { init: "he" }],
      ["gate", "digit"],
      ["rest", "digit"],
      ["pixels", "digit", { init: "glorot" }],
      ["gate", "even"],
      ["digit", "even"],
      ["digit", "size"],
      ["digit", "size", { name: "twin" }],
    ],
  });
  const rows = 301;
  const xs = { pixels: numbers(37 * rows, 1), context: numbers(3 * rows, 2).map((value) => value * 3) };
  const ts = {
    digit: Float64Array.from({ length: 10 * rows }, (_, i) => Number(i % 10 === Math.floor(i / 10) % 10)),
    even: numbers(rows, 4).map((value) => (value + 1) / 2),
    size: numbers(2 * rows, 5),
  };
  const parameters = () => [
    ...graph.layers.map(({ bias }) => bias),
    ...graph.synapses.map(({ weights }) => weights),
  ];
  const start = digest(...parameters());
  const costs = [];
  for (let step = 0; step < 5; step++) costs.push(graph.train(xs, ts));
  const whole = digest(costs, ...parameters());
  const history = await graph.fit({ xs, ts }, { epochs: 3, batchSize: 32 });
  const epochs = digest(
    history.epochs.map(({ cost }) => cost),
    ...parameters(),
  );
  const { cost, inputs, bias, weights } = graph.gradients(xs, ts);
  const gradients = digest(
    [cost],
    ...Object.values(inputs),
    ...Object.values(bias),
    ...weights.map((gradient) => gradient.values),
  );
  const ys = graph.predict(xs);
  const states = digest(ys.digit, ys.even, ys.size, ...graph.layers.flatMap(({ pre, post }) => [pre, post]));
  const scores = graph.evaluate(xs, ts);
  const evaluated = digest([
    scores.cost,
    scores.outputs.digit.accuracy ?? -1,
    scores.outputs.even.accuracy ?? -1,
  ]);
  const saved = Graph.fromJSON(JSON.parse(JSON.stringify(graph)));
  const resumed = saved.train(xs, ts);
  const loaded = digest([resumed], ...saved.synapses.map((synapse) => synapse.weights));
  // Far out, where exp, log1p and tanh end.
  const far = graph.predict({ pixels: xs.pixels.map((value) => value * 1e4), context: xs.context });
  const extremes = digest(far.digit, far.even, far.size);
  graph.dispose();
  saved.dispose();
  return { start, whole, epochs, gradients, states, evaluated, loaded, extremes };
}

/**
 * Trains over sequences, by calls with a state and by `fit` in windows.
 * @param {"float64" | "float32"} precision
 */
async function sequences(precision) {
  const graph = new Graph({
    seed: 21,
    precision,
    optimizer: { name: "adam", rate: 0.01, clipNorm: 1 },
    inputs: { x: 5, context: { size: 3, time: false } },
    hidden: {
      there: { size: 9, cell: "lstm", from: ["x", "context"], peephole: true, dropout: 0.2 },
      mixed: { size: 9, cell: "gru", from: "there", reset: "before", initial: true },
    },
    outputs: { step: { size: 4, activation: "softmax" }, whole: { size: 2, activation: "linear" } },
    synapses: [
      ["mixed", "step"],
      ["there", "step", { delay: 2 }],
      ["mixed", "whole", { at: "last" }],
    ],
  });
  const steps = Array.from({ length: 150 }, (_, r) => 1 + ((r * 7) % 11));
  const rows = steps.length * 11;
  const xs = { x: numbers(5 * rows, 6), context: numbers(3 * steps.length, 7) };
  const ts = {
    step: Float64Array.from({ length: rows }, (_, i) => i % 4),
    whole: numbers(2 * steps.length, 8),
  };
  const parameters = () => [
    ...graph.layers.flatMap((layer) => [layer.bias, layer.initial]),
    ...graph.synapses.map(({ weights }) => weights),
  ];
  const start = digest(...parameters());
  const state = graph.state(steps.length);
  const costs = [0, 1, 2].map(() => graph.train(xs, ts, { steps, state }));
  const calls = digest(costs, ...parameters());
  const remembered = digest(state.get("there"), state.get("there", 2), state.get("mixed"));
  const history = await graph.fit(
    { xs, ts, steps },
    { epochs: 2, batchSize: 32, window: 4, validation: 0.2 },
  );
  const epochs = digest(
    history.epochs.flatMap(({ cost, validation }) => [cost, validation?.cost ?? -1]),
    ...parameters(),
  );
  const { cost, inputs, bias, initial, weights } = graph.gradients(xs, ts, { steps });
  const gradients = digest(
    [cost],
    ...[inputs, bias, initial].flatMap((one) => Object.values(one)),
    ...weights.map((gradient) => gradient.values),
  );
  const ys = graph.predict(xs, { steps });
  const predicted = digest(ys.step, ys.whole);
  graph.dispose();
  return { start, calls, remembered, epochs, gradients, predicted };
}

/**
 * Trains a graph of maps by calls and by `fit`, saves it, edits it and continues.
 * @param {import("../../dist/index.js").Graph<any, any, any, any>} graph
 * @param {{ xs: any, ts: any, steps?: number[] }} data
 * @param {import("../../dist/index.js").FitOptions} [options]
 */
async function maps(graph, { xs, ts, steps }, options) {
  const timing = steps === undefined ? {} : { steps };
  const parameters = () => [
    ...graph.layers.flatMap(({ bias, gain, initial }) => [bias, gain ?? [], initial ?? []]),
    ...graph.synapses.map(({ weights }) => weights),
  ];
  const start = digest(...parameters());
  const costs = [0, 1, 2].map(() => graph.train(xs, ts, timing));
  const calls = digest(costs, ...parameters());
  const history = await graph.fit({ xs, ts, ...timing }, { epochs: 2, batchSize: 10, ...options });
  const epochs = digest(
    history.epochs.map(({ cost }) => cost),
    ...parameters(),
  );
  const { cost, inputs, bias, gain, weights } = graph.gradients(xs, ts, timing);
  const gradients = digest(
    [cost],
    ...[inputs, bias, gain].flatMap((one) => Object.values(one)),
    ...weights.map((gradient) => gradient.values),
  );
  const predicted = digest(...Object.values(graph.predict(xs, timing)));
  const { outputs } = graph.evaluate(xs, ts, timing);
  const evaluated = digest(Object.values(outputs).map((one) => one.cost));
  const saved = Graph.load(graph.save());
  const loaded = digest([saved.train(xs, ts, timing)], ...saved.synapses.map((one) => one.weights));
  edit(saved);
  const edited = digest([saved.train(xs, ts, timing)], ...saved.synapses.map((one) => one.weights));
  for (const one of [graph, saved]) one.dispose();
  return { start, calls, epochs, gradients, predicted, evaluated, loaded, edited };
}

/** Counts how many of a thousand graphs live at once, and learn. */
function crowd() {
  const graphs = Array.from({ length: 1000 }, (_, i) => {
    return new Graph({
      seed: i,
      inputs: { x: 2 },
      hidden: { h: 20 },
      outputs: { y: 1 },
      synapses: [
        ["x", "h"],
        ["h", "y"],
      ],
    });
  });
  const costs = graphs.map((graph) => graph.train({ x: [0, 1] }, { y: [1] }));
  const after = graphs.map((graph) => graph.train({ x: [0, 1] }, { y: [1] }));
  const live = after.filter((cost, i) => cost < /** @type {number} */ (costs[i])).length;
  for (const graph of graphs) graph.dispose();
  return { live, costs: digest(costs, after) };
}

export default async function digests() {
  return {
    float64: await train("float64"),
    float32: await train("float32"),
    sequences64: await sequences("float64"),
    sequences32: await sequences("float32"),
    images64: await maps(images("float64"), imageData(37)),
    images32: await maps(images("float32"), imageData(37)),
    loops64: await maps(loops("float64"), loopData(21, 9), { window: 4 }),
    loops32: await maps(loops("float32"), loopData(21, 9), { window: 4 }),
    crowd: crowd(),
  };
}
