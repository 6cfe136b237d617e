// Random graphs, with data for them, from a seed.

import { type ActivationOption, Graph, type LossOption, type Precision } from "plexus-nn";
import { expectClose, type Random } from "./helpers.js";
import { NaiveGraph, type NaiveLayer, type NaiveSynapse, type Values } from "./naive.js";
import * as rules from "./rules.js";

export interface Case {
  readonly naive: NaiveGraph;
  readonly xs: Values;
  /** Targets of some outputs. */
  readonly ts: Values;
  readonly rows: number;
}

const activations: readonly ActivationOption[] = [
  "softmax",
  ...(Object.keys(rules.activations) as (keyof typeof rules.activations)[]),
  { name: "leakyRelu", slope: 0.3 },
  { name: "elu", alpha: 1.5 },
];
/** What stays above 0, or at 0 without a slope, has the losses that take the logarithm of it alone. */
const positive: readonly ActivationOption[] = ["sigmoid", "softmax", "softplus", "exp", "hardSigmoid"];
/** Each loss with the activations that it is drawn with. */
const outputs: readonly (readonly [LossOption, readonly ActivationOption[]])[] = [
  ["entropy", ["sigmoid", "sigmoid", "softmax", "hardSigmoid"]],
  [{ name: "entropy", smoothing: 0.2 }, ["sigmoid", "softmax"]],
  ["crossEntropy", ["softmax", "softmax", "sigmoid", "hardSigmoid"]],
  [{ name: "crossEntropy", smoothing: 0.3 }, ["softmax", "sigmoid"]],
  ["mse", activations],
  ["mae", activations],
  ["huber", activations],
  [{ name: "huber", delta: 0.4 }, activations],
  ["logCosh", activations],
  ["hinge", ["linear", "tanh", "softsign", "sin"]],
  ["kl", ["softmax", ...positive]],
  ["poisson", positive],
];

/**
 * Numbers that float32 and difference quotients can follow: e^z and what comes after it does not run away, and no logarithm of
 * hardSigmoid's is taken near its ends.
 */
function isTame({ naive, xs }: Case): boolean {
  const { pre } = naive.forward(
    xs,
    naive.layers.filter(({ kind }) => kind === "output").map(({ name }) => name),
  );
  return naive.layers.every(({ name, activation, kind }) => {
    const most = activation === "exp" ? 2 : 12;
    const isFine = (z: number) =>
      Math.abs(z) < most &&
      (activation !== "hardSigmoid" || kind !== "output" || Math.abs(Math.abs(z) - 3) > 0.1);
    return pre[name]?.flat().every(isFine) ?? true;
  });
}

/** A graph of any shape, with data for it. */
export function randomCase(random: Random): Case {
  for (;;) {
    const drawn = draw(random);
    if (isTame(drawn)) return drawn;
  }
}

/** A graph of any shape: several inputs and outputs, skips, outputs that feed others, parallel synapses. */
function draw(random: Random): Case {
  const layers: NaiveLayer[] = [];
  const synapses: NaiveSynapse[] = [];
  const add = (kind: NaiveLayer["kind"], name: string, activation: ActivationOption, loss?: LossOption) => {
    const size = random.whole(1, 7);
    const bias = random.numbers(size).map((value) => value / 2);
    layers.push({ name, kind, size, activation, ...(loss === undefined ? {} : { loss }), bias });
  };
  const join = (from: NaiveLayer, to: NaiveLayer, name?: string) => {
    const weights = random.numbers(from.size * to.size);
    synapses.push({ from: from.name, to: to.name, ...(name === undefined ? {} : { name }), weights });
  };
  const inputs = random.whole(1, 3);
  const inner = random.whole(1, 7);
  for (let i = 0; i < inputs; i++)
    add("input", `in${i}`, random.chance(0.7) ? "linear" : random.pick(activations));
  let targets = 0;
  for (let i = 0; i < inner; i++) {
    // An output among the hidden layers feeds what comes after it.
    if (i === inner - 1 || random.chance(0.3)) {
      const [loss, fitting] = random.pick(outputs);
      add("output", `out${targets++}`, random.pick(fitting), loss);
    } else add("hidden", `h${i}`, random.pick(activations));
    const sources = random.shuffled(layers.slice(0, -1)).slice(0, random.whole(1, 3));
    for (const source of sources) join(source, layers.at(-1)!);
    if (random.chance(0.25)) join(sources[0]!, layers.at(-1)!, `twin${i}`);
  }
  const rows = random.whole(1, 20);
  const naive = new NaiveGraph(layers, random.shuffled(synapses));
  const xs: Values = {};
  for (const { name, kind, size } of layers) if (kind === "input") xs[name] = random.rows(rows, size);
  const chosen = random.shuffled(layers.filter(({ kind }) => kind === "output"));
  const ts: Values = {};
  for (const layer of chosen.slice(0, random.whole(1, chosen.length)))
    ts[layer.name] = target(random, layer, rows);
  return { naive, xs, ts, rows };
}

function target(random: Random, { size, loss }: NaiveLayer, rows: number): number[][] {
  const name = rules.nameOf(loss!);
  if (name === "hinge")
    return random.rows(rows, size).map((row) => row.map((value) => Math.sign(value) || 1));
  if (name === "poisson") return random.rows(rows, size).map((row) => row.map(() => random.whole(0, 4)));
  if (!["entropy", "crossEntropy", "kl"].includes(name)) return random.rows(rows, size);
  return Array.from({ length: rows }, () => {
    const row = Array.from({ length: size }, () => (random.chance(0.2) ? random.whole(0, 1) : random.next()));
    const sum = row.reduce((a, b) => a + b);
    return name === "entropy" || sum === 0 || random.chance(0.3) ? row : row.map((value) => value / sum);
  });
}

/** The engine's graph with the same layers, synapses and parameters. */
export function build<P extends Precision = "float64">(
  naive: NaiveGraph,
  precision?: P,
): Graph<string, string, string, P> {
  const graph = new Graph<string, string, string, Precision>({ seed: 1, precision: precision ?? "float64" });
  for (const { name, kind, size, activation, loss } of naive.layers) {
    if (kind === "input") graph.addInput(name, size, activation);
    if (kind === "hidden") graph.addHidden(name, size, activation);
    if (kind === "output") graph.addOutput(name, size, activation, loss);
  }
  const joined = naive.synapses.map(({ from, to, name }) =>
    graph.connect(from, to, name === undefined ? {} : { name }),
  );
  for (const { name, bias } of naive.layers) graph.layer(name).bias.set(bias);
  for (const [i, { weights }] of naive.synapses.entries()) joined[i]!.weights.set(weights);
  return graph as unknown as Graph<string, string, string, P>;
}

/** Every parameter of a graph agrees with the naive one's. */
export function expectParameters(
  graph: Graph<string, string, string, Precision>,
  naive: NaiveGraph,
  tolerance: number,
  what: string,
): void {
  for (const { name, bias } of naive.layers) {
    expectClose(graph.layer(name).bias, bias, tolerance, `${what}: bias of ${name}`);
  }
  naive.synapses.forEach(({ from, to, weights }, i) => {
    expectClose(graph.synapses[i]!.weights, weights, tolerance, `${what}: ${from} → ${to}`);
  });
}
