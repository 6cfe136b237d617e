// Cells learn tasks that need a memory, within the steps that a fair run in PyTorch takes, and some: for three seeds each.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { Random } from "../support/helpers.js";

const MOST_STEPS = 1500;
const SAMPLES = 32;

const optimizer = { name: "adam", rate: 0.005, clipNorm: 1 } as const;
const runs = (["lstm", "gru"] as const).flatMap((cell) => [1, 2, 3].map((seed) => ({ cell, seed })));

/** Returns the first step after which a running mean of a number passes a test. */
function stepsUntil(isReached: (mean: number) => boolean, start: number, made: () => number): number {
  let mean = start;
  for (let step = 1; step <= MOST_STEPS; step++) {
    mean += (made() - mean) * 0.05;
    if (isReached(mean)) return step;
  }
  return Infinity;
}

describe("the adding problem (Hochreiter and Schmidhuber 1997)", () => {
  const steps = 30;

  /** Adds the two marked numbers of a sequence; one is in either half. */
  function drawn(random: Random) {
    const x = new Float32Array(SAMPLES * steps * 2);
    const y = new Float32Array(SAMPLES);
    for (let r = 0; r < SAMPLES; r++) {
      for (let t = 0; t < steps; t++) x[(r * steps + t) * 2] = random.next();
      for (const t of [random.whole(0, steps / 2 - 1), random.whole(steps / 2, steps - 1)]) {
        x[(r * steps + t) * 2 + 1] = 1;
        y[r]! += x[(r * steps + t) * 2]!;
      }
    }
    return [{ x }, { y }] as const;
  }

  it.each(runs)("is learnt by a $cell, seed $seed", ({ cell, seed }) => {
    const graph = new Graph({
      ...{ seed, precision: "float32", optimizer },
      inputs: { x: 2 },
      hidden: { cell: { size: 32, cell, from: "x" } },
      outputs: { y: { size: 1, activation: "linear" } },
      synapses: [["cell", "y", { at: "last" }]],
    });
    const random = new Random(seed);
    // Guessing the mean costs 1/6.
    const count = stepsUntil(
      (cost) => cost < 0.01,
      1 / 6,
      () => graph.train(...drawn(random), { steps }),
    );
    expect(count).toBeLessThanOrEqual(MOST_STEPS);
    graph.dispose();
  });
});

describe("the copy task", () => {
  const [symbols, length, gap] = [6, 3, 10];
  const steps = 2 * length + gap;
  const mask = {
    y: Float32Array.from({ length: SAMPLES * steps }, (_, i) => Number(i % steps >= length + gap)),
  };

  /** Draws symbols, then blanks and a call, and wants the symbols once more. */
  function drawn(random: Random) {
    const x = new Float32Array(SAMPLES * steps * (symbols + 2));
    const y = new Float32Array(SAMPLES * steps);
    for (let r = 0; r < SAMPLES; r++) {
      for (let t = 0; t < steps; t++) {
        let given = t === length + gap - 1 ? symbols + 1 : symbols;
        if (t < length) {
          given = random.whole(0, symbols - 1);
          y[r * steps + length + gap + t] = given;
        }
        x[(r * steps + t) * (symbols + 2) + given] = 1;
      }
    }
    return [{ x }, { y }] as const;
  }

  it.each(runs)("is learnt by a $cell, seed $seed", ({ cell, seed }) => {
    const graph = new Graph({
      ...{ seed, precision: "float32", optimizer },
      inputs: { x: symbols + 2 },
      hidden: { cell: { size: 48, cell, from: "x" } },
      outputs: { y: { size: symbols, activation: "softmax" } },
      synapses: [["cell", "y"]],
    });
    const random = new Random(seed);
    const count = stepsUntil(
      (accuracy) => accuracy > 0.97,
      1 / symbols,
      () => {
        const [xs, ts] = drawn(random);
        const { accuracy } = graph.evaluate(xs, ts, { steps, mask }).outputs.y;
        graph.train(xs, ts, { steps, mask });
        return accuracy!;
      },
    );
    expect(count).toBeLessThanOrEqual(MOST_STEPS);
    graph.dispose();
  });
});
