// Random tangles: graphs of layers in any shape over time, with data for them, from a seed.

import {
  type ActivationOption,
  type DataOptions,
  Graph,
  GraphError,
  type InputOptions,
  type LossOption,
  type Precision,
  type Synapse,
  type SynapseOptions,
} from "plexus-nn";
import { expect } from "vitest";
import { kindsBetween, randomMap, randomShape } from "./drawmaps.js";
import type { Random } from "./helpers.js";
import { channelsOf, type NaiveMap, product, type Shape, weightShape } from "./maps.js";
import * as rules from "./rules.js";
import {
  type Sample,
  type Samples,
  shapeOf,
  type TimedLayer,
  type TimedSynapse,
  Unrolled,
} from "./unrolled.js";

export interface Tangle {
  readonly naive: Unrolled;
  readonly lengths: readonly number[];
  readonly xs: Samples;
  readonly ts: Samples;
}

/** A synapse with the options of its kind. */
interface DrawnSynapse extends TimedSynapse {
  readonly options: SynapseOptions;
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

/**
 * Draws a tangle. `sign` is 1 for delays forward in time alone, 0 for both directions. Without `maps` no layer has a shape, and
 * synapses are of the kinds that need none.
 */
export function randomTangle(random: Random, sign: 0 | 1 = 0, maps = true): Tangle {
  for (;;) {
    const drawn = draw(random, sign, maps);
    if (drawn !== undefined && isTame(drawn)) return drawn;
  }
}

/** Returns whether the numbers stay small, and far from the kinks of activations, losses and maxPools. */
function isTame({ naive, xs, ts, lengths }: Tangle): boolean {
  // Σ |w| bends where a weight is 0.
  if (naive.synapses.some(({ l1, weights }) => l1 !== undefined && weights.some((w) => Math.abs(w) < 1e-3)))
    return false;
  const samples = naive.samples(xs, lengths);
  return naive.layers.every(({ name, activation, loss, kind }) => {
    const kindOf = rules.nameOf(activation);
    const kinks = (kindOf !== "softmax" && rules.activations[kindOf].kinks) || [];
    const { kink, own = 0 } = rules.losses[rules.nameOf(loss ?? "mse")];
    return naive.forward(xs, lengths, name, samples).every((steps, r) =>
      steps.every(({ pre, post, lead }, t) => {
        if (lead < 1e-3) return false;
        const most = kindOf === "exp" ? 1.5 : 8;
        if (!pre.every((z) => Math.abs(z) < most && kinks.every((k) => Math.abs(z - k) > 1e-3))) return false;
        if (kind !== "output" || kink === undefined) return true;
        const target = (naive.isTimed(name) ? ts[name]![r]![t] : ts[name]![r]) as readonly number[];
        return post.every((y, j) => kink(y, target[j]!, rules.ownNumber(loss!, own)) > 1e-3);
      }),
    );
  });
}

function draw(random: Random, sign: 0 | 1, maps: boolean): Tangle | undefined {
  const layers: TimedLayer[] = [];
  const synapses: DrawnSynapse[] = [];
  // Half of the tangles have shapes, of one rank, and one of them more than once.
  const rank = !maps || random.chance(0.5) ? 0 : random.whole(1, 2);
  const channels = random.whole(2, 3);
  const common = randomShape(random, rank, channels);
  const drawShape = (activation: ActivationOption): Shape => {
    const least = activation === "softmax" ? 2 : 1;
    if (rank > 0 && random.chance(0.75))
      return random.chance(0.35)
        ? common
        : randomShape(random, rank, random.chance(0.5) ? channels : random.whole(least, 3));
    return [rank === 0 && random.chance(0.4) ? 3 : random.whole(least, 5)];
  };
  const add = (
    kind: TimedLayer["kind"],
    name: string,
    activation: ActivationOption,
    loss?: LossOption,
    shape = drawShape(activation),
  ) => {
    const size = product(shape);
    const small = (count: number) => random.numbers(count).map((value) => value / 2);
    const biases = shape.length > 1 && random.chance(0.7) ? channelsOf(shape) : size;
    const bias = random.chance(0.2) ? false : small(biases);
    const fitting = [1, 2, 3].filter((g) => channelsOf(shape) % g === 0 && size / g > 2);
    const isNormed = kind !== "input" && fitting.length > 0 && random.chance(0.12);
    // Without a bias for each unit, there is a gain for each channel.
    const gains = shape.length > 1 && (bias === false || biases !== size) ? channelsOf(shape) : size;
    layers.push({
      name,
      kind,
      size,
      ...(shape.length > 1 ? { shape } : {}),
      activation,
      ...(loss === undefined ? {} : { loss }),
      bias,
      ...(isNormed ? { gain: small(gains).map((value) => 1 + value), groups: random.pick(fitting) } : {}),
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
    const drawn = drawMap(random, from, to, synapses, maps);
    if (drawn === undefined) return;
    const { map, options, share } = drawn;
    const count = product(weightShape(map) ?? [0]);
    const perUnit = map.kind === "embedding" || map.kind === "oneToOne" ? 1 : count / to.size;
    synapses.push({
      ...{ from: from.name, to: to.name, name: `s${synapses.length}`, map, options },
      ...(at === undefined ? {} : { at }),
      delay: at ? 0 : steps,
      weights: random.numbers(count).map((value) => value / Math.sqrt(Math.max(perUnit, 1))),
      ...(share !== undefined ? { share } : count > 0 ? penalties(random) : {}),
    });
  };
  const inputs = random.whole(1, 3);
  for (let i = 0; i < inputs; i++)
    add("input", `in${i}`, random.chance(0.8) ? "linear" : random.pick(activations));
  const words = maps && random.chance(0.2) ? random.whole(1, 3) : 0;
  if (words > 0)
    layers[0] = {
      ...{ name: "in0", kind: "input", size: words, activation: "linear", bias: false },
      classes: random.whole(1, 5),
      ...(random.chance(0.25) ? { time: false as const } : {}),
    };
  const hidden = random.whole(1, 6);
  for (let i = 0; i < hidden; i++) {
    const columns = random.whole(1, 4);
    const slots = words > 0 && (i === 0 || random.chance(0.3));
    const shape = slots ? (random.chance(0.5) ? [words, columns] : [words * columns]) : undefined;
    // Softmax of one channel is refused.
    const activation = random.pick(slots ? activations.slice(1) : activations);
    add("hidden", `h${i}`, activation, undefined, shape);
  }
  for (let i = 0; i < random.whole(1, 3); i++) {
    const [loss, fitting] = random.pick(outputs);
    add("output", `out${i}`, random.pick(fitting), loss);
  }
  layers.slice(inputs).forEach((layer, i) => {
    const before = layers.slice(0, inputs + i);
    if (layer.name === "h0" && words > 0) join(layers[0]!, layer, delay());
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
  // Class numbers fit few layers.
  if (layers.some(({ name, kind }) => kind !== "input" && !synapses.some(({ to }) => to === name)))
    return undefined;
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
    const { name, kind, size, classes } = layer;
    const numbers = () => random.numbers(size);
    const named = () => Array.from({ length: size }, () => random.whole(0, classes! - 1));
    if (kind === "input") xs[name] = each(name, classes === undefined ? numbers : named);
    if (layer.kind === "output") ts[layer.name] = each(layer.name, () => target(random, layer));
  }
  return { naive, lengths, xs, ts };
}

/** Returns the weights that may be shared: those of one shape, of one kind or of a conv and a convTranspose. */
function keyOf(map: NaiveMap): string {
  const kind = map.kind === "convTranspose" ? "conv" : map.kind;
  const sizes = kind === "sparse" ? [product(map.from), product(map.to)] : [];
  return JSON.stringify([kind, weightShape(map), map.window?.groups, map.pattern, sizes]);
}

/** Draws a map between two layers, and perhaps a synapse whose weights it shares. */
function drawMap(
  random: Random,
  from: TimedLayer,
  to: TimedLayer,
  others: readonly DrawnSynapse[],
  maps: boolean,
) {
  const [source, target] = [shapeOf(from), shapeOf(to)];
  const owners = others.filter(({ share, weights }) => share === undefined && weights.length > 0);
  const shared = (map: NaiveMap) => {
    const found = owners.find((one) => keyOf(one.map) === keyOf(map));
    return found === undefined || random.chance(0.6) ? undefined : others.indexOf(found);
  };
  if (from.classes !== undefined) {
    const isTable = target.length === 1 || (target.length === 2 && target[0] === from.size);
    if (to.size % from.size !== 0 || !isTable) return undefined;
    const map = { kind: "embedding", from: source, to: target, classes: from.classes } as const;
    return { map, options: { kind: map.kind }, share: shared(map) };
  }
  const simple = ["dense", "identity", "oneToOne"];
  const kinds = kindsBetween(source, target).filter((kind) => maps || simple.includes(kind));
  const isPlain = source.length === 1 && target.length === 1;
  for (;;) {
    // Windows of some kinds fit no pair of shapes; a dense synapse always does.
    const kind = isPlain && random.chance(0.4) ? "dense" : random.pick(kinds);
    const convs = owners.filter(({ map }) => /conv/.test(map.kind));
    const like = convs.length > 0 && random.chance(0.5) ? random.pick(convs).map.window : undefined;
    const drawn = randomMap(random, kind, source, target, like);
    if (drawn === undefined) continue;
    const { options, ...map } = drawn;
    return { map, options, share: shared(map) };
  }
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
  } catch (error) {
    // The maps are right, so that nothing else is refused.
    if (!(error instanceof GraphError && ["cycle"].includes(error.code))) throw error;
    return false;
  }
}

function target(random: Random, layer: TimedLayer): number[] {
  const channels = channelsOf(shapeOf(layer));
  return Array.from({ length: layer.size / channels }, () => targets(random, layer, channels)).flat();
}

/** Draws the targets of a position. */
function targets(random: Random, { loss }: TimedLayer, channels: number): number[] {
  const name = rules.nameOf(loss!);
  const row = random.numbers(channels);
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
    for (const layer of layers) {
      const { name, kind, activation, loss, bias, gain, groups, initial, join, time, weight, classes } =
        layer;
      const size = layer.shape ?? layer.size;
      const norm = groups === 1 ? "layer" : ({ name: "group", groups: groups! } as const);
      const options: InputOptions = {
        bias,
        ...(classes === undefined ? {} : { classes }),
        ...(gain === undefined ? {} : { norm }),
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
    for (const synapse of synapses as readonly DrawnSynapse[]) {
      const { from, to, name, map, delay, at, weights, share, l1, l2 } = synapse;
      // Shared connections are those of the owner.
      const { connections, ...own } = synapse.options;
      const options = {
        ...{ name, ...own, delay },
        ...(share === undefined && connections !== undefined ? { connections } : {}),
        ...(l1 === undefined ? {} : { l1 }),
        ...(l2 === undefined ? {} : { l2 }),
        ...(at === undefined ? {} : { at }),
        ...(share === undefined ? {} : { share: joined[share]! }),
      };
      joined.push(graph.connect(from, to, options));
      if (share === undefined && weights.length > 0) joined.at(-1)!.weights.set(weights);
      expect(joined.at(-1)!.shape).toEqual(weightShape(map) ?? [product(map.from), product(map.to)]);
    }
  } catch (error) {
    graph.dispose();
    throw error;
  }
  return graph as unknown as Graph<string, string, string, P>;
}
