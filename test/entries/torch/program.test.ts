// toTorch without PyTorch: refusals, and the text of programs.

import { Graph, readSafetensors } from "plexus-nn";
import { toTorch } from "plexus-nn/torch";
import { describe, expect, it } from "vitest";
import { type AnyGraph, everything, expectRefusal, expectSame, wrong } from "../../support/helpers.js";

function made(): AnyGraph {
  const graph: AnyGraph = new Graph({
    seed: 3,
    inputs: { x: 2 },
    outputs: { y: { size: 3, activation: "softmax" } },
  });
  graph.addOutput("z", 1, "linear");
  graph.connect("x", "y");
  graph.connect("y", "z");
  return graph;
}

const xs = { x: [0, 1, 1, 0] };

describe("toTorch refuses", () => {
  it("wrong options, with a sentence that helps", () => {
    const graph = made();
    for (const name of ["", "a b", "../model", 'a"', "é", 3, null, "-a"])
      expectRefusal(() => toTorch(graph, { name: wrong(name) }), "bad-option", "letters, digits, _ and -");
    expectRefusal(() => toTorch(graph, { name: "torch" }), "bad-option", "hide");
    expectRefusal(() => toTorch(graph, wrong({ output: ["y"] })), "bad-option", '"output"', "outputs");
    expectRefusal(() => toTorch(graph, { outputs: [] }), "bad-option", "at least one");
    expectRefusal(() => toTorch(graph, { outputs: ["x"] }), "not-an-output", '"x"');
    expectRefusal(() => toTorch(graph, { outputs: ["yy"] }), "unknown-layer", '"y"');
    expectRefusal(() => toTorch(wrong({})), "bad-option", "Graph");
    expectRefusal(() => toTorch(new Graph()), "not-an-output");
  });

  it("a graph that no program trains, and names the reason", () => {
    const graph = made();
    graph.rate = (step) => 1 / (step + 1);
    expectRefusal(() => toTorch(graph), "unsupported", "function");
    graph.rate = { name: "reduceOnPlateau", rate: 0.1 };
    expectRefusal(() => toTorch(graph), "unsupported", "reduceOnPlateau");
    graph.rate = 0.1;
    graph.addOutput("alone", 1);
    expectRefusal(() => toTorch(graph), "unconnected", '"alone"');
    expect(toTorch(graph, { outputs: ["y"] }).module).not.toContain("alone");
    graph.layer("y").bias[0] = Number.NaN;
    expectRefusal(() => toTorch(graph, { outputs: ["y"] }), "not-finite", '"y"');
    graph.dispose();
    expectRefusal(() => toTorch(graph), "disposed");
  });

  it("data as fit does, and has changed nothing", () => {
    const graph = made();
    graph.predict(xs);
    const { data } = toTorch(graph);
    const before = everything(graph);
    expectRefusal(() => data({ xs, ts: {} }), "missing-target");
    expectRefusal(() => data({ xs: {}, ts: { y: [0, 1] } }), "missing-input");
    expectRefusal(() => data({ xs, ts: { y: [0, 3] } }), "bad-target");
    expectRefusal(() => data({ xs: { x: [0, 1, 1] }, ts: { y: [0] } }), "bad-shape");
    expectRefusal(() => data({ xs: { x: [0, Number.NaN] }, ts: { y: [0] } }), "not-finite", "row 0");
    expectRefusal(() => data({ xs, ts: { y: [0, 1] }, mask: { x: [1, 1] } }), "not-an-output");
    expectRefusal(() => data(wrong(3)), "bad-shape");
    expectRefusal(
      () => data({ xs: { x: [xs.x] } as never, ts: { y: [[0, 1]] as never }, steps: 2 }),
      "unsupported",
      "row",
    );
    expect(everything(graph)).toBe(before);
    const part = toTorch(graph, { outputs: ["y"] });
    expectRefusal(() => part.data({ xs, ts: { z: [0, 1] } }), "bad-option", '"y"', '"z"');
  });
});

describe("toTorch", () => {
  it("gives the graph's own file, and changes nothing", () => {
    const graph = made();
    graph.optimizer = "adam";
    graph.train(xs, { y: [0, 1] });
    const before = everything(graph);
    const { weights } = toTorch(graph);
    expect(everything(graph)).toBe(before);
    expect(weights).toEqual(graph.save());
  });

  it("writes data as it is given: class numbers, numbers before a scaler, zeros in place of masked ones", () => {
    const { data } = toTorch(made());
    const set = { xs, ts: { y: [2, -7], z: [Number.NaN, 4] }, mask: { y: [1, 0], z: [0, 0.5] } };
    const { tensors } = readSafetensors(data(set));
    expect(Object.keys(tensors).sort()).toEqual(["mask.y", "mask.z", "ts.y", "ts.z", "xs.x"]);
    expect(tensors["ts.y"]).toEqual({ shape: [2], values: Float64Array.of(2, 0) });
    expect(tensors["ts.z"]).toEqual({ shape: [2, 1], values: Float64Array.of(0, 4) });
    expect(tensors["mask.z"]).toEqual({ shape: [2], values: Float64Array.of(0, 0.5) });
    expectSame(tensors["xs.x"]!.values, xs.x, "x");
  });

  it("writes steps with their lengths, padded with zeros", () => {
    const graph = new Graph({
      seed: 1,
      inputs: { x: 1 },
      hidden: { h: 2 },
      outputs: { y: 1 },
      synapses: [
        ["x", "h"],
        ["h", "h", { delay: 1 }],
        ["h", "y"],
      ],
    });
    const { tensors } = readSafetensors(
      toTorch(graph).data({ xs: { x: [[[1], [2], [3]], [[4]]] }, ts: { y: [[[1], [0], [1]], [[0]]] } }),
    );
    expect(tensors.steps).toEqual({ shape: [2], values: Float64Array.of(3, 1) });
    expect(tensors["xs.x"]).toEqual({ shape: [2, 3, 1], values: Float64Array.of(1, 2, 3, 4, 0, 0) });
  });

  it("reads as a program of this graph: a line for each layer, and no more than it needs", () => {
    const { module } = toTorch(made());
    expect(module).toContain('post["z"] = torch.addmm(p["bias.z"], post["y"], p["weight.1.y.z"])');
    for (const part of ["scaler", "TIMED", "penalty", "limit", "clip_grad", "planes"])
      expect(module).not.toContain(part);
    expect(module.split("\n").length).toBeLessThan(360);
    expect(module.split("\n").filter((line) => /[^ -~]/.test(line))).toEqual([]);
  });

  it("writes a chain of 20,000 layers, and 3,000 terms of a sum", () => {
    const graph: AnyGraph = new Graph({ seed: 1 });
    graph.addInput("0", 1);
    for (let i = 1; i <= 20_000; i++) {
      graph.addHidden(`${i}`, 1, "linear");
      graph.connect(`${i - 1}`, `${i}`, { kind: "identity" });
    }
    graph.addOutput("y", 1, "linear");
    for (let i = 0; i < 3000; i++) graph.connect(`${20_000 - i}`, "y");
    const lines = toTorch(graph).module.split("\n");
    expect(lines.filter((line) => line.startsWith('        post["')).length).toBe(20_002);
  });
});
