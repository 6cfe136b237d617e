// ml5: a model of TensorFlow.js with what its numbers mean, by ml5's formulas.

import { fromMl5, fromTfjs, type TfjsModel } from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import { expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";

const random = new Random(seed);

/** Makes a model as ml5 does, with 5 hidden units. */
function model(inputs: number, outputs: number, activation: string) {
  const dense = (name: string, units: number, before: number, activation: string) => ({
    layer: {
      class_name: "Dense",
      config: { units, activation, name, batch_input_shape: [null, before], use_bias: true },
    },
    weights: [
      { name: `${name}/kernel`, shape: [before, units], dtype: "float32" },
      { name: `${name}/bias`, shape: [units], dtype: "float32" },
    ],
  });
  const layers = [dense("dense_Dense1", 5, inputs, "relu"), dense("dense_Dense2", outputs, 5, activation)];
  const json: TfjsModel = {
    modelTopology: {
      class_name: "Sequential",
      config: { name: "sequential_1", layers: layers.map(({ layer }) => layer) },
      keras_version: "tfjs-layers 1.7.4",
    },
    weightsManifest: [{ paths: ["./model.weights.bin"], weights: layers.flatMap(({ weights }) => weights) }],
  };
  const weights = Float32Array.from({ length: 5 * (inputs + 1) + outputs * 6 }, () => random.signed());
  return [json, weights.buffer] as const;
}

const numberOf = (min: number, max: number) => ({ dtype: "number", min, max });

describe(`fromMl5, PLEXUS_SEED=${seed}`, () => {
  it("regression: numbers as the user has them, in and out", () => {
    const [json, weights] = model(3, 2, "sigmoid");
    const meta = {
      inputUnits: [3],
      outputUnits: 2,
      inputs: { sale: numberOf(10, 9807), weight: numberOf(66, 753), same: numberOf(4, 4) },
      outputs: { price: numberOf(614, 3837), fixed: numberOf(7, 7) },
      isNormalized: true,
    };
    const { graph, inputs, outputs } = fromMl5(json, meta, weights);
    expect([inputs, outputs]).toEqual([
      ["sale", "weight", "same"],
      ["price", "fixed"],
    ]);
    const plain = fromTfjs(json, weights);
    for (const [sale, weight, same] of [
      [10, 753, 4],
      [500, 100, 9],
    ] as const) {
      const xs = [(sale - 10) / 9797, (weight - 66) / 687, 0];
      const [y] = plain.predict({ dense_Dense1_input: xs }).dense_Dense2!;
      const found = graph.predict({ dense_Dense1_input: [sale, weight, same] }).dense_Dense2!;
      expectClose(found, [y! * 3223 + 614, 7], 1e-9, "outputs");
    }
    const raw = fromMl5(json, { ...meta, isNormalized: false }, weights);
    const xs = { dense_Dense1_input: [0.1, 0.2, 0.3] };
    expect(raw.graph.predict(xs)).toEqual(plain.predict(xs));
  });

  it("classification: the classes by their units, and texts among the inputs", () => {
    const [json, weights] = model(3, 3, "softmax");
    const meta = {
      inputs: {
        size: numberOf(0, 2),
        colour: { dtype: "string", min: 0, max: 1, legend: { red: [0, 1], blue: [1, 0] } },
      },
      // Keys that are whole numbers come in their own order, whatever the units are.
      outputs: { label: { dtype: "string", legend: { 2: [1, 0, 0], 1: [0, 0, 1], none: [0, 1, 0] } } },
      isNormalized: true,
    };
    const { graph, inputs, outputs } = fromMl5(json, meta, weights);
    expect(inputs).toEqual(["size", "colour=blue", "colour=red"]);
    expect(outputs).toEqual(["2", "none", "1"]);
    const xs = (size: number) => ({ dense_Dense1_input: [size, 1, 0] });
    const wanted = fromTfjs(json, weights).predict(xs(0.75));
    expectClose(graph.predict(xs(1.5)).dense_Dense2!, wanted.dense_Dense2!, 1e-12, "classes");
    expect(graph.outputs[0]!.loss).toBe("crossEntropy");
  });

  it("an array has one range for all its units", () => {
    const [json, weights] = model(4, 1, "linear");
    const meta = {
      inputs: { image: { dtype: "array", min: 0, max: 255 } },
      outputs: { y: numberOf(0, 1) },
      isNormalized: true,
    };
    const { graph, inputs } = fromMl5(json, meta, weights);
    expect(inputs[3]).toBe("image[3]");
    const wanted = fromTfjs(json, weights).predict({ dense_Dense1_input: [0, 0.2, 1, 0.4] });
    const found = graph.predict({ dense_Dense1_input: [0, 51, 255, 102] });
    expectClose(found.dense_Dense2!, wanted.dense_Dense2!, 1e-12, "image");
  });

  it("images of pixels, as its image classification has them", () => {
    const conv = { filters: 2, kernel_size: [2, 2], strides: [1, 1], padding: "valid", activation: "relu" };
    const pool = { pool_size: [2, 2], strides: [2, 2], padding: "valid", name: "p" };
    const layers = [
      { class_name: "Conv2D", config: { ...conv, name: "c", batch_input_shape: [null, 3, 5, 4] } },
      { class_name: "MaxPooling2D", config: pool },
      { class_name: "Flatten", config: { name: "f" } },
      { class_name: "Dense", config: { units: 3, activation: "softmax", name: "y" } },
    ];
    const weights = [
      { name: "c/kernel", shape: [2, 2, 4, 2], dtype: "float32" },
      { name: "c/bias", shape: [2], dtype: "float32" },
      { name: "y/kernel", shape: [4, 3], dtype: "float32" },
      { name: "y/bias", shape: [3], dtype: "float32" },
    ];
    const json: TfjsModel = {
      modelTopology: { class_name: "Sequential", config: { name: "s", layers } },
      weightsManifest: [{ paths: ["./model.weights.bin"], weights }],
    };
    const bytes = Float32Array.from({ length: 32 + 2 + 12 + 3 }, () => random.signed()).buffer;
    const meta = {
      inputUnits: [3, 5, 4],
      inputs: { image: { dtype: "array", min: 0, max: 255 } },
      outputs: { label: { dtype: "string", legend: { a: [1, 0, 0], b: [0, 1, 0], c: [0, 0, 1] } } },
      isNormalized: true,
    };
    const { graph, inputs, outputs } = fromMl5(json, meta, bytes);
    expect([inputs.length, outputs]).toEqual([60, ["a", "b", "c"]]);
    expect(graph.inputs[0]!.shape).toEqual([3, 5, 4]);
    const pixels = Array.from({ length: 60 }, () => random.whole(0, 255));
    const wanted = fromTfjs(json, bytes).predict({ c_input: pixels.map((pixel) => pixel / 255) });
    expectClose(graph.predict({ c_input: pixels }).y!, wanted.y!, 1e-12, "classes");
  });

  it("files of versions to 0.4 have the ranges apart", () => {
    const [json, weights] = model(2, 2, "sigmoid");
    const inputs = { a: { dtype: "number" }, b: { dtype: "number" } };
    const regression = {
      data: { inputMin: [-2, 10], inputMax: [2, 30], outputMin: [0, 5], outputMax: [8, 6] },
      meta: {
        inputUnits: 2,
        outputUnits: 2,
        inputs,
        outputs: { y: inputs.a, z: inputs.b },
        isNormalized: true,
      },
    };
    const newer = {
      inputs: { a: numberOf(-2, 2), b: numberOf(10, 30) },
      outputs: { y: numberOf(0, 8), z: numberOf(5, 6) },
      isNormalized: true,
    };
    const xs = { dense_Dense1_input: [1, 25] };
    const found = fromMl5(json, regression, weights);
    expect([found.inputs, found.outputs]).toEqual([
      ["a", "b"],
      ["y", "z"],
    ]);
    expect(found.graph.predict(xs)).toEqual(fromMl5(json, newer, weights).graph.predict(xs));

    const classes = { dtype: "string", uniqueValues: ["on", "off"], legend: { on: [1, 0], off: [0, 1] } };
    const classification = {
      data: { inputMin: [-2, 10], inputMax: [2, 30], outputMin: 0, outputMax: 1 },
      meta: { inputs, outputs: { label: classes }, isNormalized: true },
    };
    const sorted = fromMl5(json, classification, weights);
    expect(sorted.outputs).toEqual(["on", "off"]);
    const wanted = fromTfjs(json, weights).predict({ dense_Dense1_input: [0.75, 0.75] });
    expectClose(sorted.graph.predict(xs).dense_Dense2!, wanted.dense_Dense2!, 1e-12, "classes");

    const none = { inputMin: null, inputMax: null, outputMin: null, outputMax: null };
    const raw = fromMl5(
      json,
      { ...regression, data: none, meta: { ...regression.meta, isNormalized: false } },
      weights,
    );
    expect(raw.graph.predict(xs)).toEqual(fromTfjs(json, weights).predict(xs));
    const short = { ...regression, data: { ...regression.data, inputMin: [-2] } };
    expectRefusal(() => fromMl5(json, short, weights), "bad-file", "inputs.b.min");
  });

  const [json, weights] = model(2, 2, "softmax");
  const inputs = { a: numberOf(0, 1), b: numberOf(0, 1) };
  const outputs = { label: { dtype: "string", legend: { x: [1, 0], y: [0, 1] } } };
  it.each([
    ["null", null, "the meta file"],
    ["no inputs", { outputs }, "inputs"],
    ["too few inputs", { inputs: { a: numberOf(0, 1) }, outputs }, "inputs of the meta file has 1"],
    ["a minimum of null", { inputs: { ...inputs, b: numberOf(wrong(null), 1) }, outputs }, "inputs.b.min"],
    ["another type", { inputs: { ...inputs, b: { dtype: "date" } }, outputs }, "inputs.b.dtype"],
    [
      "a range beyond the numbers",
      { inputs: { ...inputs, b: numberOf(-1e308, 1e308) }, outputs },
      "inputs.b",
    ],
    ["no legend", { inputs, outputs: { label: { dtype: "string" } } }, "outputs.label.legend"],
    [
      "two classes of one unit",
      { inputs, outputs: { l: { dtype: "string", legend: { x: [1, 0], y: [1, 0] } } } },
      "legend",
    ],
    [
      "more classes",
      { inputs, outputs: { l: { dtype: "string", legend: { x: [1], y: [1], z: [1] } } } },
      "3 texts",
    ],
  ])("refuses %s", (_, meta, mention) => {
    expectRefusal(() => fromMl5(json, wrong(meta), weights), "bad-file", mention);
  });
});
