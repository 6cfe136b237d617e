// The effects of a removal, and the parts that stay.

import { Graph, Scaler } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, everything, expectRefusal, rejection, wrong } from "../support/helpers.js";

function make(options: object = {}) {
  return new Graph({
    seed: 3,
    optimizer: { name: "adam", rate: 0.01 },
    inputs: { x: 2, z: 3 },
    hidden: { a: 4, b: { size: 4, activation: "tanh", norm: "layer" } },
    outputs: { y: 2, w: { size: 1, activation: "linear" } },
    synapses: [
      ["x", "a"],
      ["z", "a"],
      ["a", "b"],
      ["x", "b"],
      ["b", "y"],
      ["a", "w"],
    ],
    ...options,
  }) as AnyGraph;
}

const xs = { x: [0.1, -0.4], z: [1, 0.2, -0.7] };
const ts = { y: [0, 1], w: [0.3] };

describe("remove", () => {
  it("takes a layer with its synapses, and frees its names and places", () => {
    const graph = make();
    const [y, w, named] = [graph.layer("y"), graph.layer("w"), graph.connect("x", "y", { name: "skip" })];
    graph.train(xs, ts);
    graph.remove("y");
    expect(graph.layers.map(({ name }) => name)).toEqual(["x", "z", "a", "b", "w"]);
    expect(graph.outputs).toEqual([w]);
    expect(graph.synapses.map(({ from, to }) => `${from.name} ${to.name}`)).toEqual([
      "x a",
      "z a",
      "a b",
      "x b",
      "a w",
    ]);
    expect(graph.layer("w")).toBe(w);
    expectRefusal(() => graph.layer("y"), "unknown-layer", '"y"');
    const again = graph.addOutput("y", 3);
    expect(again).not.toBe(y);
    graph.connect("b", "y", { name: "skip" });
    graph.connect("x", "y");
    for (const use of [() => y.name, () => named.name]) expectRefusal(use, "disposed", "removed");
    expect(graph.predict(xs).y!.length).toBe(3);
  });

  it("leaves everything else bit for bit, the optimizer's state too", () => {
    const graph = make();
    const kept = make();
    for (let step = 0; step < 3; step++) for (const one of [graph, kept]) one.train(xs, ts);
    graph.remove("y");
    // Towards w alone, y and b take no part.
    for (let step = 0; step < 3; step++) {
      expect(graph.train(xs, { w: ts.w })).toBe(kept.train(xs, { w: ts.w }));
    }
    for (const name of ["a", "b", "w"]) expect(graph.layer(name).bias).toEqual(kept.layer(name).bias);
    const [one, other] = [graph, kept].map((each) => JSON.parse(JSON.stringify(each)));
    expect(one.layers).toEqual(other.layers.filter((layer: { name: string }) => layer.name !== "y"));
    expect(one.state).toEqual(other.state);
  });

  it("says of every use of a kept object that the part is gone", () => {
    const graph = make();
    const layer = graph.layer("b");
    const synapse = graph.synapse("b", "y");
    const gain = layer.gain!;
    graph.remove(layer);
    expect(gain.length).toBe(4);
    const uses: (() => unknown)[] = [
      ...["name", "kind", "size", "activation", "loss", "scaler", "bias", "hasBias", "norm", "gain"].map(
        (member) => () => layer[member as "name"],
      ),
      ...["dropout", "weight", "frozen", "pre", "post"].map((member) => () => layer[member as "name"]),
      ...[
        "name",
        "from",
        "to",
        "kind",
        "init",
        "share",
        "l1",
        "l2",
        "maxNorm",
        "frozen",
        "shape",
        "weights",
      ].map((member) => () => synapse[member as "name"]),
      () => Object.assign(layer, { frozen: true }),
      () => Object.assign(layer, { bias: [1, 2, 3, 4] }),
      () => Object.assign(layer, { gain: [1, 2, 3, 4] }),
      () => Object.assign(synapse, { frozen: true }),
      () => Object.assign(synapse, { weights: new Array(8).fill(0) }),
      () => graph.connect(layer, "w"),
      () => graph.connect("a", layer),
      () => graph.synapse("a", layer),
      () => graph.connect("z", "y", { share: synapse }),
      () => graph.remove(layer),
      () => graph.remove(synapse),
      () => graph.resize(layer, 3),
    ];
    const before = everything(graph);
    for (const use of uses) expectRefusal(use, "disposed", "was removed from its graph");
    expect(everything(graph)).toBe(before);
  });

  it("lets the next pass say what it needs", () => {
    const graph = make();
    graph.train(xs, ts);
    graph.remove(graph.synapse("b", "y"));
    expectRefusal(() => graph.predict(xs), "unconnected", '"y"');
    expectRefusal(() => graph.train(xs, ts), "unconnected", '"y"');
    expect(graph.predict({ x: xs.x, z: xs.z }, { outputs: ["w"] }).w!.length).toBe(1);
    graph.remove("y");
    graph.remove("w");
    expectRefusal(() => graph.predict(xs), "not-an-output");
    graph.remove("x");
    expectRefusal(() => graph.predict(xs, wrong({ outputs: ["y"] })), "unknown-layer");
    expect(graph.inputs.map(({ name }) => name)).toEqual(["z"]);
  });

  it("never uses a number twice that seeded weights, in files neither", () => {
    const graph = make();
    const plain = make();
    graph.remove(graph.synapse("a", "w"));
    expect(JSON.parse(JSON.stringify(graph)).generators).toEqual({ shuffles: 0, connections: 6 });
    const [more, next] = [graph, plain].map((each) => each.connect("x", "w").weights);
    expect([...more!]).toEqual([...next!]);
    for (const loaded of [
      Graph.load(graph.save()),
      Graph.fromJSON(JSON.parse(JSON.stringify(graph))),
      graph.clone(),
    ]) {
      const [one, other] = [loaded, plain.clone()].map((each) => each.connect("z", "w").weights);
      expect([...one!]).toEqual([...other!]);
    }
    const file = JSON.parse(JSON.stringify(graph));
    for (const connections of [5, 6.5, -1, 2 ** 32, "7", null]) {
      const damaged = { ...file, generators: { ...file.generators, connections } };
      expectRefusal(() => Graph.fromJSON(damaged), "bad-file", "generators.connections", "from 6");
    }
  });

  it("hands shared weights to the first that has them, with their penalties and state", () => {
    const graph = make();
    graph.addInput("u", 2);
    graph.addInput("v", 2);
    const first = graph.synapse("x", "a");
    const own = graph.connect("u", "b", { l2: 0.01, maxNorm: 2, init: "he" });
    const [second, third] = [
      graph.connect("v", "b", { share: own }),
      graph.connect("u", "a", { share: own }),
    ];
    const all = { ...xs, u: [0.3, 0.9], v: [-1, 0.5] };
    for (let step = 0; step < 3; step++) graph.train(all, ts);
    const weights = [...own.weights];
    const kept = JSON.parse(JSON.stringify(graph)).synapses[6];
    graph.remove(own);
    expect(second.share).toBeUndefined();
    expect(third.share).toBe(second);
    expect([...second.weights]).toEqual(weights);
    expect([second.l2, second.maxNorm, second.init, third.l2]).toEqual([0.01, 2, "he", 0.01]);
    const file = JSON.parse(JSON.stringify(graph));
    expect(file.synapses[6]).toEqual({ ...kept, from: "v" });
    expect(file.synapses[7]).toEqual({ from: "u", to: "a", share: 6 });
    third.frozen = true;
    expect(second.frozen).toBe(true);
    graph.remove("v");
    expect(third.share).toBeUndefined();
    expect([...third.weights]).toEqual(weights);
    expect(third.frozen).toBe(true);
    graph.remove(third);
    expect(first.share).toBeUndefined();
    graph.train(xs, ts);
  });

  it("hands on weights that have not yet started as they would have", () => {
    const [graph, plain] = [make(), make()];
    const own = graph.connect("a", "y", { init: "normal" });
    const heir = graph.connect("b", "y", { name: "twin", share: own });
    const same = plain.connect("a", "y", { init: "normal" });
    graph.remove(own);
    expect([...heir.weights]).toEqual([...same.weights]);
  });

  it("draws the noise of a graph that never had what went", () => {
    const drop = { hidden: { a: 4, b: { size: 4, dropout: 0.5 } } };
    const graph = make(drop);
    graph.remove("a");
    const plain = new Graph({ seed: 3, optimizer: { name: "adam", rate: 0.01 } });
    plain.addInput("x", 2);
    plain.addInput("z", 3);
    plain.addHidden("b", 4, "sigmoid", { dropout: 0.5 });
    plain.addOutput("y", 2);
    plain.connect("x", "b", { init: { values: graph.synapse("x", "b").weights } });
    plain.connect("b", "y", { init: { values: graph.synapse("b", "y").weights } });
    for (let step = 0; step < 5; step++) {
      expect(graph.train({ x: xs.x }, { y: ts.y })).toBe(plain.train({ x: xs.x }, { y: ts.y }));
    }
  });

  it("may be joined the other way round then", () => {
    const graph = make();
    expectRefusal(() => graph.connect("b", "a"), "cycle", "a → b → a");
    graph.remove(graph.synapse("a", "b"));
    graph.connect("b", "a");
    expectRefusal(() => graph.connect("a", "b"), "cycle", "b → a → b");
    graph.train(xs, ts);
  });

  it("gives the memory back", () => {
    // 120 times 40 MB, with the optimizer's moments: more than the memory of all graphs can be.
    const graph: AnyGraph = new Graph({ seed: 1, precision: "float32", optimizer: { name: "adam" } });
    graph.addInput("x", 1);
    graph.addOutput("y", 1);
    graph.connect("x", "y");
    graph.train({ x: [1] }, { y: [1] });
    graph.addInput("wide", 3200);
    for (let turn = 0; turn < 120; turn++) {
      graph.addHidden("big", 3200);
      const synapse = graph.connect("wide", "big", { init: "zeros" });
      if (turn % 10 === 0) graph.train({ x: [1] }, { y: [1] });
      else if (turn % 2 === 0) synapse.weights[0] = 1;
      graph.remove(turn % 3 === 0 ? graph.layer("big") : "big");
    }
    graph.train({ x: [1] }, { y: [1] });
    graph.dispose();
  });

  it("takes away the scaler and the place of an output in the data", () => {
    const graph = make();
    graph.scale("w", Scaler.fit([1, 2, 3], 1));
    graph.scale("z", Scaler.fit([1, 2, 3, 4, 5, 6], 3));
    graph.remove("z");
    graph.remove("w");
    expect(Object.keys(graph.predict({ x: xs.x }))).toEqual(["y"]);
    expectRefusal(() => graph.predict(xs), "unknown-layer", '"z"');
    expectRefusal(() => graph.train({ x: xs.x }, wrong(ts)), "unknown-layer", '"w"');
    expect(JSON.stringify(graph)).not.toContain("scaler");
  });

  it("is refused while fit runs, and of what isn't there", async () => {
    const graph = make();
    const other = make();
    const before = everything(graph);
    expectRefusal(() => graph.remove(wrong(5)), "bad-option", "a Layer or a Synapse", "5");
    expectRefusal(() => graph.remove(wrong(undefined)), "bad-option");
    expectRefusal(() => graph.remove("c"), "unknown-layer", '"c"');
    expectRefusal(() => graph.remove(other.layer("a")), "foreign-layer", '"a"');
    expectRefusal(() => graph.remove(other.synapse("a", "w")), "unknown-synapse", "another graph");
    const run = graph.fit({ xs, ts }, { epochs: 3 });
    expectRefusal(() => graph.remove("y"), "busy");
    expectRefusal(() => graph.resize("y", 5), "busy");
    await run;
    expect(everything(graph)).not.toBe(before);
    const data = {
      x: [0.1, 0.2],
      get z() {
        graph.remove("a");
        return xs.z;
      },
    };
    expectRefusal(() => graph.predict(data), "busy");
    graph.dispose();
    expectRefusal(() => graph.remove("y"), "disposed");
  });

  it("makes another topology, which no checkpoint goes on with", async () => {
    const graph = make();
    const saved: unknown[] = [];
    const options = { epochs: 2, checkpoint: { save: (one: unknown) => void saved.push(one) } };
    await graph.fit({ xs, ts }, options);
    graph.remove(graph.synapse("x", "b"));
    const refused = await rejection(graph.fit({ xs, ts }, { epochs: 3, resume: wrong(saved[0]) }));
    expect(refused.code).toBe("bad-option");
    expect((await graph.fit({ xs, ts }, { epochs: 3 })).epochs).toHaveLength(3);
    // The same topology again resumes, with the numbers of weights of the checkpoint.
    graph.connect("x", "b");
    graph.remove(graph.synapse("b", "y"));
    graph.remove(graph.synapse("a", "w"));
    graph.remove(graph.synapse("x", "b"));
    for (const [from, to] of [
      ["x", "b"],
      ["b", "y"],
      ["a", "w"],
    ] as const)
      graph.connect(from, to);
    await graph.fit({ xs, ts }, { epochs: 3, resume: wrong(saved[0]) });
    const resumed = make();
    await resumed.fit({ xs, ts }, { epochs: 3, resume: wrong(saved[0]) });
    expect(JSON.stringify(graph)).toBe(JSON.stringify(resumed));
  });

  it("can take everything, and begin anew", () => {
    const graph = make();
    graph.train(xs, ts);
    for (const { name } of graph.layers) graph.remove(name);
    expect([graph.layers, graph.synapses, graph.inputs, graph.outputs]).toEqual([[], [], [], []]);
    expect(Graph.load(graph.save()).layers).toEqual([]);
    graph.addInput("x", 2);
    graph.addOutput("y", 2);
    graph.connect("x", "y");
    graph.train({ x: xs.x }, { y: ts.y });
    expect(JSON.parse(JSON.stringify(graph)).generators.connections).toBe(7);
  });
});
