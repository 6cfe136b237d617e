// Data and graphs of special forms in PyTorch: class numbers, scalers, weights, files of parts, targets of some outputs, float32.

import { Graph, Scaler } from "plexus-nn";
import type { Dataset } from "plexus-nn/torch";
import { beforeAll, describe, expect, it } from "vitest";
import { type AnyGraph, Random, seed } from "../../support/helpers.js";
import { faultsOf, python, required, type Trained, type Trial, trainedHere } from "./trial.js";

const random = new Random(seed * 810_001);
const numbers = (count: number) => random.numbers(count);
const classes = (count: number, of: number) => Array.from({ length: count }, () => random.whole(0, of - 1));

/** Makes a trial of ten steps or more; the last batch is short, and the second process has none of its rows. */
function trial(name: string, graph: AnyGraph, set: Dataset, more: Partial<Trial> = {}): Trial {
  return { name, graph, set, epochs: 4, batchSize: 4, shuffle: true, ...more };
}

/** Makes a softmax over classes. */
function classifier(): AnyGraph {
  return new Graph({
    seed: 3,
    optimizer: "adam",
    inputs: { x: 3 },
    hidden: { h: { size: 4, activation: "tanh" } },
    outputs: { y: { size: 3, activation: "softmax", loss: { name: "crossEntropy", smoothing: 0.1 } } },
    synapses: [
      ["x", "h"],
      ["h", "y"],
    ],
  });
}

/** Makes a graph of two outputs that depend on different inputs, and share a hidden layer. */
function branches(): AnyGraph {
  const graph: AnyGraph = new Graph({
    seed: 5,
    optimizer: { name: "adam", weightDecay: 0.01, clipNorm: 0.5 },
  });
  graph.addInput("a", 2);
  graph.addInput("b", 3);
  graph.addInput("c", 1, "linear", { classes: 4 });
  graph.addHidden("h", 3, "relu");
  graph.addHidden("k", 3, "tanh");
  graph.addOutput("y", 2, "linear");
  graph.addOutput("z", 1, "sigmoid", "entropy", { weight: 0.3 });
  graph.connect("a", "h", { l2: 0.01 });
  graph.connect("h", "y", { maxNorm: 0.8 });
  const own = graph.connect("b", "k", { l1: 0.02, maxNorm: 0.5 });
  graph.connect("c", "k", { kind: "embedding" });
  graph.connect("b", "k", { name: "again", share: own });
  graph.connect("k", "z", { l2: 0.02 });
  graph.connect("h", "z");
  return graph;
}

/** Makes a convnet of every window, with a class at each position. */
function pictures(precision: "float64" | "float32" = "float64"): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 5, precision, optimizer: { name: "adam", rate: 0.01 } });
  graph.addInput("x", [6, 6, 2]);
  graph.addHidden("c", [4, 4, 4], "relu", { norm: { name: "group", groups: 2 } });
  graph.addHidden("p", [2, 2, 4], "linear");
  graph.addHidden("u", [4, 4, 4], "tanh");
  graph.addOutput("y", [4, 4, 3], "softmax");
  graph.addOutput("one", 2, "softmax");
  graph.connect("x", "c", { kind: "conv", kernel: 3, maxNorm: 0.7 });
  graph.connect("c", "p", { kind: "maxPool" });
  graph.connect("p", "u", { kind: "convTranspose", kernel: 2, stride: 2, groups: 2, maxNorm: 0.6 });
  graph.connect("c", "u", { kind: "oneToOne", maxNorm: 0.9 });
  graph.connect("u", "y", { kind: "conv", kernel: 3, padding: "same" });
  graph.connect("p", "one");
  graph.connect("x", "one", { kind: "sparse", density: 0.02, maxNorm: 0.5 });
  return graph;
}

/** Makes a graph of loops over time, with a class at each step and one of a whole sequence. */
function sequences(precision: "float64" | "float32" = "float64"): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 5, precision, optimizer: { name: "adam", rate: 0.01 } });
  graph.addInput("x", 2);
  graph.addInput("context", 1, "linear", { time: false });
  graph.addLstm("cell", 3, ["x", "context"], { peephole: true, initial: true });
  graph.addGru("back", 2, "x", { backward: true });
  graph.addOutput("y", 3, "softmax");
  graph.addOutput("z", 2, "softmax");
  graph.connect("cell", "y");
  graph.connect("back", "y");
  graph.connect("cell", "z", { at: "last" });
  graph.connect("back", "z", { at: "first" });
  return graph;
}

/** Makes a graph of an LSTM and a GRU in either direction, which torch has as one. */
function cells(precision: "float64" | "float32" = "float64"): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 6, precision, optimizer: { name: "adam", rate: 0.01 } });
  graph.addInput("x", 2, "linear", { bias: [0.3, -0.2] });
  graph.addInput("context", 1, "linear", { time: false });
  graph.addLstm("cell", 3, ["x", "context"], { initial: true });
  graph.addLstm("late", 2, ["cell", "x"], { backward: true });
  graph.addGru("gru", 3, ["x", "late"], { initial: true });
  graph.addGru("back", 2, "x", { backward: true });
  graph.addOutput("y", 3, "softmax");
  graph.addOutput("z", 2, "softmax");
  for (const from of ["late", "gru", "back"]) graph.connect(from, "y");
  graph.connect("gru", "z", { at: "last" });
  graph.connect("back", "z", { at: "first" });
  return graph;
}

/** Makes a graph of which one output needs steps, and another none. */
function withoutDelays(): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 8, inputs: { x: 2 }, hidden: { h: 3 }, outputs: { y: 1 } });
  graph.addInput("other", 1);
  graph.addOutput("z", 1, "linear");
  graph.connect("x", "h");
  graph.connect("other", "h");
  graph.connect("h", "h", { delay: 1 });
  graph.connect("h", "y");
  graph.connect("x", "z");
  return graph;
}

/** Returns samples of those lengths. */
const ragged = (lengths: readonly number[], row: () => number[] | number) =>
  lengths.map((length) => Array.from({ length }, row));

function sequenceSet(lengths: readonly number[]): Dataset {
  return {
    xs: { x: ragged(lengths, () => numbers(2)) as never, context: numbers(lengths.length) },
    ts: { y: ragged(lengths, () => random.whole(0, 2)) as never, z: classes(lengths.length, 2) },
  };
}

/** Returns a part of a dataset of samples without steps. */
function part(set: Dataset, from: number, to: number): Dataset {
  const of = (record: object) =>
    Object.fromEntries(
      Object.entries(record).map(([name, rows]) => [name, (rows as unknown[]).slice(from, to)]),
    );
  return { ...set, xs: of(set.xs) as never, ts: of(set.ts) as never };
}

/** The trials by the promises that they keep. */
const promises: Readonly<Record<string, () => readonly Trial[]>> = {
  "takes class numbers, weights of samples and units, and scalers": () => {
    const xs = { x: numbers(27) };
    const ts = { y: classes(9, 3) };
    const units = Array.from({ length: 27 }, (_, i) => (i % 4 === 0 ? 0 : random.next()));
    const scaled = new Graph({
      seed: 4,
      inputs: { x: 2 },
      outputs: { y: { size: 2, activation: "linear" } },
      synapses: [["x", "y"]],
    });
    scaled.scale("x", Scaler.fit([1, 1e6, 3, 2e6], 2));
    scaled.scale("y", Scaler.fit([-4, 2, 7, 5], 2, "minmax"));
    const unseen = { ...xs, x: numbers(27) };
    return [
      trial("classes", classifier(), { xs, ts }),
      trial("weights", classifier(), { xs, ts, sampleWeights: numbers(9) }),
      trial("mask of rows", classifier(), {
        xs: unseen,
        ts: { y: [-1, ...ts.y.slice(1)] },
        mask: { y: [0, 1, 2, 0.5, 1, 1, 3, 0, 1] },
      }),
      trial("mask of units", classifier(), { xs, ts, mask: { y: units }, sampleWeights: numbers(9) }),
      trial("not shuffled", classifier(), { xs, ts }, { shuffle: false, batchSize: 9, epochs: 10 }),
      trial("one row", classifier(), { xs, ts }, { batchSize: 1, epochs: 2 }),
      trial("scaled", scaled, { xs: { x: [1, 1e6, 2, 3e6, 5, 4e6] }, ts: { y: [1, 2, 3, 4, 5, 6] } }),
    ];
  },
  "trains on targets of some outputs, and changes nothing else": () => {
    const [a, b, c] = [random.rows(9, 2), random.rows(9, 3), classes(9, 4).map((one) => [one])];
    const [y, z] = [random.rows(9, 2), classes(9, 2).map((one) => [one])];
    const both = { xs: { a, b, c }, ts: { y, z } };
    const frozen = branches();
    frozen.freeze("h", "z");
    const before = branches();
    for (let i = 0; i < 3; i++) before.train(both.xs, both.ts);
    return [
      trial("all", branches(), both),
      trial("all, after a training", before, both),
      trial("y alone", branches(), { xs: { a }, ts: { y } }),
      trial("z alone", branches(), { xs: { a, b, c }, ts: { z } }),
      trial("a program of y", branches(), { xs: { a }, ts: { y } }, { outputs: ["y"] }),
      trial("frozen", frozen, both),
      trial("in three files", branches(), both, {
        shards: [part(both, 0, 2), part(both, 2, 3), part(both, 3, 9)],
      }),
    ];
  },
  "takes classes at positions and at steps, and sequences of several files": () => {
    const images = {
      xs: { x: random.rows(5, 72) },
      ts: { y: random.rows(5, 16).map((row) => row.map((n) => (n < 0 ? 0 : 2))), one: classes(5, 2) },
    };
    const lengths = [3, 1, 5, 2, 4, 1];
    const set = sequenceSet(lengths);
    const steps = lengths.map((length) =>
      Array.from({ length: 5 }, (_, t) => (t < length ? random.next() : 0)),
    );
    return [
      trial("positions", pictures(), images),
      trial("weights of positions", pictures(), {
        ...images,
        mask: { y: Array.from({ length: 240 }, () => random.next()) },
      }),
      trial("steps", sequences(), set),
      trial("cells", cells(), set),
      trial("weights of steps", sequences(), { ...set, mask: { y: steps.flat() } }),
      trial("files of sequences", sequences(), set, {
        shards: [part(set, 0, 2), part(set, 2, 4), part(set, 4, 6)],
      }),
      trial("rows for an output without delays", withoutDelays(), {
        xs: { x: random.rows(5, 2) },
        ts: { z: random.rows(5, 1) },
      }),
      trial("one step", sequences(), sequenceSet([1, 1, 1, 1])),
    ];
  },
  "trains in float32 to 1e-4": () => {
    const images = {
      xs: { x: random.rows(5, 72) },
      ts: { y: random.rows(5, 48).map((row) => row.map(Math.abs)), one: classes(5, 2) },
    };
    const scaled = new Graph({
      seed: 4,
      precision: "float32",
      inputs: { x: 1 },
      outputs: { y: { size: 1, activation: "linear" } },
      synapses: [["x", "y"]],
    });
    scaled.scale("x", Scaler.fit([1e9, 1e9 + 1], 1));
    return [
      trial("pictures", pictures("float32"), images),
      trial("cells", cells("float32"), sequenceSet([3, 1, 5, 2, 4])),
      trial("sequences", sequences("float32"), sequenceSet([3, 1, 5, 2, 4])),
      // In float32 all of these are the same number.
      trial("scaled", scaled, { xs: { x: [1e9, 1e9 + 0.25, 1e9 + 0.5] }, ts: { y: [1, 2, 3] } }),
    ].map((one) => ({ ...one, tolerance: 1e-4 }));
  },
  "leaves parameters that nothing trains with their bits": () => {
    return (["float64", "float32"] as const).map((precision) => {
      const graph: AnyGraph = new Graph({ seed: 1, precision });
      graph.addInput("x", 3, "linear", {
        frozen: true,
        bias: [-0, precision === "float64" ? 5e-324 : 1e-45, 1],
      });
      graph.addOutput("y", 2, "linear", "mse", { bias: false });
      graph.addOutput("other", 2, "linear");
      graph.connect("x", "y");
      graph.connect("x", "other").weights = [-0, 1e-45, 0, -1e-45, 3, -0];
      const set = { xs: { x: numbers(9) }, ts: { y: numbers(6) } };
      return trial(precision, graph, set, { tolerance: 1e-6 });
    });
  },
};

describe.skipIf(python === undefined && !required)(`PyTorch, PLEXUS_SEED=${seed}`, () => {
  let faults: readonly string[] = [];

  // One run of Python for all, since its start takes longest.
  beforeAll(async () => {
    const trials = Object.entries(promises).flatMap(([promise, make]) =>
      make().map((one) => trainedHere({ ...one, name: `${promise}: ${one.name}` })),
    );
    faults = await faultsOf((await Promise.all(trials)) as Trained[]);
  });

  it.each(Object.keys(promises))("%s", (promise) => {
    expect(faults.filter((fault) => fault.startsWith(promise))).toEqual([]);
  });
});
