// A step whose cost, gradient or outcome isn't finite is refused, and leaves the parameters as before it.

import { Graph, type OptimizerOptions, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, everything, expectRefusal, expectSame, Random, seed } from "../support/helpers.js";

function make(precision: Precision, rate: number) {
  const graph = new Graph<string, string, string, Precision>({
    seed: 3,
    precision,
    optimizer: { name: "sgd", rate },
  });
  graph.addInput("x", 2);
  graph.addHidden("h", 3, "linear");
  graph.addOutput("y", 2, "linear");
  graph.addOutput("z", 1);
  graph.connect("x", "h");
  graph.connect("h", "y");
  graph.connect("h", "z");
  return graph;
}

describe.each([
  ["float64", 1e200, 1.7e308],
  ["float32", 1e30, 3e38],
] as const)("diverged in %s", (precision, large, largest) => {
  const before = (graph: ReturnType<typeof make>) => JSON.stringify(graph);

  it("refuses a step whose cost is not finite", () => {
    const graph = make(precision, 0.1);
    const kept = before(graph);
    expectRefusal(() => graph.train({ x: [large, 1] }, { y: [-large, 0] }), "diverged", "0.1");
    expect(before(graph)).toBe(kept);
  });

  it("refuses a step whose pre-activation is not finite", () => {
    const graph = make(precision, 0.1);
    graph.synapse("x", "h").weights.fill(large);
    const kept = before(graph);
    expectRefusal(() => graph.train({ x: [large, large] }, { y: [0, 0] }), "diverged");
    expectRefusal(() => graph.train({ x: [large, large] }, { z: [0] }), "diverged");
    expect(before(graph)).toBe(kept);
  });

  it("refuses a step after which a parameter would not be finite", () => {
    const graph = make(precision, largest);
    const kept = before(graph);
    expectRefusal(() => graph.train({ x: [1, 2] }, { y: [9, -9] }), "diverged");
    expect(before(graph)).toBe(kept);
    graph.rate = 0.1;
    expect(graph.train({ x: [1, 2] }, { y: [9, -9] })).toBeGreaterThan(0);
    expect(before(graph)).not.toBe(kept);
  });

  it("refuses a step for one parameter among many that would be fine", () => {
    // Nothing goes in and no weight leads back, so that the one gradient that isn't 0 is a bias's.
    const graph = make(precision, largest);
    graph.synapse("h", "y").weights.fill(0);
    graph.layer("h").bias.fill(0);
    const { bias } = graph.gradients({ x: [0, 0] }, { y: [-1, 0] });
    expect([...bias.y!]).toEqual([2, 0]);
    const kept = before(graph);
    expectRefusal(() => graph.train({ x: [0, 0] }, { y: [-1, 0] }), "diverged");
    expect(before(graph)).toBe(kept);
  });

  it("refuses a step for any one unit of an output, the first as the last", () => {
    for (let unit = 0; unit < 9; unit++) {
      const graph = new Graph<string, string, string, Precision>({
        precision,
        optimizer: { name: "sgd", rate: largest },
      });
      graph.addInput("x", 1);
      graph.addOutput("y", 9, "linear");
      graph.connect("x", "y").weights.fill(0);
      const kept = JSON.stringify(graph);
      const t = Array.from({ length: 9 }, (_, j) => (j === unit ? -2 : 0));
      expectRefusal(() => graph.train({ x: [0] }, { y: t }), "diverged");
      expect(JSON.stringify(graph)).toBe(kept);
    }
  });

  it("refuses a step of a parameter that was written as NaN", () => {
    const graph = make(precision, 0.1);
    graph.synapse("h", "z").weights[1] = Number.NaN;
    const kept = graph.layers.map(({ bias }) => bias.slice());
    expectRefusal(() => graph.train({ x: [1, 2] }, { z: [1] }), "diverged");
    for (const [i, { bias }] of graph.layers.entries()) expectSame(bias, kept[i]!, "bias");
    expect(graph.predict({ x: [1, 2] }).z![0]).toBeNaN();
    // The other output doesn't depend on it.
    expect(graph.train({ x: [1, 2] }, { y: [1, 1] })).toBeGreaterThan(0);
  });

  it("refuses nothing that computes without a step", () => {
    const graph = make(precision, 0.1);
    graph.synapse("h", "y").weights.fill(large);
    expect(graph.evaluate({ x: [large, large] }, { y: [0, 0] }).cost).toBe(Number.POSITIVE_INFINITY);
    expect(graph.gradients({ x: [large, large] }, { y: [0, 0] }).cost).toBe(Number.POSITIVE_INFINITY);
    expect(graph.predict({ x: [large, large] }).y).toHaveLength(2);
  });
});

const optimizers: readonly OptimizerOptions[] = [
  { name: "sgd", momentum: 0.9 },
  { name: "sgd", weightDecay: 0.1 },
  { name: "sgd", clipNorm: 1000 },
  { name: "sgd", clipValue: 1000 },
  { name: "rmsprop", epsilon: 1e-20 },
  { name: "rmsprop", epsilon: 1e-20, centered: true, momentum: 0.5 },
  { name: "adagrad", epsilon: 1e-20 },
  { name: "adam", epsilon: 1e-20 },
  { name: "adamw", epsilon: 1e-20 },
  { name: "nadam", epsilon: 1e-20, clipNorm: 1000 },
  { name: "lion" },
];
/** The optimizers whose moments are of squares. */
const squaring = optimizers.filter(({ name }) => name !== "sgd" && name !== "lion");

describe.each([
  ["float64", { rate: 1.7e308, most: 1.7e308, tiny: 1e-160, target: 1e150, steep: 1e250, square: 1e120 }],
  ["float32", { rate: 3e38, most: 3e38, tiny: 1e-25, target: 1e17, steep: 1e30, square: 1e14 }],
] as const)("diverged in %s with a state", (precision, { rate, most, tiny, target, steep, square }) => {
  /** Makes a graph with more weights than are tried at once, and a weight apart. */
  const make = (optimizer: OptimizerOptions): AnyGraph => {
    const graph: AnyGraph = new Graph({ seed: 3, precision, optimizer });
    graph.addInput("x", 23);
    graph.addInput("a", 1);
    graph.addOutput("y", 19, "linear");
    graph.addOutput("z", 1, "linear");
    graph.connect("x", "y");
    graph.connect("a", "z").weights[0] = 0.5;
    return graph;
  };
  const random = new Random(seed);
  const [x, y] = [random.numbers(23), random.numbers(19)];

  /** Expects a refused step to leave everything as it was, and later calls to have the bits of a graph without it. */
  function expectRefused(
    optimizer: OptimizerOptions,
    prepare: (graph: AnyGraph) => void,
    xs: object,
    ts: object,
  ) {
    const [graph, other] = [make(optimizer), make(optimizer)];
    for (const one of [graph, other]) {
      for (let step = 0; step < 3; step++) one.train({ x }, { y });
      prepare(one);
    }
    const before = everything(graph);
    expect(Number.isFinite(graph.evaluate({ x, ...xs }, { y, ...ts }).cost)).toBe(true);
    graph.rate = rate;
    expectRefusal(() => graph.train({ x, ...xs }, { y, ...ts }), "diverged");
    graph.rate = other.rate;
    other.evaluate({ x, ...xs }, { y, ...ts });
    expect(JSON.parse(everything(graph)).graph).toEqual(JSON.parse(before).graph);
    for (const one of [graph, other]) one.train({ x }, { y });
    expect(everything(graph)).toBe(everything(other));
  }

  it.each(optimizers)(
    "$name, clipped to $clipNorm $clipValue, refuses what makes a parameter infinite",
    (optimizer) => {
      const pushed = (graph: AnyGraph) => graph.synapse("a", "z").weights.fill(most);
      if (optimizer.name === "sgd") expectRefused(optimizer, () => {}, { a: [1] }, { z: [-50] });
      else expectRefused(optimizer, pushed, { a: [tiny] }, { z: [target] });
    },
  );

  it.each(optimizers)(
    "$name, clipped to $clipNorm $clipValue, refuses a gradient that is not finite",
    (optimizer) => {
      const small = (graph: AnyGraph) => {
        graph.rate = 0;
        graph.synapse("a", "z").weights.fill(1 / Math.sqrt(steep));
      };
      expectRefused(optimizer, small, { a: [steep] }, { z: [0] });
    },
  );

  it.each(optimizers)(
    "$name, clipped to $clipNorm $clipValue, refuses a gradient that is not finite among many",
    (optimizer) => {
      const [graph, other] = [make(optimizer), make(optimizer)];
      for (const one of [graph, other]) one.synapse("x", "y").weights.fill(1 / Math.sqrt(steep));
      const before = everything(graph);
      const [xs, ts] = [{ x: new Array(3 * 23).fill(steep) }, { y: new Array(3 * 19).fill(0) }];
      expect(Number.isFinite(graph.evaluate(xs, ts).cost)).toBe(true);
      expectRefusal(() => graph.train(xs, ts), "diverged");
      other.evaluate(xs, ts);
      expect(JSON.parse(everything(graph)).graph).toEqual(JSON.parse(before).graph);
      const [some, wanted] = [{ x: random.numbers(3 * 23) }, { y: random.numbers(3 * 19) }];
      for (const one of [graph, other]) one.train(some, wanted);
      expect(everything(graph)).toBe(everything(other));
    },
  );

  it.each(squaring)("$name refuses what makes a moment infinite", ({ clipNorm: _, ...optimizer }) => {
    const small = (graph: AnyGraph) => graph.synapse("a", "z").weights.fill(1 / Math.sqrt(square));
    expectRefused(optimizer as OptimizerOptions, small, { a: [square] }, { z: [0] });
    const graph = make(optimizer as OptimizerOptions);
    small(graph);
    const { weights } = graph.gradients({ a: [square] }, { z: [0] });
    expect(Number.isFinite(weights[0]!.values[0]!)).toBe(true);
  });
});
