// The words of records that tell the core of time: loops, directions, delays, initial values, and the runs of a step.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import type { Network } from "../../src/calls/network.js";
import { membersOf } from "../support/core.js";
import { type AnyGraph, wrong } from "../support/helpers.js";

/** Returns the network of a graph. */
function networkOf(graph: AnyGraph): Network {
  const inside = Symbol.for("plexus-nn: inside of the engine");
  return (Graph as unknown as Record<symbol, { networkOf(graph: AnyGraph): Network }>)[inside]!.networkOf(
    graph,
  );
}

const layerWord = (word: string) => membersOf("LayerWord").indexOf(word);
const synapseWord = (word: string) => membersOf("SynapseWord").indexOf(word);

/** Makes a graph of a loop of two layers, a loop back of one, and layers outside of loops. */
function make(optimizer: "sgd" | "adam" = "sgd"): AnyGraph {
  const graph = new Graph({
    seed: 1,
    optimizer,
    inputs: { x: 2, place: { size: 2, time: false } },
    hidden: {
      b: { size: 2, initial: [1, 2] },
      a: 2,
      back: { size: 2, join: "product" },
      free: { size: 2, initial: true },
    },
    outputs: { y: 2, z: 2 },
    synapses: [
      ["x", "a"],
      ["a", "b"],
      ["b", "a", { delay: 3 }],
      ["b", "a", { delay: 1 }],
      ["place", "back"],
      ["back", "back", { delay: -2 }],
      ["b", "back", { kind: "oneToOne", init: "he" }],
      ["back", "y"],
      ["b", "y", { at: "first" }],
      ["x", "free"],
      ["free", "z", { at: "last" }],
    ],
  });
  return graph as AnyGraph;
}

describe("the record", () => {
  const graph = make();
  const net = networkOf(graph);
  net.memory.layout();
  const { records, core, parameters } = net.memory;
  const ofLayers = (word: string) =>
    net.topology.layers.map((layer) => core.u32[(records.layer(layer) >>> 2) + layerWord(word)]);
  const ofSynapses = (word: string) =>
    net.topology.synapses.map(
      (synapse) => core.u32[(records.synapse(synapse) >>> 2) + synapseWord(word)]! | 0,
    );

  // The layers are x, place, b, a, back, free, y, z.
  it.each([
    ["join", [0, 0, 0, 0, 1, 0, 0, 0]],
    ["timed", [1, 0, 1, 1, 1, 1, 1, 0]],
    ["loop", [0, 0, 2, 2, 1, 0, 0, 0]],
    ["reversed", [0, 0, 0, 0, 1, 0, 0, 0]],
    ["depth", [0, 0, 3, 0, 0, 0, 0, 0]],
  ])("of layers has the words %s", (word, wanted) => {
    expect(ofLayers(word)).toEqual(wanted);
  });

  it.each([
    ["kind", [0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]],
    ["delay", [0, 0, 3, 1, 0, -2, 0, 0, 0, 0, 0]],
    ["at", [0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]],
    ["inside", [0, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0]],
    ["aligned", [1, 1, 0, 0, 0, 0, 1, 1, 0, 1, 0]],
  ])("of synapses has the words %s", (word, wanted) => {
    expect(ofSynapses(word)).toEqual(wanted);
  });

  it("points to initial values, and 0 without", () => {
    const wanted = net.topology.layers.map(({ initial }) =>
      initial === undefined ? 0 : parameters.pointer(initial),
    );
    expect(ofLayers("initial")).toEqual(wanted);
    expect(wanted.filter((pointer) => pointer !== 0)).toHaveLength(2);
  });

  it("has loops after their sources, each in one piece, in passes", () => {
    const names = (outputs: string[]) =>
      net.memory.pass(net.topology.outputsOf(outputs)).layers.map(({ name }) => name);
    expect(names(["y"])).toEqual(["place", "x", "a", "b", "back", "y"]);
    expect(names(["z"])).toEqual(["x", "free", "z"]);
  });
});

describe.each(["sgd", "adam"] as const)("the runs of a step of %s", (optimizer) => {
  it("have a run of their own for initial values that a pass reaches", () => {
    const graph = make(optimizer);
    const net = networkOf(graph);
    for (const [output, wanted] of [
      ["y", ["b"]],
      ["z", []],
    ] as const) {
      const pass = net.memory.pass(net.topology.outputsOf([output]));
      net.training.ensure(pass, 1, "gradients");
      const { u32 } = net.memory.core;
      const words = membersOf("RunWord");
      const at = (word: string) => words.indexOf(word);
      const word = (name: string) => u32[(pass.record >>> 2) + membersOf("PassWord").indexOf(name)]!;
      const runs = Array.from({ length: word("runCount") }, (_, i) => {
        const run = (word("runs") >>> 2) + i * (words.length - 1);
        return {
          values: u32[run + at("values")]!,
          initial: u32[run + at("initial")]!,
          count: u32[run + at("count")]!,
        };
      });
      const initial = runs.filter((run) => run.initial !== 0);
      const layers = wanted.map((name) => net.topology.layer(name));
      expect(initial).toEqual(
        layers.map((layer) => ({
          values: net.memory.parameters.pointer(layer.initial!),
          initial: net.memory.records.layer(layer),
          count: net.memory.parameters.round(2),
        })),
      );
      const pointer = net.memory.parameters.pointer(net.topology.layer("free").initial!);
      const holds = (run: { values: number; count: number }) =>
        run.values <= pointer && pointer < run.values + run.count * net.memory.core.bytes;
      expect(runs.some(holds)).toBe(false);
    }
  });
});

describe("the trainable layers", () => {
  const isIdle = (graph: AnyGraph, name: string) => {
    const net = networkOf(graph);
    net.training.ensure(net.memory.pass(net.topology.allOutputs), 1, "gradients");
    const { records, core, topology } = { ...net.memory, topology: net.topology };
    const flags = core.u32[(records.layer(topology.layer(name)) >>> 2) + layerWord("flags")]!;
    return (flags & 4) !== 0;
  };

  it("are all layers of a loop, if one of them learns", () => {
    const frozen = { frozen: true, bias: false };
    const loop = (options: object) =>
      new Graph({
        seed: 1,
        inputs: { x: { size: 1, ...frozen } },
        hidden: {
          a: { size: 1, ...frozen },
          b: { size: 1, ...frozen },
          c: wrong({ size: 1, ...frozen, ...options }),
        },
        outputs: { y: { size: 1, ...frozen } },
        synapses: (
          [
            ["x", "a"],
            ["a", "b"],
            ["b", "c"],
            ["c", "a", 1],
            ["b", "y"],
          ] as const
        ).map(([from, to, delay = 0]) => [from, to, { delay, frozen: true }] as const),
      }) as AnyGraph;
    const names = ["x", "a", "b", "c", "y"];
    expect(names.map((name) => isIdle(loop({}), name))).toEqual([true, true, true, true, true]);
    for (const options of [
      { bias: true, frozen: false },
      { initial: true, frozen: false },
    ]) {
      expect(names.map((name) => isIdle(loop(options), name))).toEqual([true, false, false, false, false]);
    }
  });
});
