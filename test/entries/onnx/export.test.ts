// A file computes what the graph does: by onnxruntime, and by a plain evaluator where onnxruntime has no float64.

import { Graph } from "plexus-nn";
import { toOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { activations, needed, randomGraph, randomRows } from "./graphs.js";
import { decode, evaluate, judge } from "./judge.js";

const TOLERANCE = { float64: 1e-12, float32: 1e-5 } as const;
const named = (activation: unknown) =>
  typeof activation === "string" ? activation : JSON.stringify(activation);

for (const precision of ["float64", "float32"] as const) {
  describe(`toOnnx in ${precision}`, () => {
    // onnxruntime has no Erf in float64.
    const judged = activations.filter((activation) => precision === "float32" || activation !== "gelu");

    test.each(judged.map((activation) => [named(activation), activation] as const))(
      "%s agrees with onnxruntime",
      async (_, activation) => {
        for (const size of activation === "softmax" ? [2, 3] : [1, 3]) {
          const graph = new Graph({
            seed: 5,
            precision,
            inputs: { x: { size: 2, activation: "linear" } },
            hidden: { h: { size, activation } },
            outputs: { y: { size: 2, activation: "linear" } },
            synapses: [
              ["x", "h"],
              ["h", "y"],
            ],
          });
          const scale = activation === "exp" || activation === "sin" ? 0.02 : 1;
          const x = [0, 1e-9, -1e-5, 0.5, -1, 3, -20, 40, -300, 300].map((v) => [v * scale, v * scale * 0.7]);
          const found = await judge(toOnnx(graph), { x }, precision);
          expectClose(
            found.y!,
            graph.predict({ x }).y,
            TOLERANCE[precision],
            `${named(activation)} of ${size}`,
          );
        }
      },
    );

    test(`60 random graphs agree with onnxruntime (seed ${seed})`, async () => {
      const random = new Random(seed);
      for (let i = 0; i < 60; i++) {
        const graph = randomGraph(random, precision, judged);
        const xs = randomRows(random, graph);
        const file = toOnnx(graph);
        const found = await judge(file, needed(decode(file).graph!, xs), precision);
        const wanted = graph.predict(xs);
        expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
        for (const [name, values] of Object.entries(wanted)) {
          expectClose(found[name]!, values, TOLERANCE[precision], `graph ${i}: ${name}`);
        }
      }
    });
  });
}

test(`60 random graphs with gelu agree in float64 with a plain evaluator (seed ${seed})`, () => {
  const random = new Random(seed + 1);
  for (let i = 0; i < 60; i++) {
    const graph = randomGraph(random, "float64", random.chance(0.3) ? ["gelu"] : activations);
    const xs = randomRows(random, graph);
    const found = evaluate(toOnnx(graph), xs);
    for (const [name, values] of Object.entries(graph.predict(xs))) {
      expectClose(found[name]!, values, 1e-12, `graph ${i}: ${name}`);
    }
  }
});

const diamond = () =>
  new Graph({
    seed: 3,
    inputs: { x: 2, z: 3 },
    hidden: { h: { size: 4, activation: "tanh" } },
    outputs: { y: 1, w: { size: 2, activation: "softmax" } },
    synapses: [
      ["x", "h"],
      ["h", "y"],
      ["x", "y"],
      ["z", "w"],
      ["y", "w"],
    ],
  });

describe("the file", () => {
  test("has opset 18, IR 8, the layers' names and a free batch size", () => {
    const { graph, opsetImport, irVersion } = decode(toOnnx(diamond(), { name: "a diamond" }));
    expect(opsetImport.map(({ domain, version }) => [domain, version])).toEqual([["", 18n]]);
    expect(irVersion).toBe(8n);
    expect(graph!.name).toBe("a diamond");
    const ends = [...graph!.input, ...graph!.output].map(({ name, type }) => {
      if (type?.value.case !== "tensorType") throw new Error("no tensor");
      return [name, ...type.value.value.shape!.dim.map(({ value }) => value.value)];
    });
    expect(ends).toEqual([
      ["x", "N", 2n],
      ["z", "N", 3n],
      ["y", "N", 1n],
      ["w", "N", 2n],
    ]);
  });

  test("has the outputs asked for, and only what they need", async () => {
    const graph = diamond();
    const file = toOnnx(graph, { outputs: ["y"] });
    const { input, output, initializer } = decode(file).graph!;
    expect([input.map(({ name }) => name), output.map(({ name }) => name)]).toEqual([["x"], ["y"]]);
    expect(initializer.length).toBe(5);
    const x = [
      [1, 2],
      [3, -4],
    ];
    const found = await judge(file, { x }, "float64");
    expectClose(found.y!, graph.predict({ x }, { outputs: ["y"] }).y, 1e-12, "y");
  });

  test("has the precision asked for", async () => {
    const graph = diamond();
    const xs = { x: [[1, 2]], z: [[0, 1, 2]] };
    const found = await judge(toOnnx(graph, { precision: "float32" }), xs, "float32");
    expect(found.y).toBeInstanceOf(Float32Array);
    expectClose(found.w!, graph.predict(xs).w, 1e-5, "w");
  });

  test("of any names computes the same", async () => {
    const [x, h, y, w] = ["0.5", "Gemm.0", "__proto__", "axis"];
    const graph = new Graph<string, string, string>({ seed: 4 });
    graph.addInput(x, 2);
    graph.addHidden(h, 3, "gelu");
    graph.addOutput(y, 2, "silu");
    graph.addOutput(w, 2, "softplus");
    for (const [from, to] of [
      [x, h],
      [h, y],
      [y, w],
      [x, w],
    ] as const) {
      graph.connect(from, to);
    }
    const rows = [[0.3, -0.8]];
    const found = evaluate(toOnnx(graph), { [x]: rows });
    for (const name of [y, w]) expectClose(found[name]!, graph.predict({ [x]: rows })[name]!, 1e-12, name);
  });

  test("of layers that pass on what they get computes the same", async () => {
    const graph = new Graph<string, string, string>({ seed: 4 });
    graph.addInput("x", 2, "tanh");
    graph.addHidden("h", 2, "linear", { bias: false });
    graph.addOutput("y", 2, "linear", "mse", { bias: false });
    graph.addOutput("w", 3);
    graph.connect("x", "h", { kind: "identity" });
    graph.connect("h", "y", { kind: "identity" });
    graph.connect("x", "w");
    const x = [[0.3, -0.8]];
    const found = await judge(toOnnx(graph), { x }, "float64");
    for (const [name, values] of Object.entries(graph.predict({ x })))
      expectClose(found[name]!, values, 1e-12, name);
  });

  test("of a chain of 20,000 layers is written", () => {
    const graph = new Graph<string, string, string>({ seed: 6 });
    graph.addInput("0", 1);
    for (let i = 1; i < 20_000; i++) {
      graph.addHidden(`${i}`, 1, "tanh");
      graph.connect(`${i - 1}`, `${i}`);
    }
    graph.addOutput("y", 1);
    graph.connect("19999", "y");
    expect(decode(toOnnx(graph)).graph!.node.length).toBe(40_000);
  });
});

test.each([
  ["no graph", wrong({}), undefined, "bad-option", "a Graph"],
  ["an unknown option", diamond(), wrong({ opset: 9 }), "bad-option", "opset"],
  ["an unknown output", diamond(), { outputs: ["v"] }, "unknown-layer", "v"],
  ["a hidden layer", diamond(), { outputs: ["h"] }, "not-an-output", "h"],
  ["an empty list", diamond(), { outputs: [] }, "bad-option", "at least one"],
  ["no list", diamond(), wrong({ outputs: "y" }), "bad-option", "an array"],
  ["another precision", diamond(), wrong({ precision: "float16" }), "bad-option", "float64"],
  ["an empty name", diamond(), { name: "" }, "bad-option", "name"],
  ["a graph without outputs", new Graph({ inputs: { x: 1 } }), undefined, "not-an-output", "no output"],
  ["nothing comes in", new Graph({ outputs: { y: 1 } }), undefined, "unconnected", "y"],
] as const)("refused: %s", (_, graph, options, code, mention) => {
  expectRefusal(() => toOnnx(graph, options), code, mention);
});
