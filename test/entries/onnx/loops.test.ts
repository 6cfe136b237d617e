// A file with loops in time computes what plain loops do, by onnxruntime: as operators, as Scans, and with states.

import { Graph, type Precision } from "plexus-nn";
import { toOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { type AnyGraph, expectClose, expectRefusal, Random, seed } from "../../support/helpers.js";
import { decode, type Feed, judgeTensors } from "./judge.js";
import { plainPredict, randomLoops, randomSteps, type Values } from "./loops.js";

const TOLERANCE = { float64: 1e-12, float32: 1e-4 } as const;
const precisions = ["float64", "float32"] as const;

/** Returns some steps of the values as tensors, for the inputs that a file has. */
function feeds(file: Uint8Array, graph: AnyGraph, xs: Values, from = 0, to?: number): Record<string, Feed> {
  const names = decode(file).graph!.input.map(({ name }) => name);
  return Object.fromEntries(
    graph.inputs
      .filter(({ name }) => names.includes(name))
      .map(({ name, size, time }) => {
        const samples = xs[name]!.map((steps) => (time ? steps.slice(from, to) : steps));
        const shape = time ? [samples.length, samples[0]!.length, size] : [samples.length, size];
        return [name, { values: samples.flat(2), shape }];
      }),
  );
}

const operators = (file: Uint8Array) => new Set(decode(file).graph!.node.map(({ opType }) => opType));

const cells = [
  ["LSTM", { cell: "lstm" }, "LSTM"],
  ["LSTM with peepholes", { cell: "lstm", peephole: true }, "LSTM"],
  ["GRU that resets after", { cell: "gru" }, "GRU"],
  ["GRU that resets before", { cell: "gru", reset: "before" }, "GRU"],
  ["RNN", { cell: undefined }, "RNN"],
] as const;

/** Makes a graph with a cell "h" and an output "y" after it, or the cell as the output of an RNN. */
function cellGraph(
  { cell, ...options }: (typeof cells)[number][1],
  precision: Precision,
  { backward = false, initial = false } = {},
): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 4, precision });
  graph.addInput("x", 3);
  graph.addInput("z", 2);
  const random = new Random(3);
  if (cell === undefined) {
    graph.addOutput("h", 4, "tanh", undefined, initial ? { initial } : {});
    for (const from of ["x", "z"]) graph.connect(from, "h");
    graph.connect("h", "h", { delay: backward ? -1 : 1 });
  } else {
    if (cell === "lstm") graph.addLstm("h", 4, ["x", "z"], { ...options, backward, initial });
    else graph.addGru("h", 4, ["x", "z"], { ...options, backward, initial });
    graph.addOutput("y", 2, "tanh");
    graph.connect("h", "y");
  }
  for (const layer of graph.layers) {
    if (layer.hasBias && layer.kind !== "input" && !layer.frozen) layer.bias.set(random.numbers(layer.size));
    if (layer.hasInitial) layer.initial.set(random.numbers(layer.size));
  }
  for (const { kind, weights, frozen } of graph.synapses)
    if (kind === "oneToOne" && !frozen) weights.set(random.numbers(weights.length));
  return graph;
}

describe.each(precisions)("toOnnx of loops in %s", (precision) => {
  test(`30 random graphs agree with onnxruntime (seed ${seed})`, async () => {
    const random = new Random(seed);
    for (let i = 0; i < 30; i++) {
      const graph = randomLoops(random, precision);
      const [k, T] = [random.whole(1, 4), random.whole(1, 6)];
      const xs = randomSteps(random, graph, k, T);
      const file = toOnnx(graph);
      const found = await judgeTensors(file, feeds(file, graph, xs), precision);
      for (const [name, values] of Object.entries(plainPredict(graph, xs, T))) {
        expectClose(found[name]!, values, TOLERANCE[precision], `graph ${i}: ${name}`);
      }
    }
  });

  test.each(cells)("a %s agrees, as an operator in float32", async (_, options, operator) => {
    for (const time of [{}, { backward: true }, { initial: true }, { backward: true, initial: true }]) {
      const graph = cellGraph(options, precision, time);
      const xs = randomSteps(new Random(seed), graph, 2, 4);
      const file = toOnnx(graph);
      expect(operators(file).has(precision === "float32" ? operator : "Scan")).toBe(true);
      const found = await judgeTensors(file, feeds(file, graph, xs), precision);
      for (const [name, values] of Object.entries(plainPredict(graph, xs, 4)))
        expectClose(found[name]!, values, TOLERANCE[precision], name);
    }
  });

  /** Runs a file with states in pieces of a few steps, and compares them with a run in one piece. */
  async function stream(graph: AnyGraph, random: Random, what: string): Promise<void> {
    const [k, T] = [2, 5];
    const xs = randomSteps(random, graph, k, T);
    const wanted = plainPredict(graph, xs, T);
    const file = toOnnx(graph, { state: true });
    const { input, output } = decode(file).graph!;
    const shapes = new Map<string, number[]>();
    for (const { name, type } of input) {
      if (!name.startsWith("state.") || type?.value.case !== "tensorType") continue;
      const dims = type.value.value.shape!.dim.slice(1).map(({ value }) => Number(value.value));
      shapes.set(name.slice(6), [k, ...dims]);
    }
    let states = Object.fromEntries(
      [...shapes].map(([name, shape]) => {
        const { initial, size } = graph.layer(name);
        const length = shape.reduce((a, b) => a * b);
        return [`state.${name}`, { values: Array.from({ length }, (_, i) => initial[i % size]!), shape }];
      }),
    );
    for (let at = 0; at < T; ) {
      const to = Math.min(T, at + random.whole(1, 3));
      const found = await judgeTensors(file, { ...feeds(file, graph, xs, at, to), ...states }, precision);
      for (const { name } of output.filter(({ name }) => !name.startsWith("next."))) {
        const { size, time } = graph.layer(name);
        const part = Array.from({ length: k }, (_, r) =>
          wanted[name]!.slice((r * T + at) * size, (r * T + to) * size),
        );
        expectClose(
          found[name]!,
          time ? part.flat() : wanted[name]!,
          TOLERANCE[precision],
          `${what}: ${name}`,
        );
      }
      states = Object.fromEntries(
        [...shapes].map(([name, shape]) => [
          `state.${name}`,
          { values: Array.from(found[`next.${name}`]!), shape },
        ]),
      );
      at = to;
    }
  }

  test(`with states, 20 random graphs go on step by step (seed ${seed})`, async () => {
    const random = new Random(seed + 1);
    for (let i = 0; i < 20; i++) await stream(randomLoops(random, precision, true), random, `graph ${i}`);
  });

  test.each(cells)("with states, a %s goes on step by step", async (name, options, operator) => {
    const graph = cellGraph(options, precision, { initial: true });
    expect(operators(toOnnx(graph, { state: true })).has(operator)).toBe(precision === "float32");
    await stream(graph, new Random(seed), name);
  });
});

test("a loop that is not quite a cell becomes a Scan in float32, too", async () => {
  for (const change of [
    (graph: AnyGraph) => graph.connect("z", "h.input", { name: "again" }),
    (graph: AnyGraph) => graph.connect("h", "h.forget", { delay: 2 }),
    (graph: AnyGraph) => graph.connect("h.state", "y"),
  ]) {
    const graph = cellGraph(cells[0][1], "float32");
    change(graph);
    const xs = randomSteps(new Random(seed), graph, 2, 4);
    const file = toOnnx(graph);
    expect(operators(file).has("Scan")).toBe(true);
    const found = await judgeTensors(file, feeds(file, graph, xs), "float32");
    expectClose(found.y!, plainPredict(graph, xs, 4).y!, TOLERANCE.float32, "y");
  }
});

test("a file with delays has (N, T, size) for layers with time alone", () => {
  const graph = new Graph<string, string, string>({ seed: 1 });
  graph.addInput("x", 2);
  graph.addInput("c", 3, "linear", { time: false });
  graph.addHidden("h", 4, "tanh");
  graph.addOutput("y", 2);
  graph.addOutput("v", 1);
  graph.connect("x", "h");
  graph.connect("c", "h");
  graph.connect("h", "h", { delay: 1 });
  graph.connect("h", "y");
  graph.connect("h", "v", { at: "last" });
  const { input, output } = decode(toOnnx(graph)).graph!;
  const shapes = [...input, ...output].map(({ name, type }) => {
    if (type?.value.case !== "tensorType") throw new Error("no tensor");
    return [name, ...type.value.value.shape!.dim.map(({ value }) => value.value)];
  });
  expect(shapes).toEqual([
    ["x", "N", "T", 2n],
    ["c", "N", 3n],
    ["y", "N", "T", 2n],
    ["v", "N", 1n],
  ]);
});

const loop = (delay: number, input = {}) => {
  const graph = new Graph<string, string, string>({ seed: 1 });
  graph.addInput("x", 2, "linear", input);
  graph.addOutput("y", 2);
  graph.connect("x", "y");
  graph.connect("y", "y", { delay });
  return graph;
};

test("refused: states of a loop to the first step, of a taken name, and steps of no input", () => {
  expectRefusal(() => toOnnx(loop(-1), { state: true }), "bad-option", "later steps");
  const taken = loop(1);
  taken.addOutput("state.y", 1);
  taken.connect("x", "state.y");
  expectRefusal(() => toOnnx(taken, { state: true }), "bad-option", "state of");
  expectRefusal(() => toOnnx(loop(1, { time: false })), "unsupported", "no input has time");
});
