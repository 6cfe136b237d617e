// One hidden layer before one unit has a faster way through the core: its bits are those of the way of all other graphs.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectSame, Random, seed } from "./helpers.js";

const STEPS = 20;
const precisions: readonly Precision[] = ["float64", "float32"];

/** x → h → y; and the same with a second input that is always 0, which goes the common way. */
function twins(precision: Precision, loss: "entropy" | "mse", inputs: number, units: number) {
  return [false, true].map((common) => {
    const graph = new Graph<string, string, string, Precision>({ seed: seed % 1000, precision });
    graph.addInput("x", inputs);
    graph.addHidden("h", units);
    graph.addOutput("y", 1, "sigmoid", loss);
    graph.connect("x", "h");
    graph.connect("h", "y");
    if (common) {
      graph.addInput("zero", 1);
      graph.connect("zero", "h");
    }
    return graph;
  }) as [Graph<string, string, string, Precision>, Graph<string, string, string, Precision>];
}

describe.each(precisions)("one hidden layer before one unit in %s", (precision) => {
  it.each([
    [2, 4],
    [1, 1],
    [5, 2],
    [2, 3],
    [3, 5],
    [4, 7],
    [2, 8],
    [9, 11],
    [30, 64],
  ])("learns by the common bits: %d inputs, %d hidden units", (inputs, units) => {
    const random = new Random(seed);
    for (const loss of ["entropy", "mse"] as const) {
      const [fast, common] = twins(precision, loss, inputs, units);
      for (let step = 0; step < STEPS; step++) {
        const x = random.rows(1, inputs)[0]!.map((value) => (step === 3 ? 0 : 3 * value));
        const y = [step % 2];
        common.layer("zero").bias.fill(0);
        expect(fast.train({ x }, { y })).toBe(common.train({ x, zero: [0] }, { y }));
        for (const name of ["x", "h", "y"]) {
          const [one, other] = [fast.layer(name), common.layer(name)];
          for (const what of ["bias", "pre", "post"] as const) {
            expectSame(one[what], other[what], `${what} of ${name} at step ${step}`);
          }
        }
        expectSame(
          fast.synapse("x", "h").weights,
          common.synapse("x", "h").weights,
          `W of h at step ${step}`,
        );
        expectSame(
          fast.synapse("h", "y").weights,
          common.synapse("h", "y").weights,
          `W of y at step ${step}`,
        );
      }
    }
  });

  it.each([
    [2, 4, { name: "sgd", rate: 0.25 }],
    [3, 3, { name: "sgd", rate: { name: "step", rate: 0.25, every: 3, factor: 0.5 } }],
    [2, 11, { name: "sgd", rate: 0.25 }],
    [2, 4, { name: "adam", rate: 0.01 }],
  ] as const)(
    "learns inside fit by the bits of train: %d inputs, %d hidden units, %o",
    async (inputs, units, optimizer) => {
      const random = new Random(seed);
      const rows = random.rows(7, inputs);
      const [one, other] = [1, 2].map(() => {
        const [graph] = twins(precision, "mse", inputs, units);
        graph.optimizer = optimizer;
        return graph;
      }) as [Graph<string, string, string, Precision>, Graph<string, string, string, Precision>];
      const targets = rows.map(([first]) => [first! > 0 ? 1 : 0]);
      await one.fit({ xs: { x: rows }, ts: { y: targets } }, { epochs: 3, batchSize: 1, shuffle: false });
      for (let epoch = 0; epoch < 3; epoch++) {
        rows.forEach((x, r) => {
          other.train({ x }, { y: targets[r]! });
        });
      }
      expect(one.toJSON()).toEqual(other.toJSON());
      for (const name of ["x", "h", "y"]) expectSame(one.layer(name).post, other.layer(name).post, name);
    },
  );

  it("is refused inside fit what diverges, and keeps its parameters", async () => {
    const [graph] = twins(precision, "mse", 2, 4);
    const before = graph.synapse("x", "h").weights.slice();
    graph.rate = precision === "float64" ? 1e308 : 1e38;
    const data = { xs: { x: [[1, 1]] }, ts: { y: [3e30] } };
    await expect(graph.fit(data, { epochs: 1, batchSize: 1 })).rejects.toThrow(
      expect.objectContaining({ code: "diverged" }),
    );
    expectSame(graph.synapse("x", "h").weights, before, "W of h");
  });

  it("is refused what diverges, and keeps its parameters", () => {
    const [graph] = twins(precision, "mse", 2, 4);
    const before = graph.synapse("x", "h").weights.slice();
    graph.rate = 1e308;
    expect(() => graph.train({ x: [1, 1] }, { y: [3e30] })).toThrow(
      expect.objectContaining({ code: "diverged" }),
    );
    expectSame(graph.synapse("x", "h").weights, before, "W of h");
    graph.rate = 0.5;
    expect(graph.train({ x: [1, 1] }, { y: [1] })).toBeGreaterThan(0);
  });
});
