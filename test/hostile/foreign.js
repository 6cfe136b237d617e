// Files of other libraries, as they save them: valid ones to spoil, and what would harm a reader that trusts them.

import { fromBrain, fromNeataptic, fromSynaptic, fromTfjs } from "../../dist/migrate.js";

/** @typedef {import("./hostile.js").Attack} Attack */

const brain = {
  type: "NeuralNetwork",
  sizes: [2, 2, 1],
  layers: [
    { weights: [], biases: [] },
    {
      weights: [
        [1, 2],
        [3, 4],
      ],
      biases: [0.5, -0.5],
    },
    { weights: [[1, -1]], biases: [0.1] },
  ],
  inputLookup: { a: 0, b: 1 },
  outputLookup: null,
  trainOpts: { activation: "leaky-relu", leakyReluAlpha: 0.1 },
};

const brain1 = {
  sizes: [2, 1],
  layers: [{ a: {}, b: {} }, { y: { bias: 1, weights: { a: 2, b: 3 } } }],
  inputLookup: true,
  outputLookup: true,
  activation: "tanh",
};

const synaptic = {
  neurons: ["input", "input", 0, 0, "output"].map((layer, i) => ({ layer, bias: i / 8, squash: "TANH" })),
  connections: [
    [0, 2],
    [1, 2],
    [1, 3],
    [2, 3],
    [3, 4],
    [0, 4],
  ].map(([from, to]) => ({ from, to, weight: 0.5, gater: null })),
};

const neataptic = {
  input: 2,
  output: 1,
  nodes: ["input", "input", "hidden", "hidden", "output"].map((type, i) => ({
    type,
    bias: i / 8,
    squash: "INVERSE",
    mask: 1,
  })),
  connections: synaptic.connections,
};

/** @param {string} type @param {string} name @param {object} config @param {string[]} from */
const layer = (type, name, config, ...from) => ({
  class_name: type,
  config: { name, ...config },
  inbound_nodes: from.length === 0 ? [] : [from.map((source) => [source, 0, 0, {}])],
});

/** @param {object[]} layers @param {string} input @param {string} output */
const model = (layers, input, output) => ({
  class_name: "Functional",
  config: { name: "model", layers, input_layers: [[input, 0, 0]], output_layers: [[output, 0, 0]] },
});

const small = [
  layer("InputLayer", "x", { batch_input_shape: [null, 2] }),
  layer("Dense", "h", { units: 2, activation: "tanh", use_bias: true }, "x"),
  layer("BatchNormalization", "n", { axis: -1, epsilon: 0.001, scale: false, center: false }, "h"),
  layer("LayerNormalization", "l", { axis: [1], epsilon: 0.001, scale: false, center: false }, "n"),
  layer("Concatenate", "c", { axis: -1 }, "l", "x"),
  layer("Flatten", "f", {}, "c"),
  layer("Add", "a", {}, "f", "c"),
  layer("Dense", "y", { units: 1, activation: "sigmoid", use_bias: false }, "a"),
];

/** @param {string} name @param {number[]} shape */
const weight = (name, ...shape) => ({ name, shape, dtype: "float32" });
const weightSpecs = [
  weight("h/kernel", 2, 2),
  weight("h/bias", 2),
  weight("n/moving_mean", 2),
  weight("n/moving_variance", 2),
  weight("y/kernel", 4, 1),
];
const weightData = Float32Array.from({ length: 14 }, (_, i) => i / 8).buffer;

const tfjs = { modelTopology: model(small, "x", "y"), weightSpecs };
const sequential = {
  modelTopology: {
    class_name: "Sequential",
    config: {
      layers: [
        {
          class_name: "Dense",
          config: { name: "h", units: 2, activation: "elu", batch_input_shape: [null, 2] },
        },
        { class_name: "Dropout", config: { name: "d" } },
        { class_name: "Reshape", config: { name: "r", target_shape: [-1] } },
      ],
    },
  },
  weightSpecs: weightSpecs.slice(0, 2),
};

/** @param {any} json */
const readTfjs = (json) =>
  fromTfjs(
    typeof json === "object" && json !== null
      ? { weightData: weightData.slice(0, size(json)), ...json }
      : json,
  );

/** Returns as many bytes as the specifications of a valid file take. @param {any} json */
function size(json) {
  return json.weightSpecs?.length === 2 ? 24 : 56;
}

/** Valid files, and their readers. @type {readonly (readonly [object, (json: any) => any])[]} */
export const foreign = [
  [brain, (json) => fromBrain(json).graph],
  [brain1, (json) => fromBrain(json).graph],
  [synaptic, fromSynaptic],
  [neataptic, fromNeataptic],
  [tfjs, readTfjs],
  [sequential, readTfjs],
];

/** @param {object[]} layers @param {string} output */
const functional = (layers, output) => () =>
  fromTfjs({
    modelTopology: model(
      [layer("InputLayer", "x", { batch_input_shape: [null, 1] }), ...layers],
      "x",
      output,
    ),
    weightSpecs: [],
    weightData: new ArrayBuffer(0),
  });

/**
 * Makes layers `1` to `count`, each fed by the one before, the first by `x`.
 * @param {number} count @param {(name: string, before: string) => object} make
 */
const chain = (count, make) =>
  Array.from({ length: count }, (_, i) => make(`${i + 1}`, i === 0 ? "x" : `${i}`));

/** Makes a model in a model in a model, each of which calls the next ten times. @param {number} depth @returns {any} */
function nested(depth) {
  const input = layer("InputLayer", "x", { batch_input_shape: [null, 1] });
  if (depth === 0) return model([input, layer("Flatten", "y", {}, "x")], "x", "y");
  const inner = nested(depth - 1);
  const calls = Array.from({ length: 10 }, (_, i) => [[i === 0 ? "x" : "inner", i, 0, {}]]);
  const called = {
    ...inner,
    name: "inner",
    config: { ...inner.config, name: "inner" },
    inbound_nodes: calls,
  };
  const made = model([input, called], "x", "inner");
  made.config.output_layers = [["inner", 10, 0]];
  return made;
}

/** Makes inputs of 2^20 units each, and layers after the first. @param {number} count @param {object[]} layers */
function wide(count, layers) {
  const names = Array.from({ length: count }, (_, i) => (i === 0 ? "x" : `x${i}`));
  const inputs = names.map((name) => layer("InputLayer", name, { batch_input_shape: [null, 2 ** 19, 2] }));
  const made = model([...inputs, ...layers], "x", layers.length === 0 ? "x" : `${layers.length}`);
  made.config.input_layers = names.map((name) => [name, 0, 0]);
  const weights = layers.flatMap((_, i) =>
    ["moving_mean", "moving_variance"].map((name) => weight(`${i + 1}/${name}`, 2)),
  );
  const bytes = new Float32Array(weights.length * 2).buffer;
  return () => fromTfjs({ modelTopology: made, weightSpecs: weights, weightData: bytes });
}

/** @param {number} count */
const neurons = (count) => Array.from({ length: count }, () => ({ layer: 0, bias: 0, squash: "TANH" }));

/** @type {readonly Attack[]} */
export const hostile = [
  [
    "tensors that double 60 times",
    functional(
      chain(60, (name, before) => layer("Concatenate", name, {}, before, before)),
      "60",
    ),
    "unsupported",
  ],
  [
    "sums that double 100 times",
    functional(
      chain(100, (name, before) => layer("Add", name, {}, before, before)),
      "100",
    ),
    "valid",
  ],
  [
    "a chain of 5000 layers",
    functional(
      chain(5000, (name, before) => layer("ELU", name, {}, before)),
      "5000",
    ),
    "valid",
  ],
  ["100 wide inputs", wide(100, []), "unsupported"],
  [
    "1000 tensors of a million units, of two numbers each",
    wide(
      1,
      chain(1000, (name, before) =>
        layer("BatchNormalization", name, { scale: false, center: false }, before),
      ),
    ),
    "bad-file",
  ],
  [
    "1000 layers of a million units",
    wide(
      1,
      chain(1000, (name, before) => layer("ELU", name, {}, before)),
    ),
    "unsupported",
  ],
  ["a loop", functional([layer("ELU", "a", {}, "b"), layer("ELU", "b", {}, "a")], "b"), "bad-file"],
  [
    "an input that is 2^20 wide, and what follows it",
    () =>
      fromTfjs({
        modelTopology: model(
          [
            layer("InputLayer", "x", { batch_input_shape: [null, 2 ** 20] }),
            layer("BatchNormalization", "n", { scale: false, center: false }, "x"),
          ],
          "x",
          "n",
        ),
        weightSpecs: [weight("n/moving_mean", 2 ** 20), weight("n/moving_variance", 2 ** 20)],
        weightData: new Float32Array(2 ** 21).buffer,
      }),
    "valid",
  ],
  [
    "models in a model that call each other 10^9 times",
    () => fromTfjs({ modelTopology: nested(9), weightSpecs: [], weightData: new ArrayBuffer(0) }),
    "unsupported",
  ],
  [
    "models 1000 deep",
    () => {
      let inner = model(small, "x", "y");
      for (let i = 0; i < 1000; i++) inner = model([/** @type {any} */ (inner)], "x", "y");
      return fromTfjs({ modelTopology: inner, weightSpecs: [], weightData: new ArrayBuffer(0) });
    },
    "unsupported",
  ],
  [
    "a model of itself",
    () => fromTfjs({ modelTopology: itself(), weightSpecs: [], weightData: new ArrayBuffer(0) }),
    "unsupported",
  ],
  [
    "20,000 neurons with two wires, whose matrix would be 10^8",
    () =>
      fromSynaptic({
        neurons: [
          { layer: "input", bias: 0 },
          ...neurons(10_000),
          ...neurons(10_000).map((one) => ({ ...one, layer: 1 })),
          { layer: "output", bias: 0, squash: "TANH" },
        ],
        connections: [
          ...Array.from({ length: 10_000 }, (_, i) => ({ from: 0, to: i + 1, weight: 1 })),
          ...Array.from({ length: 10_000 }, (_, i) => ({ from: 1, to: i + 10_001, weight: 1 })),
          { from: 10_001, to: 20_001, weight: 1 },
        ],
      }),
    "valid",
  ],
  ["sizes of 2^32 units", () => fromBrain({ ...brain, sizes: [2 ** 32 - 1, 2, 1] }).graph, "bad-file"],
  [
    "a lookup __proto__",
    () => fromBrain({ ...brain, inputLookup: JSON.parse('{"__proto__":0,"b":1}') }).graph,
    "valid",
  ],
  ["a lookup of 2^31", () => fromBrain({ ...brain, inputLookup: { a: 2 ** 31, b: 1 } }).graph, "bad-file"],
  ["layers __proto__", functional([layer("ELU", "__proto__", {}, "x")], "__proto__"), "valid"],
];

function itself() {
  const whole = model([layer("InputLayer", "x", { batch_input_shape: [null, 1] })], "x", "model");
  const inner = /** @type {any} */ (whole);
  inner.inbound_nodes = [[["x", 0, 0, {}]]];
  whole.config.layers.push(inner);
  return whole;
}
