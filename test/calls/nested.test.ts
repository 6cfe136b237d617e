// Samples of layers with shapes, nested as those: every call reads them as it reads flat data.

import { Graph, Scaler } from "plexus-nn";
import { fromJSON } from "plexus-nn/predict/float64";
import { describe, expect, it } from "vitest";
import { type AnyGraph, everything, expectRefusal, expectSame, Random, seed } from "../support/helpers.js";

const random = new Random(seed);
const numbers = (count: number) => Array.from({ length: count }, () => random.signed());

/** Returns numbers as nested arrays with the lengths `axes`. */
function nest(values: ArrayLike<number>, axes: readonly number[]): never {
  const step = values.length / axes[0]!;
  const part = (i: number) => Array.prototype.slice.call(values, i * step, (i + 1) * step);
  if (axes.length === 1) return Array.from(values) as never;
  return Array.from({ length: axes[0]! }, (_, i) => nest(part(i), axes.slice(1))) as never;
}

/** Makes a graph from a shape by a conv to another; with `delay` its calls have steps. */
function make(shape: readonly number[], isStepped = false): AnyGraph {
  const graph: AnyGraph = new Graph({
    seed: 3,
    inputs: { x: shape },
    outputs: { y: { size: [...shape.slice(0, -1), 3], activation: "tanh", loss: "mse" }, z: 2 },
    synapses: [
      ["x", "y", { kind: shape.length === 1 ? "dense" : "conv", ...(shape.length > 1 && { kernel: 1 }) }],
      ["x", "z"],
    ],
  });
  if (isStepped) graph.connect("x", "z", { delay: 1 });
  return graph;
}

const cases: readonly (readonly (readonly number[])[])[] = [
  [[4, 3, 2]],
  [[4, 3, 1]],
  [[4, 1, 1]],
  [[1, 1, 1]],
  [[2, 2, 2]],
  [[1, 4, 4]],
  [[5, 2]],
  [[5, 1]],
  [[1, 3]],
];

/** Returns the axes of a nested sample: of the shape, and without a last axis of 1. */
function nestings(shape: readonly number[]): (readonly number[])[] {
  return shape.at(-1) === 1 ? [shape, shape.slice(0, -1)] : [shape];
}

const product = (axes: readonly number[]) => axes.reduce((a, b) => a * b, 1);

describe.each(cases)("samples of %j", (shape = []) => {
  const size = product(shape);
  const target = [...shape.slice(0, -1), 3];
  const [x, y, z] = [numbers(3 * size), numbers(3 * product(target)), [0, 1, 1, 1, 0, 0]];

  it.each(nestings(shape).map((one) => [one]))("nested as %j are those of flat data", (own) => {
    const axes = [3, ...own];
    const xs = { x: nest(x, axes) };
    const ts = { y: nest(y, [3, ...target]), z };
    const [graph, flat] = [make(shape), make(shape)];
    expectSame(graph.predict(xs).y!, flat.predict({ x }).y!, "predict");
    expect(graph.train(xs, ts)).toBe(flat.train({ x }, { y, z }));
    expect(graph.evaluate(xs, ts)).toEqual(flat.evaluate({ x }, { y, z }));
    expect(graph.gradients(xs, ts)).toEqual(flat.gradients({ x }, { y, z }));
    const outputs = { y: nest(y, [3, ...target]) };
    expect(graph.gradients(xs, null, { outputs })).toEqual(flat.gradients({ x }, null, { outputs: { y } }));
    graph.backward(xs, outputs);
    flat.backward({ x }, { y });
    expect(everything(graph)).toBe(everything(flat));
  });

  it("are masked as flat ones, and not looked at where the mask is 0", () => {
    const mask = y.map((_, i) => i % 3);
    const holey = y.map((value, i) => (i % 3 === 0 ? null : value)) as number[];
    const [graph, flat] = [make(shape), make(shape)];
    const ts = { y: nest(holey, [3, ...target]), z };
    const options = { mask: { y: nest(mask, [3, ...target]) } };
    const xs = { x: nest(x, [3, ...shape]) };
    expect(graph.train(xs, ts, options)).toBe(flat.train({ x }, { y, z }, { mask: { y: mask } }));
  });

  it("are those of fit, its validation and its batches", async () => {
    const data = { xs: { x: nest(x, [3, ...shape]) }, ts: { y: nest(y, [3, ...target]), z } };
    const plain = { xs: { x }, ts: { y, z } };
    const [graph, flat, stream] = [make(shape), make(shape), make(shape)];
    const options = { epochs: 2, shuffle: false, validation: 0.34, scale: { x: "standard" } } as const;
    const history = await graph.fit(data, options);
    const { epochs } = await flat.fit(plain, options);
    expect(history.epochs.map(({ cost, validation }) => [cost, validation])).toEqual(
      epochs.map(({ cost, validation }) => [cost, validation]),
    );
    expect(everything(graph)).toBe(everything(flat));
    expect(graph.layer("x").scaler).toEqual(Scaler.fit(x.slice(0, 2 * size), shape.at(-1)!));
    const whole = make(shape);
    await stream.fit([data]);
    await whole.fit(plain, { shuffle: false });
    expect(everything(stream)).toBe(everything(whole));
  });

  it("without the axis of samples are refused, where they are no rows", () => {
    const graph = make(shape);
    graph.predict({ x });
    const before = everything(graph);
    for (const axes of nestings(shape)) {
      if (axes.length < 2 || axes.at(-1) === size) continue;
      expectRefusal(() => graph.predict({ x: nest(x.slice(0, size), axes) }), "bad-shape", "axis of samples");
    }
    expect(everything(graph)).toBe(before);
  });
});

describe("samples with steps", () => {
  const shape = [3, 2, 1];
  const x = numbers(2 * 4 * 6);
  const [y, z] = [numbers(2 * 4 * 18), Array.from({ length: 16 }, (_, i) => i % 2)];
  const wanted = make(shape, true).predict({ x }, { steps: 4 });

  it.each([
    [2, 4, 3, 2, 1],
    [2, 4, 3, 2],
    [8, 3, 2, 1],
    [8, 3, 2],
    [2, 4, 6],
    [2, 24],
    [8, 6],
  ])("as [%s, %s, %s, %s, %s] are those of flat data", (...given) => {
    const axes = given.filter((n) => n !== undefined);
    const graph = make(shape, true);
    expect(graph.predict({ x: nest(x, axes) }, { steps: 4 })).toEqual(wanted);
    if (axes[1] === 4) expect(graph.predict({ x: nest(x, axes) })).toEqual(wanted);
  });

  it("have lengths of their own", () => {
    const graph = make(shape, true);
    const [whole] = nest(x, [2, 4, 3, 2]) as unknown as number[][][][];
    const short = (nest(x, [2, 4, 3, 2]) as unknown as number[][][][])[1]!.slice(0, 2);
    const ts = {
      y: [nest(y.slice(0, 72), [4, 3, 2, 3]), nest(y.slice(72, 108), [2, 3, 2, 3])],
      z: [z.slice(0, 8), z.slice(8, 12)],
    };
    const given = graph.train({ x: [whole!, short] }, ts as never);
    expect(given).toBe(make(shape, true).train({ x }, { y, z }, { steps: [4, 2] }));
  });

  it.each([[[1, 3]], [[1, 1]], [[1, 3, 1]], [[1, 1, 1]]])(
    "may begin with a sample of one step, with the shape %j",
    (shape) => {
      const own = numbers(4 * product(shape));
      const size = product(shape);
      for (const axes of [[size], ...nestings(shape)]) {
        const [one, ...rest] = nest(own, [4, ...axes]) as unknown as [unknown, ...unknown[]];
        const padded = [...own.slice(0, size), ...new Array(2 * size).fill(0), ...own.slice(size)];
        const flat = make(shape, true).predict({ x: padded }, { steps: [1, 3] });
        expect(make(shape, true).predict({ x: [[one], rest] as never }, { steps: [1, 3] })).toEqual(flat);
        expect(make(shape, true).predict({ x: [[one], rest] as never })).toEqual(flat);
      }
    },
  );

  it("are those of gradients from outside, and of windows of fit", async () => {
    const [graph, flat] = [make(shape, true), make(shape, true)];
    const nested = { x: nest(x, [2, 4, 3, 2]) };
    const outputs = { y: nest(y, [2, 4, 3, 2, 3]) };
    expect(graph.gradients(nested, null, { outputs })).toEqual(
      flat.gradients({ x }, null, { outputs: { y }, steps: 4 }),
    );
    const mask = { y: nest(y.map(Math.abs), [2, 4, 3, 2, 3]) };
    const ts = { y: nest(y, [2, 4, 3, 2, 3]), z: nest(z, [2, 4, 2]) };
    await graph.fit({ xs: nested, ts, mask }, { window: 2, epochs: 2 });
    await flat.fit(
      { xs: { x }, ts: { y, z }, mask: { y: y.map(Math.abs) }, steps: 4 },
      { window: 2, epochs: 2 },
    );
    expect(everything(graph)).toBe(everything(flat));
  });
});

describe("nested data that fits no shape", () => {
  const graph = make([3, 2, 1]);
  const ragged = nest(numbers(12), [2, 3, 2]) as unknown as unknown[][][];
  /** Returns the data with another value at a place. */
  const changed = (value: unknown, ...[r, h, w]: readonly [number, number?, number?]) => {
    const copy = structuredClone(ragged);
    if (h === undefined) copy[r] = value as never;
    else if (w === undefined) copy[r]![h] = value as never;
    else copy[r]![h]![w] = value;
    return copy;
  };
  const endless: unknown[] = [];
  endless.push(endless);
  it.each([
    ["a short row", changed([1], 1, 2), "1 elements at [1][2]"],
    ["a number for a row", changed(4, 1, 0), "4 at [1][0]"],
    ["a short sample", changed(ragged[1]!.slice(1), 1), "2 elements at [1]"],
    ["a missing sample", changed(undefined, 1), "undefined at [1]"],
    ["text", changed("5", 1, 1, 0), '"5" at row 1, unit 2'],
    ["rows of another extent", nest(numbers(12), [2, 2, 3]), "nested as [2][2][3]"],
    ["six axes", nest(numbers(12), [2, 1, 1, 3, 2, 1]), "nested as [2][1][1][3][2][1]"],
    ["a list in itself", endless, "nested as [1][1]"],
  ])("is refused: %s", (_, x, message) => {
    const before = everything(graph);
    expectRefusal(() => graph.predict({ x: x as never }), "bad-shape", message);
    const ts = { y: numbers(36), z: [0, 1, 1, 0] };
    expectRefusal(() => graph.train({ x: x as never }, ts), "bad-shape", message);
    expect(everything(graph)).toBe(before);
  });

  it("names the place of a number that is not finite", () => {
    const x = changed(Number.NaN, 1, 1, 0);
    expectRefusal(() => graph.predict({ x: x as never }), "not-finite", "row 1, unit 2, at [1][0][0]");
  });
});

it("typed arrays, also live views, may be the innermost arrays", () => {
  const [source, graph] = [make([2, 2, 2]), make([2, 2, 2])];
  const x = numbers(16);
  const wanted = source.predict({ x }).y!;
  const nested = (row: (from: number) => unknown) =>
    [0, 8].map((sample) => [0, 4].map((line) => [0, 2].map((from) => row(sample + line + from)))) as never;
  expectSame(source.predict({ x: nested((i) => Float64Array.from(x.slice(i, i + 2))) }).y!, wanted, "y");
  graph.addHidden("big", 300_000);
  graph.connect("x", "big");
  graph.connect("big", "z");
  const view = source.layer("x").post;
  expectSame(graph.predict({ x: nested((i) => view.subarray(i, i + 2)) }).y!, wanted, "y of views");
  graph.dispose();
});

it("a getter in nested data that uses the graph is refused as busy", () => {
  const graph = make([2, 2, 2]);
  const row = Object.defineProperty([0, 1], 0, { get: () => graph.predict({ x: numbers(8) }) });
  const x = [
    [
      [row, [1, 2]],
      [
        [3, 4],
        [5, 6],
      ],
    ],
  ];
  expectRefusal(() => graph.predict({ x: x as never }), "busy");
  expect(graph.predict({ x: numbers(8) }).y!.length).toBe(12);
});

it("a model of plexus-nn/predict reads nested samples, and class numbers", async () => {
  const graph: AnyGraph = new Graph({
    seed: 1,
    inputs: { x: [2, 2, 1], word: { size: 2, classes: 3 } },
    hidden: { e: { size: [2, 2], activation: "linear" } },
    outputs: { y: 2 },
    synapses: [
      ["word", "e", { kind: "embedding" }],
      ["e", "y"],
      ["x", "y"],
    ],
  });
  const x = numbers(8);
  graph.scale("x", Scaler.fit(x, 1));
  const model = await fromJSON(graph.toJSON());
  const word = [0, 2, 1, 1];
  const nested = { x: nest(x, [2, 2, 2]), word };
  expect(model.predict(nested)).toEqual(graph.predict({ x, word }));
  // The class of errors is the entry's own.
  expect(() => model.predict({ x, word: [0, 1, 2, 3] })).toThrow(/"word" has 3 in row 1, slot 1/);
  const one = { x: nest(x.slice(4), [2, 2]), word: [0, 1] };
  expect(() => model.predict(one)).toThrow(/no axis of samples/);
});
