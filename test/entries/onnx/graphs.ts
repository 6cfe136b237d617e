// Random graphs of the whole vocabulary, with values for them.

import {
  type Activation,
  type ActivationOption,
  Graph,
  type Layer,
  type LayerOptions,
  type Precision,
  Scaler,
} from "plexus-nn";
import { activations as table } from "../../../src/rules/activation.js";
import type { Random } from "../../support/helpers.js";
import type { Rows } from "./judge.js";

/** Every activation, and those with a number of their own once more with another. */
export const activations: readonly ActivationOption[] = [
  ...(Object.keys(table) as Activation[]),
  { name: "leakyRelu", slope: 0.3 },
  { name: "elu", alpha: 1.7 },
];

type AnyGraph = Graph<string, string, string, Precision>;

/**
 * Makes a graph with several inputs and outputs, skips, outputs that feed others, parallel, identical and shared synapses,
 * norms.
 */
export function randomGraph(random: Random, precision: Precision, vocabulary = activations): AnyGraph {
  const graph: AnyGraph = new Graph<string, string, string, Precision>({
    seed: random.whole(0, 2 ** 32 - 1),
    precision,
  });
  // The few units of a small norm may be almost equal, and then it makes much of a float32's rounding.
  const least = precision === "float32" ? 4 : 1;
  const options = (size: number): LayerOptions => ({
    ...(random.chance(0.2) && size >= least ? { norm: "layer" } : {}),
    ...(random.chance(0.2) ? { bias: false } : {}),
    ...(random.chance(0.1) ? { dropout: 0.5 } : {}),
  });
  const sizeFor = (activation: ActivationOption) => random.whole(activation === "softmax" ? 2 : 1, 7);
  const inputs = random.whole(1, 3);
  for (let i = 0; i < inputs; i++) {
    const activation = random.chance(0.7) ? "linear" : random.pick(vocabulary);
    const size = sizeFor(activation);
    const given = random.chance(0.2) ? options(size) : {};
    const layer = graph.addInput(`in ${i}`, size, activation, given);
    if (layer.hasBias && random.chance(0.5)) layer.bias.set(random.numbers(layer.size));
  }
  const inner = random.whole(1, 7);
  for (let i = 0; i < inner; i++) {
    const sources = random.shuffled(graph.layers).slice(0, random.whole(1, 3));
    const activation = random.pick(vocabulary);
    const size = sizeFor(activation);
    const output = i === inner - 1 || random.chance(0.3);
    const layer = output
      ? graph.addOutput(`out ${i}`, size, activation, undefined, options(size))
      : graph.addHidden(`h ${i}`, size, activation, options(size));
    for (const source of sources) join(random, graph, source, layer);
    if (random.chance(0.25)) join(random, graph, sources[0]!, layer, `twin ${i}`);
    if (layer.hasBias) layer.bias.set(random.numbers(size));
    layer.gain?.set(random.numbers(size));
  }
  // Small sums, so that a chain of powers stays where numbers are exact; but a norm enlarges what is small.
  for (const { weights, from, share, to } of graph.synapses) {
    if (share !== undefined || to.norm !== undefined) continue;
    weights.forEach((value, i) => {
      weights[i] = value / (2 * Math.sqrt(from.size));
    });
  }
  for (const { name, kind, size } of graph.layers) {
    if (kind === "hidden" || !random.chance(0.2)) continue;
    graph.scale(name, Scaler.fit(random.rows(5, size), size, random.pick(["standard", "minmax"])));
  }
  return graph;
}

function join(random: Random, graph: AnyGraph, from: Layer, to: Layer, name?: string): void {
  const named = name === undefined ? {} : { name };
  const alike = graph.synapses.filter(
    ({ kind, shape }) => kind === "dense" && shape[0] === from.size && shape[1] === to.size,
  );
  if (from.size === to.size && random.chance(0.5)) graph.connect(from, to, { ...named, kind: "identity" });
  else if (alike.length > 0 && random.chance(0.5))
    graph.connect(from, to, { ...named, share: random.pick(alike) });
  else graph.connect(from, to, named);
}

export function randomRows(random: Random, graph: AnyGraph, rows = random.whole(1, 9)): Rows {
  return Object.fromEntries(graph.inputs.map(({ name, size }) => [name, random.rows(rows, size)]));
}

/** Returns the rows of the inputs that some outputs need. */
export function needed(file: { input: readonly { name: string }[] }, xs: Rows): Rows {
  return Object.fromEntries(file.input.map(({ name }) => [name, xs[name]!]));
}
