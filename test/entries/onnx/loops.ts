// Random graphs with loops in time, values for them, and their predictions by plain loops.

import {
  type Activation,
  Graph,
  type Layer,
  type LayerOptions,
  type Precision,
  type Synapse,
} from "plexus-nn";
import type { AnyGraph, Random } from "../../support/helpers.js";

/** Values of k samples by a name: of T steps, or one row without time. */
export type Values = Readonly<Record<string, readonly (readonly (readonly number[])[])[]>>;

/** Activations that stay small in a loop. */
const small: readonly Activation[] = [
  "tanh",
  "sigmoid",
  "softsign",
  "linear",
  "softmax",
  "sin",
  "hardSigmoid",
];

/** Makes a graph with loops of one direction each, delays, products, diagonals, norms, shared weights and initial values. */
export function randomLoops(random: Random, precision: Precision, isCausal = false): AnyGraph {
  const graph: AnyGraph = new Graph<string, string, string, Precision>({
    seed: random.whole(0, 2 ** 32 - 1),
    precision,
  });
  const initial = (size: number) => (random.chance(0.3) ? { initial: random.numbers(size) } : {});
  const size = 4;
  graph.addInput("x", random.whole(1, 5), "linear", random.chance(0.3) ? { initial: 0.3 } : {});
  if (random.chance(0.5)) graph.addInput("c", size, "linear", { time: false, ...initial(size) });
  const loops = random.whole(1, 3);
  for (let l = 0; l < loops; l++) {
    const before = graph.layers.slice(1);
    const sign = isCausal || random.chance(0.6) ? 1 : -1;
    const count = random.whole(1, 4);
    const made: Layer[] = [];
    for (let i = 0; i < count; i++) {
      const options: LayerOptions = {
        join: random.chance(0.3) ? "product" : "sum",
        ...(random.chance(0.2) ? { norm: "layer" } : {}),
        ...(random.chance(0.4) ? { bias: false } : {}),
        ...initial(size),
      };
      const activation = random.pick(small);
      const name = `l${l}.${i}`;
      const layer =
        random.chance(0.3) || (l === loops - 1 && i === count - 1)
          ? graph.addOutput(name, size, activation, undefined, options)
          : graph.addHidden(name, size, activation, options);
      made.push(layer);
      if (i === 0) graph.connect("x", layer);
      if (before.length > 0 && random.chance(0.5)) {
        const from = random.pick(before);
        const step =
          l > 0 && random.chance(0.4)
            ? { delay: random.whole(isCausal ? 0 : -2, 3) }
            : !isCausal && l > 0 && random.chance(0.2)
              ? { at: random.pick(["last", "first"] as const) }
              : {};
        graph.connect(from, layer, step);
      }
      if (i > 0) join(random, graph, made[i - 1]!, layer, 0);
    }
    const back = random.whole(1, 3);
    for (let i = 0; i < back; i++) {
      const [from, to] = [made.at(-1 - random.whole(0, Math.min(1, count - 1)))!, made[0]!];
      const delay = sign * random.whole(1, 3);
      if (graph.synapses.every((s) => s.from !== from || s.to !== to || s.delay !== delay))
        join(random, graph, from, to, delay);
    }
  }
  if (!isCausal && random.chance(0.5)) {
    graph.addOutput("last", 3, "tanh");
    graph.connect(graph.layers.at(-2)!, "last", { at: random.pick(["last", "first"]) });
  }
  for (const layer of graph.layers) {
    if (layer.hasBias && layer.kind !== "input") layer.bias.set(random.numbers(layer.size));
    layer.gain?.set(random.numbers(layer.size));
  }
  return graph;
}

function join(random: Random, graph: AnyGraph, from: Layer, to: Layer, delay: number): void {
  const kind = random.pick(["dense", "identity", "oneToOne"] as const);
  const alike = graph.synapses.filter(
    (s) => s.kind === "dense" && s.shape[0] === from.size && s.shape[1] === to.size,
  );
  if (kind === "dense" && alike.length > 0 && random.chance(0.3)) {
    graph.connect(from, to, { delay, share: random.pick(alike) });
  } else graph.connect(from, to, { delay, kind });
}

/** Returns random values for k samples of T steps. */
export function randomSteps(random: Random, graph: AnyGraph, k: number, T: number): Values {
  return Object.fromEntries(
    graph.inputs.map(({ name, size, time }) => [
      name,
      Array.from({ length: k }, () => random.rows(time ? T : 1, size)),
    ]),
  );
}

/** Computes predictions step by step in plain loops; the activations by the engine, as layers of their own. */
export function plainPredict(graph: AnyGraph, xs: Values, T: number): Record<string, number[]> {
  const samples = Object.values(xs)[0]!.length;
  return Object.fromEntries(
    graph.outputs.map((output) => {
      const values: number[] = [];
      for (let r = 0; r < samples; r++) {
        const sample = new Sample(graph, (name) => xs[name]![r]!, T);
        for (let t = 0; t < (output.time ? T : 1); t++) values.push(...sample.value(output, t));
      }
      return [output.name, values];
    }),
  );
}

/** The values of a sample's layers, computed when they are asked for. */
class Sample {
  readonly #graph: AnyGraph;
  readonly #given: (name: string) => readonly (readonly number[])[];
  readonly #steps: number;
  readonly #known = new Map<string, readonly number[]>();

  constructor(graph: AnyGraph, given: (name: string) => readonly (readonly number[])[], steps: number) {
    this.#graph = graph;
    this.#given = given;
    this.#steps = steps;
  }

  value(layer: Layer, t: number): readonly number[] {
    const step = layer.time ? t : 0;
    const key = `${layer.name} ${step}`;
    const post = this.#known.get(key) ?? activate(layer, this.#pre(layer, step));
    this.#known.set(key, post);
    return post;
  }

  #pre(layer: Layer, t: number): number[] {
    const parts = this.#graph.synapses
      .filter(({ to }) => to === layer)
      .map((synapse) => brought(synapse, this.#sent(synapse, t)));
    const join = (a: number, b: number) => (layer.join === "sum" ? a + b : a * b);
    const joined =
      layer.kind === "input"
        ? [...this.#given(layer.name)[t]!]
        : parts.reduce((a, b) => a.map((value, i) => join(value, b[i]!)));
    return normed(layer, joined).map((value, i) => value + (layer.hasBias ? layer.bias[i]! : 0));
  }

  #sent({ from, delay, at }: Synapse, t: number): readonly number[] {
    if (at !== undefined) return this.value(from, at === "last" ? this.#steps - 1 : 0);
    const step = t - delay;
    const isOutside = delay !== 0 && (step < 0 || step >= this.#steps);
    return isOutside ? Array.from(from.initial) : this.value(from, step);
  }
}

function brought({ kind, weights, to }: Synapse, sent: readonly number[]): number[] {
  if (kind === "identity") return [...sent];
  if (kind === "oneToOne") return sent.map((value, i) => value * weights[i]!);
  return Array.from({ length: to.size }, (_, j) =>
    sent.reduce((sum, value, i) => sum + value * weights[i * to.size + j]!, 0),
  );
}

function normed({ gain }: Layer, sums: number[]): number[] {
  if (gain === undefined) return sums;
  const mean = sums.reduce((a, b) => a + b) / sums.length;
  const variance = sums.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sums.length;
  return sums.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * gain[i]!);
}

const activators = new Map<string, AnyGraph>();

function activate({ activation, size }: Layer, pre: number[]): number[] {
  if (activation === "linear") return pre;
  const key = JSON.stringify([activation, size]);
  let graph = activators.get(key);
  if (graph === undefined) {
    graph = new Graph<string, string, string, Precision>({ seed: 0 });
    graph.addInput("x", size);
    graph.addOutput("y", size, activation, undefined, { bias: false });
    graph.connect("x", "y", { kind: "identity" });
    activators.set(key, graph);
  }
  return Array.from(graph.predict({ x: pre }).y!);
}
