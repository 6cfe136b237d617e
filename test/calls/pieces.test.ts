// Many rows are predicted and evaluated in pieces: the bits are those of any other way, and the engine's memory stays small.

import { Graph, type Precision, Scaler } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectRefusal, expectSame, wrong } from "../support/helpers.js";
import { Random } from "../support/mulberry.js";

const ROWS = 20_000;
const random = new Random(5);
const draw = (count: number) => Float64Array.from({ length: count }, () => random.next() * 2 - 1);

function make(precision: Precision): AnyGraph {
  const graph = new Graph<string, string, string, Precision>({ seed: 3, precision });
  graph.addInput("x", 20);
  graph.addInput("u", 1, "tanh");
  graph.addHidden("h", 30, "relu", { norm: "layer", dropout: 0.2 });
  graph.addOutput("y", 3, "softmax");
  graph.addOutput("z", 2, "linear");
  graph.addOutput("b", 2);
  for (const [from, to] of ["xh", "uh", "hy", "hz", "xz", "zb"]) graph.connect(from!, to!);
  graph.scale("x", Scaler.fit(draw(400), 20));
  graph.scale("z", Scaler.fit(draw(40), 2));
  return graph;
}

const xs = { x: draw(ROWS * 20), u: draw(ROWS) };
const ts = {
  y: Array.from({ length: ROWS }, (_, i) => i % 3),
  z: draw(ROWS * 2),
  b: draw(ROWS * 2).map((v) => Number(v > 0)),
};
const rowsOf = (data: Float64Array, size: number, from: number, to: number) =>
  data.slice(from * size, to * size);
const nested = (data: Float64Array, size: number) =>
  Array.from({ length: data.length / size }, (_, r) => Array.from(rowsOf(data, size, r, r + 1)));

describe.each(["float64", "float32"] as const)("in pieces, in %s", (precision) => {
  it("predictions are those of few rows at a time, whatever the data's form", () => {
    const graph = make(precision);
    const all = graph.predict(xs);
    const forms = [
      { x: nested(xs.x, 20), u: Array.from(xs.u) },
      { x: Array.from(xs.x), u: nested(xs.u, 1) },
      { x: nested(xs.x, 20).map((row) => Float64Array.from(row)), u: xs.u },
    ];
    for (const form of forms) {
      const same = graph.predict(form);
      for (const name of ["y", "z", "b"] as const) expectSame(same[name]!, all[name]!, name);
    }
    for (let from = 0; from < ROWS; from += 777) {
      const to = Math.min(ROWS, from + 777);
      const some = graph.predict({ x: rowsOf(xs.x, 20, from, to), u: rowsOf(xs.u, 1, from, to) });
      for (const [name, size] of [
        ["y", 3],
        ["z", 2],
        ["b", 2],
      ] as const) {
        expectSame(some[name]!, all[name]!.slice(from * size, to * size), name);
      }
    }
  });

  const options = [
    {},
    { metrics: ["accuracy", "auc", "f1", "confusion"] as const },
    { sampleWeights: draw(ROWS).map((w) => w + 1), mask: { z: draw(ROWS).map((v) => Number(v > 0)) } },
  ];

  it.each(options)(
    "evaluations are those of all rows at once, as validation computes them: %#",
    async (given) => {
      const graph = make(precision);
      const all = graph.evaluate(xs, ts, given);
      // A pass that has trained on all rows has room for them, and none learns at a rate of 0.
      graph.optimizer = { name: "sgd", rate: 0 };
      const { metrics, ...counts } = { metrics: [], ...given };
      const measured = { metrics: metrics.length === 0 ? (["accuracy"] as const) : metrics };
      const run = await graph.fit(
        { xs: { x: xs.x.slice(0, 20), u: xs.u.slice(0, 1) }, ts: { y: [0], z: [0, 0], b: [0, 0] } },
        { validation: { xs, ts, ...counts }, ...measured },
      );
      const { cost, outputs } = run.epochs[0]!.validation!;
      expect(cost).toBe(all.cost);
      for (const name of ["y", "z", "b"] as const) expect(outputs[name]!.cost).toBe(all.outputs[name]!.cost);
      if (metrics.length > 0) expect(outputs).toEqual(all.outputs);
    },
  );

  it("a value that can't be computed with is refused wherever it is, and nothing has changed", () => {
    const graph = make(precision);
    graph.predict({ x: xs.x.slice(0, 40), u: [1, 2] });
    const before = Array.from(graph.layer("z").post);
    const late = xs.x.slice();
    late[(ROWS - 1) * 20 + 7] = Number.NaN;
    const where = `"x" has NaN in row ${ROWS - 1}, unit 7`;
    expectRefusal(() => graph.predict({ ...xs, x: late }), "not-finite", where);
    expectRefusal(() => graph.evaluate({ ...xs, x: late }, ts), "not-finite", where);
    const rows: unknown[] = nested(xs.x, 20);
    rows[ROWS - 2] = Array(20).fill("1");
    expectRefusal(() => graph.predict({ ...xs, x: wrong(rows) }), "bad-shape", `row ${ROWS - 2}`);
    const outside = ts.b.slice();
    outside[ROWS] = 1.5;
    expectRefusal(() => graph.evaluate(xs, { ...ts, b: outside }), "bad-target", `row ${ROWS / 2}`);
    expect(Array.from(graph.layer("z").post)).toEqual(before);
  });

  it("states are those of the last piece", () => {
    const graph = make(precision);
    const y = graph.predict(xs).y!;
    const { post } = graph.layer("y");
    expect(post.length).toBeLessThan(y.length);
    expect(post.length % 3).toBe(0);
    expectSame(y.slice(y.length - post.length), post, "the last rows");
  });
});

it("the engine's memory stays small for many rows", () => {
  const graph = new Graph({
    inputs: { x: 60 },
    hidden: { h: 64 },
    outputs: { y: 1 },
    synapses: [
      ["x", "h"],
      ["h", "y"],
    ],
  });
  const memory = () => graph.layer("x").bias.buffer.byteLength;
  const before = memory();
  const x = new Float32Array(400_000 * 60);
  expect(graph.predict({ x }).y).toHaveLength(400_000);
  expect(memory() - before).toBeLessThan(2 ** 26);
  expect(graph.evaluate({ x }, { y: new Uint8Array(400_000) }).cost).toBeGreaterThan(0);
  expect(memory() - before).toBeLessThan(2 ** 26);
});
