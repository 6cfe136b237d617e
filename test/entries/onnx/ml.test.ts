// Linear operators of ai.onnx.ml, as scikit-learn's converter writes them, compared with onnxruntime.

import { fromOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { type AnyGraph, expectClose, expectRefusal, Random, seed } from "../../support/helpers.js";
import { judge } from "./judge.js";
import { input, model, node } from "./wire.js";

type Attributes = Parameters<typeof node>[3];

const random = new Random(seed + 9);
const x = input("x", ["N", 3]);
const rows = Array.from({ length: 5 }, () => random.numbers(3).map((value) => value * 3));
const floats = (count: number) => Float32Array.from({ length: count }, () => random.signed());
const ml = (op: string, inputs: readonly string[], outputs: readonly string[], attributes: Attributes = {}) =>
  node(op, inputs, outputs, attributes, "ai.onnx.ml");

async function expectSame(nodes: readonly unknown[]): Promise<AnyGraph> {
  const file = model({ inputs: [x], nodes: nodes as never, outputs: ["y"] });
  const graph: AnyGraph = fromOnnx(file);
  const wanted = await judge(file, { x: rows }, "float32");
  expectClose(graph.predict({ x: rows }).y!, wanted.y!, 2e-6, "y");
  return graph;
}

const labels = (classes: number) => ({ classlabels_ints: Array.from({ length: classes }, (_, i) => i) });

describe("linear operators of ai.onnx.ml agree with onnxruntime", () => {
  test("Scaler, with a number for each feature and with one for all", async () => {
    const graph = await expectSame([ml("Scaler", ["x"], ["y"], { offset: floats(3), scale: floats(3) })]);
    expect(graph.layers.length).toBe(2);
    await expectSame([ml("Scaler", ["x"], ["y"], { offset: floats(1), scale: floats(1) })]);
  });

  test.each(["NONE", "SOFTMAX", "LOGISTIC"])("LinearRegressor, %s", async (post_transform) => {
    for (const targets of [2, 4]) {
      const attributes = { coefficients: floats(3 * targets), targets, post_transform };
      await expectSame([ml("LinearRegressor", ["x"], ["y"], { ...attributes, intercepts: floats(targets) })]);
      await expectSame([ml("LinearRegressor", ["x"], ["y"], attributes)]);
    }
    if (post_transform === "NONE")
      await expectSame([ml("LinearRegressor", ["x"], ["y"], { coefficients: floats(3) })]);
  });

  test.each(["NONE", "SOFTMAX", "LOGISTIC"])("LinearClassifier, %s", async (post_transform) => {
    for (const classes of [2, 3]) {
      const attributes = { coefficients: floats(3 * classes), intercepts: floats(classes), post_transform };
      await expectSame([
        ml("LinearClassifier", ["x"], ["label", "y"], { ...attributes, ...labels(classes) }),
      ]);
    }
  });

  test.each(["NONE", "LOGISTIC"])(
    "LinearClassifier of one score for two classes, %s",
    async (post_transform) => {
      const attributes = { coefficients: floats(3), intercepts: floats(1), post_transform, ...labels(2) };
      await expectSame([ml("LinearClassifier", ["x"], ["label", "y"], attributes)]);
    },
  );

  test("a pipeline of scikit-learn: a scaler, a classifier, and its probabilities divided by their sum", async () => {
    for (const [classes, post_transform] of [
      [2, "LOGISTIC"],
      [4, "LOGISTIC"],
      [3, "SOFTMAX"],
    ] as const) {
      const attributes = { coefficients: floats(3 * classes), intercepts: floats(classes), post_transform };
      const graph = await expectSame([
        ml("Scaler", ["x"], ["s"], { offset: floats(3), scale: floats(3) }),
        ml("LinearClassifier", ["s"], ["label", "p"], { ...attributes, ...labels(classes) }),
        ml("Normalizer", ["p"], ["y"], { norm: "L1" }),
      ]);
      expect(graph.layer("y").loss).toBe("crossEntropy");
    }
    await expectSame([node("Exp", ["x"], ["e"]), ml("Normalizer", ["e"], ["y"], { norm: "L1" })]);
  });
});

describe("operators of ai.onnx.ml are refused", () => {
  const attributes = { coefficients: floats(6), intercepts: floats(2), ...labels(2) };
  test.each([
    ["labels", [ml("LinearClassifier", ["x"], ["y", "p"], attributes)], "unsupported", "`outputs`"],
    [
      "PROBIT",
      [ml("LinearRegressor", ["x"], ["y"], { ...attributes, targets: 2, post_transform: "PROBIT" })],
      "unsupported",
      "PROBIT",
    ],
    [
      "SOFTMAX_ZERO",
      [ml("LinearClassifier", ["x"], ["l", "y"], { ...attributes, post_transform: "SOFTMAX_ZERO" })],
      "unsupported",
      "SOFTMAX_ZERO",
    ],
    ["a norm of squares", [ml("Normalizer", ["x"], ["y"], { norm: "L2" })], "unsupported", "L2"],
    [
      "a sum of what may be negative",
      [node("Tanh", ["x"], ["t"]), ml("Normalizer", ["t"], ["y"], { norm: "L1" })],
      "unsupported",
      "its sum",
    ],
    [
      "too few coefficients",
      [ml("LinearRegressor", ["x"], ["y"], { coefficients: floats(5) })],
      "bad-file",
      "5 coefficients",
    ],
    [
      "too few intercepts",
      [ml("LinearRegressor", ["x"], ["y"], { coefficients: floats(6), targets: 2, intercepts: floats(1) })],
      "bad-file",
      "1 intercepts",
    ],
    [
      "no classes",
      [ml("LinearClassifier", ["x"], ["l", "y"], { coefficients: floats(6) })],
      "bad-file",
      "coefficients",
    ],
    [
      "an offset too few",
      [ml("Scaler", ["x"], ["y"], { offset: floats(2) })],
      "bad-file",
      "2 numbers in offset",
    ],
    [
      "2^31 targets",
      [ml("LinearRegressor", ["x"], ["y"], { coefficients: floats(3), targets: 2 ** 31 })],
      "bad-file",
      "coefficients",
    ],
    ["trees", [ml("TreeEnsembleRegressor", ["x"], ["y"])], "unsupported", "TreeEnsembleRegressor"],
    ["toString", [ml("toString", ["x"], ["y"])], "unsupported", "toString"],
    ["a standard operator of that domain", [ml("Relu", ["x"], ["y"])], "unsupported", "Relu"],
    ["one of theirs of the standard domain", [node("Scaler", ["x"], ["y"])], "unsupported", "Scaler"],
  ] as const)("%s", (_, nodes, code, mention) => {
    expectRefusal(() => fromOnnx(model({ inputs: [x], nodes })), code, mention);
  });
});
