// Connections that are dropped or replaced: the ones that stay, their weights, and their optimizer's state.

import { readFileSync } from "node:fs";
import { Graph, type Optimizer, type Synapse } from "plexus-nn";
import { describe, expect, it } from "vitest";
import {
  type AnyGraph,
  everything,
  expectRefusal,
  expectSame,
  rejection,
  wrong,
} from "../support/helpers.js";

interface Edit {
  readonly sizes: readonly [number, number];
  readonly weights: number[];
  readonly keep: { readonly share: number; readonly connections: number[][]; readonly weights: number[] };
  readonly below: { readonly bound: number; readonly connections: number[][]; readonly weights: number[] };
}
const here = new URL("../reference/maps.json", import.meta.url);
const { edits } = JSON.parse(readFileSync(here, "utf8")) as { edits: Edit[] };

function make(more: object = {}): AnyGraph {
  return new Graph({
    seed: 4,
    optimizer: { name: "adam", rate: 0.01 },
    inputs: { x: 3 },
    hidden: { h: { size: 4, activation: "tanh" } },
    outputs: { y: { size: 2, activation: "linear" } },
    synapses: [
      ["x", "h"],
      ["h", "y", { l2: 0.01, maxNorm: 0.7 }],
    ],
    ...more,
  }) as AnyGraph;
}

const xs = { x: [0.3, -0.8, 0.5, 0.1, 0.9, -0.2] };
const ts = { y: [1, -0.5, 0.25, 0.75] };
const step = (graph: AnyGraph, count = 3) => {
  for (let i = 0; i < count; i++) graph.train(xs, ts);
};

/** Returns the weights of a synapse as the matrix that they are in effect. */
function matrixOf({ connections, weights, from, to }: Synapse): number[] {
  if (connections === undefined) return [...weights];
  const all = new Array(from.size * to.size).fill(0);
  weights.forEach((weight, i) => {
    all[connections[2 * i]! * to.size + connections[2 * i + 1]!] = weight;
  });
  return all;
}

/** Returns the optimizer's steps and moments of a synapse's weights, as a file has them. */
function stateOf(graph: AnyGraph, synapse: Synapse): { steps: unknown; moments: number[][] } {
  const entry = JSON.parse(JSON.stringify(graph)).synapses[graph.synapses.indexOf(synapse)];
  const moments = Object.entries(entry).filter(([name]) => /^weights(Mean|Square|Momentum)$/.test(name));
  const numbersOf = (text: unknown) => [
    ...new Float64Array(Uint8Array.from(Buffer.from(text as string, "base64")).buffer),
  ];
  return { steps: entry.weightsSteps, moments: moments.map(([, text]) => numbersOf(text)) };
}

describe("prune", () => {
  it.each(edits)("keeps the connections of the reference, of $sizes", ({ sizes, weights, keep, below }) => {
    for (const [how, { connections, weights: left }] of [
      [{ share: keep.share }, keep],
      [{ below: below.bound }, below],
    ] as const) {
      const graph: AnyGraph = new Graph({ inputs: { x: sizes[0] }, outputs: { y: sizes[1] } });
      const synapse = graph.connect("x", "y", { init: { values: weights } });
      expect(graph.prune(synapse, how)).toBe(left.length);
      expect([...synapse.connections!]).toEqual(connections.flat());
      expectSame([...synapse.weights], left, "weights");
      expect([synapse.kind, synapse.shape]).toEqual(["sparse", [left.length]]);
    }
  });

  it("computes what the matrix with zeros there does", () => {
    const [graph, plain] = [make(), make()];
    for (const one of [graph, plain]) step(one);
    const synapse = graph.synapse("x", "h");
    expect(graph.prune(synapse, { share: 0.5 })).toBe(6);
    expect(graph.synapse("x", "h")).toBe(synapse);
    plain.synapse("x", "h").weights = matrixOf(synapse);
    expectSame(graph.predict(xs).y!, plain.predict(xs).y!, "y");
    const [one, other] = [graph, plain].map((each) => each.gradients(xs, ts));
    expectSame(one!.inputs.x!, other!.inputs.x!, "the inputs' gradient");
    const { connections } = synapse;
    const dense = other!.weights[0]!.values;
    expect(one!.weights[0]!.shape).toEqual([6]);
    one!.weights[0]!.values.forEach((value, i) => {
      expect(value).toBe(dense[connections![2 * i]! * 4 + connections![2 * i + 1]!]);
    });
  });

  it.each([
    { name: "sgd", rate: 0.1, momentum: 0.9 },
    { name: "adam", rate: 0.1 },
    { name: "rmsprop", rate: 0.1, momentum: 0.5 },
    { name: "nadam", rate: 0.1 },
  ] satisfies Optimizer[])("keeps the state of $name of all that stays, bit for bit", (optimizer) => {
    const graph = make({ optimizer });
    step(graph);
    for (const synapse of graph.synapses) {
      const [before, weights] = [stateOf(graph, synapse), [...synapse.weights]];
      expect(before.moments.length).toBeGreaterThan(0);
      const others = graph.synapses.filter((one) => one !== synapse);
      const rest = others.map((one) => stateOf(graph, one));
      graph.prune(synapse, { share: 0.6 });
      const { connections, to } = synapse;
      const kept = Array.from(
        { length: synapse.weights.length },
        (_, i) => connections![2 * i]! * to.size + connections![2 * i + 1]!,
      );
      const only = (all: number[]) => kept.map((place) => all[place]!);
      expectSame([...synapse.weights], only(weights), "weights");
      expect(stateOf(graph, synapse)).toEqual({ ...before, moments: before.moments.map(only) });
      expect(others.map((one) => stateOf(graph, one))).toEqual(rest);
    }
  });

  it("prunes a sparse synapse further, and its options hold for the rest", () => {
    const graph = make();
    const synapse = graph.synapse("h", "y");
    const kept: number[] = [];
    for (const share of [0.75, 0.5, 0.5]) kept.push(graph.prune(synapse, { share }));
    expect(kept).toEqual([6, 3, 2]);
    const before = graph.synapse("h", "y").connections;
    expect(graph.prune(synapse, { share: 1 })).toBe(2);
    expect(synapse.connections).toEqual(before);
    expect([synapse.l2, synapse.maxNorm, synapse.init]).toEqual([0.01, 0.7, "glorot"]);
    step(graph, 20);
    const [first, second] = synapse.weights;
    expect(Math.max(Math.abs(first!), Math.abs(second!))).toBeLessThanOrEqual(0.7 + 1e-12);
  });

  it("makes a dense synapse sparse, if it keeps everything, too", () => {
    const [graph, plain] = [make(), make()];
    for (const one of [graph, plain]) step(one);
    expect(graph.prune(graph.synapse("x", "h"), { below: 0 })).toBe(12);
    expect(graph.synapse("x", "h").kind).toBe("sparse");
    for (const one of [graph, plain]) step(one);
    expectSame([...graph.synapse("x", "h").weights], [...plain.synapse("x", "h").weights], "weights");
    expectSame(graph.predict(xs).y!, plain.predict(xs).y!, "y");
  });

  it("prunes shared weights at all their synapses", () => {
    const graph: AnyGraph = new Graph({
      seed: 2,
      optimizer: "adam",
      inputs: { x: 3 },
      outputs: { y: 2, z: 2 },
    });
    const own = graph.connect("x", "y");
    const twin = graph.connect("x", "z", { share: own });
    graph.train(xs, { y: [0, 1, 1, 0], z: [1, 1, 0, 0] });
    expect(graph.prune(twin, { share: 0.5 })).toBe(3);
    expect([own.kind, twin.kind, twin.share]).toEqual(["sparse", "sparse", own]);
    expect(twin.connections).toEqual(own.connections);
    expectSame([...twin.weights], [...own.weights], "weights");
    const { y, z } = graph.predict(xs);
    expectSame(y!, z!, "outputs");
    graph.train(xs, { y: [0, 1, 1, 0], z: [1, 1, 0, 0] });
    graph.remove(own);
    expect([twin.kind, twin.share, twin.shape]).toEqual(["sparse", undefined, [3]]);
    graph.train(xs, { z: [1, 1, 0, 0] });
  });

  it("takes the earlier of equal weights, and the bound itself stays", () => {
    const graph: AnyGraph = new Graph({ inputs: { x: 2 }, outputs: { y: 3 } });
    const values = [0.5, -0.5, 0.25, 0.5, -0, 0];
    const synapse = graph.connect("x", "y", { init: { values } });
    const copy = graph.clone() as AnyGraph;
    expect(graph.prune(synapse, { share: 1 / 3 })).toBe(2);
    expect([...synapse.connections!]).toEqual([0, 0, 0, 1]);
    expect(copy.prune(copy.synapses[0]!, { share: 5 / 6 })).toBe(5);
    expectSame([...copy.synapses[0]!.weights], values.slice(0, 5), "weights");
    expect(copy.prune(copy.synapses[0]!, { below: 0.5 })).toBe(3);
  });

  it("takes a synapse that would start orthogonal", () => {
    const graph = make({ init: { name: "orthogonal", gain: 2 } });
    graph.prune(graph.synapse("x", "h"), { share: 0.5 });
    expect(graph.synapse("x", "h").init).toBe("values");
    expect(graph.synapse("h", "y").init).toEqual({ name: "orthogonal", gain: 2 });
    graph.train(xs, ts);
  });

  it("refuses other kinds, and options that say nothing, with nothing changed", () => {
    const graph = make();
    graph.addHidden("k", 4);
    const [synapse, identity] = [graph.synapse("x", "h"), graph.connect("h", "k", { kind: "identity" })];
    step(graph);
    const before = everything(graph);
    const refused = (call: () => unknown, ...mentions: string[]) => {
      expectRefusal(call, "bad-option", ...mentions);
      expect(everything(graph)).toBe(before);
    };
    refused(() => graph.prune(identity, { share: 0.5 }), '"h" to "k"', "identity");
    refused(() => graph.prune(synapse, wrong({})), "`share` or `below`, not none");
    refused(() => graph.prune(synapse, wrong(undefined)), "none");
    refused(() => graph.prune(synapse, wrong({ share: 0.5, below: 1 })), "both");
    refused(() => graph.prune(synapse, wrong({ keep: 0.5 })), '"keep"');
    refused(() => graph.prune(synapse, wrong(0.5)), "0.5");
    for (const share of [0, -0.1, 1.1, NaN, Infinity, "0.5", null, 1n]) {
      refused(() => graph.prune(synapse, wrong({ share })), "`share` of prune");
    }
    for (const below of [-1, NaN, Infinity, "1", null]) {
      refused(() => graph.prune(synapse, wrong({ below })), "`below` of prune");
    }
    refused(() => graph.prune(synapse, { below: 1e9 }), "No connection", '"x" to "h"');
    refused(() => graph.prune(synapse, { share: 1e-12 }), "No connection");
    refused(() => graph.prune(wrong("x"), { share: 0.5 }), "`prune` takes a Synapse");
    const other = make();
    expectRefusal(() => graph.prune(other.synapses[0]!, { share: 0.5 }), "unknown-synapse", "another graph");
    graph.remove(synapse);
    expectRefusal(() => graph.prune(synapse, { share: 0.5 }), "disposed", "removed");
  });

  it("refuses weights that are not finite", () => {
    const graph = make();
    const synapse = graph.synapse("x", "h");
    synapse.weights[3] = NaN;
    expectRefusal(() => graph.prune(synapse, { share: 0.5 }), "not-finite", "NaN");
    expect(synapse.kind).toBe("dense");
  });

  it("waits for `fit` to end", async () => {
    const data = { xs: { x: [[1, 2, 3]] }, ts: { y: [[1, 2]] } };
    const graph = make();
    const [one, run] = [graph.synapse("x", "h"), graph.fit(data, { epochs: 3 })];
    expectRefusal(() => graph.prune(one, { share: 0.5 }), "busy");
    expectRefusal(() => graph.rewire(one, [[0, 0]]), "busy");
    expectRefusal(() => graph.widen("h", 5), "busy");
    await run;
    graph.prune(one, { share: 0.5 });
    graph.dispose();
    expectRefusal(() => graph.prune(one, { share: 0.5 }), "disposed");
    expect((await rejection(graph.fit(data))).code).toBe("disposed");
  });
});

describe("rewire", () => {
  const pairs = [[0, 0], [0, 3], [1, 1], [2, 2], [2, 3]] as const; // biome-ignore format: a list

  it("keeps weights and state of connections that stay; new ones start at 0, without state", () => {
    const graph = make({ synapses: [["x", "h", { kind: "sparse", connections: pairs }], ["h", "y"]] });
    const synapse = graph.synapse("x", "h");
    step(graph);
    const [weights, before] = [[...synapse.weights], stateOf(graph, synapse)];
    graph.rewire(synapse, [[2, 3], [0, 1], [1, 1], [0, 0], [1, 2], [2, 0]]); // biome-ignore format: a list
    expect(graph.synapse("x", "h")).toBe(synapse);
    expect([...synapse.connections!]).toEqual([0, 0, 0, 1, 1, 1, 1, 2, 2, 0, 2, 3]);
    expectSame([...synapse.weights], [weights[0]!, 0, weights[2]!, 0, 0, weights[4]!], "weights");
    const moments = before.moments.map((all) => [all[0]!, 0, all[2]!, 0, 0, all[4]!]);
    expect(stateOf(graph, synapse)).toEqual({ ...before, moments });
    step(graph);
    expect([...synapse.weights].every((weight) => weight !== 0)).toBe(true);
  }); // biome-ignore format: tables

  it("takes as many connections as before, and a typed array, and the same ones", () => {
    const graph = make({ synapses: [["x", "h", { kind: "sparse", connections: pairs }], ["h", "y"]] });
    const synapse = graph.synapse("x", "h");
    step(graph);
    const weights = [...synapse.weights];
    const before = graph.predict(xs).y!;
    const file = everything(graph);
    graph.rewire(synapse, synapse.connections!);
    graph.rewire(synapse, [...pairs].reverse());
    expect(everything(graph)).toBe(file);
    expect(graph.predict(xs).y).toEqual(before);
    graph.rewire(synapse, Uint32Array.of(0, 0, 0, 3, 1, 1, 2, 0, 2, 3));
    expectSame([...synapse.weights], [...weights.slice(0, 3), 0, weights[4]!], "weights");
  }); // biome-ignore format: tables

  it("rewires shared weights at all their synapses", () => {
    const graph: AnyGraph = new Graph({
      seed: 2,
      optimizer: "adam",
      inputs: { x: 3 },
      outputs: { y: 4, z: 4 },
    });
    const own = graph.connect("x", "y", { kind: "sparse", connections: pairs });
    const twin = graph.connect("x", "z", { kind: "sparse", share: own });
    graph.rewire(twin, [[2, 2], [1, 0]]); // biome-ignore format: a list
    expect([...own.connections!]).toEqual([1, 0, 2, 2]);
    expect(twin.connections).toEqual(own.connections);
    const { y, z } = graph.predict(xs);
    expectSame(y!, z!, "outputs");
  });

  it("refuses dense synapses and wrong connections, with nothing changed", () => {
    const graph = make({ synapses: [["x", "h", { kind: "sparse", connections: pairs }], ["h", "y"]] });
    const synapse = graph.synapse("x", "h");
    step(graph);
    const before = everything(graph);
    const refused = (call: () => unknown, ...mentions: string[]) => {
      expectRefusal(call, "bad-option", ...mentions);
      expect(everything(graph)).toBe(before);
    };
    refused(() => graph.rewire(graph.synapse("h", "y"), [[0, 0]]), "dense", "`prune`");
    for (const [connections, ...mentions] of [
      [undefined, "undefined"],
      [[], "none"],
      [[[0, 0], [0, 4]], "[0, 4]", '"h" has units from 0 to 3'],
      [[[3, 0]], '"x"'],
      [[[0, 0], [1, 1], [0, 0]], "[0, 0] twice"],
      [[[0.5, 0]], "[0.5, 0]"],
      [[[0, 0, 1]], "array of 3"],
      [[0, 0], "not 0"],
      [Uint32Array.of(0, 0, 1), "3 numbers"],
    ] as [unknown, ...string[]][]) refused(() => graph.rewire(synapse, wrong(connections)), ...mentions);
  }); // biome-ignore format: tables

  it("reads connections before it looks at the graph", () => {
    const graph = make({ synapses: [["x", "h", { kind: "sparse", connections: pairs }], ["h", "y"]] });
    const synapse = graph.synapse("x", "h");
    const pair = {
      get 0() {
        graph.remove(synapse);
        return [0, 0];
      },
      length: 1,
    };
    const list = Object.assign([], { 0: [0, 0] });
    Object.defineProperty(list, 0, { get: () => pair[0] });
    expectRefusal(() => graph.rewire(synapse, wrong(list)), "disposed");
  }); // biome-ignore format: tables
});
