// Passes cost the edges of a graph and not its paths, and depth costs memory alone.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectClose, expectRefusal, Random, seed } from "../support/helpers.js";
import { NaiveGraph, type NaiveLayer, type NaiveSynapse } from "../support/naive.js";
import { build, expectParameters } from "../support/random.js";

describe("a ladder of 200 diamonds, with 2^200 paths", () => {
  const random = new Random(seed);
  const layers: NaiveLayer[] = [];
  const synapses: NaiveSynapse[] = [];
  const add = (kind: NaiveLayer["kind"], name: string, from: readonly string[]) => {
    const activation = kind === "hidden" ? "tanh" : "linear";
    const loss = kind === "output" ? { loss: "mse" as const } : {};
    layers.push({ name, kind, size: 2, activation, ...loss, bias: random.numbers(2) });
    for (const source of from) synapses.push({ from: source, to: name, weights: random.numbers(4) });
  };
  add("input", "top0", []);
  for (let i = 0; i < 200; i++) {
    add("hidden", `left${i}`, [`top${i}`]);
    add("hidden", `right${i}`, [`top${i}`]);
    add(i === 199 ? "output" : "hidden", `top${i + 1}`, [`left${i}`, `right${i}`]);
  }
  const naive = new NaiveGraph(layers, synapses);
  const graph = build(naive);
  const xs = { top0: random.rows(3, 2) };
  const ts = { top200: random.rows(3, 2) };

  it("predicts and trains as plain loops do", () => {
    for (let step = 0; step < 3; step++) {
      const { post } = naive.forward(xs, ["top200"]);
      expectClose(graph.predict(xs).top200!, post.top200!.flat(), 1e-10, "predict");
      expectClose([graph.train(xs, ts)], [naive.train(xs, ts, 0.1)], 1e-10, "cost");
      expectParameters(graph, naive, 1e-10, `step ${step}`);
    }
  });

  it("counts each path's gradient once", () => {
    // All linear, with weights of 1: the sum over 2^200 paths, which no walk along them would end.
    const powers = new Graph();
    powers.addInput("top0", 1);
    for (let i = 0; i < 200; i++) {
      powers.addHidden(`left${i}`, 1, "linear");
      powers.addHidden(`right${i}`, 1, "linear");
      if (i === 199) powers.addOutput(`top${i + 1}`, 1, "linear");
      else powers.addHidden(`top${i + 1}`, 1, "linear");
      for (const side of ["left", "right"]) {
        powers.connect(`top${i}`, `${side}${i}`).weights.fill(1);
        powers.connect(`${side}${i}`, `top${i + 1}`).weights.fill(1);
      }
    }
    const y = powers.predict({ top0: [1] }).top200!;
    expect(y[0]).toBe(2 ** 200);
    const { inputs } = powers.gradients({ top0: [1] }, { top200: [y[0]! - 0.5 * 2 ** 160] });
    expect(inputs.top0![0]).toBe(2 ** 360);
  });
});

describe("a chain of 100,000 layers", () => {
  const LENGTH = 100_000;
  const orders: readonly (readonly [string, (links: number[]) => number[]])[] = [
    ["from its input on", (links) => links],
    ["from its output back", (links) => links.reverse()],
    ["in random order", (links) => new Random(seed).shuffled(links)],
  ];

  it.each(orders)("is built %s, predicted and trained", (_, order) => {
    const graph = new Graph({ seed: 1 });
    graph.addInput("0", 1);
    for (let i = 1; i < LENGTH - 1; i++) graph.addHidden(`${i}`, 1, "linear");
    graph.addOutput(`${LENGTH - 1}`, 1, "linear");
    const links = order(Array.from({ length: LENGTH - 1 }, (_, i) => i));
    for (const i of links) graph.connect(`${i}`, `${i + 1}`);
    for (const { weights } of graph.synapses) weights[0] = 1;
    const last = `${LENGTH - 1}`;
    expect([...graph.predict({ 0: [3, -2] })[last]!]).toEqual([3, -2]);
    graph.rate = 0;
    expect(graph.train({ 0: [3] }, { [last]: [1] })).toBe(4);
    expect(graph.gradients({ 0: [3] }, { [last]: [1] }).inputs["0"]![0]).toBe(4);
    graph.rate = 1e-6;
    graph.train({ 0: [3] }, { [last]: [1] });
    expectClose(graph.layer("50000").bias, [-4e-6], 1e-12, "bias in the middle");
    expectClose(graph.synapse("70000", "70001").weights, [1 - 12e-6], 1e-12, "weight in the middle");
    expectRefusal(() => graph.connect(last, "1"), "cycle", "1 → 2 → 3", `${last} → 1`);
    graph.dispose();
  });

  it("is declared in one piece", () => {
    const names = Array.from({ length: LENGTH - 2 }, (_, i) => `h${i}`);
    const chain = ["x", ...names, "y"];
    const graph = new Graph<string, string, string>({
      seed: 1,
      inputs: { x: 1 },
      hidden: Object.fromEntries(names.map((name) => [name, 1])),
      outputs: { y: 1 },
      synapses: chain.slice(1).map((to, i) => [chain[i]!, to] as const),
    });
    expect(graph.predict({ x: [1] }).y![0]).toBeGreaterThan(0);
    graph.dispose();
  });
});

describe("a wide fan", () => {
  it("of 20,000 layers between two is summed in the order of its connections", () => {
    const graph = new Graph();
    graph.addInput("x", 1);
    graph.addOutput("y", 1, "linear");
    for (let i = 0; i < 20_000; i++) {
      graph.addHidden(`h${i}`, 1, "linear");
      graph.connect("x", `h${i}`);
      graph.connect(`h${i}`, "y");
    }
    for (const { weights } of graph.synapses) weights[0] = 0.1;
    let wanted = 0;
    for (let i = 0; i < 20_000; i++) wanted += 0.1 * 0.1;
    expectClose(graph.predict({ x: [1] }).y!, [wanted], 1e-12, "y");
    graph.dispose();
  });
});
