// One hidden layer before one unit has a path of its own through the core: its bits are those of the paths of other graphs.

import { type Activation, Graph, type Loss, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { activations } from "../../src/rules/activation.js";
import { losses } from "../../src/rules/loss.js";
import { expectSame, Random, seed } from "../support/helpers.js";

const STEPS = 20;
const precisions: readonly Precision[] = ["float64", "float32"];

/** Returns x → h → y, and the same with a second input that is always 0, which takes another path. */
function twins(
  precision: Precision,
  loss: Loss,
  inputs: number,
  units: number,
  [hidden, output]: readonly [Activation, Activation] = ["sigmoid", "sigmoid"],
) {
  return [false, true].map((common) => {
    const optimizer = { name: "sgd", rate: 0.02 } as const;
    const graph = new Graph<string, string, string, Precision>({ seed: seed % 1000, precision, optimizer });
    graph.addInput("x", inputs);
    graph.addHidden("h", units, hidden);
    graph.addOutput("y", 1, output, loss);
    graph.connect("x", "h");
    graph.connect("h", "y");
    if (common) {
      graph.addInput("zero", 1);
      graph.connect("zero", "h");
    }
    return graph;
  }) as [Graph<string, string, string, Precision>, Graph<string, string, string, Precision>];
}

type Twins = ReturnType<typeof twins>;

/** Returns the cost, or the message of a refusal: some losses are not finite for some values. */
function outcome(train: () => number): number | string {
  try {
    return train();
  } catch (error) {
    return (error as Error).message;
  }
}

/** Trains both on the same samples, and compares every number of theirs after each step. */
function compare([fast, common]: Twins, inputs: number, scale: number): void {
  const random = new Random(seed);
  for (let step = 0; step < STEPS; step++) {
    const x = random.rows(1, inputs)[0]!.map((value) => (step === 3 ? 0 : scale * value));
    const y = [step % 2];
    common.layer("zero").bias.fill(0);
    expect(outcome(() => fast.train({ x }, { y }))).toBe(
      outcome(() => common.train({ x, zero: [0] }, { y })),
    );
    for (const name of ["x", "h", "y"]) {
      const [one, other] = [fast.layer(name), common.layer(name)];
      for (const what of ["bias", "pre", "post"] as const) {
        expectSame(one[what], other[what], `${what} of ${name} at step ${step}`);
      }
    }
    for (const [from, to] of [
      ["x", "h"],
      ["h", "y"],
    ] as const) {
      const [one, other] = [fast.synapse(from, to), common.synapse(from, to)];
      expectSame(one.weights, other.weights, `W of ${to} at step ${step}`);
    }
  }
}

const names = Object.keys(activations) as Activation[];

/** Activations and losses that one unit may have. */
const pairs = names.flatMap((output) =>
  (Object.keys(losses) as Loss[])
    .filter((loss) => {
      const allowed = output !== "softmax" && loss !== "crossEntropy";
      return allowed && (activations[output].bounded || !losses[loss].bounded);
    })
    .map((loss) => [output, loss] as const),
);

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
    for (const loss of ["entropy", "mse"] as const) compare(twins(precision, loss, inputs, units), inputs, 3);
  });

  it.each(names)("learns by the common bits with hidden units of %s", (hidden) => {
    for (const units of hidden === "softmax" ? [3, 8, 13] : [1, 3, 4, 7, 13]) {
      for (const [output, loss] of [
        ["sigmoid", "entropy"],
        ["sigmoid", "mse"],
        ["linear", "huber"],
      ] as const) {
        compare(twins(precision, loss, 3, units, [hidden, output]), 3, 1);
      }
    }
  });

  it.each(pairs)("learns by the common bits with a unit of %s and the loss %s", (output, loss) => {
    for (const units of [2, 5, 11]) compare(twins(precision, loss, 2, units, ["tanh", output]), 2, 1);
  });

  it.each([
    [2, 4, { name: "sgd", rate: 0.25 }, ["sigmoid", "sigmoid"]],
    [
      3,
      3,
      { name: "sgd", rate: { name: "step", rate: 0.25, every: 3, factor: 0.5 } },
      ["sigmoid", "sigmoid"],
    ],
    [2, 11, { name: "sgd", rate: 0.25 }, ["sigmoid", "sigmoid"]],
    [2, 4, { name: "adam", rate: 0.01 }, ["sigmoid", "sigmoid"]],
    [3, 5, { name: "sgd", rate: 0.02 }, ["tanh", "linear"]],
    [3, 4, { name: "sgd", rate: 0.02 }, ["relu", "hardSigmoid"]],
  ] as const)(
    "learns inside fit by the bits of train: %d inputs, %d hidden units, %o",
    async (inputs, units, optimizer, kinds) => {
      const random = new Random(seed);
      const rows = random.rows(7, inputs);
      const [one, other] = [1, 2].map(() => {
        const [graph] = twins(precision, "mse", inputs, units, kinds);
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
