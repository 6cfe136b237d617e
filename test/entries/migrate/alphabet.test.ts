// The recurrent networks of brain.js over characters, versions 1 and 2: its own runs and ours give the same text.

import { type Brain, type BrainRun, fromBrain } from "plexus-nn/migrate";
import { afterEach, describe, expect, it, vi } from "vitest";
import { load } from "../../peers/load.js";
import { expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { type Spoilt, spoilt } from "./spoil.js";

const [first, second] = [await load("brain1"), await load("brain.js")];
const types = ["RNN", "LSTM", "GRU"];
const texts = ["the cat sat", "the dog ran", "a cat ran"];
const sums = [
  { input: "1+1", output: "2" },
  { input: "2+1", output: "3" },
  { input: "2+2", output: "4" },
];

function trained(brain: typeof second, type: string, data: readonly unknown[], options: object = {}) {
  const network = new brain.recurrent[type]({ hiddenLayers: [12], ...options });
  network.train(data, { iterations: 60, learningRate: 0.02 });
  return network;
}

/** Calls a function with the same random numbers as others. */
function seeded<R>(number: number, call: () => R): R {
  const random = new Random(number);
  const spy = vi.spyOn(Math, "random").mockImplementation(() => random.next());
  try {
    return call();
  } finally {
    spy.mockRestore();
  }
}

afterEach(() => vi.restoreAllMocks());

const versions = [
  ["1", first],
  ["2", second],
] as const;
describe.each(versions)(
  `networks of version %s write as in brain.js, PLEXUS_SEED=${seed}`,
  (version, brain) => {
    it.each(types)("%s, from the start and from a given text", (type) => {
      const network = seeded(seed, () => trained(brain, type, texts));
      const { graph, inputs, outputs, run } = fromBrain(network.toJSON()) as Required<Brain>;
      const { characters } = JSON.parse(JSON.stringify(network.toJSON())).options.dataFormatter;
      expect(inputs).toEqual(["", ...characters]);
      expect(outputs).toEqual(inputs);
      expect(graph.layer("output").activation).toBe("softmax");
      for (const given of ["", "t", "the c", "a", ["t", "h", "e"]] as const) {
        expect(run(given)).toBe(network.run(given));
      }
      expect(run()).toBe(network.run());
    });

    it.each(types)("%s, from an input to an output", (type) => {
      const network = seeded(seed, () => trained(brain, type, sums));
      const { inputs, run } = fromBrain(network.toJSON()) as Required<Brain>;
      expect(inputs).toEqual(expect.arrayContaining(["stop-input", "start-output", "unrecognized"]));
      for (const { input } of sums) expect(run(input)).toBe(network.run(input));
      for (const given of ["", "1", "9+x"]) expect(run(given)).toBe(network.run(given));
    });

    it("samples, at every temperature", () => {
      const network = seeded(seed, () => trained(brain, "LSTM", texts));
      const { run } = fromBrain(network.toJSON()) as Required<Brain>;
      for (const temperature of [0.3, 1, 2.5]) {
        for (let i = 0; i < 5; i++) {
          const wanted = seeded(seed + i, () => network.run("the", true, temperature));
          expect(seeded(seed + i, () => run("the", true, temperature))).toBe(wanted);
        }
      }
    });

    it("stops at the longest prediction", () => {
      const network = seeded(seed, () => trained(brain, "RNN", texts, { maxPredictionLength: 7 }));
      const { run } = fromBrain(network.toJSON()) as Required<Brain>;
      expect(run("the")).toBe(network.run("the"));
    });

    it("words, each an element of an array", () => {
      const lines = [
        ["red", "green", "blue"],
        ["green", "blue", "red"],
      ];
      const network = seeded(seed, () => trained(brain, "GRU", lines));
      const { inputs, run } = fromBrain(network.toJSON()) as Required<Brain>;
      expect(inputs).toEqual(expect.arrayContaining(["", "red", "green", "blue"]));
      expect(run(["red"])).toBe(network.run(["red"]));
      if (version === "2") expect(run([0, 1])).toBe(network.run([0, 1]));
    });
  },
);

it("the run takes the graph as it is, after training here", () => {
  const { graph, inputs, run } = fromBrain(trained(second, "LSTM", texts).toJSON()) as Required<Brain>;
  graph.optimizer = { name: "adam", rate: 0.02 };
  const word = [..."a cat"].map((character) => inputs.indexOf(character));
  const oneHot = (units: readonly number[]) =>
    units.flatMap((unit) => inputs.map((_, i) => (i === unit ? 1 : 0)));
  for (let i = 0; i < 300; i++) {
    graph.train({ input: oneHot([0, ...word]) }, { output: oneHot([...word, 0]) }, { steps: 6 });
  }
  expect(run()).toBe("a cat");
});

describe("wrong uses are refused", () => {
  const { run } = fromBrain(trained(second, "RNN", texts).toJSON()) as Required<Brain>;
  const strict = trained(first, "RNN", texts).toJSON();
  const uses: readonly [string, (run: BrainRun) => unknown, string][] = [
    ["a text that is none", (run) => run(wrong(7)), "7"],
    ["a temperature of 0", (run) => run("the", true, 0), "temperature"],
    ["a temperature that is none", (run) => run("the", true, wrong("1")), "temperature"],
    ["an index that isn't there", (run) => run([0, 999]), "999"],
  ];
  it.each(uses)("%s", (_, use, mention) => {
    expectRefusal(() => use(run), "bad-option", mention);
  });

  it("a character that the network doesn't know", () => {
    const { run } = fromBrain(strict) as Required<Brain>;
    expectRefusal(() => run("xyz"), "bad-option", '"x"');
  });

  const file = JSON.parse(JSON.stringify(trained(second, "RNN", texts).toJSON()));
  const formatter = "options.dataFormatter";
  const cases: readonly Spoilt[] = [
    ["other characters", `${formatter}.characters`, ["a"], "bad-file", "characters"],
    ["no tables", `${formatter}.indexTable`, undefined, "bad-file", "indexTable"],
    ["an index beyond", `${formatter}.indexTable.a`, 999, "bad-file", "indexTable"],
    [
      "another size of the output",
      "outputConnector",
      { rows: 1, columns: 1, weights: [1] },
      "bad-file",
      "output",
    ],
    ["a length that is none", "options.maxPredictionLength", "7", "bad-file", "maxPredictionLength"],
    ["an embedding that is none", "input.weights", [1], "bad-file", "input.weights"],
  ];
  it.each(cases)("%s", (_, path, value, code, mention) => {
    expectRefusal(() => fromBrain(spoilt(file, path, value)), wrong(code), mention);
  });

  it("an output of other characters than the input's", () => {
    const one = { rows: 1, columns: 12, weights: new Array(12).fill(0) };
    const short = spoilt(spoilt(file, "outputConnector", one), "output", {
      rows: 1,
      columns: 1,
      weights: [0],
    });
    expectRefusal(() => fromBrain(short), "bad-file", "outputConnector has 1 rows");
  });

  it("has no run without characters", () => {
    for (const value of [null, undefined]) {
      expect(fromBrain(spoilt(file, formatter, value))).not.toHaveProperty("run");
    }
  });
});
