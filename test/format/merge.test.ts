// merge: the numbers of a graph's file, put into a graph that is there.

import { Graph, type Precision, Scaler } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, everything, expectRefusal, expectSame, wrong } from "../support/helpers.js";
import { pack, unpack } from "../support/tensors.js";

const [xs, ts] = [{ x: [0, 1, 1, 0] }, { y: [1, 0] }];

function made(precision: Precision = "float64", hidden = 3): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 3, precision, optimizer: { name: "adam" } });
  graph.addInput("x", 2);
  graph.addHidden("h", hidden, "tanh", { norm: "layer" });
  graph.addOutput("y", 1, "linear");
  graph.connect("x", "h");
  graph.connect("h", "y");
  return graph;
}

describe.each(["float64", "float32"] as const)("merge in %s", (precision) => {
  it("takes every parameter bit for bit, and keeps the objects of layers and synapses", () => {
    const [graph, trained] = [made(precision), made(precision)];
    for (let i = 0; i < 3; i++) trained.train(xs, ts);
    trained.layer("h").bias = [-0, precision === "float64" ? 5e-324 : 1e-45, 1];
    const [layer, synapse] = [graph.layer("h"), graph.synapse("x", "h")];
    graph.merge(trained.save());
    expectSame(layer.bias, trained.layer("h").bias, "bias");
    expectSame(layer.gain!, trained.layer("h").gain!, "gain");
    expectSame(synapse.weights, trained.synapse("x", "h").weights, "weights");
    expectSame(graph.predict(xs).y!, trained.predict(xs).y!, "outputs");
  });

  it("begins the optimizer afresh, with this graph's own settings", () => {
    const [graph, trained] = [made(precision), made(precision)];
    for (const one of [graph, trained]) one.train(xs, ts);
    graph.optimizer = { name: "nadam", rate: 0.5 };
    graph.train(xs, ts);
    graph.merge(trained.save());
    const fresh = Graph.load(trained.save({ optimizer: false }));
    fresh.optimizer = { name: "nadam", rate: 0.5 };
    for (const one of [graph, fresh]) one.train(xs, ts);
    expect(JSON.stringify(graph)).toBe(JSON.stringify(fresh));
  });
});

it("takes the scalers of the file, and drops those that it lacks", () => {
  const [graph, other] = [made(), made()];
  graph.scale("y", Scaler.fit([1, 2, 3], 1));
  other.scale("x", Scaler.fit([1, 2, 3, 4], 2));
  graph.merge(other.save());
  expect(graph.layer("x").scaler).toEqual(other.layer("x").scaler);
  expect(graph.layer("y").scaler).toBe(undefined);
});

it("refuses the file of another graph with the first difference, and has changed nothing", () => {
  const graph = made();
  graph.train(xs, ts);
  const before = everything(graph);
  expectRefusal(
    () => graph.merge(made("float64", 4).save()),
    "bad-file",
    "size",
    '"h"',
    "4 there and 3 here",
  );
  expectRefusal(() => graph.merge(made("float32").save()), "bad-file", "precision", "float32");
  const more = made();
  more.addHidden("more", 1);
  expectRefusal(() => graph.merge(more.save()), "bad-file", '"more"');
  const file = made().save();
  expectRefusal(() => graph.merge(file.subarray(0, file.length - 8)), "bad-file");
  expectRefusal(() => graph.merge(wrong("bytes")), "bad-file");
  const { header, data } = unpack(file);
  expectRefusal(() => graph.merge(pack({ ...header, __metadata__: {} }, data)), "unsupported");
  expect(everything(graph)).toBe(before);
});

it("is refused while the graph is in training, or disposed of", async () => {
  const graph = made();
  const file = graph.save();
  const run = graph.fit({ xs, ts }, { epochs: 1 });
  expectRefusal(() => graph.merge(file), "busy");
  await run;
  graph.merge(file);
  graph.dispose();
  expectRefusal(() => graph.merge(file), "disposed");
});
