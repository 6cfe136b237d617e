// Every optimizer against a naive one, on random graphs. The gradients are those of `gradients`, and the steps are made
// number by number. Each block of parameters has its own moments and count.

import { Graph, type Optimizer, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectClose, expectSame, Random, seed, wrong } from "../support/helpers.js";
import { build, randomCase } from "../support/random.js";
import { naiveStep, type Options } from "../support/steps.js";

/** Returns the blocks of parameters by name, each a live view. */
function blocks(graph: AnyGraph) {
  return [
    ...graph.layers.map(({ name, bias }) => [`bias of ${name}`, bias] as const),
    ...graph.synapses.map(({ weights }, i) => [`synapse ${i}`, weights] as const),
  ];
}

/** Returns the derivatives of the blocks that a pass reaches. */
function slopes(graph: AnyGraph, xs: object, ts: object): Map<string, Float64Array> {
  const { bias, weights } = graph.gradients(wrong(xs), wrong(ts));
  const found = new Map(Object.entries(bias).map(([name, values]) => [`bias of ${name}`, values]));
  for (const { from, to, name, values } of weights) {
    const is = (s: { from: { name: string }; to: { name: string }; name: string | undefined }) =>
      s.from.name === from && s.to.name === to && s.name === name;
    found.set(`synapse ${graph.synapses.findIndex(is)}`, values);
  }
  return found as Map<string, Float64Array>;
}

/** Makes a step of all blocks, clipped as in PyTorch. */
function naiveSteps(
  o: Options,
  before: Map<string, Float64Array>,
  found: Map<string, Float64Array>,
  state: Map<string, { t: number; moments: Record<string, number>[] }>,
) {
  let square = 0;
  for (const values of found.values()) for (const g of values) square += g * g;
  const scale = o.clipNorm === undefined ? 1 : Math.min(1, Number(o.clipNorm) / (Math.sqrt(square) + 1e-6));
  const most = Number(o.clipValue ?? Infinity);
  for (const [name, values] of found) {
    const known = state.get(name) ?? { t: 0, moments: Array.from(values, () => ({})) };
    state.set(name, known);
    known.t++;
    const parameters = before.get(name)!;
    values.forEach((g, i) => {
      const clipped = Math.min(Math.max(g * scale, -most), most);
      parameters[i] = naiveStep(o, parameters[i]!, clipped, known.moments[i]!, known.t);
    });
  }
}

const settings: Options[] = [
  { name: "sgd", rate: 0.05, clipNorm: 0.3 },
  { name: "sgd", rate: 0.05, weightDecay: 0.1, clipValue: 0.05 },
  { name: "sgd", rate: 0.05, momentum: 0.9 },
  { name: "sgd", rate: 0.05, momentum: 0.8, nesterov: true, weightDecay: 0.02, clipNorm: 0.5 },
  { name: "rmsprop", rate: 0.01 },
  { name: "rmsprop", rate: 0.01, alpha: 0.9, momentum: 0.7 },
  { name: "rmsprop", rate: 0.01, alpha: 0.9, momentum: 0.7, centered: true, epsilon: 1e-3, weightDecay: 0.1 },
  { name: "adagrad", rate: 0.05 },
  { name: "adagrad", rate: 0.05, epsilon: 1e-4, weightDecay: 0.1, clipValue: 0.2 },
  { name: "adam", rate: 0.01 },
  { name: "adam", rate: 0.01, beta1: 0.5, beta2: 0.9, epsilon: 1e-5, weightDecay: 0.1, clipNorm: 0.1 },
  { name: "adamw", rate: 0.01 },
  { name: "adamw", rate: 0.01, beta1: 0, weightDecay: 0.5 },
  { name: "nadam", rate: 0.01 },
  { name: "nadam", rate: 0.01, beta1: 0.7, momentumDecay: 0.1, weightDecay: 0.1 },
  { name: "lion", rate: 0.01 },
  { name: "lion", rate: 0.01, beta1: 0.6, beta2: 0.7, weightDecay: 0.3, clipNorm: 0.3 },
  // Steps that are not sure to keep all numbers finite, and so are tried first.
  { name: "sgd", rate: 0.05, weightDecay: 21, clipNorm: 0.3 },
  { name: "rmsprop", rate: 0.01, alpha: 0.9, momentum: 0.7, centered: true, epsilon: 1e-3, weightDecay: 101 },
  { name: "adam", rate: 0.01, epsilon: 1e-302, clipNorm: 0.1 },
  { name: "nadam", rate: 0.01, epsilon: 1e-302 },
  { name: "lion", rate: 0.01, weightDecay: 101 },
];

describe.each(settings)("$name, $rate, $momentum $beta1 $weightDecay $clipNorm $clipValue", (o) => {
  it(`makes the naive steps on random graphs, where passes reach, PLEXUS_SEED=${seed}`, () => {
    let steps = 0;
    for (let i = 0; i < 25; i++) {
      const random = new Random(seed * 700_001 + i);
      const { naive, xs, ts } = randomCase(random);
      const graph: AnyGraph = build(naive);
      graph.optimizer = o as unknown as Optimizer;
      const state = new Map();
      for (let step = 0; step < 8; step++) {
        // Some steps are towards one output alone, and some on one sample.
        const only = random.chance(0.5) ? [random.pick(Object.keys(ts))] : Object.keys(ts);
        const take = random.chance(0.3) ? 1 : Infinity;
        const cut = (values: Record<string, number[][]>, names: string[]) =>
          Object.fromEntries(names.map((name) => [name, values[name]!.slice(0, take)]));
        const given = [cut(xs, Object.keys(xs)), cut(ts, only)] as const;
        const wanted = new Map(blocks(graph).map(([name, values]) => [name, Float64Array.from(values)]));
        const found = slopes(graph, ...given);
        // An optimizer that divides by the root of what it has seen turns the last bits of a 0 into a step of any size.
        for (const values of found.values())
          for (const g of values) if (Math.abs(g) < 1e-9 && g !== 0) return;
        naiveSteps(o, wanted, found, state);
        steps++;
        graph.train(...given);
        for (const [name, values] of blocks(graph)) {
          const what = `graph ${i}, step ${step}, ${name}`;
          if (found.has(name)) expectClose(values, wanted.get(name)!, 1e-9, what);
          else expectSame(values, wanted.get(name)!, what);
        }
      }
    }
    expect(steps).toBeGreaterThan(60);
  });
});

describe("the first step", () => {
  it.each(["float64", "float32"] as const)("of adam is the rate, of lion as well, in %s", (precision) => {
    for (const name of ["adam", "nadam", "lion"] as const) {
      const graph = new Graph<string, string, string, Precision>({
        precision,
        optimizer: { name, rate: 0.25 },
      });
      graph.addInput("x", 5);
      graph.addOutput("y", 3, "linear");
      const { weights } = graph.connect("x", "y");
      weights.fill(0);
      graph.train({ x: [1, 2, 3, -4, 0] }, { y: [1, -1, 0] });
      const signs = [1, 1, 1, -1, 0].flatMap((x) => [1, -1, 0].map((t) => x * t * 0.25));
      const wanted = name === "nadam" ? signs.map((value) => value * scaleOfNadam) : signs;
      expectClose(graph.synapse("x", "y").weights, wanted, 1e-6, name);
    }
  });
});

const mu = (t: number) => 0.9 * (1 - 0.5 * 0.96 ** (t * 4e-3));
/** m is (1 - β1) g, and both of its shares are corrected for their bias. */
const scaleOfNadam = (mu(2) * 0.1) / (1 - mu(1) * mu(2)) + (1 - mu(1)) / (1 - mu(1));

it.each([1, 1 + Number.EPSILON, 1 + 1e-7])(
  "a file's cosine of growth %d finds its place among 4e15 steps at once",
  (growth) => {
    const graph: AnyGraph = new Graph({
      seed: 1,
      inputs: { x: 1 },
      outputs: { y: 1 },
      synapses: [["x", "y"]],
    });
    graph.rate = { name: "cosine", rate: 0.1, steps: 1, restarts: Number.MAX_SAFE_INTEGER, growth };
    const json = JSON.parse(JSON.stringify(graph));
    const loaded: AnyGraph = Graph.fromJSON({ ...json, state: { steps: 4e15 } });
    const before = loaded.layer("y").bias[0]!;
    loaded.train({ x: [1] }, { y: [1] });
    const way = loaded.layer("y").bias[0]! - before;
    expect(way >= 0 && way <= 0.1).toBe(true);
  },
);

describe("learning", () => {
  it.each(["sgd", "rmsprop", "adagrad", "adam", "adamw", "nadam", "lion"] as const)(
    "%s learns exclusive or, one sample at a time and in batches",
    (name) => {
      const rates = {
        sgd: 0.3,
        rmsprop: 0.02,
        adagrad: 0.3,
        adam: 0.05,
        adamw: 0.05,
        nadam: 0.05,
        lion: 0.02,
      };
      for (const size of [1, 4]) {
        const graph: AnyGraph = new Graph({ seed: 2, optimizer: { name, rate: rates[name] } });
        graph.addInput("x", 2);
        graph.addHidden("h", 8, "tanh");
        graph.addOutput("y", 1);
        graph.connect("x", "h");
        graph.connect("h", "y");
        const xs = [0, 0, 0, 1, 1, 0, 1, 1];
        const ts = [0, 1, 1, 0];
        for (let step = 0; step < 4000; step++) {
          const first = (step * size) % 4;
          graph.train({ x: xs.slice(2 * first, 2 * (first + size)) }, { y: ts.slice(first, first + size) });
        }
        expect(graph.evaluate({ x: xs }, { y: ts }).cost).toBeLessThan(0.1);
      }
    },
  );
});
