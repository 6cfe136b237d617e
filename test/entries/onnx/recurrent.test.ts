// Files with steps come in: PyTorch's, single operators against onnxruntime, and the files of random graphs with loops.

import { readFileSync } from "node:fs";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
} from "onnx-buf";
import { Graph } from "plexus-nn";
import { fromOnnx, obstacles, toOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { type AnyGraph, expectClose, expectRefusal, Random, seed } from "../../support/helpers.js";
import type { Tensor } from "./cases.js";
import { decode, judgeTensors } from "./judge.js";
import { plainPredict, randomLoops, randomSteps } from "./loops.js";
import { input, model, node, tensor } from "./wire.js";

interface Export {
  readonly name: string;
  readonly form: string;
  readonly file: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

const { cases } = JSON.parse(
  readFileSync(new URL("../../reference/recurrent.json", import.meta.url), "utf8"),
) as { cases: readonly Export[] };

describe("a recurrent network as PyTorch exports it", () => {
  test.each(cases.map((one) => [one.name, one.form, one] as const))(
    "%s, for %s, predicts the same",
    (_, __, { file, inputs, outputs }) => {
      const graph: AnyGraph = fromOnnx(new Uint8Array(Buffer.from(file, "base64")));
      const { values, shape } = inputs.in0!;
      const found = graph.predict({ in0: values }, { steps: shape[1]! });
      expect(Object.keys(found)).toEqual(Object.keys(outputs));
      for (const [name, { values }] of Object.entries(outputs)) expectClose(found[name]!, values, 5e-6, name);
    },
  );
});

/** Returns all values of a tensor of any shape in [-1, 1]. */
const some = (random: Random, name: string, dims: readonly number[]) =>
  tensor(name, dims, random.numbers(dims.reduce((a, b) => a * b)));

const gates = { RNN: 1, LSTM: 4, GRU: 3 } as const;
const [K, T, F, H] = [2, 4, 3, 2];

/** Makes a file of one operator between transpositions, which returns all that it can. */
function operatorFile(random: Random, opType: keyof typeof gates): Uint8Array {
  const direction = random.pick(["forward", "reverse", "bidirectional"]);
  const directions = direction === "bidirectional" ? 2 : 1;
  const rows = gates[opType] * H;
  const isLstm = opType === "LSTM";
  const [hasBias, hasStart, hasPeephole] = [0.7, 0.5, isLstm ? 0.5 : 0].map((share) => random.chance(share));
  const start = ["h", "c"].map((name) => {
    const row = random.numbers(directions * H);
    const equal = Array.from({ length: directions }, (_, d) =>
      Array.from({ length: K }, () => row.slice(d * H, (d + 1) * H)),
    );
    return tensor(name, [directions, K, H], equal.flat(2));
  });
  const optional = [
    hasBias ? "b" : "",
    "",
    hasStart ? "h" : "",
    ...(isLstm ? [hasStart ? "c" : "", hasPeephole ? "p" : ""] : []),
  ];
  const names = isLstm ? ["all", "last", "inner"] : ["all", "last"];
  const activations = Array.from({ length: directions }, () => {
    const count = { RNN: 1, LSTM: 3, GRU: 2 }[opType];
    return Array.from({ length: count }, () => random.pick(["Sigmoid", "Tanh", "Relu", "Softsign"]));
  });
  return model({
    inputs: [input("x", random.chance(0.5) ? ["N", "T", F] : [K, T, F])],
    tensors: [
      some(random, "w", [directions, rows, F]),
      some(random, "r", [directions, rows, H]),
      ...(hasBias ? [some(random, "b", [directions, 2 * rows])] : []),
      ...(hasPeephole ? [some(random, "p", [directions, 3 * H])] : []),
      ...(hasStart ? start.slice(0, isLstm ? 2 : 1) : []),
      tensor("shape", [3], [0, 0, -1], "int64"),
    ],
    nodes: [
      node("Transpose", ["x"], ["turned"], { perm: [1, 0, 2] }),
      node(opType, ["turned", "w", "r", ...optional], names, {
        direction,
        hidden_size: H,
        ...(random.chance(0.5) ? { activations: activations.flat() } : {}),
        ...(opType === "GRU" ? { linear_before_reset: random.whole(0, 1) } : {}),
        ...(isLstm && !hasPeephole ? { input_forget: random.whole(0, 1) } : {}),
      }),
      node("Transpose", ["all"], ["split"], { perm: [2, 0, 1, 3] }),
      node("Reshape", ["split", "shape"], ["y"]),
      node("Transpose", ["last"], ["y1"], { perm: [1, 0, 2] }),
      ...(isLstm ? [node("Transpose", ["inner"], ["y2"], { perm: [1, 0, 2] })] : []),
    ],
    outputs: ["y", "y1", ...(isLstm ? ["y2"] : [])],
  });
}

test.each(["RNN", "LSTM", "GRU"] as const)(
  `a random %s predicts what onnxruntime does, 60 times (seed ${seed})`,
  async (opType) => {
    const random = new Random(seed);
    for (let i = 0; i < 60; i++) {
      const file = operatorFile(random, opType);
      const values = random.numbers(K * T * F);
      const wanted = await judgeTensors(file, { x: { values, shape: [K, T, F] } }, "float32");
      const found = fromOnnx(file).predict({ x: values }, { steps: T });
      for (const [name, values] of Object.entries(wanted))
        expectClose(found[name]!, values, 1e-5, `${opType} ${i}: ${name}`);
    }
  },
);

describe.each(["float64", "float32"] as const)("the file of a graph with loops in %s", (precision) => {
  test(`comes back as a graph that predicts the same, 60 times (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 60; i++) {
      const graph = randomLoops(random, precision);
      const steps = random.whole(1, 6);
      const xs = randomSteps(random, graph, 2, steps);
      const again: AnyGraph = fromOnnx(toOnnx(graph));
      const needed = again.inputs.map(({ name, time }) => [name, time ? xs[name]! : xs[name]!.flat()]);
      const found = again.predict(Object.fromEntries(needed), { steps });
      for (const [name, values] of Object.entries(plainPredict(graph, xs, steps)))
        expectClose(found[name]!, values, precision === "float64" ? 1e-11 : 1e-4, `graph ${i}: ${name}`);
    }
  });

  /** Describes the layers and the synapses of a graph, in an order of their own. */
  const outline = ({ layers, synapses }: AnyGraph) => ({
    layers: layers
      .map((l) => `${l.name}: ${l.size} ${l.activation} ${l.join} ${l.hasBias} ${l.hasInitial} ${l.time}`)
      .sort(),
    synapses: synapses
      .map((s) => `${s.from.name} ${s.kind} ${s.to.name} ${s.delay} ${s.at} ${s.weights[0]}`)
      .sort(),
  });

  test.each([
    ["LSTM", { cell: "lstm" }],
    ["LSTM with peepholes, backward", { cell: "lstm", peephole: true, backward: true }],
    ["GRU that resets after", { cell: "gru" }],
    ["GRU that resets before, with initial values", { cell: "gru", reset: "before", initial: true }],
  ] as const)("of a %s comes back as the same graph", (_, { cell, ...options }) => {
    const graph: AnyGraph = new Graph({ seed: 4, precision });
    graph.addInput("x", 3);
    if (cell === "lstm") graph.addLstm("h", 4, "x", options);
    else graph.addGru("h", 4, "x", options);
    graph.addOutput("y", 2, "tanh");
    graph.connect("h", "y");
    graph.addOutput("z", 2, "tanh");
    graph.connect("h", "z", { at: "last" });
    for (const layer of graph.layers) {
      if (layer.hasInitial) layer.initial.fill(0.5);
    }
    for (const { kind, weights } of graph.synapses)
      if (kind === "oneToOne" && weights[0] === 0) weights.fill(0.25);
    expect(outline(fromOnnx(toOnnx(graph)))).toEqual(outline(graph));
  });

  test("with delays of several steps, in a loop and between loops, comes back as the same graph", () => {
    const graph: AnyGraph = new Graph({ seed: 4, precision });
    graph.addInput("x", 3, "linear", { initial: 0.25 });
    graph.addInput("c", 2, "linear", { time: false });
    graph.addHidden("h", 2, "tanh", { initial: -0.5 });
    graph.addOutput("y", 2, "sin", "mse", { join: "product" });
    graph.connect("x", "h", { delay: 2 });
    graph.connect("x", "h", { delay: -1 });
    graph.connect("c", "h");
    graph.connect("h", "h", { delay: 3 });
    graph.connect("h", "h", { delay: 1, kind: "oneToOne" });
    graph.connect("h", "y");
    graph.connect("c", "y", { kind: "identity" });
    graph.connect("h", "y", { at: "first" });
    expect(outline(fromOnnx(toOnnx(graph)))).toEqual(outline(graph));
  });
});

test("weights that synapses of other delays share are shared again", () => {
  const graph = new Graph({ seed: 4, inputs: { x: 3 }, hidden: { h: 3 }, outputs: { y: 3 } });
  const owner = graph.connect("x", "h");
  graph.connect("h", "h", { delay: 1, share: owner });
  graph.connect("h", "y", { delay: 2, share: owner });
  const { synapses } = fromOnnx(toOnnx(graph));
  expect(synapses.map(({ share }) => share !== undefined).sort()).toEqual([false, true, true]);
});

test("a file with states comes in with the states that are bound", () => {
  const graph = new Graph({ seed: 4, inputs: { x: 2 }, outputs: { y: 2 } });
  graph.connect("x", "y", { delay: 2 });
  graph.connect("y", "y", { delay: 1, kind: "oneToOne" });
  const state = graph.state();
  state.set("x", [0.5, 0.25]);
  state.set("y", [-1, 2]);
  const bind = {
    "state.x": { shape: [1, 2, 2], values: [0.5, 0.25, 0.5, 0.25] },
    "state.y": { shape: [1, 1, 2], values: [-1, 2] },
  };
  const file = toOnnx(graph, { state: true });
  expectRefusal(() => fromOnnx(file, { outputs: ["y"] }), "unsupported", "`bind`");
  const again: AnyGraph = fromOnnx(file, { outputs: ["y"], bind });
  const x = [
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  ];
  expectClose(again.predict({ x }).y!, graph.predict({ x }, { state }).y, 1e-12, "y");
});

test("a delay of 65,536 steps comes back from a small file", () => {
  const graph = new Graph({ seed: 4, inputs: { x: 2 }, hidden: { h: 3 }, outputs: { y: 1 } });
  graph.connect("x", "h");
  graph.connect("h", "h", { delay: 65_536 });
  graph.connect("h", "h", { delay: 1 });
  graph.connect("h", "y", { delay: 60_000 });
  const again = fromOnnx(toOnnx(graph));
  expect(again.synapses.map(({ delay }) => delay)).toEqual([1, 65_536, 0, 60_000]);
});

describe("refused, with the reason:", () => {
  const tensors = [
    some(new Random(1), "w", [1, 4 * H, F]),
    some(new Random(2), "r", [1, 4 * H, H]),
    tensor("h", [1, K, H], [1, 2, 3, 4]),
    tensor("lengths", [K], [T, 1], "int64"),
    tensor("one", [1], [1], "int64"),
  ];
  const lstm = (attributes: Parameters<typeof node>[3], more: readonly string[] = []) =>
    model({
      inputs: [input("x", ["T", "N", F]), input("given", [1, "N", H])],
      tensors,
      nodes: [node("LSTM", ["x", "w", "r", ...more], ["all", "y"], { hidden_size: H, ...attributes })],
    });

  test.each([
    [
      "an activation that no layer has",
      lstm({ activations: ["Sigmoid", "ScaledTanh", "Tanh"] }),
      "ScaledTanh",
    ],
    ["states that differ between samples", lstm({}, ["", "", "h"]), "from sample to sample"],
    ["states that an input has", lstm({}, ["", "", "given"]), "`bind`"],
    ["lengths of their own", lstm({}, ["", "lengths"]), "other lengths"],
    ["steps in the middle", middle("Gather", ["x", "one"], { axis: 1 }), "in the middle"],
    ["a sum over the steps", middle("ReduceSum", ["x", "one"]), "sums over the steps"],
    ["a loop of unknown length", middle("Loop", ["x"]), "Loop"],
  ])("%s", (_, file, mention) => {
    expectRefusal(() => fromOnnx(file), "unsupported", mention);
    expect(obstacles(file).length).toBeGreaterThan(0);
  });

  /** Makes a file of one operator on steps. */
  function middle(op: string, inputs: readonly string[], attributes = {}): Uint8Array {
    return model({
      inputs: [input("x", ["N", "T", F])],
      tensors,
      nodes: [node(op, inputs, ["y"], attributes)],
    });
  }
});

test("refused, with the reason: sums that are clipped", () => {
  const graph: AnyGraph = new Graph({ seed: 4, precision: "float32", inputs: { x: 2 }, outputs: { y: 2 } });
  graph.addLstm("h", 2, "x");
  graph.connect("h", "y");
  const file = decode(toOnnx(graph));
  const lstm = file.graph!.node.find(({ opType }) => opType === "LSTM")!;
  lstm.attribute.push(create(AttributeProtoSchema, { name: "clip", type: AttributeType.FLOAT, f: 3 }));
  expectRefusal(() => fromOnnx(toBinary(ModelProtoSchema, file)), "unsupported", '"h"', "clips");
});

test("a file whose steps are known to be fixed predicts any number of them", () => {
  const [{ file, inputs }] = cases.filter(({ form, name }) => form === "samples" && name === "gru") as [
    Export,
  ];
  const graph: AnyGraph = fromOnnx(new Uint8Array(Buffer.from(file, "base64")));
  const long = [...inputs.in0!.values, ...inputs.in0!.values];
  expect(graph.predict({ in0: long }, { steps: 8 }).out0!.length).toBe(3 * 8 * 2);
});
