// Every loss at outputs with shapes: softmax over the channels of each position, with and without weights of samples and units.

import { type DataOptions, Graph, type LossOption, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectClose, Random, seed } from "../support/helpers.js";
import { channelsOf, product, type Shape } from "../support/maps.js";
import * as rules from "../support/rules.js";

const pairs: readonly (readonly [LossOption, string])[] = [
  ["entropy", "sigmoid"],
  [{ name: "entropy", smoothing: 0.2 }, "softmax"],
  ["crossEntropy", "softmax"],
  [{ name: "crossEntropy", smoothing: 0.3 }, "softmax"],
  ["kl", "softmax"],
  ["kl", "softplus"],
  ["mse", "softmax"],
  ["mse", "tanh"],
  ["mae", "linear"],
  ["huber", "softmax"],
  ["logCosh", "softmax"],
  ["hinge", "tanh"],
  ["poisson", "softmax"],
  ["poisson", "softplus"],
];
const shapes: readonly Shape[] = [[3], [1, 3], [4, 3], [2, 3, 4], [5, 1, 2]];
const ROWS = 4;

function targetsOf(random: Random, loss: string, shape: Shape): number[] {
  const row = () => random.numbers(channelsOf(shape)).map(Math.abs);
  const positions = Array.from({ length: (ROWS * product(shape)) / channelsOf(shape) }, row);
  if (loss === "hinge") return positions.flat().map((t) => (t > 0.5 ? 1 : -1));
  if (loss === "poisson") return positions.flat().map((t) => Math.floor(4 * t));
  if (loss !== "crossEntropy" && loss !== "kl") return positions.flat();
  return positions.flatMap((p) => p.map((t) => t / p.reduce((a, b) => a + b)));
}

/** Returns weightings with the weight that each gives a unit of a row. */
function weightings(random: Random, size: number) {
  const amounts = (count: number) =>
    Array.from({ length: count }, () => (random.chance(0.3) ? 0 : random.next() * 2));
  const [rows, ofRows, units] = [amounts(ROWS), amounts(ROWS), amounts(ROWS * size)];
  type Weighting = [options: DataOptions, weightOf: (r: number, j: number) => number];
  return [
    [{}, () => 1],
    [{ sampleWeights: rows }, (r) => rows[r]!],
    [{ mask: { y: ofRows } }, (r) => ofRows[r]!],
    [{ mask: { y: units } }, (r, j) => units[r * size + j]!],
    [{ sampleWeights: rows, mask: { y: units } }, (r, j) => rows[r]! * units[r * size + j]!],
  ] satisfies Weighting[] as Weighting[];
}

describe.each(pairs)("%j on %s", (loss, activation) => {
  const name = rules.nameOf(loss);
  it.each(shapes.map((shape) => [shape]))(
    "at %j has the costs of its positions, and their slopes",
    (shape) => {
      const random = new Random(seed);
      const size = product(shape);
      const channels = channelsOf(shape);
      const isJoint = rules.isJoint(activation as never, loss);
      const make = (precision: Precision) => {
        const graph: AnyGraph = new Graph({ seed: 5, precision, init: "he" });
        graph.addInput("x", shape);
        graph.addOutput("y", shape, activation as never, loss);
        const kind = shape.length === 1 ? "dense" : "conv";
        graph.connect("x", "y", shape.length === 1 ? {} : { kind, kernel: 3, padding: "same" });
        return graph;
      };
      const xs = { x: random.numbers(ROWS * size) };
      const ts = { y: targetsOf(random, name, shape) };
      for (const [options, weightOf] of weightings(random, size)) {
        const graph = make("float64");
        graph.predict(xs);
        const [pre, post] = [Array.from(graph.layer("y").pre), Array.from(graph.layer("y").post)];
        let total = 0;
        for (let at = 0; at < pre.length; at += channels) {
          const own = [pre, post, ts.y].map((list) => list.slice(at, at + channels));
          rules.costs(loss, isJoint, own[0]!, own[1]!, own[2]!).forEach((cost, c) => {
            total += cost * weightOf(Math.floor(at / size), (at % size) + c);
          });
        }
        const cost = total / ROWS;
        expectClose([graph.evaluate(xs, ts, options).cost], [cost], 1e-13, "cost");
        expectClose([make("float32").evaluate(xs, ts, options).cost], [cost], 1e-5, "cost in float32");
        const { ok, worst } = graph.gradCheck(xs, ts, options);
        expect(ok, JSON.stringify([options, worst])).toBe(true);
        expectClose([graph.train(xs, ts, options)], [cost], 1e-13, "cost of a step");
      }
    },
  );
});

it("class numbers of positions are one-hot targets, with weights of units", () => {
  const random = new Random(seed);
  for (const shape of [
    [4, 3],
    [2, 3, 4],
  ]) {
    const size = product(shape);
    const channels = channelsOf(shape);
    const make = (): AnyGraph =>
      new Graph({
        seed: 5,
        inputs: { x: 4 },
        outputs: { y: { size: shape, activation: "softmax" } },
        synapses: [["x", "y"]],
      });
    const x = random.numbers(4 * ROWS);
    const classes = Array.from({ length: (ROWS * size) / channels }, () => random.whole(0, channels - 1));
    const hot = classes.flatMap((one) => Array.from({ length: channels }, (_, c) => Number(c === one)));
    for (const [options] of weightings(random, size)) {
      const [named, given] = [make(), make()];
      expect(named.train({ x }, { y: classes }, options)).toBe(given.train({ x }, { y: hot }, options));
      expect(JSON.stringify(named)).toBe(JSON.stringify(given));
      expect(named.evaluate({ x }, { y: classes }, options)).toEqual(
        given.evaluate({ x }, { y: hot }, options),
      );
    }
  }
});
