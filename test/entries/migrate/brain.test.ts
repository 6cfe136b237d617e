// brain.js, versions 1 and 2: its own networks and ours give the same. It holds values in float32.

import { fromBrain } from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import { load } from "../../peers/load.js";
import { expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { type Spoilt, spoilt } from "./spoil.js";

const [first, second] = [await load("brain1"), await load("brain.js")];
const json = (network: { toJSON(): object }) => JSON.parse(JSON.stringify(network.toJSON()));

const activations = ["sigmoid", "relu", "leaky-relu", "tanh"];
const versions = [
  ["1", first],
  ["2", second],
] as const;

describe.each(versions)(`networks of version %s predict as in brain.js, PLEXUS_SEED=${seed}`, (_, brain) => {
  it.each(activations)("%s", (activation) => {
    for (let i = 0; i < 8; i++) {
      const random = new Random(seed * 1009 + i);
      const sizes = Array.from({ length: random.whole(2, 5) }, () => random.whole(1, 9));
      const network = new brain.NeuralNetwork({ activation, leakyReluAlpha: 0.01 });
      network.sizes = sizes;
      network.initialize();
      const { graph, ...names } = fromBrain(json(network));
      expect(names).toEqual({});
      expect(graph.layers.map(({ size }) => size)).toEqual(sizes);
      expect(graph.outputs[0]!.loss).toBe("mse");
      for (let k = 0; k < 10; k++) {
        const xs = random.numbers(sizes[0]!).map((value) => value * 3);
        expectClose(graph.predict({ input: xs }).output!, network.run(xs), 1e-6, `network ${i}`);
      }
      graph.dispose();
    }
  });

  it("objects, whose keys come in the order of the units", () => {
    const network = new brain.NeuralNetwork({ hiddenLayers: [4, 3], activation: "tanh" });
    const data = [
      { input: { red: 0.1, green: 0.9 }, output: { dark: 0.2 } },
      { input: { blue: 0.7, red: 0.4, 7: 0.2 }, output: { light: 0.8, dark: 0.1 } },
    ];
    network.train(data, { iterations: 50, errorThresh: 1e-9 });
    const { graph, inputs, outputs } = fromBrain(json(network));
    expect(new Set(inputs)).toEqual(new Set(["red", "green", "blue", "7"]));
    expect(new Set(outputs)).toEqual(new Set(["light", "dark"]));
    for (const { input } of data) {
      const xs = inputs!.map((name) => (input as Record<string, number>)[name] ?? 0);
      const ys = graph.predict({ input: xs }).output!;
      const wanted = network.run(input);
      expectClose(
        ys,
        outputs!.map((name) => wanted[name]),
        1e-6,
        "keys",
      );
    }
  });
});

describe("version 2", () => {
  it("takes the slope of leaky-relu", () => {
    const network = new second.NeuralNetwork({ activation: "leaky-relu", leakyReluAlpha: 0.3 });
    network.sizes = [3, 5, 2];
    network.initialize();
    const { graph } = fromBrain(json(network));
    expect(graph.layer("hidden1").activation).toEqual({ name: "leakyRelu", slope: 0.3 });
    const xs = new Random(seed).numbers(3);
    expectClose(graph.predict({ input: xs }).output!, network.run(xs), 1e-6, "slope");
  });

  it("of the GPU class has the same file", () => {
    const network = new second.NeuralNetwork();
    network.sizes = [2, 1];
    network.initialize();
    const file = { ...json(network), type: "NeuralNetworkGPU" };
    expectClose(fromBrain(file).graph.predict({ input: [1, 2] }).output!, network.run([1, 2]), 1e-6, "GPU");
  });
});

describe("what is no network is refused with its place", () => {
  const network = new second.NeuralNetwork();
  network.sizes = [2, 3, 1];
  network.initialize();
  const file = json(network);
  const cases: readonly Spoilt[] = [
    ["a text", "", "{}", "bad-file", "the file"],
    ["an array", "", [], "bad-file", "the file"],
    ["another type", "type", "AE", "unsupported", "AE"],
    ["a type that is no text", "type", 7, "bad-file", "type"],
    ["no layers", "layers", undefined, "bad-file", "layers"],
    ["one layer", "layers", [{}], "bad-file", "layers"],
    ["another activation", "trainOpts.activation", "sine", "unsupported", "sine"],
    ["toString's activation", "trainOpts.activation", "toString", "unsupported", "toString"],
    ["a slope above 1", "trainOpts", { activation: "leaky-relu", leakyReluAlpha: 2 }, "unsupported", "Alpha"],
    ["a short row", "layers.1.weights.2", [1], "bad-file", "layers[1].weights[2]"],
    ["a short bias", "layers.2.biases", [], "bad-file", "layers[2].biases"],
    ["no size", "sizes", [], "bad-file", "sizes[0]"],
    ["a size of 2^40", "sizes.0", 2 ** 40, "bad-file", "sizes[0]"],
    ["a weight of null", "layers.1.weights.0.0", null, "bad-file", "layers[1].weights[0][0]"],
    ["two keys of one place", "inputLookup", { a: 0, b: 0 }, "bad-file", "lookup"],
    ["a layer without units", "layers.1", { weights: [], biases: [] }, "bad-file", "layers[2].weights[0]"],
  ];
  it.each(cases)("%s", (_, path, value, code, mention) => {
    expectRefusal(() => fromBrain(spoilt(file, path, value)), wrong(code), mention);
  });
});
