// ConvNetJS: its own nets and ours give the same.

import { fromConvnet } from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import { load, type Peer } from "../../peers/load.js";
import { expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { type Spoilt, spoilt } from "./spoil.js";

const convnet = await load("convnetjs");

interface Defined {
  readonly type: string;
  readonly [option: string]: unknown;
}

function made(layers: readonly Defined[]) {
  const net = new convnet.Net();
  net.makeLayers(structuredClone(layers));
  return net;
}

const json = (net: { toJSON(): object }) => JSON.parse(JSON.stringify(net.toJSON()));

function expectSameValues(net: ReturnType<typeof made>, random: Random, file: object = json(net)) {
  const graph = fromConvnet(file);
  const { out_sx, out_sy, out_depth } = net.layers[0];
  for (let k = 0; k < 5; k++) {
    const xs = random.numbers(out_sx * out_sy * out_depth);
    const volume = new convnet.Vol(out_sx, out_sy, out_depth, 0);
    volume.w.set(xs);
    expectClose(graph.predict({ input: xs }).output!, net.forward(volume).w, 1e-12, "outputs");
  }
  return graph;
}

describe(`ConvNetJS, PLEXUS_SEED=${seed}`, () => {
  it("nets of fully connected layers, with each activation, dropout and end", () => {
    for (let i = 0; i < 30; i++) {
      const random = new Random(seed * 7001 + i);
      const sides = [random.whole(1, 3), random.whole(1, 3), random.whole(1, 4)];
      const hidden = Array.from({ length: random.whole(0, 3) }, () => ({
        type: "fc",
        num_neurons: random.whole(1, 6),
        ...(random.chance(0.8) ? { activation: random.pick(["relu", "sigmoid", "tanh"]) } : {}),
        ...(random.chance(0.3) ? { drop_prob: 0.3 } : {}),
      }));
      const units = random.whole(2, 4);
      const ends = [
        { type: "softmax", num_classes: units },
        { type: "svm", num_classes: units },
        { type: "regression", num_neurons: units },
      ];
      const end = random.pick(ends);
      const input = { type: "input", out_sx: sides[0], out_sy: sides[1], out_depth: sides[2] };
      const graph = expectSameValues(made([input, ...hidden, end]), random);
      expect(graph.outputs[0]!.loss).toBe(end.type === "softmax" ? "crossEntropy" : "mse");
      graph.dispose();
    }
  });

  it("nets with convolutions and pools, of images whose sides differ", () => {
    for (let i = 0; i < 30; i++) {
      const random = new Random(seed * 7013 + i);
      const sides = [random.whole(5, 9), random.whole(5, 9), random.whole(1, 3)];
      const hidden = Array.from({ length: random.whole(1, 3) }, () =>
        random.chance(0.6)
          ? {
              type: "conv",
              ...{ sx: random.whole(1, 3), sy: random.whole(1, 3), filters: random.whole(1, 4) },
              ...{ stride: random.whole(1, 2), pad: random.whole(0, 2) },
              ...(random.chance(0.8) ? { activation: random.pick(["relu", "sigmoid", "tanh"]) } : {}),
              ...(random.chance(0.3) ? { drop_prob: 0.3 } : {}),
            }
          : {
              type: "pool",
              sx: 2,
              sy: random.whole(2, 3),
              stride: random.whole(1, 3),
              pad: random.whole(0, 1),
            },
      );
      const ends = [
        { type: "fc", num_neurons: 4, activation: "tanh" },
        { type: "softmax", num_classes: random.whole(2, 4) },
      ];
      const input = { type: "input", out_sx: sides[0], out_sy: sides[1], out_depth: sides[2] };
      const net = made([input, ...hidden, ...ends.slice(random.whole(0, 1))]);
      if (net.layers.some(({ out_sx, out_sy }: Peer) => out_sx < 1 || out_sy < 1)) continue;
      const graph = expectSameValues(net, random);
      expect(graph.inputs[0]!.shape).toEqual([sides[1], sides[0], sides[2]]);
      graph.dispose();
    }
  });

  it("a net of images has a layer for each convolution and each pool", () => {
    const net = made([
      { type: "input", out_sx: 12, out_sy: 10, out_depth: 1 },
      { type: "conv", sx: 5, filters: 8, stride: 1, pad: 2, activation: "relu" },
      { type: "pool", sx: 2, stride: 2 },
      { type: "softmax", num_classes: 10 },
    ]);
    const graph = expectSameValues(net, new Random(seed));
    expect(graph.layers.map(({ name, shape }) => [name, ...shape])).toEqual([
      ["input", 10, 12, 1],
      ["hidden1", 10, 12, 8],
      ["hidden2", 5, 6, 8],
      ["output", 10],
    ]);
    // A net may end without layers that the library puts before its end.
    const file = json(net);
    const bare = fromConvnet({ layers: [...file.layers.slice(0, 4), { layer_type: "softmax" }] });
    expect(bare.outputs[0]!.shape).toEqual([240]);
  });

  const input = { type: "input", out_sx: 1, out_sy: 1, out_depth: 3 };

  it("layers are named, and dropout is the layer's before it", () => {
    const graph = fromConvnet(
      json(
        made([
          input,
          { type: "fc", num_neurons: 4, activation: "relu", drop_prob: 0.25 },
          { type: "fc", num_neurons: 5, activation: "tanh" },
          { type: "softmax", num_classes: 2 },
        ]),
      ),
    );
    expect(graph.layers.every(({ shape }) => shape.length === 1)).toBe(true);
    expect(graph.layers.map(({ name, activation, dropout }) => [name, activation, dropout])).toEqual([
      ["input", "linear", 0],
      ["hidden1", "relu", 0.25],
      ["hidden2", "tanh", 0],
      ["output", "softmax", 0],
    ]);
  });

  it("files that were never texts, with numbers in typed arrays, and those of old versions in arrays", () => {
    const net = made([
      input,
      { type: "fc", num_neurons: 4, activation: "relu" },
      { type: "regression", num_neurons: 2 },
    ]);
    expectSameValues(net, new Random(seed), net.toJSON());
    const old = JSON.parse(JSON.stringify(net.toJSON()), (_, value) =>
      value?.w === undefined ? value : { ...value, w: Object.values(value.w) },
    );
    expectSameValues(net, new Random(seed), old);
  });

  it("activations of the input, and a net that ends without a loss", () => {
    const file = json(
      made([input, { type: "tanh" }, { type: "dropout", drop_prob: 0.5 }, { type: "svm", num_classes: 2 }]),
    );
    expectSameValues(made([input, { type: "svm", num_classes: 2 }]), new Random(seed));
    expect(fromConvnet({ layers: file.layers.slice(0, -1) }).outputs[0]!.loss).toBe("mse");
  });
});

describe("what is no net of fully connected layers is refused", () => {
  const file = json(
    made([
      { type: "input", out_sx: 1, out_sy: 1, out_depth: 2 },
      { type: "fc", num_neurons: 3, activation: "relu", drop_prob: 0.5 },
      { type: "softmax", num_classes: 2 },
    ]),
  );
  const end = { layer_type: "softmax" };
  const window = { layer_type: "pool", sx: 1, sy: 1, stride: 1, pad: 0, out_sx: 1, out_sy: 1 };
  const cases: readonly Spoilt[] = [
    ["a convolution without sides", "layers.1.layer_type", "conv", "bad-file", "layers[1].sx"],
    ["a pool of other sides", "layers.2", { ...window, out_sx: 2 }, "bad-file", "layers[2].out_sx"],
    ["a pool without a stride", "layers.2", { ...window, stride: 0 }, "bad-file", "layers[2].stride"],
    [
      "a pool outside",
      "layers.2",
      { ...window, pad: 1, out_sx: 3, out_sy: 3 },
      "unsupported",
      "layers[2].pad",
    ],
    ["a pad of 2^31", "layers.2", { ...window, pad: 2 ** 31 - 1 }, "unsupported", "layers[2]"],
    ["maxout", "layers.2.layer_type", "maxout", "unsupported", '"maxout"'],
    ["toString", "layers.2.layer_type", "toString", "unsupported", "toString"],
    ["a layer after the end", "layers.2", end, "unsupported", "layers[3]"],
    [
      "a softmax of one unit",
      "layers",
      [{ ...file.layers[0], out_depth: 1 }, end],
      "unsupported",
      "one unit",
    ],
    ["no layers", "layers", [], "bad-file", "0 layers"],
    ["one layer", "layers", file.layers.slice(0, 1), "bad-file", "1 layers"],
    ["no input", "layers", file.layers.slice(1), "bad-file", "layers[0]"],
    ["2^40 inputs", "layers.0.out_depth", 2 ** 31, "unsupported", "layers[0]"],
    ["an input of another size", "layers.0.out_depth", 3, "bad-file", "filters[0]"],
    ["no filters", "layers.1.filters", undefined, "bad-file", "layers[1].filters"],
    ["empty filters", "layers.1.filters", [], "bad-file", "layers[1].filters"],
    ["a filter without numbers", "layers.1.filters.1.w", null, "bad-file", "filters[1].w"],
    ["other keys", "layers.1.filters.1.w", { a: 1, b: 2 }, "bad-file", "filters[1].w[0]"],
    ["a weight of null", "layers.1.filters.2.w.1", null, "bad-file", "filters[2].w[1]"],
    ["a bias too few", "layers.1.biases.w", { 0: 1 }, "bad-file", "biases.w"],
    ["all dropped", "layers.3.drop_prob", 1, "bad-file", "drop_prob"],
    ["no share to drop", "layers.3.drop_prob", undefined, "bad-file", "drop_prob"],
  ];
  it.each(cases)("%s", (_, path, value, code, mention) => {
    expectRefusal(() => fromConvnet(spoilt(file, path, value)), wrong(code), mention);
  });
});
