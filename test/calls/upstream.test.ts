// Gradients from outside, for a cost that the caller computes; and sample weights below 0.

import { Graph, type LossOption, type Precision, Scaler } from "plexus-nn";
import { describe, expect, it } from "vitest";
import {
  type AnyGraph,
  everything,
  expectClose,
  expectRefusal,
  expectSame,
  Random,
  refusal,
  rejection,
  seed,
  wrong,
} from "../support/helpers.js";
import { build, isSmooth, randomCase } from "../support/random.js";

const random = new Random(seed);
const rows = 7;
const xs = { x: random.rows(rows, 3), u: random.rows(rows, 2) };
const ts = { y: random.rows(rows, 2), z: random.rows(rows, 3) };

interface Options {
  precision?: Precision;
  loss?: LossOption;
  seed?: number;
  penalty?: boolean;
}

/** Makes a graph of two inputs, a norm, an identity, shared weights, and an output that feeds another. */
function made({ precision = "float64", loss = "mse", penalty = false, ...rest }: Options = {}): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 3, precision, ...rest });
  graph.addInput("x", 3);
  graph.addInput("u", 2, "tanh");
  graph.addHidden("a", 4, "tanh", { norm: "layer", bias: 0.1 });
  graph.addHidden("b", 4, "softplus");
  graph.addOutput("y", 2, "tanh", loss);
  graph.addOutput("z", 3, "softmax", "mse", { weight: 2 });
  const options = penalty ? { l2: 0.01, l1: 0.003 } : {};
  graph.connect("x", "a", options);
  graph.connect("u", "a");
  graph.connect("a", "b", { kind: "identity" });
  const own = graph.connect("b", "y");
  graph.connect("a", "y", { share: own });
  graph.connect("b", "z");
  graph.connect("y", "z");
  return graph;
}

/** Returns dJ/dy of Σ (y - t)² / rows, by output, times the outputs' weights. */
function slopes(graph: AnyGraph, inputs: typeof xs = xs): Record<string, Float64Array> {
  const ys = graph.predict(inputs);
  const flat = { y: ts.y.flat(), z: ts.z.flat() };
  return {
    y: Float64Array.from(ys.y!, (y, i) => (2 * (y - flat.y[i]!)) / rows),
    z: Float64Array.from(ys.z!, (y, i) => (2 * 2 * (y - flat.z[i]!)) / rows),
  };
}

/** Returns all numbers of `gradients`, by names. */
function numbers({
  inputs,
  bias,
  gain,
  weights,
}: ReturnType<AnyGraph["gradients"]>): Record<string, ArrayLike<number>> {
  const named = (kind: string, of: Record<string, ArrayLike<number>>) =>
    Object.entries(of).map(([name, values]) => [`${kind} ${name}`, values]);
  return Object.fromEntries([
    ...[...named("inputs", inputs), ...named("bias", bias), ...named("gain", gain)],
    ...weights.map(({ from, to, name, values }) => [`${from} ${to} ${name}`, values]),
  ]);
}

function parameters(graph: AnyGraph): number[] {
  return [
    ...graph.layers.flatMap(({ bias, gain }) => [...bias, ...(gain ?? [])]),
    ...graph.synapses.flatMap((s) => [...s.weights]),
  ];
}

describe.each(["float64", "float32"] as const)("in %s", (precision) => {
  const close = precision === "float64" ? 1e-12 : 2e-5;

  it("the gradients of the graph's own cost give its derivatives", () => {
    for (const penalty of [false, true]) {
      const graph = made({ precision, penalty });
      const own = graph.gradients(xs, ts);
      const found = graph.gradients(xs, null, { outputs: slopes(graph) });
      expect(found.cost).toBe(0);
      const [wanted, given] = [numbers(own), numbers(found)];
      expect(Object.keys(given)).toEqual(Object.keys(wanted));
      for (const [name, values] of Object.entries(given)) expectClose(values, wanted[name]!, close, name);
    }
  });

  it("some outputs reach only what leads to them", () => {
    const graph = made({ precision });
    const { z: _, ...y } = slopes(graph);
    const found = graph.gradients(xs, null, { outputs: y });
    const own = graph.gradients(xs, { y: ts.y });
    expect(Object.keys(numbers(found))).toEqual(Object.keys(numbers(own)));
    for (const [name, values] of Object.entries(numbers(found))) {
      expectClose(values, numbers(own)[name]!, close, name);
    }
    const before = [...graph.layer("z").bias];
    graph.backward(xs, y);
    expectSame(graph.layer("z").bias, before, "bias of z");
  });

  it.each([
    { name: "sgd", rate: 0.05 },
    { name: "adam" },
    { name: "sgd", rate: 0.05, momentum: 0.9, clipNorm: 0.1 },
  ] as const)("`backward` makes the step of `train`: $name", (optimizer) => {
    const [graph, other] = [made({ precision, penalty: true }), made({ precision, penalty: true })];
    for (const one of [graph, other]) one.optimizer = optimizer;
    for (let step = 0; step < 4; step++) {
      other.train(xs, ts);
      expect(graph.backward(xs, slopes(graph))).toBe(undefined);
      expectClose(parameters(graph), parameters(other), close * 10, `step ${step}`);
    }
    const state = (one: AnyGraph) => (one.toJSON() as { state?: object }).state;
    expect(state(graph)).toEqual(state(other));
  });

  it("one sample of a small graph goes its shorter ways", () => {
    for (const [hidden, activation] of [
      ["sigmoid", "sigmoid"],
      ["tanh", "linear"],
      ["relu", "exp"],
    ] as const) {
      const make = (): AnyGraph =>
        new Graph({
          ...{ seed: 5, precision, inputs: { x: 2 }, hidden: { h: { size: 3, activation: hidden } } },
          outputs: { y: { size: 1, activation, loss: "mse" } },
          synapses: [
            ["x", "h"],
            ["h", "y"],
          ],
        });
      const [graph, other] = [make(), make()];
      for (let step = 0; step < 3; step++) {
        const y = graph.predict({ x: [0.5, -1] }).y![0]!;
        const own = graph.gradients({ x: [0.5, -1] }, { y: [0.25] });
        const found = graph.gradients({ x: [0.5, -1] }, null, { outputs: { y: [2 * (y - 0.25)] } });
        for (const [name, values] of Object.entries(numbers(found))) {
          expectClose(values, numbers(own)[name]!, close, name);
        }
        graph.backward({ x: [0.5, -1] }, { y: [2 * (y - 0.25)] });
        other.train({ x: [0.5, -1] }, { y: [0.25] });
        expectClose(parameters(graph), parameters(other), close, "parameters");
        // A step with a cost afterwards is one with a cost.
        expect(graph.clone().train({ x: [0.5, -1] }, { y: [0.25] })).toBe(
          graph.train({ x: [0.5, -1] }, { y: [0.25] }),
        );
        other.copyFrom(graph);
      }
    }
  });
});

describe("two graphs", () => {
  it("chained by their gradients have those of one that joins them", () => {
    const whole: AnyGraph = new Graph({
      seed: 8,
      inputs: { x: 3 },
      hidden: { h: { size: 5, activation: "tanh" }, m: { size: 4, activation: "gelu" } },
      outputs: { y: { size: 2, activation: "softmax" } },
      synapses: [
        ["x", "h", { l2: 0.02 }],
        ["h", "m"],
        ["m", "y"],
      ],
    });
    const first: AnyGraph = new Graph({
      inputs: { x: 3 },
      hidden: { h: { size: 5, activation: "tanh" } },
      outputs: { m: { size: 4, activation: "gelu" } },
      synapses: [
        ["x", "h", { l2: 0.02 }],
        ["h", "m"],
      ],
    });
    const second: AnyGraph = new Graph({
      inputs: { m: { size: 4, bias: false } },
      outputs: { y: { size: 2, activation: "softmax" } },
      synapses: [["m", "y"]],
    });
    for (const [from, to] of [
      ["x", "h"],
      ["h", "m"],
      ["m", "y"],
    ] as const) {
      const part = to === "y" ? second : first;
      part.synapse(from, to).weights = whole.synapse(from, to).weights;
    }
    const target = Array.from({ length: rows }, (_, r) => r % 2);
    const joined = whole.gradients({ x: xs.x }, { y: target });
    const { m } = first.predict({ x: xs.x });
    const upper = second.gradients({ m: m! }, { y: target });
    const lower = first.gradients({ x: xs.x }, null, { outputs: { m: upper.inputs.m! } });
    expectClose(lower.inputs.x!, joined.inputs.x!, 1e-12, "inputs");
    const parts = { ...numbers(lower), ...numbers(upper) };
    for (const [name, values] of Object.entries(numbers(joined))) {
      expectClose(parts[name]!, values, 1e-12, name);
    }
    // And a step of both is a step of the whole.
    whole.train({ x: xs.x }, { y: target });
    second.train({ m: m! }, { y: target });
    first.backward({ x: xs.x }, { m: upper.inputs.m! });
    expectClose(first.synapse("x", "h").weights, whole.synapse("x", "h").weights, 1e-12, "x h");
    expectClose(second.synapse("m", "y").weights, whole.synapse("m", "y").weights, 1e-12, "m y");
  });

  it("with scalers, too: derivatives are of what is given and predicted", () => {
    const graph = made();
    graph.scale(
      "x",
      Scaler.fit(
        random.rows(9, 3).map((row) => row.map((x) => x * 50 + 7)),
        3,
      ),
    );
    graph.scale(
      "y",
      Scaler.fit(
        random.rows(9, 2).map((row) => row.map((x) => x * 9 - 40)),
        2,
      ),
    );
    const given = { x: xs.x.map((row) => row.map((x) => x * 50 + 7)), u: xs.u };
    /** J = Σ sin y · w, for y as it is predicted. */
    const w = Float64Array.from({ length: rows * 2 }, (_, i) => 0.3 + (i % 5) / 7);
    const cost = () => [...graph.predict(given).y!].reduce((sum, y, i) => sum + Math.sin(y) * w[i]!, 0);
    const outputs = { y: graph.predict(given).y!.map((y, i) => Math.cos(y) * w[i]!) };
    const found = graph.gradients(given, null, { outputs });
    const slope = (set: (by: number) => void, step: number) => {
      set(step);
      const above = cost();
      set(-2 * step);
      const below = cost();
      set(step);
      return (above - below) / (2 * step);
    };
    for (const [r, c] of [
      [0, 0],
      [3, 1],
      [6, 2],
    ] as const) {
      const numeric = slope((by) => {
        given.x[r]![c]! += by;
      }, 1e-4);
      expect(Math.abs(found.inputs.x![r * 3 + c]! - numeric)).toBeLessThan(1e-6);
    }
    for (const [from, to] of [
      ["x", "a"],
      ["b", "y"],
    ] as const) {
      const { values } = found.weights.find((one) => one.from === from && one.to === to)!;
      for (let i = 0; i < values.length; i += 3) {
        const numeric = slope((by) => {
          graph.synapse(from, to).weights[i]! += by;
        }, 1e-5);
        expect(Math.abs(values[i]! - numeric)).toBeLessThan(1e-5 * Math.max(1, Math.abs(numeric)));
      }
    }
  });
});

it(`random graphs have the derivatives of J = Σ c y, by central differences, PLEXUS_SEED=${seed}`, () => {
  for (let i = 0; i < 40; i++) {
    const random = new Random(seed * 900_007 + i);
    const drawn = randomCase(random);
    if (!isSmooth(drawn)) continue;
    const { naive, xs, ts } = drawn;
    const graph: AnyGraph = build(naive);
    const outputs = Object.keys(ts);
    const factors = Object.fromEntries(
      Object.entries(graph.predict(xs, { outputs })).map(([name, y]) => [name, y.map(() => random.signed())]),
    );
    const cost = () =>
      Object.entries(graph.predict(xs, { outputs })).reduce(
        (sum, [name, y]) => sum + [...y].reduce((part, value, i) => part + value * factors[name]![i]!, 0),
        0,
      );
    const { bias, weights } = graph.gradients(xs, null, { outputs: factors });
    const blocks = [
      ...Object.entries(bias).map(([name, values]) => [() => graph.layer(name).bias, values] as const),
      ...weights.map((one) => {
        const { synapses } = graph;
        const own = synapses.find(
          (s) => s.from.name === one.from && s.to.name === one.to && s.name === one.name,
        )!;
        return [() => own.weights, one.values] as const;
      }),
    ];
    for (const [view, values] of blocks) {
      const at = random.whole(0, values.length - 1);
      const numeric = [1e-6, -1e-6].map((step) => {
        const kept = view()[at]!;
        view()[at] = kept + step;
        const found = cost();
        view()[at] = kept;
        return found;
      });
      const slope = (numeric[0]! - numeric[1]!) / 2e-6;
      expect(Math.abs(values[at]! - slope)).toBeLessThan(1e-4 * Math.max(1, Math.abs(slope)));
    }
  }
});

describe("samples and units", () => {
  it("count in gradients from outside", () => {
    const graph = made();
    const outputs = slopes(graph);
    const sampleWeights = Float64Array.from({ length: rows }, (_, r) => r - 2);
    const mask = {
      y: Array.from({ length: rows * 2 }, (_, i) => i % 3),
      z: Array.from({ length: rows }, (_, r) => r % 2),
    };
    const weighed = {
      y: outputs.y!.map((d, i) => d * sampleWeights[Math.floor(i / 2)]! * mask.y[i]!),
      z: outputs.z!.map((d, i) => d * sampleWeights[Math.floor(i / 3)]! * mask.z[Math.floor(i / 3)]!),
    };
    const wanted = graph.gradients(xs, null, { outputs: weighed });
    const spoilt = { y: outputs.y!.map((d, i) => (mask.y[i] === 0 ? Number.NaN : d)), z: outputs.z! };
    const found = graph.gradients(xs, null, { outputs: spoilt, sampleWeights, mask });
    for (const [name, values] of Object.entries(numbers(found))) {
      expectClose(values, numbers(wanted)[name]!, 1e-13, name);
    }
    const other = made();
    other.backward(xs, weighed);
    graph.backward(xs, spoilt, { sampleWeights, mask });
    expectClose(parameters(graph), parameters(other), 1e-13, "parameters");
  });

  it.each(["mse", "huber", "logCosh"] as const)("below 0 turn the descent of %s around", (loss) => {
    const graph = made({ loss });
    const weights = Float64Array.from({ length: rows }, (_, r) => r * 0.5 - 1.5);
    const each = Array.from({ length: rows }, (_, r) => {
      const one = (data: Record<string, number[][]>) =>
        Object.fromEntries(Object.entries(data).map(([name, all]) => [name, [all[r]!]]));
      return graph.gradients(one(xs as never) as never, one(ts as never) as never);
    });
    const found = graph.gradients(xs, ts, { sampleWeights: weights });
    const sum = each.reduce((total, { cost }, r) => total + (cost * weights[r]!) / rows, 0);
    expect(Math.abs(found.cost - sum)).toBeLessThan(1e-12);
    for (const [name, values] of Object.entries(numbers(found))) {
      if (name.startsWith("inputs")) continue;
      const wanted = Float64Array.from(values, (_, i) =>
        each.reduce((total, one, r) => total + (numbers(one)[name]![i]! * weights[r]!) / rows, 0),
      );
      expectClose(values, wanted, 1e-12, name);
    }
    expect(graph.gradCheck(xs, ts, { sampleWeights: weights }).ok).toBe(true);
    const before = graph.evaluate(xs, ts).cost;
    graph.rate = 0.01;
    graph.train(xs, ts, { sampleWeights: new Array(rows).fill(-1) });
    expect(graph.evaluate(xs, ts).cost).toBeGreaterThan(before);
  });

  it("are a policy's advantages: crossEntropy weighed by them is its gradient", () => {
    const make = (): AnyGraph =>
      new Graph({
        ...{ seed: 2, inputs: { x: 3 }, hidden: { h: { size: 6, activation: "tanh" } } },
        outputs: { p: { size: 4, activation: "softmax" } },
        synapses: [
          ["x", "h"],
          ["h", "p"],
        ],
      });
    const [graph, other] = [make(), make()];
    const actions = [0, 3, 2, 1, 1, 0, 2];
    const advantages = [1, -0.5, 2, -1.5, 0, 0.25, -3];
    for (let step = 0; step < 5; step++) {
      graph.train({ x: xs.x }, { p: actions }, { sampleWeights: advantages });
      const p = other.predict({ x: xs.x }).p!;
      // J = mean of -advantage · ln p[action]
      const slope = new Float64Array(p.length);
      actions.forEach((action, r) => {
        slope[r * 4 + action] = -advantages[r]! / p[r * 4 + action]! / rows;
      });
      other.backward({ x: xs.x }, { p: slope });
      expectClose(parameters(graph), parameters(other), 1e-12, `step ${step}`);
    }
  });

  it("are 0 at least where metrics are computed, and in masks", async () => {
    const graph = made();
    const sampleWeights = [1, 1, 1, 1, 1, 1, -1];
    const data = { xs, ts, sampleWeights };
    expectRefusal(() => graph.evaluate(xs, ts, { sampleWeights }), "bad-option", "sample weights", "-1");
    const mask = { y: sampleWeights };
    expectRefusal(() => graph.train(xs, ts, { mask }), "bad-option", "mask");
    expectRefusal(() => graph.backward(xs, { y: ts.y }, { mask }), "bad-option", "mask");
    const refused = [
      { data, options: { metrics: ["mae"] } },
      { data: { xs, ts }, options: { validation: data } },
      { data, options: { validation: 0.3 } },
    ] as const;
    for (const { data, options } of refused) {
      expect((await rejection(graph.fit(data as never, options as never))).code).toBe("bad-option");
    }
    // As by calls of `train`.
    const other = made();
    await graph.fit(data, { epochs: 3, batchSize: rows, shuffle: false });
    for (let epoch = 0; epoch < 3; epoch++) other.train(xs, ts, { sampleWeights });
    expectSame(parameters(graph), parameters(other), "parameters");
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      const sampleWeights = [value, 1, 1, 1, 1, 1, 1];
      expectRefusal(() => graph.train(xs, ts, { sampleWeights }), "not-finite", "sample weights");
      expectRefusal(() => graph.backward(xs, { y: ts.y }, { sampleWeights }), "not-finite", "sample weights");
    }
  });
});

describe("backward", () => {
  it("takes any shape that data may have, and live views", () => {
    const graph = made();
    const y = slopes(graph).y!;
    const nested = Array.from({ length: rows }, (_, r) => y.subarray(r * 2, r * 2 + 2));
    const wanted = numbers(graph.gradients(xs, null, { outputs: { y } }));
    for (const given of [[...y], nested, nested.map((row) => [...row]), new Proxy([...y], {})]) {
      const found = numbers(graph.gradients(xs, null, { outputs: { y: given } }));
      for (const [name, values] of Object.entries(found)) expectSame(values, wanted[name]!, name);
    }
    graph.predict(xs);
    const [one, two] = [graph.clone(), graph.clone()];
    one.backward(xs, { y: graph.layer("y").post });
    two.backward(xs, { y: graph.layer("y").post.slice() });
    expectSame(parameters(one), parameters(two), "parameters");
    // A number for each sample is no class.
    const classes: AnyGraph = new Graph({
      inputs: { x: 1 },
      outputs: { p: { size: 2, activation: "softmax" } },
      synapses: [["x", "p"]],
    });
    expectRefusal(() => classes.backward({ x: [1, 2] }, { p: [0, 1] }), "bad-shape", '"p"');
  });

  it("draws noise as `train` does, and follows the rate", () => {
    const make = (): AnyGraph =>
      new Graph({
        ...{ seed: 4, inputs: { x: 3 }, hidden: { h: { size: 16, activation: "linear", dropout: 0.5 } } },
        outputs: { y: { size: 1, activation: "linear", loss: "mse" } },
        synapses: [
          ["x", "h"],
          ["h", "y"],
        ],
      });
    const [graph, other] = [make(), make()];
    const steps: number[] = [];
    for (const one of [graph, other]) {
      one.synapse("h", "y").frozen = true;
      one.rate = (step) => {
        steps.push(step);
        return 0.1;
      };
    }
    // A linear graph: the derivative by y is the same whatever units are hidden.
    for (let step = 0; step < 3; step++) {
      graph.backward({ x: [1, 2, 3] }, { y: [0.5] });
      const { y } = other.predict({ x: [1, 2, 3] });
      other.backward({ x: [1, 2, 3] }, { y: [0.5] });
      expect(y).toHaveLength(1);
    }
    expect(steps).toEqual([0, 0, 1, 1, 2, 2]);
    expectSame(parameters(graph), parameters(other), "parameters");
    expect((graph.toJSON() as { generators: { noises: number } }).generators.noises).toBe(3);
    const { weights } = graph.gradients({ x: [1, 2, 3] }, null, { outputs: { y: [0.5] } });
    expect(weights[0]!.values.every((value) => value !== 0)).toBe(true);
    expect((graph.toJSON() as { generators: { noises: number } }).generators.noises).toBe(3);
  });

  it("is refused as `train` is, and changes nothing", async () => {
    const graph = made();
    graph.train(xs, ts);
    const y = slopes(graph).y!;
    const before = everything(graph);
    const revoked = Proxy.revocable([], {});
    revoked.revoke();
    const gone = [undefined, null, 3, "y", [], new Float64Array(14), revoked.proxy] as const;
    for (const given of gone) {
      for (const call of [
        () => graph.backward(xs, wrong(given)),
        () => graph.gradients(xs, null, { outputs: wrong(given) }),
      ]) {
        expect(["missing-target", "bad-shape"]).toContain(refusal(call).code);
      }
    }
    const refusals = [
      [{}, "missing-target"],
      [{ y: undefined }, "missing-target", '"y"'],
      [{ b: y }, "not-an-output", '"b"'],
      [{ q: y }, "unknown-layer", '"q"'],
      [{ y: y.subarray(1) }, "bad-shape", '"y"'],
      [{ y: y.subarray(2) }, "bad-shape", "7", "6"],
      [{ y, z: [1, 2, 3] }, "bad-shape", '"z"'],
      [{ y: 3 }, "bad-shape", '"y"'],
      [{ y: revoked.proxy }, "bad-shape"],
      [{ y: y.map((d, i) => (i === 3 ? Number.NaN : d)) }, "not-finite", '"y" has NaN in row 1, unit 1'],
    ] as const;
    for (const [given, code, ...mentions] of refusals) {
      expectRefusal(() => graph.backward(xs, wrong(given)), code, ...mentions);
      expectRefusal(() => graph.gradients(xs, null, { outputs: wrong(given) }), code, ...mentions);
    }
    expectRefusal(() => graph.backward({ x: xs.x }, { y }), "missing-input", '"u"');
    expectRefusal(() => graph.backward(wrong(undefined), { y }), "missing-input");
    expectRefusal(
      () => graph.backward({ ...xs, x: [[Number.NaN, 1, 2]], u: [1, 2] }, { y: [1, 2] }),
      "not-finite",
      '"x"',
    );
    expectRefusal(() => graph.backward(xs, { y }, wrong({ weights: [] })), "bad-option", "sampleWeights");
    expectRefusal(() => graph.backward(xs, { y }, { sampleWeights: [1] }), "bad-shape", "sample weights");
    expectRefusal(() => graph.backward(xs, { y }, { mask: { b: [1] } }), "not-an-output");
    expectRefusal(() => graph.gradients(xs, wrong(ts), wrong({ outputs: { y } })), "bad-option", "null");
    expectRefusal(
      () => graph.gradients(xs, wrong(undefined), wrong({ outputs: { y } })),
      "bad-option",
      "null",
    );
    expectRefusal(() => graph.gradients(xs, null, wrong(undefined)), "missing-target");
    expect(JSON.stringify(graph)).toBe(JSON.stringify(JSON.parse(before).graph));
    const { details, message } = refusal(() => graph.backward(xs, { y: y.map(() => 1e308) }));
    expect(message).toContain("is not finite");
    expect(details!.largestGradient).toBe(Infinity);
    expect(JSON.stringify(graph)).toBe(JSON.stringify(JSON.parse(before).graph));
    const single = made({ precision: "float32" });
    expectRefusal(() => single.backward(xs, { y: y.map(() => 1e39) }), "not-finite", "float32");
    graph.rate = { name: "reduceOnPlateau", rate: 0.1 };
    expectRefusal(() => graph.backward(xs, { y }), "bad-option", "reduceOnPlateau");
    graph.rate = 0.1;
    const run = graph.fit({ xs, ts });
    expectRefusal(() => graph.backward(xs, { y }), "busy");
    expect(graph.gradients(xs, null, { outputs: { y } }).cost).toBe(0);
    await run;
    const disposing = {
      get y() {
        graph.dispose();
        return y;
      },
    };
    expectRefusal(() => graph.backward(xs, disposing), "disposed");
    expectRefusal(() => graph.backward(xs, { y }), "disposed");
    expectRefusal(() => graph.gradients(xs, null, { outputs: { y } }), "disposed");
  });

  it("tells the largest of its own gradients where a step is not finite", () => {
    const graph: AnyGraph = new Graph({
      inputs: { x: { size: 1, bias: false } },
      outputs: { y: { size: 1, activation: "linear", bias: false } },
      synapses: [["x", "y"]],
    });
    graph.rate = 1e300;
    const { code, details } = refusal(() => graph.backward({ x: [2] }, { y: [1e20] }));
    expect([code, details!.largestGradient, details!.layer]).toEqual(["diverged", 2e20, "y"]);
  });
});
