// Random graphs to be trained in PyTorch: with every option, hostile names, and any optimizer and schedule.

import { Graph, type Optimizer, type Rate } from "plexus-nn";
import { type Dataset, toTorch } from "plexus-nn/torch";
import type { AnyGraph, Random } from "../../support/helpers.js";
import { build, dressedCase } from "../../support/random.js";
import { buildTangle, randomTangle, randomWeighting } from "../../support/tangle.js";
import type { Trial } from "./trial.js";

/** Names that would be code, or end a string or a comment. The mark is in each. */
const hostile: readonly string[] = [
  'QZX"',
  "QZX'''",
  'QZX"""\nimport os\n"""',
  "QZX\\",
  "QZX\\N{DIGIT ONE}{0}%s",
  "QZX\n#",
  "QZX😀é",
  "QZX\u0000\u2028",
  "__proto__QZX",
  "QZX.0.a.b",
  "QZX) or exit(",
];

/** Returns a graph with other names, and the new name of each. */
export function renamed(graph: AnyGraph, random: Random): { graph: AnyGraph; names: Map<string, string> } {
  const json = JSON.parse(JSON.stringify(graph)) as {
    layers: { name: string }[];
    synapses: { from: string; to: string }[];
  };
  const names = new Map(json.layers.map(({ name }, i) => [name, `${i}${random.pick(hostile)}`]));
  const of = (name: string) => names.get(name)!;
  for (const layer of json.layers) layer.name = of(layer.name);
  for (const synapse of json.synapses) Object.assign(synapse, { from: of(synapse.from), to: of(synapse.to) });
  return { graph: Graph.fromJSON(json), names };
}

/** Returns a record with other names. */
function withNames<V>(
  given: Readonly<Record<string, V>>,
  names: ReadonlyMap<string, string>,
): Record<string, V> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [names.get(name)!, value]));
}

/** Returns a dataset with other names. */
function namedSet({ xs, ts, mask, ...set }: Dataset, names: ReadonlyMap<string, string>): Dataset {
  return {
    ...set,
    xs: withNames(xs, names),
    ts: withNames(ts as never, names),
    ...(mask === undefined ? {} : { mask: withNames(mask, names) }),
  };
}

/** Draws a rate: a number, or a schedule. */
function randomRate(random: Random, rate: number): Rate {
  const every = random.whole(2, 4);
  return random.pick<Rate>([
    rate,
    rate,
    { name: "constant", rate, warmup: 3 },
    { name: "step", rate, every, factor: 0.5 },
    { name: "exponential", rate, factor: 0.8, every },
    { name: "cosine", rate, steps: 7, floor: rate / 9, warmup: 2 },
    { name: "cosine", rate, steps: 2, restarts: 3, growth: 1.5 },
    { name: "oneCycle", rate, steps: 9 },
    { name: "oneCycle", rate, steps: 8, start: 0, divisor: 5, finalDivisor: 10 },
  ]);
}

/**
 * Draws an optimizer. Its epsilon is far above the rounding of a gradient that is 0 in exact arithmetic. lion steps by the sign
 * of such a gradient, and is drawn only where there is none (`isPlain`).
 */
function randomOptimizer(random: Random, isPlain: boolean): Optimizer {
  const decay = random.chance(0.3) ? { weightDecay: 0.02 } : {};
  const clip = random.chance(0.3)
    ? random.pick([{ clipNorm: 0.3 }, { clipNorm: 5 }, { clipValue: 0.05 }])
    : {};
  const epsilon = { epsilon: 1e-2 };
  const own = random.pick<Optimizer & object>([
    { name: "sgd" },
    { name: "sgd", momentum: 0.8 },
    { name: "sgd", momentum: 0.9, nesterov: true },
    { name: "rmsprop", ...epsilon },
    { name: "rmsprop", ...epsilon, alpha: 0.9, momentum: 0.5, centered: true },
    { name: "adagrad", ...epsilon },
    { name: "adam", ...epsilon },
    { name: "adam", ...epsilon, beta1: 0.5, beta2: 0.9 },
    { name: "adamw", ...epsilon },
    { name: "nadam", ...epsilon, momentumDecay: 0.1 },
    ...(isPlain ? [{ name: "lion" as const }] : []),
  ]);
  return { ...own, ...decay, ...clip, rate: randomRate(random, own.name === "sgd" ? 0.05 : 0.005) };
}

/** Returns so many epochs and rows of a batch that make ten steps or more, with short last batches. */
function schedule(random: Random, rows: number): { epochs: number; batchSize: number; shuffle: boolean } {
  const batchSize = random.whole(1, rows);
  return { epochs: Math.ceil(10 / Math.ceil(rows / batchSize)), batchSize, shuffle: random.chance(0.7) };
}

/** Draws a graph of plain layers with every option, and data with weights and masks. */
export function plainTrial(random: Random): Trial {
  const { naive, xs, ts, rows, options } = dressedCase(random);
  const { graph, names } = renamed(build(naive), random);
  const hasNorms = naive.layers.some(({ gain }) => gain !== undefined);
  graph.optimizer = randomOptimizer(random, !hasNorms);
  return { name: "plain", graph, set: namedSet({ xs, ts, ...options }, names), ...schedule(random, rows) };
}

/** Draws a graph of shapes, kinds of synapse and loops over time, and data of ragged sequences. */
export function tangledTrial(random: Random): Trial {
  const tangle = randomTangle(random);
  const { naive, lengths, xs, ts } = tangle;
  const { graph, names } = renamed(buildTangle(naive), random);
  // Where no output depends on a delay, a program has rows in place of steps.
  if (!toTorch(graph).module.includes("TIMED")) return tangledTrial(random);
  graph.optimizer = randomOptimizer(random, false);
  const weighting = random.chance(0.4) ? randomWeighting(random, tangle) : {};
  const set = namedSet({ xs, ts, steps: lengths, ...weighting } as Dataset, names);
  return { name: "tangle", graph, set, ...schedule(random, lengths.length) };
}
