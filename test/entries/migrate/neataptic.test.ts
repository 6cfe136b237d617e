// neataptic: its own networks and ours give the same.

import { fromNeataptic } from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import { load } from "../../peers/load.js";
import { expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
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

it("outputs of several layers are collected by matrices that don't learn", () => {
  const network = new architect.Perceptron(2, 3, 2);
  network.nodes[5].squash = methods.activation.TANH;
  const graph = expectSameValues(network, new Random(seed));
  expect(graph.outputs.map(({ hasBias, activation }) => [hasBias, activation])).toEqual([[false, "linear"]]);
  const collecting = graph.synapses.filter(({ to }) => to.kind === "output");
  expect(collecting.map(({ frozen }) => frozen)).toEqual([true, true]);
  expect(graph.synapses.filter(({ frozen }) => !frozen).length).toBe(3);
});

describe("what neataptic has beyond a graph of layers is refused", () => {
  it.each(["LSTM", "GRU", "NARX", "Hopfield"])("%s", (name) => {
    const network =
      name === "NARX"
        ? architect.NARX(2, 2, 1, 2, 2)
        : new architect[name](...(name === "Hopfield" ? [3] : [2, 2, 1]));
    expectRefusal(() => fromNeataptic(json(network)), "unsupported");
  });

  it.each([
    ["ADD_SELF_CONN", "recurrent"],
    ["ADD_BACK_CONN", "recurrent"],
    ["ADD_GATE", "gated"],
  ])("%s", (mutation, why) => {
    const network = new architect.Perceptron(2, 3, 3, 1);
    network.mutate(methods.mutation[mutation]);
    expectRefusal(() => fromNeataptic(json(network)), "unsupported", why, "connections[");
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
    ["a gate that is no number", "connections.0.gater", {}, "unsupported", "connections[0]"],
  ];
  it.each(cases)("%s", (_, path, value, code, mention) => {
    expectRefusal(() => fromNeataptic(spoilt(file, path, value)), wrong(code), mention);
  });
});
