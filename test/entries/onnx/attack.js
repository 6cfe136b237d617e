// Attacks on fromOnnx, in any runtime: the results of hostile files and of mutations of good ones.

import { Graph, GraphError } from "../../../dist/index.js";
import { fromOnnx, obstacles, toOnnx } from "../../../dist/onnx.js";
import { hostile } from "./hostile.js";
import { input, model, node, tensor } from "./wire.js";

const CODES = ["bad-file", "unsupported", "out-of-memory"];
export const MUTATIONS = 100_000;

/** Returns Mulberry32 (Tommy Ettinger). @param {number} seed */
function generator(seed) {
  let state = seed >>> 0;
  /** A whole number below `end`. @param {number} end */
  return (end) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * end);
  };
}

/** Makes small files with all features of graphs, and with others that can be read. */
function valid() {
  const files = ["float64", "float32"].map((precision) => {
    const graph = new Graph({ seed: 9, precision: /** @type {"float64"} */ (precision) });
    graph.addInput("x", 2);
    graph.addInput("z", 3);
    graph.addHidden("h", 2, "elu", { norm: "layer" });
    graph.addHidden("g", 2, "gelu");
    graph.addOutput("y", 2, "silu");
    graph.addOutput("w", 2, "softmax", "mse");
    graph.connect("x", "h");
    graph.connect("z", "h");
    const owner = graph.connect("h", "g");
    graph.connect("g", "y", { share: owner });
    graph.connect("x", "y", { kind: "identity" });
    graph.connect("y", "w");
    return toOnnx(graph);
  });
  const shapes = model({
    inputs: [input("x", ["N", 2, 3])],
    tensors: [
      tensor("s", [2], [0, -1], "int64"),
      tensor("i", [2], [1, 0], "int64"),
      tensor("r", [2], [1, 2], "int64"),
      tensor("w", [3, 2], [1, 2, 3, 4, 5, 6]),
    ],
    nodes: [
      node("MatMul", ["x", "w"], ["a"]),
      node("Transpose", ["a"], ["b"], { perm: [0, 2, 1] }),
      node("Gather", ["b", "i"], ["c"], { axis: 1 }),
      node("Reshape", ["c", "s"], ["d"]),
      node("Tile", ["d", "r"], ["e"]),
      node("Split", ["e"], ["f", "g"], { axis: 1 }),
      node("Concat", ["f", "g", "d"], ["h"], { axis: 1 }),
      node("Softmax", ["h"], ["y"]),
    ],
  });
  const norms = model({
    inputs: [input("x", [5, 2, 2])],
    tensors: [tensor("c", [2], [1, 2]), tensor("v", [2], [0.5, 3]), tensor("k", [1], [0.1])],
    nodes: [
      node("BatchNormalization", ["x", "c", "c", "c", "v"], ["a"]),
      node("LayerNormalization", ["a", "c", "v"], ["b"]),
      node("Clip", ["b", "", "k"], ["d"]),
      node("PRelu", ["d", "k"], ["e"]),
      node("Max", ["e", "a"], ["f"]),
      node("ReduceMean", ["f"], ["g"], { keepdims: 0 }),
      node("Flatten", ["f"], ["h"]),
      node("Selu", ["h"], ["y"]),
    ],
  });
  const learned = model({
    inputs: [input("x", [1, 3]), input("ids", ["M"], "int64")],
    tensors: [tensor("h", [2], [0x3c00, 0xb800], "half"), tensor("t", [1], [2], "int64")],
    nodes: [
      node("Normalizer", ["p"], ["y"], { norm: "L1" }, "ai.onnx.ml"),
      node("Add", ["l", "z"], ["q"]),
      node(
        "Scaler",
        ["x"],
        ["s"],
        { offset: Float32Array.of(1, 2, 3), scale: Float32Array.of(2) },
        "ai.onnx.ml",
      ),
      node("ConstantOfShape", ["t"], ["z"]),
      node(
        "LinearClassifier",
        ["s"],
        ["c", "l"],
        {
          coefficients: Float32Array.of(1, 2, 3, 4, 5, 6),
          intercepts: Float32Array.of(0, 1),
          classlabels_strings: ["a", "b"],
          post_transform: "SOFTMAX",
        },
        "ai.onnx.ml",
      ),
      node("Mul", ["q", "h"], ["m"]),
      node("Sigmoid", ["m"], ["p"]),
    ],
  });
  return [...files, shapes, norms, learned, ...loops(), ...images()];
}

/** Makes small files of windows, tables and selections. */
function images() {
  const graph = new Graph({ seed: 9, precision: "float32" });
  graph.addInput("x", [4, 5, 2]);
  graph.addInput("ids", 2, "linear", { classes: 3 });
  graph.addHidden("c", [4, 5, 4], "relu", { norm: { name: "group", groups: 2 } });
  graph.addHidden("p", [2, 2, 4], "linear");
  graph.addHidden("u", [4, 4, 4], "linear");
  graph.addHidden("e", [2, 3], "tanh");
  graph.addHidden("g", 3);
  graph.addOutput("y", [9, 9, 2], "softmax");
  graph.addOutput("z", 2);
  graph.connect("x", "c", { kind: "conv", kernel: 3, groups: 2 });
  graph.connect("c", "p", { kind: "maxPool", kernel: 2, stride: 2 });
  graph.connect("p", "u", { kind: "upsample" });
  graph.connect("u", "y", { kind: "convTranspose", kernel: 3, stride: 2 });
  graph.connect("ids", "e", { kind: "embedding" });
  graph.connect("e", "g", { kind: "gather", units: [5, -1, 0] });
  graph.connect("p", "z");
  graph.connect("g", "z", { kind: "sparse", connections: [[0, 1]] });
  const kernel = { kernel_shape: [2, 2] };
  const other = model({
    inputs: [input("x", ["N", 4, 3, 5])],
    tensors: [
      tensor("w", [4, 2, 2, 1], new Array(16).fill(0.5)),
      tensor("b", [4], [1, 2, 3, 4]),
      tensor("p", [8], [0, 0, 1, 0, 0, 0, 0, 1], "int64"),
      tensor("s", [4], [1, 1, 2, 2]),
      tensor("a", [2], [2, 3], "int64"),
    ],
    nodes: [
      node("Pad", ["x", "p"], ["c"]),
      node("Conv", ["c", "w", "b"], ["d"], { group: 2, auto_pad: "SAME_LOWER", strides: [1, 2] }),
      node("BatchNormalization", ["d", "b", "b", "b", "b"], ["e"]),
      node("Transpose", ["e"], ["f"], { perm: [0, 2, 3, 1] }),
      node("Softmax", ["f"], ["g"], { axis: 3 }),
      node("Transpose", ["g"], ["h"], { perm: [0, 3, 1, 2] }),
      node("AveragePool", ["h"], ["i"], { ...kernel, ceil_mode: 1 }),
      node("Resize", ["i", "", "s"], ["j"], {
        coordinate_transformation_mode: "asymmetric",
        nearest_mode: "floor",
      }),
      node("DepthToSpace", ["j"], ["k"], { blocksize: 2 }),
      node("InstanceNormalization", ["k", "q", "q"], ["l"]),
      node("Constant", [], ["q"], { value_floats: Float32Array.of(2) }),
      node("ReduceMean", ["l", "a"], ["m"], { keepdims: 0 }),
      node("GlobalMaxPool", ["e"], ["n"]),
      node("Flatten", ["n"], ["o"]),
      node("Add", ["m", "o"], ["y"]),
    ],
  });
  return [toOnnx(graph), other];
}

/** Makes small files with steps: Scans and operators, delays and registers. */
function loops() {
  return ["float64", "float32"].map((precision) => {
    const graph = new Graph({ seed: 9, precision: /** @type {"float64"} */ (precision) });
    graph.addInput("x", 2);
    graph.addLstm("h", 2, "x", { peephole: true, initial: true });
    graph.addHidden("g", 2, "tanh", { join: "product", initial: 0.5 });
    graph.addOutput("y", 2, "tanh");
    graph.addOutput("z", 1);
    graph.connect("h", "g", { delay: -1 });
    graph.connect("g", "g", { delay: 3, kind: "oneToOne" });
    graph.connect("g", "y", { delay: 2 });
    graph.connect("y", "z", { at: "last" });
    return toOnnx(graph);
  });
}

/**
 * Returns a file with some bytes changed, cut out, doubled or taken from another file.
 * @param {(end: number) => number} draw @param {readonly Uint8Array[]} files
 */
function mutated(draw, files) {
  const file = files[draw(files.length)] ?? new Uint8Array();
  const other = files[draw(files.length)] ?? file;
  const bytes = Array.from(file);
  // Most often in place, so that the lengths of fields still hold.
  const kinds = draw(4) === 0 ? 6 : 2;
  for (let times = 1 + draw(3); times > 0; times--) {
    const at = draw(bytes.length);
    const length = 1 + draw(24);
    const kind = draw(kinds);
    if (kind === 0) bytes[at] = draw(2) === 0 ? draw(256) : draw(24);
    else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << draw(8));
    else if (kind === 2) bytes.splice(at, length);
    else if (kind === 3) bytes.splice(at, 0, ...bytes.slice(at, at + length));
    else if (kind === 4) bytes.splice(at, length, ...other.subarray(at, at + length));
    else bytes.length = at;
  }
  return Uint8Array.from(bytes);
}

/**
 * Returns the outcome of reading a file: "graph", or the code of the refusal. The listed obstacles must agree with it.
 * @param {any} bytes
 * @param {{ batch?: boolean }} options
 */
function outcome(bytes, options = {}) {
  const found = read(bytes, options);
  let listed;
  try {
    listed = obstacles(bytes, options).length > 0 ? "unsupported" : "graph";
  } catch (error) {
    listed = error instanceof GraphError ? error.code : `${error instanceof Error ? error.stack : error}`;
  }
  // Parameters that aren't finite are found where the graph is made; what is damaged may come after an obstacle.
  const same = listed === found || found === "bad-file" || (found === "unsupported" && listed === "bad-file");
  return same ? found : `${found}, and obstacles says ${listed}`;
}

/** @param {any} bytes @param {{ batch?: boolean }} options */
function read(bytes, options) {
  try {
    const graph = fromOnnx(bytes, options);
    try {
      // A valid graph computes; that a number grows out of bounds is no fault of the file.
      const xs = graph.inputs.map(({ name, size }) => [name, new Float32Array(size)]);
      graph.predict(Object.fromEntries(xs), { steps: 1 });
    } finally {
      graph.dispose();
    }
    return "graph";
  } catch (error) {
    return error instanceof GraphError ? error.code : `${error instanceof Error ? error.stack : error}`;
  }
}

/** @param {number} seed */
export default async function attack(seed = 20) {
  /** @type {string[]} */
  const wrong = [];
  for (const [name, bytes, code] of hostile()) {
    const found = outcome(bytes);
    if (found !== code) wrong.push(`${name}: ${found}, not ${code}`);
  }
  const files = valid();
  for (const [i, file] of files.entries()) {
    if (outcome(file) !== "graph") wrong.push(`valid file ${i}: ${outcome(file)}`);
    for (let end = 0; end < file.length; end++) {
      const found = outcome(file.subarray(0, end));
      if (found !== "graph" && !CODES.includes(found)) wrong.push(`file ${i} cut at ${end}: ${found}`);
    }
  }
  /** @type {Record<string, number>} */
  const counts = {};
  const draw = generator(seed);
  for (let i = 0; i < MUTATIONS; i++) {
    const options = draw(4) === 0 ? { batch: false } : {};
    const bytes = mutated(draw, files);
    const found = i % 8 === 0 ? outcome(bytes, options) : read(bytes, options);
    counts[found] = (counts[found] ?? 0) + 1;
    if (found !== "graph" && !CODES.includes(found) && wrong.length < 20)
      wrong.push(`mutation ${i}: ${found}`);
  }
  return { wrong, counts };
}
