// `gradients` against central differences of the cost, on random graphs.

import type { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { everything, Random, seed } from "../support/helpers.js";
import type { Values } from "../support/naive.js";
import { build, isSmooth, randomCase } from "../support/random.js";

const GRAPHS = 80;
const STEP = 1e-5;

/** Returns (f(v + STEP) - f(v - STEP)) / (2 · STEP) for each number of a live view or of given rows. */
function differences(values: { [at: number]: number; length: number }, f: () => number): number[] {
  return Array.from(values as ArrayLike<number>, (value, i) => {
    values[i] = value + STEP;
    const above = f();
    values[i] = value - STEP;
    const below = f();
    values[i] = value;
    return (above - below) / (2 * STEP);
  });
}

function expectNear(actual: ArrayLike<number>, wanted: readonly number[], what: string): void {
  expect(actual.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    const off = Math.abs(actual[i]! - value);
    if (!(off <= 1e-6 * Math.max(1, Math.abs(value))))
      throw new Error(`${what}[${i}]: ${actual[i]}, not ${value}`);
  });
}

function check(graph: Graph, xs: Values, ts: Values, what: string): number {
  const before = JSON.stringify(graph);
  const { inputs, bias, weights, cost } = graph.gradients(xs, ts);
  expect(JSON.stringify(graph)).toBe(before);
  const costOf = () => graph.evaluate(xs, ts).cost;
  expect(costOf()).toBe(cost);
  let checked = 0;
  for (const [name, values] of Object.entries(bias)) {
    expectNear(values, differences(graph.layer(name).bias, costOf), `${what}, bias of ${name}`);
    checked += values.length;
  }
  for (const { from, to, name, values } of weights) {
    const synapse = graph.synapses.find((s) => s.from.name === from && s.to.name === to && s.name === name)!;
    expectNear(values, differences(synapse.weights, costOf), `${what}, ${from} → ${to}`);
    checked += values.length;
  }
  for (const [name, values] of Object.entries(inputs)) {
    const wanted = xs[name]!.flatMap((row) => differences(row, costOf));
    expectNear(values, wanted, `${what}, input ${name}`);
    checked += values.length;
  }
  return checked;
}

describe("gradients", () => {
  it(`are the central differences on ${GRAPHS} random graphs, PLEXUS_SEED=${seed}`, () => {
    let checked = 0;
    let rowsSeen = 0;
    for (let i = 0, draw = 0; i < GRAPHS; draw++) {
      const drawn = randomCase(new Random(seed * 300_007 + draw));
      if (!isSmooth(drawn)) continue;
      const { naive, xs, ts, rows } = drawn;
      const graph = build(naive);
      checked += check(graph, xs, ts, `graph ${draw}`);
      rowsSeen = Math.max(rowsSeen, rows);
      graph.dispose();
      i++;
    }
    expect(checked).toBeGreaterThan(GRAPHS * 20);
    expect(rowsSeen).toBeGreaterThan(10);
  });

  it("change no parameter, generator or state of learning", () => {
    const { naive, xs, ts } = randomCase(new Random(seed));
    const [graph, other] = [build(naive), build(naive)];
    for (let i = 0; i < 3; i++) {
      graph.gradients(xs, ts);
      graph.train(xs, ts);
      other.train(xs, ts);
    }
    expect(everything(graph)).toBe(everything(other));
  });

  it("are the caller's own", () => {
    const { naive, xs, ts } = randomCase(new Random(seed + 1));
    const graph = build(naive);
    const first = graph.gradients(xs, ts);
    const kept = JSON.stringify(first);
    graph.train(xs, ts);
    graph.gradients(xs, ts);
    expect(JSON.stringify(first)).toBe(kept);
  });
});
