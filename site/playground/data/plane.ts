// Points of a plane in two classes.

import type { Lesson } from "../model/lesson.ts";
import type { PlaneName } from "../model/sketch.ts";
import { cos, PI, sin } from "./maths.ts";
import { Random } from "./random.ts";
import { dealt, type Example } from "./rows.ts";

/** Points of a plane, of which half are of each class. */
const POINTS = 400;

/** Largest value of a coordinate in the drawing. */
const BOUND = 6;

type Draw = (random: Random, label: 0 | 1, noise: number) => readonly [number, number];

/** Points of each plane without the noise that is common to all. */
const planes: Readonly<Record<PlaneName, Draw>> = {
  circles(random, label) {
    const radius = label === 1 ? random.between(0, 2.2) : random.between(3.6, 5);
    const angle = random.between(0, 2 * PI);
    return [radius * cos(angle), radius * sin(angle)];
  },
  xor(random, label) {
    const [a, b] = [random.between(0.4, 5), random.between(0.4, 5)];
    const side = random.uniform() < 0.5 ? 1 : -1;
    return label === 1 ? [side * a, side * b] : [side * a, -side * b];
  },
  spirals(random, label) {
    const way = random.between(0.15, 1);
    const angle = 1.75 * way * 2 * PI + (label === 1 ? 0 : PI);
    return [5 * way * sin(angle), 5 * way * cos(angle)];
  },
  gauss(random, label) {
    const center = label === 1 ? 2.2 : -2.2;
    return [center + 0.9 * random.normal(), center + 0.9 * random.normal()];
  },
};

/** Returns the lesson of a plane. A point's target is 1 in the second class. */
export function plane(name: PlaneName, noise: number, share: number, seed: number): Lesson {
  const random = new Random(seed);
  const examples: Example[] = [];
  for (let k = 0; k < POINTS; k++) {
    const label = k % 2 === 0 ? 1 : 0;
    const point = planes[name](random, label, noise);
    const x = point.map((value) => value + 1.6 * noise * random.normal());
    examples.push({ x: x.map((value) => Math.max(-BOUND, Math.min(BOUND, value))), t: [label] });
  }
  return {
    inputs: [{ name: "x", size: 2, shape: [2], labels: ["x1", "x2"] }],
    outputs: [{ name: "y", size: 1, goal: "classes", labels: ["blue", "orange"] }],
    ...dealt(examples, share, seed),
    scalers: {},
    bounds: [
      [-BOUND, BOUND],
      [-BOUND, BOUND],
    ],
  };
}
