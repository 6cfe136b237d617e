// Graphs of shapes and of every kind of synapse as files: onnxruntime computes the same from channels last.

import { Graph, type Precision } from "plexus-nn";
import { fromOnnx, toOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { expectClose, expectRefusal, Random, seed } from "../../support/helpers.js";
import { decode, type Feed, judgeTensors } from "./judge.js";
import { builds, built, type MapGraph, stepped, valuesFor } from "./maps.js";

const names = Object.keys(builds);

/** Returns values as tensors of a file, whose rows are samples, or samples and steps. */
function tensors(
  graph: MapGraph,
  xs: Readonly<Record<string, readonly number[]>>,
  rows: number,
  steps?: number,
) {
  const given = graph.inputs.map(({ name, shape, classes, time }) => {
    const all = [rows, ...(steps !== undefined && time ? [steps] : []), ...shape];
    return [name, { values: xs[name]!, shape: all, whole: classes !== undefined }] as const;
  });
  return Object.fromEntries(given);
}

describe("a file of maps", () => {
  test.each(names)("%s: agrees with onnxruntime in float32", async (name) => {
    const random = new Random(seed);
    const graph = built(random, name, "float32");
    const rows = 2;
    const xs = valuesFor(random, graph, rows);
    const file = toOnnx(graph);
    const found = await judgeTensors(file, tensors(graph, xs, rows), "float32");
    for (const [output, values] of Object.entries(graph.predict(xs)))
      expectClose(found[output]!, values, 1e-5, output);
    const shapes = decode(file).graph!.output.map(({ type }) => {
      if (type?.value.case !== "tensorType") throw new Error("no tensor");
      return type.value.value.shape!.dim.slice(1).map(({ value }) => Number(value.value));
    });
    expect(shapes).toEqual(graph.outputs.map(({ shape }) => [...shape]));
  });

  test.each(names)("%s: comes in with the same predictions", (name) => {
    for (const precision of ["float64", "float32"] as const) {
      const random = new Random(seed);
      const graph = built(random, name, precision);
      const xs = valuesFor(random, graph, 3);
      const same: MapGraph = fromOnnx(toOnnx(graph));
      const found = same.predict(xs);
      for (const [output, values] of Object.entries(graph.predict(xs))) {
        expectClose(found[output]!, values, precision === "float64" ? 1e-12 : 1e-5, output);
        // Where identities and one-to-one synapses alone lead to an output, its shape is that of their source.
        if (!name.includes("identity")) expect(same.layer(output).shape).toEqual(graph.layer(output).shape);
      }
    }
  });

  test.each(Object.keys(stepped))("with steps, %s: comes in with the same predictions", (name) => {
    const random = new Random(seed);
    const graph = built(random, name, "float64");
    const xs = valuesFor(random, graph, 2, 3);
    const found = (fromOnnx(toOnnx(graph)) as MapGraph).predict(xs, { steps: 3 });
    for (const [output, values] of Object.entries(graph.predict(xs, { steps: 3 })))
      expectClose(found[output]!, values, 1e-12, output);
  });

  test.each(Object.keys(stepped))("with steps, %s: agrees with onnxruntime", async (name) => {
    const random = new Random(seed);
    const graph = built(random, name, "float32");
    const [rows, steps] = [2, 3];
    const xs = valuesFor(random, graph, rows, steps);
    const file = toOnnx(graph);
    const found = await judgeTensors(file, tensors(graph, xs, rows, steps), "float32");
    for (const [output, values] of Object.entries(graph.predict(xs, { steps })))
      expectClose(found[output]!, values, 1e-5, output);
  });

  test("of a loop of convs goes on from a state", async () => {
    const random = new Random(seed);
    const graph = built(random, "a loop of convs", "float32");
    const xs = valuesFor(random, graph, 2, 3);
    const file = toOnnx(graph, { state: true });
    const all = graph.predict(xs, { steps: 3 }).y!;
    const frames = (t: number) =>
      [0, 1].flatMap((row) => xs.image!.slice((row * 3 + t) * 105, (row * 3 + t + 1) * 105));
    const zeros = (depth: number) => ({
      values: new Array<number>(2 * depth * 60).fill(0),
      shape: [2, depth, 60],
    });
    let state: Record<string, Feed> = { "state.h": zeros(1), "state.y": zeros(2) };
    for (let t = 0; t < 3; t++) {
      const image = { values: frames(t), shape: [2, 1, 5, 7, 3] };
      const found = await judgeTensors(
        file,
        { image, z: { values: xs.z!, shape: [2, 2] }, ...state },
        "float32",
      );
      const wanted = [0, 1].flatMap((row) => [...all.slice((row * 3 + t) * 60, (row * 3 + t + 1) * 60)]);
      expectClose(found.y!, wanted, 1e-5, `step ${t}`);
      state = Object.fromEntries(
        Object.entries(state).map(([key, { shape }]) => [
          key,
          { shape, values: Array.from(found[key.replace("state", "next")]!) },
        ]),
      );
    }
  });
});

describe("refused", () => {
  test("a sparse synapse that would be a matrix of too many zeros", () => {
    const graph: MapGraph = new Graph<string, string, string, Precision>({ seed: 1 });
    graph.addInput("x", 10_000);
    graph.addOutput("y", 10_000);
    graph.connect("x", "y", { kind: "sparse", connections: [[0, 9_999]] });
    expectRefusal(() => toOnnx(graph), "unsupported", '"x"', '"y"', "99999999 zeros");
  });

  test("class numbers with a delay", () => {
    const graph: MapGraph = new Graph<string, string, string, Precision>({ seed: 1 });
    graph.addInput("ids", 2, "linear", { classes: 5 });
    graph.addOutput("y", 4);
    graph.connect("ids", "y", { kind: "embedding", delay: 1 });
    expectRefusal(() => toOnnx(graph), "unsupported", '"ids"', "delay");
  });
});
