// synaptic: its own networks and ours give the same.

import { fromSynaptic } from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import { load } from "../../peers/load.js";
import { type AnyGraph, expectClose, expectRefusal, Random, seed, wrong } from "../../support/helpers.js";
import { type Spoilt, spoilt } from "./spoil.js";

const { Architect, Layer, Network, Neuron } = await load("synaptic");
const json = (network: { toJSON(): object }) => JSON.parse(JSON.stringify(network.toJSON()));
const squashes = ["LOGISTIC", "TANH", "IDENTITY", "RELU"] as const;

function expectSameValues(network: { activate(xs: number[]): number[]; toJSON(): object }, random: Random) {
  const inputs = (json(network).neurons as { layer: unknown }[]).filter(
    ({ layer }) => layer === "input",
  ).length;
  const graph = fromSynaptic(json(network));
  for (let k = 0; k < 10; k++) {
    const xs = random.numbers(inputs).map((value) => value * 2);
    expectClose(graph.predict({ input: xs }).output!, network.activate(xs), 1e-12, "outputs");
  }
  return graph;
}

describe(`synaptic, PLEXUS_SEED=${seed}`, () => {
  it("perceptrons, whose layers come back as they were", () => {
    for (let i = 0; i < 20; i++) {
      const random = new Random(seed * 2003 + i);
      const sizes = Array.from({ length: random.whole(3, 5) }, () => random.whole(1, 8));
      const network = new Architect.Perceptron(...sizes);
      for (const layer of [...network.layers.hidden, network.layers.output]) {
        layer.set({ squash: Neuron.squash[random.pick(squashes)] });
      }
      const graph = expectSameValues(network, random);
      expect(graph.layers.map(({ size }) => size)).toEqual(sizes);
      expect(graph.outputs[0]!.loss).toBe("mse");
      graph.dispose();
    }
  });

  it("neurons of several squashes, sparse wires, skips, and wires inside a layer", () => {
    for (let i = 0; i < 20; i++) {
      const random = new Random(seed * 3001 + i);
      const sizes = Array.from({ length: random.whole(2, 5) }, () => random.whole(1, 6));
      const layers = sizes.map((size) => new Layer(size));
      for (const [k, layer] of layers.entries()) {
        for (const neuron of layer.list) {
          neuron.squash = Neuron.squash[random.pick(squashes)];
          for (const before of layers.slice(0, k)) {
            for (const source of before.list) if (random.chance(0.5)) source.project(neuron, random.signed());
          }
          const own = layer.list.slice(0, layer.list.indexOf(neuron));
          if (k > 0)
            for (const source of own) if (random.chance(0.2)) source.project(neuron, random.signed());
        }
      }
      const network = new Network({ input: layers[0], hidden: layers.slice(1, -1), output: layers.at(-1) });
      // Its generated code takes a neuron that feeds no other for an output.
      network.setOptimize(false);
      expectSameValues(network, random).dispose();
    }
  });

  it("liquids without loops", () => {
    const network = new Architect.Liquid(3, 12, 2, 30, 0);
    const file = json(network);
    const rank = (neuron: number) => [file.neurons[neuron].layer === "input" ? -1 : 0, neuron] as const;
    file.connections = file.connections.filter(
      ({ from, to }: { from: number; to: number }) => rank(from)[0] < rank(to)[0] || from < to,
    );
    expectSameValues(Network.fromJSON(file), new Random(seed));
  });
});

describe("networks that remember, step by step", () => {
  type Peer = { activate(xs: number[]): number[]; toJSON(): object; setOptimize(given: boolean): void };

  /** Compares a network that was loaded, with the states in its file, with its graph. */
  function expectSameSteps(network: Peer, inputs: number, random: Random, steps = 6): AnyGraph {
    const graph: AnyGraph = fromSynaptic(json(network));
    const loaded = Network.fromJSON(json(network));
    // Its generated code takes a neuron that feeds no other for an output.
    loaded.setOptimize(false);
    const xs = Array.from({ length: steps }, () => random.numbers(inputs));
    const wanted = xs.flatMap((x) => loaded.activate(x));
    expectClose(graph.predict({ input: xs.flat() }, { steps }).output!, wanted, 1e-12, "steps");
    return graph;
  }

  const { ALL_TO_ELSE } = Layer.connectionType;
  const options = { peepholes: ALL_TO_ELSE, hiddenToHidden: true, outputToHidden: true, outputToGates: true };
  it.each([
    ["an LSTM", () => new Architect.LSTM(2, 3, 2, 1)],
    ["an LSTM with all options", () => new Architect.LSTM(2, 3, 3, 2, options)],
  ])("%s, new, and after it ran", (_, make) => {
    const random = new Random(seed);
    const network = make();
    const outputs = network.layers.output.size;
    expectSameSteps(network, 2, random).dispose();
    for (let i = 0; i < 5; i++) {
      network.activate(random.numbers(2));
      network.propagate(0.3, random.numbers(outputs));
    }
    const graph = expectSameSteps(network, 2, random);
    expect(graph.layers.some(({ hasInitial }) => hasInitial)).toBe(true);
  });

  it("liquids with loops and gates", () => {
    let compared = 0;
    for (let i = 0; i < 20; i++) {
      const network = new Architect.Liquid(3, 10, 2, 20, 5);
      const { connections } = json(network);
      const pairs = connections.map(({ from, to }: { from: number; to: number }) => `${from} ${to}`);
      // A file with a connection twice is loaded as one or as two, by the order of others.
      if (new Set(pairs).size < pairs.length) continue;
      expectSameSteps(network, 3, new Random(seed + i)).dispose();
      compared++;
    }
    expect(compared).toBeGreaterThan(0);
  });

  it("few wires make sparse synapses, also with loops and gates", () => {
    for (let i = 0; i < 10; i++) {
      const random = new Random(seed * 3011 + i);
      const ranks = ["input", 0, 1, "output"].flatMap((rank, k) =>
        new Array<string | number>([30, 30, 30, 6][k]!).fill(rank),
      );
      const neurons = ranks.map((layer) => ({
        ...{ layer, squash: "TANH", bias: random.signed(), trace: { elegibility: {}, extended: {} } },
        ...{ state: 0, old: 0, activation: 0 },
      }));
      const connections = new Map<string, object>();
      const wire = (from: number, to: number, gater: number | null = null) =>
        connections.set(`${from} ${to}`, { from, to, weight: random.signed(), gater });
      for (let to = 30; to < 96; to++) {
        for (let k = random.whole(1, 2); k > 0; k--)
          wire(random.whole(0, 29) + (to < 60 ? 0 : to < 90 ? 30 : 60), to);
        if (i % 2 === 0 || to >= 90) continue;
        wire(random.whole(to + 1, 95), to);
        if (random.chance(0.3)) wire(random.whole(0, 29), to, random.whole(30, 89));
      }
      const file = { neurons, connections: [...connections.values()] };
      const graph = expectSameSteps(Network.fromJSON(file), 30, random);
      const kinds = graph.synapses.map(({ kind }) => kind);
      expect(kinds).toContain("sparse");
      if (i % 2 === 0) expect(kinds.every((kind) => kind === "sparse")).toBe(true);
      graph.dispose();
    }
  });

  it.each(squashes)("connections of neurons to themselves, and back, with %s", (name) => {
    const network = new Architect.Perceptron(2, 3, 2);
    const [hidden] = network.layers.hidden;
    hidden.set({ squash: Neuron.squash[name] });
    for (const neuron of hidden.list) neuron.project(neuron);
    hidden.list[2].gate(hidden.list[0].selfconnection);
    hidden.list[0].gate(hidden.list[1].selfconnection);
    network.layers.output.project(hidden);
    expectSameSteps(network, 2, new Random(seed), 3);
  });
});

describe("what synaptic has beyond a graph of layers is refused", () => {
  it("a network that isn't a file yet", () => {
    const network = new Architect.Perceptron(2, 2, 1);
    expectRefusal(() => fromSynaptic(network), "bad-file", "fromSynaptic(file.toJSON())");
  });

  it("a step, and a squash of one's own", () => {
    const network = new Architect.Perceptron(2, 2, 1);
    network.layers.hidden[0].set({ squash: Neuron.squash.HLIM });
    expectRefusal(() => fromSynaptic(json(network)), "unsupported", "HLIM");
    network.layers.hidden[0].set({ squash: (x: number) => x * x });
    expectRefusal(() => fromSynaptic(json(network)), "unsupported", "null");
  });

  const file = json(new Architect.Perceptron(2, 2, 1));
  const twice = { ...file.connections[0], weight: 1.7e308 };
  const cases: readonly Spoilt[] = [
    ["null", "", null, "bad-file", "the file"],
    ["no neurons", "neurons", undefined, "bad-file", "neurons"],
    ["an empty network", "", { neurons: [], connections: [] }, "bad-file", "no output"],
    ["no input", "", { neurons: file.neurons.slice(2), connections: [] }, "bad-file", "no input"],
    ["no output", "", { neurons: file.neurons.slice(0, 4), connections: [] }, "bad-file", "no output"],
    ["a neuron that isn't there", "connections.0.to", 5, "bad-file", "connections[0]"],
    ["a layer that is none", "neurons.2.layer", "first", "bad-file", "neurons[2].layer"],
    ["a weight of null", "connections.1.weight", null, "bad-file", "connections[1].weight"],
    ["a gate that isn't there", "connections.0.gater", 7, "bad-file", "connections[0]"],
    ["a state of null", "neurons.3.state", null, "bad-file", "neurons[3].state"],
    ["a bias in text", "neurons.3.bias", "1", "bad-file", "neurons[3].bias"],
    ["weights whose sum is infinite", "connections", [twice, twice], "bad-file", "Infinity"],
  ];
  it.each(cases)("%s", (_, path, value, code, mention) => {
    expectRefusal(() => fromSynaptic(spoilt(file, path, value)), wrong(code), mention);
  });
});
