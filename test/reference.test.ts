// The values in reference/, computed by numpy (graphs.json) and PyTorch (vocabulary.json).

import { existsSync, readFileSync } from "node:fs";
import { type Activation, Graph, type Loss, type Optimizer, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectClose, refusal, wrong } from "./helpers.js";

interface ReferenceLayer {
  readonly kind: "input" | "hidden" | "output";
  readonly name: string;
  readonly size: number;
  readonly activation: Activation;
  readonly loss?: Loss;
}
interface Parameters {
  readonly bias: Record<string, number[]>;
  readonly weights: number[][][];
}
interface Step {
  readonly xs: Record<string, number[][]>;
  readonly ts: Record<string, number[][]>;
  readonly cost: number;
}
interface GraphCase {
  readonly name: string;
  readonly rate: number;
  readonly layers: (ReferenceLayer & { bias: number[] })[];
  readonly synapses: { from: string; to: string; weights: number[][] }[];
  readonly steps: (Step & { predict: Record<string, number[][]>; after: Parameters })[];
}
interface Vocabulary {
  readonly activations: {
    activation: Activation;
    x: number[][];
    y: number[][];
    dy: number[][];
    dx: number[][];
  }[];
  readonly losses: { loss: Loss; y: number[][]; t: number[][]; cost: number; dy: number[][] }[];
  readonly training: {
    optimizer: Optimizer;
    layers: ReferenceLayer[];
    synapses: { from: string; to: string }[];
    start: Parameters;
    steps: Step[];
    end: Parameters;
  }[];
}

const here = new URL("./reference/", import.meta.url);
const shared = new URL("../../shared/reference/", import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, here), "utf8")) as unknown;
const graphs = read("graphs.json") as GraphCase[];
const vocabulary = read("vocabulary.json") as Vocabulary;

/** Whether the engine has all that a graph or a run is made of. */
function known(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return refusal(make).code !== "bad-option";
  }
}

const hasActivation = (activation: Activation) => known(() => new Graph().addHidden("h", 1, activation));
const hasLoss = (loss: Loss) => known(() => new Graph().addOutput("y", 1, "sigmoid", loss));

function build(
  layers: readonly ReferenceLayer[],
  synapses: readonly { from: string; to: string }[],
  { bias, weights }: Parameters,
  optimizer: Optimizer,
  precision: Precision,
) {
  const graph = new Graph<string, string, string, Precision>({ precision, optimizer });
  for (const { name, kind, size, activation, loss } of layers) {
    if (kind === "input") graph.addInput(name, size, activation);
    if (kind === "hidden") graph.addHidden(name, size, activation);
    if (kind === "output") graph.addOutput(name, size, activation, loss);
    graph.layer(name).bias.set(bias[name]!);
  }
  for (const [i, { from, to }] of synapses.entries()) graph.connect(from, to).weights.set(weights[i]!.flat());
  return graph;
}

function expectAll(
  graph: ReturnType<typeof build>,
  { bias, weights }: Parameters,
  tolerance: number,
  what: string,
) {
  for (const [name, values] of Object.entries(bias)) {
    expectClose(graph.layer(name).bias, values, tolerance, `${what}, bias of ${name}`);
  }
  weights.forEach((values, i) => {
    expectClose(graph.synapses[i]!.weights, values.flat(), tolerance, `${what}, synapse ${i}`);
  });
}

const tolerances = [
  ["float64", 1e-10],
  ["float32", 1e-4],
] as const;

describe.each(tolerances)("whole graphs in %s", (precision, tolerance) => {
  it.each(graphs)("$name", ({ rate, layers, synapses, steps }) => {
    const start = {
      bias: Object.fromEntries(layers.map(({ name, bias }) => [name, bias])),
      weights: synapses.map(({ weights }) => weights),
    };
    const graph = build(layers, synapses, start, { name: "sgd", rate }, precision);
    expect(steps).toHaveLength(3);
    steps.forEach(({ xs, ts, cost, predict, after }, i) => {
      const ys = graph.predict(xs);
      expect(Object.keys(ys).sort()).toEqual(Object.keys(predict).sort());
      for (const [name, rows] of Object.entries(predict)) {
        expectClose(ys[name]!, rows.flat(), tolerance, `step ${i}, ${name}`);
      }
      expectClose([graph.train(xs, ts)], [cost], tolerance, `step ${i}, cost`);
      expectAll(graph, after, tolerance, `step ${i}`);
    });
  });

  const runs = vocabulary.training.filter(({ optimizer, layers }) =>
    known(() => {
      const graph = new Graph({ optimizer: wrong(optimizer) });
      for (const { name, activation, loss } of layers) graph.addOutput(name, 1, activation, loss ?? "mse");
    }),
  );

  it("has training runs to follow", () => expect(runs.length).toBeGreaterThan(0));

  it.each(runs)("ten steps of $optimizer", ({ optimizer, layers, synapses, start, steps, end }) => {
    const graph = build(layers, synapses, start, optimizer, precision);
    steps.forEach(({ xs, ts, cost }, i) => {
      expectClose([graph.train(xs, ts)], [cost], tolerance, `step ${i}, cost`);
    });
    expectAll(graph, end, tolerance, "the end");
  });
});

describe("activations", () => {
  const cases = vocabulary.activations.filter(({ activation }) => hasActivation(activation));

  it("has the first stock", () => {
    expect(cases.map(({ activation }) => activation)).toEqual(
      expect.arrayContaining(["linear", "sigmoid", "tanh", "relu", "softmax"]),
    );
  });

  it.each(cases)("$activation and its derivative", ({ activation, x, y, dy, dx }) => {
    // A gradient of 2 (y - t) / rows at the output is dy where t = y - dy · rows / 2: each row is a call of its own, so
    // that its targets can follow from the outcome.
    const size = x[0]!.length;
    const graph = new Graph();
    graph.addInput("x", size);
    graph.addOutput("y", size, activation, "mse");
    graph.connect("x", "y").weights.set(x[0]!.flatMap((_, i) => x[0]!.map((_, j) => (i === j ? 1 : 0))));
    x.forEach((row, r) => {
      const got = graph.predict({ x: row }).y!;
      expectClose(got, y[r]!, 1e-10, `y of row ${r}`);
      const t = dy[r]!.map((value, j) => got[j]! - value / 2);
      const slack = Math.max(...t.map(Math.abs), 1) * 2e-14;
      expectClose(graph.gradients({ x: row }, { y: t }).inputs.x!, dx[r]!, 1e-10 + slack, `dx of row ${r}`);
    });
  });
});

describe("losses", () => {
  const cases = vocabulary.losses.filter(({ loss }) => hasLoss(loss));

  it("has the first stock", () => {
    expect(cases.map(({ loss }) => loss)).toEqual(expect.arrayContaining(["entropy", "crossEntropy", "mse"]));
  });

  it.each(cases)("$loss and its derivative", ({ loss, y, t, cost, dy }) => {
    // Through the activation whose outcome is y: the logit for entropy, the logarithm for softmax, y itself else.
    const activation = loss === "entropy" ? "sigmoid" : loss === "crossEntropy" ? "softmax" : "linear";
    const size = y[0]!.length;
    const graph = new Graph();
    graph.addInput("x", size);
    graph.addOutput("y", size, activation, loss);
    graph.connect("x", "y").weights.set(y[0]!.flatMap((_, i) => y[0]!.map((_, j) => (i === j ? 1 : 0))));
    const inverse = {
      sigmoid: (v: number) => Math.log(v / (1 - v)),
      softmax: Math.log,
      linear: (v: number) => v,
    };
    const found = graph.gradients({ x: y.map((row) => row.map(inverse[activation])) }, { y: t });
    expectClose([found.cost], [cost], 1e-10, "cost");
    const dx = y.map((row, r) => {
      const product = row.reduce((sum, value, j) => sum + value * dy[r]![j]!, 0);
      return row.map((value, j) => {
        if (activation === "sigmoid") return value * (1 - value) * dy[r]![j]!;
        return activation === "softmax" ? value * (dy[r]![j]! - product) : dy[r]![j]!;
      });
    });
    expectClose(found.inputs.x!, dx.flat(), 1e-10, "dx");
  });
});

describe.runIf(existsSync(shared))("the copies in reference/", () => {
  it.each(["graphs.json", "reference.py", "vocabulary.json", "vocabulary.py"])("%s", (name) => {
    expect(readFileSync(new URL(name, here)).equals(readFileSync(new URL(name, shared)))).toBe(true);
  });
});
