// Wrong options: unknown ones everywhere, and values that aren't among those allowed.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectRefusal, type WrongUse, wrong } from "../helpers.js";
import { eachIsRefused, fixture, good } from "./fixture.js";

const t = { even: [1, 0] };
const rates = [
  -0.1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  "0.1",
  null,
  1n,
  [0.1],
  {},
];
const show = (value: unknown) =>
  typeof value === "object" ? JSON.stringify(value) : `${typeof value} ${String(value)}`;

/** Rules with numbers that they can't have: the activation, the loss, and what the message mentions. */
const ownNumbers: [what: string, activation: unknown, loss: unknown, ...mentions: string[]][] = [
  ["an activation without a name", { slope: 1 }, "mse", "undefined"],
  ["an unknown activation in an object", { name: "leakyrelu" }, "mse", '"leakyrelu"'],
  ["a number of another activation", { name: "elu", slope: 1 }, "mse", '"slope"', '"alpha"'],
  ["a number where there is none", { name: "relu", slope: 1 }, "mse", '"slope"', '"relu"'],
  ["a slope of NaN", { name: "leakyRelu", slope: Number.NaN }, "mse", "slope", "NaN"],
  ["an infinite alpha", { name: "elu", alpha: Number.POSITIVE_INFINITY }, "mse", "alpha", "Infinity"],
  ["a slope in text", { name: "leakyRelu", slope: "0.1" }, "mse", "slope", '"0.1"'],
  ["null as a slope", { name: "leakyRelu", slope: null }, "mse", "slope", "null"],
  ["a delta of 0", "linear", { name: "huber", delta: 0 }, "delta", "above 0"],
  ["a delta below 0", "linear", { name: "huber", delta: -1 }, "delta", "-1"],
  ["a smoothing of 1", "sigmoid", { name: "entropy", smoothing: 1 }, "smoothing", "below 1"],
  ["a smoothing below 0", "softmax", { name: "crossEntropy", smoothing: -0.1 }, "smoothing", "-0.1"],
  ["a smoothing of kl", "softmax", { name: "kl", smoothing: 0.1 }, '"smoothing"', '"kl"'],
  ["smoothed entropy on tanh", "tanh", { name: "entropy", smoothing: 0.1 }, '"entropy"', "tanh"],
];

const uses: WrongUse<Graph>[] = [
  [
    "an unknown activation",
    (g) => g.addHidden("new", 1, wrong("sigmod")),
    "bad-option",
    '"sigmod"',
    '"sigmoid"',
    '"new"',
  ],
  [
    "an activation of another's prototype",
    (g) => g.addHidden("new", 1, wrong("toString")),
    "bad-option",
    "toString",
  ],
  ["__proto__ as an activation", (g) => g.addInput("new", 1, wrong("__proto__")), "bad-option"],
  ["null as an activation", (g) => g.addOutput("new", 1, wrong(null)), "bad-option", "null"],
  ["an activation in an array", (g) => g.addHidden("new", 1, wrong(["tanh"])), "bad-option", '"tanh"'],
  ["an unknown loss", (g) => g.addOutput("new", 1, "sigmoid", wrong("mes")), "bad-option", '"mes"', '"mse"'],
  ["a number as a loss", (g) => g.addOutput("new", 1, "sigmoid", wrong(0)), "bad-option"],
  ["null as a loss", (g) => g.addOutput("new", 1, "sigmoid", wrong(null)), "bad-option", "null"],
  ["entropy on linear", (g) => g.addOutput("new", 1, "linear", "entropy"), "bad-option", '"new"', "linear"],
  ["entropy on tanh", (g) => g.addOutput("new", 1, "tanh", "entropy"), "bad-option", '"new"', "tanh"],
  ["entropy on relu", (g) => g.addOutput("new", 1, "relu", "entropy"), "bad-option", '"new"', "relu"],
  ["crossEntropy on linear", (g) => g.addOutput("new", 1, "linear", "crossEntropy"), "bad-option", '"new"'],
  ["entropy on softplus", (g) => g.addOutput("new", 1, "softplus", "entropy"), "bad-option", "softplus"],
  ...ownNumbers.map(
    ([what, activation, loss, ...mentions]): WrongUse<Graph> => [
      what,
      (g) => g.addOutput("new", 2, wrong(activation), wrong(loss)),
      "bad-option",
      ...mentions,
    ],
  ),
  ["crossEntropy on tanh", (g) => g.addOutput("new", 1, "tanh", "crossEntropy"), "bad-option", '"new"'],
  [
    "an input's option",
    (g) => g.addInput("new", 1, "linear", wrong({ dropuot: 1 })),
    "bad-option",
    '"dropuot"',
  ],
  [
    "a hidden layer's option",
    (g) => g.addHidden("new", 1, "tanh", wrong({ activation: "tanh" })),
    "bad-option",
    '"activation"',
  ],
  [
    "an output's option",
    (g) => g.addOutput("new", 1, "sigmoid", "mse", wrong({ wieght: 1 })),
    "bad-option",
    '"wieght"',
  ],
  ["a layer's options as a string", (g) => g.addHidden("new", 1, "tanh", wrong("frozen")), "bad-option"],
  ["a layer's options as null", (g) => g.addHidden("new", 1, "tanh", wrong(null)), "bad-option", "null"],
  ["a layer's options as an array", (g) => g.addHidden("new", 1, "tanh", wrong([1])), "bad-option"],
  [
    "a synapse's option",
    (g) => g.connect("pixels", "even", wrong({ nmae: "s" })),
    "bad-option",
    '"nmae"',
    '"name"',
  ],
  ["a synapse's options as a string", (g) => g.connect("pixels", "even", wrong("glorot")), "bad-option"],
  ["a synapse's options as null", (g) => g.connect("pixels", "even", wrong(null)), "bad-option"],
  [
    "an unknown init",
    (g) => g.connect("pixels", "even", { init: wrong("xavier") }),
    "bad-option",
    '"xavier"',
    '"glorot"',
  ],
  ["null as an init", (g) => g.connect("pixels", "even", { init: wrong(null) }), "bad-option", "null"],
  [
    "constructor as an init",
    (g) => g.connect("pixels", "even", { init: wrong("constructor") }),
    "bad-option",
  ],
  [
    "an option of predict",
    (g) => g.predict(good, wrong({ output: ["even"] })),
    "bad-option",
    '"output"',
    '"outputs"',
  ],
  ["an empty list of outputs", (g) => g.predict(good, { outputs: [] }), "bad-option"],
  ["outputs as a string", (g) => g.predict(good, { outputs: wrong("even") }), "bad-option", '"even"'],
  ["outputs as a Set", (g) => g.predict(good, { outputs: wrong(new Set(["even"])) }), "bad-option"],
  ["outputs as null", (g) => g.predict(good, { outputs: wrong(null) }), "bad-option"],
  ["predict's options as a list", (g) => g.predict(good, wrong(["even"])), "bad-option"],
  ["an option of train", (g) => g.train(good, t, wrong({ rate: 0.1 })), "bad-option", '"rate"'],
  ["train's options as a number", (g) => g.train(good, t, wrong(0.1)), "bad-option", "0.1"],
  ["an option of gradients", (g) => g.gradients(good, t, wrong({ rows: 1 })), "bad-option", '"rows"'],
  ["an option of evaluate", (g) => g.evaluate(good, t, wrong({ metric: ["mae"] })), "bad-option", '"metric"'],
  ...rates.flatMap((rate): WrongUse<Graph>[] => [
    [`${show(rate)} as the rate`, (g) => (g.rate = wrong(rate)), "bad-option"],
    [
      `${show(rate)} as the optimizer's rate`,
      (g) => (g.optimizer = { name: "sgd", rate: wrong(rate) }),
      "bad-option",
    ],
  ]),
  ["an optimizer without a name", (g) => (g.optimizer = wrong({ rate: 0.1 })), "bad-option", "undefined"],
  ["an unknown optimizer", (g) => (g.optimizer = wrong({ name: "sdg" })), "bad-option", '"sdg"', '"sgd"'],
  [
    "an optimizer's option",
    (g) => (g.optimizer = wrong({ name: "sgd", learningRate: 1 })),
    "bad-option",
    '"learningRate"',
  ],
  ["an optimizer as a string", (g) => (g.optimizer = wrong("sgd")), "bad-option", '"sgd"'],
  ["an optimizer as null", (g) => (g.optimizer = wrong(null)), "bad-option", "null"],
];

describe("bad-option", () => {
  eachIsRefused(uses, fixture);
});

const seeds = [-1, 1.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY, "7", null, 7n, true, {}];
const specs: readonly (readonly [string, unknown, Parameters<typeof expectRefusal>[1], ...string[]])[] = [
  ...seeds.map((seed) => [`a seed of ${show(seed)}`, { seed }, "bad-option"] as const),
  ["a misspelt option", { sead: 7 }, "bad-option", '"sead"', '"seed"'],
  ["null", null, "bad-option"],
  ["a number", 7, "bad-option", "7"],
  ["an array", [], "bad-option"],
  ["an unknown precision", { precision: "float16" }, "bad-option", '"float16"', '"float32"'],
  ["a number as the precision", { precision: 64 }, "bad-option", "64"],
  ["null as the precision", { precision: null }, "bad-option"],
  ["null as the optimizer", { optimizer: null }, "bad-option"],
  ["null as an activation", { inputs: { x: { size: 1, activation: null } } }, "bad-option", "null"],
  ["null as the inputs", { inputs: null }, "bad-option", "null"],
  ["null as the synapses", { synapses: null }, "bad-option", "null"],
  ["a wrong rate", { optimizer: { name: "sgd", rate: -1 } }, "bad-option", "-1"],
  ["an optimizer by name", { optimizer: "sgd" }, "bad-option"],
  ["inputs as a list", { inputs: ["x"] }, "bad-option"],
  ["hidden layers as null", { hidden: null }, "bad-option"],
  ["outputs as a number", { outputs: 3 }, "bad-option", "3"],
  ["a size of 0", { inputs: { x: 0 } }, "bad-size", '"x"'],
  ["a size as a string", { hidden: { h: "3" } }, "bad-size", '"h"'],
  ["no size", { outputs: { y: {} } }, "bad-size", '"y"'],
  ["an empty name", { inputs: { "": 1 } }, "bad-name"],
  ["a lone surrogate", { inputs: { "\ud800": 1 } }, "bad-name"],
  ["a name twice", { inputs: { x: 1 }, hidden: { x: 1 } }, "duplicate-layer", '"x"'],
  [
    "a layer's option",
    { hidden: { h: { size: 1, activaton: "tanh" } } },
    "bad-option",
    '"activaton"',
    '"activation"',
  ],
  ["a loss on a hidden layer", { hidden: { h: { size: 1, loss: "mse" } } }, "bad-option", '"loss"'],
  ["an unknown activation", { inputs: { x: { size: 1, activation: "gelo" } } }, "bad-option", '"gelo"'],
  [
    "entropy on linear",
    { outputs: { y: { size: 1, activation: "linear", loss: "entropy" } } },
    "bad-option",
    '"y"',
  ],
  ["synapses as an object", { synapses: { x: "y" } }, "bad-option"],
  ["a synapse as a string", { inputs: { x: 1 }, outputs: { y: 1 }, synapses: ["xy"] }, "bad-option", '"xy"'],
  ["a synapse of one", { inputs: { x: 1 }, synapses: [["x"]] }, "bad-option"],
  ["a synapse of four", { inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "y", {}, 1]] }, "bad-option"],
  [
    "a misspelt synapse",
    { inputs: { x: 1 }, outputs: { out: 1 }, synapses: [["x", "uot"]] },
    "unknown-layer",
    '"uot"',
    '"out"',
  ],
  [
    "a synapse's option",
    { inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "y", { int: "he" }]] },
    "bad-option",
    '"int"',
    '"init"',
  ],
  [
    "a synapse into an input",
    { inputs: { x: 1 }, hidden: { h: 1 }, synapses: [["h", "x"]] },
    "not-a-target",
    '"x"',
  ],
  [
    "a loop",
    {
      hidden: { a: 1, b: 1 },
      synapses: [
        ["a", "b"],
        ["b", "a"],
      ],
    },
    "cycle",
    "a → b → a",
  ],
];

describe("a declaration is refused with", () => {
  for (const [name, spec, code, ...mentions] of specs) {
    it(name, () => expectRefusal(() => new Graph(wrong(spec)), code, ...mentions));
  }
});

describe("what is allowed", () => {
  it("rates and seeds at their ends", () => {
    expect(new Graph({ seed: 0 }).seed).toBe(0);
    expect(new Graph({ seed: 2 ** 32 - 1 }).seed).toBe(2 ** 32 - 1);
    expect(Object.is(new Graph({ seed: -0 }).seed, 0)).toBe(true);
    expect(new Graph({ optimizer: { name: "sgd" } }).rate).toBe(0.1);
    const graph = new Graph();
    graph.rate = 0;
    expect(graph.optimizer).toEqual({ name: "sgd", rate: 0 });
    expect(Object.isFrozen(graph.optimizer)).toBe(true);
    graph.optimizer = { name: "sgd", rate: 3 };
    expect(graph.rate).toBe(3);
  });

  it("options that are undefined, as if they were not given", () => {
    const graph = fixture();
    const nothing = wrong(undefined);
    graph.addHidden("new", 2, nothing, nothing);
    graph.addOutput("last", 1, nothing, nothing, nothing);
    graph.connect("pixels", "new", { name: nothing, init: nothing });
    expect(Object.keys(graph.predict(good, { outputs: ["even"] }))).toEqual(["even"]);
    expect(
      new Graph({ seed: nothing, precision: nothing, inputs: nothing, synapses: nothing }).layers,
    ).toEqual([]);
  });
});
