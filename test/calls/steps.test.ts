// Data with steps: its forms, lengths, class numbers, weights, results, and the errors of wrong uses.

import { Graph, Scaler } from "plexus-nn";
import { describe, expect, it } from "vitest";
import {
  type AnyGraph,
  expectRefusal,
  expectSame,
  Random,
  type WrongUse,
  wrong,
} from "../support/helpers.js";

/** Makes an Elman net with an output at each step, one for the last step, and a context without time. */
function make(precision: "float64" | "float32" = "float64"): AnyGraph {
  const graph: AnyGraph = new Graph({
    seed: 5,
    precision,
    inputs: { x: 2, c: { size: 1, time: false } },
    hidden: { h: { size: 3, activation: "tanh", initial: 0.1 } },
    outputs: {
      y: { size: 3, activation: "softmax" },
      end: { size: 2, activation: "linear" },
    },
  });
  graph.connect("x", "h");
  graph.connect("c", "h");
  graph.connect("h", "h", { delay: 1 });
  graph.connect("h", "y");
  graph.connect("h", "end", { at: "last" });
  return graph;
}

const lengths = [2, 3, 1];
/** Samples of two numbers a step. */
const x = lengths.map((length, r) =>
  Array.from({ length }, (_, t) => [0.1 * r + 0.3 * t - 0.2, 0.5 - 0.2 * t + 0.1 * r]),
);
const c = [0.5, -1, 0.25];
const classes = lengths.map((length, r) => Array.from({ length }, (_, t) => (r + 2 * t) % 3));
const y = classes.map((sample) => sample.map((k) => [0, 1, 2].map((unit) => (unit === k ? 1 : 0))));
const end = [
  [0.1, 0.2],
  [-0.3, 0.4],
  [0.5, -0.6],
];

/** Pads samples to three steps, with numbers that must not be read. */
const padded = <T>(samples: readonly (readonly T[])[], beyond: T): T[][] =>
  samples.map((sample) => [...sample, ...new Array<T>(3 - sample.length).fill(beyond)]);

/** Each form of the same data. */
const forms: [name: string, xs: unknown, ts: unknown, timing?: object][] = [
  ["levels", x, y],
  ["levels with lengths", x, y, { steps: lengths }],
  ["levels of typed rows", x.map((s) => s.map((row) => Float32Array.from(row, Math.fround))), y],
  ["flat numbers, padded", padded(x, [Number.NaN, Number.NaN]).flat(2), padded(y, [9, 9, 9]).flat(2)],
  [
    "a typed array, padded",
    Float64Array.from(padded(x, [Number.NaN, Number.NaN]).flat(2)),
    Float32Array.from(padded(y, [Number.NaN, 0, 0]).flat(2)),
  ],
  ["rows of steps, padded", padded(x, wrong([])).flat(), padded(y, wrong(null)).flat()],
  ["a row for each sample", x.map((s) => s.flat()), y.map((s) => Float64Array.from(s.flat()))],
  ["class numbers, a row for each sample", x, classes],
  ["class numbers, flat", x, padded(classes, 99).flat()],
].map(([name, xs, ts, timing = { steps: lengths }]) => [name, xs, ts, timing] as never);

describe("data with steps", () => {
  it.each(forms)("has the same results as %s", (name, xs, ts, timing) => {
    const rounds = name.includes("typed rows");
    const tolerance = rounds ? 1e-6 : 0;
    const close = (a: ArrayLike<number>, b: ArrayLike<number>, what: string) => {
      if (tolerance === 0) expectSame(a, b, what);
      else for (let i = 0; i < b.length; i++) expect(a[i]).toBeCloseTo(b[i]!, 6);
    };
    const graph = make();
    const options = { steps: lengths };
    const wanted = graph.predict({ x, c }, options);
    const found = graph.predict(wrong({ x: xs, c }), timing as object);
    for (const output of ["y", "end"]) close(found[output]!, wanted[output]!, output);
    const gradients = graph.gradients({ x, c }, { y, end }, options);
    const others = graph.gradients(wrong({ x: xs, c }), wrong({ y: ts, end }), timing as object);
    close(others.inputs.x!, gradients.inputs.x!, "gradient of x");
    close(others.weights[2]!.values, gradients.weights[2]!.values, "gradient of weights");
    close([others.cost], [gradients.cost], "cost");
    const evaluated = graph.evaluate(wrong({ x: xs, c }), wrong({ y: ts, end }), timing as object);
    close([evaluated.cost], [gradients.cost], "evaluated cost");
  });

  it("has results of samples × longest × size, with zeros behind an end, and one row without time", () => {
    const graph = make();
    const found = graph.predict({ x, c }, { steps: lengths });
    expect([found.y!.length, found.end!.length]).toEqual([3 * 3 * 3, 3 * 2]);
    expect([...found.y!.slice(6, 9)]).toEqual([0, 0, 0]);
    expect([...found.y!.slice(21, 27)]).toEqual(new Array(6).fill(0));
    const { inputs } = graph.gradients({ x, c }, { y }, { steps: lengths });
    expect([inputs.x!.length, inputs.c!.length]).toEqual([3 * 3 * 2, 3]);
    expect([...inputs.x!.slice(4, 6)]).toEqual([0, 0]);
  });

  it("has a sample's bits whatever other samples there are", () => {
    const graph = make();
    const all = graph.predict({ x, c }, { steps: lengths });
    lengths.forEach((length, r) => {
      const one = graph.predict({ x: [x[r]!], c: [c[r]!] }, { steps: length });
      expectSame(one.y!, all.y!.slice(r * 9, r * 9 + length * 3), `y of sample ${r}`);
      expectSame(one.end!, all.end!.slice(r * 2, r * 2 + 2), `end of sample ${r}`);
    });
  });

  it.each(["float64", "float32"] as const)(
    "keeps the bits of calls without steps for one step, in %s",
    (p) => {
      const graph = new Graph({
        seed: 2,
        precision: p,
        inputs: { x: 3 },
        hidden: { h: { size: 4, dropout: 0.3 } },
        outputs: { y: 2 },
      });
      graph.connect("x", "h");
      graph.connect("h", "y");
      const other = graph.clone();
      const random = new Random(3);
      const xs = { x: Array.from({ length: 9 }, () => random.signed()) };
      const ts = { y: Array.from({ length: 6 }, () => random.next()) };
      for (const options of [{}, { sampleWeights: [1, 0.5, 2] }, { mask: { y: [1, 0, 1] } }]) {
        expect(graph.train(xs, ts, { ...options, steps: 1 })).toBe(other.train(xs, ts, options));
      }
      expect(JSON.stringify(graph)).toBe(JSON.stringify(other));
      expectSame(graph.predict(xs, { steps: 1 }).y, other.predict(xs).y, "y");
      const [a, b] = [graph.gradients(xs, ts, { steps: 1 }), other.gradients(xs, ts)];
      expectSame(a.inputs.x!, b.inputs.x!, "gradient");
      expect(graph.evaluate(xs, ts, { steps: 1, metrics: ["mae"] })).toEqual(
        other.evaluate(xs, ts, { metrics: ["mae"] }),
      );
    },
  );

  it("is a row a step in a graph without delays", () => {
    const graph = new Graph({ seed: 2, inputs: { x: 2 }, outputs: { y: 1 } });
    graph.connect("x", "y");
    const flat = x.flat();
    const rows = graph.predict({ x: flat });
    const steps = graph.predict({ x });
    expectSame([...steps.y.slice(0, 2), ...steps.y.slice(3, 6), steps.y[6]!], rows.y, "y");
    expectSame(graph.predict({ x: flat }, { steps: 3 }).y, rows.y, "y of 2 × 3");
    expectSame(graph.predict({ x: flat }).y, rows.y, "y again");
    graph.train({ x }, { y: lengths.map((length) => new Array<number>(length).fill(1)) });
    graph.train({ x: flat }, { y: flat.map(() => 1) });
  });

  it("scales each step's units", () => {
    const graph = make();
    const plain = make();
    const scaler = Scaler.fit([1, 2, 3, 6], 2, "standard");
    graph.scale("x", scaler);
    const scaled = x.map((sample) => sample.map((row) => [...scaler.transform(row)]));
    expectSame(graph.predict({ x, c }, { steps: lengths }).y!, plain.predict({ x: scaled, c }).y!, "y");
    graph.scale("end", Scaler.fit([0, 0, 4, 2], 2, "minmax"));
    const raw = plain.predict({ x: scaled, c }).end!;
    expectSame(
      graph.predict({ x, c }).end!,
      raw.map((value, i) => value * [4, 2][i % 2]!),
      "end",
    );
    const { inputs } = graph.gradients({ x, c }, { y });
    const wanted = plain.gradients({ x: scaled, c }, { y }).inputs.x!;
    expectSame(
      inputs.x!,
      wanted.map((value, i) => value / scaler.divisor[i % 2]!),
      "gradient of x",
    );
    expectRefusal(
      () =>
        graph.predict({
          x: [
            [
              [0, 0],
              [0, Infinity],
            ],
          ],
          c: [1],
        }),
      "not-finite",
      "sample 0, step 1, unit 1",
    );
  });

  it("has weights of samples, of steps, of units, and none for what isn't looked at", () => {
    const graph = make();
    const cost = (options: object, targets: unknown = y) =>
      graph.evaluate({ x, c }, wrong({ y: targets }), { metrics: [], ...options }).cost;
    const whole = cost({});
    expect(cost({ sampleWeights: [2, 2, 2] })).toBeCloseTo(2 * whole, 12);
    const bySample = cost({ sampleWeights: [1, 0, 3] });
    expect(cost({ sampleWeights: [1, 1, 9, 0, 0, 0, 3, 9, 9] })).toBe(bySample);
    expect(cost({ sampleWeights: [[1, 1], [0, 0, 0], [3]] })).toBe(bySample);
    const masked = cost({ mask: { y: [1, 1, 9, 0, 0, 0, 1, 9, 9] } });
    expect(cost({ mask: { y: [[1, 1], [0, 0, 0], [1]] } })).toBe(masked);
    expect(
      cost({ mask: { y: y.map((sample, r) => sample.map(() => (r === 1 ? [0, 0, 0] : [1, 1, 1]))) } }),
    ).toBe(masked);
    const unread = [y[0], [[Number.NaN, 5, 5], wrong([null, "a", 1]), [0, 0, 0]], y[2]];
    expect(cost({ mask: { y: [[1, 1], [0, 0, 0], [1]] } }, unread)).toBe(masked);
    const unclassed = [classes[0], [99, -1, 0.5], classes[2]];
    expect(cost({ sampleWeights: [1, 0, 3] }, unclassed)).toBe(bySample);
  });

  it("weighs an output without time by its sample's last step", () => {
    const graph = make();
    const cost = (sampleWeights: number[] | number[][]) =>
      graph.evaluate({ x, c }, { end }, { metrics: [], sampleWeights }).cost;
    expect(cost([[9, 1], [9, 9, 2], [3]])).toBe(cost([1, 2, 3]));
  });

  it("has metrics over the steps of samples", () => {
    const graph = new Graph({ seed: 1, inputs: { x: 1 }, outputs: { y: { size: 1, activation: "linear" } } });
    graph.connect("x", "y", { init: { values: [1] }, kind: "oneToOne" } as never);
    graph.layer("y").bias = [0];
    const found = graph.evaluate(
      { x: [[[1], [2]], [[3]]] },
      { y: [[[1], [0]], [[0]]] },
      { metrics: ["mae"] },
    );
    expect(found.outputs.y.mae).toBeCloseTo(5 / 3, 12);
    expect(found.cost).toBeCloseTo((4 + 9) / 3, 12);
  });

  it("shows each sample's last step in pre and post", () => {
    const graph = make();
    const { y: all } = graph.predict({ x, c }, { steps: lengths });
    const last = lengths.flatMap((length, r) => [
      ...all!.slice(r * 9 + (length - 1) * 3, r * 9 + length * 3),
    ]);
    expectSame(graph.layer("y").post, last, "post");
    const even = graph.predict({ x: x.map((sample) => sample.slice(0, 1)), c }, { steps: 1 });
    expectSame(graph.layer("y").post, even.y!, "post of one step");
    expect(graph.layer("c").post).toHaveLength(3);
  });

  it("is the same in more samples than a block of the core", () => {
    const graph = make();
    const random = new Random(8);
    const many = Array.from({ length: 300 }, () => random.whole(1, 4));
    const xs = many.map((length) => Array.from({ length }, () => [random.signed(), random.signed()]));
    const cs = many.map(() => random.signed());
    const all = graph.predict({ x: xs, c: cs });
    const last = xs.flatMap((_, r) => [...all.y!.slice(r * 12 + (many[r]! - 1) * 3, r * 12 + many[r]! * 3)]);
    expectSame(graph.layer("y").post, last, "post");
    many.forEach((length, r) => {
      const one = graph.predict({ x: [xs[r]!], c: [cs[r]!] });
      expectSame(one.y!, all.y!.slice(r * 12, r * 12 + length * 3), `y of sample ${r}`);
      expectSame(one.end!, all.end!.slice(r * 2, r * 2 + 2), `end of sample ${r}`);
    });
  });

  it("takes upstream gradients by steps", () => {
    const graph = make();
    const upstream = y.map((sample) => sample.map((row) => row.map((value) => value - 0.3)));
    const padding = padded(upstream, [Number.NaN, 0, 0]).flat(2);
    const wanted = graph.gradients({ x, c }, null, { outputs: { y: upstream } });
    const flat = graph.gradients({ x, c }, null, { outputs: { y: padding }, steps: lengths });
    expectSame(flat.inputs.x!, wanted.inputs.x!, "gradient of x");
    const other = graph.clone() as AnyGraph;
    graph.backward({ x, c }, { y: upstream });
    other.backward({ x: padded(x, [9, 9]).flat(2), c }, { y: padding }, { steps: lengths });
    expect(JSON.stringify(graph)).toBe(JSON.stringify(other));
    const half = { outputs: { y: upstream.map((s) => s.map((row) => row.map((v) => v / 2))) } };
    const weighed = graph.gradients({ x, c }, null, {
      outputs: { y: upstream },
      sampleWeights: [0.5, 0.5, 0.5],
    });
    expectSame(weighed.inputs.x!, graph.gradients({ x, c }, null, half).inputs.x!, "weighed");
  });

  it("names the step in which a training diverges", () => {
    const graph = new Graph({
      seed: 1,
      inputs: { x: 1 },
      hidden: { h: { size: 1, activation: "linear" } },
      outputs: { y: { size: 1, activation: "linear" } },
    });
    graph.connect("x", "h");
    graph.connect("h", "h", { delay: 1, init: { values: [1e200] } });
    graph.connect("h", "y");
    let details: { timeStep?: number; layer?: string } | undefined;
    try {
      graph.train({ x: [1, 1, 1, 1] }, { y: [0, 0, 0, 0] }, { steps: 4 });
    } catch (error) {
      details = (error as { details: typeof details }).details;
    }
    expect(details).toMatchObject({ timeStep: 2, layer: "h" });
  });
});

const three = [[[0, 0]], [[0, 0]], [[0, 0]]];
const refusals: WrongUse<AnyGraph>[] = [
  ["no steps", (g) => g.predict({ x: [0, 0], c: [0] }), "bad-shape", "steps: 1", '"h"', "t−1"],
  ["no steps in training", (g) => g.train({ x: [[0, 0]], c: [0] }, { y: [1] }), "bad-shape", "steps: 1"],
  [
    "no steps for upstream gradients",
    (g) => g.backward({ x: [[0, 0]], c: [0] }, { y: [1, 0, 0] }),
    "bad-shape",
    "steps",
  ],
  ["0 steps", (g) => g.predict({ x, c }, { steps: 0 }), "bad-option", "≥ 1"],
  ["half a step", (g) => g.predict({ x, c }, { steps: 1.5 }), "bad-option", "whole"],
  ["steps as text", (g) => g.predict({ x, c }, { steps: wrong("3") }), "bad-option", '"3"'],
  ["no lengths", (g) => g.predict({ x, c }, { steps: [] }), "bad-option", "no lengths"],
  ["a length of 0", (g) => g.predict({ x, c }, { steps: [2, 0, 1] }), "bad-option", "sample 1"],
  [
    "too many lengths",
    (g) => g.predict({ x, c }, { steps: [2, 3, 1, 1] }),
    "bad-option",
    "4 lengths",
    "3 samples",
  ],
  ["too few lengths", (g) => g.predict({ x: [0, 0, 0, 0], c }, { steps: [1] }), "bad-option", "1 lengths"],
  [
    "lengths that differ from steps",
    (g) => g.predict({ x, c }, { steps: [2, 2, 1] }),
    "bad-shape",
    "sample 1",
    "3 steps",
    "`steps` or other data has 2",
  ],
  [
    "one class a sample for an output of each step",
    (g) => g.train({ x, c }, { y: [0, 1, 2] }),
    "bad-shape",
    "3 samples of 3 steps",
    'at: "last"',
  ],
  [
    "one row a sample for an input of each step",
    (g) =>
      g.predict(
        {
          x: [
            [0, 0],
            [0, 0],
            [0, 0],
          ],
          c,
        },
        { steps: [2, 2, 1] },
      ),
    "bad-shape",
    "time: false",
  ],
  [
    "lengths that differ between names",
    (g) => g.train({ x, c }, { y: [y[0]!, y[1]!, y[1]!] }),
    "bad-shape",
    '"y"',
    "sample 2",
  ],
  [
    "a sample without steps",
    (g) => g.predict({ x: [x[0]!, []], c: [0, 0] }),
    "bad-shape",
    "no steps",
    "sample 1",
  ],
  [
    "a sample that is no array",
    (g) => g.predict({ x: wrong([x[0], 5]), c: [0, 0] }),
    "bad-shape",
    "sample 1",
    "5",
  ],
  [
    "a step of another size",
    (g) => g.predict({ x: [[[0, 0], [0]]], c: [0] }),
    "bad-shape",
    "step 1",
    "sample 0",
    "1 number as",
    "expected 2 numbers",
  ],
  [
    "a step that is no array",
    (g) => g.predict({ x: wrong([[[0, 0], null]]), c: [0] }),
    "bad-shape",
    "step 1",
    "null",
  ],
  [
    "a number that is text",
    (g) =>
      g.predict({
        x: wrong([
          [
            [0, 0],
            [0, "a"],
          ],
        ]),
        c: [0],
      }),
    "bad-shape",
    "sample 0, step 1, unit 1",
  ],
  [
    "a hole in a step",
    (g) => g.predict({ x: [[[0, 0], wrong(new Array(2))]], c: [0] }),
    "bad-shape",
    "a hole",
  ],
  [
    "numbers that fit no number of samples",
    (g) => g.predict({ x: [0, 0, 0], c: [0] }, { steps: 2 }),
    "bad-shape",
    "3 numbers",
    "2 steps",
  ],
  [
    "rows that fit no number of samples",
    (g) =>
      g.predict(
        {
          x: [
            [0, 0],
            [0, 0],
            [0, 0],
          ],
          c: [0],
        },
        { steps: 2 },
      ),
    "bad-shape",
    "3 rows",
  ],
  [
    "a row of another length",
    (g) =>
      g.predict(
        {
          x: [
            [0, 0, 0, 0],
            [0, 0],
          ],
          c: [0, 0],
        },
        { steps: 2 },
      ),
    "bad-shape",
    "row 1",
    "sample 1",
  ],
  [
    "three levels without time",
    (g) => g.predict({ x: three, c: [[[1]], [[1]], [[1]]] }),
    "bad-shape",
    '"c" has no time',
  ],
  ["other rows without time", (g) => g.predict({ x: three, c: [1, 2] }), "bad-shape", '"x" has 3', '"c" 2'],
  [
    "NaN",
    (g) =>
      g.predict({
        x: [
          [
            [0, 0],
            [0, Number.NaN],
          ],
        ],
        c: [0],
      }),
    "not-finite",
    '"x"',
    "sample 0, step 1, unit 1",
  ],
  [
    "NaN of a sorted sample",
    (g) =>
      g.predict({
        x: [
          [[0, 0]],
          [
            [0, 0],
            [Number.NaN, 0],
          ],
        ],
        c: [0, 0],
      }),
    "not-finite",
    "sample 1, step 1, unit 0",
  ],
  ["NaN without time", (g) => g.predict({ x, c: [0, Number.NaN, 0] }), "not-finite", '"c"', "row 1"],
  [
    "a target beyond a class",
    (g) => g.train({ x, c }, { y: [[0, 1], [0, 3, 1], [0]] }),
    "bad-target",
    "sample 1, step 1",
    "3",
  ],
  [
    "a target that is NaN",
    (g) =>
      g.train(
        { x, c },
        {
          y: [
            y[0]!,
            [
              [0, 1, 0],
              [0, Number.NaN, 0],
              [1, 0, 0],
            ],
            y[2]!,
          ],
        },
      ),
    "not-finite",
    "sample 1, step 1, unit 1",
  ],
  [
    "weights for other steps",
    (g) => g.train({ x, c }, { y }, { sampleWeights: [1, 2] }),
    "bad-shape",
    "sample weights",
  ],
  [
    "a negative mask",
    (g) => g.train({ x, c }, { y }, { mask: { y: [[1, 1], [1, -1, 1], [1]] } }),
    "bad-option",
    "sample 1, step 1",
  ],
  [
    "a weight that is NaN",
    (g) => g.train({ x, c }, { y }, { sampleWeights: [[1, 1], [1, 1, 1], [Number.NaN]] }),
    "not-finite",
    "sample 2, step 0",
  ],
  [
    "a state that is none",
    (g) => g.predict({ x, c }, { state: wrong({ rows: 3 }) }),
    "bad-option",
    "graph.state()",
  ],
  [
    "training without room for all steps",
    (g) => {
      const wide = g.clone() as AnyGraph;
      wide.addHidden("wide", 4096);
      wide.connect("x", "wide");
      wide.connect("wide", "end", { at: "last" });
      wide.train({ x: new Float32Array(80_000), c: [0] }, { end: [0, 0] }, { steps: 40_000 });
    },
    "out-of-memory",
    "`window`",
  ],
  [
    "more rows than there can be",
    (g) => g.predict({}, { steps: [2 ** 31], outputs: ["y"] }),
    "missing-input",
  ],
];

describe("a call with steps refuses", () => {
  for (const [name, use, code, ...mentions] of refusals) {
    it(name, () => {
      const graph = make();
      graph.predict({ x, c }, { steps: lengths });
      const before = JSON.stringify([graph, ...graph.layers.map(({ post }) => [...post])]);
      expectRefusal(() => use(graph), code, ...mentions);
      expectRefusal(() => use(graph), code, ...mentions);
      expect(JSON.stringify([graph, ...graph.layers.map(({ post }) => [...post])])).toBe(before);
    });
  }
});
