// Data, calls and files in the form of other libraries: each refusal shows the right one.

import { deflateRawSync, gzipSync } from "node:zlib";
import { type ErrorCode, Graph, readSafetensors, Scaler } from "plexus-nn";
import { toOnnx } from "plexus-nn/onnx";
import { describe, expect, it } from "vitest";
import { type AnyGraph, everything, expectRefusal, rejection, wrong } from "../support/helpers.js";

const make = (): AnyGraph => {
  const graph: AnyGraph = new Graph({ seed: 1, inputs: { x: 2 }, outputs: { y: 1 } });
  graph.addOutput("kind", 3, "softmax");
  graph.connect("x", "y");
  graph.connect("x", "kind");
  return graph;
};
const x = [0, 1];

/** An argument, and words of the refusal. */
const calls: readonly (readonly [string, (graph: AnyGraph) => unknown, ErrorCode, ...string[]])[] = [
  ["predict of an array", (g) => g.predict(wrong([0, 1])), "missing-input", "predict({ x: [0, 1] })"],
  ["predict of rows", (g) => g.predict(wrong([[0, 1]])), "missing-input", "predict({ x: [0, 1] })"],
  ["predict of a typed array", (g) => g.predict(wrong(Float32Array.of(0, 1))), "missing-input", "predict({ x: [0, 1] })"],
  ["predict of nothing", (g) => g.predict(wrong(undefined)), "missing-input", "predict({ x: [0, 1] })"],
  ["train of brain.js's samples", (g) => g.train(wrong([{ input: [0, 1], output: [1] }]), wrong(undefined)), "missing-target", "train({ x: [[0, 1], [0, 1]] }, { y: [0, 1], kind:"],
  ["train of two arrays", (g) => g.train(wrong([[0, 1]]), wrong([[1]])), "missing-target", "train({ x: [[0, 1], [0, 1]] }, { y: [0, 1]"],
  ["train of an array and targets", (g) => g.train(wrong([[0, 1]]), { y: [1] }), "missing-input", "train({ x: [[0, 1], [0, 1]] }"],
  ["evaluate of arrays", (g) => g.evaluate(wrong([0, 1]), wrong([1])), "missing-target", "{ y: [0, 1]"],
  ["a text label", (g) => g.train({ x }, { kind: wrong("cat") }), "bad-shape", '"cat"', "indexOf", "class number"],
  ["text labels", (g) => g.train({ x: [x, x] }, { kind: wrong(["cat", "dog"]) }), "bad-shape", '"cat"', "indexOf", "class number"],
  ["a text label of another output", (g) => g.train({ x }, { y: wrong(["cat"]) }), "bad-shape", '"cat"', "indexOf"],
  ["numbers as text", (g) => g.predict({ x: wrong(["0", "1"]) }), "bad-shape", '"0"', "Number(text)"],
  ["booleans", (g) => g.train({ x }, { y: wrong([true]) }), "bad-shape", "true", "Number(value)"],
  ["a boolean alone", (g) => g.train({ x }, { y: wrong(true) }), "bad-shape", "true", "Number(value)"],
  ["a sample as an object", (g) => g.predict({ x: wrong({ r: 0.1, g: 0.2 }) }), "bad-shape", 'sample["r"], sample["g"]'],
  ["samples as objects", (g) => g.predict({ x: wrong([{ r: 0.1, g: 0.2 }]) }), "bad-shape", 'sample["r"], sample["g"]'],
  ["samples as objects, as many as units", (g) => g.predict({ x: wrong([{ r: 0.1 }, { r: 0.2 }]) }), "bad-shape", 'sample["r"]'],
  ["one class number for two rows", (g) => g.train({ x: [x, x] }, { kind: [2] }), "bad-shape", '"kind"', "class numbers, one a sample"],
  ["a class number alone", (g) => g.train({ x }, { kind: wrong(2) }), "bad-shape", "2", "class numbers, one a sample"],
  ["three class numbers for two rows", (g) => g.train({ x: [x, x] }, { kind: [2, 0, 1] }), "bad-shape", "class numbers", "3"],
  ["rows nested too deep", (g) => g.predict({ x: wrong([[[[0, 1]]]]) }), "bad-shape", ".flat()"],
  ["an image", (g) => g.predict({ x: wrong({ data: new Uint8ClampedArray(4), width: 1, height: 1 }) }), "bad-shape", "pixels(image)"],
  ["a tensor", (g) => g.predict({ x: wrong({ dataSync: () => x, shape: [1, 2] }) }), "bad-shape", "dataSync()"],
  ["an array with a shape", (g) => g.predict({ x: wrong({ data: Float32Array.of(0, 1), shape: [1, 2] }) }), "bad-shape", "`data`"],
  ["a Map", (g) => g.predict({ x: wrong(new Map([["a", 1]])) }), "bad-shape", "map.values()"],
  ["a Set", (g) => g.predict({ x: wrong(new Set([1])) }), "bad-shape", "[...values]"],
  ["a buffer", (g) => g.predict({ x: wrong(new ArrayBuffer(8)) }), "bad-shape", "new Float32Array(buffer)"],
  ["BigInts", (g) => g.predict({ x: wrong(BigInt64Array.of(0n, 1n)) }), "bad-shape", "Float64Array.from(values, Number)"],
  ["a BigInt", (g) => g.predict({ x: wrong([0n, 1n]) }), "bad-shape", "Number(value)"],
  ["a promise", (g) => g.predict({ x: wrong(Promise.resolve(x)) }), "bad-shape", "await"],
  ["a missing number", (g) => g.train({ x }, { y: wrong([null]) }), "bad-shape", "null", "mask"],
  ["fromJSON of text", () => Graph.fromJSON(wrong(JSON.stringify(make()))), "bad-file", "Graph.fromJSON(JSON.parse(text))"],
  ["fromJSON of other text", () => Graph.fromJSON(wrong("graph.json")), "bad-file", "JSON.parse(text)"],
  ["fromJSON of bytes", () => Graph.fromJSON(make().save()), "bad-file", "Graph.load(bytes)"],
  ["fromJSON of a checkpoint", () => Graph.fromJSON({ format: "plexus-checkpoint", version: 1, graph: {}, fit: {} }), "bad-file", "checkpoint.graph"],
  ["fromJSON of brain.js's", () => Graph.fromJSON({ type: "NeuralNetwork", sizes: [2, 3, 1], layers: [] }), "bad-file", "fromBrain"],
  ["fromJSON of synaptic's", () => Graph.fromJSON({ neurons: [], connections: [] }), "bad-file", "fromSynaptic"],
  ["fromJSON of neataptic's", () => Graph.fromJSON({ nodes: [], connections: [], input: 2, output: 1 }), "bad-file", "fromNeataptic"],
  ["fromJSON of tfjs's", () => Graph.fromJSON({ modelTopology: {}, weightsManifest: [] }), "bad-file", "fromTfjs"],
  ["fromJSON of ConvNetJS's", () => Graph.fromJSON({ layers: [{ layer_type: "input" }] }), "bad-file", "fromConvnet"],
]; // biome-ignore format: a table

describe("another form of", () => {
  for (const [name, use, code, ...shown] of calls) {
    it(name, () => {
      const graph = make();
      const before = everything(graph);
      expectRefusal(() => use(graph), code, ...shown);
      expect(everything(graph)).toBe(before);
    });
  }
});

describe("fit refuses another form, and shows the right one", () => {
  const runs: readonly (readonly [string, unknown, unknown, ...string[]])[] = [
    ["xs and ts", { x: [x] }, { y: [1] }, "fit({ xs, ts }, options)", "{ x }"],
    ["xs and ts, with options of the names of outputs", { x: [x] }, { epochs: 3 }, "fit({ xs, ts }, options)"],
    ["rows and rows", [x, x], [[1], [1]], "fit({ xs, ts }, options)", "an array of 2"],
    ["typed arrays", Float32Array.of(0, 1), Float32Array.of(1), "fit({ xs, ts }, options)", "a Float32Array"],
    ["typed rows, with options", [Float32Array.of(0, 1)], { epochs: 3 }, "fit({ xs, ts }, options)", "an array of 1"],
    ["brain.js's samples", [{ input: x, output: [1] }], undefined, "{ input, output }", "fit({ xs, ts }, options)"],
    ["nothing", undefined, undefined, "{ xs, ts }"],
  ]; // biome-ignore format: a table
  it.each(runs)("%s", async (_, data, options, ...shown) => {
    const graph = make();
    const before = everything(graph);
    const { code, message } = await rejection(graph.fit(wrong(data), wrong(options)));
    expect(code).toBe("bad-shape");
    for (const one of shown) expect(message).toContain(one);
    expect(everything(graph)).toBe(before);
  });
});

describe("Graph.load and readSafetensors of", () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const bytes = (...values: number[]) => Uint8Array.from([...values, ...new Array<number>(40).fill(0)]);
  const files: readonly (readonly [string, unknown, ...string[]])[] = [
    ["JSON", text(JSON.stringify(make())), "Graph.fromJSON(JSON.parse(text))"],
    ["JSON in lines", text(JSON.stringify(make(), null, 2)), "Graph.fromJSON(JSON.parse(text))"],
    ["JSON with a mark before it", text(`\ufeff${JSON.stringify(make())}`), "Graph.fromJSON(JSON.parse(text))"],
    ["JSON as a string", JSON.stringify(make()), "Graph.fromJSON(JSON.parse(text))"],
    ["a path", "./model.safetensors", "readFileSync(path)"],
    ["HTML", text("<!DOCTYPE html><html><body>404</body></html>"), "HTML"],
    ["HTML in lower case, after a line", text("\n<!doctype html>\n<html>"), "HTML"],
    ["a pointer of Git LFS", text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"), "git lfs pull"],
    ["gzip", gzipSync(make().save()), "gunzipSync"],
    ["a zip archive", Uint8Array.from([80, 75, 3, 4, ...deflateRawSync(make().save())]), "zip", "PyTorch"],
    ["a pickle", bytes(0x80, 2, 0x8a, 10), "pickle", "safetensors"],
    ["HDF5", bytes(0x89, 72, 68, 70, 13, 10), "HDF5", "fromTfjs"],
    ["numpy's array", bytes(0x93, 78, 85, 77, 80, 89), "numpy"],
    ["ONNX", toOnnx(make()), "fromOnnx(bytes)"],
    ["a TensorFlow Lite model", bytes(28, 0, 0, 0, 84, 70, 76, 51), "TensorFlow Lite"],
    ["a promise", Promise.resolve(make().save()), "await"],
    ["a response", { arrayBuffer: () => {} }, "arrayBuffer()"],
    ["a list of bytes", [...make().save()], "Uint8Array.from(bytes)"],
    ["a view of numbers", new Float32Array(4), "new Uint8Array(view.buffer"],
    ["a graph as JSON", make().toJSON(), "Graph.fromJSON(json)"],
  ]; // biome-ignore format: a table
  for (const [name, given, ...shown] of files) {
    it(name, () => {
      expectRefusal(() => Graph.load(given as Uint8Array), "bad-file", ...shown);
      expectRefusal(() => readSafetensors(given as Uint8Array), "bad-file", ...shown);
    });
  }

  it("a cut file of safetensors is taken for no other file, whatever the length of its header", () => {
    for (const length of [0x280, 0x50a, 0x708, 0x1408]) {
      const header = `{"__metadata__":{"producer":"onnx, pytorch"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`;
      const bytes = text(`........${header.padEnd(length)}....`);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
      expect(() => Graph.load(bytes)).toThrow(/the tensors end at byte 8 of 4\.$/);
    }
  });
});

describe("a scaler's targets", () => {
  const scaler = () => Scaler.fit([0, 1000], 1, "minmax");
  it.each(["float64", "float32"] as const)(
    "out of range are named as they were given: %s",
    async (precision) => {
      const graph: AnyGraph = new Graph({
        seed: 1,
        precision,
        inputs: { x: 1 },
        outputs: { y: 1 },
        synapses: [["x", "y"]],
      });
      graph.scale("y", scaler());
      const before = everything(graph);
      for (const call of ["train", "evaluate", "gradients"] as const) {
        for (const value of [1001, -3]) {
          const use = () => graph[call]({ x: [1, 2] }, { y: [1, value] });
          expectRefusal(use, "bad-target", '"y"', `has ${value} in row 1`, "minmax scaler", "entropy");
        }
      }
      const { code, message } = await rejection(graph.fit({ xs: { x: [1, 2] }, ts: { y: [1, 1001] } }));
      expect(`${code}: ${message}`).toContain("bad-target: ");
      expect(message).toContain("has 1001 in row 1, unit 0, which its minmax scaler brings to 1.001");
      expect(everything(graph)).toBe(before);
      const validation = { xs: { x: [1] }, ts: { y: [2001] } };
      const plain: AnyGraph = new Graph({
        seed: 1,
        precision,
        inputs: { x: 1 },
        outputs: { y: 1 },
        synapses: [["x", "y"]],
      });
      const run = plain.fit(
        { xs: { x: [1, 2] }, ts: { y: [0, 1000] } },
        { scale: { y: "minmax" }, validation },
      );
      expect((await rejection(run)).message).toContain("has 2001 in row 0");
    },
  );

  it("that are too large once scaled are named as they were given", () => {
    const graph: AnyGraph = new Graph({ seed: 1, precision: "float32", inputs: { x: 1 }, synapses: [] });
    graph.addOutput("y", 1, "linear");
    graph.connect("x", "y");
    graph.scale("y", Scaler.fit([0, 1e-20], 1, "minmax"));
    expectRefusal(
      () => graph.train({ x: [1] }, { y: [1e20] }),
      "not-finite",
      '"y"',
      "100000000000000000000",
      "scaler",
      "float32",
    );
    expectRefusal(() => graph.train({ x: [1] }, { y: [Number.NaN] }), "not-finite", '"y"', "NaN", "row 0");
    graph.scale("x", Scaler.fit([0, 1e-20], 1, "minmax"));
    expectRefusal(() => graph.predict({ x: [1e25] }), "not-finite", '"x"', "1e+25", "scaler");
  });
});
