// Passes are kept, up to a limit, and freed: a freed one is never used again.

import { type ErrorCode, Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectRefusal } from "../support/helpers.js";

const x = { x: [0.1, 0.2] };
const targets = { y0: [0.3, 0.7] };

/** Makes a graph of eight outputs, whose sets make 255 passes, and of outputs that can't be computed. */
function wide() {
  const graph = new Graph({ seed: 1, inputs: { x: 2 } });
  for (let i = 0; i < 8; i++) {
    graph.addOutput(`y${i}`, 2);
    graph.connect("x", `y${i}`);
  }
  graph.addOutput("z", 1);
  graph.addHidden("vast", 1000);
  graph.addOutput("w", 1);
  graph.connect("x", "vast");
  graph.connect("vast", "w");
  return graph;
}

/** Returns whether two graphs have the same bits. */
const same = (a: Graph, b: Graph) => JSON.stringify(a) === JSON.stringify(b);

/** Returns the outputs whose bits are set in a number. */
const set = (bits: number) => [...Array(8).keys()].filter((i) => (bits >> i) & 1).map((i) => `y${i}`);

/** Predicts for as many sets of outputs, each of which makes a pass. */
function make(graph: Graph, count: number) {
  for (let bits = 1; bits <= count; bits++) graph.predict(x, { outputs: set(bits) });
}

const refusals: readonly (readonly [string, ErrorCode, (graph: Graph) => unknown])[] = [
  ["unconnected", "unconnected", (graph) => graph.predict(x, { outputs: ["z"] })],
  [
    "out of memory",
    "out-of-memory",
    (graph) => graph.train({ x: new Float32Array(2e6) }, { w: new Float32Array(1e6) }),
  ],
  ["missing input", "missing-input", (graph) => graph.predict({}, { outputs: ["y7", "y6"] })],
];

describe.each([63, 64, 255])("after %i passes", (count) => {
  it.each(refusals)("a pass that is refused changes nothing: %s", (_, code, refused) => {
    const graph = wide();
    make(graph, count);
    graph.train(x, targets);
    const other = graph.clone();
    const reference = graph.clone();
    expectRefusal(() => refused(graph), code);
    const untouched = JSON.stringify(other);
    for (let step = 0; step < 3; step++) expect(graph.train(x, targets)).toBe(reference.train(x, targets));
    expect(same(graph, reference)).toBe(true);
    expect(JSON.stringify(other) === untouched).toBe(true);
  });
});

describe("passes", () => {
  it("are made again after they were freed, with the same bits", () => {
    const graph = wide();
    const first = graph.predict(x, { outputs: ["y0"] }).y0;
    make(graph, 255);
    make(graph, 255);
    expect(graph.predict(x, { outputs: ["y0"] }).y0).toEqual(first);
  });

  it("that fit holds are not freed while others are made, and too many are freed after it", async () => {
    const graph = wide();
    const reference = graph.clone();
    const data = { xs: { x: [0.1, 0.2, 0.3, 0.4] }, ts: { y0: [0, 1, 1, 0] } };
    const options = { epochs: 5, batchSize: 1, validation: 0.5, metrics: ["mae" as const] };
    await graph.fit(data, { ...options, onEpoch: () => make(graph, 255) });
    await reference.fit(data, options);
    expect(same(graph, reference)).toBe(true);
    make(graph, 255);
    expect(graph.train(x, targets)).toBe(reference.train(x, targets));
  });

  it("are freed where what learns, the optimizer or the topology changes", () => {
    const graph = wide();
    const reference = wide();
    const changes: ((graph: Graph) => unknown)[] = [
      (g) => (g.layer("y0").frozen = true),
      (g) => (g.layer("y0").frozen = false),
      (g) => (g.optimizer = { name: "adam" }),
      (g) => g.addHidden("new", 3),
      (g) => g.connect("x", "new"),
      (g) => (g.optimizer = { name: "sgd" }),
    ];
    for (const change of changes) {
      graph.train(x, targets);
      reference.train(x, targets);
      make(graph, 70);
      change(graph);
      change(reference);
      expectRefusal(() => graph.predict(x, { outputs: ["z"] }), "unconnected");
      expect(graph.train(x, targets)).toBe(reference.train(x, targets));
    }
    expect(same(graph, reference)).toBe(true);
  });
});
