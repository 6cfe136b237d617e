// Metrics, against the examples in scikit-learn's documentation and against their definitions in plain words.

import { Graph, type Metric, type OutputScore, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { metrics } from "../src/metric.js";
import { type AnyGraph, everything, expectRefusal, Random, seed, wrong } from "./helpers.js";

const names = Object.keys(metrics) as (keyof typeof metrics)[];
const all = names.map((name) => (name === "topK" ? { name, k: 2 } : name)) as Metric[];
const precisions: readonly Precision[] = ["float64", "float32"];

/** A graph whose output is what it is given. */
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

describe("scikit-learn's examples", () => {
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
  /** Units from the largest on. */
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

/** Few distinct numbers, so that there are ties; classes that don't occur, too. */
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
