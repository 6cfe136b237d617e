// Series in time, of which each next value is to be predicted.

import type { Lesson } from "../model/lesson.ts";
import type { SeriesName } from "../model/sketch.ts";
import { PI, sin } from "./maths.ts";
import { Random } from "./random.ts";
import { boundsOf, dealt, type Example } from "./rows.ts";

const ROWS = 120;
const STEPS = 32;

/** Returns a function that draws a series: its value at each step. */
const series: Readonly<Record<SeriesName, (random: Random) => (step: number) => number>> = {
  sine(random) {
    const phase = random.between(0, 2 * PI);
    const period = random.between(10, 20);
    return (step) => sin((2 * PI * step) / period + phase);
  },
  beats(random) {
    const [first, second] = [random.between(0, 2 * PI), random.between(0, 2 * PI)];
    return (step) => (sin((2 * PI * step) / 9 + first) + sin((2 * PI * step) / 11 + second)) / 2;
  },
  // The logistic map of the parameter 3.9, from 0 to 1, here from -1 to 1 (May, 1976).
  logistic(random) {
    const values = [random.between(0.1, 0.9)];
    return (step) => {
      while (values.length <= step) {
        const last = values.at(-1)!;
        values.push(3.9 * last * (1 - last));
      }
      return 2 * values[step]! - 1;
    };
  },
};

/** Returns the lesson of a series: rows of 32 steps, each with the next value as its target. */
export function timeSeries(name: SeriesName, noise: number, share: number, seed: number): Lesson {
  const random = new Random(seed);
  const examples: Example[] = [];
  for (let row = 0; row < ROWS; row++) {
    const value = series[name](random);
    const noisy = Array.from({ length: STEPS + 1 }, (_, step) => value(step) + 0.5 * noise * random.normal());
    examples.push({ x: noisy.slice(0, -1), t: noisy.slice(1) });
  }
  const rows = dealt(examples, share, seed);
  return {
    inputs: [{ name: "x", size: 1, shape: [1], labels: ["value"] }],
    outputs: [{ name: "y", size: 1, goal: "number", labels: ["next value"] }],
    ...rows,
    steps: STEPS,
    scalers: {},
    bounds: boundsOf(rows.training.xs.x!, 1),
  };
}
