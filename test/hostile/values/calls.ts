// Every public call with one of its values in the caller's hands. A new call, or a new option, is a row.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crossValidate, Graph, readSafetensors, report, Scaler } from "plexus-nn";
import { summary, toDot, toMermaid, toSource, toSvg } from "plexus-nn/draw";
import { fromBrain, fromConvnet, fromMl5, fromNeataptic, fromSynaptic, fromTfjs } from "plexus-nn/migrate";
import { loadCheckpoint, saveCheckpoint, writeFile } from "plexus-nn/node";
import { fromOnnx, obstacles, toOnnx } from "plexus-nn/onnx";
import { toTorch } from "plexus-nn/torch";
import {
  fit as fitInWorker,
  predict as predictInWorkers,
  crossValidate as validateInWorkers,
} from "plexus-nn/worker";
import type { Loose, World } from "./world.js";

export interface Call {
  readonly name: string;
  /** Returns a sound value for the place, of which hostile ones are made. */
  sound(world: World): unknown;
  /** Calls with a value at that place; what it makes goes with the world. */
  call(world: World, value: Loose): unknown;
  /** Whether the value is called as a function, or is a function's result; its errors are thrown as they are. */
  readonly isCallback?: boolean;
  /** Whether the world's graph has a loop in time. */
  readonly isLooped?: boolean;
}

export const row = (name: string, sound: Call["sound"], call: Call["call"], isCallback = false): Call => ({
  name,
  sound,
  call,
  isCallback,
});

/** Sets a property, of which the value is not the call's result: that is awaited. */
const set = (owner: Loose, name: string, value: Loose) => {
  owner[name] = value;
};

/** Tries a call with options, as a whole and with each option. */
export function withOptions(
  name: string,
  options: Readonly<Record<string, (world: World) => unknown>>,
  call: (world: World, options: Loose) => unknown,
  callbacks: readonly string[] = [],
  beside: () => object = () => ({}),
): Call[] {
  const all = (world: World) =>
    Object.fromEntries(Object.entries(options).map(([option, sound]) => [option, sound(world)]));
  return [
    row(`${name}: options`, all, call, callbacks.length > 0),
    ...Object.entries(options).map(([option, sound]) =>
      row(
        `${name}: ${option}`,
        sound,
        (world, value) => call(world, { ...beside(), [option]: value }),
        callbacks.includes(option),
      ),
    ),
  ];
}

/** Tries a call that takes an object, as a whole and with each of its members hostile. */
function withMembers(name: string, sound: (world: World) => object, call: Call["call"]): Call[] {
  const members = Object.keys(sound({ graph: { toJSON: () => ({}) } } as unknown as World));
  return [
    row(name, sound, call),
    ...members.map((member) =>
      row(
        `${name}.${member}`,
        (world) => (sound(world) as Loose)[member],
        (world, value) => call(world, { ...sound(world), [member]: value }),
      ),
    ),
  ];
}

const weights = () => [1, 0.5];
const mask = () => ({ y: [1, 0], z: [1, 1, 0, 1] });
const counts = { sampleWeights: weights, mask, steps: () => [1, 1] };
const file = join(mkdtempSync(join(tmpdir(), "plexus-")), "file");

const layers: readonly Call[] = (["addInput", "addHidden", "addOutput"] as const).flatMap((add) => [
  row(
    `${add}: name`,
    () => "new",
    ({ graph }, value) => graph[add](value, 2),
  ),
  row(
    `${add}: size`,
    () => 2,
    ({ graph }, value) => graph[add]("new", value),
  ),
  row(
    `${add}: activation`,
    () => ({ name: "leakyRelu", slope: 0.1 }),
    ({ graph }, value) => graph[add]("new", 2, value),
  ),
  ...withOptions(
    add,
    {
      bias: () => [1, 2],
      frozen: () => true,
      dropout: () => 0.5,
      norm: () => "layer",
      weight: () => 2,
      join: () => "product",
      initial: () => [1, 2],
      time: () => true,
    },
    ({ graph }, options) =>
      add === "addOutput"
        ? graph[add]("new", 2, "linear", "mse", options)
        : graph[add]("new", 2, "linear", options),
  ),
]);

const topology: readonly Call[] = [
  ...layers,
  row(
    "addOutput: loss",
    () => ({ name: "huber", delta: 2 }),
    ({ graph }, value) => graph.addOutput("new", 2, "linear", value),
  ),
  row(
    "connect: from",
    ({ graph }) => graph.layer("x"),
    ({ graph }, value) => graph.connect(value, "y"),
  ),
  row(
    "connect: to",
    () => "y",
    ({ graph }, value) => graph.connect("x", value),
  ),
  ...withOptions(
    "connect",
    {
      name: () => "named",
      kind: () => "dense",
      init: () => ({ name: "uniform", low: -2, high: 1 }),
      frozen: () => false,
      l1: () => 0.1,
      l2: () => 0.1,
      maxNorm: () => 2,
      delay: () => 1,
      at: () => "last",
    },
    ({ graph }, options) => graph.connect("x", "y", options),
  ),
  row(
    "connect: share",
    ({ graph }) => graph.synapses[0],
    ({ graph }, value) => graph.connect("x", "h", { name: "again", share: value }),
  ),
  row(
    "connect: values",
    () => [[1], [2]],
    ({ graph }, value) => graph.connect("x", "y", { init: { values: value } }),
  ),
  row(
    "layer",
    () => "h",
    ({ graph }, value) => graph.layer(value),
  ),
  row(
    "synapse: from",
    ({ graph }) => graph.layer("x"),
    ({ graph }, value) => graph.synapse(value, "h"),
  ),
  row(
    "synapse: to",
    () => "h",
    ({ graph }, value) => graph.synapse("x", value),
  ),
  row(
    "remove",
    ({ graph }) => graph.layer("z"),
    ({ graph }, value) => graph.remove(value),
  ),
  row(
    "resize: layer",
    () => "h",
    ({ graph }, value) => graph.resize(value, 4),
  ),
  row(
    "resize: size",
    () => 4,
    ({ graph }, value) => graph.resize("h", value),
  ),
  ...withOptions("resize", { init: () => "zeros" }, ({ graph }, options) => graph.resize("h", 5, options)),
  row(
    "freeze",
    () => "h",
    ({ graph }, value) => graph.freeze(value),
  ),
  row(
    "unfreeze",
    () => "h",
    ({ graph }, value) => graph.unfreeze(value),
  ),
  row(
    "scale: name",
    () => "x",
    ({ graph, scaler }, value) => graph.scale(value, scaler),
  ),
  row(
    "scale: scaler",
    ({ scaler }) => scaler,
    ({ graph }, value) => graph.scale("x", value),
  ),
  row(
    "a layer's frozen",
    () => true,
    ({ graph }, value) => set(graph.layer("h"), "frozen", value),
  ),
  row(
    "a layer's bias",
    () => [1, 2, 3],
    ({ graph }, value) => set(graph.layer("h"), "bias", value),
  ),
  row(
    "a layer's gain",
    () => [1, 2, 3],
    ({ graph }, value) => set(graph.layer("h"), "gain", value),
  ),
  row(
    "a synapse's frozen",
    () => true,
    ({ graph }, value) => set(graph.synapses[0], "frozen", value),
  ),
  row(
    "a synapse's weights",
    () => [[1], [2], [3]],
    ({ graph }, value) => set(graph.synapses[1], "weights", value),
  ),
];

const settings: readonly Call[] = [
  ...withOptions(
    "new Graph",
    {
      seed: () => 3,
      precision: () => "float32",
      optimizer: () => ({ name: "adam", beta1: 0.8 }),
      init: () => ({ name: "normal", mean: 0, deviation: 1 }),
      inputs: () => ({ x: 2, u: { size: 1, activation: "tanh" } }),
      hidden: () => ({ h: { size: 2, activation: { name: "elu", alpha: 2 }, bias: [1, 2] } }),
      outputs: () => ({ y: { size: 1, loss: "mse" } }),
    },
    (world, options) => world.own(new Graph(options)),
  ),
  row(
    "new Graph: synapses",
    () => [["x", "y", { l2: 0.1 }]],
    (world, value) => world.own(new Graph({ inputs: { x: 2 }, outputs: { y: 1 }, synapses: value })),
  ),
  ...withMembers(
    "optimizer",
    () => ({ name: "rmsprop", rate: 0.1, alpha: 0.9, momentum: 0.5, clipNorm: 1, weightDecay: 0.1 }),
    ({ graph }, value) => set(graph, "optimizer", value),
  ),
  ...withMembers(
    "rate",
    () => ({ name: "cosine", rate: 0.1, steps: 10, warmup: 2 }),
    ({ graph }, value) => set(graph, "rate", value),
  ),
  row(
    "a rate's result",
    () => 0.1,
    ({ graph, xs, ts }, value) => {
      graph.rate = () => value;
      try {
        return graph.train(xs, ts);
      } finally {
        graph.rate = 0.1;
      }
    },
  ),
];

const data: readonly Call[] = [
  row(
    "predict: xs",
    ({ xs }) => xs,
    ({ graph }, value) => graph.predict(value),
  ),
  row(
    "predict: xs.x",
    ({ xs }) => xs.x,
    ({ graph }, value) => graph.predict({ x: value }),
  ),
  row(
    "predict: rows of xs.x",
    () => [0.1, 0.2],
    ({ graph }, value) => graph.predict({ x: [[1, 2], value] }),
  ),
  row(
    "predict: the first row",
    () => [0.1, 0.2],
    ({ graph }, value) => graph.predict({ x: [value, [1, 2]] }),
  ),
  row(
    "predict: numbers",
    () => 0.1,
    ({ graph }, value) => graph.predict({ x: [1, value] }),
  ),
  ...withOptions("predict", { outputs: () => ["z", "y"] }, ({ graph, xs }, options) =>
    graph.predict(xs, options),
  ),
  row(
    "predict: scaled",
    ({ xs }) => xs.x,
    ({ graph, scaler }, value) => {
      graph.scale("x", scaler);
      try {
        return graph.predict({ x: value });
      } finally {
        graph.scale("x", null);
      }
    },
  ),
  ...(["train", "gradients", "evaluate"] as const).flatMap((call) => [
    row(
      `${call}: xs`,
      ({ xs }) => xs,
      ({ graph, ts }, value) => graph[call](value, ts),
    ),
    row(
      `${call}: xs.x`,
      ({ xs }) => xs.x,
      ({ graph, ts }, value) => graph[call]({ x: value }, ts),
    ),
    row(
      `${call}: ts`,
      ({ ts }) => ts,
      ({ graph, xs }, value) => graph[call](xs, value),
    ),
    row(
      `${call}: ts.z`,
      ({ ts }) => ts.z,
      ({ graph, xs, ts }, value) => graph[call](xs, { ...ts, z: value }),
    ),
    ...withOptions(call, counts, ({ graph, xs, ts }, options) => graph[call](xs, ts, options)),
    row(
      `${call}: mask.z`,
      () => [1, 0],
      ({ graph, xs, ts }, value) => graph[call](xs, ts, { mask: { z: value } }),
    ),
  ]),
  ...withOptions(
    "evaluate",
    { metrics: () => ["mae", { name: "topK", k: 1 }] },
    ({ graph, xs, ts }, options) => graph.evaluate(xs, ts, options),
  ),
  row(
    "backward: xs",
    ({ xs }) => xs,
    ({ graph, ts }, value) => graph.backward(value, ts),
  ),
  row(
    "backward: gradients",
    ({ ts }) => ts,
    ({ graph, xs }, value) => graph.backward(xs, value),
  ),
  row(
    "backward: gradients.z",
    ({ ts }) => ts.z,
    ({ graph, xs }, value) => graph.backward(xs, { z: value }),
  ),
  ...withOptions("backward", counts, ({ graph, xs, ts }, options) => graph.backward(xs, ts, options)),
  row(
    "gradients: outputs",
    ({ ts }) => ts,
    ({ graph, xs }, value) => graph.gradients(xs, null, { outputs: value }),
  ),
  row(
    "gradCheck: xs",
    ({ xs }) => xs,
    ({ graph, ts }, value) => graph.gradCheck(value, ts),
  ),
  ...withOptions(
    "gradCheck",
    { epsilon: () => 1e-6, atol: () => 1e-5, rtol: () => 1e-3, ...counts },
    ({ graph, xs, ts }, options) => graph.gradCheck(xs, ts, options),
  ),
];

const files: readonly Call[] = [
  ...withOptions("toJSON", { optimizer: () => false }, ({ graph }, options) => graph.toJSON(options)),
  ...withOptions("save", { optimizer: () => false }, ({ graph }, options) => graph.save(options)),
  row(
    "fromJSON",
    ({ graph }) => graph.toJSON(),
    (world, value) => world.own(Graph.fromJSON(value)),
  ),
  ...["format", "version", "precision", "seed", "generators", "optimizer", "state", "layers", "synapses"].map(
    (member) =>
      row(
        `fromJSON: ${member}`,
        ({ graph }) => graph.toJSON()[member],
        (world, value) => world.own(Graph.fromJSON({ ...world.graph.toJSON(), [member]: value })),
      ),
  ),
  ...(["layers", "synapses"] as const).map((list) =>
    row(
      `fromJSON: one of ${list}`,
      ({ graph }) => graph.toJSON()[list][1],
      (world, value) => {
        const json = world.graph.toJSON();
        json[list][1] = value;
        return world.own(Graph.fromJSON(json));
      },
    ),
  ),
  row(
    "load",
    ({ graph }) => graph.save(),
    (world, value) => world.own(Graph.load(value)),
  ),
  row(
    "readSafetensors",
    ({ graph }) => graph.save(),
    (_, value) => readSafetensors(value),
  ),
  row(
    "copyFrom: other",
    ({ graph }) => graph,
    ({ graph }, value) => graph.copyFrom(value),
  ),
  ...withOptions("copyFrom", { tau: () => 0.5 }, (world, options) =>
    world.graph.copyFrom(world.another(), options),
  ),
  row(
    "merge",
    ({ graph }) => graph.save(),
    ({ graph }, value) => graph.merge(value),
  ),
  row(
    "assign: tensors",
    () => ({ "bias.h": { shape: [3], values: [1, 2, 3] } }),
    ({ graph }, value) => graph.assign(value),
  ),
  row(
    "assign: a tensor",
    () => ({ shape: [3], values: [1, 2, 3] }),
    ({ graph }, value) => graph.assign({ "bias.h": value }),
  ),
  row(
    "assign: values",
    () => [1, 2, 3],
    ({ graph }, value) => graph.assign({ "bias.h": { shape: [3], values: value } }),
  ),
  row(
    "assign: a shape",
    () => [3],
    ({ graph }, value) => graph.assign({ "bias.h": { shape: value, values: [1, 2, 3] } }),
  ),
  ...withOptions("assign", { transpose: () => true }, ({ graph }, options) =>
    graph.assign({ "bias.h": { shape: [3], values: [1, 2, 3] } }, options),
  ),
  row(
    "assign: what map gives",
    () => "bias.h",
    ({ graph }, value) => graph.assign({ b: { shape: [3], values: [1, 2, 3] } }, { map: () => value }),
  ),
];

const scalers: readonly Call[] = [
  row(
    "Scaler.fit: data",
    () => [1, 2, 3, 5],
    (_, value) => Scaler.fit(value, 2),
  ),
  row(
    "Scaler.fit: size",
    () => 2,
    (_, value) => Scaler.fit([1, 2, 3, 5], value),
  ),
  row(
    "Scaler.fit: kind",
    () => "minmax",
    (_, value) => Scaler.fit([1, 2, 3, 5], 2, value),
  ),
  row(
    "Scaler.fit: name",
    () => "data",
    (_, value) => Scaler.fit([1, 2, 3, Number.NaN], 2, "standard", value),
  ),
  row(
    "transform",
    () => [1, 2],
    ({ scaler }, value) => scaler.transform(value),
  ),
  row(
    "inverse",
    () => [1, 2],
    ({ scaler }, value) => scaler.inverse(value),
  ),
  row(
    "Scaler.fromJSON",
    ({ scaler }) => scaler.toJSON(),
    (_, value) => Scaler.fromJSON(value),
  ),
  ...["kind", "offset", "divisor"].map((member) =>
    row(
      `Scaler.fromJSON: ${member}`,
      ({ scaler }) => (scaler.toJSON() as Loose)[member],
      ({ scaler }, value) => Scaler.fromJSON({ ...scaler.toJSON(), [member]: value }),
    ),
  ),
];

const runs: Readonly<Record<string, (world: World) => unknown>> = {
  epochs: () => 2,
  batchSize: () => 1,
  shuffle: () => false,
  metrics: () => ["mae"],
  patience: () => 2,
  minDelta: () => 0.1,
  monitor: () => "cost",
  mode: () => "min",
  restoreBest: () => true,
  timeLimit: () => 100,
  stepsPerEpoch: () => 1,
  window: () => 1,
  carry: () => false,
  scale: () => ({ x: "standard" }),
  signal: () => new AbortController().signal,
  onBatch: () => () => {},
  onEpoch: () => () => {},
  checkpoint: () => ({ save: () => {} }),
};

/** Returns options that end a training after some batches, for any number of epochs. */
function bounded(): object {
  const controller = new AbortController();
  let batches = 0;
  const onBatch = () => {
    if (++batches === 5) controller.abort();
  };
  return { signal: controller.signal, onBatch };
}

/** Returns options with a wrong worker, if they can be changed. */
function withWorker(options: Loose): Loose {
  const worker = { value: () => ({}), enumerable: true };
  // Refuses by a result, and where the options are a proxy by what its trap throws.
  try {
    Reflect.defineProperty(options, "worker", worker);
  } catch {}
  return options;
}

const training: readonly Call[] = [
  row(
    "fit: data",
    ({ data: given }) => given,
    ({ graph }, value) => graph.fit(value),
    true,
  ),
  ...(["xs", "ts"] as const).map((member) =>
    row(
      `fit: data.${member}`,
      ({ data: given }) => given[member],
      ({ graph, data: given }, value) => graph.fit({ ...given, [member]: value }),
    ),
  ),
  row(
    "fit: data.xs.x",
    ({ xs }) => xs.x,
    ({ graph, ts }, value) => graph.fit({ xs: { x: value }, ts }),
  ),
  ...Object.entries(counts).map(([name, sound]) =>
    row(`fit: data.${name}`, sound, ({ graph, data: given }, value) =>
      graph.fit({ ...given, [name]: value }),
    ),
  ),
  ...withOptions(
    "fit",
    runs,
    ({ graph, data: given }, options) => graph.fit(given, options),
    ["onBatch", "onEpoch", "checkpoint"],
    bounded,
  ),
  row(
    "fit: validation",
    ({ data: given }) => given,
    ({ graph, data: given }, value) => graph.fit(given, { validation: value }),
  ),
  row(
    "fit: validation.ts.z",
    ({ ts }) => ts.z,
    ({ graph, data: given, ts }, value) =>
      graph.fit(given, { validation: { ...given, ts: { ...ts, z: value } } }),
  ),
  row(
    "fit: a share for validation of",
    ({ xs }) => xs.x,
    ({ graph, ts }, value) => graph.fit({ xs: { x: value }, ts }, { validation: 0.5 }),
  ),
  row(
    "fit: batches",
    ({ data: given }) => [given, given],
    ({ graph }, value) => graph.fit(value),
    true,
  ),
  row(
    "fit: a batch",
    ({ data: given }) => given,
    ({ graph }, value) => graph.fit([value]),
  ),
  row(
    "fit: batches from a function",
    ({ data: given }) => [given],
    ({ graph }, value) => graph.fit(() => value),
    true,
  ),
  row(
    "fit: resume",
    () => ({}),
    ({ graph, data: given }, value) => graph.fit(given, { resume: value }),
  ),
  row(
    "fit: a checkpoint's graph",
    ({ graph }) => graph.toJSON(),
    ({ graph, data: given }, value) =>
      graph.fit(given, { resume: { format: "plexus-checkpoint", version: 1, graph: value, fit: {} } }),
  ),
  row(
    "crossValidate: make",
    (world) => () => world.another(),
    ({ data: given }, value) => crossValidate(value, given, { folds: 2 }),
    true,
  ),
  row(
    "crossValidate: a graph",
    (world) => world.another(),
    ({ data: given }, value) => crossValidate(() => value, given, { folds: 2 }),
  ),
  row(
    "crossValidate: data",
    ({ data: given }) => given,
    (world, value) => crossValidate(() => world.another(), value, { folds: 2 }),
  ),
  row(
    "crossValidate: data.ts.z",
    ({ ts }) => ts.z,
    (world, value) =>
      crossValidate(() => world.another(), { xs: world.xs, ts: { ...world.ts, z: value } }, { folds: 2 }),
  ),
  ...withOptions(
    "crossValidate",
    { folds: () => 2, stratify: () => "y", seed: () => 1, epochs: () => 2, metrics: () => ["mae"] },
    (world, options) => crossValidate(() => world.another(), world.data, options),
    [],
    () => ({ folds: 2, ...bounded() }),
  ),
  row(
    "report",
    () => ({ epochs: [], stopped: "epochs", steps: 0, seconds: 0 }),
    (_, value) => report(value),
  ),
  row(
    "report: epochs",
    () => [],
    (_, value) =>
      report({ epochs: value, stopped: "epochs", steps: 0, seconds: 0, threads: 1, sharing: "none" }),
  ),
  // A worker is started where nothing is refused, which takes a second: so they are asked for one that is none.
  row(
    "fit in a worker: graph",
    ({ graph }) => graph,
    ({ data: given }, value) => fitInWorker(value, given, { worker: () => ({}) as Loose }),
  ),
  row(
    "fit in a worker: data",
    ({ data: given }) => given,
    ({ graph }, value) => fitInWorker(graph, value, { worker: () => ({}) as Loose }),
    true,
  ),
  ...withOptions("fit in a worker", { ...runs, threads: () => 2 }, ({ graph, data: given }, options) =>
    fitInWorker(graph, given, withWorker(options)),
  ),
  row(
    "fit in a worker: worker",
    () => () => ({}),
    ({ graph, data: given }, value) =>
      fitInWorker(graph, given, { worker: typeof value === "function" ? value : () => value }),
    true,
  ),
  row(
    "predict in workers: graph",
    ({ graph }) => graph,
    ({ xs }, value) => predictInWorkers(value, xs, { worker: () => ({}) as Loose }),
  ),
  row(
    "predict in workers: xs",
    ({ xs }) => xs,
    ({ graph }, value) => predictInWorkers(graph, value, { worker: () => ({}) as Loose }),
  ),
  row(
    "predict in workers: xs.x",
    ({ xs }) => xs.x,
    ({ graph }, value) => predictInWorkers(graph, { x: value }, { worker: () => ({}) as Loose }),
  ),
  ...withOptions(
    "predict in workers",
    { outputs: () => ["z", "y"], steps: () => 1, threads: () => 2 },
    ({ graph, xs }, options) => predictInWorkers(graph, xs, withWorker(options)),
  ),
  row(
    "crossValidate in workers: make",
    (world) => () => world.another(),
    ({ data: given }, value) => validateInWorkers(value, given, { folds: 2, worker: () => ({}) as Loose }),
    true,
  ),
  row(
    "crossValidate in workers: data",
    ({ data: given }) => given,
    (world, value) =>
      validateInWorkers(() => world.another(), value, { folds: 2, worker: () => ({}) as Loose }),
  ),
  ...withOptions(
    "crossValidate in workers",
    { folds: () => 2, workers: () => 2, threads: () => undefined },
    (world, options) => validateInWorkers(() => world.another(), world.data, withWorker(options)),
  ),
];

const others: readonly Call[] = [
  ...Object.entries({ toDot, toMermaid, toSvg, summary, toSource, toOnnx, toTorch }).map(([name, call]) =>
    row(
      name,
      ({ graph }) => graph,
      (_, value) => (call as Loose)(value),
    ),
  ),
  ...withOptions(
    "toOnnx",
    {
      outputs: () => ["y"],
      name: () => "net",
      precision: () => "float32",
      classes: () => ({ y: ["on"] }),
    },
    ({ graph }, options) => toOnnx(graph, options),
  ),
  ...withOptions("toTorch", { outputs: () => ["y"], name: () => "net" }, ({ graph }, options) =>
    toTorch(graph, options),
  ),
  row(
    "toTorch: data",
    ({ data }) => data,
    ({ graph }, value) => toTorch(graph).data(value),
  ),
  row(
    "fromOnnx",
    ({ graph }) => toOnnx(graph),
    (world, value) => world.own(fromOnnx(value)),
  ),
  row(
    "obstacles",
    ({ graph }) => toOnnx(graph),
    (_, value) => obstacles(value),
  ),
  ...withOptions(
    "fromOnnx",
    {
      outputs: () => ["y"],
      batch: () => true,
      bind: () => ({ x: { shape: [2], values: [1, 2] } }),
      precision: () => "float32",
      maxBytes: () => 1e6,
    },
    (world, options) => world.own(fromOnnx(toOnnx(world.graph), options)),
  ),
  ...Object.entries({ fromBrain, fromConvnet, fromMl5, fromNeataptic, fromSynaptic, fromTfjs }).flatMap(
    ([name, call]) => [
      row(
        name,
        () => ({}),
        (world, value) => world.own(graphOf((call as Loose)(value))),
      ),
      row(
        `${name}: second argument`,
        () => [],
        (world, value) => world.own(graphOf((call as Loose)({}, value))),
      ),
      ...[
        "neurons",
        "layers",
        "nodes",
        "connections",
        "modelTopology",
        "weightSpecs",
        "weightData",
        "sizes",
        "type",
      ].map((member) =>
        row(
          `${name}: ${member}`,
          () => [{}],
          (world, value) =>
            world.own(
              graphOf(
                (call as Loose)({ layers: [], nodes: [], neurons: [], connections: [], [member]: value }),
              ),
            ),
        ),
      ),
    ],
  ),
  row(
    "writeFile: path",
    () => file,
    (_, value) => writeFile(typeof value === "string" ? file : value, "text"),
  ),
  row(
    "writeFile: data",
    () => "text",
    (_, value) => writeFile(file, value),
  ),
  row(
    "saveCheckpoint: path",
    () => file,
    (_, value) => saveCheckpoint(typeof value === "string" ? file : value)({} as Loose),
  ),
  row(
    "saveCheckpoint: checkpoint",
    () => ({ graph: {} }),
    (_, value) => saveCheckpoint(file)(value),
  ),
  row(
    "loadCheckpoint: path",
    () => file,
    (_, value) => loadCheckpoint(typeof value === "string" ? file : value),
  ),
];

/** Returns the graph of a result, or the result itself. */
const graphOf = (read: Loose) => read.graph ?? read;

export const calls: readonly Call[] = [
  ...topology,
  ...settings,
  ...data,
  ...files,
  ...scalers,
  ...training,
  ...others,
];
