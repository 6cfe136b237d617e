// An optimizer's state: it stays when a graph grows, is saved bit for bit, and starts afresh with a new optimizer.

import { type Checkpoint, Graph, type OptimizerOptions, type Precision, type Rate } from "plexus-nn";
import { describe, expect, it } from "vitest";
import {
  type AnyGraph,
  everything,
  expectRefusal,
  expectSame,
  Random,
  refusal,
  seed,
  wrong,
} from "../support/helpers.js";
import { build, randomCase } from "../support/random.js";
import { data, make as makeForFit, parameters } from "../support/training.js";

const precisions: readonly Precision[] = ["float64", "float32"];
const optimizers: readonly OptimizerOptions[] = [
  { name: "sgd", rate: 0.01 },
  { name: "sgd", rate: 0.01, weightDecay: 0.1 },
  { name: "sgd", rate: 0.001, momentum: 0.9, nesterov: true },
  { name: "rmsprop", momentum: 0.5, centered: true },
  { name: "adagrad", clipNorm: 1 },
  { name: "adam", rate: { name: "constant", rate: 0.01, warmup: 4 } },
  { name: "adamw", rate: { name: "cosine", rate: 0.01, steps: 5, restarts: 3, growth: 1.5 } },
  { name: "nadam", rate: { name: "oneCycle", rate: 0.01, steps: 20 } },
  { name: "lion", weightDecay: 0.1, rate: { name: "exponential", rate: 0.01, factor: 0.9 } },
];

const reloaded = (graph: AnyGraph): AnyGraph => Graph.fromJSON(JSON.parse(JSON.stringify(graph)));

describe.each(precisions)("a saved graph in %s", (precision) => {
  it.each(optimizers)(`goes on with the same bits under $name, PLEXUS_SEED=${seed}`, (optimizer) => {
    for (let i = 0; i < 12; i++) {
      const random = new Random(seed * 300_007 + i);
      const { naive, xs, ts } = randomCase(random);
      const graph: AnyGraph = build(naive, precision);
      graph.optimizer = optimizer;
      const some = () => {
        const names = random.chance(0.5) ? [random.pick(Object.keys(ts))] : Object.keys(ts);
        return Object.fromEntries(names.map((name) => [name, ts[name]!]));
      };
      for (let step = 0; step < 5; step++) graph.train(xs, some());
      const loaded = reloaded(graph);
      expect(loaded.optimizer).toEqual(graph.optimizer);
      for (let step = 0; step < 5; step++) {
        const given = some();
        expect(JSON.stringify(loaded)).toBe(JSON.stringify(graph));
        expect(loaded.train(xs, given)).toBe(graph.train(xs, given));
      }
      expect(JSON.stringify(loaded)).toBe(JSON.stringify(graph));
    }
  });

  it.each(optimizers)("goes on with an interrupted fit under $name", async (optimizer) => {
    const [whole, half] = [makeForFit(precision), makeForFit(precision)];
    for (const graph of [whole, half]) graph.optimizer = optimizer;
    await whole.fit(data, { epochs: 4, batchSize: 9 });
    await half.fit(data, { epochs: 1, batchSize: 9 });
    const loaded = reloaded(half);
    await loaded.fit(data, { epochs: 3, batchSize: 9 });
    expect(JSON.stringify(loaded)).toBe(JSON.stringify(whole));
  });
});

/** Makes two branches over a shared layer, both trained for a while. */
function branches(optimizer: OptimizerOptions, precision: Precision = "float64"): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 5, optimizer, precision });
  graph.addInput("x", 3);
  graph.addHidden("h", 5, "tanh");
  graph.addOutput("y", 2, "linear");
  graph.addOutput("z", 1, "linear");
  graph.connect("x", "h");
  graph.connect("h", "y");
  graph.connect("h", "z");
  return graph;
}
const x = [0.3, -1, 0.7];
const both = { y: [1, -1], z: [0.5] };
const kept = optimizers.filter(({ name, ...rest }) => name !== "sgd" || Object.keys(rest).length > 1);

describe.each(kept)("under $name", (optimizer) => {
  it("the state stays where layers are added, whose own starts afresh", () => {
    const [grown, other] = [branches(optimizer), branches(optimizer)];
    for (let step = 0; step < 4; step++) for (const graph of [grown, other]) graph.train({ x }, both);
    grown.addHidden("new", 4, "tanh");
    grown.addOutput("w", 1, "linear");
    grown.connect("h", "new");
    grown.connect("new", "w");
    for (let step = 0; step < 4; step++) for (const graph of [grown, other]) graph.train({ x }, both);
    for (const name of ["x", "h", "y", "z"]) expectSame(grown.layer(name).bias, other.layer(name).bias, name);
    other.synapses.forEach(({ weights }, i) => {
      expectSame(grown.synapses[i]!.weights, weights, `${i}`);
    });
    const before = JSON.parse(JSON.stringify(grown));
    expect(before.layers.map((layer: object) => "biasSteps" in layer)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    grown.train({ x }, { w: [1] });
    const after = JSON.parse(JSON.stringify(grown));
    expect(after.layers.map((layer: { biasSteps?: number }) => layer.biasSteps)).toEqual([9, 9, 8, 8, 1, 1]);
    expect(after.state).toEqual({ steps: 9 });
    expect(JSON.stringify(reloaded(grown))).toBe(JSON.stringify(grown));
  });

  it("a pass moves no state that it doesn't reach", () => {
    const graph = branches(optimizer);
    graph.train({ x }, both);
    const before = JSON.parse(JSON.stringify(graph));
    graph.train({ x }, { y: [1, -1] });
    const after = JSON.parse(JSON.stringify(graph));
    expect(after.layers[3]).toEqual(before.layers[3]);
    expect(after.synapses[2]).toEqual(before.synapses[2]);
    for (const place of [0, 1, 2]) expect(after.layers[place]).not.toEqual(before.layers[place]);
    expect(after.layers[2].biasSteps).toBe(2);
  });

  it("a new optimizer starts afresh, and a new rate doesn't", () => {
    const [restarted, fresh, rated] = [branches(optimizer), branches(optimizer), branches(optimizer)];
    for (let step = 0; step < 3; step++) for (const graph of [restarted, rated]) graph.train({ x }, both);
    for (const [i, { weights }] of restarted.synapses.entries()) fresh.synapses[i]!.weights.set(weights);
    for (const [i, { bias }] of restarted.layers.entries()) fresh.layers[i]!.bias.set(bias);
    restarted.optimizer = optimizer;
    expect(JSON.stringify(restarted)).toBe(JSON.stringify(fresh));
    const { state, layers } = JSON.parse(JSON.stringify(rated));
    rated.rate = 0.125;
    const after = JSON.parse(JSON.stringify(rated));
    expect([after.state, after.layers]).toEqual([state, layers]);
    for (const graph of [restarted, fresh]) graph.train({ x }, both);
    expect(JSON.stringify(restarted)).toBe(JSON.stringify(fresh));
    expect(rated.optimizer).toEqual({ ...restarted.optimizer, rate: 0.125 });
  });

  it("gradients, evaluate and predict change nothing of it", () => {
    const graph = branches(optimizer);
    graph.train({ x }, both);
    const before = JSON.stringify(graph);
    graph.gradients({ x }, both);
    graph.evaluate({ x }, both);
    graph.predict({ x });
    expect(JSON.stringify(graph)).toBe(before);
  });
});

describe("a rate that is a function", () => {
  it("is asked for each step by its number, in `train` and in `fit`, and goes on with it", async () => {
    const asked: number[] = [];
    const rate = (step: number) => {
      asked.push(step);
      return 0.1 / (step + 1);
    };
    const [graph, other] = [makeForFit(), makeForFit()];
    graph.rate = rate;
    await graph.fit(data, { epochs: 2, batchSize: 20, shuffle: false });
    graph.train(data.xs, data.ts);
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (let epoch = 0; epoch < 2; epoch++) {
      for (let batch = 0; batch < 3; batch++) {
        other.rate = 0.1 / (epoch * 3 + batch + 1);
        const cut = <T>(values: Record<string, T[]>) =>
          Object.fromEntries(
            Object.entries(values).map(([k, v]) => [k, v.slice(20 * batch, 20 * batch + 20)]),
          );
        other.train(cut(data.xs), cut(data.ts));
      }
    }
    other.rate = 0.1 / 7;
    other.train(data.xs, data.ts);
    expect(parameters(graph)).toBe(parameters(other));
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, "0.1", undefined, null, 1n])(
    "that gives %s is refused, and nothing is changed",
    async (value) => {
      const graph = branches({ name: "adam" });
      graph.train({ x }, both);
      let given: unknown = 0.1;
      graph.rate = () => wrong(given);
      graph.train({ x }, both);
      given = value;
      const before = everything(graph);
      expectRefusal(() => graph.train({ x }, both), "bad-option", "rate");
      await expect(graph.fit({ xs: { x }, ts: both }, { shuffle: false })).rejects.toMatchObject({
        code: "bad-option",
      });
      expect(everything(graph)).toBe(before);
      given = 0;
      graph.train({ x }, both);
    },
  );

  it("may not change the graph, but may dispose of it, or throw", () => {
    const graph = branches({ name: "adam" });
    const codes: string[] = [];
    graph.rate = () => {
      for (const change of [
        () => (graph.rate = 1),
        () => (graph.optimizer = { name: "sgd" }),
        () => graph.train({ x }, both),
        () => graph.addHidden("new", 1),
      ]) {
        codes.push(refusal(change).code);
      }
      return 0.1;
    };
    graph.train({ x }, both);
    expect(codes).toEqual(["busy", "busy", "busy", "busy"]);
    graph.rate = () => {
      throw new RangeError("mine");
    };
    const before = everything(graph);
    expect(() => graph.train({ x }, both)).toThrow(RangeError);
    expect(everything(graph)).toBe(before);
    graph.rate = () => {
      graph.dispose();
      return 0.1;
    };
    expectRefusal(() => graph.train({ x }, both), "disposed");
  });

  it("is not saved: training is refused until a rate is set, and then goes on", () => {
    const rate = (step: number) => 0.1 / (step + 1);
    const graph = branches({ name: "adam", rate });
    for (let step = 0; step < 3; step++) graph.train({ x }, both);
    const loaded = reloaded(reloaded(graph));
    expect(JSON.stringify(loaded)).toBe(JSON.stringify(graph));
    const before = everything(loaded);
    expectRefusal(() => loaded.train({ x }, both), "bad-option", "`rate`");
    expect(everything(loaded)).toBe(before);
    loaded.rate = rate;
    for (const one of [graph, loaded]) one.train({ x }, both);
    expect(JSON.stringify(loaded)).toBe(JSON.stringify(graph));
  });
});

describe("reduceOnPlateau", () => {
  const rate: Rate = { name: "reduceOnPlateau", rate: 0.4, factor: 0.5, patience: 2, minRate: 0.15 };
  // Without an input or a weight that could learn, the cost stays as it is.
  const stuck = (): AnyGraph => {
    const graph = branches({ name: "sgd", rate });
    for (const { weights } of graph.synapses) weights.fill(0);
    graph.layer("z").bias[0] = 0.5;
    graph.layer("y").bias.set([1, -1]);
    return graph;
  };

  it("needs `fit`", () => {
    const graph = stuck();
    const before = everything(graph);
    expectRefusal(() => graph.train({ x }, both), "bad-option", "reduceOnPlateau", "fit");
    expect(everything(graph)).toBe(before);
  });

  it("reduces the rate where no epoch improves, not below its least, and is saved on its way", async () => {
    const rates = [0.4, 0.4, 0.4, 0.2, 0.2, 0.15, 0.15, 0.15];
    const graph = stuck();
    const { epochs } = await graph.fit({ xs: { x }, ts: both }, { epochs: 8 });
    expect(epochs.map(({ rate }) => rate)).toEqual(rates);
    let part = stuck();
    for (const wanted of rates) {
      part = reloaded(part);
      const [epoch] = (await part.fit({ xs: { x }, ts: both })).epochs;
      expect(epoch!.rate).toBe(wanted);
    }
    expect(JSON.stringify(part)).toBe(JSON.stringify(graph));
    graph.rate = rate;
    expect(JSON.parse(JSON.stringify(graph)).state).toEqual({ steps: 8, rate: 0.4, waited: 0 });
  });

  it("keeps the rate while the cost falls", async () => {
    const graph = makeForFit();
    graph.optimizer = { name: "sgd", rate: { ...rate, rate: 0.01 } };
    const { epochs } = await graph.fit(data, { epochs: 10 });
    expect(epochs.map(({ rate }) => rate)).toEqual(epochs.map(() => 0.01));
  });
});

describe("a file with a state", () => {
  const trained = (name: "nadam" | "rmsprop" | "sgd") => {
    const graph = branches({ name, ...(name === "rmsprop" ? { momentum: 0.5 } : {}) } as OptimizerOptions);
    for (let step = 0; step < 3; step++) graph.train({ x }, both);
    return JSON.parse(JSON.stringify(graph));
  };
  const bytes = (values: number[]) => Buffer.from(new Float64Array(values).buffer).toString("base64");

  it("tells the steps and every moment", () => {
    const file = trained("nadam");
    expect(Object.keys(file.layers[3])).toEqual([
      ...[
        "name",
        "kind",
        "size",
        "activation",
        "loss",
        "biasSteps",
        "biasProduct",
        "bias",
        "biasMean",
        "biasSquare",
      ],
    ]);
    expect(file.state).toEqual({ steps: 3 });
    expect(file.layers[3].biasSteps).toBe(3);
    expect(Object.keys(trained("rmsprop").synapses[0]).slice(-4)).toEqual([
      ...["weightsSteps", "weights", "weightsSquare", "weightsMomentum"],
    ]);
    expect(Object.keys(trained("sgd").synapses[0])).toEqual(["from", "to", "init", "weights"]);
  });

  // biome-ignore lint/suspicious/noExplicitAny: a file is changed at any place
  type Spoilt = readonly [string, "nadam" | "rmsprop" | "sgd", (file: any) => void, string];
  const cases: readonly Spoilt[] = [
    ["no moment", "nadam", (f) => delete f.layers[0].biasMean, "layers[0].biasMean"],
    ["no product", "nadam", (f) => delete f.layers[0].biasProduct, "layers[0].biasProduct"],
    ["no steps", "nadam", (f) => delete f.synapses[1].weightsSteps, "synapses[1].weights"],
    ["a moment too short", "nadam", (f) => (f.layers[1].biasSquare = bytes([1])), "layers[1].biasSquare"],
    ["a moment that is a number", "rmsprop", (f) => (f.layers[1].biasSquare = 4), "layers[1].biasSquare"],
    [
      "a moment that is NaN",
      "nadam",
      (f) => (f.layers[3].biasMean = bytes([Number.NaN])),
      "layers[3].biasMean, number 0,",
    ],
    [
      "a square below 0",
      "nadam",
      (f) => (f.layers[3].biasSquare = bytes([-1])),
      "layers[3].biasSquare, number 0,",
    ],
    ["a product of 1", "nadam", (f) => (f.layers[3].biasProduct = 1), "layers[3].biasProduct"],
    ["a moment of another optimizer", "rmsprop", (f) => (f.layers[3].biasMean = bytes([1])), '"biasMean"'],
    [
      "a moment without an optimizer that has it",
      "sgd",
      (f) => (f.layers[3].biasMean = bytes([1])),
      '"biasMean"',
    ],
    ["steps without an optimizer that counts them", "sgd", (f) => (f.layers[3].biasSteps = 1), '"biasSteps"'],
    ...[0, -1, 1.5, "3", null].map(
      (steps): Spoilt => [
        `${steps} as steps`,
        "nadam",
        (f) => (f.layers[2].biasSteps = steps),
        "layers[2].biasSteps",
      ],
    ),
    ["a state that is none", "nadam", (f) => (f.state = 3), "state"],
    ["a state with more", "nadam", (f) => (f.state.rate = 3), '"rate"'],
    ["a state without steps", "nadam", (f) => delete f.state.steps, '"steps"'],
    ["a step of 1.5", "nadam", (f) => (f.state.steps = 1.5), "state.steps"],
    ["an unknown optimizer", "nadam", (f) => (f.optimizer.name = "madam"), "optimizer"],
    ["an unknown option", "nadam", (f) => (f.optimizer.momentum = 0.5), "optimizer"],
    ["an option out of bounds", "nadam", (f) => (f.optimizer.beta1 = 1), "optimizer"],
    ["an unknown schedule", "sgd", (f) => (f.optimizer.rate = { name: "sine", rate: 1 }), "optimizer"],
    ["a rate in text", "sgd", (f) => (f.optimizer.rate = "functional"), "optimizer"],
  ];

  it.each(cases)("and %s is refused", (_, name, change, place) => {
    const file = trained(name);
    change(file);
    expectRefusal(() => Graph.fromJSON(file), "bad-file", place);
  });

  it.each([
    ["rate", -1],
    ["rate", "x"],
    ["best", null],
    ["best", "1"],
    ["waited", 0.5],
    ["waited", -1],
  ])("of reduceOnPlateau with %s %s is refused", (member, value) => {
    const graph = branches({ name: "sgd", rate: { name: "reduceOnPlateau", rate: 0.5 } });
    const file = JSON.parse(JSON.stringify(graph));
    expect(file.state).toEqual({ steps: 0, rate: 0.5, waited: 0 });
    file.state[member] = value;
    expectRefusal(() => Graph.fromJSON(file), "bad-file", `state.${member}`);
  });
});

/** Makes a graph with a norm's gain, dropout, shared weights, and parts that are frozen for a while. */
function rich(optimizer: OptimizerOptions): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 5, optimizer });
  graph.addInput("x", 4);
  graph.addHidden("h", 4, "tanh", { norm: "layer", dropout: 0.25 });
  graph.addHidden("g", 4, "tanh", { bias: false });
  graph.addOutput("y", 2, "linear");
  const share = graph.connect("x", "h", { l2: 0.01 });
  graph.connect("h", "g", { share });
  graph.connect("h", "g", { kind: "identity", name: "skip" });
  graph.connect("g", "y", { maxNorm: 1.5 });
  return graph;
}
const rows = { x: [0.3, -1, 0.7, 0.1, 2, -0.4, 0.6, 1.2] };
const goals = { y: [1, -1, 0.5, 0] };

describe.each(kept)("a graph with a gain, shared and frozen weights, under $name", (optimizer) => {
  const trained = () => {
    const graph = rich(optimizer);
    for (let step = 0; step < 3; step++) graph.train(rows, goals);
    graph.layer("h").frozen = true;
    graph.synapse("x", "h").frozen = true;
    for (let step = 0; step < 2; step++) graph.train(rows, goals);
    return graph;
  };

  it("counts the steps of each part that learns, once", () => {
    const { layers, synapses, state } = JSON.parse(JSON.stringify(trained()));
    expect(state).toEqual({ steps: 5 });
    const [, h, g, y] = layers;
    expect([h.biasSteps, h.gainSteps, "biasSteps" in g, y.biasSteps]).toEqual([3, 3, false, 5]);
    const counts = synapses.map(({ weightsSteps }: { weightsSteps?: number }) => weightsSteps);
    expect(counts).toEqual([3, undefined, undefined, 5]);
  });

  it.each([
    ["toJSON", (graph: AnyGraph) => reloaded(graph)],
    ["save", (graph: AnyGraph) => Graph.load(graph.save()) as AnyGraph],
    ["clone", (graph: AnyGraph) => graph.clone() as AnyGraph],
  ])("goes on with the same bits after `%s`", (_, again) => {
    const graph = trained();
    const other = again(graph);
    for (let step = 0; step < 3; step++) {
      expect(JSON.stringify(other)).toBe(JSON.stringify(graph));
      for (const one of [graph, other]) one.train(rows, goals);
      for (const one of [graph, other]) one.layer("h").frozen = false;
    }
    expect(JSON.stringify(other)).toBe(JSON.stringify(graph));
  });
});

it("a file tells nothing of what an optimizer would keep of parameters that aren't there", () => {
  const graph: AnyGraph = new Graph({
    seed: 1,
    optimizer: { name: "adam" },
    inputs: { x: 2 },
    outputs: { y: 2 },
  });
  const own = graph.connect("x", "y");
  graph.connect("x", "y", { name: "i", kind: "identity" });
  graph.connect("x", "y", { name: "s", share: own });
  for (const [list, index, member] of [
    ["layers", 0, "gainSteps"],
    ["layers", 1, "gainMean"],
    ["synapses", 1, "weightsSteps"],
    ["synapses", 2, "weightsMean"],
  ] as const) {
    const json = JSON.parse(JSON.stringify(graph));
    json[list][index][member] = 1;
    expectRefusal(() => Graph.fromJSON(json), "bad-file", `${list}[${index}]`, member);
  }
});

describe("a file of safetensors", () => {
  it("has a tensor for each moment", () => {
    const graph = branches({ name: "adam" });
    graph.train({ x }, { y: [1, -1] });
    const bytes = graph.save();
    const length = new DataView(bytes.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    const names = ["bias.x", "bias.h", "bias.y", "weight.0.x.h", "weight.1.h.y"];
    expect(Object.keys(header).filter((name) => name.startsWith("optimizer."))).toEqual(
      names.flatMap((name) => [`optimizer.mean.${name}`, `optimizer.square.${name}`]),
    );
    expect(header["optimizer.mean.weight.0.x.h"].shape).toEqual([3, 5]);
  });
});

describe("a clone", () => {
  it("keeps a rate that is a function", () => {
    const rate = (step: number) => 0.1 / (step + 1);
    const graph = branches({ name: "sgd", rate });
    graph.train({ x }, both);
    const copy: AnyGraph = graph.clone();
    expect(copy.rate).toBe(rate);
    for (const one of [graph, copy]) one.train({ x }, both);
    expect(JSON.stringify(copy)).toBe(JSON.stringify(graph));
  });
});

describe("a graph whose layers and synapses were made in turn", () => {
  /** Makes a graph with an identity before an output. Steps reach its parts at different counts. */
  function inTurn(optimizer: OptimizerOptions, seed: number): AnyGraph {
    const graph: AnyGraph = new Graph({ seed, optimizer });
    graph.addInput("x", 3);
    graph.addHidden("h", 5, "tanh");
    graph.connect("x", "h");
    graph.addHidden("k", 5, "tanh");
    graph.connect("x", "k");
    graph.connect("h", "k", { kind: "identity" });
    graph.addOutput("y", 2);
    graph.addOutput("z", 2);
    graph.connect("h", "z");
    graph.connect("k", "y");
    return graph;
  }
  const bounded: OptimizerOptions = { name: "sgd", rate: 0.1, clipNorm: 0.1 };
  const xs = { x: [1, 2, 3] };

  it("goes on with the same bits where all gradients have one bound", () => {
    for (let seed = 0; seed < 40; seed++) {
      const graph = inTurn(bounded, seed);
      const [loaded, copy] = [reloaded(graph), graph.clone()];
      for (let step = 0; step < 3; step++) {
        for (const one of [graph, loaded, copy]) one.train(xs, { y: [1, 0] });
      }
      expect(JSON.stringify(loaded)).toBe(JSON.stringify(graph));
      expect(JSON.stringify(copy)).toBe(JSON.stringify(graph));
    }
  });

  it.each([bounded, ...kept])("is resumed with the same bits under $name", async (optimizer) => {
    const given = { xs: { x: [1, 2, 3, 0, 1, 0] }, ts: { y: [1, 0, 0, 1], z: [0, 0, 1, 1] } };
    const [whole, part, resumed] = [1, 1, 2].map((seed) => inTurn(optimizer, seed)) as [
      AnyGraph,
      AnyGraph,
      AnyGraph,
    ];
    for (const one of [whole, part]) one.train(xs, { y: [1, 0] });
    const saved: Checkpoint[] = [];
    await whole.fit(given, { epochs: 4, batchSize: 1 });
    await part.fit(given, { epochs: 2, batchSize: 1, checkpoint: { save: (one) => void saved.push(one) } });
    await resumed.fit(given, { epochs: 4, batchSize: 1, resume: saved[1]! });
    expect(JSON.stringify(resumed)).toBe(JSON.stringify(whole));
  });
});

describe("a run that is resumed", () => {
  const rate = (step: number) => 0.05 / (step + 1);
  const rates: readonly Rate[] = [
    0.01,
    { name: "cosine", rate: 0.01, steps: 12 },
    { name: "reduceOnPlateau", rate: 0.01, patience: 1, minDelta: 10 },
    rate,
  ];
  it.each(rates.map((one) => [typeof one === "object" ? one.name : typeof one, one] as const))(
    "goes on with the state, the rate being %s",
    async (_, one) => {
      const optimizer: OptimizerOptions = { name: "adam", rate: one, clipNorm: 2 };
      const [whole, part, resumed] = [makeForFit(), makeForFit(), makeForFit()];
      for (const graph of [whole, part]) graph.optimizer = optimizer;
      const options = { epochs: 4, batchSize: 9 };
      const { epochs } = await whole.fit(data, options);
      const saved: Checkpoint[] = [];
      await part.fit(data, { ...options, epochs: 2, checkpoint: { save: (c) => void saved.push(c) } });
      if (typeof one === "function") resumed.rate = one;
      const resume = JSON.parse(JSON.stringify(saved.at(-1)));
      const history = await resumed.fit(data, { ...options, resume });
      expect(history.epochs.map(({ rate }) => rate)).toEqual(epochs.map(({ rate }) => rate));
      expect(JSON.stringify(resumed)).toBe(JSON.stringify(whole));
      expect(resumed.optimizer).toEqual(whole.optimizer);
    },
  );

  it("needs its function again", async () => {
    const graph = makeForFit();
    graph.optimizer = { name: "adam", rate };
    const saved: Checkpoint[] = [];
    await graph.fit(data, { checkpoint: { save: (c) => void saved.push(c) } });
    const other = makeForFit();
    await expect(other.fit(data, { epochs: 2, resume: saved[0]! })).rejects.toMatchObject({
      code: "bad-option",
    });
  });
});

describe("reduceOnPlateau with a monitor", () => {
  it("follows what is monitored, and which way is better", async () => {
    const graph = makeForFit();
    // No accuracy rises by more than 1, so that each second epoch reduces the rate.
    graph.rate = { name: "reduceOnPlateau", rate: 0.04, factor: 0.5, patience: 2, minDelta: 1 };
    const monitor = "validation.outputs.y.accuracy";
    const { epochs } = await graph.fit(data, { epochs: 6, validation: 0.3, monitor });
    expect(epochs.map(({ rate }) => rate)).toEqual([0.04, 0.04, 0.04, 0.02, 0.02, 0.01]);
  });
});
