// Files of graphs with time, which have the version 2, and the first version for all others.

import { Graph, type Precision } from "plexus-nn";
import { fromJSON, load } from "plexus-nn/predict/float64";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectRefusal, expectSame, wrong } from "../support/helpers.js";
import { pack, unpack } from "../support/tensors.js";

/** Makes a graph with all that the second version adds. */
function timed(precision: Precision = "float64"): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 4, precision, optimizer: "adam" });
  graph.addInput("x", 2, "linear", { initial: true });
  graph.addInput("context", 2, "linear", { time: false });
  graph.addHidden("a", 2, "tanh", { initial: [0.5, -0.25], norm: "layer" });
  graph.addHidden("b", 2, "tanh", { join: "product" });
  graph.addOutput("y", 2, "linear");
  graph.addOutput("last", 1, "linear");
  const own = graph.connect("x", "a");
  graph.connect("a", "a", { delay: 2 });
  graph.connect("a", "a", { delay: 1 });
  graph.connect("a", "b", { kind: "oneToOne", init: "he" });
  graph.connect("context", "b", { share: own, delay: 3 });
  graph.connect("x", "b", { at: "first" });
  graph.connect("x", "b", { at: "last", kind: "identity" });
  graph.connect("b", "y", { delay: -1, name: "ahead" });
  graph.connect("b", "last", { at: "last" });
  return graph;
}

const textOf = (graph: AnyGraph) => JSON.stringify(graph);
const versionOf = (graph: AnyGraph) => (graph.toJSON() as { version: number }).version;

describe.each(["float64", "float32"] as const)("a graph with time, in %s", (precision) => {
  it("comes back from both formats, and as a clone", () => {
    const graph = timed(precision);
    for (const same of [Graph.fromJSON(JSON.parse(textOf(graph))), Graph.load(graph.save()), graph.clone()]) {
      expect(textOf(same)).toBe(textOf(graph));
      expect(Buffer.compare(same.save(), graph.save())).toBe(0);
      expect(same.layers.map(({ join, time, hasInitial }) => [join, time, hasInitial])).toEqual([
        ["sum", true, true],
        ["sum", false, false],
        ["sum", true, true],
        ["product", true, false],
        ["sum", true, false],
        ["sum", false, false],
      ]);
      expect(same.synapses.map(({ delay, at, kind }) => [delay, at, kind])).toEqual([
        [0, undefined, "dense"],
        [2, undefined, "dense"],
        [1, undefined, "dense"],
        [0, undefined, "oneToOne"],
        [3, undefined, "dense"],
        [0, "first", "dense"],
        [0, "last", "identity"],
        [-1, undefined, "dense"],
        [0, "last", "dense"],
      ]);
      expectSame(same.layer("a").initial, [0.5, -0.25], "initial");
    }
  });

  it("has its initial values and diagonals as tensors", () => {
    const { header } = unpack(timed(precision).save());
    const { __metadata__: metadata, ...tensors } = header;
    expect(metadata.version).toBe("2");
    expect(Object.keys(tensors)).toEqual([
      ...[
        "bias.x",
        "initial.x",
        "bias.context",
        "bias.a",
        "gain.a",
        "initial.a",
        "bias.b",
        "bias.y",
        "bias.last",
      ],
      ...["weight.0.x.a", "weight.1.a.a", "weight.2.a.a", "weight.3.a.b", "weight.5.x.b", "weight.7.b.y"],
      "weight.8.b.last",
    ]);
    expect([tensors["initial.a"].shape, tensors["weight.3.a.b"].shape]).toEqual([[2], [2]]);
  });

  it("keeps the optimizer's moments of initial values", () => {
    const graph = timed(precision);
    const { initial, ...moments } = { initial: [1, 2], initialMean: [3, -4], initialSquare: [5, 6] };
    const Numbers = precision === "float64" ? Float64Array : Float32Array;
    const base64 = (values: number[]) => Buffer.from(new Numbers(values).buffer).toString("base64");
    const json = JSON.parse(textOf(graph));
    json.state = { steps: 7 };
    const texts = Object.entries(moments).map(([name, values]) => [name, base64(values)]);
    Object.assign(json.layers[2], {
      initialSteps: 7,
      initial: base64(initial),
      ...Object.fromEntries(texts),
    });
    const loaded = Graph.fromJSON(json);
    const again = [loaded, Graph.load(loaded.save()), loaded.clone()].map((one) => JSON.parse(textOf(one)));
    for (const one of again) expect(one).toEqual(json);
    const { tensors } = { tensors: Object.keys(unpack(loaded.save()).header) };
    expect(tensors).toContain("optimizer.mean.initial.a");
    expect(tensors.indexOf("optimizer.square.initial.a")).toBe(tensors.indexOf("initial.a") + 2);
    const fresh = JSON.parse(JSON.stringify(loaded.toJSON({ optimizer: false })));
    expect(fresh.layers[2].initialSteps).toBe(undefined);
  });
});

describe("the version", () => {
  const base = { inputs: { x: 2 }, hidden: { h: 2 }, outputs: { y: 2 } } as const;
  const make = (layers: object, options = {}) =>
    new Graph({ ...base, ...layers, synapses: [["h", "y", wrong(options)]] }) as AnyGraph;
  it.each([
    ["a delay", "h", make({}, { delay: 1 })],
    ["a negative delay", "h", make({}, { delay: -1 })],
    ["the last step", "h", make({}, { at: "last" })],
    ["one-to-one weights", "h", make({}, { kind: "oneToOne" })],
    ["a product", "h", make({ hidden: { h: { size: 2, join: "product" } } })],
    ["initial values", "h", make({ hidden: { h: { size: 2, initial: true } } })],
    ["an input without time", "x", make({ inputs: { x: { size: 2, time: false } } })],
  ])("is 2 with %s, 1 without", (_, part, graph) => {
    expect(versionOf(graph)).toBe(2);
    expect(unpack(graph.save()).header.__metadata__.version).toBe("2");
    graph.remove(part);
    expect(versionOf(graph)).toBe(1);
    expect(unpack(graph.save()).header.__metadata__.version).toBe("1");
  });

  it("is 1 where all members have their defaults, spelt out", () => {
    const graph = make({}, { delay: 0, kind: "dense" });
    graph.addHidden("g", 1, "tanh", { join: "sum", initial: false });
    graph.addInput("z", 1, "tanh", { time: true });
    expect(versionOf(graph)).toBe(1);
  });
});

describe("a damaged file with time is refused with its place", () => {
  const json = () => JSON.parse(textOf(timed()));
  const cases: readonly (readonly [place: string, change: (file: ReturnType<typeof json>) => void])[] = [
    ["version", (file) => Object.assign(file, { version: 3 })],
    ["layers[2].initial", (file) => Object.assign(file.layers[2], { initial: true })],
    ["layers[2].initial", (file) => Object.assign(file.layers[2], { initial: "AAAA" })],
    ["layers[2].initial", (file) => Object.assign(file.layers[2], { initial: null })],
    ["layers[2]", (file) => Object.assign(file.layers[2], { time: false })],
    ["layers[1]", (file) => Object.assign(file.layers[1], { time: 0 })],
    ["layers[1]", (file) => Object.assign(file.layers[1], { join: "product" })],
    ["layers[3]", (file) => Object.assign(file.layers[3], { join: "max" })],
    ["layers[2]", (file) => Object.assign(file.layers[2], { initialMean: "AAAA" })],
    ["synapses[1]", (file) => Object.assign(file.synapses[1], { delay: 0.5 })],
    ["synapses[1]", (file) => Object.assign(file.synapses[1], { delay: 65537 })],
    ["synapses[2]", (file) => Object.assign(file.synapses[1], { delay: 1 })],
    ["synapses[2]", (file) => Object.assign(file.synapses[1], { delay: -1 })],
    ["synapses[1]", (file) => delete file.synapses[1].delay],
    ["synapses[5]", (file) => Object.assign(file.synapses[5], { delay: 1 })],
    ["synapses[5]", (file) => Object.assign(file.synapses[5], { at: "middle" })],
    ["synapses[4]", (file) => Object.assign(file.synapses[4], { kind: "oneToOne" })],
    ["synapses[3]", (file) => Object.assign(file.synapses[3], { init: "orthogonal" })],
    ["synapses[3].weights", (file) => Object.assign(file.synapses[3], { weights: file.synapses[2].weights })],
  ];
  it.each(cases)("at %s", (place, change) => {
    const file = json();
    change(file);
    expectRefusal(() => Graph.fromJSON(file), "bad-file", place);
  });

  it("in safetensors", () => {
    const { header, data } = unpack(timed().save());
    const { __metadata__: metadata, ...tensors } = header;
    const described = (change: (graph: ReturnType<typeof json>) => unknown) => {
      const graph = JSON.parse(metadata.graph);
      change(graph);
      const described = { ...metadata, graph: JSON.stringify(graph) };
      return () => Graph.load(pack({ __metadata__: described, ...tensors }, data));
    };
    const without = described((graph) => delete graph.layers[2].initial);
    expectRefusal(without, "bad-file", "initial.a");
    expectRefusal(
      described((graph) => Object.assign(graph.layers[3], { initial: true })),
      "bad-file",
      "initial.b",
    );
    for (const initial of [false, "AAAA", 1, null]) {
      const wrongly = described((graph) => Object.assign(graph.layers[2], { initial }));
      expectRefusal(wrongly, "bad-file", "layers[2].initial");
    }
    const old = { ...metadata, version: "3" };
    expectRefusal(
      () => Graph.load(pack({ __metadata__: old, ...tensors }, data)),
      "unsupported",
      '"1" and "2"',
    );
  });
});

describe("the reader that predicts alone", () => {
  it("reads both formats", () => {
    const graph = timed();
    for (const model of [load(graph.save()), fromJSON(graph.toJSON())]) {
      expect(model.inputs.map(({ name }) => name)).toEqual(["x", "context"]);
      expect(model.outputs.map(({ name }) => name)).toEqual(["y", "last"]);
    }
  });

  it("has the graph's predictions, bit for bit", () => {
    const graph = timed();
    const xs = { x: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)), context: [1, 2, 3, 4] };
    const steps = [6, 4];
    const wanted = graph.predict(xs, { steps });
    for (const model of [load(graph.save()), fromJSON(graph.toJSON())]) {
      expectSame(model.predict(xs, { steps }).y!, wanted.y!, "y");
      expectSame(model.predict(xs, { steps, outputs: ["last"] }).last!, wanted.last!, "last");
    }
  });

  it("refuses what Graph refuses", () => {
    for (const [list, place, members] of [
      ["layers", 3, { join: "max" }],
      ["layers", 1, { time: 0 }],
      ["synapses", 1, { delay: 0.5 }],
      ["synapses", 2, { delay: -1 }],
      ["synapses", 2, { delay: 0 }],
      ["synapses", 5, { at: "middle" }],
      ["synapses", 5, { delay: 1 }],
    ] as const) {
      const file = JSON.parse(textOf(timed()));
      Object.assign(file[list][place], members);
      // The entry has a GraphError of its own.
      const text = `${list}[${place}]`;
      expect(() => fromJSON(file)).toThrow(
        expect.objectContaining({ code: "bad-file", message: expect.stringContaining(text) }),
      );
    }
  });
});
