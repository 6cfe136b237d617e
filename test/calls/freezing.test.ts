// Frozen parameters don't learn, their derivatives stay the same, and no gradient is computed for nothing.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectRefusal, expectSame, Random, rejection, seed, wrong } from "../support/helpers.js";

const random = new Random(seed);
const xs = { x: random.rows(5, 3) };
const ts = { y: random.rows(5, 2) };

const made = () =>
  new Graph({
    seed,
    inputs: { x: { size: 3, bias: 0.1 } },
    hidden: { a: { size: 4, activation: "tanh", norm: "layer" }, b: { size: 4, activation: "gelu" } },
    outputs: { y: { size: 2, activation: "linear" } },
    synapses: [
      ["x", "a"],
      ["a", "b"],
      ["b", "y"],
      ["x", "b"],
    ],
  });

const blocks = (graph: ReturnType<typeof made>) => ({
  ...Object.fromEntries(graph.layers.map((layer) => [layer.name, Array.from(layer.bias)])),
  gain: Array.from(graph.layer("a").gain!),
  ...Object.fromEntries(graph.synapses.map((s) => [`${s.from.name} ${s.to.name}`, Array.from(s.weights)])),
});

describe("frozen", () => {
  it("keeps each block by itself from learning, and changes nothing for the others", () => {
    const free = made();
    free.train(xs, ts);
    const learnt = blocks(free);
    const start = blocks(made());
    const parts = (graph: ReturnType<typeof made>) => [...graph.layers, ...graph.synapses];
    for (let i = 0; i < parts(made()).length; i++) {
      const graph = made();
      const part = parts(graph)[i]!;
      part.frozen = true;
      graph.train(xs, ts);
      const still =
        "size" in part ? [part.name, ...(part.norm ? ["gain"] : [])] : [`${part.from.name} ${part.to.name}`];
      for (const [name, values] of Object.entries(blocks(graph))) {
        const wanted = still.includes(name) ? start : learnt;
        expectSame(values, wanted[name as keyof typeof wanted], `${name} with ${still} frozen`);
      }
    }
  });

  it("can be set before and after training, and taken back", () => {
    const graph = made();
    graph.train(xs, ts);
    for (const part of [...graph.layers, ...graph.synapses]) part.frozen = true;
    const still = blocks(graph);
    graph.train(xs, ts);
    expect(blocks(graph)).toEqual(still);
    for (const part of [...graph.layers, ...graph.synapses]) part.frozen = false;
    const other = made();
    other.train(xs, ts);
    other.train(xs, ts);
    graph.train(xs, ts);
    expect(blocks(graph)).toEqual(blocks(other));
  });

  it("leaves the derivatives of `gradients` as they are", () => {
    const [graph, free] = [made(), made()];
    for (const part of [...graph.layers, ...graph.synapses]) part.frozen = true;
    expect(graph.gradients(xs, ts)).toEqual(free.gradients(xs, ts));
  });

  it("computes no gradient where nothing learns: what it would be stands as it was", () => {
    // A weight of a frozen way in is set so that its product would be a NaN: a step that computed it would diverge.
    const graph = new Graph({
      inputs: { x: { size: 1, frozen: true } },
      hidden: { a: { size: 1, activation: "relu", frozen: true }, b: { size: 1, activation: "linear" } },
      outputs: { y: { size: 1, activation: "linear" } },
      synapses: [
        ["x", "a", { frozen: true }],
        ["a", "b", { frozen: true }],
        ["b", "y"],
      ],
    });
    graph.synapse("x", "a").weights[0] = -1;
    graph.synapse("a", "b").weights[0] = 1e308;
    graph.synapse("b", "y").weights[0] = 1e3;
    const cost = graph.train({ x: [1] }, { y: [1] });
    expect(Number.isFinite(cost)).toBe(true);
    const { inputs } = graph.gradients({ x: [1] }, { y: [1] });
    expect(Number.isFinite(inputs.x![0]!)).toBe(false);
  });

  it("is read back, saved and loaded", () => {
    const graph = made();
    graph.layer("a").frozen = true;
    graph.synapse("x", "b").frozen = true;
    const copy = Graph.fromJSON(JSON.parse(JSON.stringify(graph)));
    expect(copy.layers.map(({ frozen }) => frozen)).toEqual([false, true, false, false]);
    expect(copy.synapses.map(({ frozen }) => frozen)).toEqual([false, false, false, true]);
    copy.train(xs, ts);
    graph.train(xs, ts);
    expect(JSON.stringify(copy)).toBe(JSON.stringify(graph));
  });

  it("is left out of inputs of class numbers, which have nothing to freeze", () => {
    const graph = new Graph({
      inputs: { word: { size: 2, classes: 3 } },
      outputs: { y: 2 },
      synapses: [["word", "y", { kind: "embedding" }]],
    });
    graph.freeze();
    expect([graph.layer("word").frozen, graph.layer("y").frozen]).toEqual([false, true]);
    expect(graph.synapses[0]!.frozen).toBe(true);
    expectSame(Graph.load(graph.save()).predict({ word: [1, 2] }).y!, graph.predict({ word: [1, 2] }).y, "y");
    const set = (frozen: boolean) => Object.assign(graph.layer("word"), { frozen });
    expectRefusal(() => set(true), "bad-option", "`frozen`", '"word"', "class numbers");
    set(false);
  });

  it("is refused where it is no truth value, and while `fit` runs", async () => {
    const graph = made();
    expectRefusal(
      () => {
        graph.layer("a").frozen = wrong(1);
      },
      "bad-option",
      "frozen",
    );
    expectRefusal(
      () => {
        graph.synapses[0]!.frozen = wrong("yes");
      },
      "bad-option",
      "frozen",
    );
    const run = graph.fit({ xs, ts }, { epochs: 3 });
    expectRefusal(() => {
      graph.layer("a").frozen = true;
    }, "busy");
    expectRefusal(() => {
      graph.synapses[0]!.frozen = true;
    }, "busy");
    await run;
    graph.layer("a").frozen = true;
    graph.dispose();
    expectRefusal(() => graph.synapses[0]!.frozen, "disposed");
    expect((await rejection(graph.fit({ xs, ts }))).code).toBe("disposed");
  });
});

describe("bias: false", () => {
  it("is zeros, that don't learn and can't be written, and no derivative", () => {
    const graph = new Graph({
      seed,
      inputs: { x: { size: 3, bias: false } },
      outputs: { y: { size: 2, bias: false } },
      synapses: [["x", "y"]],
    });
    graph.layer("x").bias.fill(7);
    graph.train({ x: [1, 2, 3] }, { y: [0, 1] });
    expect(Array.from(graph.layer("x").bias)).toEqual([0, 0, 0]);
    expect(Array.from(graph.layer("y").bias)).toEqual([0, 0]);
    expect(Object.keys(graph.gradients({ x: [1, 2, 3] }, { y: [0, 1] }).bias)).toEqual([]);
    expect(graph.layers.map(({ hasBias }) => hasBias)).toEqual([false, false]);
  });

  it("given as numbers, is where it starts", () => {
    const given = new Float32Array([1, 2, 3]);
    const graph = new Graph({
      inputs: { x: { size: 3, bias: given } },
      outputs: { y: { size: 2, bias: 0.5 } },
      synapses: [["x", "y"]],
    });
    given.fill(0);
    expect(Array.from(graph.layer("x").bias)).toEqual([1, 2, 3]);
    expect(Array.from(graph.layer("y").bias)).toEqual([0.5, 0.5]);
    const h = graph.addHidden("h", 2, "tanh", { bias: [4, 5] });
    expect(Array.from(h.bias)).toEqual([4, 5]);
    expect(Array.from(graph.layer("x").bias)).toEqual([1, 2, 3]);
  });
});
