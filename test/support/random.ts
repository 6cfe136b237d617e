// Random graphs, with data for them, from a seed.

import {
  type ActivationOption,
  type DataOptions,
  Graph,
  type LossOption,
  type Precision,
  type Synapse,
} from "plexus-nn";
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
/** Activations that stay above 0, or at 0 without a slope, have the losses that take only their logarithm. */
const positive: readonly ActivationOption[] = ["sigmoid", "softmax", "softplus", "exp", "hardSigmoid"];
/** Each loss with the activations that it is drawn with. */
const outputs: readonly (readonly [LossOption, readonly ActivationOption[]])[] = [
  ["entropy", ["sigmoid", "sigmoid", "softmax", "hardSigmoid"]],
  [{ name: "entropy", smoothing: 0.2 }, ["sigmoid", "softmax"]],
  ["crossEntropy", ["softmax"]],
  [{ name: "crossEntropy", smoothing: 0.3 }, ["softmax"]],
  ["mse", activations],
  ["mae", activations],
  ["huber", activations],
  [{ name: "huber", delta: 0.4 }, activations],
  ["logCosh", activations],
  ["hinge", ["linear", "tanh", "softsign", "sin"]],
  ["kl", ["softmax", ...positive]],
  ["poisson", positive],
];

/** Kinds of synapse without weights. */
const weightless = Object.keys(rules.links) as (keyof typeof rules.links)[];

/**
 * Returns whether float32 and difference quotients can follow the numbers. e^z and its successors stay small, and no
 * logarithm of hardSigmoid's is taken near its ends.
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

/** Draws a graph of any shape, with data for it. */
export function randomCase(random: Random): Case {
  for (;;) {
    const drawn = draw(random);
    if (isTame(drawn)) return drawn;
  }
}

/** Draws a graph of several inputs and outputs, with skips, outputs that feed others, and parallel synapses. */
function draw(random: Random): Case {
  const layers: NaiveLayer[] = [];
  const synapses: NaiveSynapse[] = [];
  const add = (kind: NaiveLayer["kind"], name: string, activation: ActivationOption, loss?: LossOption) => {
    const size = random.whole(activation === "softmax" ? 2 : 1, 7);
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
    // An output among the hidden layers feeds later layers.
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

/** Builds the engine's graph with the same layers, synapses and parameters. */
export function build<P extends Precision = "float64">(
  naive: NaiveGraph,
  precision?: P,
): Graph<string, string, string, P> {
  const graph = new Graph<string, string, string, Precision>({ seed: 1, precision: precision ?? "float64" });
  for (const layer of naive.layers) {
    const { name, kind, size, activation, loss, bias, gain, hasBias, frozen, weight, dropout } = layer;
    const options = {
      dropout: dropout ?? 0,
      bias: hasBias ?? bias,
      frozen: frozen ?? false,
      ...(gain === undefined ? {} : { norm: "layer" as const }),
    };
    if (kind === "input") graph.addInput(name, size, activation, options);
    if (kind === "hidden") graph.addHidden(name, size, activation, options);
    if (kind === "output") graph.addOutput(name, size, activation, loss, { ...options, weight: weight ?? 1 });
    if (gain !== undefined) graph.layer(name).gain!.set(gain);
  }
  const joined: Synapse<Precision>[] = [];
  for (const { from, to, weights, share, ...options } of naive.synapses) {
    const own = { ...options, ...(share === undefined ? {} : { share: joined[share]! }) };
    joined.push(graph.connect(from, to, own));
    if (share === undefined) joined.at(-1)!.weights.set(weights);
  }
  return graph as unknown as Graph<string, string, string, P>;
}

/**
 * Returns whether no small change can carry a number over a kink of an activation or a loss, where no difference quotient
 * exists. All numbers are farther from it than changes of 1e-5 reach in graphs of this size.
 */
export function isSmooth({ naive, xs, ts }: Case): boolean {
  const { pre, post } = naive.forward(xs, Object.keys(ts));
  const isFar = (distance: number) => distance > 1e-3;
  // Σ |w| bends where a weight is 0.
  if (
    naive.synapses.some(({ l1, weights }) => l1 !== undefined && !weights.every((w) => isFar(Math.abs(w))))
  ) {
    return false;
  }
  return naive.reached(Object.keys(ts)).every(({ name, activation, loss }) => {
    const kind = rules.nameOf(activation);
    const kinks = (kind !== "softmax" && rules.activations[kind].kinks) || [];
    if (!pre[name]!.flat().every((z) => kinks.every((kink) => isFar(Math.abs(z - kink))))) return false;
    const { kink, own = 0 } = rules.losses[rules.nameOf(loss ?? "mse")];
    const [y, t] = [post[name]!.flat(), ts[name]?.flat()];
    if (kink === undefined || t === undefined) return true;
    return y.every((value, i) => isFar(kink(value, t[i]!, rules.ownNumber(loss!, own))));
  });
}

/**
 * Options that only some graphs have. Each layer and synapse draws its own, and some samples and units count more than
 * others.
 */
export interface DressedCase extends Case {
  /** (rows, size) by outputs with a target: the loss weights. */
  readonly counts: Values;
  readonly options: DataOptions;
}

/** Draws a case whose layers and synapses have options. `noisy` adds dropout, which `train` alone computes. */
export function dressedCase(random: Random, noisy = false): DressedCase {
  for (;;) {
    const dressed = dress(random, randomCase(random), noisy);
    if (isTame(dressed)) return dressed;
  }
}

function dress(random: Random, { naive, xs, ts, rows }: Case, noisy: boolean): DressedCase {
  const layers = naive.layers.map((layer): NaiveLayer => {
    const { size, kind } = layer;
    const hasBias = random.chance(0.8);
    return {
      ...layer,
      bias: hasBias ? layer.bias : new Array<number>(size).fill(0),
      ...(hasBias ? {} : { hasBias }),
      ...(random.chance(0.3) ? { gain: random.numbers(size).map((value) => 1 + value / 2) } : {}),
      ...(random.chance(0.15) ? { frozen: true } : {}),
      ...(noisy && random.chance(0.3) ? { dropout: random.next() } : {}),
      ...(kind === "output" && random.chance(0.4) ? { weight: random.next() * 2 } : {}),
    };
  });
  const sizeOf = (name: string) => naive.layer(name).size;
  const synapses: NaiveSynapse[] = [];
  for (const synapse of naive.synapses) {
    const [m, n] = [sizeOf(synapse.from), sizeOf(synapse.to)];
    const kinds = weightless.filter((kind) => rules.links[kind].fits(m, n));
    if (kinds.length > 0 && random.chance(0.4)) {
      synapses.push({ ...synapse, kind: kinds.length > 1 ? random.pick(kinds) : kinds[0]!, weights: [] });
      continue;
    }
    const share = synapses.findIndex((other) => {
      const same = sizeOf(other.from) === m && sizeOf(other.to) === n;
      return same && other.kind === undefined && other.share === undefined;
    });
    if (share >= 0 && random.chance(0.6)) {
      synapses.push({ ...synapse, share, weights: synapses[share]!.weights });
      continue;
    }
    synapses.push({
      ...synapse,
      ...(random.chance(0.15) ? { frozen: true } : {}),
      ...(random.chance(0.2) ? { l1: random.next() / 10 } : {}),
      ...(random.chance(0.2) ? { l2: random.next() / 10 } : {}),
      ...(random.chance(0.2) ? { maxNorm: 0.3 + random.next() } : {}),
    });
  }
  // Weights with a 0 now and then, and a mask of samples or of units for some outputs.
  const amount = () => (random.chance(0.3) ? 0 : random.next() * 2);
  const sampleWeights = random.chance(0.4) ? Array.from({ length: rows }, amount) : undefined;
  const mask: Record<string, number[]> = {};
  for (const name of Object.keys(ts)) {
    if (random.chance(0.3)) mask[name] = Array.from({ length: rows * sizeOf(name) }, amount);
    else if (random.chance(0.2)) mask[name] = Array.from({ length: rows }, amount);
  }
  const counts: Values = {};
  for (const [name, targets] of Object.entries(ts)) {
    counts[name] = targets.map((row, r) =>
      row.map((_, j) => {
        const own = mask[name];
        const m = own === undefined ? 1 : own.length === rows ? own[r]! : own[r * row.length + j]!;
        return (sampleWeights?.[r] ?? 1) * m;
      }),
    );
  }
  const options = {
    ...(sampleWeights === undefined ? {} : { sampleWeights }),
    ...(Object.keys(mask).length === 0 ? {} : { mask }),
  };
  return { naive: new NaiveGraph(layers, synapses), xs, ts, rows, counts, options };
}

/** Expects every parameter of a graph to agree with the naive one's. */
export function expectParameters(
  graph: Graph<string, string, string, Precision>,
  naive: NaiveGraph,
  tolerance: number,
  what: string,
): void {
  for (const { name, bias, gain } of naive.layers) {
    expectClose(graph.layer(name).bias, bias, tolerance, `${what}: bias of ${name}`);
    expectClose(graph.layer(name).gain ?? [], gain ?? [], tolerance, `${what}: gain of ${name}`);
  }
  naive.synapses.forEach(({ from, to, weights }, i) => {
    expectClose(graph.synapses[i]!.weights, weights, tolerance, `${what}: ${from} → ${to}`);
  });
}
