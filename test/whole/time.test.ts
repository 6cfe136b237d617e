// Graphs in time: random tangles against plain loops and central differences, and the promises on bits.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectClose, expectSame, Random, seed } from "../support/helpers.js";
import { buildTangle, randomTangle, randomWeighting, type Tangle } from "../support/tangle.js";
import type { Samples } from "../support/unrolled.js";

/** Returns the values of an output at each step of each sample, from the engine's padded ones. */
function rowsOf({ naive, lengths }: Tangle, name: string, values: ArrayLike<number>): number[] {
  const { size } = naive.layer(name);
  const longest = Math.max(...lengths);
  if (!naive.isTimed(name)) return Array.from(values);
  return lengths.flatMap((length, r) => {
    const at = r * longest * size;
    const beyond = Array.from(values).slice(at + length * size, at + longest * size);
    expect(beyond.every((value) => Object.is(value, 0))).toBe(true);
    return Array.from(values).slice(at, at + length * size);
  });
}

const outputsOf = ({ naive }: Tangle) => naive.layers.filter(({ kind }) => kind === "output");

describe.each([
  ["float64", 1e-11],
  ["float32", 2e-5],
] as const)("%s", (precision, tolerance) => {
  it(`agrees with plain loops on 300 random tangles, PLEXUS_SEED=${seed}`, () => {
    for (let i = 0; i < 300; i++) {
      const tangle = randomTangle(new Random(seed * 300_007 + i));
      const { naive, xs, ts, lengths } = tangle;
      const graph: AnyGraph = buildTangle(naive, precision);
      const found = graph.predict(xs, { steps: lengths });
      const scores = graph.evaluate(xs, ts, { steps: lengths });
      for (const { name } of outputsOf(tangle)) {
        const wanted = naive.forward(xs, lengths, name).flatMap((steps) => steps.flatMap(({ post }) => post));
        expectClose(rowsOf(tangle, name, found[name]!), wanted, tolerance, `tangle ${i}: ${name}`);
        const cost = naive.cost(xs, ts, lengths, name);
        expectClose([scores.outputs[name]!.cost], [cost], tolerance, `tangle ${i}: cost of ${name}`);
      }
      graph.dispose();
    }
  });
});

it(`has gradients that central differences confirm on 1000 random tangles, PLEXUS_SEED=${seed}`, () => {
  for (let i = 0; i < 1000; i++) {
    const random = new Random(seed * 700_001 + i);
    const tangle = randomTangle(random);
    const graph: AnyGraph = buildTangle(tangle.naive);
    const weighting = random.chance(0.5) ? randomWeighting(random, tangle) : {};
    const { ok, worst } = graph.gradCheck(tangle.xs, tangle.ts, { steps: tangle.lengths, ...weighting });
    if (!ok) throw new Error(`tangle ${i}: ${JSON.stringify(worst)}`);
    graph.dispose();
  }
});

describe.each(["float64", "float32"] as const satisfies readonly Precision[])(
  "the bits in %s",
  (precision) => {
    /** Draws tangles and builds their graphs. */
    const each = (count: number, sign: 0 | 1, test: (tangle: Tangle, graph: AnyGraph, i: number) => void) => {
      for (let i = 0; i < count; i++) {
        const tangle = randomTangle(new Random(seed * 900_001 + i), sign);
        const graph: AnyGraph = buildTangle(tangle.naive, precision);
        test(tangle, graph, i);
        graph.dispose();
      }
    };

    it("of a sample depend neither on the batch nor on other lengths", () => {
      each(100, 0, (tangle, graph, i) => {
        const { xs, lengths } = tangle;
        const whole = graph.predict(xs, { steps: lengths });
        lengths.forEach((length, r) => {
          const one = Object.fromEntries(Object.entries(xs).map(([name, data]) => [name, [data[r]!]]));
          const alone = graph.predict(one, { steps: [length] });
          for (const { name, size } of outputsOf(tangle)) {
            const width = tangle.naive.isTimed(name) ? size * Math.max(...lengths) : size;
            const wanted = whole[name]!.slice(r * width, r * width + alone[name]!.length);
            expectSame(alone[name]!, wanted, `tangle ${i}, sample ${r}: ${name}`);
          }
        });
      });
    });

    it("of a call are those of one step a call with a state", () => {
      each(100, 1, (tangle, graph, i) => {
        const { naive, xs, lengths } = tangle;
        if (naive.synapses.some(({ at }) => at !== undefined)) return;
        const steps = Math.min(...lengths);
        const cut = (from: number, to: number) =>
          Object.fromEntries(
            Object.entries(xs).map(([name, data]) => [
              name,
              naive.isTimed(name) ? data.map((sample: unknown[]) => sample.slice(from, to)) : data,
            ]),
          ) as Samples;
        const whole = graph.predict(cut(0, steps), { steps });
        const state = graph.state(lengths.length);
        for (let t = 0; t < steps; t++) {
          const one = graph.predict(cut(t, t + 1), { steps: 1, state });
          for (const { name, size } of outputsOf(tangle)) {
            lengths.forEach((_, r) => {
              const at = naive.isTimed(name) ? (r * steps + t) * size : r * size;
              expectSame(
                one[name]!.slice(r * size, (r + 1) * size),
                whole[name]!.slice(at, at + size),
                `tangle ${i}: ${name}`,
              );
            });
          }
        }
      });
    });
  },
);

describe("without delays", () => {
  const make = (precision: Precision) =>
    new Graph({
      seed: 5,
      precision,
      optimizer: "adam",
      inputs: { a: 3, b: 2 },
      hidden: { h: { size: 5, activation: "tanh", dropout: 0.3 }, g: { size: 4, norm: "layer" } },
      outputs: { y: { size: 3, activation: "softmax" }, z: { size: 1, activation: "linear" } },
      synapses: [
        ["a", "h"],
        ["b", "h"],
        ["h", "g"],
        ["g", "y"],
        ["h", "z"],
        ["a", "z"],
      ],
    });

  it.each(["float64", "float32"] as const)(
    "`steps: 1` trains as a call without steps does, in %s",
    (precision) => {
      const random = new Random(seed);
      const [one, other] = [make(precision), make(precision)];
      for (const rows of [1, 7, 300]) {
        const xs = { a: random.numbers(rows * 3), b: random.numbers(rows * 2) };
        const ts = { y: Array.from({ length: rows }, () => random.whole(0, 2)), z: random.numbers(rows) };
        expect(one.train(xs, ts, { steps: 1 })).toBe(other.train(xs, ts));
        expect(JSON.stringify(one)).toBe(JSON.stringify(other));
        expect(one.gradients(xs, ts, { steps: 1 })).toEqual(other.gradients(xs, ts));
      }
    },
  );

  it("several steps have the values of as many rows", () => {
    const random = new Random(seed);
    const graph = make("float64");
    const xs = { a: random.numbers(40 * 3), b: random.numbers(40 * 2) };
    expect(graph.predict(xs, { steps: 5 })).toEqual(graph.predict(xs));
  });
});
