// Wrong options: unknown ones everywhere, and values that aren't among those allowed.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { eachIsRefused, fixture, good } from "../support/fixture.js";
import { expectRefusal, type WrongUse, wrong } from "../support/helpers.js";

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

/** Optimizers, and what the message must hold. */
const wrongOptimizers: readonly (readonly [string, unknown, ...string[]])[] = [
  ["another optimizer's option", { name: "adam", nesterov: true }, '"nesterov"', "adam", '"beta1"'],
  ["a momentum of 1", { name: "sgd", momentum: 1 }, "momentum", "below 1", "not 1"],
  ["a negative momentum", { name: "rmsprop", momentum: -0.1 }, "momentum", "-0.1"],
  ["a beta of 1", { name: "adam", beta1: 1 }, "beta1", "not 1"],
  ["a beta that is NaN", { name: "lion", beta2: Number.NaN }, "beta2", "NaN"],
  ["a beta in text", { name: "nadam", beta2: "0.9" }, "beta2", '"0.9"'],
  ["an epsilon of 0", { name: "adagrad", epsilon: 0 }, "epsilon", "above 0"],
  ["an infinite epsilon", { name: "rmsprop", epsilon: Number.POSITIVE_INFINITY }, "epsilon"],
  ["an alpha above 1", { name: "rmsprop", alpha: 1.5 }, "alpha", "1.5"],
  ["centered as a number", { name: "rmsprop", centered: 1 }, "centered", "true or false"],
  ["nesterov without momentum", { name: "sgd", nesterov: true }, "nesterov", "momentum"],
  ["null as an option", { name: "sgd", momentum: null }, "momentum", "null"],
  ["a negative decay", { name: "adamw", weightDecay: -1 }, "weightDecay", "-1"],
  ["a negative decay of the momentum", { name: "nadam", momentumDecay: -1 }, "momentumDecay"],
  ["a norm of 0 to clip to", { name: "sgd", clipNorm: 0 }, "clipNorm", "above 0"],
  ["an infinite value to clip to", { name: "sgd", clipValue: Number.POSITIVE_INFINITY }, "clipValue"],
  ["both ways to clip", { name: "adam", clipNorm: 1, clipValue: 1 }, "clipNorm", "clipValue", "both"],
];
/** Rates, and what the message must hold. */
const wrongRates: readonly (readonly [string, unknown, ...string[]])[] = [
  ["an unknown schedule", { name: "cosin", rate: 0.1, steps: 5 }, '"cosin"', '"cosine"', '"oneCycle"'],
  ["a schedule without a name", { rate: 0.1 }, "undefined"],
  ["a schedule without a rate", { name: "constant" }, "rate of constant", "undefined"],
  ["a schedule of a negative rate", { name: "constant", rate: -1 }, "-1"],
  ["another schedule's option", { name: "step", rate: 0.1, every: 5, steps: 3 }, '"steps"', '"every"'],
  ["no steps", { name: "cosine", rate: 0.1 }, "steps of cosine", "undefined"],
  ["half a step", { name: "oneCycle", rate: 0.1, steps: 10.5 }, "steps", "whole", "10.5"],
  ["every 0 steps", { name: "step", rate: 0.1, every: 0 }, "every", "0"],
  ["a factor of 0", { name: "exponential", rate: 0.1, factor: 0 }, "factor", "above 0"],
  ["a negative floor", { name: "cosine", rate: 0.1, steps: 5, floor: -1 }, "floor", "-1"],
  ["half a warm-up step", { name: "constant", rate: 0.1, warmup: 0.5 }, "warmup", "whole"],
  ["shrinking cycles", { name: "cosine", rate: 0.1, steps: 5, growth: 0.5 }, "growth", "0.5"],
  [
    "endless restarts",
    { name: "cosine", rate: 0.1, steps: 5, restarts: Number.POSITIVE_INFINITY },
    "restarts",
  ],
  ["a start above 1", { name: "oneCycle", rate: 0.1, steps: 5, start: 1.1 }, "start", "1.1"],
  ["a divisor of 0", { name: "oneCycle", rate: 0.1, steps: 5, divisor: 0 }, "divisor"],
  ["a plateau's factor of 1", { name: "reduceOnPlateau", rate: 0.1, factor: 1 }, "factor", "below 1"],
  ["a negative patience", { name: "reduceOnPlateau", rate: 0.1, patience: -1 }, "patience", "-1"],
];
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
  ["entropy on softplus", (g) => g.addOutput("new", 1, "softplus", "entropy"), "bad-option", "softplus"],
  ...ownNumbers.map(
    ([what, activation, loss, ...mentions]): WrongUse<Graph> => [
      what,
      (g) => g.addOutput("new", 2, wrong(activation), wrong(loss)),
      "bad-option",
      ...mentions,
    ],
  ),
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
  ...wrongOptimizers.map(
    ([name, optimizer, ...mentions]): WrongUse<Graph> => [
      name,
      (g) => (g.optimizer = wrong(optimizer)),
      "bad-option",
      ...mentions,
    ],
  ),
  ...wrongRates.map(
    ([name, rate, ...mentions]): WrongUse<Graph> => [
      name,
      (g) => (g.rate = wrong(rate)),
      "bad-option",
      ...mentions,
    ],
  ),
  [
    "an unknown optimizer as a string",
    (g) => (g.optimizer = wrong("adamm")),
    "bad-option",
    '"adamm"',
    '"adam"',
  ],
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
  ["an unknown optimizer by name", { optimizer: "sdg" }, "bad-option", '"sdg"', '"sgd"'],
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

  it("optimizers by name alone, with their defaults", () => {
    const adam = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    const defaults = {
      sgd: { rate: 0.1 },
      rmsprop: { rate: 0.01, alpha: 0.99, epsilon: 1e-8 },
      adagrad: { rate: 0.01, epsilon: 1e-10 },
      adam,
      adamw: { ...adam, weightDecay: 0.01 },
      nadam: { ...adam, rate: 2e-3, momentumDecay: 4e-3 },
      lion: { rate: 1e-4, beta1: 0.9, beta2: 0.99 },
    };
    for (const [name, wanted] of Object.entries(defaults)) {
      const graph = new Graph({ optimizer: wrong({ name }) });
      expect(graph.optimizer).toEqual({ name, ...wanted });
      const all = {
        name,
        rate: undefined,
        weightDecay: undefined,
        clipNorm: undefined,
        clipValue: undefined,
      };
      graph.optimizer = wrong(all);
      expect(graph.optimizer).toEqual({ name, ...wanted });
    }
    const graph = new Graph();
    graph.optimizer = { name: "sgd", momentum: 0, nesterov: false, weightDecay: 0, clipNorm: 2 };
    expect(graph.optimizer).toEqual({ name: "sgd", rate: 0.1, clipNorm: 2 });
    graph.optimizer = { name: "adamw", weightDecay: 0 };
    expect(graph.optimizer).toMatchObject({ weightDecay: 0 });
  });

  it("schedules, with their defaults, as frozen copies", () => {
    const graph = new Graph();
    const given = { name: "cosine", rate: 0.5, steps: 10 } as const;
    graph.rate = given;
    expect(graph.rate).toEqual({ ...given, floor: 0, warmup: 0, restarts: 0, growth: 1 });
    expect(Object.isFrozen(graph.rate)).toBe(true);
    expect(graph.optimizer.rate).toBe(graph.rate);
    const rate = () => 0.1;
    graph.rate = rate;
    expect(graph.rate).toBe(rate);
    graph.rate = { name: "oneCycle", rate: 1, steps: 9 };
    expect(graph.rate).toMatchObject({ start: 0.3, divisor: 25, finalDivisor: 1e4 });
    graph.rate = { name: "reduceOnPlateau", rate: 1 };
    expect(graph.rate).toMatchObject({ factor: 0.1, patience: 10, minRate: 0, minDelta: 1e-4 });
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
