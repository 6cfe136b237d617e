// neataptic: its own networks and ours give the same.

import { fromNeataptic } from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import { load } from "../../peers/load.js";
import { type AnyGraph, expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { type Spoilt, spoilt } from "./spoil.js";

const { architect, methods, Network } = await load("neataptic");
const json = (network: { toJSON(): object }) => JSON.parse(JSON.stringify(network.toJSON()));
const squashes = [
  ...["LOGISTIC", "TANH", "IDENTITY", "RELU", "SOFTSIGN", "SINUSOID", "SELU"],
  ...["BIPOLAR_SIGMOID", "INVERSE"],
];

function expectSameValues(network: ReturnType<typeof Network>, random: Random, times = 10) {
  const graph = fromNeataptic(json(network));
  for (let k = 0; k < times; k++) {
    const xs = random.numbers(network.input).map((value) => value * 2);
    expectClose(graph.predict({ input: xs }).output!, network.activate(xs), 1e-12, "outputs");
  }
  return graph;
}

function squash(network: ReturnType<typeof Network>, pick: () => string): void {
  for (const node of network.nodes) {
    if (node.type === "input") continue;
    node.squash = methods.activation[pick()];
    node.bias = Math.fround(node.bias);
  }
}

describe(`neataptic, PLEXUS_SEED=${seed}`, () => {
  it.each(squashes)("%s, in perceptrons whose layers come back as they were", (name) => {
    const random = new Random(seed * 4001);
    const sizes = Array.from({ length: random.whole(3, 5) }, () => random.whole(1, 8));
    const network = new architect.Perceptron(...sizes);
    squash(network, () => name);
    const graph = expectSameValues(network, random);
    expect(graph.layers.map(({ size }) => size)).toEqual(sizes);
    expect(graph.outputs[0]!.loss).toBe("mse");
  });

  it("evolved networks: sparse, with skips, and of several squashes", () => {
    const mutations = ["ADD_NODE", "ADD_CONN", "SUB_CONN", "MOD_WEIGHT", "MOD_BIAS"];
    for (let i = 0; i < 30; i++) {
      const random = new Random(seed * 5003 + i);
      const network = new Network(random.whole(1, 4), random.whole(1, 4));
      for (let k = 0; k < 40; k++) network.mutate(methods.mutation[random.pick(mutations)]);
      squash(network, () => random.pick(squashes));
      expectSameValues(network, random).dispose();
    }
  });

  it("the masks that dropout leaves", () => {
    const network = new architect.Perceptron(3, 5, 2);
    const set = [{ input: [1, 0, 1], output: [0, 1] }];
    network.train(set, { iterations: 3, dropout: 0.4, error: 1e-9 });
    expect(json(network).nodes[4].mask).toBe(0.6);
    expectSameValues(network, new Random(seed));
  });
});

it("outputs of several layers are collected by gathers, which have no weights", () => {
  const network = new architect.Perceptron(2, 3, 2);
  network.nodes[5].squash = methods.activation.TANH;
  const graph = expectSameValues(network, new Random(seed));
  expect(graph.outputs.map(({ hasBias, activation }) => [hasBias, activation])).toEqual([[false, "linear"]]);
  const collecting = graph.synapses.filter(({ to }) => to.kind === "output");
  expect(collecting.map(({ kind }) => kind)).toEqual(["gather", "gather"]);
  expect(graph.synapses.map(({ kind }) => kind).filter((kind) => kind === "dense").length).toBe(3);
});

describe("networks that remember, step by step", () => {
  /** Compares a network that was loaded, which forgot its past, with its graph. */
  function expectSameSteps(network: ReturnType<typeof Network>, random: Random, steps = 6, error = 1e-12) {
    const graph: AnyGraph = fromNeataptic(json(network));
    const loaded = Network.fromJSON(json(network));
    const xs = Array.from({ length: steps }, () => random.numbers(network.input));
    const wanted = xs.flatMap((x) => loaded.activate(x));
    if (!wanted.every((value) => Math.abs(value) < 100)) return graph;
    expectClose(graph.predict({ input: xs.flat() }, { steps }).output!, wanted, error, "steps");
    return graph;
  }

  it.each([
    ["LSTM", () => new architect.LSTM(2, 3, 2, 2)],
    [
      "LSTM with all options",
      () =>
        new architect.LSTM(2, 3, 3, 1, { memoryToMemory: true, outputToMemory: true, outputToGates: true }),
    ],
    ["GRU", () => new architect.GRU(2, 3, 2, 1)],
    ["NARX", () => architect.NARX(2, [3, 2], 1, 3, 2)],
  ])("%s", (_, make) => {
    for (let i = 0; i < 5; i++) expectSameSteps(make(), new Random(seed + i)).dispose();
  });

  it("a layer for each group of an LSTM", () => {
    const graph = expectSameSteps(new architect.LSTM(2, 3, 1), new Random(seed));
    expect(graph.layers.map(({ name, size }) => `${name} ${size}`)).toEqual([
      ...["input 2", "hidden1 3", "hidden2 3", "hidden3.state 3", "hidden3 3", "hidden4 3", "output 1"],
      ...["hidden3.gated1 3", "hidden3.gated2 3", "output.gated1 3"],
    ]);
    expect(graph.synapse("hidden3.state", "hidden3.gated1").kind).toBe("oneToOne");
  });

  it("constants don't learn", () => {
    const graph = expectSameSteps(new architect.GRU(2, 3, 1), new Random(seed));
    const frozen = graph.layers.filter((layer) => layer.frozen).map(({ name }) => name);
    expect(frozen).toEqual(["hidden2", "hidden6"]);
    expect(graph.synapses.filter((synapse) => synapse.frozen).map(({ to }) => to.name)).toEqual(frozen);
  });

  it("evolved networks, with gates and connections to themselves and back in time", () => {
    const mutations = ["ADD_NODE", "ADD_CONN", "MOD_WEIGHT", "ADD_GATE", "ADD_SELF_CONN", "ADD_BACK_CONN"];
    for (let i = 0; i < 80; i++) {
      const random = new Random(seed * 7001 + i);
      const network = new Network(random.whole(1, 4), random.whole(1, 4));
      for (let k = random.whole(10, 60); k > 0; k--) {
        network.mutate(methods.mutation[random.pick(mutations)]);
      }
      squash(network, () => random.pick(squashes));
      for (const node of network.nodes) {
        if (node.type === "hidden" && random.chance(0.1)) node.mask = 0.6;
      }
      // Some amplify each rounding from step to step.
      expectSameSteps(network, random, 4, 1e-8).dispose();
    }
  });

  it.each(["hidden", "output", "later"])("gates from a %s node, also the gated one itself", (kind) => {
    const network = new architect.Perceptron(2, 3, 2);
    const [a, b, c] = network.nodes.slice(2);
    const wire = network.connections.find((one: { to: object }) => one.to === b);
    const gater = kind === "hidden" ? a : kind === "output" ? network.nodes[5] : c;
    network.gate(gater, wire);
    network.gate(b, network.connect(b, b, 0.7)[0]);
    const first = network.connections.find((one: { to: object }) => one.to === a);
    network.gate(a, first);
    expectSameSteps(network, new Random(seed));
  });

  it("a gate that is an input never acts", () => {
    const network = new architect.Perceptron(2, 3, 2);
    network.gate(network.nodes[0], network.connections[2]);
    expectSameValues(network, new Random(seed));
  });

  /** Returns the file of a network with few wires: 40 inputs, 40 hidden neurons and 10 outputs; `isLooped` adds those of memory. */
  function sparseFile(random: Random, isLooped: boolean) {
    const types = ["input", "hidden", "output"].flatMap((type, i) =>
      new Array<string>([40, 40, 10][i]!).fill(type),
    );
    const nodes = types.map((type, index) => ({
      type,
      index,
      bias: random.signed(),
      squash: "TANH",
      mask: 1,
    }));
    const wires = new Map<string, object>();
    const wire = (from: number, to: number, gater: number | null = null) =>
      wires.set(`${from} ${to}`, { from, to, weight: random.signed(), gater });
    for (let to = 40; to < 90; to++) {
      for (let k = random.whole(1, 3); k > 0; k--) wire(random.whole(0, 39) + (to < 80 ? 0 : 40), to);
      if (!isLooped) continue;
      // From a later neuron, from itself, and by a gate.
      if (to < 80) wire(random.whole(to + 1, 80), to);
      if (random.chance(0.3)) wire(to, to);
      if (random.chance(0.3)) wire(random.whole(0, 39), to, random.whole(40, 89));
    }
    return { nodes, connections: [...wires.values()], input: 40, output: 10, dropout: 0 };
  }

  it("few wires make sparse synapses, also with memory", () => {
    for (const isLooped of [false, true]) {
      for (let i = 0; i < 10; i++) {
        const random = new Random(seed * 7019 + i);
        const file = sparseFile(random, isLooped);
        const graph = expectSameSteps(Network.fromJSON(file), random, 5, 1e-9);
        const kinds = graph.synapses.map(({ kind }) => kind);
        expect(kinds).toContain("sparse");
        if (!isLooped) expect(kinds.every((kind) => kind === "sparse")).toBe(true);
        if (!isLooped)
          expect(graph.synapses.reduce((sum, { weights }) => sum + weights.length, 0)).toBe(
            file.connections.length,
          );
        graph.dispose();
      }
    }
  });

  it("has no limit of zeros: 10,000 inputs and 10,000 neurons of two wires each", () => {
    const random = new Random(seed);
    const count = 10_000;
    const types = [
      ...new Array<string>(count).fill("input"),
      ...new Array<string>(count).fill("hidden"),
      "output",
    ];
    const connections = Array.from({ length: 2 * count }, (_, k) => {
      const to = count + (k >> 1);
      return {
        from: k % 2 === 0 ? to - count : random.whole(0, count - 1),
        to,
        weight: random.signed(),
        gater: null,
      };
    });
    connections.push({ from: count, to: 2 * count, weight: 1, gater: null });
    const file = {
      nodes: types.map((type) => ({ type, bias: 0, squash: "TANH" })),
      connections,
      input: count,
      output: 1,
    };
    using graph = fromNeataptic(file);
    const xs = random.numbers(count);
    const sum = connections.reduce(
      (sum, { from, to, weight }) => sum + (to === count ? weight * xs[from]! : 0),
      0,
    );
    expect(graph.predict({ input: xs }).output![0]).toBeCloseTo(Math.tanh(Math.tanh(sum)), 12);
  });

  it("has forgotten nothing after a call of several steps with a state", () => {
    const network = new architect.LSTM(2, 3, 1);
    const graph: AnyGraph = fromNeataptic(json(network));
    const state = graph.state();
    const random = new Random(seed);
    for (let i = 0; i < 5; i++) {
      const x = random.numbers(2);
      expectClose(graph.predict({ input: x }, { state }).output!, network.activate(x), 1e-12, `step ${i}`);
    }
  });
});

describe("what neataptic has beyond a graph of layers is refused", () => {
  it("Hopfield's steps", () => {
    expectRefusal(() => fromNeataptic(json(new architect.Hopfield(3))), "unsupported", "STEP");
  });

  it.each(["STEP", "GAUSSIAN", "BENT_IDENTITY", "BIPOLAR", "HARD_TANH", "ABSOLUTE"])("%s", (name) => {
    const network = new architect.Perceptron(2, 3, 1);
    squash(network, () => name);
    expectRefusal(() => fromNeataptic(json(network)), "unsupported", name, "nodes[2].squash");
  });

  const file = json(new architect.Perceptron(2, 2, 1));
  const cases: readonly Spoilt[] = [
    ["a number", "", 7, "bad-file", "the file"],
    ["no nodes", "nodes", undefined, "bad-file", "nodes"],
    ["an input after others", "nodes.5", { ...file.nodes[0] }, "bad-file", "nodes"],
    ["a type that is none", "nodes.2.type", "Hidden", "bad-file", "nodes[2].type"],
    ["a node that isn't there", "connections.0.to", 2 ** 40, "bad-file", "connections[0]"],
    ["a bias of null", "nodes.3.bias", null, "bad-file", "nodes[3].bias"],
    ["a mask of text", "nodes.3.mask", "1", "bad-file", "nodes[3].mask"],
    ["a mask on an output", "nodes.4.mask", 0.5, "unsupported", "nodes[4].mask"],
    ["a gate that is no number", "connections.0.gater", {}, "bad-file", "connections[0]"],
    ["a gate that isn't there", "connections.0.gater", 6, "bad-file", "connections[0]"],
  ];
  it.each(cases)("%s", (_, path, value, code, mention) => {
    expectRefusal(() => fromNeataptic(spoilt(file, path, value)), wrong(code), mention);
  });
});
