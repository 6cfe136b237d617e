// Graphs with shapes and all kinds of synapse, copied: by copyFrom, by a run that is resumed, and by a worker.

import { type Checkpoint, Graph, type SynapseOptions } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import { mapped } from "../hostile/corpus.js";
import { type AnyGraph, expectRefusal, Random, rejection, wrong } from "../support/helpers.js";

const textOf = (graph: AnyGraph) => JSON.stringify(graph);

/** Joins two hidden layers of shapes by one synapse. */
function pair(
  options: SynapseOptions,
  from: object | number[] = [4, 4, 2],
  to: object | number[] = [4, 4, 2],
) {
  const graph: AnyGraph = new Graph({ seed: 1 });
  graph.addHidden("a", wrong(from));
  graph.addHidden("b", wrong(to));
  graph.connect("a", "b", wrong(options));
  return graph;
}

/** Makes a graph of a declared layer. */
const lone = (layer: object) => new Graph({ inputs: { x: wrong(layer) } }) as AnyGraph;

describe("copyFrom", () => {
  it("copies all parameters of a graph with maps", () => {
    const graph: AnyGraph = mapped("float64");
    const other = graph.clone();
    const image = new Random(2).numbers(40);
    graph.train({ image, words: [1, 1], signal: [0, 1, 0, 1, 0, 1] }, { y: [0, 0, 1, 0, 1, 0], z: [1, 0] });
    const weights = (one: AnyGraph) => one.synapses.map((synapse) => Array.from(synapse.weights));
    expect(weights(other)).not.toEqual(weights(graph));
    other.copyFrom(graph);
    expect(weights(other)).toEqual(weights(graph));
    expect(other.layers.map(({ bias }) => [...bias])).toEqual(graph.layers.map(({ bias }) => [...bias]));
  });

  const conv = { kind: "conv", kernel: 3 } as const;
  const wide = { kind: "conv", kernel: [1, 3] } as const;
  const pool = { kind: "averagePool", kernel: 3, stride: 1, padding: 1 } as const;
  const gather = (units: number[]) => pair({ kind: "gather", units }, [2], [2]);
  const sparse = (...connections: [number, number][]) => pair({ kind: "sparse", connections }, [2], [2]);
  it.each([
    ["shape", lone([4, 2]), lone([2, 4])],
    ["number of classes", lone({ size: 2, classes: 3 }), lone({ size: 2, classes: 4 })],
    ["length of the bias", lone([4, 2]), lone({ size: [4, 2], bias: new Array(8).fill(0) })],
    [
      'norm of the layer "x" is "group 2" there and "group 1" here',
      lone({ size: [4, 2], norm: { name: "group", groups: 1 } }),
      lone({ size: [4, 2], norm: { name: "group", groups: 2 } }),
    ],
    [
      "norm",
      lone({ size: [4, 2], norm: { name: "group", groups: 1 } }),
      lone({ size: [4, 2], norm: "layer" }),
    ],
    ["kind", pair(conv), pair({ ...conv, kind: "convTranspose" })],
    ["`kernel`", pair(conv), pair(wide)],
    ["`dilation`", pair({ ...conv, padding: 1 }), pair({ ...conv, dilation: 2 })],
    ["`padding`", pair({ ...wide, padding: [0, 1] }), pair({ ...wide, padding: [0, [2, 0]] })],
    ["`groups`", pair({ ...conv, groups: 2 }), pair(conv)],
    ["`countPadding`", pair(pool), pair({ ...pool, countPadding: true })],
    ["`connections`", sparse([0, 0], [1, 1]), sparse([0, 0], [1, 0])],
    ["`connections`", sparse([0, 0], [1, 1]), sparse([0, 0])],
    ["`units`", gather([0, 1]), gather([1, 0])],
  ])("names a difference: %s", (words, one, other) => {
    const [before, there] = [textOf(one), textOf(other)];
    expectRefusal(() => one.copyFrom(other), "bad-option", words);
    expectRefusal(() => other.copyFrom(one), "bad-option");
    expect([textOf(one), textOf(other)]).toEqual([before, there]);
    one.copyFrom(one.clone());
  });

  it("pairs a norm that is the same by another object, and connections in another order", () => {
    const normed = () => lone({ size: [4, 2], norm: { name: "group", groups: 2 } });
    normed().copyFrom(normed());
    const all: [number, number][] = [[1, 1], [0, 0], [0, 1]]; // biome-ignore format: a line
    const [one, other] = [sparse(...all), sparse(...all.reverse())];
    one.copyFrom(other);
    expect([...one.synapses[0]!.weights]).toEqual([...other.synapses[0]!.weights]);
  });
});

const rows = 6;
const random = new Random(4);
const data = {
  xs: {
    image: random.numbers(40 * rows),
    words: Array.from({ length: 2 * rows }, () => random.whole(0, 4)),
    signal: random.numbers(6 * rows),
  },
  ts: {
    y: Array.from({ length: 6 * rows }, (_, i) => +(i % 3 === 0)),
    z: Array.from({ length: 2 * rows }, (_, i) => i % 2),
  },
};
const options = { epochs: 4, batchSize: 2 };

describe("fit", () => {
  it("resumes a graph with maps with the same bits, and none of other connections", async () => {
    const whole: AnyGraph = mapped("float64");
    const saved: Checkpoint[] = [];
    const save = (checkpoint: Checkpoint) => {
      saved.push(JSON.parse(JSON.stringify(checkpoint)));
    };
    await whole.fit(data, { ...options, checkpoint: { save } });
    const resumed: AnyGraph = mapped("float64");
    await resumed.fit(data, { ...options, resume: saved[1]! });
    expect(textOf(resumed)).toBe(textOf(whole));
    const other = JSON.parse(textOf(mapped("float64")));
    const units = Int32Array.of(0, 1, 2, 3, -1, -1);
    other.synapses[12].units = Buffer.from(units.buffer).toString("base64");
    const refused = await rejection(Graph.fromJSON(other).fit(data, { ...options, resume: saved[1]! }));
    expect([refused.code, refused.message]).toEqual(["bad-option", expect.stringContaining("same layers")]);
  });

  it("in a worker gives the same bits", async () => {
    for (const precision of ["float64", "float32"] as const) {
      const [here, there] = [mapped(precision), mapped(precision)] as AnyGraph[];
      await here!.fit(data, options);
      await fit(there!, data, options);
      expect(textOf(there!)).toBe(textOf(here!));
    }
  });
});
