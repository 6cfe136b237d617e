// Files that were damaged at random: each ends in a coded error or a graph, whatever is in it.

import { readFileSync } from "node:fs";
import { GraphError } from "plexus-nn";
import { fromBrain, fromConvnet, fromMl5, fromNeataptic, fromSynaptic, fromTfjs } from "plexus-nn/migrate";
import { expect, test } from "vitest";
import { Random, seed, wrong } from "../../support/helpers.js";

const MUTATIONS = 1500;
const bytes = new ArrayBuffer(4 * 13);
const dense = (name: string, units: number) => ({
  class_name: "Dense",
  config: { name, units, activation: "softmax" },
});
const weights = [
  { name: "d/kernel", shape: [2, 3], dtype: "float32" },
  { name: "d/bias", shape: [3], dtype: "float32", quantization: null },
  { name: "e/kernel", shape: [3, 1], dtype: "float32" },
  { name: "e/bias", shape: [1], dtype: "float32" },
];
const history = (name: string) => ({
  class_name: "__keras_tensor__",
  config: { keras_history: [name, 0, 0] },
});
const layer = (class_name: string, name: string, config: object, before?: string) => ({
  class_name,
  name,
  config: { name, ...config },
  inbound_nodes: before === undefined ? [] : [{ args: [history(before)], kwargs: { training: false } }],
});
const model = {
  modelTopology: {
    class_name: "Functional",
    config: {
      layers: [
        layer("InputLayer", "x", { batch_shape: [null, 2] }),
        layer("Dense", "d", { units: 3, activation: "tanh" }, "x"),
        layer("Dense", "e", { units: 1, activation: { class_name: "function", config: "relu" } }, "d"),
      ],
      input_layers: [["x", 0, 0]],
      output_layers: ["e", 0, 0],
    },
  },
  weightsManifest: [{ paths: ["a", "b"], weights }],
};
const row = {
  modelTopology: {
    class_name: "Sequential",
    config: [
      { ...dense("d", 3), config: { ...dense("d", 3).config, batch_input_shape: [null, 2] } },
      { class_name: "Sequential", config: [{ class_name: "Dense", config: { name: "e", units: 1 } }] },
    ],
  },
  weightSpecs: weights,
  weightData: bytes,
};
const convnet = {
  layers: [
    { layer_type: "input", out_sx: 1, out_sy: 1, out_depth: 2 },
    { layer_type: "fc", filters: [{ w: { 0: 1, 1: 2 } }, { w: [3, 4] }], biases: { w: { 0: 0, 1: 1 } } },
    { layer_type: "relu" },
    { layer_type: "dropout", drop_prob: 0.5 },
    { layer_type: "softmax" },
  ],
};
const meta = {
  inputs: { a: { dtype: "number", min: 0, max: 1 }, b: { dtype: "number", min: 2, max: 2 } },
  outputs: { y: { dtype: "string", legend: { z: [1] } } },
  isNormalized: true,
};
const old = JSON.parse(readFileSync(new URL("old.json", import.meta.url), "utf8")) as {
  name: string;
  json: object;
}[];
const named = (library: string) => old.filter(({ name }) => name.startsWith(library)).map(({ json }) => json);
const brain = {
  sizes: [2, 1],
  layers: [{}, { weights: [[3, -2]], biases: [1] }],
  inputLookup: { wet: 0, cold: 1 },
  outputLookup: { stay: 0 },
  trainOpts: { activation: "leaky-relu", leakyReluAlpha: 0.1 },
  type: "NeuralNetwork",
};

const matrix = (rows: number, columns: number) => ({
  rows,
  columns,
  weights: Array.from({ length: rows * columns }, (_, i) => i / 10),
});
const gates = (names: readonly string[], sources: number) =>
  Object.fromEntries(
    names.flatMap((name) => [
      [`${name}InputMatrix`, matrix(2, sources)],
      [`${name}HiddenMatrix`, matrix(2, 2)],
      [`${name}Bias`, matrix(2, 1)],
    ]),
  );
const timeStep = {
  type: "GRUTimeStep",
  options: { inputSize: 2, hiddenLayers: [2] },
  hiddenLayers: [gates(["updateGate", "resetGate", "cellWrite"], 2)],
  outputConnector: matrix(2, 2),
  output: matrix(2, 1),
  inputLookup: { low: 0, high: 1 },
};
const spelt = {
  type: "RNN",
  trainOpts: {},
  options: {
    maxPredictionLength: 9,
    dataFormatter: {
      characters: ["a", "unrecognized"],
      indexTable: { a: 0, unrecognized: 1 },
      characterTable: { 0: "a", 1: null },
      specialIndexes: [1],
    },
  },
  input: matrix(3, 2),
  hiddenLayers: [{ weight: matrix(2, 2), transition: matrix(2, 2), bias: matrix(2, 1) }],
  outputConnector: matrix(3, 2),
  output: matrix(3, 1),
};
const wire = (from: number, to: number, gater: number | null = null) => ({ from, to, weight: 0.5, gater });
const gated = {
  nodes: Array.from({ length: 5 }, () => ({ squash: "TANH", bias: 0.1 })),
  connections: [
    wire(0, 1, 2),
    wire(1, 2, 1),
    wire(2, 2, 3),
    wire(1, 1),
    wire(4, 1),
    wire(0, 3),
    wire(3, 4, 2),
  ],
  input: 1,
  output: 1,
};
const cell = { units: 2, activation: "tanh", recurrent_activation: "hard_sigmoid" };
const recurrent = {
  modelTopology: {
    class_name: "Sequential",
    config: [
      {
        class_name: "Bidirectional",
        config: {
          name: "b",
          merge_mode: "sum",
          batch_input_shape: [null, null, 3],
          layer: { class_name: "LSTM", config: { name: "l", return_sequences: true, ...cell } },
        },
      },
      { class_name: "TimeDistributed", config: { name: "t", layer: dense("u", 2) } },
      { class_name: "GRU", config: { name: "g", reset_after: true, ...cell } },
    ],
  },
  weightSpecs: [
    ...["b/forward_l", "b/backward_l"].flatMap((name) => [
      { name: `${name}/kernel`, shape: [3, 8], dtype: "float32" },
      { name: `${name}/recurrent_kernel`, shape: [2, 8], dtype: "float32" },
      { name: `${name}/bias`, shape: [8], dtype: "float32" },
    ]),
    { name: "t/kernel", shape: [2, 2], dtype: "float32" },
    { name: "t/bias", shape: [2], dtype: "float32" },
    { name: "g/gru_cell/kernel", shape: [2, 6], dtype: "float32" },
    { name: "g/gru_cell/recurrent_kernel", shape: [2, 6], dtype: "float32" },
    { name: "g/gru_cell/bias", shape: [2, 6], dtype: "float32" },
  ],
  weightData: new ArrayBuffer(4 * (2 * (24 + 16 + 8) + 6 + 36)),
};

const image = {
  modelTopology: {
    class_name: "Functional",
    config: {
      layers: [
        layer("InputLayer", "x", { batch_shape: [null, 4, 5, 2] }),
        layer("ZeroPadding2D", "z", { padding: [[0, 1], 2] }, "x"),
        layer("Conv2D", "c", { filters: 2, kernel_size: [2, 3], padding: "same", activation: "relu" }, "z"),
        layer("MaxPooling2D", "m", { pool_size: 2, strides: [2, 1], padding: "valid" }, "c"),
        layer("BatchNormalization", "n", { axis: [3] }, "m"),
        layer("Conv2DTranspose", "t", { filters: 2, kernel_size: 3, strides: 2, use_bias: false }, "n"),
        layer("DepthwiseConv2D", "w", { kernel_size: 2, depth_multiplier: 2, dilation_rate: 2 }, "t"),
        layer("UpSampling2D", "u", { size: [1, 2], interpolation: "nearest" }, "w"),
        layer("Cropping2D", "k", { cropping: 1 }, "u"),
        layer("GlobalAveragePooling2D", "g", { keepdims: true }, "k"),
      ],
      input_layers: [["x", 0, 0]],
      output_layers: ["g", 0, 0],
    },
  },
  weightSpecs: [
    { name: "c/kernel", shape: [2, 3, 2, 2], dtype: "float32" },
    { name: "c/bias", shape: [2], dtype: "float32" },
    ...["gamma", "beta", "moving_mean", "moving_variance"].map((name) => {
      return { name: `n/${name}`, shape: [2], dtype: "float32" };
    }),
    { name: "t/kernel", shape: [3, 3, 2, 2], dtype: "float32" },
    { name: "w/depthwise_kernel", shape: [2, 2, 2, 2], dtype: "float32" },
    { name: "w/bias", shape: [4], dtype: "float32" },
  ],
  weightData: new ArrayBuffer(4 * (24 + 2 + 8 + 36 + 16 + 4)),
};
const words = {
  modelTopology: {
    class_name: "Sequential",
    config: [
      {
        class_name: "Embedding",
        config: { name: "e", input_dim: 5, output_dim: 2, batch_input_shape: [null, 6], mask_zero: false },
      },
      { class_name: "Conv1D", config: { name: "c", filters: 3, kernel_size: [2], padding: "causal" } },
      { class_name: "AveragePooling1D", config: { name: "a", pool_size: [2], padding: "same" } },
      { class_name: "Flatten", config: { name: "f" } },
      dense("d", 2),
    ],
  },
  weightSpecs: [
    { name: "e/embeddings", shape: [5, 2], dtype: "float32" },
    { name: "c/kernel", shape: [2, 2, 3], dtype: "float32" },
    { name: "c/bias", shape: [3], dtype: "float32" },
    { name: "d/kernel", shape: [9, 2], dtype: "float32" },
    { name: "d/bias", shape: [2], dtype: "float32" },
  ],
  weightData: new ArrayBuffer(4 * (10 + 12 + 3 + 18 + 2)),
};
const volumes = {
  layers: [
    { layer_type: "input", out_sx: 4, out_sy: 3, out_depth: 2 },
    {
      layer_type: "conv",
      ...{ sx: 2, sy: 1, stride: 1, pad: 1, out_sx: 5, out_sy: 5, out_depth: 2 },
      filters: [{ w: [1, 2, 3, 4] }, { w: { 0: 1, 1: 2, 2: 3, 3: 4 } }],
      biases: { w: [0, 1] },
    },
    { layer_type: "relu" },
    { layer_type: "pool", sx: 2, sy: 2, stride: 2, pad: 0, out_sx: 2, out_sy: 2 },
    {
      layer_type: "fc",
      filters: [{ w: [1, 2, 3, 4, 5, 6, 7, 8] }, { w: [8, 7, 6, 5, 4, 3, 2, 1] }],
      biases: { w: [0, 1] },
    },
    { layer_type: "softmax" },
  ],
};

const shards = [bytes.slice(0, 20), new Uint8Array(32)];
const files: Record<string, [readonly object[], (file: never) => unknown]> = {
  synaptic: [named("synaptic@1.0.1"), fromSynaptic],
  neataptic: [[gated, ...named("neataptic")], fromNeataptic],
  brain: [[brain, ...named("brain")], (file) => fromBrain(file).graph],
  "brain's recurrent networks": [[timeStep, spelt], (file) => fromBrain(file).graph],
  convnet: [[convnet, volumes], fromConvnet],
  tfjs: [[row, recurrent], fromTfjs],
  "tfjs's images and tables": [[image, words], fromTfjs],
  "model.json": [[model], (file) => fromTfjs(file, shards)],
  "model_meta.json": [[meta], (file) => fromMl5(model, file, shards).graph],
};

const values: readonly unknown[] = [
  ...[
    null,
    true,
    "",
    "0",
    "-1",
    "x",
    "__proto__",
    -1,
    0.5,
    0,
    1,
    2,
    7,
    2 ** 20,
    2 ** 31,
    2 ** 53,
    -0,
    Number.NaN,
    1e308,
  ],
  ...[
    [],
    {},
    [[]],
    [null],
    ["x", 0, 0],
    { 0: 1 },
    { length: 3 },
    "softmax",
    "Sequential",
    "Add",
    "fc",
    "pool",
    "same",
    "Conv2D",
    "MaxPooling2D",
    "input",
    "output",
  ],
];

/** Puts another value, a copy of another part or nothing at a random place. */
function mutate(random: Random, file: object): object {
  const copy = structuredClone(file) as Record<string, unknown>;
  const places: [Record<string, unknown>, string][] = [];
  const walk = (value: unknown) => {
    if (
      typeof value !== "object" ||
      value === null ||
      ArrayBuffer.isView(value) ||
      value instanceof ArrayBuffer
    )
      return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      walk((value as Record<string, unknown>)[key]);
    }
  };
  walk(copy);
  for (let k = random.whole(1, 3); k > 0; k--) {
    const [[parent, key], [other, name]] = [random.pick(places), random.pick(places)];
    const chance = random.whole(0, 4);
    if (chance === 0) delete parent[key];
    else if (chance === 1) parent[key] = other[name];
    else if (chance === 2 && Array.isArray(parent)) parent.push(other[name]);
    else parent[key] = random.pick(values);
  }
  return copy;
}

test.each(Object.entries(files))(
  `damaged files of %s end in a coded error or a graph, PLEXUS_SEED=${seed}`,
  (_, [originals, call]) => {
    const random = new Random(seed * 8009);
    const outcomes: Record<string, number> = { graph: 0 };
    for (let i = 0; i < MUTATIONS; i++) {
      const file = mutate(random, random.pick(originals));
      try {
        (call(wrong(file)) as { dispose(): void }).dispose();
        outcomes.graph!++;
      } catch (error) {
        if (!(error instanceof GraphError)) throw new Error(`${JSON.stringify(file)}`, { cause: error });
        outcomes[error.code] = (outcomes[error.code] ?? 0) + 1;
      }
    }
    // The mutations reach what they should.
    const { graph, unsupported, "bad-file": bad, ...others } = outcomes;
    expect(others).toEqual({});
    expect(graph).toBeGreaterThan(5);
    expect(bad! + (unsupported ?? 0)).toBeGreaterThan(200);
  },
);
