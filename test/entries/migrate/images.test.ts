// Convolutions, pools and tables of TensorFlow.js: its own models and ours give the same to 1e-6, of images whose axes differ.

import { fromTfjs, type TfjsArtifacts } from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import type { Peer } from "../../peers/load.js";
import { type AnyGraph, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { artifacts, expectMigrates, expectSameValues, layers, stir, type Tensor, tfl } from "./models.js";
import { type Spoilt, spoilt } from "./spoil.js";

const IMAGE = [7, 9, 4];
const row = (shape: readonly number[], made: readonly Peer[]): Peer =>
  tfl.sequential({ layers: [layers.inputLayer({ inputShape: shape, name: "x" }), ...made] });
const summary = (graph: AnyGraph) => graph.layers.map(({ name, shape }) => `${name} ${shape.join("×")}`);
const kinds = (graph: AnyGraph) => graph.synapses.map(({ kind }) => kind);

describe(`layers over positions, PLEXUS_SEED=${seed}`, () => {
  const made: readonly (readonly [string, readonly number[], () => readonly Peer[], readonly string[]])[] = [
    [
      "Conv2D",
      IMAGE,
      () => [layers.conv2d({ filters: 5, kernelSize: [2, 3], activation: "relu" })],
      ["conv"],
    ],
    [
      "Conv2D, same, with strides",
      IMAGE,
      () => [
        layers.conv2d({ filters: 3, kernelSize: [3, 4], strides: [3, 2], padding: "same", useBias: false }),
      ],
      ["conv"],
    ],
    [
      "Conv2D with a dilation",
      IMAGE,
      () => [layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: [2, 3], padding: "same" })],
      ["conv"],
    ],
    [
      "Conv1D",
      [9, 3],
      () => [
        layers.conv1d({ filters: 4, kernelSize: 3, strides: 2, padding: "same", activation: "elu" }),
        layers.conv1d({ filters: 2, kernelSize: 2, dilationRate: 2 }),
      ],
      ["conv", "conv"],
    ],
    [
      "DepthwiseConv2D",
      IMAGE,
      () => [
        layers.depthwiseConv2d({ kernelSize: [3, 2], depthMultiplier: 3, strides: [2, 2], padding: "same" }),
      ],
      ["conv"],
    ],
    [
      "SeparableConv2D",
      IMAGE,
      () => [layers.separableConv2d({ filters: 5, kernelSize: 3, activation: "tanh" })],
      ["conv", "conv"],
    ],
    [
      "Conv2DTranspose, same",
      [3, 4, 5],
      () => [layers.conv2dTranspose({ filters: 2, kernelSize: [3, 2], strides: [2, 3], padding: "same" })],
      ["convTranspose"],
    ],
    [
      "Conv2DTranspose, valid",
      [3, 4, 5],
      () => [layers.conv2dTranspose({ filters: 2, kernelSize: [4, 1], strides: [2, 3] })],
      ["convTranspose"],
    ],
    ["MaxPooling2D", IMAGE, () => [layers.maxPooling2d({ poolSize: [2, 3] })], ["maxPool"]],
    [
      "MaxPooling2D, same",
      IMAGE,
      () => [layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" })],
      ["maxPool"],
    ],
    [
      "AveragePooling2D, same",
      IMAGE,
      () => [layers.averagePooling2d({ poolSize: [3, 2], strides: [2, 2], padding: "same" })],
      ["averagePool"],
    ],
    ["MaxPooling1D", [9, 3], () => [layers.maxPooling1d({ poolSize: 2, padding: "same" })], ["maxPool"]],
    [
      "AveragePooling1D",
      [9, 3],
      () => [layers.averagePooling1d({ poolSize: 3, strides: 2 })],
      ["averagePool"],
    ],
    ["GlobalMaxPooling2D", IMAGE, () => [layers.globalMaxPooling2d({})], ["maxPool"]],
    ["GlobalAveragePooling2D", IMAGE, () => [layers.globalAveragePooling2d({})], ["averagePool"]],
    ["GlobalMaxPooling1D", [9, 3], () => [layers.globalMaxPooling1d({})], ["maxPool"]],
    ["GlobalAveragePooling1D", [9, 3], () => [layers.globalAveragePooling1d({})], ["averagePool"]],
    ["UpSampling2D", IMAGE, () => [layers.upSampling2d({ size: [2, 3] })], ["upsample"]],
    [
      "ZeroPadding2D before a convolution",
      IMAGE,
      () => [
        layers.zeroPadding2d({
          padding: [
            [1, 2],
            [0, 3],
          ] as never,
        }),
        layers.conv2d({ filters: 2, kernelSize: 3, strides: 2 }),
      ],
      ["conv"],
    ],
    [
      "ZeroPadding2D twice, before same padding",
      IMAGE,
      () => [
        layers.zeroPadding2d({ padding: [1, 2] }),
        layers.zeroPadding2d({}),
        layers.depthwiseConv2d({ kernelSize: [4, 3], padding: "same" }),
      ],
      ["conv"],
    ],
    [
      "ZeroPadding2D before a pool of values that aren't negative",
      IMAGE,
      () => [
        layers.conv2d({ filters: 2, kernelSize: 1, activation: "relu" }),
        layers.zeroPadding2d({}),
        layers.maxPooling2d({ poolSize: 3, strides: 2 }),
      ],
      ["conv", "maxPool"],
    ],
    [
      "ZeroPadding2D before a pool of any values",
      IMAGE,
      () => [layers.zeroPadding2d({}), layers.maxPooling2d({ poolSize: 3, strides: 2 })],
      ["gather", "maxPool"],
    ],
    [
      "ZeroPadding2D before a mean, which counts the zeros",
      IMAGE,
      () => [layers.zeroPadding2d({}), layers.averagePooling2d({ poolSize: 3, strides: 2 })],
      ["averagePool"],
    ],
    [
      "ZeroPadding2D before a mean with a padding of its own",
      IMAGE,
      () => [layers.zeroPadding2d({}), layers.averagePooling2d({ poolSize: 3, strides: 2, padding: "same" })],
      ["gather", "averagePool"],
    ],
    ["ZeroPadding2D at the end", IMAGE, () => [layers.zeroPadding2d({ padding: 2 as never })], ["gather"]],
    [
      "Cropping2D",
      IMAGE,
      () => [
        layers.cropping2D({
          cropping: [
            [1, 2],
            [0, 3],
          ],
        }),
      ],
      ["gather"],
    ],
    ["Dense over the last axis", IMAGE, () => [layers.dense({ units: 3, activation: "tanh" })], ["conv"]],
    ["Dense over the last of two axes", [5, 3], () => [layers.dense({ units: 2 })], ["conv"]],
    ["Dense over the last of four axes", [2, 3, 2, 3], () => [layers.dense({ units: 2 })], ["conv"]],
    ["Dense over the last axis, of one position", [1, 3], () => [layers.dense({ units: 2 })], ["dense"]],
    ["a softmax of each position", IMAGE, () => [layers.softmax({ axis: -1 })], ["identity"]],
    [
      "a softmax of each position, in a row of its own",
      IMAGE,
      () => [layers.conv2d({ filters: 6, kernelSize: 2, activation: "softmax" }), layers.flatten()],
      ["conv"],
    ],
  ];

  it.each(made)("%s", async (_, shape, make, wanted) => {
    const graph = await expectMigrates(row(shape, make()));
    expect(kinds(graph)).toEqual(wanted);
    // Behind a layer, and before one that learns.
    const model = row(shape, [layers.activation({ activation: "tanh" }), ...make()]);
    if (model.outputs[0]!.shape.length > 2) model.add(layers.flatten());
    model.add(layers.dense({ units: 2 }));
    const trained = await expectMigrates(model);
    const [x, y] = [trained.inputs[0]!, trained.outputs[0]!];
    trained.train({ x: new Float64Array(x.size).fill(0.3) }, { [y.name]: [0, 1] });
    trained.dispose();
    graph.dispose();
  });

  it("LeNet is as one would write it, with the file's weights", async () => {
    const model = row(
      [28, 20, 1],
      [
        layers.conv2d({ filters: 8, kernelSize: 5, activation: "relu", name: "c1" }),
        layers.maxPooling2d({ poolSize: 2, name: "p1" }),
        layers.conv2d({ filters: 16, kernelSize: 5, activation: "relu", name: "c2" }),
        layers.maxPooling2d({ poolSize: 2, name: "p2" }),
        layers.dropout({ rate: 0.25 }),
        layers.flatten(),
        layers.dense({ units: 10, activation: "softmax", name: "digit" }),
      ],
    );
    const graph = await expectMigrates(model);
    expect(summary(graph)).toEqual([
      ...["x 28×20×1", "c1 24×16×8", "p1 12×8×8", "c2 8×4×16", "p2 4×2×16", "digit 10"],
    ]);
    expect(graph.layer("p2").dropout).toBe(0.25);
    expect(graph.layers.map(({ bias }) => bias.length)).toEqual([1, 8, 8, 16, 16, 10]);
    for (const [from, to, name] of [
      ["x", "c1", "c1"],
      ["p1", "c2", "c2"],
      ["p2", "digit", "digit"],
    ] as const) {
      const [kernel, bias] = model.getLayer(name).getWeights();
      expect([...graph.synapse(from, to).weights]).toEqual([...kernel.dataSync()]);
      expect([...graph.layer(to).bias]).toEqual([...bias.dataSync()]);
    }
  });

  it("batch normalization is folded into a convolution before it, and into one without padding behind it", async () => {
    const graph = await expectMigrates(
      row(IMAGE, [
        layers.batchNormalization(),
        layers.conv2d({ filters: 3, kernelSize: 2 }),
        layers.batchNormalization({ name: "n" }),
        layers.activation({ activation: "relu", name: "h" }),
        layers.batchNormalization(),
        layers.depthwiseConv2d({ kernelSize: 2, useBias: false }),
        layers.batchNormalization({ center: false }),
        layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2 }),
        layers.batchNormalization({ name: "y" }),
      ]),
    );
    expect(kinds(graph)).toEqual(["conv", "conv", "convTranspose"]);
  });

  it("a shift before a padding has a layer of its own, which doesn't learn", async () => {
    const graph = await expectMigrates(
      row(IMAGE, [
        layers.batchNormalization(),
        layers.conv2d({ filters: 3, kernelSize: 3, padding: "same" }),
      ]),
    );
    expect(kinds(graph)).toEqual(["oneToOne", "conv"]);
    expect(graph.layers[1]!.frozen).toBe(true);
    expect(graph.layers[1]!.bias.length).toBe(4);
  });

  it("bounded relus of MobileNet, pools behind a norm, and shapes that change", async () => {
    const graph = await expectMigrates(
      row(
        [6, 8, 3],
        [
          layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: "same", useBias: false }),
          layers.batchNormalization(),
          layers.reLU({ maxValue: 6 }),
          layers.depthwiseConv2d({ kernelSize: 3, padding: "same", useBias: false }),
          layers.batchNormalization(),
          layers.reLU({ maxValue: 6 }),
          layers.maxPooling2d({ poolSize: [3, 2] }),
          layers.batchNormalization(),
          layers.globalAveragePooling2d({}),
          layers.reshape({ targetShape: [1, 1, 4] }) as Peer,
          layers.conv2d({ filters: 5, kernelSize: 1, padding: "same" }),
          layers.reshape({ targetShape: [5] }) as Peer,
          layers.activation({ activation: "softmax" }),
        ],
      ),
    );
    expect(kinds(graph)).toEqual(["conv", "conv", "maxPool", "averagePool", "conv"]);
  });

  it("a vector becomes an image, and an image another", async () => {
    await expectMigrates(
      row(
        [6],
        [
          layers.dense({ units: 24, activation: "relu" }),
          layers.reshape({ targetShape: [2, 3, 4] }) as Peer,
          layers.conv2dTranspose({
            filters: 3,
            kernelSize: 3,
            strides: 2,
            padding: "same",
            activation: "tanh",
          }),
          layers.reshape({ targetShape: [6, 4, 3] }) as Peer,
          layers.conv2d({ filters: 2, kernelSize: 3 }),
          layers.batchNormalization(),
          layers.flatten(),
          layers.batchNormalization(),
          layers.dense({ units: 3 }),
        ],
      ),
    );
    await expectMigrates(
      row(
        [24],
        [layers.reshape({ targetShape: [2, 3, 4] }) as Peer, layers.conv2d({ filters: 2, kernelSize: 2 })],
      ),
    );
    await expectMigrates(
      row(
        [4],
        [layers.reshape({ targetShape: [1, 1, 4] }) as Peer, layers.conv2d({ filters: 2, kernelSize: 1 })],
      ),
    );
  });
});

describe("models of any shape over images", () => {
  const conv = (filters: number, more: object = {}) =>
    layers.conv2d({ filters, kernelSize: 3, padding: "same", ...more });

  it("residual blocks, branches that are joined, and outputs that are images", async () => {
    const x = tfl.input({ shape: [5, 6, 3], name: "x" });
    const a = conv(4, { activation: "relu", name: "a" }).apply(x) as Tensor;
    const b = layers.batchNormalization().apply(conv(4, { name: "b" }).apply(a)) as Tensor;
    const sum = layers.add({ name: "sum" }).apply([a, b, conv(4, { name: "c" }).apply(a)]) as Tensor;
    const r = layers.activation({ activation: "relu", name: "r" }).apply(sum) as Tensor;
    const branches = [
      layers.maxPooling2d({ poolSize: 3, strides: 1, padding: "same" }).apply(r),
      conv(2, { activation: "tanh" }).apply(r),
      layers.batchNormalization().apply(r),
    ] as Tensor[];
    const joined = layers.concatenate().apply(branches) as Tensor;
    const y = conv(2, { name: "y" }).apply(joined) as Tensor;
    const flat = layers.dense({ units: 3, name: "z" }).apply(layers.flatten().apply(joined)) as Tensor;
    const pooled = layers.globalAveragePooling2d({}).apply(joined) as Tensor;
    const w = layers.dense({ units: 2, name: "w" }).apply(pooled) as Tensor;
    const up = layers.upSampling2d({ size: [2, 2], name: "up" }).apply(joined) as Tensor;
    const depth = layers.depthwiseConv2d({ kernelSize: 2, name: "d" }).apply(joined) as Tensor;
    const graph = await expectMigrates(
      tfl.model({
        inputs: x,
        outputs: [y, flat, w, up, depth, joined, layers.average().apply([a, r]) as Tensor],
      }),
    );
    expect(graph.layer("y").shape).toEqual([5, 6, 2]);
    const into = graph.synapses.filter(({ to }) => to.name === "r").map(({ kind, name }) => [kind, name]);
    expect(into).toEqual([
      ["identity", undefined],
      ["conv", "r.conv2"],
      ["conv", "r.conv3"],
    ]);
  });

  it.each([1, 2, 3])("tensors joined along the axis %i", async (axis) => {
    const x = tfl.input({ shape: [3, 4, 5], name: "x" });
    const at = axis - 1;
    const cropping = [0, 1].map((one) => (one === at ? [0, 2] : [0, 0]));
    const other = at === 2 ? conv(2).apply(x) : layers.cropping2D({ cropping: cropping as never }).apply(x);
    const joined = layers.concatenate({ axis, name: "j" }).apply([x, other as Tensor]) as Tensor;
    const twice = layers.concatenate({ axis: 1, name: "t" }).apply([joined, joined]) as Tensor;
    const y = layers.conv2d({ filters: 2, kernelSize: 2, name: "y" }).apply(joined) as Tensor;
    const z = layers.dense({ units: 2, name: "z" }).apply(layers.flatten().apply(joined)) as Tensor;
    const model = tfl.model({ inputs: x, outputs: [joined, twice, y, z] });
    await expectMigrates(model);
    const file = await artifacts(model);
    const { layers: list } = (file.modelTopology as { config: { layers: { name: string }[] } }).config;
    const place = `modelTopology.config.layers.${list.findIndex(({ name }) => name === "j")}.config.axis`;
    // The library itself takes every negative axis for the last one.
    const back = fromTfjs(spoilt(file, place, axis - 4) as TfjsArtifacts);
    expectSameValues(model, back, new Random(seed));
  });

  it("channels and positions that are weighed, as in a squeeze and excitation", async () => {
    const x = tfl.input({ shape: [4, 5, 3], name: "x" });
    const c = conv(6, { activation: "relu" }).apply(x) as Tensor;
    const squeezed = layers.globalAveragePooling2d({}).apply(c) as Tensor;
    const gates = layers.dense({ units: 6, activation: "sigmoid" }).apply(squeezed) as Tensor;
    const channels = layers.reshape({ targetShape: [1, 1, 6] }).apply(gates) as Tensor;
    const places = layers.conv2d({ filters: 1, kernelSize: 1, activation: "sigmoid" }).apply(c) as Tensor;
    const product = layers.multiply().apply([c, channels, places]) as Tensor;
    const y = conv(2, { name: "y" }).apply(product) as Tensor;
    const other = layers.multiply().apply([channels, places]) as Tensor;
    const graph = await expectMigrates(tfl.model({ inputs: x, outputs: [y, other] }));
    expect(graph.layers.filter(({ join }) => join === "product").length).toBe(2);
  });

  it("a convolution that is called twice shares its weights", async () => {
    const [a, b] = ["a", "b"].map((name) => tfl.input({ shape: [4, 5, 2], name })) as [Tensor, Tensor];
    const shared = conv(3, { activation: "tanh" });
    const both = layers.add().apply([shared.apply(a), shared.apply(b)] as Tensor[]) as Tensor;
    const graph = await expectMigrates(tfl.model({ inputs: [a, b], outputs: both }));
    expect(graph.synapses.filter(({ share }) => share !== undefined).length).toBe(1);
  });

  it(`random ones, PLEXUS_SEED=${seed}`, async () => {
    for (let i = 0; i < 40; i++) {
      const random = new Random(seed * 6101 + i);
      const x = tfl.input({ shape: [random.whole(3, 6), random.whole(3, 6), random.whole(1, 3)], name: "x" });
      const known: Tensor[] = [x];
      for (let k = random.whole(3, 9); k > 0; k--) {
        const [given, ...others] = random.shuffled(known) as [Tensor, ...Tensor[]];
        const [height, width, channels] = given.shape.slice(1) as [number, number, number];
        const alike = others.filter(({ shape }) => `${shape}` === `${given.shape}`).slice(0, 2);
        const beside = others.filter(({ shape }) => `${shape.slice(1, 3)}` === `${given.shape.slice(1, 3)}`);
        const padding = random.pick(["same", "valid"]);
        const size = [random.whole(1, Math.min(3, height)), random.whole(1, Math.min(3, width))];
        const stride = random.whole(1, 2);
        const options = { kernelSize: size, strides: [stride, stride], padding, useBias: random.chance(0.5) };
        const filters = random.whole(1, 3);
        const activation = random.pick(["linear", "relu", "tanh", "relu6"]);
        const makers: (() => unknown)[] = [
          () => layers.conv2d({ filters, ...options, activation }).apply(given),
          () => layers.depthwiseConv2d({ ...options, depthMultiplier: 2, activation }).apply(given),
          () => layers.separableConv2d({ filters, ...options, activation }).apply(given),
          () => layers.maxPooling2d({ poolSize: size, strides: [stride, stride], padding }).apply(given),
          () => layers.averagePooling2d({ poolSize: size, strides: [stride, stride], padding }).apply(given),
          () => layers.zeroPadding2d({ padding: [1, random.whole(0, 2)] }).apply(given),
          () => layers.batchNormalization().apply(given),
          () => layers.activation({ activation: channels > 1 ? "softmax" : "elu" }).apply(given),
        ];
        if (height * width * channels < 100) {
          makers.push(
            () => layers.conv2dTranspose({ filters, ...options, activation }).apply(given),
            () => layers.upSampling2d({ size: [2, 1] }).apply(given),
          );
        }
        if (alike.length > 0) makers.push(() => layers.add().apply([given, ...alike]));
        if (beside.length > 0) makers.push(() => layers.concatenate().apply([given, beside[0]!]));
        known.push(random.pick(makers)() as Tensor);
      }
      const last = known.at(-1)!;
      const flat = layers.flatten().apply(random.pick(known)) as Tensor;
      const outputs = random.chance(0.5) ? [last] : [last, layers.dense({ units: 2 }).apply(flat) as Tensor];
      (await expectMigrates(tfl.model({ inputs: x, outputs }), random)).dispose();
    }
  });
});

describe("class numbers", () => {
  const embedding = (inputDim: number, outputDim: number, more: object = {}) =>
    layers.embedding({ inputDim, outputDim, ...more });

  it("an embedding makes its input one of classes", async () => {
    const model = row(
      [4],
      [embedding(6, 3), layers.batchNormalization(), layers.flatten(), layers.dense({ units: 2, name: "y" })],
    );
    const graph = await expectMigrates(model);
    expect(kinds(graph)).toEqual(["embedding", "dense"]);
    expect(graph.inputs[0]!.classes).toBe(6);
    expect(graph.synapses[0]!.shape).toEqual([6, 3]);
  });

  it("two tables, convolutions and means over words, and an input of two axes", async () => {
    const words = tfl.input({ shape: [5], name: "words" });
    const deep = embedding(9, 4).apply(words) as Tensor;
    const wide = embedding(9, 1).apply(words) as Tensor;
    const c = layers.conv1d({ filters: 3, kernelSize: 2, activation: "relu" }).apply(deep) as Tensor;
    const mean = layers.globalAveragePooling1d({}).apply(deep) as Tensor;
    const max = layers.globalMaxPooling1d({}).apply(c) as Tensor;
    const flat = layers.flatten().apply(wide) as Tensor;
    const grid = tfl.input({ shape: [2, 3], name: "grid" });
    const other = embedding(5, 2).apply(grid) as Tensor;
    const image = layers.conv2d({ filters: 2, kernelSize: 2 }).apply(other) as Tensor;
    const all = layers
      .concatenate()
      .apply([mean, max, flat, layers.flatten().apply(image) as Tensor]) as Tensor;
    const y = layers.dense({ units: 2, activation: "softmax", name: "y" }).apply(all) as Tensor;
    await expectMigrates(tfl.model({ inputs: [words, grid], outputs: [y, deep] }));
  });

  it("a model inside another has the table", async () => {
    const inner = tfl.sequential({ layers: [embedding(6, 3, { inputLength: 2 }), layers.flatten()] });
    const x = tfl.input({ shape: [2], name: "x" });
    const y = layers.dense({ units: 2, name: "y" }).apply(inner.apply(x)) as Tensor;
    const model = tfl.model({ inputs: x, outputs: y });
    stir(inner, new Random(seed));
    expectSameValues(model, fromTfjs(await artifacts(model)), new Random(seed));
  });

  it("an input that other layers have too, and a table of a layer, are refused", async () => {
    const x = tfl.input({ shape: [2], name: "x" });
    const e = layers.flatten().apply(embedding(5, 2).apply(x)) as Tensor;
    const d = layers.dense({ units: 4, name: "d" }).apply(x) as Tensor;
    const refuse = async (outputs: unknown, mention: string) => {
      const file = await artifacts(tfl.model({ inputs: x, outputs: outputs as Tensor }));
      expectRefusal(() => fromTfjs(file), "unsupported", mention);
    };
    await refuse(layers.add().apply([e, d]), '"x"');
    await refuse([e, x], '"x"');
    await refuse([e, embedding(4, 2).apply(x)], '"x"');
    await refuse(embedding(5, 2, { name: "t" }).apply(d), '"t"');
  });
});

describe("other files are read, or refused with the reason", () => {
  const config = "modelTopology.config.layers.1.config";
  const small = () => {
    const made = [
      layers.conv1d({ filters: 4, kernelSize: 3, name: "c" }),
      layers.globalMaxPooling1d({ name: "y" }),
    ];
    const model = row([6, 2], made);
    stir(model, new Random(seed));
    return model;
  };

  it("a causal convolution is padded before its steps", async () => {
    const file = spoilt(await artifacts(small()), `${config}.padding`, "causal");
    const graph = fromTfjs(file as TfjsArtifacts);
    expect(graph.layer("c").shape).toEqual([6, 4]);
    expect(graph.synapses[0]!.padding).toEqual([[2, 0]]);
  });

  it("groups of channels, kernels of Keras 3, and padding of outputs", async () => {
    const file = await artifacts(row([6, 4], [layers.conv1d({ filters: 4, kernelSize: 3, name: "c" })]));
    const grouped = spoilt(file, `${config}.groups`, 2);
    expectRefusal(() => fromTfjs(grouped as TfjsArtifacts), "bad-file", "c/kernel");
    const half = (file.weightData as ArrayBuffer).slice(96);
    const fitting = spoilt(spoilt(grouped, "weightSpecs.0.shape", [3, 2, 4]), "weightData", half);
    expect(fromTfjs(fitting as TfjsArtifacts).synapses[0]!.groups).toBe(2);
    const depth = await artifacts(row([4, 5, 2], [layers.depthwiseConv2d({ kernelSize: 2, name: "c" })]));
    const third = spoilt(depth, "weightSpecs.0.name", "c/kernel");
    expect(fromTfjs(third as TfjsArtifacts).synapses[0]!.shape).toEqual([2, 2, 1, 2]);
    // A file of the library lacks the multiplier.
    const separable = layers.separableConv2d({ filters: 3, kernelSize: 2, depthMultiplier: 2, name: "c" });
    const model = row([4, 5, 2], [separable]);
    const bare = await artifacts(model);
    expectRefusal(() => fromTfjs(bare), "bad-file", "c/depthwise_kernel");
    const whole = fromTfjs(spoilt(bare, `${config}.depth_multiplier`, 2) as TfjsArtifacts);
    expectSameValues(model, whole, new Random(seed));
    expect(whole.synapses.map(({ shape }) => shape)).toEqual([
      [2, 2, 1, 4],
      [1, 1, 4, 3],
    ]);
    for (const padding of ["same", "valid"] as const) {
      const turned = await artifacts(
        row(
          [3, 4, 2],
          [layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding, name: "c" })],
        ),
      );
      const more = fromTfjs(spoilt(turned, `${config}.output_padding`, [1, 0]) as TfjsArtifacts);
      expect(more.layer("c").shape).toEqual(padding === "same" ? [6, 7, 2] : [8, 9, 2]);
    }
  });

  const cases: readonly Spoilt[] = [
    ["channels first", `${config}.data_format`, "channels_first", "unsupported", "channels come last"],
    ["another padding", `${config}.padding`, "full", "unsupported", '"full"'],
    ["a wide kernel", `${config}.kernel_size`, [7], "bad-file", "7 positions"],
    ["another kernel", `${config}.kernel_size`, [2], "bad-file", "c/kernel"],
    ["a kernel of two axes", `${config}.kernel_size`, [3, 3], "bad-file", "2 numbers"],
    ["no kernel", `${config}.kernel_size`, undefined, "bad-file", "kernel_size"],
    ["a stride of 0", `${config}.strides`, [0], "bad-file", "strides"],
    ["a dilation of 2^31", `${config}.dilation_rate`, [2 ** 31 - 1], "bad-file", "positions"],
    ["no filters", `${config}.filters`, 0, "bad-file", "filters"],
    ["groups that don't divide", `${config}.groups`, 3, "bad-file", "groups"],
    ["a step of no axis", "modelTopology.config.layers.1.class_name", "Conv2D", "bad-file", "3 axes"],
    [
      "a pool with causal padding",
      "modelTopology.config.layers.2",
      pooled({ padding: "causal" }),
      "unsupported",
      "causal",
    ],
    [
      "a pool in nothing",
      "modelTopology.config.layers.2",
      pooled({ pool_size: [9] }),
      "bad-file",
      "9 positions",
    ],
    [
      "bilinear",
      "modelTopology.config.layers.2",
      { class_name: "UpSampling1D", config: { name: "y", size: 2, interpolation: "bilinear" } },
      "unsupported",
      "bilinear",
    ],
    [
      "upsampling to 2^31",
      "modelTopology.config.layers.2",
      { class_name: "UpSampling1D", config: { name: "y", size: 2 ** 31 - 1 } },
      "unsupported",
      "units",
    ],
    [
      "padding of 2^31",
      "modelTopology.config.layers.2",
      { class_name: "ZeroPadding1D", config: { name: "y", padding: 2 ** 31 - 1 } },
      "unsupported",
      "units",
    ],
    [
      "cutting all off",
      "modelTopology.config.layers.2",
      { class_name: "Cropping1D", config: { name: "y", cropping: [2, 2] } },
      "bad-file",
      "cuts",
    ],
  ];
  function pooled(options: object) {
    return { class_name: "MaxPooling1D", config: { name: "y", pool_size: [2], strides: [2], ...options } };
  }
  it.each(cases)("%s", async (_, path, value, code, mention) => {
    const file = await artifacts(small());
    expectRefusal(() => fromTfjs(spoilt(file, path, value) as TfjsArtifacts), wrong(code), mention);
  });

  it("steps that are masked", async () => {
    const made = layers.embedding({ inputDim: 5, outputDim: 2, inputLength: 3, name: "e" });
    const file = await artifacts(tfl.sequential({ layers: [made, layers.flatten()] }));
    const masked = spoilt(file, "modelTopology.config.layers.0.config.mask_zero", true);
    expectRefusal(() => fromTfjs(masked as TfjsArtifacts), "unsupported", "mask_zero");
  });

  it("a model.json whose weights lie in shards", async () => {
    const model = row(
      [5, 6, 2],
      [layers.conv2d({ filters: 3, kernelSize: 2 }), layers.maxPooling2d({ poolSize: 2 })],
    );
    stir(model, new Random(seed));
    const { modelTopology, weightSpecs, weightData } = await artifacts(model);
    const bytes = Buffer.from(weightData as ArrayBuffer);
    const json = { modelTopology, weightsManifest: [{ paths: ["a", "b"], weights: weightSpecs }] };
    const graph = fromTfjs(json, [bytes.subarray(0, 33), bytes.subarray(33)]);
    expectSameValues(model, graph, new Random(seed));
  });
});
