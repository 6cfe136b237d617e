// A function of one number, to be fitted.

import type { Lesson } from "../model/lesson.ts";
import { Refused } from "../model/refusal.ts";
import { formula } from "./formula.ts";
import { Random } from "./random.ts";
import { dealt, type Example } from "./rows.ts";
import { standard } from "./scaling.ts";

const POINTS = 240;
const BOUND = 6;

/** Fewest points with a finite value. */
const FEWEST = 20;

/** Returns the lesson of a formula of x from -6 to 6. Noise is in parts of the curve's own deviation. */
export function curve(text: string, noise: number, share: number, seed: number): Lesson {
  const value = formula(text);
  const random = new Random(seed);
  const points: (readonly [number, number])[] = [];
  for (let k = 0; k < POINTS; k++) {
    const x = random.between(-BOUND, BOUND);
    const t = value(x);
    if (Math.abs(t) < 1e12) points.push([x, t]);
  }
  if (points.length < FEWEST) {
    throw new Refused("bad-formula", `The formula has hardly a value from x = -${BOUND} to ${BOUND}.`);
  }
  const { divisor } = standard(
    Float64Array.from(points, ([, t]) => t),
    1,
  );
  const examples: Example[] = points.map(([x, t]) => ({
    x: [x],
    t: [t + noise * divisor[0]! * random.normal()],
  }));
  const rows = dealt(examples, share, seed);
  return {
    inputs: [{ name: "x", size: 1, shape: [1], labels: ["x"] }],
    outputs: [{ name: "y", size: 1, goal: "number", labels: ["y"] }],
    ...rows,
    // Unscaled inputs let a first layer begin with steeper slopes, which waves need.
    scalers: { y: standard(rows.training.ts.y!, 1) },
    bounds: [[-BOUND, BOUND]],
  };
}
