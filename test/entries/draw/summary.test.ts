// The table of a graph.

import { Graph } from "plexus-nn";
import { summary } from "plexus-nn/draw";
import { describe, expect, it } from "vitest";
import { expectRefusal, wrong } from "../../support/helpers.js";
import { cellGraph, hostileGraph, richGraph, timeGraph } from "./graphs.js";

describe("summary", () => {
  it("shows layers, parameters, sources and totals", () => {
    const graph = new Graph({
      precision: "float32",
      inputs: { x: 2 },
      hidden: { h: { size: 400, activation: { name: "leakyRelu", slope: 0.2 } } },
      outputs: { y: 1 },
      synapses: [
        ["x", "h"],
        ["h", "y"],
        ["x", "y", { name: "skip" }],
      ],
    });
    expect(summary(graph)).toBe(`Layer       Size  Activation      Parameters  Connected from
────────────────────────────────────────────────────────────
x (input)      2  linear                   2
h            400  leakyRelu(0.2)       1,200  x
y (output)     1  sigmoid                403  h, x (skip)
────────────────────────────────────────────────────────────
Parameters: 1,605 (1,605 trainable, 0 frozen)
Memory: 6,420 bytes in float32
`);
  });

  it("marks what is normalised, silenced, frozen, shared and passed on", () => {
    expect(summary(richGraph())).toBe(`Layer       Size  Activation    Parameters  Connected from
──────────────────────────────────────────────────────────────────────
x (input)      4  linear                 4
                  scaled
a              4  gelu                  24  x
                  layer norm
                  dropout 0.25
b              4  elu(0.5)               4  a (shared)
                  frozen
sum            4  linear                 0  b (identity), x (identity)
y (output)     1  sigmoid                5  sum (last, frozen)
──────────────────────────────────────────────────────────────────────
Parameters: 37 (29 trainable, 8 frozen)
Memory: 296 bytes in float64
`);
  });

  it("shows the steps of sources, products, and initial values among the parameters", () => {
    expect(summary(timeGraph())).toBe(`Layer            Size  Activation  Parameters  Connected from
──────────────────────────────────────────────────────────────────────────
x (input)           4  linear               4
context (input)     3  linear               3
                       no steps
ahead               6  tanh                78  x, ahead (t−1),
                       initial                 ahead (slow, t−3, oneToOne)
back                6  sigmoid             66  x, back (t+1)
sum                 6  sigmoid             24  context, ahead (identity),
                                               back (identity)
y (output)          2  sigmoid             22  sum, x (t−2)
label (output)      3  sigmoid             39  ahead (last), back (first)
──────────────────────────────────────────────────────────────────────────
Parameters: 236 (236 trainable, 0 frozen)
Memory: 1,888 bytes in float64
`);
    const lines = summary(cellGraph()).split("\n");
    expect(lines.filter((line) => line.includes("× linear")).map((line) => line.split(" ")[0])).toEqual([
      "cell.write",
      "cell.keep",
      "cell",
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("stays within 80 columns, whatever the names, and holds no character that can't be seen", () => {
    const text = summary(hostileGraph());
    for (const line of text.split("\n")) expect(Array.from(line).length, line).toBeLessThanOrEqual(80);
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202e\ufffe]/u);
  });

  it("stays within 80 columns, whatever the numbers beside a long name", () => {
    const name = (letter: string) => letter.repeat(40);
    const graph = new Graph({
      inputs: { [name("i")]: 1000 },
      hidden: { [name("h")]: { size: 1000, activation: { name: "leakyRelu", slope: -1.2345e-100 } } },
      outputs: { [name("o")]: { size: 10, activation: { name: "elu", alpha: -1.2345e-100 } } },
      synapses: [
        [name("i"), name("h")],
        [name("h"), name("o")],
      ],
      init: "zeros",
    });
    const lines = summary(graph).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBe(80);
    expect(lines[4]).toMatch(/^o+… \(output\) +10 {2}elu\(-1.234e-100\) +10,010 {2}h+…$/);
  });

  it("counts wide characters as two columns, their punctuation too", () => {
    const names = ["。", "　", "「」", "ー", "字、", "￥", "あ", "한", "ｶ", "é"].map((text) =>
      text.repeat(30),
    );
    const graph = new Graph<string, string, string>();
    graph.addInput("x", 1);
    for (const name of names) {
      graph.addOutput(name, 1);
      graph.connect("x", name);
    }
    const columns = (text: string) =>
      Array.from(text, (c) => (/[\0-\u1000…ｶ]/.test(c) ? 1 : 2)).reduce((a, b) => a + b, 0);
    const places = summary(graph)
      .split("\n")
      .filter((line) => line.includes("sigmoid"))
      .map((line) => columns(line.slice(0, line.indexOf("sigmoid"))));
    expect(places).toEqual(names.map(() => 24 + 2 + 4 + 2));
  });

  it("wraps many sources", () => {
    const graph = new Graph();
    graph.addOutput("y", 1);
    for (let i = 0; i < 30; i++) {
      graph.addInput(`input ${i}`, 1);
      graph.connect(`input ${i}`, "y");
    }
    const lines = summary(graph).split("\n");
    expect(lines.every((line) => line.length <= 80)).toBe(true);
    expect(lines.join(" ").match(/input \d+(?=,| |$)/g)?.length).toBeGreaterThanOrEqual(60);
  });

  it("is of more layers than a call takes arguments", () => {
    using graph = new Graph();
    for (let i = 0; i < 130_000; i++) graph.addHidden(`h${i}`, 1);
    const lines = summary(graph).split("\n");
    expect(lines).toHaveLength(130_000 + 6);
    expect(lines.slice(0, 3)).toEqual([
      "Layer    Size  Activation  Parameters  Connected from",
      "─────────────────────────────────────────────────────",
      "h0          1  sigmoid              1",
    ]);
  });

  it("is of an empty graph too", () => {
    expect(summary(new Graph())).toContain("Parameters: 0 (0 trainable, 0 frozen)");
  });

  it("refuses what is no graph, and one that was disposed of", () => {
    expectRefusal(() => summary(wrong({ layers: [] })), "bad-option", "Graph");
    expectRefusal(() => summary(wrong(null)), "bad-option", "null");
    const graph = new Graph();
    graph.dispose();
    expectRefusal(() => summary(graph), "disposed");
  });
});
