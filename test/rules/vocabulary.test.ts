// Activations and losses against PyTorch's values: reference/vocabulary.json, and what that lacks in reference/more.json.

import { readFileSync } from "node:fs";
import { type ActivationOption, Graph, type Loss, type LossOption, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { activations } from "../../src/rules/activation.js";
import { losses } from "../../src/rules/loss.js";
import { expectClose, filed } from "../support/helpers.js";
import { nameOf, pull } from "../support/rules.js";

type Rows = number[][];
interface ActivationCase {
  readonly activation: ActivationOption;
  readonly x: Rows;
  readonly y: Rows;
  readonly dy: Rows;
  readonly dx: Rows;
}
/** By the post-activation. */
interface LossCase {
  readonly loss: Loss;
  readonly y: Rows;
  readonly t: Rows;
  readonly cost: number;
  readonly dy: Rows;
}
/** By the pre-activation. */
interface OutputCase {
  readonly activation: ActivationOption;
  readonly loss: LossOption;
  readonly z: Rows;
  readonly t: Rows;
  readonly cost: number;
  readonly dz: Rows;
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../reference/${name}`, import.meta.url), "utf8")) as unknown;
const vocabulary = read("vocabulary.json") as { activations: ActivationCase[]; losses: LossCase[] };
const more = read("more.json") as { activations: ActivationCase[]; outputs: OutputCase[] };

/** Returns the values that a layer sends to another of its size, each unit times its own factor. */
const diagonal = (factors: readonly number[]) =>
  factors.flatMap((factor, i) => factors.map((_, j) => (i === j ? factor : 0)));

describe.each([
  ["float64", 1e-10],
  ["float32", 2e-6],
] as const satisfies [Precision, number][])("in %s", (precision, tolerance) => {
  const cases = [...vocabulary.activations, ...more.activations];

  it.each(cases)("$activation and its derivative have PyTorch's values", ({ activation, x, y, dy, dx }) => {
    const size = x[0]!.length;
    const graph = new Graph<string, string, string, Precision>({ precision });
    graph.addInput("x", size);
    graph.addHidden("h", size, activation);
    graph.addOutput("sum", size, "linear", "mae");
    graph.connect("x", "h").weights.set(diagonal(new Array(size).fill(1)));
    const outward = graph.connect("h", "sum");
    x.forEach((row, r) => {
      // The cost is Σ (dy · y - t) with a t far below it, so its derivative by y is dy, without a rounding.
      outward.weights.set(diagonal(dy[r]!));
      const t = y[r]!.map((value, j) => -2 * Math.abs(value * dy[r]![j]!) - 1);
      const found = graph.gradients({ x: row }, { sum: t }).inputs.x!;
      expectClose(graph.layer("h").post, y[r]!, tolerance, `y of row ${r}`);
      expectClose(found, dx[r]!, tolerance, `dx of row ${r}`);
    });
  });

  /** Returns an output's cost and its derivative by the pre-activation. */
  function output(activation: ActivationOption, loss: LossOption, z: Rows, t: Rows) {
    const size = z[0]!.length;
    const graph = new Graph<string, string, string, Precision>({ precision });
    graph.addInput("x", size);
    graph.addOutput("y", size);
    graph.connect("x", "y", { kind: "identity" });
    // By a file, which may have pairs that no call declares.
    const { cost, inputs } = filed(graph, "y", activation, loss).gradients({ x: z }, { y: t });
    return { cost, dz: inputs.x! };
  }

  it.each(vocabulary.losses)("$loss and its derivative have PyTorch's values", ({ loss, y, t, cost, dy }) => {
    // Through the activation whose outcome is y: the logit for entropy, the logarithm for softmax, y itself else.
    const activation = loss === "entropy" ? "sigmoid" : loss === "crossEntropy" ? "softmax" : "linear";
    const inverse = {
      sigmoid: (v: number) => Math.log(v / (1 - v)),
      softmax: Math.log,
      linear: (v: number) => v,
    };
    const z = y.map((row) => row.map(inverse[activation]));
    const found = output(activation, loss, z, t);
    expectClose([found.cost], [cost], tolerance, "cost");
    const dz = y.map((row, r) => pull(activation, z[r]!, row, dy[r]!));
    expectClose(found.dz, dz.flat(), tolerance, "dz");
  });

  it.each(more.outputs)(
    "$loss on $activation has PyTorch's values",
    ({ activation, loss, z, t, cost, dz }) => {
      const found = output(activation, loss, z, t);
      expectClose([found.cost], [cost], tolerance, "cost");
      expectClose(found.dz, dz.flat(), tolerance, "dz");
    },
  );
});

it("every activation and every loss has values to compare with", () => {
  const names = (options: (ActivationOption | LossOption)[]) => [...new Set(options.map(nameOf))].sort();
  const { activations: tails, outputs } = more;
  expect(names(tails.map(({ activation }) => activation))).toEqual(Object.keys(activations).sort());
  const compared = [...vocabulary.losses, ...outputs].map(({ loss }) => loss);
  expect(names(compared)).toEqual(Object.keys(losses).sort());
});
