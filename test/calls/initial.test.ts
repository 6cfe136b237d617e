// Initial values of layers, as parameters: read and set, kept by edits, copied and assigned.

import { inspect } from "node:util";
import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectRefusal, expectSame, wrong } from "../support/helpers.js";

/** Makes a graph whose layer "h" has initial values 1, 2, 3; "k" has zeros that are learnt, and "y" none. */
function make(precision: Precision = "float64"): AnyGraph {
  const graph = new Graph({
    seed: 2,
    precision,
    inputs: { x: { size: 2, initial: 0.5 } },
    hidden: { h: { size: 3, norm: "layer", initial: [1, 2, 3] }, k: { size: 3, initial: true } },
    outputs: { y: 1 },
    synapses: [
      ["x", "h"],
      ["h", "k", { delay: 1 }],
      ["k", "h", { delay: 2 }],
      ["k", "y"],
    ],
  });
  return graph as AnyGraph;
}

const values = (graph: AnyGraph) => graph.layers.map(({ initial }) => [...initial]);

describe.each(["float64", "float32"] as const)("initial values in %s", (precision) => {
  it("begin as they are given, are a live view, and zeros of the caller's own where none are learnt", () => {
    const graph = make(precision);
    expect(values(graph)).toEqual([[0.5, 0.5], [1, 2, 3], [0, 0, 0], [0]]);
    expect(graph.layers.map(({ hasInitial }) => hasInitial)).toEqual([true, true, true, false]);
    graph.layer("h").initial.set([4, 5, 6]);
    graph.layer("y").initial.fill(7);
    expect(values(graph)).toEqual([[0.5, 0.5], [4, 5, 6], [0, 0, 0], [0]]);
    expect(graph.layer("y").initial.constructor).toBe(graph.layer("h").initial.constructor);
  });

  it("are set from any array of as many numbers", () => {
    const graph = make(precision);
    graph.layer("k").initial = wrong([7, 8, 9]);
    expectSame(graph.layer("k").initial, [7, 8, 9], "k");
    const set = (layer: string, given: unknown) => () => {
      graph.layer(layer).initial = wrong(given);
    };
    expectRefusal(set("k", [1, 2]), "bad-shape", "initial values", '"k"');
    expectRefusal(set("k", [1, 2, Number.NaN]), "not-finite", "initial values", '"k"');
    expectRefusal(set("y", [1]), "bad-option", "initial", '"y"');
    expectSame(graph.layer("k").initial, [7, 8, 9], "k");
  });
});

describe("initial values", () => {
  it("stay with their layer when others go, and grow with zeros", () => {
    const graph = make();
    const before = [...graph.layer("h").bias];
    graph.layer("k").initial = wrong([4, 5, 6]);
    graph.remove("x");
    graph.resize("h", 5);
    expect(values(graph)).toEqual([[1, 2, 3, 0, 0], [4, 5, 6], [0]]);
    graph.resize("h", 2);
    graph.resize("k", 4);
    expect(values(graph)).toEqual([[1, 2], [4, 5, 6, 0], [0]]);
    graph.remove("k");
    expect(values(graph)).toEqual([[1, 2], [0]]);
    expectSame(graph.layer("h").bias, before.slice(0, 2), "bias");
    const again = Graph.fromJSON(JSON.parse(JSON.stringify(graph)));
    expect(JSON.stringify(again)).toBe(JSON.stringify(graph));
  });

  it("count among the parameters", () => {
    // x: 2 + 2, h: 3 + 3 + 3 and 15, k: 3 + 3 and 9, y: 1 and 3
    expect(inspect(make())).toContain("47 parameters");
  });

  it("are copied, all or a share of the way", () => {
    const [graph, other] = [make(), make()];
    other.layer("h").initial = wrong([3, 4, 7]);
    graph.copyFrom(other, { tau: 0.5 });
    expectSame(graph.layer("h").initial, [2, 3, 5], "h");
    graph.copyFrom(other);
    expectSame(graph.layer("h").initial, [3, 4, 7], "h");
  });

  it("are assigned by the names of their tensors", () => {
    const graph = make();
    const tensors = { "initial.h": { shape: [3], values: [7, 8, 9] } };
    expect(graph.assign(tensors)).toEqual(["initial.h"]);
    expectSame(graph.layer("h").initial, [7, 8, 9], "h");
    const wide = { "initial.h": { shape: [1, 3], values: [1, 2, 3] } };
    expectRefusal(() => graph.assign(wide), "bad-shape", "initial.h");
    const none = { "initial.y": { shape: [1], values: [1] } };
    expectRefusal(() => graph.assign(none), "bad-option", "initial.y");
  });

  it("that are not finite are neither saved nor copied", () => {
    const graph = make();
    graph.layer("k").initial[1] = Number.NaN;
    for (const call of [() => graph.toJSON(), () => graph.clone(), () => make().copyFrom(graph)]) {
      expectRefusal(call, "not-finite", "initial", '"k"', "unit 1");
    }
  });
});

describe("copyFrom refuses a graph", () => {
  const make = (more: object, options = {}) => {
    const layers = { inputs: { x: 2 }, hidden: { h: 2 }, outputs: { y: 2 } };
    const synapses = [
      ["x", "h"],
      ["h", "y", { name: "out", ...options }],
    ];
    return new Graph(wrong({ ...layers, ...more, synapses })) as AnyGraph;
  };
  const ours = () => make({});
  it.each([
    ["with another join", "join", make({ hidden: { h: { size: 2, join: "product" } } })],
    ["with initial values", "initial", make({ hidden: { h: { size: 2, initial: true } } })],
    ["with an input without time", "time", make({ inputs: { x: { size: 2, time: false } } })],
    ["with a delay", "delay", make({}, { delay: 1 })],
    ["with a last step", "at", make({}, { at: "last" })],
    ["with other kinds", "kind", make({}, { kind: "oneToOne" })],
    ["with an unnamed delay", "(t−1)", make({}, { name: undefined, delay: 1 })],
  ])("%s", (_, what, other) => {
    expectRefusal(() => other.copyFrom(ours()), "bad-option", what === "(t−1)" ? "synapse" : what);
    expectRefusal(() => ours().copyFrom(other), "bad-option");
  });

  it("but not for another order of delays", () => {
    const joined = (...delays: number[]) => {
      const graph = make({});
      for (const delay of delays) graph.connect("h", "h", { delay }).weights.fill(delay);
      return graph;
    };
    const [graph, other] = [joined(1, 2, 3), joined(3, 1, 2)];
    graph.synapse("h", "h", 2).weights.fill(0);
    graph.copyFrom(other);
    for (const delay of [1, 2, 3])
      expectSame(graph.synapse("h", "h", delay).weights, Array(4).fill(delay), "h");
  });
});
