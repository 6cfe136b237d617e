// The core's memory may grow at any allocation, and every view of it is then empty: nothing may be written to an old one.

import type * as Plexus from "plexus-nn";
import { expect, it, vi } from "vitest";
import { wrong } from "../support/helpers.js";
import { data, ts, xs } from "../support/training.js";

const { Instance } = WebAssembly;

/** Makes an instance whose memory grows before every allocation. */
function Growing(...given: ConstructorParameters<typeof Instance>) {
  const { exports } = new Instance(...given);
  if (!("alloc" in exports)) return { exports };
  const { memory, alloc } = exports as { memory: WebAssembly.Memory; alloc: (bytes: number) => number };
  const grown = (bytes: number) => {
    memory.grow(1);
    return alloc(bytes);
  };
  return { exports: { ...exports, alloc: grown } };
}

/** Returns the results of all that a graph can do, as text. */
async function everything({ Graph, Scaler }: typeof Plexus, precision: Plexus.Precision): Promise<string> {
  const found: unknown[] = [];
  const optimizers: Plexus.Optimizer[] = [{ name: "sgd" }, { name: "adam", clipNorm: 1 }];
  for (const optimizer of optimizers) {
    const graph = new Graph<string, string, string, Plexus.Precision>({ seed: 5, precision, optimizer });
    graph.addInput("x", 4);
    graph.addInput("c", 1);
    graph.addHidden("h", 6, "tanh", { dropout: 0.3 });
    graph.addHidden("n", 5, "relu", { norm: "layer" });
    graph.addOutput("y", 3, "softmax");
    graph.addOutput("z", 1, "linear");
    graph.connect("x", "h", { l1: 0.01, maxNorm: 1 });
    graph.connect("c", "h", { l2: 0.01, init: "orthogonal" });
    graph.connect("h", "n", { maxNorm: 0.5 });
    graph.connect("n", "y");
    graph.connect("h", "z");
    graph.scale("x", Scaler.fit(xs.x, 4));
    found.push(graph.predict(xs), graph.train(xs, ts), graph.train(xs, { y: ts.y }), graph.evaluate(xs, ts));
    const sampleWeights = xs.c.map(([c]) => Math.abs(c!));
    found.push(graph.gradients(xs, ts, { sampleWeights }), graph.evaluate(xs, ts, { sampleWeights }));
    const checkpoints: Plexus.Checkpoint[] = [];
    const save = (one: Plexus.Checkpoint) => void checkpoints.push(one);
    const options = { epochs: 3, validation: 0.3, patience: 2, scale: { z: "standard" } } as const;
    await graph.fit(data, { ...options, checkpoint: { save } });
    found.push(graph.toJSON(), [...graph.save()]);
    graph.addHidden("late", 3);
    graph.connect("x", "late", { l2: 0.1 });
    graph.connect("late", "z", { maxNorm: 1 });
    found.push(graph.train(xs, ts), graph.clone().train(xs, ts), graph.toJSON());
    const again = Graph.fromJSON(wrong(checkpoints[0]!.graph));
    await again.fit(data, { ...options, resume: checkpoints[0]! });
    found.push(again.toJSON());
  }
  return JSON.stringify(found);
}

it.each(["float64", "float32"] as const)(
  "memory that grows at any allocation loses no number in %s",
  async (precision) => {
    const plain = await everything(await import("plexus-nn"), precision);
    vi.resetModules();
    Object.assign(WebAssembly, { Instance: Growing });
    try {
      expect(await everything(await import("plexus-nn"), precision)).toBe(plain);
    } finally {
      Object.assign(WebAssembly, { Instance });
      vi.resetModules();
    }
  },
);
