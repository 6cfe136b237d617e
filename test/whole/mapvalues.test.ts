// Random synapses of every kind, between layers large enough for all loops of the kernels, against plain loops: values,
// derivatives and a step.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { kindsBetween, randomMap } from "../support/drawmaps.js";
import { type AnyGraph, expectClose, Random, seed } from "../support/helpers.js";
import { channelsOf, mapper, product, type Shape, termsOf, windowsOf } from "../support/maps.js";

const CHANNELS = [1, 1, 2, 3, 4, 5, 6, 8, 9, 12, 16, 17, 24, 33];

function drawShape(random: Random, rank: number, channels: number): Shape {
  const most = rank === 1 ? 30 : 9;
  return [...Array.from({ length: rank }, () => random.whole(1, most)), channels];
}

/** Draws a map between two shapes whose kernels are not too large for plain loops. */
function draw(random: Random) {
  for (;;) {
    const rank = random.whole(1, 2);
    const channels = random.pick(CHANNELS);
    const ends = [channels, random.chance(0.5) ? channels : random.pick(CHANNELS)].map((c) =>
      random.chance(0.1) ? [c] : drawShape(random, rank, c),
    ) as [Shape, Shape];
    const [from, to] = ends;
    const kinds = kindsBetween(from, to);
    const kind = random.pick(kinds);
    if (kind === "dense" || product(from) * product(to) > 3e5) continue;
    const drawn = randomMap(random, kind, from, to);
    if (drawn !== undefined) return drawn;
  }
}

/** Sums values of a layer's units over samples, and over positions for one bias a channel. */
function summed(values: ArrayLike<number>, count: number): number[] {
  const sums = new Array<number>(count).fill(0);
  Array.from(values).forEach((value, i) => {
    sums[i % count]! += value;
  });
  return sums;
}

describe.each([
  ["float64", 1e-11],
  ["float32", 3e-4],
] as const satisfies readonly (readonly [Precision, number])[])("in %s", (precision, tolerance) => {
  it(`150 random maps have the values and derivatives of plain loops, PLEXUS_SEED=${seed}`, () => {
    for (let i = 0; i < 150; i++) {
      const random = new Random(seed * 1_700_033 + i);
      const { options, ...map } = draw(random);
      const { kind, from, to } = map;
      const what = `map ${i}: ${JSON.stringify({ from, to, ...(map.pattern ? { kind } : options) })}`;
      const graph: AnyGraph = new Graph({
        seed: 3,
        precision,
        init: "he",
        optimizer: { name: "sgd", rate: 1 },
      });
      const perUnit = random.chance(0.3);
      const biases = perUnit || from.length === 1 ? product(from) : channelsOf(from);
      // Eighths are exact, and tie in windows.
      const exact = (list: number[]) => (kind === "maxPool" ? list.map((n) => Math.round(8 * n) / 8) : list);
      const bias = exact(random.numbers(biases));
      graph.addInput("x", from, "linear", { bias });
      graph.addOutput("y", to, "linear", "mse", { bias: 0.5 });
      // A second synapse adds to the sums of the first.
      graph.connect("x", "y", options);
      const second = graph.connect("x", "y", {
        kind: "gather",
        units: random.shuffled(twice(from, to)),
        name: "g",
      });
      const rows = random.pick([1, 2, 3, 5, 9, 40]);
      const x = random.rows(rows, product(from)).map(exact);
      const dy = random.rows(rows, product(to));
      const weights = Array.from(graph.synapses[0]!.weights);
      const bring = mapper(map);
      const sources = x.map((row) => row.map((value, j) => value + bias[j % biases]!));
      const brought = sources.map((row) => bring(row, weights).sums);
      const wanted = brought.map((row, r) =>
        row.map((sum, j) => sum + 0.5 + (second.units![j]! < 0 ? 0 : sources[r]![second.units![j]!]!)),
      );
      const { y } = graph.predict({ x: x.flat() });
      expectClose(y!, wanted.flat(), tolerance, `${what}: y`);

      const dx = x.map((row) => row.map(() => 0));
      const dw = new Array<number>(weights.length).fill(0);
      sources.forEach((row, r) => {
        second.units!.forEach((unit, j) => {
          if (unit >= 0) dx[r]![unit]! += dy[r]![j]!;
        });
        if (kind === "maxPool") {
          windowsOf(map).forEach((cells, j) => {
            const first = cells.find((cell) => row[cell] === brought[r]![j])!;
            dx[r]![first]! += dy[r]![j]!;
          });
          return;
        }
        for (const { from, to, weight, factor } of termsOf(map)) {
          dx[r]![from]! += dy[r]![to]! * factor * (weight < 0 ? 1 : weights[weight]!);
          if (weight >= 0) dw[weight]! += dy[r]![to]! * row[from]!;
        }
      });
      const outputs = { y: dy.flat() };
      const found = graph.gradients({ x: x.flat() }, null, { outputs });
      const near = (actual: ArrayLike<number>, numbers: number[], part: string) => {
        const largest = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        expectClose(
          Array.from(actual, (value) => value / largest),
          numbers.map((value) => value / largest),
          tolerance,
          `${what}: ${part}`,
        );
      };
      near(found.inputs.x!, dx.flat(), "dx");
      if (weights.length > 0) near(found.weights[0]!.values, dw, "dw");
      const [biasOf, ownOf] = [summed(dx.flat(), biases), summed(dy.flat(), graph.layer("y").bias.length)];
      near(found.bias.x!, biasOf, "dbias of x");
      near(found.bias.y!, ownOf, "dbias of y");
      // A step of plain descent at the rate 1 subtracts the gradient, which it may compute in another way.
      const before = Array.from(graph.layer("x").bias);
      graph.backward({ x: x.flat() }, outputs);
      const steps = (now: ArrayLike<number>, then: ArrayLike<number>) =>
        Array.from(now, (value, k) => then[k]! - value);
      near(steps(graph.layer("x").bias, before), biasOf, "step of the bias of x");
      near(
        steps(
          graph.layer("y").bias,
          ownOf.map(() => 0.5),
        ),
        ownOf,
        "step of the bias of y",
      );
      if (weights.length > 0) near(steps(graph.synapses[0]!.weights, weights), dw, "step of the weights");
      expect(graph.layer("x").bias).toHaveLength(biases);
      graph.dispose();
    }
  });
});

/** Returns source units for a gather, some twice and some none. */
function twice(from: Shape, to: Shape): number[] {
  return Array.from({ length: product(to) }, (_, j) => (j % 5 === 4 ? -1 : (j * 7) % product(from)));
}
