// Many graphs of a precision share its memory, and give it back.

import { spawnSync } from "node:child_process";
import { type Checkpoint, Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectSame } from "../support/helpers.js";

const xs = { x: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8] };
const ts = { y: [0, 1] };

function make(seed: number): AnyGraph {
  const graph: AnyGraph = new Graph({ seed, precision: seed % 2 === 0 ? "float64" : "float32" });
  graph.addInput("x", 4);
  graph.addHidden("h", 30, "tanh");
  graph.addOutput("y", 1);
  graph.connect("x", "h");
  graph.connect("h", "y");
  return graph;
}

/** Returns the bytes of the engine's memory, by a live view. */
const memory = (graph: AnyGraph) => graph.layer("x").bias.buffer.byteLength as number;

describe("a thousand live graphs", () => {
  it("have one memory for each precision, and each graph its own parameters and states", () => {
    const graphs = Array.from({ length: 1000 }, (_, i) => make(i));
    const costs = graphs.map((graph) => graph.train(xs, ts));
    for (const graph of graphs) graph.train(xs, ts);
    expect(new Set(graphs.map((graph) => graph.layer("x").bias.buffer)).size).toBe(2);
    for (const i of [0, 1, 2, 499, 500, 998, 999]) {
      const alone = make(i);
      expect(alone.train(xs, ts)).toBe(costs[i]);
      alone.train(xs, ts);
      expect(JSON.stringify(graphs[i])).toBe(JSON.stringify(alone));
      expectSame(graphs[i]!.layer("h").post, alone.layer("h").post, `states of graph ${i}`);
    }
    // Every other one goes; the rest learn on as if nothing had been.
    for (const [i, graph] of graphs.entries()) if (i % 2 === 0) graph.dispose();
    const replaced = Array.from({ length: 500 }, (_, i) => make(5000 + i));
    for (const graph of replaced) graph.train(xs, ts);
    for (const i of [1, 501, 999]) {
      const alone = make(i);
      for (let step = 0; step < 3; step++) alone.train(xs, ts);
      graphs[i]!.train(xs, ts);
      expect(JSON.stringify(graphs[i])).toBe(JSON.stringify(alone));
    }
    for (const graph of [...graphs, ...replaced]) graph.dispose();
  });
});

describe("ten thousand graphs", () => {
  it("made and disposed of take no more memory than the first hundred", () => {
    const keeper = make(0);
    const lived = (i: number) => {
      const graph = make(i);
      graph.train(xs, ts);
      graph.predict({ x: new Float64Array(400) });
      graph.addHidden("k", 10);
      graph.connect("h", "k");
      graph.gradients(xs, ts);
      graph.dispose();
    };
    for (let i = 0; i < 100; i++) lived(i);
    const before = memory(keeper);
    for (let i = 0; i < 10_000; i++) lived(i);
    expect(memory(keeper)).toBe(before);
    keeper.dispose();
  });

  it("trained by fit and disposed of, too", async () => {
    const keeper = make(0);
    const lived = async (i: number) => {
      const graph = make(i);
      await graph.fit({ xs, ts }, { epochs: 2, batchSize: 1 });
      graph.dispose();
    };
    for (let i = 0; i < 50; i++) await lived(i);
    const before = memory(keeper);
    for (let i = 0; i < 1000; i++) await lived(i);
    expect(memory(keeper)).toBe(before);
    keeper.dispose();
  });

  it("trained by fit again and again takes no more, nor does it when it is refused", async () => {
    const keeper = make(0);
    const data = { xs: { x: new Float64Array(4 * 5000) }, ts: { y: new Float64Array(5000) } };
    const spoilt = { ...data, ts: { y: new Float64Array(5000).fill(2) } };
    const lived = async () => {
      await keeper.fit(data, { batchSize: 1000 });
      await expect(keeper.fit(spoilt, { batchSize: 1000 })).rejects.toThrow("[0, 1]");
      let resume: Checkpoint | undefined;
      const options = { batchSize: 1000, validation: 0.2, scale: { x: "minmax" }, patience: 9 } as const;
      await keeper.fit(data, {
        ...options,
        checkpoint: {
          save: (one) => {
            resume = one;
          },
        },
      });
      await keeper.fit(data, { ...options, epochs: 2, resume: resume! });
      await expect(keeper.fit(data, { batchSize: 999, resume: resume! })).rejects.toThrow("batchSize");
      await keeper.fit([data], { validation: data, metrics: ["f1"] });
    };
    await lived();
    const before = memory(keeper);
    for (let i = 0; i < 50; i++) await lived();
    expect(memory(keeper)).toBe(before);
    keeper.dispose();
  });

  it("refused while they are declared take none", () => {
    const keeper = make(0);
    const refused = () => {
      expect(
        () =>
          new Graph({
            inputs: { x: 1000 },
            hidden: { h: 1000 },
            synapses: [
              ["x", "h"],
              ["h", "x"],
            ],
          } as never),
      ).toThrow();
    };
    for (let i = 0; i < 20; i++) refused();
    const before = memory(keeper);
    for (let i = 0; i < 300; i++) refused();
    expect(memory(keeper) - before).toBeLessThan(2 ** 20);
    keeper.dispose();
  });
});

/** Runs code in a Node of its own that can be asked to collect garbage, and reads the JSON that it prints. */
function collecting(code: string): Record<string, number> {
  const module = JSON.stringify(new URL("../../dist/index.js", import.meta.url).href);
  const program = `import { Graph } from ${module};
    const make = (seed) => new Graph({ seed, inputs: { x: 100 }, hidden: { h: 100 }, outputs: { y: 1 },
      synapses: [["x", "h"], ["h", "y"]] });
    const x = new Float64Array(100), y = [1];
    const memory = () => keeper.layer("x").bias.buffer.byteLength;
    const turn = () => new Promise((resolve) => setTimeout(resolve));
    const collect = async () => { for (let i = 0; i < 3; i++) { globalThis.gc(); await turn(); } };
    const keeper = make(0);
    ${code}`;
  const words = ["--expose-gc", "--input-type=module", "--eval", program];
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Record<string, number>;
}

describe("garbage collection", () => {
  it("gives back ten thousand graphs that were dropped, over turns of the event loop", () => {
    // Without it they would take 10,000 times 170 kB and more: 1.7 GB.
    const { after, trained } = collecting(`
      let trained = 0;
      for (let i = 0; i < 10_000; i++) {
        make(i).train({ x }, { y });
        trained++;
        if (i % 250 === 249) await collect();
      }
      console.log(JSON.stringify({ after: memory(), trained }));`);
    expect(trained).toBe(10_000);
    expect(after).toBeLessThan(200e6);
  });

  it("leaves a graph alone of which a layer, or a synapse, is kept", () => {
    const { layer, synapse, buffer } = collecting(`
      const layer = (() => { const g = make(1); g.layer("h").bias.fill(3); return g.layer("h"); })();
      const synapse = (() => { const g = make(2); const s = g.synapse("h", "y"); s.weights.fill(4); return s; })();
      for (let round = 0; round < 5; round++) {
        await collect();
        for (let i = 0; i < 50; i++) make(i).layer("h").bias.fill(9);
      }
      const all = (values, wanted) => Number(values.every((value) => value === wanted));
      console.log(JSON.stringify({ layer: all(layer.bias, 3), synapse: all(synapse.weights, 4), buffer: layer.bias.length }));`);
    expect({ layer, synapse, buffer }).toEqual({ layer: 1, synapse: 1, buffer: 100 });
  });

  it("leaves a graph alone that is in training", () => {
    const { steps, steady } = collecting(`
      const run = (() => {
        const graph = make(1);
        return graph.fit({ xs: { x: new Float64Array(100 * 2000) }, ts: { y: new Float64Array(2000) } }, { epochs: 20 })
          .then((history) => ({ history, graph }));
      })();
      for (let round = 0; round < 10; round++) {
        await collect();
        for (let i = 0; i < 20; i++) make(i).train({ x }, { y });
      }
      const { history, graph } = await run;
      const other = make(1);
      await other.fit({ xs: { x: new Float64Array(100 * 2000) }, ts: { y: new Float64Array(2000) } }, { epochs: 20 });
      console.log(JSON.stringify({ steps: history.steps, steady: Number(JSON.stringify(graph) === JSON.stringify(other)) }));`);
    expect({ steps, steady }).toEqual({ steps: 20 * 63, steady: 1 });
  });
});
