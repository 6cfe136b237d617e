// Files of graphs with shapes, class numbers and every kind of synapse, which have the version 2.

import { Graph, readSafetensors } from "plexus-nn";
import * as float32 from "plexus-nn/predict/float32";
import * as float64 from "plexus-nn/predict/float64";
import { describe, expect, it } from "vitest";
import { mapped } from "../hostile/corpus.js";
import { type AnyGraph, expectRefusal, expectSame, Random, wrong } from "../support/helpers.js";
import { unpack } from "../support/tensors.js";

const textOf = (graph: AnyGraph) => JSON.stringify(graph);
const xs = (rows: number) => {
  const random = new Random(3);
  const words = Array.from({ length: 2 * rows }, () => random.whole(0, 4));
  return { image: random.numbers(40 * rows), words, signal: random.numbers(6 * rows) };
};
const predictors = { float64, float32 };

describe.each(["float64", "float32"] as const)("a graph with maps, in %s", (precision) => {
  const graph: AnyGraph = mapped(precision);
  const json = () => JSON.parse(textOf(graph));

  it("comes back from both formats, and as a clone", () => {
    for (const same of [Graph.fromJSON(json()), Graph.load(graph.save()), graph.clone()] as AnyGraph[]) {
      expect(textOf(same)).toBe(textOf(graph));
      expect(Buffer.compare(same.save(), graph.save())).toBe(0);
      const layers = (one: AnyGraph) =>
        one.layers.map(({ shape, classes, norm, bias }) => [shape, classes, norm, bias.length]);
      expect(layers(same)).toEqual(layers(graph));
      const synapses = (one: AnyGraph) =>
        one.synapses.map((s) => [
          [s.kind, s.shape, s.kernel, s.stride, s.dilation, s.padding, s.groups, s.countPadding],
          [s.connections, s.units],
        ]);
      expect(synapses(same)).toEqual(synapses(graph));
    }
  });

  it("predicts and trains on with the same bits", () => {
    const twins = [graph.clone(), Graph.fromJSON(json()), Graph.load(graph.save())] as AnyGraph[];
    const given = xs(3);
    const targets = { y: Array.from({ length: 18 }, (_, i) => +(i % 3 === 1)), z: [0, 1, 1, 0, 0, 0] };
    for (const twin of twins) twin.train(given, targets);
    const wanted = twins[0]!.predict(given);
    for (const twin of twins) {
      expect(textOf(twin)).toBe(textOf(twins[0]!));
      for (const name of ["y", "z"]) expectSame(twin.predict(given)[name]!, wanted[name]!, name);
    }
    const { load, fromJSON } = predictors[precision];
    for (const model of [load(twins[0]!.save()), fromJSON(twins[0]!.toJSON())]) {
      for (const name of ["y", "z"]) expectSame(model.predict(given)[name]!, wanted[name]!, name);
      expect(model.inputs.map(({ name, size, shape, classes }) => [name, size, shape, classes])).toEqual([
        ["image", 40, [4, 5, 2], undefined],
        ["words", 2, [2], 5],
        ["signal", 6, [6, 1], undefined],
      ]);
    }
  });

  it("has the facts of layers and synapses as members", () => {
    const { version, layers, synapses } = json();
    expect(version).toBe(2);
    const facts = (name: string) => {
      const { shape, perUnit, classes, norm, hasBias } = layers.find(
        (one: { name: string }) => one.name === name,
      );
      return { shape, perUnit, classes, norm, hasBias };
    };
    expect(facts("image")).toEqual({ shape: [4, 5, 2] });
    expect(facts("words")).toEqual({ classes: 5, hasBias: false });
    expect(facts("c")).toEqual({ shape: [4, 5, 4], norm: { name: "group", groups: 2 } });
    expect(facts("p")).toEqual({ shape: [2, 5, 4], perUnit: true });
    expect(facts("s")).toEqual({});
    const bare = synapses.map((entry: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(entry).filter(([name]) => !/^weights/.test(name))),
    );
    const window = (kernel: number[], stride: number[], padding: number[][]) => {
      return { kernel, stride, dilation: kernel.map(() => 1), padding };
    };
    const init = "glorot";
    const same = [[1, 1], [1, 1]]; // biome-ignore format: a line
    const none = [[0, 0], [0, 0]]; // biome-ignore format: a line
    expect(bare.slice(0, 8)).toEqual([
      { from: "image", to: "c", init, kind: "conv", maxNorm: 4, ...window([3, 3], [1, 1], same) },
      { from: "c", to: "m", kind: "maxPool", ...window([2, 2], [2, 2], [[0, 0], [0, 1]]) },
      { from: "c", to: "p", kind: "averagePool", countPadding: true, ...window([3, 1], [2, 1], [[0, 1], [0, 0]]) },
      { from: "p", to: "u", kind: "upsample" },
      { from: "c", to: "t", kind: "convTranspose", share: 0, ...window([3, 3], [1, 1], same) },
      { from: "u", to: "t", init, name: "grouped", kind: "conv", frozen: true, groups: 2, ...window([1, 1], [1, 1], none) },
      { from: "signal", to: "w", init, kind: "conv", ...window([2], [1], [[0, 0]]) },
      { from: "words", to: "e", init, kind: "embedding", l2: 0.1 },
    ]); // biome-ignore format: a line for each
    const numbers = (text: unknown, of: typeof Uint32Array | typeof Int32Array) =>
      Array.from(new of(Uint8Array.from(Buffer.from(text as string, "base64")).buffer));
    expect(bare[10]).toEqual({ from: "m", to: "r", kind: "sparse", share: 9 });
    expect(numbers(bare[11].connections, Uint32Array)).toEqual([0, 0, 0, 2, 5, 3]);
    expect(numbers(bare[12].units, Int32Array)).toEqual([3, -1, 0, 0, 1, 2]);
  });

  it("has weights of the kind's shape as tensors, and whole numbers behind all others", () => {
    const { tensors } = readSafetensors(graph.save());
    const shapes = Object.entries(tensors).flatMap(([name, { shape, values }]) =>
      /^(weight|connections|units)/.test(name) ? [[name, shape, values.constructor.name]] : [],
    );
    const real = precision === "float64" ? "Float64Array" : "Float32Array";
    expect(shapes).toEqual([
      ["weight.0.image.c", [3, 3, 2, 4], real],
      ["weight.5.u.t", [1, 1, 2, 2], real],
      ["weight.6.signal.w", [2, 1, 2], real],
      ["weight.7.words.e", [5, 3], real],
      ["weight.8.e.y", [6], real],
      ["weight.9.m.s", [19], real],
      ["weight.11.signal.s", [3], real],
      ["weight.13.w.y", [10, 6], real],
      ["weight.14.t.z", [40, 2], real],
      ["weight.15.r.z", [4, 2], real],
      ["weight.16.g.z", [6, 2], real],
      ["connections.9.m.s", [19, 2], "Uint32Array"],
      ["connections.11.signal.s", [3, 2], "Uint32Array"],
      ["units.12.s.g", [6], "Int32Array"],
    ]);
    expect([...tensors["connections.11.signal.s"]!.values]).toEqual([0, 0, 0, 2, 5, 3]);
    expect(
      Object.keys(tensors)
        .slice(-3)
        .every((name) => /^(connections|units)/.test(name)),
    ).toBe(true);
    expect([tensors["bias.c"]!.shape, tensors["gain.c"]!.shape]).toEqual([[4], [4]]);
    expect([tensors["bias.p"]!.shape, tensors["initial.u"]!.shape]).toEqual([[40], [80]]);
  });

  it("is assigned by its own tensors", () => {
    const { tensors } = readSafetensors(graph.save());
    const other = Graph.fromJSON(json()) as AnyGraph;
    for (const { weights } of other.synapses) weights.fill(0);
    other.assign(tensors);
    expect(textOf(other)).toBe(textOf(graph));
    other.assign({ "weight.7.words.e": tensors["weight.7.words.e"]! }, { transpose: true });
    // (height, width, from, to) as PyTorch's (to, from, height, width).
    const { values: weights } = tensors["weight.0.image.c"]!;
    const turned = Array.from(weights, (_, i) => {
      const [to, from, tap] = [Math.floor(i / 18), Math.floor(i / 9) % 2, i % 9];
      return weights[(tap * 2 + from) * 4 + to]!;
    });
    const pytorch = { "weight.0.image.c": { shape: [4, 2, 3, 3], values: turned } };
    other.synapses[0]!.weights.fill(0);
    other.assign(pytorch, { transpose: true });
    expectSame(other.synapses[0]!.weights, weights as Float64Array, "weights");
    expectRefusal(() => other.assign(pytorch), "bad-shape", "[3,3,2,4]", "`transpose: true`", "kernel");
    const values = Uint32Array.of(0, 0, 0, 1, 5, 3);
    const others = { "connections.11.signal.s": { shape: [3, 2], values } };
    expectRefusal(() => other.assign(others), "bad-option", "connections.11.signal.s", "not equal");
    const units = { "units.12.s.g": { shape: [6], values: [3, -1, 0, 0, 1, 3] } };
    expectRefusal(() => other.assign(units), "bad-option", "units.12.s.g", "not equal");
    const flat = { "weight.0.image.c": { shape: [72], values: new Float64Array(72) } };
    expectRefusal(() => other.assign(flat), "bad-shape", "weight.0.image.c", "[3,3,2,4]");
  });
});

describe("the version", () => {
  const make = (layers: object, options = {}) =>
    new Graph({
      ...{ inputs: { x: 2 }, hidden: { h: 2 }, outputs: { y: 2 }, ...layers },
      synapses: [["h", "y", wrong(options)]],
    }) as AnyGraph;
  const shaped = (layers: object, options: object) => make({ hidden: { h: [2, 2, 1] }, ...layers }, options);
  it.each([
    ["a shape", "x", make({ inputs: { x: [3, 2] } })],
    ["class numbers", "x", make({ inputs: { x: { size: 2, classes: 3 } } })],
    ["a norm of groups", "h", make({ hidden: { h: { size: 2, norm: { name: "group", groups: 1 } } } })],
    ["a conv", "h", shaped({}, { kind: "conv", kernel: 2 })],
    ["a pool", "h", shaped({ outputs: { y: 1 } }, { kind: "maxPool" })],
    ["connections", "h", make({}, { kind: "sparse", density: 0.5 })],
    ["units", "h", make({}, { kind: "gather", units: [1, 0] })],
  ])("is 2 with %s, 1 without", (_, part, graph) => {
    const versions = () => [
      (graph.toJSON() as { version: number }).version,
      Number(unpack(graph.save()).header.__metadata__.version),
    ];
    expect(versions()).toEqual([2, 2]);
    graph.remove(part);
    expect(versions()).toEqual([1, 1]);
  });

  it("is 1 with a shape of one number, and a shape that is none is no member", () => {
    const graph = make({ hidden: { h: { size: [2], norm: "layer" } } });
    expect(graph.toJSON()).toMatchObject({ version: 1, layers: [{}, { size: 2, norm: "layer" }, {}] });
    expect(textOf(graph)).not.toContain("shape");
  });
});
