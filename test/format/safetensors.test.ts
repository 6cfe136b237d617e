// save and load: a graph as safetensors, which others read and write too. Damaged files are in hostile/.

import { readFileSync } from "node:fs";
import { Graph, type Precision, Scaler } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { load } from "../peers/load.js";
import { type AnyGraph, expectRefusal, expectSame, Random, seed, wrong } from "../support/helpers.js";
import { build, randomCase } from "../support/random.js";
import { pack, unpack } from "../support/tensors.js";

const { safetensors } = await load("@jax-js/loaders");
const precisions: readonly Precision[] = ["float64", "float32"];

function named(precision: Precision): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 3, precision });
  graph.addInput("x", 2);
  graph.addInput("x.a.b", 3, { name: "leakyRelu", slope: 0.2 });
  graph.addHidden("b.x", 1, "tanh");
  graph.addHidden("b", 2);
  graph.addHidden("__metadata__", 1);
  graph.addOutput("__proto__", 2, "softmax", { name: "crossEntropy", smoothing: 0.1 });
  graph.addOutput("💡\u0000\n\"'", 1, "linear");
  graph.connect("x", "b");
  graph.connect("x.a.b", "b.x", { init: "glorot" });
  graph.connect("b.x", "__metadata__");
  graph.connect("__metadata__", "__proto__");
  graph.connect("b", "__proto__", { name: "weight.2.a.b" });
  graph.connect("b", "__proto__");
  graph.connect("__proto__", "💡\u0000\n\"'");
  return graph;
}

describe.each(precisions)("a graph in %s", (precision) => {
  it(`comes back bit for bit, and goes on with the same bits, PLEXUS_SEED=${seed}`, () => {
    for (let i = 0; i < 40; i++) {
      const { naive, xs, ts } = randomCase(new Random(seed * 700_001 + i));
      const graph: AnyGraph = build(naive, precision);
      graph.rate = 0.01;
      graph.train(xs, ts);
      const bytes = graph.save();
      const loaded = Graph.load(bytes) as AnyGraph;
      expect(JSON.stringify(loaded)).toBe(JSON.stringify(graph));
      for (let step = 0; step < 3; step++) expect(loaded.train(xs, ts)).toBe(graph.train(xs, ts));
      expect(JSON.stringify(loaded)).toBe(JSON.stringify(graph));
      expect(Buffer.compare(loaded.save(), graph.save())).toBe(0);
    }
  });

  it("holds any names, -0, the smallest and the largest numbers", () => {
    const graph = named(precision);
    const most = precision === "float64" ? Number.MAX_VALUE : 3.4028234663852886e38;
    const least = precision === "float64" ? 5e-324 : 2 ** -149;
    graph.layer("x.a.b").bias.set([-0, least, -most]);
    const loaded = Graph.load(graph.save());
    expect(JSON.stringify(loaded)).toBe(JSON.stringify(graph));
    expectSame(loaded.layer("x.a.b").bias, [-0, least, -most], "bias");
  });

  it("with norms, without biases, with identities, shared and frozen weights and scalers", () => {
    const graph: AnyGraph = new Graph({ seed: 8, precision });
    graph.addInput("x", 2);
    graph.addHidden("a", 2, "relu", { norm: "layer", dropout: 0.25 });
    graph.addHidden("b", 2, "tanh", { bias: false, norm: "layer", frozen: true });
    graph.addOutput("y", 2, "linear", "mse", { weight: 0.5 });
    const shared = graph.connect("x", "a", { l1: 0.1, maxNorm: 3 });
    graph.connect("a", "b", { share: shared });
    graph.connect("a", "y", { kind: "identity" });
    graph.connect("b", "y", { frozen: true, init: "orthogonal" });
    graph.scale("x", Scaler.fit([1, 2, 3, 5], 2));
    graph.train({ x: [1, 2] }, { y: [0, 1] });
    const bytes = graph.save();
    expect(Object.keys(unpack(bytes).header).slice(1)).toEqual([
      ...["bias.x", "bias.a", "gain.a", "bias.b", "gain.b", "bias.y", "weight.0.x.a", "weight.3.b.y"],
    ]);
    const loaded = Graph.load(bytes) as AnyGraph;
    expect(JSON.stringify(loaded)).toBe(JSON.stringify(graph));
    for (let step = 0; step < 3; step++) {
      expect(loaded.train({ x: [3, 1] }, { y: [1, 1] })).toBe(graph.train({ x: [3, 1] }, { y: [1, 1] }));
    }
    expect(Buffer.compare(loaded.save(), graph.save())).toBe(0);
  });

  it("goes on after an interrupted fit as if there had been none", async () => {
    const random = new Random(seed);
    const data = { xs: { x: random.rows(50, 3) }, ts: { y: random.rows(50, 2) } };
    const make = (): AnyGraph => {
      const outputs = { y: { size: 2, activation: "tanh" } } as const;
      return new Graph({ seed: 7, precision, inputs: { x: 3 }, outputs, synapses: [["x", "y"]] });
    };
    const whole = make();
    await whole.fit(data, { epochs: 5, batchSize: 8 });
    const half = make();
    await half.fit(data, { epochs: 2, batchSize: 8 });
    const loaded = Graph.load(half.save()) as AnyGraph;
    await loaded.fit(data, { epochs: 3, batchSize: 8 });
    expect(JSON.stringify(loaded)).toBe(JSON.stringify(whole));
  });

  it("has a tensor for each bias and each weight matrix, in order, without gaps, at multiples of 8", () => {
    const graph = named(precision);
    const bytes = graph.save();
    const { header, data } = unpack(bytes);
    const { __metadata__: metadata, ...tensors } = header;
    expect(Object.keys(tensors)).toEqual([
      ...graph.layers.map(({ name }) => `bias.${name}`),
      ...graph.synapses.map(({ from, to }, k) => `weight.${k}.${from.name}.${to.name}`),
    ]);
    expect(Object.keys(metadata)).toEqual(["format", "version", "graph"]);
    expect([metadata.format, metadata.version]).toEqual(["plexus", "1"]);
    const { format, version, ...described } = JSON.parse(JSON.stringify(graph));
    for (const { bias, ...layer } of described.layers) {
      expect(JSON.parse(metadata.graph).layers).toContainEqual(layer);
    }
    expect((bytes.length - data.length) % 8).toBe(0);
    let next = 0;
    const width = precision === "float64" ? 8 : 4;
    const [dtype, View] = precision === "float64" ? ["F64", Float64Array] : ["F32", Float32Array];
    const numbers = [...graph.layers.map(({ bias }) => bias), ...graph.synapses.map((s) => s.weights)];
    const shapes = [...graph.layers.map(({ size }) => [size]), ...graph.synapses.map((s) => s.shape)];
    Object.entries(tensors).forEach(([name, tensor], i) => {
      const values = numbers[i]!;
      const end = next + values.length * width;
      expect(tensor).toEqual({ dtype, shape: shapes[i], data_offsets: [next, end] });
      expectSame(new View(data.slice(next, end).buffer), values, name);
      next = end;
    });
    expect(next).toBe(data.length);
  });

  it("is read by another reader", () => {
    const graph = named(precision);
    const { tensors, metadata } = safetensors.parse(graph.save());
    expect(metadata?.format).toBe("plexus");
    expect(Object.keys(tensors).length).toBe(graph.layers.length + graph.synapses.length);
    for (const { name, size, bias } of graph.layers) {
      const { dtype, shape, data } = tensors[`bias.${name}`]!;
      expect([dtype, shape]).toEqual([precision === "float64" ? "F64" : "F32", [size]]);
      expectSame(data as Float64Array, bias, name);
    }
    graph.synapses.forEach(({ from, to, shape, weights }, k) => {
      const name = `weight.${k}.${from.name}.${to.name}`;
      expect(tensors[name]!.shape).toEqual(shape);
      expectSame(tensors[name]!.data as Float64Array, weights, name);
    });
  });
});

describe("a file", () => {
  it("of the reference implementation comes in", () => {
    const theirs = readFileSync(new URL("../reference/theirs.safetensors", import.meta.url));
    const graph = Graph.load(theirs);
    expect([graph.seed, graph.precision, graph.rate]).toEqual([7, "float32", 0.25]);
    expectSame(graph.layer("x").bias, [0, 0.125, 0.25], "x");
    expectSame(graph.layer("a.b").bias, [1, 1.125], "a.b");
    expectSame(graph.synapse("x", "a.b").weights, [-1, -0.875, -0.75, -0.625, -0.5, -0.375], "x to a.b");
    expectSame(graph.synapse("a.b", "größe").weights, [-2, -1.875], "a.b to größe");
    expectSame(graph.synapse("x", "größe").weights, [-3, -2.875, -2.75], "x to größe");
    expect(graph.synapses[2]!.name).toBe("skip");
    expect(Graph.load(graph.save()).toJSON()).toEqual(graph.toJSON());
  });

  it("may lie anywhere in a larger buffer, or be a buffer, and is not changed", () => {
    const graph = named("float64");
    const bytes = graph.save();
    const larger = new Uint8Array(bytes.length + 11).fill(7);
    larger.set(bytes, 3);
    const kept = larger.slice();
    for (const given of [
      larger.subarray(3, 3 + bytes.length),
      bytes.buffer as ArrayBuffer,
      Buffer.from(bytes),
    ]) {
      expect(Graph.load(given).toJSON()).toEqual(graph.toJSON());
    }
    expect(larger).toEqual(kept);
  });

  it("may have its tensors in any order, blanks in its header, and other metadata", () => {
    const graph = named("float32");
    const { header, data } = unpack(graph.save());
    const { __metadata__: metadata, ...tensors } = header;
    const turned: Record<string, unknown> = Object.create(null);
    const parts: Uint8Array[] = [];
    let next = 0;
    for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(tensors).reverse()) {
      const end = next + offsets[1] - offsets[0];
      parts.push(data.subarray(offsets[0], offsets[1]));
      turned[name] = { data_offsets: [next, end], shape, dtype };
      next = end;
    }
    turned.__metadata__ = { title: "a graph", ...metadata };
    const text = `${JSON.stringify(turned, null, 3)} \n\t\r `;
    expect(Graph.load(pack(text, Buffer.concat(parts))).toJSON()).toEqual(graph.toJSON());
  });

  it("of an empty graph is a header alone", () => {
    const empty = new Graph({ seed: 3 });
    const bytes = empty.save();
    expect(unpack(bytes).data.length).toBe(0);
    expect(Graph.load(bytes).toJSON()).toEqual(empty.toJSON());
  });

  it("is the caller's own", () => {
    const graph = named("float64");
    const bytes = graph.save();
    const kept = bytes.slice();
    graph.layer("x").bias.fill(9);
    expect(bytes).toEqual(kept);
    const loaded = Graph.load(bytes);
    bytes.fill(0);
    expect(loaded.save()).toEqual(kept);
  });

  it("of a graph whose description is over 100 MB is refused", () => {
    const graph: AnyGraph = new Graph({ seed: 1 });
    for (let i = 0; i < 16; i++) graph.addInput(`${i}${"\u0000".repeat(2 ** 19)}`, 1);
    expectRefusal(() => graph.save(), "unsupported", "100000000");
    graph.dispose();
    expectRefusal(() => graph.save(), "disposed");
  });
});

describe("safetensors that are no graph are refused", () => {
  const cases: readonly (readonly [string, object | undefined])[] = [
    ["without metadata", undefined],
    ["of another format", { format: "pt" }],
    ["of no version", { format: "plexus", graph: "{}" }],
    ["of a later version", { format: "plexus", version: "3", graph: "{}" }],
  ];
  it.each(cases)("%s", (_, metadata) => {
    const tensors = {
      a: { dtype: "BF16", shape: [2, 3], data_offsets: [0, 12] },
      none: { dtype: "I64", shape: [7, 0], data_offsets: [12, 12] },
      one: { dtype: "F64", shape: [], data_offsets: [12, 20] },
      bits: { dtype: "F4", shape: [2, 4], data_offsets: [20, 24] },
    };
    const header = metadata === undefined ? tensors : { __metadata__: metadata, ...tensors };
    expectRefusal(() => Graph.load(pack(header, new Uint8Array(24))), "unsupported", "safetensors");
  });

  const foreign = [
    undefined,
    null,
    7,
    "{}",
    [],
    [123],
    {},
    new Float64Array(9),
    new DataView(new ArrayBuffer(9)),
  ];
  it.each(foreign.map((given) => [Object.prototype.toString.call(given), given]))("%s", (_, given) => {
    expectRefusal(() => Graph.load(wrong(given)), "bad-file", "bytes of safetensors");
  });
});
