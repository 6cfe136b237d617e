// Files of one sample, `{ batch: false }`: axis 0 is units, as all others are. Compared with onnxruntime.

import { fromOnnx, obstacles } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { load } from "../../peers/load.js";
import { type AnyGraph, expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { input, model, node, tensor } from "./wire.js";

const ort = await load("onnxruntime-web/wasm");
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

const random = new Random(seed + 11);
const weights = (name: string, ...dims: number[]) =>
  tensor(name, dims, random.numbers(dims.reduce((a, b) => a * b, 1)));
const whole = (name: string, ...values: number[]) => tensor(name, [values.length], values, "int64");

interface Case {
  readonly dims: readonly number[];
  readonly tensors: readonly unknown[];
  readonly nodes: readonly unknown[];
}

async function expectSame({ dims, tensors, nodes }: Case): Promise<AnyGraph> {
  const file = model({ inputs: [input("x", dims)], tensors, nodes });
  expect(obstacles(file, { batch: false })).toEqual([]);
  const graph: AnyGraph = fromOnnx(file, { batch: false });
  const size = dims.reduce((a, b) => a * b, 1);
  const rows = [random.numbers(size), random.numbers(size)];
  const found = graph.predict({ x: rows }).y!;
  const session = await ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
  for (const [i, row] of rows.entries()) {
    const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.from(row), dims) });
    expectClose(found.slice(i * y.size, (i + 1) * y.size), y.data, 1e-5, `sample ${i}`);
  }
  await session.release();
  return graph;
}

const cases: Record<string, Case> = {
  "a vector times a matrix": {
    dims: [4],
    tensors: [weights("w", 4, 3), weights("b", 3)],
    nodes: [node("MatMul", ["x", "w"], ["m"]), node("Add", ["m", "b"], ["a"]), node("Relu", ["a"], ["y"])],
  },
  "a matrix times a vector": {
    dims: [4],
    tensors: [weights("w", 3, 4), weights("b", 3)],
    nodes: [node("MatMul", ["w", "x"], ["m"]), node("Add", ["b", "m"], ["a"]), node("Tanh", ["a"], ["y"])],
  },
  "a vector times a vector": {
    dims: [4],
    tensors: [weights("w", 4)],
    nodes: [node("MatMul", ["x", "w"], ["y"])],
  },
  "an image flattened to a row": {
    dims: [3, 4],
    tensors: [weights("w", 2, 12), weights("b", 2)],
    nodes: [
      node("Flatten", ["x"], ["f"], { axis: 0 }),
      node("Gemm", ["f", "w", "b"], ["g"], { transB: 1 }),
      node("Softmax", ["g"], ["y"], { axis: 1 }),
    ],
  },
  "a matrix on either side": {
    dims: [3, 4],
    tensors: [weights("w", 4, 2), weights("v", 2, 3), weights("b", 3, 1)],
    nodes: [
      node("MatMul", ["x", "w"], ["m"]),
      node("MatMul", ["v", "m"], ["n"]),
      node("Gemm", ["x", "w"], ["g"]),
      node("Sum", ["g", "b"], ["s"]),
      node("Concat", ["s", "n"], ["y"], { axis: 0 }),
    ],
  },
  "a matrix across": {
    dims: [4, 2],
    tensors: [weights("w", 4, 3)],
    nodes: [node("Gemm", ["x", "w"], ["y"], { transA: 1 })],
  },
  "matrices by the block": {
    dims: [2, 3, 4],
    tensors: [weights("w", 2, 4, 3)],
    nodes: [node("MatMul", ["x", "w"], ["y"])],
  },
  "constants of more axes": {
    dims: [4],
    tensors: [weights("b", 3, 1), weights("s", 2, 1, 1)],
    nodes: [node("Add", ["x", "b"], ["a"]), node("Mul", ["s", "a"], ["y"])],
  },
  "layers of several ranks": {
    dims: [3, 4],
    tensors: [whole("axes", 0)],
    nodes: [
      node("ReduceMean", ["x", "axes"], ["m"], { keepdims: 0 }),
      node("ReduceSum", ["x"], ["t"], { keepdims: 0 }),
      node("Sub", ["x", "m"], ["s"]),
      node("Add", ["t", "s"], ["y"]),
    ],
  },
  "axes of every kind": {
    dims: [2, 3],
    tensors: [whole("s", 3, 2), whole("i", 1, 0, 1), whole("z", 0), whole("o", 1)],
    nodes: [
      node("Transpose", ["x"], ["t"]),
      node("Reshape", ["t", "s"], ["r"]),
      node("Gather", ["r", "i"], ["g"], { axis: 0 }),
      node("Slice", ["g", "z", "o", "z"], ["l"]),
      node("Unsqueeze", ["l", "z"], ["u"]),
      node("Squeeze", ["u"], ["y"]),
    ],
  },
  "a split and a tile along axis 0": {
    dims: [4],
    tensors: [whole("n", 1, 3), whole("k", 3)],
    nodes: [
      node("Split", ["x", "n"], ["a", "b"], { axis: 0 }),
      node("Tile", ["b", "k"], ["c"]),
      node("Concat", ["c", "a"], ["y"], { axis: 0 }),
    ],
  },
  "a norm over axis 0": {
    dims: [6],
    tensors: [weights("g", 6), weights("b", 6)],
    nodes: [node("LayerNormalization", ["x", "g", "b"], ["y"], { axis: 0 })],
  },
  "a softmax over axis 0": { dims: [3, 2], tensors: [], nodes: [node("Softmax", ["x"], ["y"], { axis: 0 })] },
  "batch norms, whose channels are axis 1": {
    dims: [2, 3],
    tensors: [weights("s", 3), weights("b", 3), weights("m", 3), tensor("v", [3], [1, 2, 3])],
    nodes: [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"])],
  },
  "the shape of the input": {
    dims: [2, 3],
    tensors: [],
    nodes: [
      node("Shape", ["x"], ["n"]),
      node("ConstantOfShape", ["n"], ["z"]),
      node("Add", ["z", "x"], ["y"]),
    ],
  },
};

describe(`files of one sample predict as in onnxruntime, PLEXUS_SEED=${seed}`, () => {
  test.each(Object.entries(cases))("%s", async (_, one) => {
    (await expectSame(one)).dispose();
  });

  test("matrices of the file learn", async () => {
    for (const name of [
      "a vector times a matrix",
      "a matrix times a vector",
      "an image flattened to a row",
    ]) {
      const graph = await expectSame(cases[name]!);
      expect(graph.synapses.map(({ frozen }) => frozen)).toEqual([false]);
      expect(graph.layer("y").frozen).toBe(false);
    }
  });

  test("a scalar is a layer of one unit", () => {
    const graph: AnyGraph = fromOnnx(
      model({ inputs: [input("x", [])], nodes: [node("Exp", ["x"], ["y"])] }),
      { batch: false },
    );
    expectClose(graph.predict({ x: [0, 1] }).y!, [1, Math.E], 1e-6, "y");
  });

  test("a batch of a fixed size is refused without the option where it is mixed", () => {
    const file = model({
      inputs: [input("x", [4])],
      tensors: [weights("w", 4, 3)],
      nodes: [node("MatMul", ["x", "w"], ["y"])],
    });
    expectRefusal(() => fromOnnx(file), "unsupported", "batch");
    const named = model({ nodes: [node("Relu", ["x"], ["y"])] });
    expectRefusal(() => fromOnnx(named, { batch: false }), "unsupported", '"N"', "without a batch");
    expectRefusal(() => fromOnnx(file, { batch: wrong(0) }), "bad-option", "`batch`");
  });
});
