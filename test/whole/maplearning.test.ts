// Bounds, penalties and freezing of the weights of every kind of synapse.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectClose, expectSame, Random, seed } from "../support/helpers.js";
import { graphOfKind, type KindCase, kindCases, mapOf, samplesOf } from "../support/kinds.js";
import { channelsOf, product, weightShape } from "../support/maps.js";

const precisions: readonly Precision[] = ["float64", "float32"];
const kinds = ["dense", "oneToOne", "sparse", "conv", "convTranspose", "embedding"];
const learning = kindCases.filter(({ options }) => kinds.includes(options.kind));
const titled = learning.map((one) => [one.title, one] as const);

/** Draws data for a case. */
function dataOf(one: KindCase, rows: number) {
  const random = new Random(seed);
  const xs = { x: samplesOf(random, one, rows).flat() };
  return { xs, ts: { y: random.numbers(rows * product(one.to)) } };
}

/** Returns the places of the weights that `maxNorm` bounds together. */
function boundedOf(one: KindCase, graph: AnyGraph): number[][] {
  const map = mapOf(one, graph);
  const count = product(weightShape(map)!);
  const { kind, from, to, window, pattern } = map;
  const groups = window?.groups ?? 1;
  const [sources, targets] = [channelsOf(from), channelsOf(to)];
  const keyOf = (w: number): number => {
    if (kind === "oneToOne") return w;
    if (kind === "sparse") return pattern![w]![1];
    if (kind === "dense") return w % product(to);
    if (kind === "conv") return w % targets;
    if (kind === "embedding") return Math.floor(w / (product(to) / product(from)));
    // (kernel, target channels of a group, source channels)
    const [source, own] = [w % sources, Math.floor(w / sources) % (targets / groups)];
    return Math.floor(source / (sources / groups)) * (targets / groups) + own;
  };
  const sets = new Map<number, number[]>();
  for (let w = 0; w < count; w++) sets.set(keyOf(w), [...(sets.get(keyOf(w)) ?? []), w]);
  return [...sets.values()];
}

describe.each(precisions)("in %s", (precision) => {
  const tolerance = precision === "float64" ? 1e-13 : 1e-6;

  it.each(titled)("maxNorm bounds the weights into a unit or a channel: %s", (_, one) => {
    const graph = graphOfKind(one, precision);
    const { xs, ts } = dataOf(one, 9);
    graph.rate = 0.5;
    const sets = boundedOf(one, graph);
    const weights = graph.synapses[0]!.weights;
    const norms = sets.map((set) => Math.hypot(...set.map((w) => weights[w]!))).sort((a, b) => a - b);
    // Some of the sets are above the bound.
    const maxNorm = norms[Math.floor(norms.length / 2)]!;
    const bounded = graphOfKind(one, precision, { maxNorm });
    bounded.rate = 0.5;
    expectSame(bounded.synapses[0]!.weights, weights, "start");
    graph.train(xs, ts);
    bounded.train(xs, ts);
    const free = graph.synapses[0]!.weights;
    const wanted = Array.from(free);
    for (const set of sets) {
      const norm = Math.hypot(...set.map((w) => free[w]!));
      if (norm > maxNorm) for (const w of set) wanted[w] = (free[w]! * maxNorm) / norm;
    }
    expect(wanted).not.toEqual(Array.from(free));
    expectClose(bounded.synapses[0]!.weights, wanted, tolerance, "weights");
  });

  it.each(titled)("penalties are those of the weights, once: %s", (_, one) => {
    const [graph, plain] = [graphOfKind(one, precision, { l1: 0.03, l2: 0.02 }), graphOfKind(one, precision)];
    const { xs, ts } = dataOf(one, 5);
    const weights = Array.from(plain.synapses[0]!.weights);
    const [found, bare] = [graph.gradients(xs, ts), plain.gradients(xs, ts)];
    const penalty = weights.reduce((sum, w) => sum + 0.03 * Math.abs(w) + 0.02 * w * w, 0);
    expectClose([found.cost], [bare.cost + penalty], tolerance * 10, "cost");
    const values = Array.from(bare.weights[0]!.values, (g, w) => {
      return g + 0.03 * Math.sign(weights[w]!) + 0.04 * weights[w]!;
    });
    expectClose(found.weights[0]!.values, values, tolerance, "gradient");
  });

  it.each(titled)("frozen weights stay, and change nothing for the others: %s", (_, one) => {
    for (const optimizer of ["sgd", { name: "adam", weightDecay: 0.1 }] as const) {
      const own = { l2: 0.01, maxNorm: 0.1 };
      const [free, frozen] = [graphOfKind(one, precision, own), graphOfKind(one, precision, own)];
      const { xs, ts } = dataOf(one, 130);
      for (const graph of [free, frozen]) graph.optimizer = optimizer;
      const start = frozen.synapses[0]!.weights.slice();
      frozen.synapses[0]!.frozen = true;
      const [ours, theirs] = [frozen, free].map((graph) => graph.gradients(xs, ts));
      expect(ours!.cost).toBe(theirs!.cost);
      expectSame(ours!.weights[0]!.values, theirs!.weights[0]!.values, "gradient");
      if (one.classes === undefined) expectSame(ours!.inputs.x!, theirs!.inputs.x!, "dx");
      expect(frozen.train(xs, ts)).toBe(free.train(xs, ts));
      expectSame(frozen.synapses[0]!.weights, start, "weights");
      for (const name of ["x", "y"]) {
        expectSame(frozen.layer(name).bias, free.layer(name).bias, `bias of ${name}`);
      }
    }
  });

  const dropping = kindCases.filter(({ classes }) => classes === undefined);
  it.each(dropping.map((one) => [one.title, one] as const))("dropout hides units from it: %s", (_, one) => {
    // An identity brings the units that are left to a layer without dropout.
    const make = (isDirect: boolean): AnyGraph => {
      const graph: AnyGraph = new Graph({ seed: 7, precision, optimizer: { name: "sgd", rate: 1e-3 } });
      graph.addInput("x", one.from, "linear", { bias: 0.25 });
      graph.addHidden("h", one.from, "linear", { dropout: 0.4 });
      graph.addOutput("y", one.to, "linear");
      graph.connect("x", "h", { kind: "identity" });
      if (!isDirect) {
        graph.addHidden("left", one.from, "linear", { bias: false });
        graph.connect("h", "left", { kind: "identity" });
      }
      const synapse = graph.connect(isDirect ? "h" : "left", "y", one.options);
      if (kinds.includes(one.options.kind)) {
        const random = new Random(seed);
        synapse.weights.set(random.numbers(synapse.weights.length));
      }
      return graph;
    };
    const [direct, through] = [make(true), make(false)];
    const { xs, ts } = dataOf(one, 5);
    const { cost } = direct.evaluate(xs, ts);
    expect(direct.train(xs, ts)).not.toBe(cost);
    through.train(xs, ts);
    for (let step = 0; step < 2; step++) expect(direct.train(xs, ts)).toBe(through.train(xs, ts));
    expectSame(direct.synapses.at(-1)!.weights, through.synapses.at(-1)!.weights, "weights");
    for (const name of ["x", "h", "y"])
      expectSame(direct.layer(name).bias, through.layer(name).bias, `bias of ${name}`);
    direct.dispose();
    through.dispose();
  });

  it.each(titled)("where nothing learns no gradient is computed: %s", (_, one) => {
    const graph: AnyGraph = new Graph({ seed: 7, precision });
    const { from, to, classes, options } = one;
    graph.addInput("x", from, "linear", classes === undefined ? { bias: false } : { classes });
    graph.addHidden("h", to, "linear", { frozen: true });
    graph.addOutput("y", 1, "linear");
    graph.connect("x", "h", { ...options, frozen: true });
    graph.connect("h", "y", { frozen: true });
    // The derivative by h would be infinite: a step that computed it would diverge.
    if (classes !== undefined) graph.synapses[0]!.weights.fill(0);
    graph.synapses[1]!.weights.fill(precision === "float64" ? 1e308 : 3e38);
    const start = graph.synapses[0]!.weights.slice();
    const xs = { x: new Float64Array(3 * product(from)) };
    const ts = { y: [1e3, 2e3, 3e3] };
    expect(Number.isFinite(graph.train(xs, ts))).toBe(true);
    expectSame(graph.synapses[0]!.weights, start, "weights");
    expect(graph.layer("y").bias[0]).toBeGreaterThan(0);
    expect(graph.gradients(xs, ts).weights[0]!.values.every(Number.isFinite)).toBe(false);
  });
});
