// The work of building and changing a graph grows as the graph does. Work is counted, not timed: allocated or moved bytes,
// visited layers.

import { afterEach, beforeEach, expect, it, vi } from "vitest";

const { Instance } = WebAssembly;
/** Bytes that blocks of memory were zeroed for. */
let zeroed = 0;

/** Makes an instance that counts the bytes it zeroes. */
function Counting(...given: ConstructorParameters<typeof Instance>) {
  const { exports } = new Instance(...given);
  if (!("alloc" in exports)) return { exports };
  const { alloc } = exports as { alloc: (bytes: number) => number };
  const counted = (bytes: number) => {
    zeroed += bytes;
    return alloc(bytes);
  };
  return { exports: { ...exports, alloc: counted } };
}

beforeEach(() => {
  vi.resetModules();
  Object.assign(WebAssembly, { Instance: Counting });
});
afterEach(() => {
  Object.assign(WebAssembly, { Instance });
  vi.resetModules();
  vi.restoreAllMocks();
});

/** Counts the bytes that are moved. */
function moves(): () => number {
  const copy = vi.spyOn(Uint8Array.prototype, "copyWithin");
  return () => copy.mock.calls.reduce((sum, [, from, to]) => sum + to! - from, 0);
}

it.each(["sgd", "adam"] as const)(
  "a graph that grows between passes of %s is copied now and then",
  async (name) => {
    const { Graph } = await import("plexus-nn");
    const graph = new Graph({ seed: 1, optimizer: { name, rate: 1e-3 } });
    graph.addInput("x", 1);
    graph.addOutput("y", 1, "linear");
    graph.connect("x", "y");
    graph.addInput("wide", 256);
    graph.train({ x: [1] }, { y: [1] });
    const moved = moves();
    zeroed = 0;
    const parts = 200;
    for (let i = 0; i < parts; i++) {
      graph.addHidden(`h${i}`, 256);
      graph.connect("wide", `h${i}`); // half a megabyte
      graph.predict({ x: [1] });
      if (i % 2 === 0) graph.train({ x: [1] }, { y: [1] });
      graph.layer(`h${i}`).bias[0] = i;
    }
    const bytes = parts * 256 * 257 * 8;
    const kinds = name === "adam" ? 4 : 2; // parameters, gradients, moments
    expect(zeroed).toBeLessThan(kinds * 5 * bytes);
    expect(moved()).toBeLessThan(kinds * 4 * bytes);
    for (let i = 0; i < parts; i++) expect(graph.layer(`h${i}`).bias[0]).toBe(i);
  },
);

it("parameters that are reserved are not zeroed to see whether there is room", async () => {
  const { Graph } = await import("plexus-nn");
  const graph = new Graph({ seed: 1 });
  graph.addInput("x", 512);
  zeroed = 0;
  for (let i = 0; i < 100; i++) {
    graph.addHidden(`h${i}`, 512);
    graph.connect("x", `h${i}`);
  }
  expect(zeroed).toBe(0);
});

it("what learns is worked out once after any number of changes", async () => {
  const { Graph } = await import("plexus-nn");
  const graph = new Graph({ seed: 1 });
  graph.addInput("x", 1);
  const count = 2000;
  for (let i = 0; i < count; i++) {
    graph.addHidden(`h${i}`, 1);
    graph.connect(i === 0 ? "x" : `h${i - 1}`, `h${i}`);
  }
  graph.addOutput("y", 1);
  graph.connect(`h${count - 1}`, "y");
  graph.train({ x: [1] }, { y: [1] });
  const { layers, synapses } = graph;
  const gone = vi.spyOn(Set.prototype, "add");
  for (const layer of layers) {
    layer.frozen = true;
    expect(layer.bias.length).toBe(1);
  }
  for (const synapse of synapses) synapse.frozen = true;
  graph.train({ x: [1] }, { y: [1] });
  const calls = gone.mock.calls.length;
  gone.mockRestore();
  expect(calls).toBeLessThan(20 * count);
});

it("numbers that are read between connections don't record the whole graph", async () => {
  const { Graph } = await import("plexus-nn");
  const count = 2000;
  const graph = new Graph({ seed: 1 });
  graph.addInput("x", 1);
  zeroed = 0;
  for (let i = 0; i < count; i++) {
    graph.addHidden(`h${i}`, 1);
    graph.connect("x", `h${i}`).weights[0] = i;
  }
  // A layer's record has some 200 bytes.
  expect(zeroed).toBeLessThan(1000 * count);
  for (const { from, to, weights } of graph.synapses) {
    expect(`${from.name} ${to.name}`).toBe(`x h${weights[0]}`);
  }
});
