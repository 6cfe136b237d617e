// Metrics, against the examples in scikit-learn's documentation and against their definitions in plain words.

import {
  crossValidate,
  Graph,
  type Metric,
  type OutputScore,
  type Precision,
  report,
  Scaler,
} from "plexus-nn";
import { fit as fitInWorker } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import { metrics } from "../../src/rules/metric.js";
import { type AnyGraph, everything, expectRefusal, Random, seed, wrong } from "../support/helpers.js";

const names = Object.keys(metrics) as (keyof typeof metrics)[];
const all = names.map((name) => (name === "topK" ? { name, k: 2 } : name)) as Metric[];
const precisions: readonly Precision[] = ["float64", "float32"];

/** Makes a graph whose output equals its input. */
function mirror(size: number, precision: Precision = "float64"): AnyGraph {
  const graph: AnyGraph = new Graph({ seed, precision, inputs: { x: size } });
  graph.addOutput("y", size, "linear");
  const values = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => +(i === j)));
  graph.connect("x", "y", { init: { values } });
  return graph;
}

function measured(y: readonly number[][], t: readonly number[][], asked = all): OutputScore {
  return mirror(y[0]!.length).evaluate({ x: y }, { y: t }, { metrics: asked }).outputs.y!;
}

const oneHot = (classes: readonly number[], size: number) =>
  classes.map((c) => Array.from({ length: size }, (_, j) => +(j === c)));
const columns = (values: readonly number[]) => values.map((value) => [value]);

describe("metrics have the values of scikit-learn's example of", () => {
  it("precision_recall_fscore_support: three classes", () => {
    const score = measured(oneHot([0, 2, 1, 0, 0, 1], 3), oneHot([0, 1, 2, 0, 1, 2], 3));
    expect(score.precision).toBeCloseTo(2 / 9, 14);
    expect(score.recall).toBeCloseTo(1 / 3, 14);
    expect(score.f1).toBeCloseTo(4 / 15, 14);
    expect(score.accuracy).toBeCloseTo(1 / 3, 14);
  });

  it("confusion_matrix: three classes, and two", () => {
    const three = measured(oneHot([0, 0, 2, 2, 0, 2], 3), oneHot([2, 0, 2, 2, 0, 1], 3));
    expect(three.confusion).toEqual([
      [2, 0, 0],
      [0, 0, 1],
      [1, 0, 2],
    ]);
    const two = measured(columns([1, 1, 1, 0]), columns([0, 1, 0, 1]));
    expect(two.confusion).toEqual([
      [0, 2],
      [1, 1],
    ]);
  });

  it("top_k_accuracy_score", () => {
    const y = [
      [0.5, 0.2, 0.2],
      [0.3, 0.4, 0.2],
      [0.2, 0.4, 0.3],
      [0.7, 0.2, 0.1],
    ];
    const t = oneHot([0, 1, 2, 2], 3);
    expect(measured(y, t, [{ name: "topK", k: 2 }]).topK).toBe(0.75);
    expect(measured(y, t, [{ name: "topK", k: 1 }, "accuracy"])).toMatchObject({ topK: 0.5, accuracy: 0.5 });
    expect(measured(y, t, [{ name: "topK" }]).topK).toBe(1);
  });

  it("roc_auc_score", () => {
    expect(measured(columns([0.1, 0.4, 0.35, 0.8]), columns([0, 0, 1, 1])).auc).toBe(0.75);
  });

  it("r2_score and mean_absolute_error, of one unit and of two", () => {
    const one = measured(columns([2.5, 0, 2, 8]), columns([3, -0.5, 2, 7]));
    expect(one.r2).toBeCloseTo(0.9486081370449679, 14);
    expect(one.mae).toBe(0.5);
    const two = measured(
      [
        [0, 2],
        [-1, 2],
        [8, -5],
      ],
      [
        [0.5, 1],
        [-1, 1],
        [7, -6],
      ],
    );
    expect(two.r2).toBeCloseTo((0.9654377880184332 + 0.9081632653061225) / 2, 14);
    expect(two.mae).toBe(0.75);
  });
});

// ------------------------------------------------------------------------------------------ the definitions

type Rows = readonly (readonly number[])[];
interface Sample {
  readonly y: Rows;
  readonly t: Rows;
  readonly weights: readonly number[];
  readonly mask: Rows;
}

function naive({ y, t, weights, mask }: Sample, k: number) {
  const size = y[0]!.length;
  const rows = y.map((_, r) => r).filter((r) => mask[r]!.some((m) => m === 1));
  /** Returns the units in descending order. */
  const order = (values: readonly number[], r: number) =>
    values
      .map((_, j) => j)
      .filter((j) => mask[r]![j] === 1)
      .sort((a, b) => values[b]! - values[a]! || a - b);
  const cls = (values: readonly number[], r: number) =>
    size === 1 ? +(values[0]! >= 0.5) : order(values, r)[0]!;
  const truth = (r: number) => cls(t[r]!, r);
  const told = (r: number) => cls(y[r]!, r);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const weigh = (holds: (r: number) => boolean) => sum(rows.filter(holds).map((r) => weights[r]!));
  const share = (part: number, whole: number) => (whole === 0 ? undefined : part / whole);
  const average = (values: readonly (number | undefined)[]) => {
    const defined = values.filter((value) => value !== undefined);
    return share(sum(defined), defined.length);
  };
  const units = Array.from({ length: size }, (_, j) => j);
  const classes = size === 1 ? [0, 1] : units;
  const among = (r: number) =>
    size === 1 ? k > 1 || truth(r) === told(r) : order(y[r]!, r).slice(0, k).includes(truth(r));
  const counts = (c: number) => ({
    hits: weigh((r) => truth(r) === c && told(r) === c),
    told: weigh((r) => told(r) === c),
    real: weigh((r) => truth(r) === c),
  });
  const macro = (part: (c: ReturnType<typeof counts>) => number) =>
    average(
      (size === 1 ? [1] : classes)
        .map(counts)
        .filter((c) => c.told > 0 || c.real > 0)
        .map((c) => part(c) || 0),
    ) ?? 0;
  const cells = (j: number) => y.map((_, r) => r).filter((r) => mask[r]![j] === 1);
  const auc = (j: number) => {
    const is = (r: number) => truth(r) === (size === 1 ? 1 : j);
    let [ordered, pairs] = [0, 0];
    for (const a of cells(j).filter(is)) {
      for (const b of cells(j).filter((r) => !is(r))) {
        const pair = weights[a]! * weights[b]!;
        pairs += pair;
        ordered += pair * (y[a]![j]! > y[b]![j]! ? 1 : y[a]![j] === y[b]![j] ? 0.5 : 0);
      }
    }
    return share(ordered, pairs);
  };
  const r2 = (j: number) => {
    const counted = cells(j).filter((r) => weights[r]! > 0);
    if (new Set(counted.map((r) => t[r]![j])).size < 2) return undefined;
    const middle = sum(counted.map((r) => weights[r]! * t[r]![j]!)) / sum(counted.map((r) => weights[r]!));
    const off = (f: (r: number) => number) => sum(counted.map((r) => weights[r]! * f(r) ** 2));
    return 1 - off((r) => t[r]![j]! - y[r]![j]!) / off((r) => t[r]![j]! - middle);
  };
  const every = units.flatMap((j) =>
    cells(j).map((r) => ({ w: weights[r]!, d: Math.abs(y[r]![j]! - t[r]![j]!) })),
  );
  return {
    accuracy: share(
      weigh((r) => truth(r) === told(r)),
      weigh(() => true),
    ),
    topK: share(
      weigh(among),
      weigh(() => true),
    ),
    mae: share(sum(every.map(({ w, d }) => w * d)), sum(every.map(({ w }) => w))),
    r2: average(units.map(r2)),
    precision: macro((c) => c.hits / c.told),
    recall: macro((c) => c.hits / c.real),
    f1: macro((c) => (2 * c.hits) / (c.told + c.real)),
    auc: average(units.map(auc)),
    confusion: classes.map((real) => classes.map((c) => weigh((r) => truth(r) === real && told(r) === c))),
  };
}

/** Draws few distinct numbers, so that there are ties; some classes don't occur. */
function sample(random: Random, plain: boolean): Sample {
  const [size, rows] = [random.whole(1, 5), random.whole(1, 30)];
  const some = (draw: () => number) => Array.from({ length: rows }, () => Array.from({ length: size }, draw));
  const hot = random.chance(0.5);
  return {
    y: some(() => random.whole(0, 4) / 4),
    t:
      hot && size > 1
        ? oneHot(
            Array.from({ length: rows }, () => random.whole(0, size - 1)),
            size,
          )
        : some(() => random.whole(0, 2) / 2),
    weights: Array.from({ length: rows }, () => (plain ? 1 : random.whole(0, 6) / 2)),
    mask: some(() => (plain || random.chance(0.8) ? 1 : 0)),
  };
}

function expectMetrics(found: object, wanted: object, what: string): void {
  for (const [name, value] of Object.entries(wanted)) {
    const actual = (found as Record<string, unknown>)[name];
    const close = typeof value === "number" && Math.abs((actual as number) - value) < 1e-12;
    if (close || (value === undefined && !(name in found))) continue;
    if (typeof value !== "number" && JSON.stringify(actual) === JSON.stringify(value)) continue;
    throw new Error(`${what}: ${name} is ${JSON.stringify(actual)}, not ${JSON.stringify(value)}`);
  }
}

describe("the definitions", () => {
  it.each(precisions)(`hold of 300 random outcomes in %s, PLEXUS_SEED=${seed}`, (precision) => {
    const random = new Random(seed);
    const absent = new Set<string>();
    for (let i = 0; i < 300; i++) {
      const one = sample(random, true);
      const k = random.whole(1, 4);
      const asked: Metric[] = names.map((name) => (name === "topK" ? { name, k } : name));
      const graph = mirror(one.y[0]!.length, precision);
      const { y: score } = graph.evaluate({ x: one.y }, { y: one.t }, { metrics: asked }).outputs;
      expectMetrics(score, naive(one, k), `outcome ${i}`);
      expect(Object.keys(score)).toEqual(["cost", ...names.filter((name) => name in score)]);
      for (const name of names) if (!(name in score)) absent.add(name);
      graph.dispose();
    }
    expect([...absent].sort()).toEqual(["auc", "r2"]);
  });

  it(`hold with weights of rows and masks of units, PLEXUS_SEED=${seed}`, () => {
    const random = new Random(seed + 1);
    for (let i = 0; i < 1000; i++) {
      const one = sample(random, false);
      const k = random.whole(1, 4);
      const asked: Metric[] = names.map((name) => (name === "topK" ? { name, k } : name));
      const graph = mirror(one.y[0]!.length);
      const options = { metrics: asked, sampleWeights: one.weights, mask: { y: one.mask } };
      const { y: score } = graph.evaluate({ x: one.y }, { y: one.t }, options).outputs;
      expectMetrics(score, naive(one, k), `outcome ${i}`);
      graph.dispose();
    }
  });

  it("of rows that don't count at all leave out what would be 0 / 0, or give 0", () => {
    const nothing = { precision: 0, recall: 0, f1: 0, confusion: [[0, 0], [0, 0]] }; // biome-ignore format: a matrix
    for (const counts of [
      { sampleWeights: [0, 0] },
      { mask: { y: [0, 0, 0, 0] } },
      { mask: { y: [0, 0] } },
    ]) {
      const { outputs } = mirror(2).evaluate(
        { x: [1, 0, 0, 1] },
        { y: [1, 0, 1, 0] },
        { metrics: all, ...counts },
      );
      expect(outputs.y).toEqual({ cost: 0, ...nothing });
    }
  });

  it("a mask of rows weighs them", () => {
    const given = { x: [1, 0, 0, 1, 1, 0] };
    const t = { y: [1, 0, 1, 0, 1, 0] };
    const [rows, weights] = [{ mask: { y: [0.5, 2, 0] } }, { sampleWeights: [0.5, 2, 0] }].map((counts) =>
      mirror(2).evaluate(given, t, { metrics: all, ...counts }),
    );
    expect(rows).toEqual(weights);
    expect(rows!.outputs.y!.accuracy).toBe(0.2);
  });
});

/**
 * Computes the metrics of labels: every unit by itself, true from 0.5 on; precision, recall and F1 as scikit-learn has them
 * for indicators.
 */
function naiveLabels({ y, t, weights, mask }: Sample) {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const average = (values: readonly number[]) =>
    values.length === 0 ? undefined : sum(values) / values.length;
  const labels = y[0]!.map((_, j) =>
    y
      .map((row, r) => ({ y: row[j]!, t: t[r]![j]! >= 0.5, w: weights[r]! * mask[r]![j]! }))
      .filter(({ w }) => w > 0),
  );
  type Cells = (typeof labels)[number];
  const on = (cell: Cells[number]) => cell.y >= 0.5;
  const mass = (cells: Cells) => sum(cells.map(({ w }) => w));
  const hits = (cells: Cells) => mass(cells.filter((cell) => cell.t && on(cell)));
  const told = (cells: Cells) => mass(cells.filter(on));
  const real = (cells: Cells) => mass(cells.filter((cell) => cell.t));
  const macro = (value: (cells: Cells) => number) =>
    average(labels.filter((cells) => cells.length > 0).map((cells) => value(cells) || 0)) ?? 0;
  const auc = (cells: Cells) => {
    const pairs = cells
      .filter((a) => a.t)
      .flatMap((a) => cells.filter((b) => !b.t).map((b) => ({ a: a.y, b: b.y, w: a.w * b.w })));
    return (
      sum(pairs.map(({ a, b, w }) => w * (a > b ? 1 : a === b ? 0.5 : 0))) / sum(pairs.map(({ w }) => w))
    );
  };
  const all = labels.flat();
  return {
    accuracy: all.length === 0 ? undefined : mass(all.filter((cell) => cell.t === on(cell))) / mass(all),
    precision: macro((cells) => hits(cells) / told(cells)),
    recall: macro((cells) => hits(cells) / real(cells)),
    f1: macro((cells) => (2 * hits(cells)) / (told(cells) + real(cells))),
    auc: average(labels.map(auc).filter((value) => !Number.isNaN(value))),
    confusion: labels.map((cells) =>
      [false, true].map((truth) =>
        [false, true].map((predicted) =>
          mass(cells.filter((cell) => cell.t === truth && on(cell) === predicted)),
        ),
      ),
    ),
  };
}

/** Makes a graph of labels, whose units are its inputs after a sigmoid. */
function labelled(size: number, precision: Precision = "float64"): AnyGraph {
  const graph: AnyGraph = new Graph({ seed, precision, inputs: { x: size }, outputs: { y: size } });
  graph.connect("x", "y", { kind: "identity" });
  return graph;
}

describe("labels", () => {
  const asked: readonly Metric[] = ["accuracy", "precision", "recall", "f1", "auc", "confusion"];
  const measure = (x: readonly number[][], t: readonly number[][]) =>
    labelled(x[0]!.length).evaluate({ x }, { y: t }, { metrics: asked }).outputs.y!;

  it("a perfect net scores 1, and a useless one what chance gives", () => {
    const t = [[1, 1, 0], [0, 1, 1], [0, 0, 0], [1, 0, 1]]; // biome-ignore format: a matrix
    const perfect = measure(
      t.map((row) => row.map((value) => (value === 1 ? 9 : -9))),
      t,
    );
    expect(perfect).toMatchObject({ accuracy: 1, precision: 1, recall: 1, f1: 1, auc: 1 });
    expect(perfect.confusion).toEqual([[[2, 0], [0, 2]], [[2, 0], [0, 2]], [[2, 0], [0, 2]]]); // biome-ignore format: matrices
    // The largest unit is the same in every row, and right by argmax.
    const useless = measure(
      t.map(() => [3, 2, 1]),
      t,
    );
    expect(useless).toMatchObject({ accuracy: 0.5, precision: 0.5, recall: 1, auc: 0.5 });
    expect(useless.f1).toBeCloseTo(2 / 3, 15);
    expect(useless.confusion).toEqual(new Array(3).fill([[0, 2], [0, 2]])); // biome-ignore format: matrices
    const inverted = measure(
      t.map((row) => row.map((value) => (value === 1 ? -9 : 9))),
      t,
    );
    expect(inverted).toMatchObject({ accuracy: 0, precision: 0, recall: 0, f1: 0, auc: 0 });
  });

  it("scikit-learn's multilabel_confusion_matrix, and f1_score of a label that is never there", () => {
    const x = [[3, -3, -3], [-3, 3, 3]]; // biome-ignore format: a matrix
    const t = [[1, 0, 1], [0, 1, 0]]; // biome-ignore format: a matrix
    expect(measure(x, t).confusion).toEqual([[[1, 0], [0, 1]], [[1, 0], [0, 1]], [[0, 1], [1, 0]]]); // biome-ignore format: matrices
    const absent = measure([[3, -3]], [[1, 0]]);
    expect([absent.accuracy, absent.precision, absent.recall, absent.f1, "auc" in absent]).toEqual([
      1,
      0.5,
      0.5,
      0.5,
      false,
    ]);
  });

  it("0.5 counts as on, in predictions and in targets", () => {
    expect(measure([[0, 0]], [[0.5, 0.49]]).confusion).toEqual([[[0, 0], [0, 1]], [[0, 1], [0, 0]]]); // biome-ignore format: matrices
  });

  it("what is no number is wrong", () => {
    const graph = labelled(2);
    graph.layer("y").bias.fill(Number.NaN);
    expect(graph.evaluate({ x: [0, 0] }, { y: [0, 1] }).outputs.y!.accuracy).toBe(0);
  });

  it("of classes there are none: softmax keeps the largest unit, and so do other losses", () => {
    const t = oneHot([2, 1], 3);
    const y = [[0.4, 0.3, 0.45], [0.3, 0.4, 0.1]]; // biome-ignore format: a matrix
    expect(measured(y, t)).toMatchObject({ accuracy: 1, precision: 1, recall: 1, f1: 1 });
    const softmax: AnyGraph = new Graph({
      inputs: { x: 3 },
      outputs: { y: { size: 3, activation: "softmax" } },
    });
    softmax.connect("x", "y", { kind: "identity" });
    const score = softmax.evaluate({ x: y }, { y: [2, 1] }, { metrics: asked }).outputs.y!;
    expect(score).toMatchObject({ accuracy: 1, f1: 1, confusion: [[0, 0, 0], [0, 1, 0], [0, 0, 1]] }); // biome-ignore format: a matrix
  });

  it("topK ranks a row's units, as ever", () => {
    const graph = labelled(3);
    const one = { metrics: [{ name: "topK", k: 1 }] } as const;
    expect(graph.evaluate({ x: [-2, -1, -3] }, { y: [0, 1, 0] }, one).outputs.y!.topK).toBe(1);
    expect(graph.evaluate({ x: [-1, -2, -3] }, { y: [0, 1, 0] }, one).outputs.y!.topK).toBe(0);
  });

  it.each(precisions)(`hold of 400 random outcomes in %s, PLEXUS_SEED=${seed}`, (precision) => {
    const random = new Random(seed + 2);
    for (let i = 0; i < 400; i++) {
      const { y, t, weights, mask } = sample(random, i % 2 === 0);
      const size = y[0]!.length;
      if (size === 1) continue;
      const graph = labelled(size, precision);
      const x = y.map((row) => row.map((value) => 4 * value - 2));
      const found = graph.predict({ x }).y!;
      const rows = x.map((_, r) => [...found.subarray(r * size, (r + 1) * size)]);
      const options = i % 2 === 0 ? {} : { sampleWeights: weights, mask: { y: mask } };
      const score = graph.evaluate({ x }, { y: t }, { metrics: asked, ...options }).outputs.y!;
      expectMetrics(score, naiveLabels({ y: rows, t, weights, mask }), `outcome ${i}`);
      graph.dispose();
    }
  });

  it("are told by fit, by its monitor, in a worker, by crossValidate and in a report", async () => {
    const make = (): AnyGraph =>
      new Graph({ seed: 3, inputs: { x: 3 }, outputs: { y: 3 }, synapses: [["x", "y"]] });
    const rows = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n & 1, (n >> 1) & 1, n >> 2]);
    const data = { xs: { x: rows }, ts: { y: rows } };
    const monitor = "validation.outputs.y.accuracy";
    const options = { epochs: 3, metrics: asked, validation: data, monitor };
    const graph = make();
    const history = await graph.fit(data, options);
    const last = history.epochs.at(-1)!.validation!.outputs.y!;
    expect(last).toEqual(graph.evaluate(data.xs, data.ts, { metrics: asked }).outputs.y);
    expect(last.confusion).toHaveLength(3);
    expect(history.best!.value).toBe(
      Math.max(...history.epochs.map((one) => one.validation!.outputs.y!.accuracy!)),
    );
    const elsewhere = await fitInWorker(make(), data, options);
    expect(elsewhere.epochs.map((one) => one.validation)).toEqual(
      history.epochs.map((one) => one.validation),
    );
    const folds = await crossValidate(make, data, { folds: 4, epochs: 2, metrics: asked, stratify: "y" });
    for (const { outputs } of folds.folds) expect(outputs.y!.confusion).toHaveLength(3);
    const text = report(history);
    expect(text).toContain("accuracy");
    expect(text).not.toContain("confusion");
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    await expect(graph.fit(data, { ...options, monitor: "validation.outputs.y.confusion" })).rejects.toThrow(
      "monitor",
    );
  });

  it("are dealt to folds by the sets of them", async () => {
    // By their largest unit, the first of each would be of one class.
    const sets = [[1, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 1]]; // biome-ignore format: a matrix
    const rows = Array.from({ length: 16 }, (_, i) => sets[i % 4]!);
    const make = (): AnyGraph =>
      new Graph({ seed: 3, inputs: { x: 3 }, outputs: { y: 3 }, synapses: [["x", "y"]] });
    const asked = { folds: 4, stratify: "y", metrics: ["confusion"] } as const;
    const { folds } = await crossValidate(make, { xs: { x: rows }, ts: { y: rows } }, asked);
    for (const { outputs } of folds) {
      const truths = (outputs.y!.confusion as number[][][]).map((table) =>
        table.map((row) => row.reduce((a, b) => a + b)),
      );
      expect(truths).toEqual([[0, 4], [2, 2], [2, 2]]); // biome-ignore format: a matrix
    }
  });
});

describe("an output with a scaler", () => {
  const x = Array.from({ length: 40 }, (_, i) => [i / 10]);
  const t = x.map(([value]) => [1000 + 250 * value!, 3 - value!]);
  const data = { xs: { x }, ts: { y: t } };
  const asked: readonly Metric[] = ["mae", "r2"];
  const make = (precision: Precision = "float64"): AnyGraph => {
    const graph: AnyGraph = new Graph({ seed: 2, precision, inputs: { x: 1 } });
    graph.addOutput("y", 2, "linear");
    graph.connect("x", "y");
    graph.scale("y", Scaler.fit(t, 2));
    return graph;
  };
  const mae = (graph: AnyGraph, weights = t.map(() => 1)) => {
    const y = graph.predict({ x }).y!;
    const total = weights.reduce((a, b) => a + b) * 2;
    return t.flat().reduce((sum, value, i) => sum + weights[i >> 1]! * Math.abs(value - y[i]!), 0) / total;
  };

  it.each(precisions)("has its mae in the units that predict returns, and scaled costs: %s", (precision) => {
    const graph = make(precision);
    const { cost, outputs } = graph.evaluate(data.xs, data.ts, { metrics: asked });
    const close = precision === "float64" ? 1e-12 : 1e-5;
    expect(Math.abs(outputs.y!.mae! / mae(graph) - 1)).toBeLessThan(close);
    const weights = t.map((_, i) => i % 3);
    const weighed = graph.evaluate(data.xs, data.ts, { metrics: asked, sampleWeights: weights });
    expect(Math.abs(weighed.outputs.y!.mae! / mae(graph, weights) - 1)).toBeLessThan(close);
    const scaled = Scaler.fit(t, 2).transform(t);
    graph.scale("y", null);
    const plain = graph.evaluate(data.xs, { y: scaled }, { metrics: asked });
    expect(cost).toBe(plain.cost);
    expect(outputs.y!.r2).toBeCloseTo(plain.outputs.y!.r2!, precision === "float64" ? 12 : 5);
  });

  it("has it so in fit, for its monitor, in a worker and by crossValidate", async () => {
    const graph = make();
    const options = { epochs: 4, metrics: asked, validation: data, monitor: "validation.outputs.y.mae" };
    const history = await graph.fit(data, { ...options, restoreBest: true });
    expect(history.best!.value).toBeCloseTo(mae(graph), 9);
    const other = make();
    other.scale("y", null);
    const scaling = { ...options, scale: { y: "standard" } } as const;
    const elsewhere = await fitInWorker(other, data, scaling);
    expect(elsewhere.epochs.at(-1)!.validation!.outputs.y!.mae).toBeCloseTo(mae(other), 9);
    const { folds } = await crossValidate(() => make(), data, { folds: 2, metrics: asked });
    for (const { outputs } of folds) expect(outputs.y!.mae).toBeGreaterThan(10);
  });

  it("tells classes from the caller's values, and those of entropy from its probabilities", () => {
    const y = [[0, 10], [2, 9], [3, 20], [4, 40]]; // biome-ignore format: a matrix
    const graph = mirror(2);
    graph.scale("x", Scaler.fit(y, 2));
    graph.scale("y", Scaler.fit(y, 2));
    expect(graph.evaluate({ x: y }, { y }, { metrics: ["confusion"] }).outputs.y!.confusion).toEqual([
      [0, 0],
      [0, 4],
    ]);
    const one = labelled(1);
    one.scale("y", Scaler.fit([0, 10], 1, "minmax"));
    const score = one.evaluate({ x: [-1, 1] }, { y: [2, 9] }, { metrics: ["accuracy", "mae"] }).outputs.y!;
    expect(score.accuracy).toBe(1);
    expect(score.mae).toBeCloseTo((10 / (1 + Math.E) - 2 + (9 - 10 / (1 + Math.exp(-1)))) / 2, 12);
  });
});

describe("doubtful cases", () => {
  it("ties go to the lowest unit, and 0.5 counts as 1", () => {
    expect(measured([[0.5, 0.5]], [[1, 0]]).accuracy).toBe(1);
    expect(measured([[0.5, 0.5]], [[0, 1]]).accuracy).toBe(0);
    expect(measured([[0.5], [0.49999]], [[1], [0.5]]).accuracy).toBe(0.5);
    expect(measured([[0.2, 0.2, 0.2]], [[0, 0, 1]]).topK).toBe(0);
    expect(measured([[0.2, 0.2, 0.2]], [[0, 1, 0]]).topK).toBe(1);
  });

  it("what is 0 / 0: absent for auc and r2, 0 for precision, recall and F1", () => {
    const score = measured([[0.1], [0.2]], [[0], [0]]);
    expect(Object.keys(score)).toEqual([
      "cost",
      "accuracy",
      "topK",
      "mae",
      "precision",
      "recall",
      "f1",
      "confusion",
    ]);
    expect([score.precision, score.recall, score.f1]).toEqual([0, 0, 0]);
    // Targets that are equal have no variance, however they are rounded.
    expect(measured(columns([1, 2, 3]), columns([0.1, 0.1, 0.1]), ["r2"])).not.toHaveProperty("r2");
    expect(measured(columns([0.1]), columns([0.1]), ["r2"])).not.toHaveProperty("r2");
  });

  it("a class that is in neither targets nor predictions is left out of the mean", () => {
    const score = measured(oneHot([0, 1], 4), oneHot([0, 1], 4));
    expect([score.precision, score.recall, score.f1, score.auc]).toEqual([1, 1, 1, 1]);
  });

  it("predictions that overflow or are not numbers are wrong, and have no area", () => {
    const graph = mirror(3);
    graph.layer("y").bias.set([Number.NaN, Number.NaN, Number.NaN]);
    const { y } = graph.evaluate({ x: [0, 0, 1] }, { y: [0, 0, 1] }, { metrics: all }).outputs;
    expect([y!.accuracy, y!.topK, y!.mae, "auc" in y!]).toEqual([0, 0, Number.NaN, false]);
    const narrow = mirror(1);
    narrow.synapses[0]!.weights[0] = Number.MAX_VALUE;
    const { auc } = narrow.evaluate({ x: [-9, 9, 9] }, { y: [0, 1, 0] }, { metrics: ["auc"] }).outputs.y!;
    expect(auc).toBe(0.75);
  });
});

describe("evaluate", () => {
  const graph: AnyGraph = new Graph({
    seed,
    inputs: { x: 2 },
    outputs: { a: 1, b: { size: 3, activation: "softmax" }, c: { size: 2, activation: "linear" } },
    synapses: [["x", "a"], ["x", "b"], ["x", "c"]], // biome-ignore format: a list
  });
  graph.addOutput("d", 2, "softmax", "kl");
  graph.connect("x", "d");
  const xs = { x: [1, 2, 3, 4] };
  const ts = { a: [0, 1], b: [0, 1, 0, 1, 0, 0], c: [1, 2, 3, 4], d: [0, 1, 1, 0] };

  it("gives the accuracy of entropy, crossEntropy and kl where nothing is asked for", () => {
    const { outputs } = graph.evaluate(xs, ts);
    expect(Object.entries(outputs).map(([name, score]) => [name, Object.keys(score as object)])).toEqual([
      ["a", ["cost", "accuracy"]],
      ["b", ["cost", "accuracy"]],
      ["c", ["cost"]],
      ["d", ["cost", "accuracy"]],
    ]);
    expect(graph.evaluate(xs, ts, {})).toEqual(graph.evaluate(xs, ts));
  });

  it("gives every output what is asked for, and nothing else", () => {
    const { outputs } = graph.evaluate(xs, ts, { metrics: ["f1", "confusion"] });
    for (const name of ["a", "b", "c", "d"] as const)
      expect(Object.keys(outputs[name]!)).toEqual(["cost", "f1", "confusion"]);
    expect(outputs.b!.confusion!.map((row) => row.length)).toEqual([3, 3, 3]);
    expect(Object.keys(graph.evaluate(xs, { b: ts.b }, { metrics: [] }).outputs.b!)).toEqual(["cost"]);
    expect(Object.keys(graph.evaluate(xs, { b: ts.b }, { metrics: ["mae"] }).outputs)).toEqual(["b"]);
  });

  it("changes nothing, and gives the same cost", () => {
    const plain = graph.evaluate(xs, ts).cost;
    const before = everything(graph);
    expect(graph.evaluate(xs, ts, { metrics: all }).cost).toBe(plain);
    expect(everything(graph)).toBe(before);
  });

  const cases: [name: string, metrics: unknown, ...mentions: string[]][] = [
    ["an unknown one", ["acuracy"], '"acuracy"', '"accuracy"'],
    ["an unknown one by object", [{ name: "top" }], '"top"', '"topK"'],
    ["constructor", ["constructor"], '"constructor"'],
    ["null", [null], "null"],
    ["a hole", new Array(1), "undefined"],
    ["a name alone", "accuracy", '"accuracy"', "array"],
    ["null alone", null, "null"],
    ["one twice", ["f1", "mae", "f1"], '"f1"', "twice"],
    ["topK twice", [{ name: "topK", k: 1 }, { name: "topK", k: 2 }], '"topK"'], // biome-ignore format: a list
    ["k of 0", [{ name: "topK", k: 0 }], "0"],
    ["k of 1.5", [{ name: "topK", k: 1.5 }], "1.5"],
    ["k as a text", [{ name: "topK", k: "5" }], '"5"'],
    ["k of NaN", [{ name: "topK", k: Number.NaN }], "NaN"],
    ["k of another", [{ name: "auc", k: 2 }], '"k"', "auc"],
    ["another option", [{ name: "topK", n: 2 }], '"n"', '"k"'],
  ];

  it.each(cases)("refuses %s", (_, given, ...mentions) => {
    const before = everything(graph);
    const call = () => graph.evaluate(xs, ts, { metrics: wrong(given) });
    expectRefusal(call, "bad-option", ...mentions);
    expect(everything(graph)).toBe(before);
  });

  it("refuses another option", () => {
    expectRefusal(
      () => graph.evaluate(xs, ts, wrong({ metric: ["f1"] })),
      "bad-option",
      '"metric"',
      '"metrics"',
    );
  });
});
