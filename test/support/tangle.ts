// Random tangles: graphs of layers in any shape over time, with data for them, from a seed.

import {
  type ActivationOption,
  type DataOptions,
  Graph,
  type LossOption,
  type Precision,
  type Synapse,
} from "plexus-nn";
import type { Random } from "./helpers.js";
import * as rules from "./rules.js";
import { type Sample, type Samples, type TimedLayer, type TimedSynapse, Unrolled } from "./unrolled.js";

export interface Tangle {
  readonly naive: Unrolled;
  readonly lengths: readonly number[];
  readonly xs: Samples;
  readonly ts: Samples;
}

const names = Object.keys(rules.activations) as (keyof typeof rules.activations)[];
const activations: readonly ActivationOption[] = ["softmax", ...names, "tanh", "sigmoid", "linear", "linear"];
const positive: readonly ActivationOption[] = ["sigmoid", "softmax", "softplus"];
const outputs: readonly (readonly [LossOption, readonly ActivationOption[]])[] = [
  ["entropy", ["sigmoid", "softmax"]],
  ["crossEntropy", ["softmax"]],
  ["mse", activations],
  ["mae", activations],
  ["huber", activations],
  ["logCosh", activations],
  ["hinge", ["linear", "tanh", "softsign", "sin"]],
  ["kl", positive],
  ["poisson", positive],
];

/** Draws a tangle. `sign` is 1 for delays forward in time alone, 0 for both directions. */
export function randomTangle(random: Random, sign: 0 | 1 = 0): Tangle {
  for (;;) {
    const drawn = draw(random, sign);
    if (drawn !== undefined && isTame(drawn)) return drawn;
  }
}

/** Returns whether the numbers stay small, and far from the kinks of activations and losses. */
function isTame({ naive, xs, ts, lengths }: Tangle): boolean {
  // Σ |w| bends where a weight is 0.
  if (naive.synapses.some(({ l1, weights }) => l1 !== undefined && weights.some((w) => Math.abs(w) < 1e-3)))
    return false;
  return naive.layers.every(({ name, activation, loss, kind }) => {
    const kindOf = rules.nameOf(activation);
    const kinks = (kindOf !== "softmax" && rules.activations[kindOf].kinks) || [];
    const { kink, own = 0 } = rules.losses[rules.nameOf(loss ?? "mse")];
    return naive.forward(xs, lengths, name).every((steps, r) =>
      steps.every(({ pre, post }, t) => {
        const most = kindOf === "exp" ? 1.5 : 8;
        if (!pre.every((z) => Math.abs(z) < most && kinks.every((k) => Math.abs(z - k) > 1e-3))) return false;
        if (kind !== "output" || kink === undefined) return true;
        const target = (naive.isTimed(name) ? ts[name]![r]![t] : ts[name]![r]) as readonly number[];
        return post.every((y, j) => kink(y, target[j]!, rules.ownNumber(loss!, own)) > 1e-3);
      }),
    );
  });
}

function draw(random: Random, sign: 0 | 1): Tangle | undefined {
  const layers: TimedLayer[] = [];
  const synapses: TimedSynapse[] = [];
  const add = (kind: TimedLayer["kind"], name: string, activation: ActivationOption, loss?: LossOption) => {
    const size = random.chance(0.4) ? 3 : random.whole(activation === "softmax" ? 2 : 1, 5);
    const small = (count: number) => random.numbers(count).map((value) => value / 2);
    const isNormed = kind !== "input" && size > 2 && random.chance(0.12);
    layers.push({
      name,
      kind,
      size,
      activation,
      ...(loss === undefined ? {} : { loss }),
      bias: random.chance(0.2) ? false : small(size),
      ...(isNormed ? { gain: small(size).map((value) => 1 + value) } : {}),
      ...(random.chance(0.3) ? { initial: small(size) } : {}),
      ...(kind !== "input" && random.chance(0.35) ? { join: "product" as const } : {}),
      ...(kind === "input" && random.chance(0.25) ? { time: false as const } : {}),
      ...(kind === "output" && random.chance(0.3) ? { weight: 0.5 } : {}),
    });
  };
  const delay = () => {
    const steps = random.chance(0.5) ? 0 : random.whole(1, 3);
    return sign === 1 || random.chance(0.6) ? steps : -steps;
  };
  const join = (from: TimedLayer, to: TimedLayer, steps: number, at?: "last" | "first") => {
    const fits = from.size === to.size;
    const kind = fits && random.chance(0.5) ? random.pick(["identity", "oneToOne"] as const) : "dense";
    const count = kind === "identity" ? 0 : kind === "dense" ? from.size * to.size : to.size;
    const share = synapses.findIndex((one) => {
      return one.kind === kind && kind !== "identity" && one.share === undefined && sameShape(one, from, to);
    });
    synapses.push({
      ...{ from: from.name, to: to.name, name: `s${synapses.length}`, kind, delay: at ? 0 : steps },
      ...(at === undefined ? {} : { at }),
      weights: random.numbers(count).map((value) => value / Math.sqrt(kind === "dense" ? from.size : 1)),
      ...(share >= 0 && random.chance(0.2) ? { share } : count > 0 ? penalties(random) : {}),
    });
  };
  const sameShape = (one: TimedSynapse, from: TimedLayer, to: TimedLayer) => {
    const sizeOf = (name: string) => layers.find((layer) => layer.name === name)!.size;
    return sizeOf(one.from) === from.size && sizeOf(one.to) === to.size;
  };
  const inputs = random.whole(1, 3);
  for (let i = 0; i < inputs; i++)
    add("input", `in${i}`, random.chance(0.8) ? "linear" : random.pick(activations));
  const hidden = random.whole(1, 6);
  for (let i = 0; i < hidden; i++) add("hidden", `h${i}`, random.pick(activations));
  for (let i = 0; i < random.whole(1, 3); i++) {
    const [loss, fitting] = random.pick(outputs);
    add("output", `out${i}`, random.pick(fitting), loss);
  }
  layers.slice(inputs).forEach((layer, i) => {
    const before = layers.slice(0, inputs + i);
    for (const source of random.shuffled(before).slice(0, random.whole(1, 3))) {
      const at = random.chance(0.15)
        ? random.pick(sign === 1 ? ["last" as const] : (["last", "first"] as const))
        : undefined;
      join(source, layer, delay(), at);
    }
    if (random.chance(0.6)) {
      const steps = random.whole(1, 3);
      join(random.pick(layers.slice(inputs + i)), layer, sign === 1 || random.chance(0.7) ? steps : -steps);
    }
  });
  const mixed = random.shuffled(synapses.map((_, i) => i));
  if (synapses.some(({ share }) => share !== undefined)) mixed.sort((a, b) => a - b);
  const naive = new Unrolled(
    layers,
    mixed.map((i) => synapses[i]!),
  );
  if (!isLegal(naive)) return undefined;
  const samples = random.whole(1, 5);
  const lengths = Array.from({ length: samples }, () => random.whole(1, 6));
  const each = (name: string, row: () => number[]): Sample[] =>
    lengths.map((length) => (naive.isTimed(name) ? Array.from({ length }, row) : row()));
  const xs: Samples = {};
  const ts: Samples = {};
  for (const layer of layers) {
    if (layer.kind === "input") xs[layer.name] = each(layer.name, () => random.numbers(layer.size));
    if (layer.kind === "output") ts[layer.name] = each(layer.name, () => target(random, layer));
  }
  return { naive, lengths, xs, ts };
}

/** Draws the penalties of a synapse's weights, mostly none. */
function penalties(random: Random): { l1?: number; l2?: number } {
  if (random.chance(0.8)) return {};
  return random.chance(0.5) ? { l1: random.next() / 10 } : { l2: random.next() / 10 };
}

/** Draws weights of samples or of their steps, and masks of some outputs, one value for each row. */
export function randomWeighting(random: Random, { naive, lengths, ts }: Tangle): DataOptions {
  const longest = Math.max(...lengths);
  const amount = () => (random.chance(0.3) ? 0 : random.next() * 2);
  const amounts = (count: number) => Array.from({ length: count }, amount);
  const mask = Object.keys(ts)
    .filter(() => random.chance(0.5))
    .map((name) => [name, amounts(lengths.length * (naive.isTimed(name) ? longest : 1))] as const);
  const weighting = random.chance(0.3)
    ? {}
    : { sampleWeights: amounts(lengths.length * (random.chance(0.5) ? longest : 1)) };
  return mask.length === 0 ? weighting : { ...weighting, mask: Object.fromEntries(mask) };
}

/** Returns whether the engine takes the loops: it must refuse all others. */
function isLegal(naive: Unrolled): boolean {
  try {
    buildTangle(naive).dispose();
    return true;
  } catch {
    return false;
  }
}

function target(random: Random, { size, loss }: TimedLayer): number[] {
  const name = rules.nameOf(loss!);
  const row = random.numbers(size);
  if (name === "hinge") return row.map((value) => Math.sign(value) || 1);
  if (name === "poisson") return row.map(() => random.whole(0, 4));
  if (name === "entropy") return row.map(() => random.next());
  if (name !== "crossEntropy" && name !== "kl") return row;
  const shares = row.map(() => 0.1 + random.next());
  const sum = shares.reduce((a, b) => a + b);
  return shares.map((share) => share / sum);
}

/** Builds the engine's graph with the same layers, synapses and parameters. */
export function buildTangle<P extends Precision = "float64">(
  { layers, synapses }: Unrolled,
  precision?: P,
): Graph<string, string, string, P> {
  const graph = new Graph<string, string, string, Precision>({ seed: 1, precision: precision ?? "float64" });
  try {
    for (const { name, kind, size, activation, loss, bias, gain, initial, join, time, weight } of layers) {
      const options = {
        bias,
        ...(gain === undefined ? {} : { norm: "layer" as const }),
        ...(initial === undefined ? {} : { initial }),
        ...(join === undefined ? {} : { join }),
      };
      if (kind === "input")
        graph.addInput(name, size, activation, time === false ? { ...options, time } : options);
      if (kind === "hidden") graph.addHidden(name, size, activation, options);
      if (kind === "output")
        graph.addOutput(name, size, activation, loss, { ...options, weight: weight ?? 1 });
      if (gain !== undefined) graph.layer(name).gain!.set(gain);
    }
    const joined: Synapse<Precision>[] = [];
    for (const { from, to, name, kind, delay, at, weights, share, l1, l2 } of synapses) {
      const options = {
        ...{ name, kind, delay },
        ...(l1 === undefined ? {} : { l1 }),
        ...(l2 === undefined ? {} : { l2 }),
        ...(at === undefined ? {} : { at }),
        ...(share === undefined ? {} : { share: joined[share]! }),
      };
      joined.push(graph.connect(from, to, options));
      if (share === undefined && kind !== "identity") joined.at(-1)!.weights.set(weights);
    }
  } catch (error) {
    graph.dispose();
    throw error;
  }
  return graph as unknown as Graph<string, string, string, P>;
}
