// Scalers: fitted, applied, inverted, given to a graph and saved with it.

import { Graph, Scaler } from "plexus-nn";
import { describe, expect, it } from "vitest";
import {
  type AnyGraph,
  expectClose,
  expectRefusal,
  expectSame,
  Random,
  rejection,
  seed,
  wrong,
} from "../support/helpers.js";

const random = new Random(seed);
const raw = Array.from({ length: 40 }, () => [1e6 + 50 * random.signed(), 0.001 * random.signed(), 7]);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

describe("a scaler", () => {
  it("brings columns to mean 0 and deviation 1", () => {
    const scaled = Scaler.fit(raw, 3).transform(raw);
    for (let c = 0; c < 2; c++) {
      const values = raw.map((_, r) => scaled[r * 3 + c]!);
      expectClose([mean(values), mean(values.map((x) => x * x))], [0, 1], 1e-9, "column");
    }
    // A constant column is no error, and is divided by 1.
    expect(raw.map((_, r) => scaled[r * 3 + 2])).toEqual(raw.map(() => 0));
  });

  it.each([[0.1, 0.1, 0.1], [1e308, 1e308], [1 / 3, 1 / 3, 1 / 3], [7]])(
    "divides a constant column by 1, also where its mean is rounded: %s",
    (...column) => {
      for (const kind of ["standard", "minmax"] as const) {
        const { offset, divisor } = Scaler.fit(column, 1, kind);
        expect([...offset, ...divisor]).toEqual([column[0], 1]);
      }
    },
  );

  it("brings columns to the range from 0 to 1", () => {
    const scaled = Scaler.fit(raw, 3, "minmax").transform(raw);
    for (let c = 0; c < 2; c++) {
      const values = raw.map((_, r) => scaled[r * 3 + c]!);
      expect([Math.min(...values), Math.max(...values)]).toEqual([0, 1]);
    }
    expect(raw.map((_, r) => scaled[r * 3 + 2])).toEqual(raw.map(() => 0));
  });

  it.each(["standard", "minmax"] as const)("%s is inverted, and survives JSON", (kind) => {
    const scaler = Scaler.fit(new Float32Array(raw.flat()), 3, kind);
    expectClose(scaler.inverse(scaler.transform(raw)), raw.flat(), 1e-12, "inverse");
    const again = Scaler.fromJSON(JSON.parse(JSON.stringify(scaler)));
    expectSame(again.transform(raw), scaler.transform(raw), "transform");
    expect(again).toEqual(scaler);
  });

  it("refuses what it can't be fitted to, or made from", () => {
    expectRefusal(() => Scaler.fit([1, 2, 3], 2), "bad-shape", "3 numbers");
    expectRefusal(() => Scaler.fit([[1], ["2"]] as never, 1), "bad-shape", '"2"');
    expectRefusal(() => Scaler.fit([1, 2, 3, Number.NaN], 2), "not-finite", "row 1, column 1");
    expectRefusal(() => Scaler.fit([1e308, -1e308], 1, "minmax"), "not-finite", "Column 0");
    expectRefusal(() => Scaler.fit([1], 0), "bad-size", "0");
    expectRefusal(() => Scaler.fit([1], 1, wrong("robust")), "bad-option", '"standard"');
    for (const json of [
      null,
      {},
      { kind: "standard", offset: [1], divisor: [0] },
      { kind: "standard", offset: [1], divisor: [1, 2] },
      // biome-ignore lint/suspicious/noSparseArray: a hole is no number
      { kind: "standard", offset: [, 1], divisor: [1, 1] },
    ]) {
      expectRefusal(() => Scaler.fromJSON(wrong(json)), "bad-file", "scaler");
    }
  });
});

function make(precision: "float64" | "float32" = "float64"): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 4, precision });
  graph.addInput("x", 3);
  graph.addHidden("h", 5, "tanh");
  graph.addOutput("y", 2, "linear");
  graph.connect("x", "h");
  graph.connect("h", "y");
  return graph;
}
const targets = raw.map(([a, b]) => [3 * (a! - 1e6), 500 + b!]);
const data = { xs: { x: raw }, ts: { y: targets } };

describe.each(["float64", "float32"] as const)("a graph with scalers, in %s", (precision) => {
  it("computes on scaled values, and predicts on the scale of its targets", () => {
    const [graph, plain] = [make(precision), make(precision)];
    const scalers = { x: Scaler.fit(raw, 3), y: Scaler.fit(targets, 2, "minmax") };
    graph.scale("x", scalers.x);
    graph.scale("y", scalers.y);
    expect(graph.layer("x").scaler).toBe(scalers.x);
    expect(graph.layer("h").scaler).toBeUndefined();
    const [sx, sy] = [scalers.x.transform(raw), scalers.y.transform(targets)];
    expect(graph.evaluate(data.xs, data.ts)).toEqual(plain.evaluate({ x: sx }, { y: sy }));
    expect(graph.train(data.xs, data.ts)).toBe(plain.train({ x: sx }, { y: sy }));
    const wanted = scalers.y.inverse(plain.predict({ x: sx }).y!);
    expectSame(graph.predict(data.xs).y!, precision === "float32" ? Float32Array.from(wanted) : wanted, "y");
    graph.scale("x", null);
    graph.scale("y", null);
    expect(graph.evaluate({ x: sx }, { y: sy })).toEqual(plain.evaluate({ x: sx }, { y: sy }));
  });

  it("is saved with them", () => {
    const graph = make(precision);
    graph.scale("x", Scaler.fit(raw, 3));
    graph.scale("y", Scaler.fit(targets, 2));
    const again: AnyGraph = Graph.fromJSON(JSON.parse(JSON.stringify(graph)));
    expectSame(again.predict(data.xs).y!, graph.predict(data.xs).y!, "y");
    expect(JSON.stringify(again)).toBe(JSON.stringify(graph));
  });

  it("gives derivatives by the given values", () => {
    const graph = make(precision);
    graph.scale("x", Scaler.fit(raw, 3));
    graph.scale("y", Scaler.fit(targets, 2));
    const x = [...raw[0]!];
    const t = { y: targets[0]! };
    const { inputs } = graph.gradients({ x }, t);
    if (precision === "float32") return expect(inputs.x!.every(Number.isFinite)).toBe(true);
    const cost = (c: number, by: number) =>
      graph.evaluate({ x: x.map((v, i) => (i === c ? v + by : v)) }, t).cost;
    for (const [c, step] of [
      [0, 1e-2],
      [1, 1e-7],
      [2, 1e-4],
    ] as const) {
      expectClose([inputs.x![c]!], [(cost(c, step) - cost(c, -step)) / (2 * step)], 1e-5, "derivative");
    }
  });
});

describe("`scale` of fit", () => {
  it("fits to the part that is trained on, and gives the scalers to the graph", async () => {
    const [graph, other] = [make(), make()];
    const history = await graph.fit(data, {
      epochs: 3,
      validation: 0.25,
      scale: { x: "standard", y: "minmax" },
    });
    expect(graph.layer("x").scaler).toEqual(Scaler.fit(raw.slice(0, 30), 3));
    other.scale("x", Scaler.fit(raw.slice(0, 30), 3));
    other.scale("y", Scaler.fit(targets.slice(0, 30), 2, "minmax"));
    const same = await other.fit(data, { epochs: 3, validation: 0.25 });
    expect(history.epochs.map(({ cost, validation }) => [cost, validation])).toEqual(
      same.epochs.map(({ cost, validation }) => [cost, validation]),
    );
    expectSame(graph.predict(data.xs).y!, other.predict(data.xs).y!, "y");
    expect(history.epochs[2]!.validation).toEqual(
      graph.evaluate({ x: raw.slice(30) }, { y: targets.slice(30) }),
    );
  });

  it.each<[string, object, string, string]>([
    ["an unknown kind", { x: "robust" }, "bad-option", '"standard"'],
    ["an unknown layer", { w: "standard" }, "unknown-layer", '"w"'],
    ["a hidden layer", { h: "standard" }, "not-an-output", '"h"'],
    ["a text", wrong("standard"), "bad-option", "scale"],
  ])("refuses %s", async (_, scale, code, words) => {
    const graph = make();
    const before = JSON.stringify(graph);
    const error = await rejection(graph.fit(data, wrong({ scale })));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(JSON.stringify(graph)).toBe(before);
  });

  it("leaves a layer's own scaler where no kind is given", async () => {
    const graph = make();
    const own = Scaler.fit(raw, 3, "minmax");
    graph.scale("x", own);
    await graph.fit(data, { scale: wrong({ x: undefined, y: "standard" }) });
    expect([graph.layer("x").scaler, graph.layer("y").scaler?.kind]).toEqual([own, "standard"]);
  });

  it("leaves the graph without scalers where the data is refused", async () => {
    const graph = make();
    const before = JSON.stringify(graph);
    const spoilt = { xs: data.xs, ts: { y: [...targets.slice(1), [Number.NaN, 1]] } };
    expect((await rejection(graph.fit(spoilt, { scale: { x: "standard" } }))).code).toBe("not-finite");
    expect(JSON.stringify(graph)).toBe(before);
  });
});

describe("graph.scale", () => {
  it("refuses what is no scaler for the layer, and any while fit runs", async () => {
    const graph = make();
    expectRefusal(() => graph.scale("x", Scaler.fit([1, 2], 2)), "bad-size", "3 units");
    expectRefusal(() => graph.scale("x", wrong({})), "bad-option", "Scaler");
    expectRefusal(() => graph.scale("h", null), "not-an-output", '"h"');
    expectRefusal(() => graph.scale("w", null), "unknown-layer", '"w"');
    const run = graph.fit(data, { scale: { x: "standard", y: "standard" } });
    expectRefusal(() => graph.scale("x", null), "busy");
    await run;
    graph.scale("x", null);
  });
});

describe.each(["float64", "float32"] as const)("a scaler of channels, in %s", (precision) => {
  const [kind, rows] = ["minmax", 4] as const;
  const shaped = (loss: "mse" | "kl") => {
    const y = { size: [3, 2], activation: loss === "kl" ? "softmax" : "linear", loss } as const;
    const graph: AnyGraph = new Graph({ seed: 2, precision, inputs: { x: [2, 3, 2] }, outputs: { y } });
    graph.connect("x", "y");
    return graph;
  };
  const x = Array.from({ length: rows * 12 }, (_, i) => (i % 2) * 100 + random.signed());
  const y = Array.from({ length: rows * 6 }, (_, i) => (i % 2) * 10 - 3 * random.next());
  const nested = Array.from({ length: rows }, (_, r) =>
    [0, 1].map((h) => [0, 1, 2].map((w) => [0, 1].map((c) => x[r * 12 + h * 6 + w * 2 + c]!))),
  );
  const [sx, sy] = [Scaler.fit(x, 2, kind), Scaler.fit(y, 2, kind)];
  /** Returns the scaler of all units that does what one of channels does. */
  const whole = ({ offset, divisor }: Scaler, size: number) => {
    const repeated = (list: readonly number[]) => Array.from({ length: size }, (_, i) => list[i % 2]!);
    return Scaler.fromJSON({ kind, offset: repeated(offset), divisor: repeated(divisor) });
  };

  it("is fitted to data in any form", () => {
    const flatRows = Array.from({ length: rows }, (_, r) => x.slice(r * 12, r * 12 + 12));
    const forms = [nested, flatRows, flatRows.map((row) => Float64Array.from(row)), Float64Array.from(x)];
    for (const data of forms) {
      expect(Scaler.fit(data, 2, kind)).toEqual(sx);
      expectSame(sx.transform(data), sx.transform(x), "transform");
    }
    expectClose(sx.inverse(sx.transform(nested)), x, 1e-12, "inverse");
    const holey = structuredClone(nested);
    holey[1]![0]![2]![1] = Number.NaN;
    expectRefusal(() => Scaler.fit(holey, 2), "not-finite", "[1][0][2], column 1");
    expectRefusal(() => Scaler.fit([[1, 2, 3, Number.NaN]], 2), "not-finite", "row 0, position 1, column 1");
    expectRefusal(() => Scaler.fit([[[1, 2, 3]]], 2), "bad-shape", "3 numbers as sample 0, step 0");
    expectRefusal(() => Scaler.fit([[1, 2, 3, wrong("4")]], 2), "bad-shape", '"4" at row 1, unit 1');
  });

  it("does what a scaler of all units does", async () => {
    for (const loss of ["mse", "kl"] as const) {
      const [graph, units] = [shaped(loss), shaped(loss)];
      graph.scale("x", sx);
      graph.scale("y", sy);
      units.scale("x", whole(sx, 12));
      units.scale("y", whole(sy, 6));
      expectSame(graph.predict({ x: nested }).y!, units.predict({ x }).y!, "predict");
      const metrics = ["mae", "r2", "accuracy"] as const;
      expect(graph.evaluate({ x }, { y }, { metrics })).toEqual(units.evaluate({ x }, { y }, { metrics }));
      expect(graph.gradients({ x }, { y })).toEqual(units.gradients({ x }, { y }));
      graph.backward({ x }, { y });
      units.backward({ x }, { y });
      expect(graph.train({ x }, { y })).toBe(units.train({ x }, { y }));
      expectSame(graph.predict({ x }).y!, units.predict({ x }).y!, "predict");
    }
  });

  it("is that of `scale` of fit", async () => {
    const graph = shaped("mse");
    await graph.fit({ xs: { x: nested }, ts: { y } }, { scale: { x: kind, y: kind } });
    expect([graph.layer("x").scaler, graph.layer("y").scaler]).toEqual([sx, sy]);
  });

  it("names the caller's number in errors", () => {
    const graph = shaped("kl");
    graph.scale("y", sy);
    const above = y.with(9, 99);
    expectRefusal(() => graph.train({ x }, { y: above }), "bad-target", "99 in row 1, unit 3, at [1][1]");
    expectRefusal(() => graph.scale("x", Scaler.fit(x, 3)), "bad-size", "12 units", "for 3");
  });
});
