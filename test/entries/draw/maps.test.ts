// Drawings, tables and programs of shapes and of all kinds of synapse.

import { Graph, type Precision, Scaler } from "plexus-nn";
import { summary, toDot, toMermaid, toSource, toSvg } from "plexus-nn/draw";
import { describe, expect, it } from "vitest";
import {
  type AnyGraph,
  expectClose,
  expectRefusal,
  expectSame,
  Random,
  seed,
} from "../../support/helpers.js";
import { kindsGraph, lenet, wordGraph } from "./graphs.js";

type Values = Record<string, ArrayLike<number>>;
type Predict = (xs: Values) => Record<string, Float64Array | Float32Array>;

/** Runs a program as a module of its own. */
async function load(graph: AnyGraph): Promise<Predict> {
  const { code } = toSource(graph);
  return (await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`)).predict;
}

/** Draws values of all inputs for some rows. */
function valuesOf(graph: AnyGraph, rows: number): Record<string, number[]> {
  const random = new Random(seed);
  return Object.fromEntries(
    graph.inputs.map(({ name, size, classes }) => {
      const numbers = random.numbers(rows * size);
      return [name, classes === undefined ? numbers : numbers.map(() => random.whole(0, classes - 1))];
    }),
  );
}

/** Returns the label of a synapse between two new layers, as the table has it. */
function labelBetween(from: number | number[], to: number | number[], options: object): string {
  using graph: AnyGraph = new Graph({ inputs: { a: from }, hidden: { b: to } });
  graph.connect("a", "b", options);
  return /a \((.*)\)$/m.exec(summary(graph).replace(/(?<=[^─])\n {2,}/g, " "))?.[1] ?? "";
}

describe("summary of shapes", () => {
  it("shows shapes, kinds, and parameters of channels", () => {
    expect(summary(lenet())).toBe(`Layer              Size  Activation  Parameters  Connected from
─────────────────────────────────────────────────────────────────
image (input)   28×28×1  linear               1
c1              24×24×8  linear             208  image (conv 5×5)
p1              12×12×8  relu                 8  c1 (max 2×2)
c2               8×8×16  linear           3,216  p1 (conv 5×5)
p2               4×4×16  relu                16  c2 (max 2×2)
digit (output)       10  softmax          2,570  p2
─────────────────────────────────────────────────────────────────
Parameters: 6,019 (6,019 trainable, 0 frozen)
Memory: 24,076 bytes in float32
`);
  });

  it("shows class numbers, tables, norms over groups and long labels", () => {
    expect(summary(wordGraph())).toBe(`Layer          Size  Activation      Parameters  Connected from
─────────────────────────────────────────────────────────────────────────
words (input)     4  linear                   0
                     10,000 classes
table          4×16  linear             160,000  words (embedding 10,000)
mixed          4×16  relu                    80  table (causal,
                     group norm 4                depthwise 3 dilated 2)
mean             16  sigmoid                 16  mixed (average 4)
y (output)       10  softmax                170  mean
─────────────────────────────────────────────────────────────────────────
Parameters: 160,266 (160,266 trainable, 0 frozen)
Memory: 1,282,128 bytes in float64
`);
  });

  it("has a short label for each kind", () => {
    const shape = [12, 12, 8];
    for (const [label, to, options] of [
      ["conv 5×5", shape, { kind: "conv", kernel: 5 }],
      ["conv 5×5 /2", [6, 6, 8], { kind: "conv", kernel: 5, stride: 2 }],
      ["conv 5×3 /2×1", [6, 12, 8], { kind: "conv", kernel: [5, 3], stride: [2, 1] }],
      ["conv 3×3 dilated 2", shape, { kind: "conv", kernel: 3, dilation: 2 }],
      ["conv 3×3 groups 4", shape, { kind: "conv", kernel: 3, groups: 4 }],
      ["depthwise 3×3", [12, 12, 16], { kind: "conv", kernel: 3, groups: 8 }],
      ["convTranspose 4×4 /2", [24, 24, 3], { kind: "convTranspose", kernel: 4, stride: 2 }],
      ["convTranspose 2×2 groups 8", [13, 13, 8], { kind: "convTranspose", kernel: 2, groups: 8 }],
      ["average 2×2", [6, 6, 8], { kind: "averagePool" }],
      ["average 12×12", 8, { kind: "averagePool" }],
      ["max 3×3 /2", [6, 6, 8], { kind: "maxPool", kernel: 3, stride: 2 }],
      ["max 3×3 /1", shape, { kind: "maxPool", kernel: 3, stride: 1 }],
      ["up 2×3", [24, 36, 8], { kind: "upsample" }],
      ["identity", 12 * 12 * 8, { kind: "identity" }],
      ["oneToOne", 12 * 12 * 8, { kind: "oneToOne" }],
      ["gather", 2, { kind: "gather", units: [3, -1] }],
    ] as const)
      expect(labelBetween([...shape], to as number, options)).toBe(label);
    expect(labelBetween([9, 2], [9, 4], { kind: "conv", kernel: 3 })).toBe("conv 3");
  });

  it("tells the share of connections, which is 100 % for all of them only", () => {
    const label = (count: number) => {
      const connections = Array.from({ length: count }, (_, i) => [i % 100, Math.floor(i / 100)] as const);
      return labelBetween(100, 100, { kind: "sparse", connections });
    };
    expect([1, 100, 999, 3000, 9999, 10_000].map(label)).toEqual([
      "sparse 0.010 %",
      "sparse 1.0 %",
      "sparse 10 %",
      "sparse 30.0 %",
      "sparse 99.9 %",
      "sparse 100 %",
    ]);
  });
});

describe.each([
  ["toDot", toDot],
  ["toMermaid", toMermaid],
  ["toSvg", toSvg],
] as const)("%s of shapes", (_, draw) => {
  const text = (graph: AnyGraph) =>
    draw(graph).replace(/&?#(\d+);/g, (__, code) => String.fromCharCode(code));

  it("shows shapes, kinds and parameters", () => {
    for (const shown of ["input · 28×28×1", "24×24×8", "conv 5×5", "max 2×2", "256 × 10", "208 parameters"])
      expect(text(lenet())).toContain(shown);
    for (const shown of [
      "10,000 classes",
      "embedding 10,000",
      "group norm 4",
      "causal · depthwise 3 dilated 2",
      "no parameters",
    ])
      expect(text(wordGraph())).toContain(shown);
    for (const shown of ["conv 3×3 /2", "sparse 25.0 %", "gather", "up 3×3", "weights of image → small"])
      expect(text(kindsGraph())).toContain(shown);
  });
});

describe("toSource of shapes", () => {
  it.each(["float64", "float32"] as const)("has the engine's bits of all kinds in %s", async (precision) => {
    using graph = kindsGraph(precision);
    expect(new Set(graph.synapses.map(({ kind }) => kind)).size).toBe(11);
    const predict = await load(graph);
    const xs = valuesOf(graph, 5);
    for (const [name, values] of Object.entries(graph.predict(xs)))
      expectSame(predict(xs)[name]!, values, name);
  });

  it.each([
    ["float64", 1e-12],
    ["float32", 1e-6],
  ] as const)("normalises, activates and scales by channels in %s", async (precision, tolerance) => {
    using graph = new Graph<string, string, string, Precision>({ seed, precision });
    graph.addInput("x", [3, 4, 6]);
    graph.addHidden("groups", [3, 4, 6], "tanh", { norm: { name: "group", groups: 3 } });
    graph.addHidden("units", [3, 4, 6], "tanh", { norm: "layer", bias: new Array(72).fill(0.25) });
    graph.addHidden("plain", 72, "gelu", { norm: { name: "group", groups: 8 } });
    graph.addHidden("whole", [3, 4, 6], "linear", { norm: "layer", bias: false });
    graph.addOutput("y", [3, 4, 6], "softmax");
    graph.addOutput("z", [3, 4, 6], "linear", "mse");
    for (const name of ["groups", "units", "plain", "whole"]) {
      graph.connect("x", name, { init: "orthogonal" });
      const { gain } = graph.layer(name);
      gain!.set(new Random(seed).numbers(gain!.length));
      graph.connect(name, "y", { kind: "identity" });
      graph.connect(name, "z", { kind: "identity" });
    }
    graph.layer("groups").bias.set([1, 2, 3, 4, 5, 6]);
    const numbers = new Random(seed).numbers(60);
    graph.scale("x", Scaler.fit(numbers, 6));
    graph.scale("z", Scaler.fit(numbers, 6, "minmax"));
    const predict = await load(graph);
    const xs = valuesOf(graph, 3);
    for (const [name, values] of Object.entries(graph.predict(xs)))
      expectClose(predict(xs)[name]!, values, tolerance, name);
  });

  it("has a function for each kind that occurs, and lists of connections once", () => {
    const { code } = toSource(lenet());
    expect(code.match(/^const (conv|maxPool|dense) = /gm)).toHaveLength(3);
    expect(code).not.toMatch(/const (sparse|gather|averagePool|upsample|identity|split|integers|lists) = /);
    expect(code).not.toMatch(/classes|normalise/);
    using graph: AnyGraph = new Graph({ inputs: { x: 9 }, hidden: { h: 9 }, outputs: { y: 9 } });
    const share = graph.connect("x", "h", { kind: "sparse", density: 0.5 });
    graph.connect("h", "y", { kind: "sparse", share });
    const shared = toSource(graph).code;
    expect(shared.match(/^ {2}integers\(/gm)).toHaveLength(1);
    expect(shared.match(/^ {2}numbers\(/gm)).toHaveLength(1);
  });

  it("takes class numbers, and refuses others", async () => {
    using graph = wordGraph();
    const predict = await load(graph);
    const xs = valuesOf(graph, 3);
    expectClose(predict(xs).y!, graph.predict(xs).y!, 1e-12, "y");
    for (const wrong of [-1, 0.5, 10_000, Number.NaN])
      expect(() => predict({ words: [0, 1, 2, wrong] })).toThrow(/RangeError|"words" .* from 0 to 9999$/);
    expect(() => predict({ words: [0, 1, 2] })).toThrow(RangeError);
    expect(toSource(graph).types).toContain("Rows of 4 class numbers below 10000.");
    expect(toSource(lenet()).types).toContain("Rows of 28 × 28 × 1.");
  });

  it("refuses more units of gathers than a text should have", () => {
    const size = 2 ** 23 + 1;
    using graph: AnyGraph = new Graph({ precision: "float32", inputs: { x: 1 }, outputs: { y: size } });
    graph.connect("x", "y", { kind: "gather", units: new Int32Array(size) });
    expectRefusal(() => toSource(graph), "unsupported", "units of gathers", "16,777,216", "16,777,219");
  });
});
