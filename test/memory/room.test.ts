// A request beyond the memory is refused at once, with its size, and nothing is reserved for it.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { everything, expectRefusal } from "../support/helpers.js";

function make(precision: Precision) {
  const graph = new Graph<string, string, string, Precision>({ seed: 1, precision });
  graph.addInput("x", 2);
  graph.addHidden("h", 3);
  graph.addOutput("y", 1);
  graph.connect("x", "h");
  graph.connect("h", "y");
  graph.train({ x: [1, 2] }, { y: [1] });
  return graph;
}

describe.each(["float64", "float32"] as const)("out-of-memory in %s", (precision) => {
  // First, while memory is small: a block that isn't freed makes it grow.
  it("a batch that doesn't fit, with states and all as they were", () => {
    const graph = new Graph<string, string, string, Precision>({ seed: 1, precision });
    graph.addInput("x", 1);
    graph.addHidden("h", 100_000);
    graph.addOutput("y", 1);
    graph.connect("x", "h");
    graph.connect("h", "y");
    graph.predict({ x: [1, 2] });
    const kept = graph.layer("h").post.slice(0, 1000).join();
    const before = JSON.stringify(graph);
    const x = new Float32Array(50_000);
    expectRefusal(() => graph.train({ x }, { y: x }), "out-of-memory", "GB");
    expectRefusal(() => graph.gradients({ x }, { y: x }), "out-of-memory", "GB");
    // The allocated part of such a batch is freed: 100 times the input's matrices would be 40 MB and more.
    const memory = () => graph.layer("x").bias.buffer.byteLength;
    const taken = memory();
    for (let i = 0; i < 100; i++)
      expectRefusal(() => graph.gradients({ x }, { y: x }), "out-of-memory", "GB");
    expect(memory()).toBe(taken);
    expect(graph.layer("h").post.slice(0, 1000).join()).toBe(kept);
    expect(graph.layer("h").post).toHaveLength(200_000);
    expect(JSON.stringify(graph)).toBe(before);
    expect(graph.predict({ x: [3] }).y).toHaveLength(1);
    graph.dispose();
  });

  it("a layer of 4 billion units", () => {
    const graph = make(precision);
    const before = everything(graph);
    expectRefusal(() => graph.addHidden("huge", 2 ** 32 - 1), "out-of-memory", "4294967295", "GB");
    expectRefusal(() => graph.addInput("huge", 3e9), "out-of-memory", "GB");
    expectRefusal(() => graph.addOutput("huge", 2e9), "out-of-memory", "GB");
    expect(everything(graph)).toBe(before);
    graph.addHidden("huge", 3);
  });

  it("100,000 × 100,000 weights, at once", () => {
    const graph = make(precision);
    const a = graph.addInput("a", 100_000);
    const b = graph.addHidden("b", 100_000);
    const before = everything(graph);
    expectRefusal(() => graph.connect(a, b), "out-of-memory", "100000 × 100000", "GB");
    expect(everything(graph)).toBe(before);
    expect(graph.train({ x: [1, 2] }, { y: [1] })).toBeGreaterThan(0);
  });

  it("many that fit alone, and don't together", () => {
    const graph = make(precision);
    expectRefusal(
      () => {
        for (let i = 0; ; i++) graph.addHidden(`h${i}`, 2 ** 24);
      },
      "out-of-memory",
      "16777216",
    );
    const { length } = graph.layers;
    expect(length).toBeGreaterThan(3);
    graph.dispose();
  });
});
