// Weights of samples, masks, class numbers and weights of outputs, each compared with an equivalent call.

import { type ErrorCode, Graph, type Loss } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { eachIsRefused } from "../support/fixture.js";
import {
  type AnyGraph,
  everything,
  expectClose,
  expectRefusal,
  expectSame,
  Random,
  seed,
  type WrongUse,
  wrong,
} from "../support/helpers.js";

const random = new Random(seed);
const ROWS = 5;
const losses: readonly (readonly ["sigmoid" | "softmax" | "linear" | "softplus", Loss])[] = [
  ["sigmoid", "entropy"],
  ["softmax", "crossEntropy"],
  ["softmax", "kl"],
  ["softmax", "mse"],
  ["sigmoid", "kl"],
  ["softmax", "entropy"],
  ["linear", "mse"],
  ["linear", "mae"],
  ["linear", "huber"],
  ["linear", "logCosh"],
  ["linear", "hinge"],
  ["softplus", "poisson"],
];

function made(activation: (typeof losses)[number][0], loss: Loss, smoothing = 0): AnyGraph {
  const smooth = smoothing > 0 && (loss === "entropy" || loss === "crossEntropy");
  return new Graph({
    seed,
    inputs: { x: 3 },
    hidden: { h: { size: 4, activation: "tanh" } },
    outputs: { y: { size: 3, activation, loss: smooth ? { name: loss, smoothing } : loss } },
    synapses: [
      ["x", "h"],
      ["h", "y"],
      ["x", "y"],
    ],
  });
}

const rows = (count: number, size: number) =>
  Array.from({ length: count }, () => Array.from({ length: size }, () => random.next()));
const xs = rows(ROWS, 3);
const ts = rows(ROWS, 3);

/** Expects costs and gradients to agree to rounding. */
function expectEqual(
  a: ReturnType<AnyGraph["gradients"]>,
  b: ReturnType<AnyGraph["gradients"]>,
  factor: number,
  what: string,
): void {
  expectClose([a.cost], [b.cost * factor], 1e-13, `${what}: cost`);
  for (const [name, values] of Object.entries(a.bias)) {
    expectClose(
      values,
      Array.from(b.bias[name]!, (value) => value * factor),
      1e-13,
      `${what}: bias of ${name}`,
    );
  }
  a.weights.forEach(({ values }, i) => {
    expectClose(
      values,
      Array.from(b.weights[i]!.values, (value) => value * factor),
      1e-13,
      `${what}: weights ${i}`,
    );
  });
}

describe.each(losses)("%s with %s", (activation, loss) => {
  it.each([0, 0.2])(
    "a weight of 2 is the sample twice, and of 0 the sample left out (smoothing %s)",
    (smoothing) => {
      const graph = made(activation, loss, smoothing);
      const sampleWeights = [2, 0, 1, 1, 0];
      const weighed = graph.gradients({ x: xs }, { y: ts }, { sampleWeights });
      const order = [0, 0, 2, 3];
      const again = graph.gradients({ x: order.map((r) => xs[r]!) }, { y: order.map((r) => ts[r]!) });
      expectEqual(weighed, again, order.length / ROWS, "weights");
      const score = graph.evaluate({ x: xs }, { y: ts }, { sampleWeights });
      expectClose([score.cost, score.outputs.y.cost], [weighed.cost, weighed.cost], 1e-15, "evaluate");
      expectEqual(
        graph.gradients({ x: xs }, { y: ts }, { mask: { y: sampleWeights } }),
        weighed,
        1,
        "a mask of rows",
      );
      expectEqual(
        graph.gradients({ x: xs }, { y: ts }, { sampleWeights: [1, 1, 1, 1, 1] }),
        graph.gradients({ x: xs }, { y: ts }),
        1,
        "ones",
      );
    },
  );

  it("a mask of units has the derivatives of its cost", () => {
    const graph = made(activation, loss, 0.1);
    const mask = { y: rows(ROWS, 3).map((row) => row.map((value) => (value < 0.4 ? 0 : value))) };
    const found = graph.gradCheck({ x: xs }, { y: ts }, { mask, sampleWeights: [1, 2, 0.5, 0, 1] });
    expect(found).toMatchObject({ ok: true });
  });

  it("looks at no target that counts nothing", () => {
    const graph = made(activation, loss);
    const mask = { y: ts.map((row) => row.map((value) => (value < 0.5 ? 0 : 1))) };
    const other = ts.map((row) =>
      row.map((value) => (value < 0.5 ? wrong(random.pick([Number.NaN, null, "?", Infinity, -3])) : value)),
    );
    const [a, b] = [
      graph.gradients({ x: xs }, { y: ts }, { mask }),
      graph.gradients({ x: xs }, { y: other }, { mask }),
    ];
    expect(b).toEqual(a);
    expect(graph.train({ x: xs }, { y: other }, { mask })).toBe(a.cost);
  });

  it("a unit that counts nothing gives the output no gradient, even where its loss is infinite", () => {
    const graph = made(activation, loss);
    graph.layer("y").bias.fill(1e200);
    const mask = { y: new Array(ROWS * 3).fill(0) };
    const found = graph.gradients({ x: xs }, { y: ts }, { mask });
    expect(found.cost).toBe(0);
    expect(found.bias.y!.every((value) => value === 0)).toBe(true);
  });
});

describe("the cost with units masked", () => {
  it.each(losses)("on %s of %s is the sum of their losses", (activation, loss) => {
    // Each unit's loss by itself is that of a mask with a one in one place.
    const graph = made(activation, loss, 0.1);
    const single = (r: number, j: number) => {
      const y = Array.from({ length: ROWS * 3 }, (_, i) => Number(i === r * 3 + j));
      return graph.evaluate({ x: xs }, { y: ts }, { mask: { y } }).cost;
    };
    const counts = random.rows(ROWS, 3).map((row) => row.map(Math.abs));
    const sum = counts.flatMap((row, r) => row.map((m, j) => m * single(r, j))).reduce((a, b) => a + b);
    expectClose([graph.evaluate({ x: xs }, { y: ts }, { mask: { y: counts } }).cost], [sum], 1e-13, "cost");
    const all = Array.from({ length: ROWS * 3 }, (_, i) => single(Math.floor(i / 3), i % 3)).reduce(
      (a, b) => a + b,
    );
    expectClose([graph.evaluate({ x: xs }, { y: ts }).cost], [all], 1e-13, "all units");
  });
});

describe("after a weighed call", () => {
  it("others are not weighed, in every order and for one sample too", () => {
    const [graph, other] = [made("softmax", "crossEntropy"), made("softmax", "crossEntropy")];
    const one = { x: xs[0]! };
    graph.evaluate({ x: xs }, { y: ts }, { sampleWeights: [1, 2, 3, 4, 5] });
    graph.evaluate(one, { y: ts[0]! }, { sampleWeights: [9] });
    for (let i = 0; i < 2; i++) {
      expect(graph.train(one, { y: ts[0]! })).toBe(other.train(one, { y: ts[0]! }));
      expect(graph.train({ x: xs }, { y: ts })).toBe(other.train({ x: xs }, { y: ts }));
      graph.gradients({ x: xs }, { y: ts }, { mask: { y: new Array(ROWS).fill(2) } });
    }
    expectSame(graph.synapses[0]!.weights, other.synapses[0]!.weights, "weights");
  });
});

describe("class numbers", () => {
  it("are one-hot rows", () => {
    const graph = made("softmax", "crossEntropy", 0.1);
    const classes = [2, 0, 1, 1, 2];
    const hot = classes.flatMap((c) => [0, 1, 2].map((j) => Number(j === c)));
    const wanted = graph.gradients({ x: xs }, { y: hot });
    for (const given of [classes, Uint8Array.from(classes), Float32Array.from(classes)]) {
      expect(graph.gradients({ x: xs }, { y: given })).toEqual(wanted);
    }
    expect(graph.evaluate({ x: xs }, { y: classes })).toEqual(graph.evaluate({ x: xs }, { y: hot }));
  });

  it("do in `fit` what they do in `train`", async () => {
    const [graph, other] = [made("softmax", "crossEntropy"), made("softmax", "crossEntropy")];
    await graph.fit({ xs: { x: xs }, ts: { y: [2, 0, 1, 1, 2] } }, { batchSize: 2, shuffle: false });
    for (const [from, to] of [
      [0, 2],
      [2, 4],
      [4, 5],
    ] as const) {
      other.train({ x: xs.slice(from, to) }, { y: [2, 0, 1, 1, 2].slice(from, to) });
    }
    expect(everything(graph)).toContain(JSON.stringify(JSON.parse(JSON.stringify(other)).synapses));
  });

  it("are refused where they are none", () => {
    const graph = made("softmax", "crossEntropy");
    const before = everything(graph);
    const train = (y: unknown) => graph.train({ x: xs }, { y: wrong(y) });
    expectRefusal(() => train([0, 1, 2, 3, 0]), "bad-target", "3", "row 3", "from 0 to 2");
    expectRefusal(() => train([0, 1, -1, 1, 0]), "bad-target", "-1", "row 2");
    expectRefusal(() => train([0, 1, 0.5, 1, 0]), "bad-target", "0.5");
    expectRefusal(() => train([0, 1, Number.NaN, 1, 0]), "bad-target", "NaN");
    expectRefusal(() => train([0, 1, "2", 1, 0]), "bad-shape", '"2"', "row 2");
    expectRefusal(() => train([0, 1]), "bad-shape", "2 numbers");
    expectRefusal(() => made("softmax", "kl").train({ x: xs }, { y: [0, 1, 2, 0, 1] }), "bad-shape");
    expect(everything(graph)).toBe(before);
    // Of one unit, or of as many numbers as rows × size, targets are what they were.
    const two = new Graph({
      seed,
      inputs: { x: 1 },
      outputs: { y: { size: 2, activation: "softmax" } },
      synapses: [["x", "y"]],
    });
    expect(two.evaluate({ x: [1] }, { y: [0, 1] }).cost).toBe(two.evaluate({ x: [1] }, { y: [1] }).cost);
  });
});

describe("weights of outputs", () => {
  it("weigh their costs in the whole, and not their own", () => {
    const spec = (weight?: number) =>
      new Graph({
        seed,
        inputs: { x: 3 },
        hidden: { h: 4 },
        outputs: {
          y: weight === undefined ? 3 : { size: 3, weight },
          z: { size: 1, activation: "linear", ...(weight === undefined ? {} : { weight: weight + 1 }) },
        },
        synapses: [
          ["x", "h"],
          ["h", "y"],
          ["h", "z"],
        ],
      });
    const t = { y: ts, z: random.numbers(ROWS) };
    const [graph, plain] = [spec(2.5), spec()];
    const [score, each] = [graph.evaluate({ x: xs }, t), plain.evaluate({ x: xs }, t)];
    expect(score.outputs).toEqual(each.outputs);
    expectClose([score.cost], [2.5 * each.outputs.y.cost + 3.5 * each.outputs.z.cost], 1e-15, "cost");
    expect(graph.gradCheck({ x: xs }, t).ok).toBe(true);
    expect(graph.layers.map(({ weight }) => weight)).toEqual([undefined, undefined, 2.5, 3.5]);
    expectSame([spec(0).train({ x: xs[0]! }, { y: ts[0]! })], [0], "weight 0");
  });
});

describe("weights and masks are refused", () => {
  const graph = made("softmax", "crossEntropy");
  const bad: readonly (readonly [string, object, ErrorCode, ...string[]])[] = [
    ["too few weights", { sampleWeights: [1, 2] }, "bad-shape", "sample weights", "5", "2"],
    ["a bare number", { sampleWeights: 1 }, "bad-shape", "sample weights"],
    ["a negative mask", { mask: { y: [1, 1, -1, 1, 1] } }, "bad-option", "mask", "-1", "number 2"],
    ["a NaN", { sampleWeights: [1, 1, Number.NaN, 1, 1] }, "not-finite", "NaN"],
    ["a string", { sampleWeights: [1, 1, "1", 1, 1] }, "bad-shape", '"1"'],
    ["an unknown option", { sampleWeight: [1] }, "bad-option", "sampleWeights"],
    ["a mask that is none", { mask: [1, 1, 1, 1, 1] }, "bad-option", "mask"],
    ["a mask for a hidden layer", { mask: { h: [1, 1, 1, 1, 1] } }, "not-an-output", "h"],
    ["a mask for nothing", { mask: { yy: [1, 1, 1, 1, 1] } }, "unknown-layer", "yy"],
    ["a mask of another shape", { mask: { y: [1, 1, 1, 1] } }, "bad-shape", "mask", "y"],
    [
      "a ragged mask",
      {
        mask: {
          y: [
            [1, 1, 1],
            [1, 1],
            [1, 1, 1],
            [1, 1, 1],
            [1, 1, 1, 1],
          ],
        },
      },
      "bad-shape",
      "mask",
    ],
    ["an infinite mask", { mask: { y: [1, 1, Infinity, 1, 1] } }, "not-finite", "Infinity"],
  ];
  const calls = ["train", "gradients", "evaluate", "gradCheck"] as const;
  eachIsRefused(
    calls.flatMap((call) =>
      bad.map(([what, options, code, ...mentions]): WrongUse<AnyGraph> => {
        return [`${call}: ${what}`, () => graph[call]({ x: xs }, { y: ts }, options), code, ...mentions];
      }),
    ),
    () => graph,
  );
  const sampleWeights = [1, 1, -1, 1, 1];
  const evaluate = () => graph.evaluate({ x: xs }, { y: ts }, { sampleWeights });
  eachIsRefused([["evaluate: a negative weight", evaluate, "bad-option", "-1", "number 2"]], () => graph);
});
