// Faults of float32 alone, which gradCheck can't see, since it runs in float64. Costs and gradients of float32 are compared
// with float64's of the same float32 parameters and data.

import {
  type Activation,
  type ActivationOption,
  Graph,
  type Loss,
  type LossOption,
  type Precision,
} from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectClose, Random, seed } from "../support/helpers.js";
import { build, randomCase } from "../support/random.js";
import * as rules from "../support/rules.js";

const near = [0.3, 1, 2.5, 2.999, 5, 10, 13, 16.5, 17, 20, 25, 30, 40, 60, 80];
const farther = [87, 88, 90, 95, 99, 101, 120, 220, 1e4, 1e10, 1e18, 1e30];
const tiny = [1e-3, 1e-7, 1e-12, 1e-20, 1e-37];
const both = (values: readonly number[]) => values.flatMap((value) => [value, -value]);
const arguments_ = [0, ...both([...tiny, ...near, ...farther])].map(Math.fround);

const targets: Record<Loss, readonly number[]> = {
  entropy: [0, 1, 0.25],
  crossEntropy: [0, 1, 0.25],
  kl: [0, 1, 0.25],
  mse: [0, 1, -3],
  mae: [0, 1.5, -40],
  huber: [0, 1.5, -7],
  logCosh: [0, 1, -40],
  hinge: [-1, 1],
  poisson: [0, 1, 3, 40],
};

/** Losses that take a logarithm have activations that stay above 0. */
const positive: readonly Activation[] = ["sigmoid", "softmax", "softplus", "exp", "hardSigmoid", "relu"];
const activations: readonly ActivationOption[] = [
  "softmax",
  ...(Object.keys(rules.activations) as (keyof typeof rules.activations)[]),
  { name: "leakyRelu", slope: 0.3 },
];
const allowed: Partial<Record<Loss, readonly ActivationOption[]>> = {
  entropy: ["sigmoid", "hardSigmoid", "softmax"],
  crossEntropy: ["softmax"],
  kl: positive,
  poisson: positive,
};
const losses: readonly LossOption[] = [
  ...(Object.keys(rules.losses) as Loss[]),
  { name: "entropy", smoothing: 0.1 },
  { name: "crossEntropy", smoothing: 0.1 },
  { name: "huber", delta: 0.3 },
];
const pairs = losses.flatMap((loss) =>
  (allowed[rules.nameOf(loss)] ?? activations).map((activation) => [activation, loss] as const),
);

/** Makes an output of given pre-activations. */
function through(
  size: number,
  activation: ActivationOption,
  loss: LossOption,
  precision: Precision,
): AnyGraph {
  const y = { size, activation, loss };
  return new Graph({
    precision,
    inputs: { x: size },
    outputs: { y },
    synapses: [["x", "y", { kind: "identity" }]],
  });
}

/** Returns whether a loss bends or jumps so near that the rounding of y may carry it to the other side. */
function isKink(loss: LossOption, y: number, t: number): boolean {
  const { kink, own = 0 } = rules.losses[rules.nameOf(loss)];
  return (kink?.(y, t, rules.ownNumber(loss, own)) ?? 1) < 1e-6;
}

describe.each(pairs)("%j with %j", (activation, loss) => {
  it.each([2, 3].concat(activation === "softmax" ? [] : [1]))(
    "has float64's costs and gradients in float32 at any argument, of %d units",
    (size) => {
      const [narrow, wide] = (["float32", "float64"] as const).map((precision) =>
        through(size, activation, loss, precision),
      ) as [AnyGraph, AnyGraph];
      let compared = 0;
      for (const z of arguments_) {
        // In float32, e^z is infinite at z ≥ 89, and a square at 1.8e19 or more.
        if (activation === "exp" && Math.abs(z) > 88) continue;
        for (const t of targets[rules.nameOf(loss)]) {
          const x = [z, 0.2, -z / 2].slice(0, size).map(Math.fround);
          const ts = [t, targets[rules.nameOf(loss)][1]!, t].slice(0, size).map(Math.fround);
          const reference = wide.gradients({ x }, { y: ts });
          const ys: number[] = [...wide.predict({ x }).y!];
          const largest = Math.max(Math.abs(reference.cost), ...Array.from(reference.inputs.x!, Math.abs));
          if (!(largest < 1e37) || ys.some((y, j) => isKink(loss, y, ts[j]!))) continue;
          const found = narrow.gradients({ x }, { y: ts });
          const what = `z ${z}, t ${t}`;
          expectClose([found.cost], [reference.cost], 1e-4, `${what}: cost`);
          expectClose(found.inputs.x!, reference.inputs.x!, 1e-4, `${what}: gradient`);
          compared++;
        }
      }
      expect(compared).toBeGreaterThan(40);
    },
  );
});

it(`random graphs in float32 have float64's costs and gradients, PLEXUS_SEED=${seed}`, () => {
  for (let i = 0; i < 300; i++) {
    const { naive, xs, ts } = randomCase(new Random(seed * 900_001 + i));
    const narrow: AnyGraph = build(naive, "float32");
    const wide: AnyGraph = build(naive);
    for (const { name, bias } of narrow.layers) wide.layer(name).bias.set(bias);
    for (const [k, { weights }] of narrow.synapses.entries()) wide.synapses[k]!.weights.set(weights);
    const rounded = (values: Record<string, number[][]>) =>
      Object.fromEntries(
        Object.entries(values).map(([name, rows]) => [name, rows.map((row) => row.map(Math.fround))]),
      );
    const given = [
      rounded(xs as Record<string, number[][]>),
      rounded(ts as Record<string, number[][]>),
    ] as const;
    const [found, wanted] = [narrow.gradients(...given), wide.gradients(...given)];
    const all: number[] = Object.values(wanted.bias).flatMap((values) => [...(values as Float64Array)]);
    const most = Math.max(1, ...all.map(Math.abs));
    expectClose([found.cost], [wanted.cost], 1e-4, `graph ${i}: cost`);
    for (const [name, values] of Object.entries(wanted.bias)) {
      expectClose(found.bias[name]!, values as Float64Array, 1e-4 * most, `graph ${i}: bias of ${name}`);
    }
    wanted.weights.forEach(({ values }, k) => {
      expectClose(found.weights[k]!.values, values, 1e-4 * most, `graph ${i}: weights ${k}`);
    });
    narrow.dispose();
    wide.dispose();
  }
});

it.each([-80, -87, -95, -99])("poisson on softplus has the gradient of its cost at %d", (z) => {
  for (const [activation, bias] of [
    ["softplus", z],
    ["exp", z],
    ["sigmoid", z],
  ] as const) {
    const graph = through(1, activation, "poisson", "float32");
    const { cost, inputs } = graph.gradients({ x: [bias] }, { y: [3] });
    expectClose([cost, inputs.x![0]!], [-3 * bias, -3], 1e-5, activation);
  }
});
