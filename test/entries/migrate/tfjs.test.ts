// TensorFlow.js: its own models, on its plain backend, and ours give the same to 1e-6; it computes in float32.

import { fromTfjs, type TfjsArtifacts, type TfjsBytes, type TfjsModel } from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import type { Peer } from "../../peers/load.js";
import { type AnyGraph, expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { artifacts, expectMigrates, expectSameValues, layers, stir, type Tensor, tf, tfl } from "./models.js";
import { type Spoilt, spoilt } from "./spoil.js";

const sizes = (graph: AnyGraph) => graph.layers.map(({ name, size, activation }) => [name, size, activation]);

describe(`models in a row predict as in TensorFlow.js, PLEXUS_SEED=${seed}`, () => {
  it("a dense layer, its activation and its dropout are one layer", async () => {
    const model = tfl.sequential({
      layers: [
        layers.dense({ units: 4, inputShape: [3], name: "first" }),
        layers.activation({ activation: "tanh", name: "squashed" }),
        layers.dropout({ rate: 0.5 }),
        layers.dense({ units: 3, activation: "relu", useBias: false, name: "second" }),
        layers.dense({ units: 2, activation: "softmax", name: "third" }),
      ],
    });
    const graph = await expectMigrates(model);
    expect(sizes(graph)).toEqual([
      ["first_input", 3, "linear"],
      ["squashed", 4, "tanh"],
      ["second", 3, "relu"],
      ["third", 2, "softmax"],
    ]);
    expect(graph.outputs[0]!.loss).toBe("crossEntropy");
    expect(graph.layers.map(({ dropout }) => dropout)).toEqual([0, 0.5, 0, 0]);
  });

  it("batch normalization is folded into what comes before or after it", async () => {
    const model = tfl.sequential({
      layers: [
        layers.inputLayer({ inputShape: [3], name: "x" }),
        layers.batchNormalization(),
        layers.dense({ units: 4 }),
        layers.batchNormalization({ scale: false, epsilon: 0.01 }),
        layers.reLU({ name: "h" }),
        layers.batchNormalization({ center: false }),
        layers.dense({ units: 2, name: "y" }),
      ],
    });
    const graph = await expectMigrates(model);
    expect(sizes(graph)).toEqual([
      ["x", 3, "linear"],
      ["h", 4, "relu"],
      ["y", 2, "linear"],
    ]);
  });

  it("layer normalization is a norm, of the layer that its activation ends", async () => {
    for (const useBias of [true, false]) {
      for (const epsilon of [1e-5, 1e-3, 0.1]) {
        const model = tfl.sequential({
          layers: [
            layers.dense({ units: 4, inputShape: [3], name: "summed", useBias }),
            layers.layerNormalization({ epsilon, name: "n" }),
            layers.activation({ activation: "swish", name: "h" }),
            layers.layerNormalization({ epsilon, scale: false }),
            layers.dense({ units: 2, name: "y" }),
          ],
        });
        const graph = await expectMigrates(model);
        expect(graph.layers.map(({ norm }) => norm).filter((norm) => norm === "layer").length).toBe(2);
        expect(graph.layer("h").norm).toBe("layer");
        expect(graph.layers.length).toBe(useBias ? 5 : 4);
      }
    }
  });

  const activations = [
    ...["linear", "sigmoid", "hardSigmoid", "tanh", "relu", "elu", "selu", "softplus", "softsign"],
    ...["softmax", "swish", "mish", "gelu", "relu6"],
  ] as const;
  it.each(activations)("the activation %s", async (activation) => {
    const model = tfl.sequential({
      layers: [
        layers.dense({ units: 4, inputShape: [3], activation: activation as "elu" }),
        layers.dense({ units: 3, activation: activation as "elu" }),
        layers.activation({ activation: activation as "elu" }),
      ],
    });
    await expectMigrates(model);
  });

  const advanced: readonly (readonly [string, () => Peer])[] = [
    ["ReLU", () => layers.reLU()],
    ["ReLU with a bound", () => layers.reLU({ maxValue: 0.7 })],
    ["LeakyReLU", () => layers.leakyReLU({ alpha: 0.2 })],
    ["LeakyReLU by default", () => layers.leakyReLU()],
    ["ELU", () => layers.elu()],
    ["Softmax", () => layers.softmax()],
    ["Dropout", () => layers.dropout({ rate: 0.2 })],
    ["GaussianNoise", () => layers.gaussianNoise({ stddev: 1 })],
    ["AlphaDropout", () => layers.alphaDropout({ rate: 0.2 })],
    ["BatchNormalization", () => layers.batchNormalization()],
    ["LayerNormalization", () => layers.layerNormalization({ epsilon: 0.01 })],
    ["Reshape", () => layers.reshape({ targetShape: [2, 2] }) as Peer],
  ];
  it.each(advanced)("%s, in the middle, at the end, and after itself", async (_, make) => {
    for (const order of ["dlfd", "dl", "dllf", "llfd", "dlflf"]) {
      const model = tfl.sequential();
      model.add(layers.inputLayer({ inputShape: [4] }));
      for (const step of order) {
        const flat = model.outputs[0]!.shape.length === 2;
        if (step === "d") model.add(layers.dense({ units: 4 }));
        if (step === "l") model.add(make());
        if (step === "f" && !flat) model.add(layers.flatten());
      }
      await expectMigrates(model);
    }
  });

  it("models inside a model", async () => {
    const inner = tfl.sequential({
      name: "inner",
      layers: [layers.dense({ units: 3, inputShape: [2], activation: "tanh" }), layers.dense({ units: 2 })],
    });
    const model = tfl.sequential({
      layers: [inner, layers.dense({ units: 2 }), layers.activation({ activation: "tanh" })],
    });
    const random = new Random(seed);
    stir(inner, random);
    expectSameValues(model, fromTfjs(await artifacts(model)), random);
  });
});

describe("models of any shape predict as in TensorFlow.js", () => {
  it("inputs, skips, sums, joins, outputs that feed others", async () => {
    const a = tfl.input({ shape: [3], name: "a" });
    const b = tfl.input({ shape: [2, 2], name: "b" });
    const flat = layers.flatten().apply(b) as Tensor;
    const h = layers.dense({ units: 4, activation: "tanh", name: "h" }).apply(a) as Tensor;
    const added = layers
      .add({ name: "added" })
      .apply([
        layers.dense({ units: 4 }).apply(h) as Tensor,
        layers.dense({ units: 4 }).apply(flat) as Tensor,
      ]) as Tensor;
    const squashed = layers.activation({ activation: "swish", name: "squashed" }).apply(added) as Tensor;
    const skip = layers.add({ name: "skip" }).apply([squashed, h, flat]) as Tensor;
    const joined = layers.concatenate({ name: "joined" }).apply([skip, a, flat]) as Tensor;
    const y = layers.dense({ units: 2, activation: "sigmoid", name: "y" }).apply(joined) as Tensor;
    const z = layers
      .dense({ units: 1, name: "z" })
      .apply(layers.concatenate().apply([y, squashed])) as Tensor;
    const model = tfl.model({ inputs: [a, b], outputs: [z, y] });
    const graph = await expectMigrates(model);
    expect(graph.synapses.filter(({ kind }) => kind === "identity").length).toBe(3);
    // The sum of two dense layers is one layer with two synapses.
    expect(sizes(graph).slice(2)).toEqual([
      ["h", 4, "tanh"],
      ["squashed", 4, "silu"],
      ["skip", 4, "linear"],
      ["y", 2, "sigmoid"],
      ["z", 1, "linear"],
    ]);
  });

  it("a shared layer, an average, an input as an output, an output twice", async () => {
    const a = tfl.input({ shape: [3], name: "a" });
    const b = tfl.input({ shape: [3], name: "b" });
    const shared = layers.dense({ units: 3, activation: "tanh", name: "shared" });
    const [one, two] = [shared.apply(a) as Tensor, shared.apply(shared.apply(b)) as Tensor];
    const mean = layers.average({ name: "mean" }).apply([one, two, a]) as Tensor;
    const whole = await expectMigrates(tfl.model({ inputs: [a, b], outputs: [mean, one] }));
    expect(whole.synapses.filter(({ share }) => share !== undefined).length).toBe(2);
    const model = tfl.model({ inputs: [a], outputs: [a, one] });
    const graph: AnyGraph = fromTfjs(await artifacts(model));
    const ys = graph.predict({ a: [1, 2, 3] });
    expect([...ys.a_1!]).toEqual([1, 2, 3]);
    expectClose(ys.shared!, (model.predict(tf.tensor([[1, 2, 3]])) as Tensor[])[1]!.dataSync(), 1e-6, "y");
  });

  it("products, also of one tensor with itself, and what comes behind them", async () => {
    const x = tfl.input({ shape: [3], name: "x" });
    const h = layers.dense({ units: 3, activation: "sigmoid", name: "h" }).apply(x) as Tensor;
    const multiply = (...factors: Tensor[]) => layers.multiply().apply(factors) as Tensor;
    const twice = multiply(h, layers.reshape({ targetShape: [3] }).apply(h) as Tensor);
    const scaled = layers
      .batchNormalization()
      .apply(multiply(layers.batchNormalization().apply(x) as Tensor, h, twice));
    const joined = layers.concatenate().apply([x, multiply(h, x)]) as Tensor;
    const product = multiply(joined, layers.concatenate().apply([h, x]) as Tensor);
    const more = [
      layers.add().apply([twice, multiply(h, x)]),
      layers.activation({ activation: "tanh" }).apply(multiply(x, twice)),
      layers.layerNormalization({ epsilon: 0.1 }).apply(multiply(h, x)),
      layers.dense({ units: 2, activation: "tanh" }).apply(product),
    ] as Tensor[];
    await expectMigrates(tfl.model({ inputs: x, outputs: [scaled as Tensor, product, ...more] }));
  });

  it("sums and joins of one tensor with itself", async () => {
    const x = tfl.input({ shape: [3], name: "x" });
    const h = layers.dense({ units: 3, name: "h" }).apply(x) as Tensor;
    const twice = layers.add({ name: "twice" }).apply([h, h]) as Tensor;
    const joined = layers.concatenate().apply([twice, twice]) as Tensor;
    await expectMigrates(
      tfl.model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(joined) as Tensor }),
    );
  });

  it("a model called twice in another", async () => {
    const x = tfl.input({ shape: [3], name: "x" });
    const inner = tfl.model({
      inputs: x,
      outputs: layers.dense({ units: 3, activation: "elu" }).apply(x) as Tensor,
      name: "inner",
    });
    const y = inner.apply(inner.apply(x)) as Tensor;
    const random = new Random(seed);
    stir(inner, random);
    const model = tfl.model({ inputs: x, outputs: y });
    expectSameValues(model, fromTfjs(await artifacts(model)), random);
  });

  it(`random ones, PLEXUS_SEED=${seed}`, async () => {
    for (let i = 0; i < 40; i++) {
      const random = new Random(seed * 6007 + i);
      const inputs = Array.from({ length: random.whole(1, 3) }, (_, k) =>
        tfl.input({ shape: [4], name: `in${k}` }),
      );
      const known: Tensor[] = [...inputs];
      for (let k = random.whole(2, 9); k > 0; k--) {
        // Never a tensor twice in a call, and no dropout, which hands its input on: the library frees such a tensor too early.
        const [x, ...others] = random.shuffled(known) as [Tensor, ...Tensor[]];
        const alike = others.filter(({ shape }) => shape[1] === x.shape[1]).slice(0, 2);
        const units = random.chance(0.7) ? 4 : random.whole(1, 5);
        const makers: (() => unknown)[] = [
          () => layers.dense({ units }).apply(x),
          () => layers.dense({ units, activation: "tanh" }).apply(x),
          () => layers.batchNormalization().apply(x),
          () => layers.layerNormalization({ epsilon: 0.1 }).apply(x),
          () => {
            const names = ["elu", "sigmoid", ...((x.shape[1] as number) > 1 ? ["softmax"] : [])];
            return layers.activation({ activation: random.pick(names) }).apply(x);
          },
        ];
        if (alike.length > 0) makers.push(() => layers.add().apply([x, ...alike]));
        if (others.length > 0) makers.push(() => layers.concatenate().apply([x, others[0]!]));
        known.push(random.pick(makers)() as Tensor);
      }
      const last = known.at(-1)!;
      const outputs = random.chance(0.5)
        ? [last]
        : [last, layers.dense({ units: 1 }).apply(random.pick(known)) as Tensor];
      const model = tfl.model({ inputs, outputs });
      (await expectMigrates(model, random)).dispose();
    }
  });
});

describe("what learns", () => {
  const learning = (graph: AnyGraph) => ({
    biases: graph.layers
      .filter(({ kind, hasBias, frozen }) => kind !== "input" && hasBias && !frozen)
      .map(({ name }) => name),
    weights: graph.synapses
      .filter(({ kind, frozen }) => kind === "dense" && !frozen)
      .map(({ from, to }) => `${from.name} > ${to.name}`),
  });

  it("weights and biases of the file, and no matrix that only picks units", async () => {
    const a = tfl.input({ shape: [3], name: "a" });
    const d = layers.dense({ units: 2, name: "d" }).apply(a) as Tensor;
    const e = layers.dense({ units: 2, name: "e", useBias: false }).apply(a) as Tensor;
    const joined = layers.concatenate({ name: "j" }).apply([d, e, a]) as Tensor;
    const y = layers.activation({ activation: "tanh", name: "y" }).apply(joined) as Tensor;
    const mean = layers.average({ name: "m" }).apply([d, e]) as Tensor;
    const sum = layers.add({ name: "s" }).apply([e, d]) as Tensor;
    const z = layers.dense({ units: 1, name: "z" }).apply(joined) as Tensor;
    const graph = await expectMigrates(tfl.model({ inputs: a, outputs: [y, mean, sum, z] }));
    const { biases, weights } = learning(graph);
    expect({ biases, weights: weights.sort() }).toEqual({
      biases: ["d", "z"],
      weights: ["a > d", "a > e", "a > z", "d > z", "e > z"],
    });
    for (const name of ["y", "m", "s", "e"]) expect(graph.layer(name).hasBias).toBe(false);
    const wide = new Random(seed);
    for (let i = 0; i < 3; i++) {
      const ts = { y: wide.numbers(7), m: wide.numbers(2), s: wide.numbers(2), z: wide.numbers(1) };
      graph.train({ a: wide.numbers(3) }, ts);
    }
    const { m, y: all } = graph.predict({ a: [1, 2, 3] }, { outputs: ["m", "y"] });
    expectClose(
      m!,
      [0, 1].map((i) => (Math.atanh(all![i]!) + Math.atanh(all![i + 2]!)) / 2),
      1e-9,
      "mean",
    );
  });

  it("a norm of the training that has no layer to be folded into", async () => {
    const model = tfl.sequential({
      layers: [layers.inputLayer({ inputShape: [3], name: "x" }), layers.batchNormalization({ name: "y" })],
    });
    const graph = await expectMigrates(model);
    expect(learning(graph)).toEqual({ biases: [], weights: [] });
  });
});

describe("other files are read, or refused with the reason", () => {
  const small = () => {
    const model = tfl.sequential({
      layers: [layers.dense({ units: 3, inputShape: [2], name: "d" }), layers.dense({ units: 1, name: "e" })],
    });
    stir(model, new Random(seed));
    return model;
  };

  it("of Keras have their model in a member, and a model's name before a weight's", async () => {
    const model = small();
    const file = await artifacts(model);
    const specs = (file.weightSpecs as { name: string }[]).map((spec) => ({
      ...spec,
      name: `sequential/${spec.name}`,
    }));
    const topology = { keras_version: "2.15.0", model_config: file.modelTopology };
    const graph = fromTfjs({ ...file, modelTopology: topology, weightSpecs: specs });
    expectSameValues(model, graph, new Random(seed));
  });

  it.each([
    ["uint8", 255],
    ["uint16", 65535],
    ["float16", 0],
  ])("with weights shortened to %s", async (dtype, steps) => {
    const model = small();
    const file = await artifacts(model);
    const values = new Float32Array(file.weightData as ArrayBuffer);
    const scale = steps === 0 ? undefined : 2 / steps;
    // Every number that float16 has here: -1 to 1 in steps of 2^-8, and the smallest.
    const wanted = values.map((value, i) => (i === 0 ? 2 ** -24 : Math.round(value * 256) / 256));
    const data =
      dtype === "uint8"
        ? Uint8Array.from(values, (value) => Math.round((value + 1) / scale!))
        : Uint16Array.from(dtype === "uint16" ? values : wanted, (value) =>
            dtype === "uint16" ? Math.round((value + 1) / scale!) : half(value),
          );
    const quantization = scale === undefined ? { dtype } : { dtype, scale, min: -1 };
    const specs = file.weightSpecs.map((spec) => ({ ...spec, quantization }));
    const graph: AnyGraph = fromTfjs({ ...file, weightSpecs: specs, weightData: data.buffer });
    const found = [...graph.synapse("d_input", "d").weights];
    if (dtype === "float16") expect(found).toEqual([...wanted.slice(0, 6)]);
    else expectClose(found, values.slice(0, 6), scale!, dtype);
  });

  it("model.json as it lies on the disk, with its bytes in every form", async () => {
    const model = small();
    const { modelTopology, weightSpecs, weightData } = await artifacts(model);
    const bytes = new Uint8Array(weightData as ArrayBuffer);
    const json = (...paths: string[]) => ({
      format: "layers-model",
      generatedBy: "TensorFlow.js tfjs-layers v4.22.0",
      convertedBy: null,
      modelTopology,
      weightsManifest: [{ paths, weights: weightSpecs }],
    });
    const pool = Buffer.alloc(bytes.length + 11, 255);
    pool.set(bytes, 5);
    const own = pool.subarray(5, 5 + bytes.length);
    const parts = [
      own.subarray(0, 7),
      bytes.slice(7, 8).buffer,
      new DataView(own.buffer, own.byteOffset + 8, bytes.length - 8),
    ];
    const two = {
      ...json(),
      weightsManifest: [
        { paths: ["a", "b"], weights: weightSpecs.slice(0, 1) },
        { paths: ["c"], weights: weightSpecs.slice(1) },
      ],
    };
    const one = json("./model.weights.bin");
    const forms: [TfjsModel, TfjsBytes | TfjsBytes[]][] = [
      [one, weightData as ArrayBuffer],
      [one, own],
      [one, Buffer.from(bytes)],
      [one, [own]],
      [json("a", "b", "c"), parts],
      [json("a", "b", "c"), own],
      [two, parts],
    ];
    for (const [file, weights] of forms) expectSameValues(model, fromTfjs(file, weights), new Random(seed));
    for (const data of [own, parts]) {
      expectSameValues(model, fromTfjs({ modelTopology, weightSpecs, weightData: data }), new Random(seed));
    }
    expectRefusal(() => fromTfjs(wrong(json("a", "b"))), "bad-file", "fromTfjs(file, weights)", '"a" or "b"');
    const file = json("a", "b", "c");
    expectRefusal(() => fromTfjs(file, parts.slice(0, 2)), "bad-file", "2 shards", "names 3");
    expectRefusal(() => fromTfjs(file, [...parts.slice(0, 2), new ArrayBuffer(1)]), "bad-file", "ends at");
    expectRefusal(() => fromTfjs(file, wrong("AAAA")), "bad-file", "shard 0");
    expectRefusal(() => fromTfjs(file, wrong([...parts.slice(0, 2), null])), "bad-file", "shard 2");
    expectRefusal(() => fromTfjs(one, Buffer.concat([own, own])), "bad-file", "weightData");
    expectRefusal(
      () => fromTfjs(wrong({ ...one, weightsManifest: [{ paths: ["a"] }] }), own),
      "bad-file",
      "weights",
    );
  });

  it("of Keras before 2.2.3, whose models in a row have a list as their config", async () => {
    const inner = tfl.sequential({
      layers: [layers.dense({ units: 3, inputShape: [2], name: "d", activation: "tanh" })],
    });
    const model = tfl.sequential({ layers: [inner, layers.dense({ units: 2, name: "e" })] });
    const random = new Random(seed);
    stir(inner, random);
    const file = await artifacts(model);
    const list = ({ class_name, config }: { class_name: string; config: { layers?: never[] } }): object =>
      class_name === "Sequential" ? { class_name, config: config.layers!.map(list) } : { class_name, config };
    const modelTopology = list(file.modelTopology as never);
    expect(JSON.stringify(modelTopology)).toContain(
      '{"class_name":"Sequential","config":[{"class_name":"Sequential","config":[',
    );
    expectSameValues(model, fromTfjs({ ...file, modelTopology }), random);
  });

  it("of Keras 3, whose calls have args and kwargs", async () => {
    const a = tfl.input({ shape: [3], name: "a" });
    const b = tfl.input({ shape: [3], name: "b" });
    const shared = layers.dense({ units: 3, activation: "tanh", name: "shared" });
    const sum = layers
      .add({ name: "sum" })
      .apply([shared.apply(a) as Tensor, shared.apply(b) as Tensor, a]) as Tensor;
    const joined = layers.concatenate({ name: "joined" }).apply([sum, b]) as Tensor;
    const y = layers.dense({ units: 2, activation: "softmax", name: "y" }).apply(joined) as Tensor;
    const model = tfl.model({ inputs: [a, b], outputs: y });
    stir(model, new Random(seed));
    const file = await artifacts(model);
    const tensor = ([name, call, at]: [string, number, number]) => ({
      class_name: "__keras_tensor__",
      config: { shape: [null, 3], dtype: "float32", keras_history: [name, call, at] },
    });
    type Layer = {
      name: string;
      class_name: string;
      config: Record<string, unknown>;
      inbound_nodes: [string, number, number][][];
    };
    const topology = structuredClone(file.modelTopology) as {
      config: { layers: Layer[]; output_layers: unknown[] };
    };
    const third = topology.config.layers.map((layer) => {
      const { batch_input_shape, activation, ...config } = layer.config;
      return {
        ...layer,
        module: "keras.layers",
        registered_name: null,
        config: {
          ...config,
          ...(batch_input_shape === undefined ? {} : { batch_shape: batch_input_shape }),
          ...(activation === undefined
            ? {}
            : { activation: { module: "builtins", class_name: "function", config: activation } }),
          dtype: { module: "keras", class_name: "DTypePolicy", config: { name: "float32" } },
        },
        inbound_nodes: layer.inbound_nodes.map((use) => {
          const tensors = use.map(tensor);
          return {
            args: tensors.length > 1 ? [tensors] : tensors,
            kwargs: layer.name === "sum" ? {} : { training: false, mask: null },
          };
        }),
      };
    });
    const [output] = topology.config.output_layers;
    const modelTopology = {
      keras_version: "3.8.0",
      model_config: {
        class_name: "Functional",
        config: { ...topology.config, layers: third, output_layers: output },
      },
    };
    expectSameValues(model, fromTfjs({ ...file, modelTopology }), new Random(seed));
    const config = { ...topology.config, layers: third, output_layers: { probabilities: output } };
    expectSameValues(
      model,
      fromTfjs({ ...file, modelTopology: { class_name: "Functional", config } }),
      new Random(seed),
    );
    const call = third[2]!.inbound_nodes[0]! as Record<string, unknown>;
    for (const [wrongCall, code] of [
      [{ args: [], kwargs: {} }, "bad-file"],
      [{ kwargs: {} }, "bad-file"],
      [{ args: [1], kwargs: {} }, "unsupported"],
      [{ ...call, kwargs: { x: (call.args as unknown[])[0] } }, "unsupported"],
      [{ args: [{ class_name: "__keras_tensor__", config: { keras_history: "a" } }] }, "bad-file"],
      [{ args: [{ class_name: "__keras_tensor__", config: null }] }, "unsupported"],
    ] as const) {
      third[2]!.inbound_nodes[0] = wrongCall as never;
      expectRefusal(() => fromTfjs({ ...file, modelTopology }), code, "inbound_nodes[0]");
    }
  });

  it("with the shape beside the layers, and weights of one short name", async () => {
    const model = small();
    const file = await artifacts(model);
    const bare = structuredClone(file.modelTopology) as {
      config: { layers: { config: Record<string, unknown> }[] };
    };
    delete bare.config.layers[0]!.config.batch_input_shape;
    for (const modelTopology of [
      { ...bare, config: { ...bare.config, build_input_shape: [null, 2] } },
      { ...bare, build_config: { input_shape: [null, 2] } },
    ]) {
      expectSameValues(model, fromTfjs({ ...file, modelTopology }), new Random(seed));
    }
    const renamed = (names: (name: string) => string) => ({
      ...file,
      weightSpecs: (file.weightSpecs as { name: string }[]).map((spec) => ({
        ...spec,
        name: names(spec.name),
      })),
    });
    expectSameValues(model, fromTfjs(renamed((name) => `${name}:0`)), new Random(seed));
    const two = renamed((name) => (name === "d/bias" ? "b/d/kernel" : `a/${name}`));
    expectRefusal(() => fromTfjs(two), "bad-file", "d/kernel", "two others");
  });

  it("refuses a shape to reshape to that has no numbers", async () => {
    const model = tfl.sequential();
    model.add(layers.inputLayer({ inputShape: [4] }));
    model.add(layers.reshape({ targetShape: [2, 2] }));
    model.add(layers.flatten());
    const file = await artifacts(model);
    const place = "modelTopology.config.layers.1.config.target_shape";
    expect(fromTfjs(spoilt(file, place, [-1, 2]) as TfjsArtifacts).layers.length).toBeGreaterThan(0);
    for (const one of [JSON.parse('{"__proto__":1}'), {}, [], "2", true, 0, -2, 1.5, Number.NaN]) {
      expectRefusal(
        () => fromTfjs(spoilt(file, place, [one, 2]) as TfjsArtifacts),
        "bad-file",
        "target_shape[0]",
      );
    }
    for (const shape of [[-1, -1], [3, -1], [3], [], 4]) {
      expectRefusal(() => fromTfjs(spoilt(file, place, shape) as TfjsArtifacts), "bad-file");
    }
  });

  const cases: readonly Spoilt[] = [
    [
      "a softmax of one unit",
      "modelTopology.config.layers.1.config.activation",
      "softmax",
      "unsupported",
      "one unit",
    ],
    ["null", "", null, "bad-file", "the file"],
    ["no topology", "modelTopology", undefined, "bad-file", "modelTopology"],
    ["a GraphModel", "modelTopology", { node: [] }, "unsupported", "GraphModel"],
    ["another class", "modelTopology.class_name", "Subclassed", "unsupported", "Subclassed"],
    ["no layers", "modelTopology.config.layers", [], "bad-file", "no layers"],
    ["a convolution of units", "modelTopology.config.layers.1.class_name", "Conv2D", "bad-file", "3 axes"],
    ["volumes", "modelTopology.config.layers.1.class_name", "Conv3D", "unsupported", "Conv3D"],
    ["toString's class", "modelTopology.config.layers.1.class_name", "toString", "unsupported", "toString"],
    ["a step for a sequence", "modelTopology.config.layers.1.class_name", "LSTM", "bad-file", "no sequence"],
    [
      "another activation",
      "modelTopology.config.layers.1.config.activation",
      "cubed",
      "unsupported",
      "cubed",
    ],
    ["units of a text", "modelTopology.config.layers.1.config.units", "1", "bad-file", "units"],
    ["other units", "modelTopology.config.layers.1.config.units", 2, "bad-file", "e/kernel"],
    ["2^31 units", "modelTopology.config.layers.1.config.units", 2 ** 31, "bad-file", "e/kernel"],
    [
      "no input shape",
      "modelTopology.config.layers.0.config.batch_input_shape",
      undefined,
      "unsupported",
      "shape",
    ],
    [
      "an input of any length",
      "modelTopology.config.layers.0.config.batch_input_shape.1",
      null,
      "unsupported",
      "shape",
    ],
    [
      "a wide input",
      "modelTopology.config.layers.0.config.batch_input_shape",
      [null, 2 ** 23],
      "unsupported",
      "units",
    ],
    ["no weights", "weightSpecs", [], "bad-file", "weightData"],
    ["a weight's other shape", "weightSpecs.0.shape", [3, 2], "bad-file", "d/kernel"],
    [
      "a weight's shape that overflows",
      "weightSpecs.0.shape",
      [2 ** 30, 2 ** 30, 2 ** 30],
      "bad-file",
      "ends at",
    ],
    ["a weight's other name", "weightSpecs.0.name", "d/other", "bad-file", "d/kernel"],
    ["two weights of one name", "weightSpecs.1.name", "d/kernel", "bad-file", "name"],
    ["integers", "weightSpecs.0.dtype", "int32", "unsupported", "int32"],
    ["texts", "weightSpecs.0.dtype", "string", "unsupported", "string"],
    ["another way to shorten", "weightSpecs.0.quantization", { dtype: "int4" }, "unsupported", "int4"],
    ["no data", "weightData", undefined, "bad-file", "weightData"],
    ["short data", "weightData", new ArrayBuffer(8), "bad-file", "weightSpecs[0]"],
    ["long data", "weightData", new ArrayBuffer(8000), "bad-file", "weightData"],
    [
      "weights that are not finite",
      "weightData",
      new Uint8Array(4 * 13).fill(255).buffer,
      "bad-file",
      "d/kernel",
    ],
  ];
  it.each(cases)("%s", async (_, path, value, code, mention) => {
    const file = await artifacts(small());
    expectRefusal(() => fromTfjs(spoilt(file, path, value) as TfjsArtifacts), wrong(code), mention);
  });

  it.each(["maximum", "minimum", "dot"])("%s, which takes two tensors", async (name) => {
    const x = tfl.input({ shape: [2] });
    const y = layers[name]({ axes: 1 }).apply([x, layers.dense({ units: 2 }).apply(x)]);
    const file = await artifacts(tfl.model({ inputs: x, outputs: y }));
    expectRefusal(() => fromTfjs(file), "unsupported", "has no counterpart");
  });

  it("loops, and layers that are not there", async () => {
    const x = tfl.input({ shape: [2], name: "x" });
    const d = layers.dense({ units: 2, name: "d" }).apply(x);
    const y = layers.dense({ units: 2, name: "y" }).apply(d) as Tensor;
    const file = await artifacts(tfl.model({ inputs: x, outputs: y }));
    const node = "modelTopology.config.layers.1.inbound_nodes";
    for (const [path, value, code, mention] of [
      [node, [[["y", 0, 0, {}]]], "bad-file", "loop"],
      [node, [[["d", 0, 0, {}]]], "bad-file", "loop"],
      [node, [[["z", 0, 0, {}]]], "bad-file", '"z"'],
      [node, [[["x", 1, 0, {}]]], "bad-file", "1 x"],
      [node, [[["x", 0, 1, {}]]], "bad-file", "tensor 1"],
      [
        node,
        [
          [
            ["x", 0, 0, {}],
            ["x", 0, 0, {}],
          ],
        ],
        "bad-file",
        "2 tensors",
      ],
      [node, [{ args: [] }], "bad-file", "inbound_nodes"],
      ["modelTopology.config.layers.2.config.name", "d", "bad-file", "two layers"],
      ["modelTopology.config.output_layers", [], "bad-file", "output"],
      [
        "modelTopology.config.input_layers",
        [
          ["x", 0, 0],
          ["x", 0, 0],
        ],
        "bad-file",
        "two inputs",
      ],
    ] as const) {
      expectRefusal(() => fromTfjs(spoilt(file, path, value) as TfjsArtifacts), wrong(code), mention);
    }
  });
});

it("reads a call of more sources than a call here takes arguments", () => {
  const count = 130_000;
  const layer = (class_name: string, config: object, from: readonly string[]) => {
    const { name } = config as { name: string };
    return {
      class_name,
      name,
      config,
      inbound_nodes: from.length === 0 ? [] : [from.map((one) => [one, 0, 0, {}])],
    };
  };
  const layers = [
    layer("InputLayer", { name: "x", batch_input_shape: [null, 1] }, []),
    layer("Dense", { name: "d", units: 1, use_bias: false, activation: "linear" }, ["x"]),
    layer("Add", { name: "a" }, new Array<string>(count).fill("d")),
  ];
  const config = { name: "m", layers, input_layers: [["x", 0, 0]], output_layers: [["a", 0, 0]] };
  using graph = fromTfjs({
    modelTopology: { class_name: "Model", config },
    weightSpecs: [{ name: "d/kernel", shape: [1, 1], dtype: "float32" }],
    weightData: Float32Array.of(2).buffer,
  });
  expect(graph.predict({ x: [3] }).a).toEqual(Float64Array.of(6 * count));
});

/** Returns the bits of a number that float16 holds: at least 2^-14 with ten bits after the first, or a multiple of 2^-24. */
function half(value: number): number {
  const [sign, size] = [value < 0 ? 0x8000 : 0, Math.abs(value)];
  const exponent = Math.floor(Math.log2(size));
  if (size === 0 || exponent < -14) return sign | (size * 2 ** 24);
  return sign | ((exponent + 15) << 10) | ((size / 2 ** exponent - 1) * 1024);
}
