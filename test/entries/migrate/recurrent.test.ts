// The recurrent layers of TensorFlow.js: its own models and ours give the same to 1e-6; it computes in float32.

import { fromTfjs, type TfjsArtifacts } from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import type { Peer } from "../../peers/load.js";
import { type AnyGraph, expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { artifacts, layers, type Model, stir, type Tensor, tf, tfl } from "./models.js";
import { type Spoilt, spoilt } from "./spoil.js";

/** Its default of orthogonal weights needs more of the library than is loaded. */
const start = { recurrentInitializer: "glorotUniform" };
const whole = { ...start, returnSequences: true };
const kinds = ["simpleRNN", "lstm", "gru"];

/** Compares a model's values with a graph's. Inputs of any number of steps get `steps`. */
function expectSameValues(model: Model, graph: AnyGraph, random: Random, steps = 5, error = 1e-6): void {
  const rows = 3;
  const xs: Record<string, number[]> = {};
  let length = steps;
  const tensors = model.inputs.map((input: Peer) => {
    const [first, ...rest] = input.shape.slice(1) as (number | null)[];
    const { time: isTimed, classes } = graph.layer(input.sourceLayer.name);
    if (isTimed && first !== null) length = first!;
    const shape = [rows, first ?? steps, ...(rest as number[])];
    const count = shape.reduce((a, b) => a * b);
    const values = Array.from({ length: count }, () =>
      classes === undefined ? Math.fround(random.signed()) : random.whole(0, classes - 1),
    );
    xs[input.sourceLayer.name] = values;
    return tf.tensor(values, shape);
  });
  const ys = graph.predict(xs, { steps: length });
  [model.predict(tensors)].flat().forEach((tensor, i) => {
    const { name } = model.outputs[i]!.sourceLayer;
    expectClose(ys[name]!, tensor.dataSync() as Float32Array, error, name);
  });
}

async function expectMigrates(model: Model, error = 1e-6): Promise<AnyGraph> {
  const random = new Random(seed);
  stir(model, random);
  const graph: AnyGraph = fromTfjs(await artifacts(model));
  expectSameValues(model, graph, random, 5, error);
  return graph;
}

const sequential = (...list: Peer[]): Model => tfl.sequential({ layers: list });
const names = (graph: AnyGraph) => graph.layers.map(({ name }) => name);

describe(`recurrent layers predict as in TensorFlow.js, PLEXUS_SEED=${seed}`, () => {
  it.each(kinds)("%s: all steps or the last, forwards or backwards, with or without a bias", async (kind) => {
    for (const returnSequences of [true, false]) {
      for (const goBackwards of returnSequences ? [false] : [false, true]) {
        for (const useBias of [true, false]) {
          const options = { ...start, units: 3, returnSequences, goBackwards, useBias };
          const layer = layers[kind]({ ...options, inputShape: [null, 2] });
          (await expectMigrates(sequential(layer))).dispose();
        }
      }
    }
  });

  const activations = ["linear", "sigmoid", "hardSigmoid", "relu", "elu", "selu", "softsign", "softmax"];
  it.each(activations)("the activation %s, of cells and of gates", async (activation) => {
    for (const kind of kinds) {
      for (const recurrentActivation of ["sigmoid", "hardSigmoid", activation]) {
        const options = { ...whole, units: 3, activation, recurrentActivation, inputShape: [4, 2] };
        // Some amplify each rounding from step to step.
        (await expectMigrates(sequential(layers[kind](options)), 1e-5)).dispose();
      }
    }
  });

  it.each(["concat", "sum", "ave"])("Bidirectional, %s", async (mergeMode) => {
    for (const kind of kinds) {
      for (const returnSequences of [true, false]) {
        for (const goBackwards of returnSequences ? [false] : [false, true]) {
          const layer = layers[kind]({ ...start, units: 2, returnSequences, goBackwards });
          const both = layers.bidirectional({ layer, mergeMode, inputShape: [5, 3] });
          (await expectMigrates(sequential(both, layers.dense({ units: 2 })))).dispose();
        }
      }
    }
  });

  it("sequences in reverse, read in reverse again, or to their end", async () => {
    const { gru, lstm, dense, timeDistributed, bidirectional } = layers;
    const back = () => gru({ ...whole, units: 3, goBackwards: true, inputShape: [4, 2] });
    await expectMigrates(
      sequential(
        back(),
        timeDistributed({ layer: dense({ units: 2 }) }),
        lstm({ ...whole, units: 2, goBackwards: true }),
      ),
    );
    await expectMigrates(sequential(back(), lstm({ ...start, units: 2 }), dense({ units: 2 })));
    const both = bidirectional({ layer: lstm({ ...start, units: 2 }), mergeMode: "concat" });
    await expectMigrates(sequential(back(), both));
  });

  it("layers at each step: dense ones, activations, norms, sums of them", async () => {
    const { dense, timeDistributed, dropout, gru, lstm } = layers;
    const graph = await expectMigrates(
      sequential(
        timeDistributed({ layer: dense({ units: 3 }), inputShape: [4, 3], name: "first" }),
        layers.batchNormalization(),
        gru({ ...whole, units: 4, name: "second" }),
        layers.layerNormalization({ epsilon: 0.1 }),
        dropout({ rate: 0.2 }),
        timeDistributed({ layer: layers.activation({ activation: "tanh" }) }),
        dense({ units: 4, activation: "relu", name: "third" }),
        layers.batchNormalization({ axis: 2 }),
        lstm({ ...start, units: 2, name: "fourth" }),
        dense({ units: 3, activation: "softmax", name: "y" }),
      ),
    );
    expect(graph.layer("y").loss).toBe("crossEntropy");
  });

  it("convolutions and pools of images at each step", async () => {
    const { conv2d, maxPooling2d, zeroPadding2d, flatten, lstm, globalAveragePooling2d, dense, gru } = layers;
    const each = (layer: Peer, more: object = {}) => layers.timeDistributed({ layer, ...more });
    const conv = conv2d({ filters: 3, kernelSize: [2, 3], activation: "relu" });
    const graph = await expectMigrates(
      sequential(
        each(conv, { inputShape: [4, 5, 6, 2], name: "c" }),
        each(layers.batchNormalization()),
        each(zeroPadding2d({})),
        each(maxPooling2d({ poolSize: 2 })),
        each(flatten()),
        lstm({ ...start, units: 2, name: "y" }),
      ),
    );
    expect(graph.inputs[0]!.shape).toEqual([5, 6, 2]);
    await expectMigrates(
      sequential(
        each(conv2d({ filters: 2, kernelSize: 3 }), { inputShape: [null, 4, 5, 1] }),
        each(globalAveragePooling2d({})),
        gru({ ...whole, units: 2 }),
        dense({ units: 1 }),
      ),
    );
  });

  it("class numbers at each step, in sequences of any length", async () => {
    const { embedding, lstm, dense, conv1d } = layers;
    const words = sequential(
      embedding({ inputDim: 7, outputDim: 3 }),
      lstm({ ...start, units: 2 }),
      dense({ units: 2 }),
    );
    const graph = await expectMigrates(words);
    expect(graph.inputs[0]!.shape).toEqual([1]);
    const x = tfl.input({ shape: [5], name: "x" });
    const kind = tfl.input({ shape: [1], name: "kind" });
    const last = layers.gru({ ...start, units: 2 }).apply(embedding({ inputDim: 6, outputDim: 2 }).apply(x));
    const fixed = layers.flatten().apply(embedding({ inputDim: 3, outputDim: 2 }).apply(kind));
    const y = dense({ units: 2 }).apply(layers.concatenate().apply([last, fixed] as Tensor[])) as Tensor;
    const both = await expectMigrates(tfl.model({ inputs: [x, kind], outputs: y }));
    expect(both.inputs.map(({ time, classes }) => [time, classes])).toEqual([
      [true, 6],
      [false, 3],
    ]);
    const file = await artifacts(
      sequential(
        embedding({ inputDim: 7, outputDim: 3, inputLength: 6 }),
        conv1d({ filters: 2, kernelSize: 2, name: "c" }),
        lstm({ ...start, units: 2 }),
      ),
    );
    expectRefusal(() => fromTfjs(file), "unsupported", '"c" joins the steps');
  });

  it("cells that are given apart, and several in a row", async () => {
    const cell = { units: 2, ...start };
    await expectMigrates(
      sequential(
        layers.rnn({ cell: layers.lstmCell(cell), returnSequences: true, inputShape: [4, 3] }),
        layers.rnn({
          cell: layers.stackedRNNCells({ cells: [layers.gruCell(cell), layers.simpleRNNCell(cell)] }),
        }),
      ),
    );
  });

  it("models of any shape: a shared layer, outputs of all steps and of one, an input without steps", async () => {
    const x = tfl.input({ shape: [4, 3], name: "x" });
    const c = tfl.input({ shape: [2], name: "c" });
    const shared = layers.lstm({ ...whole, units: 3, name: "shared" });
    const a = shared.apply(x) as Tensor;
    const b = shared.apply(a) as Tensor;
    const sum = layers.add().apply([a, b]) as Tensor;
    const last = layers.gru({ ...start, units: 2, name: "last" }).apply(sum) as Tensor;
    const joined = layers.concatenate().apply([last, c]) as Tensor;
    const y = layers.dense({ units: 2, name: "y" }).apply(joined) as Tensor;
    const steps = layers.concatenate({ axis: 2 }).apply([sum, x]) as Tensor;
    const z = layers.dense({ units: 1, name: "z" }).apply(steps) as Tensor;
    const graph = await expectMigrates(tfl.model({ inputs: [x, c], outputs: [y, z, last] }));
    expect(graph.layer("c").time).toBe(false);
    expect(graph.layers.filter(({ time }) => time).map(({ name }) => name)).not.toContain("y");
    expect(graph.synapses.filter(({ share }) => share !== undefined).length).toBe(8);
  });

  it("a model inside another", async () => {
    const inner = sequential(
      layers.lstm({ ...whole, units: 3, inputShape: [4, 3] }),
      layers.dense({ units: 3 }),
    );
    const random = new Random(seed);
    const model = sequential(inner, layers.gru({ ...start, units: 2 }), layers.dense({ units: 1 }));
    stir(inner, random);
    expectSameValues(model, fromTfjs(await artifacts(model)), random);
  });

  it("any number of steps, and one step a call", async () => {
    const model = sequential(layers.gru({ ...whole, units: 3, inputShape: [null, 2], name: "g" }));
    const graph = await expectMigrates(model);
    for (const steps of [1, 2, 9]) expectSameValues(model, graph, new Random(seed), steps);
    const xs = new Random(seed).numbers(8).map(Math.fround);
    const wanted = model.predict(tf.tensor(xs, [1, 4, 2])).dataSync() as Float32Array;
    const state = graph.state();
    for (let t = 0; t < 4; t++) {
      const { g } = graph.predict({ g_input: xs.slice(2 * t, 2 * t + 2) }, { state });
      expectClose(g!, wanted.slice(3 * t, 3 * t + 3), 1e-6, `step ${t}`);
    }
  });
});

describe("cells are layers", () => {
  it("of an LSTM and a GRU, as addLstm and addGru make them", async () => {
    const options = { ...start, units: 3, recurrentActivation: "sigmoid", inputShape: [4, 2], name: "cell" };
    const dense = () => layers.dense({ units: 1, name: "y" });
    const lstm = await expectMigrates(sequential(layers.lstm(options), dense()));
    const gru = await expectMigrates(sequential(layers.gru(options), dense()));
    const of = (graph: AnyGraph) => ({
      layers: graph.layers
        .filter(({ name }) => name.startsWith("cell"))
        .map(({ name, size, activation, join, hasBias, frozen }) => [
          name,
          size,
          activation,
          join,
          hasBias,
          frozen,
        ])
        .sort(),
      synapses: graph.synapses
        .filter(({ to }) => to.name.startsWith("cell"))
        .map(({ from, to, kind, delay }) => [from.name, to.name, kind, delay])
        .sort(),
    });
    const made: AnyGraph = fromTfjs(await artifacts(sequential(layers.lstm(options), dense())));
    for (const synapse of [...made.synapses]) made.remove(synapse);
    for (const layer of made.layers)
      if (layer.name !== "cell_input" && layer.name !== "y") made.remove(layer);
    made.addLstm("cell", 3, "cell_input");
    expect(of(lstm)).toEqual(of(made));
    for (const layer of made.layers)
      if (layer.name !== "cell_input" && layer.name !== "y") made.remove(layer);
    made.addGru("cell", 3, "cell_input", { reset: "before" });
    expect(of(gru)).toEqual(of(made));
  });

  it("names of a bidirectional one, and of one that is an output", async () => {
    const layer = layers.simpleRNN({ ...whole, units: 2 });
    const model = sequential(
      layers.bidirectional({ layer, mergeMode: "concat", inputShape: [4, 3], name: "both" }),
      layers.simpleRNN({ ...start, units: 2, name: "y" }),
    );
    expect(names(await expectMigrates(model))).toEqual([
      "both_input",
      "both.forward",
      "both.backward",
      "y_1",
      "y",
    ]);
  });
});

describe("files of Keras", () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

  it("a GRU whose reset comes after its matrix, which TensorFlow.js can't run", async () => {
    const options = { ...whole, units: 2, recurrentActivation: "sigmoid", inputShape: [3, 2], name: "g" };
    const random = new Random(seed);
    const kernel = random.numbers(12).map(Math.fround);
    const own = random.numbers(12).map(Math.fround);
    for (const useBias of [true, false]) {
      const file = await artifacts(sequential(layers.gru({ ...options, useBias })));
      const bias = random.numbers(12).map((value) => (useBias ? Math.fround(value) : 0));
      const after = spoilt(file, "modelTopology.config.layers.0.config.reset_after", true) as TfjsArtifacts;
      const specs = [
        { name: "g/gru_cell/kernel", shape: [2, 6], dtype: "float32" },
        { name: "g/gru_cell/recurrent_kernel", shape: [2, 6], dtype: "float32" },
        ...(useBias ? [{ name: "g/gru_cell/bias", shape: [2, 6], dtype: "float32" }] : []),
      ];
      const weightData = Float32Array.from([...kernel, ...own, ...(useBias ? bias : [])]).buffer;
      const graph: AnyGraph = fromTfjs({ ...after, weightSpecs: specs, weightData });
      const xs = random.numbers(6);
      let h = [0, 0];
      const wanted: number[] = [];
      for (let t = 0; t < 3; t++) {
        const row = (values: number[], w: number[], from: number) =>
          Array.from({ length: 6 }, (_, j) => {
            return bias[from + j]! + values.reduce((sum, value, i) => sum + value * w[6 * i + j]!, 0);
          });
        const [x, r] = [row(xs.slice(2 * t, 2 * t + 2), kernel, 0), row(h, own, 6)];
        h = h.map((before, i) => {
          const update = sigmoid(x[i]! + r[i]!);
          const candidate = Math.tanh(x[4 + i]! + sigmoid(x[2 + i]! + r[2 + i]!) * r[4 + i]!);
          return update * before + (1 - update) * candidate;
        });
        wanted.push(...h);
      }
      expectClose(graph.predict({ g_input: xs }, { steps: 3 }).g!, wanted, 1e-12, "reset after");
      expect(names(graph)).toContain("g_1.recall");
    }
  });

  it("have a cell's name before a weight's, in both directions", async () => {
    const layer = layers.lstm({ ...whole, units: 2, name: "lstm" });
    const model = sequential(
      layers.bidirectional({ layer, mergeMode: "concat", inputShape: [4, 3], name: "both" }),
      layers.gru({ ...whole, units: 2, name: "gru" }),
    );
    const random = new Random(seed);
    stir(model, random);
    const file = await artifacts(model);
    const weightSpecs = file.weightSpecs.map((spec) => {
      const words = (spec as { name: string }).name.split("/");
      return { ...spec, name: [...words.slice(0, -1), "some_cell_1", words.at(-1)].join("/") };
    });
    expectSameValues(model, fromTfjs({ ...file, weightSpecs }), random);
  });
});

it("reads a bidirectional layer whose second one is given apart", async () => {
  const layer = layers.gru({ ...whole, units: 2, name: "g" });
  const model = sequential(
    layers.bidirectional({ layer, mergeMode: "sum", inputShape: [4, 3], name: "both" }),
  );
  const random = new Random(seed);
  stir(model, random);
  const file = await artifacts(model);
  const place = "modelTopology.config.layers.0.config";
  const { layer: first } = (file.modelTopology as Peer).config.layers[0].config;
  const second = { ...first, config: { ...first.config, go_backwards: true } };
  const apart = spoilt(file, `${place}.backward_layer`, second) as TfjsArtifacts;
  expectSameValues(model, fromTfjs(apart), random);
});

describe("what has no counterpart is refused", () => {
  const lstm = () => layers.lstm({ ...whole, units: 2, inputShape: [4, 3], name: "l" });

  it("steps in reverse at an output, and their sum with others", async () => {
    const back = layers.lstm({ ...whole, units: 2, goBackwards: true, inputShape: [4, 3], name: "l" });
    const file = await artifacts(sequential(back));
    expectRefusal(() => fromTfjs(file), "unsupported", "reverse order", "l");
    const x = tfl.input({ shape: [4, 2], name: "x" });
    const both = layers.add().apply([x, layers.lstm({ ...whole, units: 2, goBackwards: true }).apply(x)]);
    const other = await artifacts(tfl.model({ inputs: x, outputs: both }));
    expectRefusal(() => fromTfjs(other), "unsupported", "opposite orders");
  });

  const cases: readonly (readonly [string, () => Peer[], string])[] = [
    ["a mask", () => [layers.masking({ inputShape: [4, 3] }), lstm()], "Masking"],
    ["steps in a row", () => [lstm(), layers.flatten()], "steps"],
    ["steps of another shape", () => [lstm(), layers.reshape({ targetShape: [8] })], "steps"],
    [
      "the product of both directions",
      () => [layers.bidirectional({ layer: lstm(), mergeMode: "mul", inputShape: [4, 3] })],
      "mul",
    ],
  ];
  it.each(cases)("%s", async (_, list, mention) => {
    const file = await artifacts(sequential(...list()));
    expectRefusal(() => fromTfjs(file), "unsupported", mention);
  });

  it("an initial state, and a join of steps", async () => {
    const x = tfl.input({ shape: [4, 3], name: "x" });
    const y = layers.simpleRNN({ ...start, units: 2 }).apply(x);
    const file = await artifacts(tfl.model({ inputs: x, outputs: y }));
    const one = ["x", 0, 0, {}];
    const given = spoilt(file, "modelTopology.config.layers.1.inbound_nodes", [[one, one]]) as TfjsArtifacts;
    expectRefusal(() => fromTfjs(given), "unsupported", "initial state");
    const wide = layers.lstm({ ...whole, units: 3 }).apply(x);
    const joined = layers.concatenate({ axis: 1 }).apply([x, wide]);
    const other = await artifacts(
      tfl.model({ inputs: x, outputs: layers.dense({ units: 1 }).apply(joined) }),
    );
    expectRefusal(() => fromTfjs(other), "unsupported", "axis 1");
  });

  it("a step where a sequence is wanted, and a sum of both", async () => {
    const x = tfl.input({ shape: [4, 2], name: "x" });
    const last = layers.lstm({ ...start, units: 2, name: "last" }).apply(x);
    const y = layers.timeDistributed({ layer: layers.dense({ units: 2 }), name: "y" }).apply(x);
    const file = await artifacts(tfl.model({ inputs: x, outputs: [y, last] }));
    const node = "modelTopology.config.layers.1.inbound_nodes";
    const { layers: list } = (file.modelTopology as Peer).config;
    expect(list.map(({ class_name }: Peer) => class_name)).toEqual(["InputLayer", "TimeDistributed", "LSTM"]);
    const wrong = spoilt(file, node, [[["last", 0, 0, {}]]]) as TfjsArtifacts;
    expectRefusal(() => fromTfjs(wrong), "bad-file", "given no sequence");
    const added = spoilt(file, "modelTopology.config.layers.1.class_name", "Add");
    const both = spoilt(added, node, [["x", "last"].map((name) => [name, 0, 0, {}])]) as TfjsArtifacts;
    expectRefusal(() => fromTfjs(both), "bad-file", "one without");
  });

  const wrongs: readonly Spoilt[] = [
    ["units of a text", "units", "2", "bad-file", "units"],
    ["other units", "units", 3, "bad-file", "l/kernel"],
    ["another activation", "activation", "cubed", "unsupported", "cubed"],
    ["an activation that is no name", "recurrent_activation", { class_name: "Mine" }, "unsupported", "no"],
    ["relu6, which isn't made of one layer", "activation", "relu6", "unsupported", "relu6"],
    ["a state beside the output", "return_state", true, "unsupported", "state"],
    ["steps before the samples", "time_major", true, "unsupported", "before the samples"],
  ];
  it.each(wrongs)("%s", async (_, path, value, code, mention) => {
    const given = await artifacts(sequential(lstm()));
    const place = `modelTopology.config.layers.0.config.${path}`;
    expectRefusal(() => fromTfjs(spoilt(given, place, value) as TfjsArtifacts), wrong(code), mention);
  });
});
