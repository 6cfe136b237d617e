// The recurrent networks of brain.js over time steps, versions 1 and 2: its own runs and ours give the same.

import { fromBrain } from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import { load } from "../../peers/load.js";
import { type AnyGraph, expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { type Spoilt, spoilt } from "./spoil.js";

const [first, second] = [await load("brain1"), await load("brain.js")];
const types = ["RNN", "LSTM", "GRU"];

/** Returns a network that was trained on sequences of `size` numbers a step. */
function trained(brain: typeof second, type: string, size: number, sequences: readonly unknown[]) {
  const network = new brain.recurrent[`${type}TimeStep`]({
    inputSize: size,
    outputSize: size,
    hiddenLayers: [4, 3],
  });
  network.train(sequences, { iterations: 50, learningRate: 0.02, errorThresh: 1e-9 });
  return network;
}

/** Returns what the graph gives in the last step. */
function lastOf(graph: AnyGraph, steps: readonly (readonly number[])[]): number[] {
  const { output } = graph.predict({ input: steps.flat() }, { steps: steps.length });
  return [...output!].slice(-graph.layer("output").size);
}

const versions = [
  ["1", first],
  ["2", second],
] as const;
describe.each(versions)(`networks of version %s run as in brain.js, PLEXUS_SEED=${seed}`, (_, brain) => {
  it.each(types)("%sTimeStep over numbers, and over arrays", (type) => {
    for (const size of [1, 3]) {
      const random = new Random(seed + size);
      const sequences = Array.from({ length: 3 }, () =>
        Array.from({ length: 6 }, () => (size === 1 ? random.signed() : random.numbers(size))),
      );
      const network = trained(brain, type, size, sequences);
      // As it is, and through text: version 1 has functions among its options, and writes floats as an object.
      for (const file of [network.toJSON(), JSON.parse(JSON.stringify(network.toJSON()))]) {
        const { graph, ...names } = fromBrain(file);
        expect(names).toEqual({});
        expect(graph.layer("output").activation).toBe("linear");
        for (const sequence of sequences) {
          const wanted = [network.run(sequence)].flat();
          const rows = sequence.map((step) => [step].flat());
          expectClose(lastOf(graph, rows), Array.from(wanted[0].length ? wanted[0] : wanted), 2e-6, type);
        }
        graph.dispose();
      }
    }
  });
});

describe("version 2", () => {
  it("objects at each step, whose keys come in the order of the units", () => {
    const data = [
      [
        { low: 0.1, high: 0.5 },
        { low: 0.2, high: 0.6 },
        { low: 0.3, high: 0.7 },
      ],
    ];
    const network = new second.recurrent.LSTMTimeStep({ inputSize: 2, outputSize: 2, hiddenLayers: [5] });
    network.train(data, { iterations: 50 });
    const { graph, inputs, outputs } = fromBrain(network.toJSON());
    expect([inputs, outputs]).toEqual([
      ["low", "high"],
      ["low", "high"],
    ]);
    const rows = data[0]!.map(({ low, high }) => [low, high]);
    expectClose(lastOf(graph, rows), Object.values(network.run(data[0])), 1e-6, "objects");
  });

  it("forecasts by a state", () => {
    const network = trained(second, "GRU", 1, [[0.1, 0.2, 0.3, 0.4, 0.5]]);
    const { graph } = fromBrain(network.toJSON()) as { graph: AnyGraph };
    const state = graph.state();
    const given = [0.1, 0.2, 0.3];
    const next = (value: number) => graph.predict({ input: [value] }, { state }).output![0]!;
    const found = given.map(next).slice(-1);
    for (let i = 1; i < 4; i++) found.push(next(found.at(-1)!));
    expectClose(found, network.forecast(given, 4), 1e-5, "forecast");
  });

  it("the layers of a cell", () => {
    const names = (type: string) => {
      const network = new second.recurrent[`${type}TimeStep`]({ hiddenLayers: [2] });
      network.initialize();
      return fromBrain(network.toJSON()).graph.layers.map(({ name }) => name);
    };
    expect(names("RNN")).toEqual(["input", "hidden1", "output"]);
    const lstm = ["input", "forget", "candidate", "output", "write", "keep", "squash"];
    expect(names("LSTM")).toEqual(["input", ...lstm.map((name) => `hidden1.${name}`), "hidden1", "output"]);
    const gru = ["update", "reset", "candidate", "gated", "open", "write", "keep"];
    expect(names("GRU")).toEqual(["input", ...gru.map((name) => `hidden1.${name}`), "hidden1", "output"]);
  });
});

describe("what is no network is refused with its place", () => {
  const network = new second.recurrent.GRUTimeStep({ inputSize: 2, outputSize: 2, hiddenLayers: [3, 2] });
  network.initialize();
  const file = JSON.parse(JSON.stringify(network.toJSON()));
  const cases: readonly Spoilt[] = [
    ["no hidden layers", "hiddenLayers", undefined, "bad-file", "hiddenLayers"],
    ["an empty list of them", "hiddenLayers", [], "bad-file", "hiddenLayers"],
    ["a cell of another kind", "hiddenLayers.0", { peephole: {} }, "unsupported", "hiddenLayers[0]"],
    ["a second of another kind", "hiddenLayers.1", {}, "unsupported", "hiddenLayers[1]"],
    ["no matrix", "hiddenLayers.1.resetGateBias", undefined, "bad-file", "hiddenLayers[1].resetGateBias"],
    [
      "other columns",
      "hiddenLayers.1.updateGateInputMatrix.columns",
      2,
      "bad-file",
      "[1].updateGateInputMatrix",
    ],
    ["other rows", "outputConnector.rows", 3, "bad-file", "outputConnector.weights"],
    ["a short bias", "output.weights", [1], "bad-file", "output.weights"],
    ["rows of 2^40", "output.rows", 2 ** 40, "bad-file", "output.rows"],
    ["a weight of text", "hiddenLayers.0.resetGateBias.weights.1", "1", "bad-file", "weights[1]"],
    ["weights that skip an index", "output.weights", { 0: 1, 2: 1 }, "bad-file", "output.weights"],
    ["no output", "output", undefined, "bad-file", "output"],
  ];
  it.each(cases)("%s", (_, path, value, code, mention) => {
    expectRefusal(() => fromBrain(spoilt(file, path, value)), wrong(code), mention);
  });
});
