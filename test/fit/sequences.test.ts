// `fit` over sequences: forms of the data, validation, progress, folds, scalers, and refusals.

import { crossValidate, type FitOptions, Graph, type Progress, Scaler } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectClose, rejection, wrong } from "../support/helpers.js";
import { parameters } from "../support/training.js";
import { datasetOf, even, make, ragged, type Sequences, sequences } from "../support/windows.js";

const indices = (lengths: readonly number[]) => [...lengths.keys()];

describe("the forms of data with steps", () => {
  const data = sequences(ragged);
  const most = Math.max(...ragged);
  const padded = (all: number[][][]) =>
    all.map((one) => {
      const size = one[0]!.length;
      const rest = Array.from({ length: most - one.length }, () => Array<number>(size).fill(Number.NaN));
      return [...one, ...rest];
    });
  const forms: Record<string, (all: number[][][]) => unknown> = {
    levels: (all) => all,
    samples: (all) => all.map((one) => one.flat()),
    rows: (all) => padded(all).flat(),
    flat: (all) => Float64Array.from(padded(all).flat(2)),
  };
  const trained = async (form: string, options: FitOptions) => {
    const graph = make(["y", "z"]);
    const of = forms[form]!;
    const set = {
      xs: { x: of(data.x), c: data.c },
      ts: { y: of(data.y), z: data.z },
      steps: ragged,
      sampleWeights: of(data.x.map((one) => one.map(([a]) => [Math.abs(a!)]))),
      mask: { z: data.c.map(([a]) => Number(a! > 0)) },
    };
    const { epochs } = await graph.fit(wrong(set), options);
    return [parameters(graph), epochs.map(({ cost, validation }) => [cost, validation])];
  };

  it.each([
    ["whole, with validation", { epochs: 2, batchSize: 4, validation: 0.3, shuffle: false }],
    ["in windows", { epochs: 2, batchSize: 4, window: 5 }],
  ])("give the same bits: %s", async (_, options) => {
    const expected = await trained("levels", options);
    for (const form of ["samples", "rows", "flat"]) expect(await trained(form, options)).toEqual(expected);
  });

  it("may be class numbers", async () => {
    const [graph, other] = [make(["y"]), make(["y"])];
    const xs = { x: data.x, c: data.c };
    const classes = data.y.map((one) => one.map(([a]) => 1 - a!));
    await graph.fit(wrong({ xs, ts: { y: classes }, steps: ragged }), { window: 5 });
    await other.fit(wrong({ xs, ts: { y: data.y } }), { window: 5 });
    expect(parameters(graph)).toBe(parameters(other));
  });

  it("may be rows without delays, as before", async () => {
    const build = () => {
      const graph: AnyGraph = new Graph({ seed: 3 });
      graph.addInput("x", 3);
      graph.addOutput("y", 2, "softmax");
      graph.connect("x", "y");
      return graph;
    };
    const [graph, other, plain] = [build(), build(), build()];
    const rows = { xs: { x: data.x.flat() }, ts: { y: data.y.flat() } };
    const options = { epochs: 2, batchSize: 7 };
    await plain.fit(wrong(rows), options);
    await graph.fit(wrong({ ...rows, steps: 1 }), options);
    await other.fit(wrong(rows), { ...options, window: 3 });
    expect(parameters(graph)).toBe(parameters(plain));
    expect(parameters(other)).toBe(parameters(plain));
  });
});

/** Makes a small net whose loop runs from the last step to the first. */
function makeBackward(): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 3 });
  graph.addInput("x", 3);
  graph.addHidden("h", 4, "tanh");
  graph.addOutput("y", 2, "softmax");
  graph.connect("x", "h");
  graph.connect("h", "h", { delay: -1 });
  graph.connect("h", "y");
  return graph;
}

const backward = ({ x, y }: Sequences) => ({ xs: { x }, ts: { y } });

describe("validation and metrics", () => {
  it("of sequences begin from `initial`, whole, and have the bits of `evaluate`", async () => {
    const data = sequences(ragged);
    const graph = make(["y", "z"]);
    const all = datasetOf(graph, data, indices(ragged));
    const held = datasetOf(graph, data, [8, 9, 10]);
    const metrics = ["accuracy", "mae"] as const;
    const { epochs } = await graph.fit(wrong(all), {
      epochs: 2,
      batchSize: 4,
      window: 3,
      validation: 0.3,
      metrics,
    });
    expect(epochs[1]!.validation).toEqual(graph.evaluate(wrong(held.xs), wrong(held.ts), { metrics }));
    const run = await graph.fit(wrong(all), { batchSize: 4, metrics });
    expect(run.epochs[0]!.outputs).toEqual(graph.evaluate(wrong(all.xs), wrong(all.ts), { metrics }).outputs);
  });

  it.each([
    ["forward", 150, 4],
    ["backward", 150, 4],
    ["forward, long", 6000, 3],
  ])("go in pieces: %s", async (direction, samples, steps) => {
    const lengths =
      steps === 3
        ? [samples, 5000, 7, 3000]
        : Array.from({ length: samples }, (_, i) => 150 + ((i * 37) % 61));
    const data = sequences(lengths);
    const isBackward = direction === "backward";
    const graph = isBackward ? makeBackward() : make(["y", "z"]);
    for (const layer of graph.layers) layer.frozen = true;
    const all = isBackward ? backward(data) : datasetOf(graph, data, indices(lengths));
    const small = isBackward ? backward(sequences([2])) : datasetOf(graph, sequences([2]), [0]);
    const { epochs } = await graph.fit(wrong(small), { validation: wrong(all) });
    expect(epochs[0]!.validation).toEqual(graph.evaluate(wrong(all.xs), wrong(all.ts)));
  });
});

describe("progress", () => {
  const run = async (lengths: readonly number[], outputs: readonly string[], options: FitOptions) => {
    const seen: Progress[] = [];
    const graph = make(outputs);
    const all = datasetOf(graph, sequences(lengths), indices(lengths));
    const onBatch = (progress: Progress) => void seen.push(progress);
    const { steps } = await graph.fit(wrong(all), { epochs: 2, batchSize: 4, ...options, onBatch });
    expect(seen.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
    expect(seen.every(({ cost }) => Number.isFinite(cost))).toBe(true);
    return [steps, seen[0]!.steps];
  };

  it("has the steps of the run where all lengths are equal", async () => {
    expect(await run(even, ["y"], {})).toEqual([6, 6]);
    expect(await run(even, ["y"], { window: 5 })).toEqual([18, 18]);
    expect(await run(even, ["y", "z"], { window: 12 })).toEqual([6, 6]);
    expect(await run(even, ["y"], { window: 5, stepsPerEpoch: 4 })).toEqual([8, 8]);
  });

  it("counts no step for a window without a target", async () => {
    expect(await run(even, ["z"], { window: 5 })).toEqual([6, 6]);
    expect(await run(ragged, ["z"], { window: 3, shuffle: false })).toEqual([20, undefined]);
  });

  it("has no steps of the run where lengths differ in windows", async () => {
    const [steps, all] = await run(ragged, ["y"], { window: 5 });
    expect([steps! > 6, all]).toEqual([true, undefined]);
    expect(await run(ragged, ["y"], {})).toEqual([6, 6]);
  });
});

describe("a run is stopped between windows", () => {
  it("by a signal, a limit of time, or the end of its iteration", async () => {
    const lengths = [400, 400];
    for (const outputs of [["y"], ["z"]]) {
      const graph = make(outputs);
      const all = datasetOf(graph, sequences(lengths), [0, 1]);
      const late = await graph.fit(wrong(all), { epochs: 1e6, window: 1, timeLimit: 0.05 });
      expect(late.stopped).toBe("time");
      const control = new AbortController();
      const run = graph.fit(wrong(all), { epochs: 1e6, window: 1, signal: control.signal });
      setTimeout(() => control.abort(), 20);
      expect((await run).stopped).toBe("aborted");
    }
    const graph = make(["y"]);
    const left = graph.fit(wrong(datasetOf(graph, sequences(lengths), [0, 1])), { epochs: 9, window: 1 });
    for await (const { step } of left) if (step >= 3) break;
    expect((await left).stopped).toBe("break");
  });
});

describe("folds and scalers", () => {
  it("count samples", async () => {
    const data = sequences(ragged);
    const graphs: AnyGraph[] = [];
    const build = () => {
      graphs.push(make(["y", "z"], "float64", 5, 0));
      return graphs.at(-1)!;
    };
    const flat = (all: number[][][], most = 12) =>
      all.flatMap((one) => [...one.flat(), ...Array((most - one.length) * one[0]!.length).fill(Number.NaN)]);
    const set = { xs: { x: flat(data.x), c: data.c }, ts: { y: flat(data.y), z: data.z }, steps: ragged };
    const { folds } = await crossValidate(build, wrong(set), { folds: 3, batchSize: 4, window: 5 });
    const levels = datasetOf(graphs[0]!, data, indices(ragged));
    const made = graphs.length;
    const again = await crossValidate(build, wrong(levels), { folds: 3, batchSize: 4, window: 5 });
    expect([made, folds.map(({ cost }) => cost)]).toEqual([3, again.folds.map(({ cost }) => cost)]);
    const stratified = crossValidate(build, wrong(levels), { folds: 3, stratify: "y" });
    expect(await rejection(stratified)).toMatchObject({ code: "bad-option" });
  });

  it("take the steps of sequences, and leave out what lies beyond their ends", async () => {
    const data = sequences(ragged);
    const flat = data.x.flatMap((one) => [...one.flat(), ...Array((12 - one.length) * 3).fill(Number.NaN)]);
    const scaler = Scaler.fit(data.x.flat(), 3);
    expect(Scaler.fit(data.x, 3)).toEqual(scaler);
    expect([...scaler.transform(data.x)]).toEqual([...scaler.transform(data.x.flat())]);
    for (const x of [data.x, flat]) {
      const graph = make(["y"]);
      const set = { xs: { x, c: data.c }, ts: { y: data.y }, steps: ragged };
      await graph.fit(wrong(set), { scale: { x: "standard", c: "minmax" } });
      expectClose(graph.layer("x").scaler!.offset, scaler.offset, 1e-12, "offsets");
      expect(graph.layer("c").scaler).toEqual(Scaler.fit(data.c, 2, "minmax"));
    }
  });

  it("name the sample and step of a number that isn't finite", () => {
    expect(() =>
      Scaler.fit(
        [
          [[1], [2]],
          [[3], [Number.NaN]],
        ],
        1,
      ),
    ).toThrow("sample 1, step 1, column 0");
    expect(() => Scaler.fit(wrong([[[1]], []]), 1)).toThrow("sample 1");
  });
});

describe("wrong uses are refused, and change nothing", () => {
  const data = sequences(even);
  const all = (graph: AnyGraph) => datasetOf(graph, data, indices(even));
  it.each<[string, string, (graph: AnyGraph) => PromiseLike<unknown>]>([
    ["a window of no steps", "bad-option", (g) => g.fit(wrong(all(g)), { window: 0 })],
    ["a broken window", "bad-option", (g) => g.fit(wrong(all(g)), { window: 2.5 })],
    ["`carry` of another value", "bad-option", (g) => g.fit(wrong(all(g)), { carry: wrong(1) })],
    ["`carry`, shuffled", "bad-option", (g) => g.fit(wrong(all(g)), { carry: true, batchSize: 11 })],
    [
      "`carry` of unequal batches",
      "bad-option",
      (g) => g.fit(wrong(all(g)), { carry: true, shuffle: false, batchSize: 4 }),
    ],
    [
      "data without steps",
      "bad-shape",
      (g) => g.fit(wrong({ xs: { x: [[1, 2, 3]], c: [[1, 2]] }, ts: { y: [[0, 1]] } })),
    ],
    [
      "data without steps in windows",
      "bad-shape",
      (g) => g.fit(wrong({ xs: { x: [[1, 2, 3]], c: [[1, 2]] }, ts: { y: [[0, 1]] } }), { window: 3 }),
    ],
    ["lengths of other data", "bad-shape", (g) => g.fit(wrong({ ...all(g), steps: 7 }))],
    ["lengths for other samples", "bad-option", (g) => g.fit(wrong({ ...all(g), steps: [7, 7] }))],
    ["no whole number of steps", "bad-option", (g) => g.fit(wrong({ ...all(g), steps: 0.5 }))],
    [
      "a number that isn't finite",
      "not-finite",
      (g) => {
        const x = data.x.map((one, s) =>
          one.map((row, t) => (s === 3 && t === 2 ? [1, Number.NaN, 1] : row)),
        );
        return g.fit(wrong({ xs: { x, c: data.c }, ts: { y: data.y } }));
      },
    ],
  ])("%s", async (_, code, use) => {
    const graph = make(["y"]);
    const before = JSON.stringify(graph);
    const error = await rejection(use(graph));
    expect([error.code, JSON.stringify(graph) === before]).toEqual([code, true]);
    if (code === "not-finite") expect(error.message).toContain("sample 3, step 2, unit 1");
  });

  it("windows of layers that need later steps", async () => {
    const graph = makeBackward();
    const set = backward(sequences(even));
    for (const options of [{ window: 3 }, { carry: true, shuffle: false, batchSize: 11 }]) {
      const { code, message } = await rejection(graph.fit(wrong(set), options));
      expect(code).toBe("bad-option");
      expect(message).toContain("`window` or `carry`");
    }
    await graph.fit(wrong(set));
  });

  it("a stream whose batches have other samples than the state", async () => {
    const graph = make(["y"]);
    const batch = (list: number[]) => datasetOf(graph, data, list);
    const stream = () => [batch([0, 1, 2]), batch([3, 4])];
    const error = await rejection(graph.fit(wrong(stream), { carry: true }));
    expect([error.code, error.message.includes("2 samples")]).toEqual(["bad-shape", true]);
    await graph.fit(wrong(stream), { window: 5 });
  });
});

it("a divergence names the step of the samples, counted from the start of the sequence", async () => {
  const graph: AnyGraph = new Graph({ seed: 3 });
  graph.addInput("x", 1);
  graph.addOutput("y", 1, "linear", "mse", { bias: false });
  graph.connect("x", "y", { delay: 1, frozen: true }).weights[0] = 10;
  const x = Array.from({ length: 12 }, (_, t) => [t === 6 ? 1e308 : 1]);
  const set = { xs: { x: [x, x] }, ts: { y: [x, x].map((one) => one.map(() => 1)) } };
  const { code, details } = await rejection(graph.fit(wrong(set), { window: 3 }));
  expect([code, details]).toMatchObject(["diverged", { batch: 1, step: 3, layer: "y", timeStep: 7 }]);
});
