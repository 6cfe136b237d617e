// Files of which parts are read: named outputs, nodes in any order, shapes alone, and lists of what is in the way.

import { fromOnnx, obstacles } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { type AnyGraph, expectClose, expectRefusal, wrong } from "../../support/helpers.js";
import { judge } from "./judge.js";
import { input, model, node, tensor } from "./wire.js";

const w = tensor("w", [4, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
const v = tensor("v", [2, 3], [1, 0, -1, 0.5, 2, 0]);
const xs = { x: [[0.1, -0.2, 0.3, 0.4]] };

describe("outputs", () => {
  const classes = model({
    inputs: [input("x", ["N", 4]), input("ids", ["M", "K"], "int64")],
    tensors: [w, v],
    nodes: [
      node("MatMul", ["x", "w"], ["h"]),
      node("Relu", ["h"], ["r"]),
      node("MatMul", ["r", "v"], ["scores"]),
      node("Softmax", ["scores"], ["p"], { axis: 1 }),
      node("ArgMax", ["p"], ["label"], { axis: 1 }),
      node("ZipMap", ["p"], ["map"], { classlabels_ints: [0, 1, 2] }, "ai.onnx.ml"),
      node("Gather", ["ids", "ids"], ["odd"]),
      node("Identity", ["w"], ["weights"]),
    ],
    outputs: ["label", "map", "odd", "weights"],
  });

  test("name any tensors, and what they don't need is not read", async () => {
    const graph: AnyGraph = fromOnnx(classes, { outputs: ["p", "r"] });
    expect(graph.inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["p", "r"]);
    const plain = model({
      tensors: [w, v],
      nodes: [
        node("MatMul", ["x", "w"], ["h"]),
        node("Relu", ["h"], ["r"]),
        node("MatMul", ["r", "v"], ["scores"]),
        node("Softmax", ["scores"], ["p"], { axis: 1 }),
      ],
      outputs: ["p", "r"],
    });
    const [found, wanted] = [graph.predict(xs), await judge(plain, xs, "float32")];
    for (const name of ["p", "r"]) expectClose(found[name]!, wanted[name]!, 1e-6, name);
  });

  test("a label without `outputs` is refused, and the refusal tells of it", () => {
    expectRefusal(() => fromOnnx(classes), "unsupported", "INT64");
    expectRefusal(() => fromOnnx(classes, { outputs: ["label"] }), "unsupported", "ArgMax", 'outputs: ["p"]');
    expectRefusal(() => fromOnnx(classes, { outputs: ["map"] }), "unsupported", "ZipMap", 'outputs: ["p"]');
    expectRefusal(() => fromOnnx(classes, { outputs: ["weights"] }), "unsupported", "depends on no input");
    expectRefusal(() => fromOnnx(classes, { outputs: ["w"] }), "unsupported", "depends on no input");
    expectRefusal(() => fromOnnx(classes, { outputs: ["x"] }), "unsupported", "is an output too");
  });

  test.each([
    ["a name that is none", ["q"], "no tensor"],
    ["a name that is near one", ["scoers"], '"scores"'],
    ["no name", [], "at least one"],
    ["a text", "p", "an array"],
    ["a number among them", ["p", 1], "an array"],
    ["an empty name", [""], "an array"],
    ["one twice", ["p", "p"], "twice"],
    ["four billion holes", new Array(2 ** 32 - 1), "an array"],
  ])("refuse %s", (_, outputs, mention) => {
    expectRefusal(() => fromOnnx(classes, { outputs: wrong(outputs) }), "bad-option", mention);
    expectRefusal(() => obstacles(classes, { outputs: wrong(outputs) }), "bad-option", mention);
  });
});

describe("obstacles", () => {
  const file = model({
    inputs: [input("x", ["N", 4]), input("t", ["N", 4], "int64"), input("u", ["N", "M"])],
    tensors: [w],
    nodes: [
      node("Hardmax", ["x"], ["a"]),
      node("Relu", ["a"], ["b"]),
      node("LRN", ["b"], ["c"]),
      node("MatMul", ["x", "w"], ["d"]),
      node("Div", ["d", "d"], ["e"]),
      node("Fused", ["d"], ["f"], {}, "com.microsoft"),
      node("Add", ["t", "u"], ["g"]),
      node("ArgMax", ["d"], ["h"]),
      node("LSTM", ["x"], ["unused"]),
      node("Identity", ["w"], ["k"]),
    ],
    outputs: ["c", "e", "f", "g", "h", "k"],
  });

  test("are all listed, in the order of the computation", () => {
    const found = obstacles(file);
    expect(found.map(({ node, operator }) => `${node} ${operator}`)).toEqual([
      "t input",
      "u input",
      "a Hardmax",
      "c LRN",
      "e Div",
      "f Fused",
      "h ArgMax",
      "k output",
    ]);
    expect(found[4]!.reason).toBe("divides by a layer.");
    expect(found[5]!.reason).toContain("com.microsoft");
    for (const { reason } of found) expect(reason).not.toBe("");
    expectRefusal(() => fromOnnx(file), "unsupported", '"t"');
  });

  test("are none for what comes in, and those of the named outputs alone", () => {
    expect(obstacles(model({ nodes: [node("Relu", ["x"], ["y"])] }))).toEqual([]);
    expect(obstacles(file, { outputs: ["d"] })).toEqual([]);
    expect(obstacles(file, { outputs: ["e", "d"] }).map(({ node }) => node)).toEqual(["e"]);
  });

  test("of a whole file, and of one that grows out of all proportion", () => {
    const future = model({ nodes: [node("Relu", ["x"], ["y"])], opset: 99 });
    expect(obstacles(future).map(({ operator }) => operator)).toEqual(["file"]);
    const doubled = Array.from({ length: 40 }, (_, i) =>
      node("Concat", [i ? `v${i}` : "x", i ? `v${i}` : "x"], [`v${i + 1}`], { axis: 1 }),
    );
    const large = model({ nodes: [...doubled, node("Identity", ["v40"], ["y"])] });
    expect(obstacles(large).length).toBe(1);
    expectRefusal(() => obstacles(wrong("x")), "bad-file");
    expectRefusal(() => obstacles(model({ nodes: [node("Relu", ["z"], ["y"])] })), "bad-file", '"z"');
  });
});

describe("nodes out of order", () => {
  test("are sorted", () => {
    const nodes = [
      node("Softmax", ["c"], ["y"], { axis: 1 }),
      node("Add", ["b", "a"], ["c"]),
      node("Tanh", ["a"], ["b"]),
      node("MatMul", ["x", "w"], ["a"]),
    ];
    const [found, wanted] = [nodes, [...nodes].reverse()].map(
      (order) => (fromOnnx(model({ tensors: [w], nodes: order })) as AnyGraph).predict(xs).y!,
    );
    expect([...found!]).toEqual([...wanted!]);
  });

  test("with a loop are a bad file", () => {
    const nodes = [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])];
    expectRefusal(() => fromOnnx(model({ nodes })), "bad-file", "depends on itself");
    expectRefusal(() => fromOnnx(model({ nodes: [node("Add", ["x", "y"], ["y"])] })), "bad-file", "itself");
  });

  test("in chains of 100,000 are sorted without a deep stack", () => {
    const nodes = Array.from({ length: 100_000 }, (_, i) =>
      node("Identity", [i === 0 ? "x" : `v${i}`], [i === 99_999 ? "y" : `v${i + 1}`]),
    );
    expect(fromOnnx(model({ nodes: nodes.reverse() })).layers.length).toBe(2);
  });
});

describe("values of which the shape alone is read", () => {
  test("may be of any type, and come from any operator", async () => {
    const file = model({
      inputs: [input("x", ["N", 4]), input("ids", ["N", 3], "int64")],
      tensors: [
        tensor("zero", [1], [0], "int64"),
        tensor("one", [1], [1], "int64"),
        tensor("two", [1], [2], "int64"),
      ],
      nodes: [
        node("LSTM", ["x"], ["state"]),
        node("Shape", ["state"], ["shape"]),
        node("Shape", ["ids"], ["n"]),
        node("Slice", ["n", "zero", "one"], ["first"]),
        node("Concat", ["first", "two"], ["wanted"], { axis: 0 }),
        node("ConstantOfShape", ["wanted"], ["zeros"]),
        node("ConstantOfShape", ["shape"], ["more"]),
        node("Concat", ["x", "zeros"], ["joined"], { axis: 1 }),
        node("Add", ["joined", "more"], ["y"]),
      ],
      infos: [input("state", ["N", 6])],
    });
    const graph: AnyGraph = fromOnnx(file);
    expect(graph.inputs.map(({ name }) => name)).toEqual(["x"]);
    const rows = [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ];
    expect([...graph.predict({ x: rows }).y!]).toEqual([1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 0, 0]);
  });

  test("constants for each sample are layers' too", () => {
    const zeros = [node("Shape", ["x"], ["n"]), node("ConstantOfShape", ["n"], ["z"])];
    const nodes = [...zeros, node("Sigmoid", ["z"], ["half"]), node("Add", ["half", "x"], ["y"])];
    const graph: AnyGraph = fromOnnx(model({ nodes }));
    expect([...graph.predict({ x: [[1, 2, 3, 4]] }).y!]).toEqual([1.5, 2.5, 3.5, 4.5]);
    expectRefusal(
      () => fromOnnx(model({ nodes: [...zeros, node("Identity", ["z"], ["y"])] })),
      "unsupported",
      "no input",
    );
    const expanded = [
      node("Shape", ["x"], ["n"]),
      node("Expand", ["b", "n"], ["e"]),
      node("Sub", ["x", "e"], ["y"]),
    ];
    const other: AnyGraph = fromOnnx(
      model({ tensors: [tensor("b", [1, 4], [1, 2, 3, 4])], nodes: expanded }),
    );
    expect([...other.predict({ x: [[1, 2, 3, 5]] }).y!]).toEqual([0, 0, 0, 1]);
  });
});

describe("numbers of 16 bits", () => {
  test("are read as float32, as weights and as inputs", () => {
    // 1, -2, 0.5, 65504, 2^-24 and -0.333251953125, in raw data and in a list.
    const bits = [0x3c00, 0xc000, 0x3800, 0x7bff, 0x0001, 0xb555];
    const values = [1, -2, 0.5, 65504, 2 ** -24, -0.333251953125];
    const list = [[1, 2], [1, 3], [2, 10], ...bits.map((one) => [5, one]), [8, "h"]];
    for (const weights of [tensor("h", [2, 3], bits, "half"), list]) {
      const file = model({
        inputs: [input("x", ["N", 2], "half")],
        tensors: [weights],
        nodes: [
          node("Cast", ["x"], ["c"], { to: 10 }),
          node("MatMul", ["c", "h"], ["m"]),
          node("Cast", ["m"], ["y"], { to: 1 }),
        ],
      });
      const graph: AnyGraph = fromOnnx(file);
      expect(graph.precision).toBe("float32");
      expect([...graph.synapse("x", "y").weights]).toEqual(values);
    }
    const infinite = model({
      tensors: [tensor("b", [4], [0x7c00, 0, 0, 0], "half")],
      nodes: [node("Add", ["x", "b"], ["y"])],
    });
    expectRefusal(() => fromOnnx(infinite), "bad-file", "Infinity");
  });
});

describe("options that mean harm do none", () => {
  const file = model({ nodes: [node("Relu", ["x"], ["y"])] });
  const revoked = <T extends object>(target: T): T => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  const length = (value: number) => new Proxy([], { get: (_, key) => (key === "length" ? value : 1) });
  const getter = Object.defineProperty({}, "shape", {
    enumerable: true,
    get: () => Object.keys(wrong(null)),
  });
  const holes = new Array(2 ** 32 - 1);
  test.each([
    ["a revoked proxy", revoked({})],
    ["outputs revoked", { outputs: revoked([]) }],
    ["outputs of length -2", { outputs: length(-2) }],
    ["outputs of length 2^40", { outputs: length(2 ** 40) }],
    ["bind revoked", { bind: revoked({}) }],
    ["an entry revoked", { bind: { x: revoked({}) } }],
    ["a shape revoked", { bind: { x: { shape: revoked([]), values: [] } } }],
    ["values revoked", { bind: { x: { shape: [1], values: revoked([]) } } }],
    ["a getter that throws", { bind: { x: getter } }],
    ["four billion axes", { bind: { x: { shape: holes, values: [] } } }],
    ["four billion numbers", { bind: { x: { shape: [2 ** 32 - 1], values: holes } } }],
    ["BigInts", { bind: { x: { shape: [1], values: BigInt64Array.of(1n) } } }],
    ["bytes as a shape", { bind: { x: { shape: new DataView(new ArrayBuffer(8)), values: [] } } }],
    ["a precision revoked", { precision: revoked({}) }],
    ["a symbol", { maxBytes: Symbol("most") }],
  ])("%s", (_, options) => {
    expectRefusal(() => fromOnnx(file, wrong(options)), "bad-option");
    expectRefusal(() => obstacles(file, wrong(options)), "bad-option");
  });

  test.each([
    ["revoked", revoked(file)],
    ["a proxy", new Proxy(file, {})],
    ["an ArrayBuffer", file.buffer],
    ["an object that says it is bytes", { [Symbol.toStringTag]: "Uint8Array", length: 4 }],
    ["floats", new Float32Array(4)],
  ])("bytes: %s", (_, bytes) => {
    expectRefusal(() => fromOnnx(wrong(bytes)), "bad-file", "not a Uint8Array");
    expectRefusal(() => obstacles(wrong(bytes)), "bad-file", "not a Uint8Array");
  });

  test("bytes that lie in a pool are their own alone", () => {
    const pool = new Uint8Array(file.length + 20).fill(255);
    pool.set(file, 7);
    expect(fromOnnx(pool.subarray(7, 7 + file.length)).layers.length).toBe(2);
    expect(fromOnnx(Buffer.from(file)).layers.length).toBe(2);
  });
});
