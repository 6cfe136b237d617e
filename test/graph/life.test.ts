// Graphs that are disposed of, or in training.

import type { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { fixture, good } from "../support/fixture.js";
import { everything, expectRefusal, rejection } from "../support/helpers.js";

const t = { even: [1, 0] };

/** Every way to read of a graph. */
const reads: readonly (readonly [string, (graph: Graph) => unknown])[] = [
  ["layer()", (g) => g.layer("hidden")],
  ["synapse()", (g) => g.synapse("pixels", "hidden")],
  ["layers", (g) => g.layers],
  ["synapses", (g) => g.synapses],
  ["inputs", (g) => g.inputs],
  ["outputs", (g) => g.outputs],
  ["seed", (g) => g.seed],
  ["precision", (g) => g.precision],
  ["optimizer", (g) => g.optimizer],
  ["rate", (g) => g.rate],
  ["toJSON()", (g) => g.toJSON()],
  ["JSON.stringify", (g) => JSON.stringify(g)],
  ["predict()", (g) => g.predict(good, { outputs: ["even"] })],
  ["evaluate()", (g) => g.evaluate(good, t)],
  ["gradients()", (g) => g.gradients(good, t)],
];

/** Every way to change one. */
const changes: readonly (readonly [string, (graph: Graph) => unknown])[] = [
  ["addInput()", (g) => g.addInput("new", 1)],
  ["addHidden()", (g) => g.addHidden("new", 1)],
  ["addOutput()", (g) => g.addOutput("new", 1)],
  ["connect()", (g) => g.connect("pixels", "even")],
  ["train()", (g) => g.train(good, t)],
  ["setting the rate", (g) => (g.rate = 0.2)],
  ["setting the optimizer", (g) => (g.optimizer = { name: "sgd" })],
];

describe("after dispose(), `disposed` is thrown by", () => {
  it.each([...reads, ...changes])("%s", (_, use) => {
    const graph = fixture();
    graph.dispose();
    expectRefusal(() => use(graph), "disposed");
  });

  it("fit(), as a rejection", async () => {
    const graph = fixture();
    graph.dispose();
    expect((await rejection(graph.fit({ xs: good, ts: t }))).code).toBe("disposed");
  });

  it.each(["name", "kind", "size", "activation", "loss", "bias", "pre", "post"] as const)(
    "a layer's %s",
    (member) => {
      const graph = fixture();
      const layer = graph.layer("even");
      expect(layer[member]).toBeDefined();
      graph.dispose();
      expectRefusal(() => layer[member], "disposed");
    },
  );

  it.each(["name", "from", "to", "init", "shape", "weights"] as const)("a synapse's %s", (member) => {
    const graph = fixture();
    const synapse = graph.synapses[5]!;
    expect(synapse[member]).toBeDefined();
    graph.dispose();
    expectRefusal(() => synapse[member], "disposed");
  });
});

describe("dispose()", () => {
  it("may be called twice, and by `using`'s symbol", () => {
    const graph = fixture();
    graph.dispose();
    graph.dispose();
    graph[Symbol.dispose]();
    const other = fixture();
    other[Symbol.dispose]();
    expectRefusal(() => other.seed, "disposed");
  });

  it("touches no other graph", () => {
    const [graph, other] = [fixture(), fixture()];
    const before = everything(other);
    graph.dispose();
    expect(everything(other)).toBe(before);
    other.train(good, t);
    expect(everything(other)).not.toBe(before);
  });

  it("during fit() rejects it", async () => {
    const graph = fixture();
    const run = graph.fit({ xs: good, ts: t }, { epochs: 1e6 });
    await new Promise((resolve) => setTimeout(resolve));
    graph.dispose();
    expect((await rejection(run)).code).toBe("disposed");
    expectRefusal(() => graph.seed, "disposed");
  });
});

describe("while fit() runs", () => {
  const waiting = () => {
    const graph = fixture();
    const { promise, resolve } = deferred();
    const run = graph.fit({ xs: good, ts: t }, { epochs: 1, onEpoch: () => promise });
    return { graph, run, finish: resolve };
  };

  it.each(changes)("`busy` is thrown by %s", async (_, use) => {
    const { graph, run, finish } = waiting();
    const before = everything(graph);
    expectRefusal(() => use(graph), "busy");
    expect(everything(graph)).toBe(before);
    finish();
    await run;
    use(graph);
  });

  it("another fit() is rejected", async () => {
    const { graph, run, finish } = waiting();
    expect((await rejection(graph.fit({ xs: good, ts: t }))).code).toBe("busy");
    expectRefusal(() => graph.train(good, t), "busy");
    finish();
    await run;
    await graph.fit({ xs: good, ts: t });
  });

  it.each(reads)("%s is allowed", async (_, use) => {
    const { graph, run, finish } = waiting();
    use(graph);
    finish();
    expect((await run).steps).toBe(1);
  });

  it("ends also when it is rejected", async () => {
    const graph = fixture();
    await rejection(graph.fit({ xs: {}, ts: t }));
    expect(graph.train(good, t)).toBeGreaterThan(0);
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
