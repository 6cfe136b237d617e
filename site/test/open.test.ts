// Files of all formats that Plexus reads, opened as sketches: the sketch's own graph predicts as the file's does.

import { readFileSync } from "node:fs";
import { Graph } from "plexus-nn";
import { fromBrain, fromConvnet, fromNeataptic, fromSynaptic, fromTfjs } from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import { sketchOf } from "../playground/files/draft.ts";
import { openFiles } from "../playground/files/open.ts";
import { type AnyGraph, build, hasTime } from "../playground/model/build.ts";
import { addLayer, resizeLayer } from "../playground/model/edit.ts";
import { sketchOfLink } from "../playground/model/link.ts";
import { readSketch } from "../playground/model/read.ts";
import { firstData } from "../playground/model/starter.ts";

const nothing = firstData.none;

function file(name: string, content: unknown) {
  const bytes =
    content instanceof Uint8Array
      ? content
      : new TextEncoder().encode(typeof content === "string" ? content : JSON.stringify(content));
  return { name, bytes };
}

/** Returns the predictions of a graph for rows that follow from their places alone. */
function answers(graph: AnyGraph): unknown {
  const steps = hasTime(graph) ? { steps: 3 } : {};
  const xs = Object.fromEntries(
    graph.inputs.map(({ name, size, classes, time }) => [
      name,
      Array.from({ length: size * (hasTime(graph) && time ? 6 : 2) }, (_, k) =>
        classes === undefined ? ((k * 7) % 11) / 5 - 1 : k % classes,
      ),
    ]),
  );
  return Object.fromEntries(
    Object.entries(graph.predict(xs, steps)).map(([name, values]) => [name, Array.from(values)]),
  );
}

/** Compares the predictions of a sketch, after a way as JSON, with those of a graph. */
function expectSame(sketch: unknown, graph: AnyGraph): void {
  const made = build(readSketch(JSON.parse(JSON.stringify(sketch))));
  expect(answers(made)).toEqual(answers(graph));
  made.dispose();
}

const graphs: Readonly<Record<string, () => AnyGraph>> = {
  "of images": () =>
    new Graph({
      seed: 3,
      precision: "float32",
      inputs: { image: [8, 8, 2] },
      hidden: {
        c: {
          size: [8, 8, 4],
          activation: { name: "leakyRelu", slope: 0.2 },
          norm: { name: "group", groups: 2 },
        },
        p: { size: [4, 4, 4], activation: "relu", bias: new Array(64).fill(0.5) },
        m: { size: [4, 4, 4], activation: "linear" },
        u: { size: [8, 8, 4], activation: "linear", bias: false },
        t: { size: [8, 8, 3], activation: "gelu" },
      },
      outputs: {
        y: { size: 3, activation: "softmax", loss: { name: "crossEntropy", smoothing: 0.1 }, weight: 2 },
        pixels: [8, 8, 1],
      },
      synapses: [
        ["image", "c", { kind: "conv", kernel: 3, padding: "same", groups: 2 }],
        ["c", "p", { kind: "maxPool" }],
        ["c", "m", { kind: "averagePool", kernel: 3, stride: 2, padding: 1, countPadding: true }],
        ["p", "u", { kind: "upsample" }],
        ["m", "t", { kind: "convTranspose", kernel: 2, stride: 2 }],
        ["u", "pixels", { kind: "conv", kernel: 1 }],
        ["t", "pixels", { kind: "conv", kernel: 3, dilation: 1 }],
        ["p", "y", { l2: 0.01, maxNorm: 3 }],
        ["m", "y", { name: "second", l1: 0.001, frozen: true }],
      ],
    }) as AnyGraph,
  "of classes, gathers and sparse synapses": () =>
    new Graph({
      seed: 5,
      inputs: { word: { size: 2, classes: 7 }, x: { size: 6, activation: "tanh" } },
      hidden: {
        e: { size: 6, activation: "linear" },
        g: { size: 4, activation: "elu", norm: "layer" },
        q: { size: 4, join: "product", bias: false },
      },
      outputs: { y: { size: 2, activation: "linear", loss: "huber" } },
      synapses: [
        ["word", "e", { kind: "embedding" }],
        ["x", "g", { kind: "gather", units: [5, -1, 0, 3] }],
        ["e", "g", { kind: "sparse", density: 0.4 }],
        ["g", "q", { kind: "oneToOne" }],
        ["g", "q", { kind: "identity", name: "plain" }],
        ["q", "y"],
      ],
    }) as AnyGraph,
  "of cells in both directions": () =>
    new Graph({
      seed: 7,
      inputs: { x: 2, place: { size: 1, time: false } },
      hidden: {
        there: { size: 3, cell: "lstm", from: ["x", "place"], peephole: true, initial: true },
        back: { size: 3, cell: "gru", from: "x", backward: true, reset: "before", gate: "hardSigmoid" },
        top: { size: 2, cell: "gru", from: ["there", "back"], norm: "layer" },
      },
      outputs: { y: { size: 1, activation: "linear" }, last: { size: 2, activation: "softmax" } },
      synapses: [
        ["top", "y"],
        ["there", "last", { at: "last" }],
        ["back", "last", { at: "first" }],
      ],
    }) as AnyGraph,
};

describe("a sketch of a graph", () => {
  it.each(Object.keys(graphs))("%s has its layers, and predicts the same", (name) => {
    const graph = graphs[name]!();
    const sketch = sketchOf(graph, nothing);
    expectSame(sketch, graph);
    const cells = sketch.layers.filter(({ options }) => options.cell !== undefined);
    expect(cells.map((layer) => layer.name)).toEqual(name.includes("cells") ? ["there", "back", "top"] : []);
    if (cells.length > 0) expect(sketch.layers).toHaveLength(7);
  });

  it("with a cell that was changed has all layers of it", () => {
    const graph = graphs["of cells in both directions"]!();
    graph.connect("place", "there.forget", { name: "more" });
    const sketch = sketchOf(graph, nothing);
    expect(sketch.layers.length).toBeGreaterThan(20);
    expectSame(sketch, graph);
  });

  it("with a cell has the cell's penalties, unless its parts have others", () => {
    const made = () =>
      new Graph({
        seed: 1,
        inputs: { x: 2 },
        hidden: { c: { size: 3, cell: "lstm", from: "x", l1: 0.01, l2: 0.002, peephole: true } },
        outputs: { y: 1 },
        synapses: [["c", "y"]],
      });
    const { layers } = sketchOf(made() as AnyGraph, nothing);
    expect(layers.map(({ name }) => name)).toEqual(["x", "c", "y"]);
    expect(layers[1]!.options).toMatchObject({ cell: "lstm", l1: 0.01, l2: 0.002 });
    const frozen = made();
    frozen.layer("c.forget").frozen = true;
    const whole = sketchOf(frozen as AnyGraph, nothing);
    expect(whole.layers.find(({ name }) => name === "c.forget")).toMatchObject({ options: { frozen: true } });
  });

  it("keeps the parameters of all parts that an edit leaves as they are", () => {
    const graph = graphs["of classes, gathers and sparse synapses"]!();
    const sketch = addLayer(resizeLayer(sketchOf(graph, nothing), "y", 3), "hidden", { x: 0, y: 0 });
    const made = build(sketch);
    expect(made.synapse("word", "e").weights).toEqual(graph.synapse("word", "e").weights);
    expect(made.synapse("q", "y").shape).toEqual([4, 3]);
  });
});

/** Files that old versions of other libraries have written. */
const old: readonly { readonly name: string; readonly what: string; readonly json: object }[] = JSON.parse(
  readFileSync(new URL("../../test/entries/migrate/old.json", import.meta.url), "utf8"),
);

const readers: Readonly<Record<string, (json: object) => AnyGraph>> = {
  brain: (json) => fromBrain(json).graph as AnyGraph,
  synaptic: (json) => fromSynaptic(json) as AnyGraph,
  neataptic: (json) => fromNeataptic(json) as AnyGraph,
};

describe("a file", () => {
  it.each(old)("of $name, $what, predicts as that library's network", async ({ name, json }) => {
    const library = /brain|synaptic|neataptic/.exec(name)![0];
    const found = await openFiles([file("net.json", json)], nothing);
    if (found.kind !== "sketch") throw new Error("no sketch");
    expect(found.format).toBe({ brain: "brain.js" }[library] ?? library);
    expectSame(found.sketch, readers[library]!(json));
  });

  it("of ConvNetJS and of TensorFlow.js, with its weights, opens", async () => {
    const convnet = {
      layers: [
        { layer_type: "input", out_sx: 1, out_sy: 1, out_depth: 2 },
        {
          layer_type: "fc",
          out_sx: 1,
          out_sy: 1,
          out_depth: 1,
          num_inputs: 2,
          l1_decay_mul: 0,
          l2_decay_mul: 1,
          filters: [{ sx: 1, sy: 1, depth: 2, w: { 0: 0.5, 1: -1 } }],
          biases: { sx: 1, sy: 1, depth: 1, w: { 0: 0.25 } },
        },
        { layer_type: "regression", out_sx: 1, out_sy: 1, out_depth: 1, num_inputs: 1 },
      ],
    };
    const one = await openFiles([file("net.json", convnet)], nothing);
    if (one.kind !== "sketch") throw new Error("no sketch");
    expectSame(one.sketch, fromConvnet(convnet) as AnyGraph);

    const model = {
      modelTopology: {
        class_name: "Sequential",
        config: {
          name: "s",
          layers: [
            {
              class_name: "Dense",
              config: { name: "d", units: 1, activation: "tanh", batch_input_shape: [null, 2] },
            },
          ],
        },
      },
      weightsManifest: [
        {
          paths: ["w.bin"],
          weights: [
            { name: "d/kernel", shape: [2, 1], dtype: "float32" },
            { name: "d/bias", shape: [1], dtype: "float32" },
          ],
        },
      ],
    };
    const weights = new Uint8Array(Float32Array.of(1, -2, 0.5).buffer);
    const two = await openFiles([file("w.bin", weights), file("model.json", model)], nothing);
    if (two.kind !== "sketch") throw new Error("no sketch");
    expectSame(two.sketch, fromTfjs(model as never, weights) as AnyGraph);
    await expect(openFiles([file("model.json", model)], nothing)).rejects.toThrow(
      /weights in "w.bin": open that together/,
    );
  });

  it("of a checkpoint opens, and keeps data that fits", async () => {
    const graph = new Graph({
      seed: 1,
      inputs: { x: 2 },
      outputs: { y: 1 },
      synapses: [["x", "y"]],
      optimizer: { name: "adam", rate: 0.02, clipNorm: 1 },
    });
    let checkpoint: object | undefined;
    const save = (made: object) => {
      checkpoint = made;
    };
    await graph.fit({ xs: { x: [0, 1] }, ts: { y: [1] } }, { checkpoint: { save } });
    const found = await openFiles([file("run.json", checkpoint)], firstData.plane);
    if (found.kind !== "sketch") throw new Error("no sketch");
    expect(found.sketch).toMatchObject({
      data: firstData.plane,
      settings: { optimizer: { name: "adam", rate: 0.02, clipNorm: 1 } },
    });
    expectSame(found.sketch, graph as AnyGraph);
    const iris = await openFiles([file("run.json", checkpoint)], firstData.iris);
    expect(iris).toMatchObject({ sketch: { data: { kind: "none" } } });
  });

  it("of numbers is a table", async () => {
    const found = await openFiles([file("a.csv", "a,b\n1,2\n2,4\n3,7\n")], nothing);
    expect(found).toMatchObject({ kind: "table", data: { inputs: ["a"], outputs: ["b"] } });
  });

  it.each([
    ["UTF-8 with a mark", (text: string) => Buffer.from(`\uFEFF${text}`)],
    ["UTF-16", (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le")],
    ["UTF-16 of the other order", (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16()],
    ["Windows' alphabet", (text: string) => Buffer.from(text, "latin1")],
  ])("of a spreadsheet in %s is a table", async (_, encoded) => {
    const rows = "Größe;Maß\r\n1,5;2\r\n2,5;4\r\n3;7\r\n";
    const found = await openFiles([file("a.csv", new Uint8Array(encoded(rows)))], nothing);
    expect(found).toMatchObject({ kind: "table", data: { inputs: ["Größe"], outputs: ["Maß"] } });
  });

  it.each([
    ["damaged JSON", "{ broken", /begins as JSON, and is damaged/],
    ["other JSON", "{}", /neither a sketch nor a network/],
    ["nothing", "", /no rows/],
    ["an image", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3), /"f" is neither a graph nor a table/],
    ["a text with zeros", "a,b\n1,\u0000\n", /"f" is neither a graph nor a table/],
    ["a sketch of the wrong form", '{"format":"plexus-sketch","version":1}', /sketch.layers is not a list/],
  ])("of %s is refused", async (_, content, message) => {
    await expect(openFiles([file("f", content)], nothing)).rejects.toThrow(message);
  });

  it("that is named as ONNX is refused in the words of its reader", async () => {
    await expect(openFiles([file("f.onnx", Uint8Array.of(0, 1))], nothing)).rejects.toMatchObject({
      code: "bad-file",
    });
  });

  it("of no link is no sketch", async () => {
    await expect(sketchOfLink("{}")).rejects.toMatchObject({ code: "bad-link" });
  });
});
