// Steps of plain descent in large tables: the core changes the named rows alone, with the bits of a step by the whole gradient.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectRefusal, expectSame, Random, seed } from "../support/helpers.js";

const CLASSES = 2000;
const COLUMNS = 5;

const make = (precision: Precision, rate = 0.3) =>
  new Graph<string, string, string, Precision>({
    seed: 3,
    precision,
    optimizer: { name: "sgd", rate },
    inputs: { word: { size: 3, classes: CLASSES } },
    hidden: { e: { size: [3, COLUMNS], activation: "tanh" } },
    outputs: { y: { size: 2, activation: "linear" } },
    synapses: [
      ["word", "e", { kind: "embedding" }],
      ["e", "y"],
    ],
  });

describe.each(["float64", "float32"] as const)("a large table in %s", (precision) => {
  it(`makes steps with the bits of p - rate · g, PLEXUS_SEED=${seed}`, () => {
    const random = new Random(seed);
    const graph = make(precision);
    const narrow = precision === "float32" ? Math.fround : Number;
    const rate = narrow(0.3);
    for (let i = 0; i < 20; i++) {
      const rows = random.whole(1, 40);
      // Few classes, so that many rows are named more than once.
      const word = Array.from({ length: rows }, () =>
        Array.from({ length: 3 }, () => random.whole(0, 30) * 66),
      );
      const y = random.rows(rows, 2);
      const { values } = graph.gradients({ word }, { y }).weights[0]!;
      const table = graph.synapses[0]!.weights.slice();
      graph.train({ word }, { y });
      const wanted = table.map((p, k) => narrow(p - narrow(rate * values[k]!)));
      expectSame(graph.synapses[0]!.weights, wanted, `step ${i}`);
    }
    const named = new Set(Array.from({ length: 31 }, (_, i) => i * 66));
    const fresh = make(precision).synapses[0]!.weights;
    for (let row = 0; row < CLASSES; row++) {
      if (named.has(row)) continue;
      const at = [row * COLUMNS, (row + 1) * COLUMNS] as const;
      expectSame(graph.synapses[0]!.weights.slice(...at), fresh.slice(...at), `row ${row}`);
    }
  });

  it("has nothing changed by a refused step", () => {
    const graph = make(precision, precision === "float32" ? 1e38 : 1e308);
    const before = graph.synapses[0]!.weights.slice();
    const step = () => graph.train({ word: [[0, 1, 1]] }, { y: [[1e9, -1e9]] });
    expectRefusal(step, "diverged");
    expectSame(graph.synapses[0]!.weights, before, "weights");
    expect(graph.gradients({ word: [[0, 1, 1]] }, { y: [[1, 2]] }).weights[0]!.shape).toEqual([
      CLASSES,
      COLUMNS,
    ]);
  });
});
