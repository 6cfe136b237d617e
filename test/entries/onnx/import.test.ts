// Exported files are imported again; and files as other tools write them.

import { readFileSync } from "node:fs";
import { type ActivationOption, Graph } from "plexus-nn";
import { fromOnnx, toOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { arithmetic } from "../../../src/entries/onnx/import/arithmetic.js";
import { convolution } from "../../../src/entries/onnx/import/convolution.js";
import { layout } from "../../../src/entries/onnx/import/layout.js";
import { linear } from "../../../src/entries/onnx/import/linear.js";
import { ml } from "../../../src/entries/onnx/import/ml.js";
import { nonlinear } from "../../../src/entries/onnx/import/nonlinear.js";
import { recurrent } from "../../../src/entries/onnx/import/recurrent.js";
import { resizes } from "../../../src/entries/onnx/import/resize.js";
import { loops } from "../../../src/entries/onnx/import/scan.js";
import { selection } from "../../../src/entries/onnx/import/selection.js";
import { expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { needed, randomGraph, randomRows } from "./graphs.js";
import { input, model, node, tensor } from "./wire.js";

describe("fromOnnx(toOnnx(graph))", () => {
  for (const precision of ["float64", "float32"] as const) {
    test(`predicts as the graph does, in ${precision} (seed ${seed})`, () => {
      const random = new Random(seed + 2);
      for (let i = 0; i < 200; i++) {
        const graph = randomGraph(random, precision);
        const copy = fromOnnx(toOnnx(graph));
        const xs = randomRows(random, graph);
        expect(copy.precision).toBe(precision);
        expect(copy.outputs.map(({ name }) => name)).toEqual(graph.outputs.map(({ name }) => name));
        const [found, wanted] = [copy.predict(needed({ input: copy.inputs }, xs)), graph.predict(xs)];
        for (const [name, values] of Object.entries(wanted)) {
          expectClose(found[name]!, values, precision === "float64" ? 1e-12 : 1e-4, `graph ${i}: ${name}`);
        }
      }
    });

    test(`has the same layers again, in ${precision}`, () => {
      const graph = new Graph<string, string, string>({ seed: 3, precision: precision as "float64" });
      const activations = [
        "sigmoid",
        "tanh",
        "relu",
        "leakyRelu",
        "elu",
        "selu",
        "gelu",
        "silu",
        "mish",
        "softplus",
      ] as const;
      const others = [
        "softsign",
        "hardSigmoid",
        "softmax",
        "exp",
        "sin",
        { name: "elu", alpha: 0.7 },
      ] as const;
      graph.addInput("x", 3);
      [...activations, ...others].forEach((activation, i) => {
        graph.addHidden(`h${i}`, 3, activation);
        graph.connect("x", `h${i}`);
      });
      graph.addOutput("y", 2, { name: "leakyRelu", slope: 0.3 });
      for (const { name } of graph.layers.slice(1, -1)) graph.connect(name, "y");
      const copy = fromOnnx(toOnnx(graph));
      const shape = (g: Graph<string, string, string>) => ({
        layers: g.layers.map(({ name, kind, size, activation }) => ({ name, kind, size, activation })),
        synapses: g.synapses.map(({ from, to }) => `${from.name} → ${to.name}`).sort(),
      });
      expect(shape(copy)).toEqual(shape(graph));
    });
  }
});

test("norms, identities and shared weights are the same again", () => {
  for (const precision of ["float64", "float32"] as const) {
    const graph = new Graph<string, string, string>({ seed: 4, precision: precision as "float64" });
    graph.addInput("x", 3);
    graph.addHidden("a", 3, "tanh", { norm: "layer" });
    graph.addHidden("b", 3, "silu", { bias: false });
    graph.addOutput("y", 3, "linear");
    const first = graph.connect("x", "a");
    graph.connect("a", "b", { share: first });
    graph.connect("b", "y");
    graph.connect("x", "y", { kind: "identity" });
    graph.layer("a").gain!.set([0.5, -2, 3]);
    const copy = fromOnnx(toOnnx(graph));
    const shape = (g: Graph<string, string, string>) => ({
      layers: g.layers.map(({ name, kind, norm, hasBias, gain }) => ({ name, kind, norm, hasBias, gain })),
      synapses: g.synapses.map(
        ({ from, to, kind, share }) => `${from.name} ${kind} ${to.name} ${share?.to.name}`,
      ),
    });
    expect(shape(copy)).toEqual(shape(graph));
  }
});

test("a matrix of two shapes is transposed by each", () => {
  const graph = fromOnnx(
    model({
      inputs: [input("a", ["N", 3]), input("b", ["N", 2])],
      tensors: [tensor("w", [2, 3], [1, 2, 3, 4, 5, 6]), tensor("s", [2], [3, 2], "int64")],
      nodes: [
        node("Reshape", ["w", "s"], ["v"]),
        node("Gemm", ["a", "w"], ["c"], { transB: 1 }),
        node("Gemm", ["b", "v"], ["d"], { transB: 1 }),
        node("Concat", ["c", "d"], ["y"], { axis: 1 }),
      ],
    }),
  );
  expect([...graph.predict({ a: [1, 10, 100], b: [1, 10] }).y!]).toEqual([321, 654, 21, 43, 65]);
});

describe("bind", () => {
  const file = model({
    inputs: [input("x", ["N", 4]), input("w", [4, 2]), input("b", [2])],
    nodes: [node("Gemm", ["x", "w", "b"], ["y"])],
  });
  const w = { shape: [4, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] };
  const b = { shape: [2], values: Float32Array.of(0.5, -0.5) };

  test("makes constants of inputs", () => {
    const graph = fromOnnx(file, { bind: { w, b } });
    expect(graph.inputs.map(({ name }) => name)).toEqual(["x"]);
    expect([...graph.predict({ x: [1, 1, 0, 0] }).y!]).toEqual([4.5, 5.5]);
  });

  test("takes whole numbers where they are a shape", () => {
    const reshape = model({
      inputs: [input("x", ["N", 2, 2]), input("s", [2], "int64")],
      nodes: [node("Reshape", ["x", "s"], ["y"])],
    });
    expectRefusal(() => fromOnnx(reshape), "unsupported", "INT64", "bind");
    const graph = fromOnnx(reshape, { bind: { s: { shape: [2], values: [-1, 4] } } });
    expect(graph.outputs[0]!.size).toBe(4);
  });

  test.each([
    ["what is no input", { v: w }, "no input"],
    ["a number", 3, "an object"],
    ["values alone", { w: [1, 2, 3] }, "an object"],
    ["too few values", { w: { shape: [4, 2], values: [1] } }, "as many numbers"],
    ["a shape that is none", { w: { shape: [4, -2], values: [] } }, "as many numbers"],
    ["texts", { w: { shape: [1], values: ["1"] } }, "as many numbers"],
    ["something unknown", { w: { ...w, type: "float32" } }, "type"],
  ])("refuses %s", (_, bind, mention) => {
    expectRefusal(() => fromOnnx(file, { bind: wrong(bind) }), "bad-option", mention);
  });
});

describe("fromOnnx refuses", () => {
  test.each([
    ["elu", "alpha"],
    ["leakyRelu", "slope"],
  ] as const)("a number of %s that is not finite", (name, own) => {
    const activation = { name, [own]: 0.7 } as ActivationOption;
    const graph = new Graph({
      inputs: { x: 2 },
      outputs: { y: { size: 2, activation } },
      synapses: [["x", "y"]],
    });
    const bytes = toOnnx(graph, { precision: "float32" });
    const at = Buffer.from(bytes).indexOf(Buffer.from(Float32Array.of(0.7).buffer));
    for (const value of [Number.POSITIVE_INFINITY, Number.NaN]) {
      new DataView(bytes.buffer, bytes.byteOffset).setFloat32(at, value, true);
      expectRefusal(() => fromOnnx(bytes), "bad-file", own, name);
    }
  });

  const relu = model({ nodes: [node("Relu", ["x"], ["y"])] });
  test.each([
    ["another precision", wrong({ precision: "int8" }), "bad-option", "float64"],
    ["an unknown option", wrong({ strict: true }), "bad-option", "strict"],
    ["no most bytes", wrong({ maxBytes: 0 }), "bad-option", "above 0"],
    ["a file above the most bytes", { maxBytes: relu.length - 1 }, "bad-file", `${relu.length} bytes`],
  ] as const)("%s", (_, options, code, mention) => {
    expectRefusal(() => fromOnnx(relu, options), code, mention);
  });

  test("what is no graph of layers, with the node and its operator", () => {
    const ratio = model({ nodes: [node("Div", ["x", "x"], ["y"])] });
    expectRefusal(() => fromOnnx(ratio), "unsupported", '"y"', '"Div"', "divides by a layer");
    const batches = model({
      inputs: [input("x", [2, 4]), input("z", [3, 4])],
      nodes: [node("Add", ["x", "z"], ["y"])],
    });
    expectRefusal(() => fromOnnx(batches), "unsupported", '"x" has 2', '"z" 3');
  });

  test("a sparse tensor, if it is used, by its name", () => {
    const sparse = [
      [1, tensor("w", [2], [1, 2])],
      [2, tensor("", [2], [0, 3], "int64")],
      [3, 4],
      [3, 2],
    ];
    const file = (op: string, inputs: readonly string[], named: readonly ReturnType<typeof input>[] = []) =>
      model({
        inputs: [input("x", ["N", 4]), ...named],
        nodes: [node(op, inputs, ["y"])],
        more: [[15, sparse]],
      });
    expectRefusal(() => fromOnnx(file("Gemm", ["x", "w"])), "unsupported", '"w" is sparse');
    expectRefusal(
      () => fromOnnx(file("Add", ["w", "x"], [input("w", [4, 2])])),
      "unsupported",
      '"w" is sparse',
    );
    expect(fromOnnx(file("Relu", ["x"])).layers.map(({ name }) => name)).toEqual(["x", "y"]);
  });

  test("nothing that no output needs", () => {
    const graph = fromOnnx(model({ nodes: [node("Relu", ["x"], ["y"]), node("LSTM", ["x"], ["z"])] }));
    expect(graph.layers.map(({ name }) => name)).toEqual(["x", "y"]);
  });
});

test("what tf2onnx makes of Keras comes out as its layers: MatMul, Add and Relu are one", () => {
  const graph = fromOnnx(
    model({
      inputs: [input("x", ["unk__1", 2]), input("z", ["unk__2", 1])],
      tensors: [
        tensor("w", [3, 2], [1, 2, 3, 4, 5, 6]),
        tensor("b", [2], [0.5, -8]),
        tensor("v", [2, 1], [1, -1]),
      ],
      nodes: [
        node("Concat", ["x", "z"], ["a"], { axis: 1 }),
        node("MatMul", ["a", "w"], ["c"]),
        node("Add", ["c", "b"], ["d"]),
        node("Relu", ["d"], ["h"]),
        node("MatMul", ["h", "v"], ["e"]),
        node("Sigmoid", ["e"], ["y"]),
      ],
    }),
  );
  expect(graph.layers.map(({ name, activation }) => `${name} ${activation}`)).toEqual([
    "x linear",
    "z linear",
    "h relu",
    "y sigmoid",
  ]);
  expect(graph.synapses.map(({ from, weights }) => [from.name, ...weights])).toEqual([
    ["x", 1, 2, 3, 4],
    ["z", 5, 6],
    ["h", 1, -1],
  ]);
  expect([...graph.layer("h").bias]).toEqual([0.5, -8]);
});

test("a fixed first dimension is the batch of the file, and any number of rows is predicted", () => {
  const graph = fromOnnx(model({ inputs: [input("x", [7, 2, 2])], nodes: [node("Relu", ["x"], ["y"])] }));
  expect([...graph.predict({ x: [[1, -1, 2, -2]] }).y!]).toEqual([1, 0, 2, 0]);
  expect(graph.seed).toBe(fromOnnx(model({ nodes: [node("Relu", ["x"], ["y"])] })).seed);
});

test("docs/onnx.md names every operator that comes in", () => {
  const page = readFileSync(new URL("../../../docs/onnx.md", import.meta.url), "utf8");
  const table = page.slice(page.indexOf("| operators |"), page.indexOf("Versions 1 to"));
  const named = [...table.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
  const tables = [
    layout,
    selection,
    arithmetic,
    linear,
    nonlinear,
    recurrent,
    loops,
    convolution,
    resizes,
    ml,
  ];
  const known = tables.flatMap((operators) => Object.keys(operators));
  expect(named.sort()).toEqual(known.sort());
});
