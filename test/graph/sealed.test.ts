// Properties that there are none of: setting one throws, on a graph, a layer, a synapse and a scaler.

import { Graph, Scaler } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { everything } from "../support/helpers.js";

const make = () =>
  new Graph({ seed: 1, inputs: { x: 2 }, hidden: { h: 3 }, outputs: { y: 1 }, synapses: [["x", "h"], ["h", "y"]] }); // biome-ignore format: a list

const parts: readonly (readonly [string, (graph: ReturnType<typeof make>) => object, readonly string[]])[] = [
  ["a graph", (graph) => graph, ["optimiser", "learningRate", "Rate", "loss", "epochs"]],
  ["a clone", (graph) => graph.clone(), ["optimiser"]],
  ["a loaded graph", (graph) => Graph.load(graph.save()), ["optimiser"]],
  ["a layer", (graph) => graph.layer("h"), ["Bias", "biases", "trainable", "weights", "froozen"]],
  ["a layer of the list", (graph) => graph.layers[0]!, ["trainable"]],
  ["a synapse", (graph) => graph.synapse("x", "h"), ["weight", "w", "trainable", "L2"]],
  ["a scaler", () => Scaler.fit([1, 2, 3], 1), ["mean", "scale"]],
];

describe.each(parts)("%s", (_, part, names) => {
  it.each(names)("has no property %s to set", (name) => {
    const graph = make();
    const before = everything(graph);
    expect(() => {
      (part(graph) as Record<string, unknown>)[name] = 1;
    }).toThrow(TypeError);
    expect(everything(graph)).toBe(before);
    expect(name in part(graph)).toBe(false);
  });
});

it("what can be set still can", () => {
  const graph = make();
  graph.rate = 0.3;
  graph.optimizer = { name: "adam" };
  graph.layer("h").frozen = true;
  graph.synapse("x", "h").frozen = true;
  expect([graph.optimizer.name, graph.layer("h").frozen, graph.synapse("x", "h").frozen]).toEqual(["adam", true, true]); // biome-ignore format: a list
});

it("a subclass has properties of its own", () => {
  class Named extends Graph {
    label = "mine";
    steps = 0;
  }
  const graph = new Named({ seed: 1, inputs: { x: 1 }, outputs: { y: 1 } });
  graph.connect("x", "y");
  graph.steps++;
  graph.train({ x: [1] }, { y: [1] });
  expect([graph.label, graph.steps]).toEqual(["mine", 1]);
});
