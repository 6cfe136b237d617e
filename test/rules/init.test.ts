// Initial weights: the draws of each name, given values, the graph's default, and refusals.

import { Graph, type Init, type NamedInit, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { inits } from "../../src/rules/init.js";
import {
  type AnyGraph,
  everything,
  expectRefusal,
  expectSame,
  refusal,
  seed,
  wrong,
} from "../support/helpers.js";

const precisions: readonly Precision[] = ["float64", "float32"];

function joined(from: number, to: number, init: Init, precision: Precision = "float64", start = seed) {
  const graph: AnyGraph = new Graph({ seed: start, precision, inputs: { x: from }, hidden: { h: to } });
  return graph.connect("x", "h", { init });
}

type Spread = (from: number, to: number) => { mean: number; deviation: number; low?: number; high?: number };

const normal = (deviation: number, mean = 0) => ({ mean, deviation });
const uniform = (low: number, high: number) => ({
  mean: (low + high) / 2,
  deviation: (high - low) / Math.sqrt(12),
  low,
  high,
});
const even = (limit: number) => uniform(-limit, limit);

/** The drawn weights, by the sizes: PyTorch's formulas, fans being (from, to). */
const drawn: readonly (readonly [NamedInit, Spread])[] = [
  ["uniform", () => even(1)],
  [{ name: "uniform" }, () => even(1)],
  [{ name: "uniform", low: 2, high: 2.5 }, () => uniform(2, 2.5)],
  [{ name: "uniform", low: -30 }, () => uniform(-30, 1)],
  ["normal", () => normal(1)],
  [{ name: "normal", deviation: 0.02 }, () => normal(0.02)],
  [{ name: "normal", mean: 5, deviation: 0.5 }, () => normal(0.5, 5)],
  ["glorot", (from, to) => even(Math.sqrt(6 / (from + to)))],
  ["glorotNormal", (from, to) => normal(Math.sqrt(2 / (from + to)))],
  ["he", (from) => even(Math.sqrt(6 / from))],
  ["heNormal", (from) => normal(Math.sqrt(2 / from))],
  ["lecun", (from) => even(Math.sqrt(3 / from))],
  ["lecunNormal", (from) => normal(Math.sqrt(1 / from))],
];

const shown = (init: Init) => JSON.stringify(init);

describe.each(precisions)("in %s", (precision) => {
  it.each(drawn.map(([init, spread]) => [shown(init), init, spread] as const))(
    `%s has its mean, deviation and bounds, PLEXUS_SEED=${seed}`,
    (_, init, spread) => {
      for (const [from, to] of [
        [300, 200],
        [40, 900],
      ] as const) {
        const { weights } = joined(from, to, init, precision);
        const { mean, deviation, low, high } = spread(from, to);
        const count = from * to;
        let [sum, squares, least, most] = [0, 0, Infinity, -Infinity];
        for (const weight of weights) {
          const z = (weight - mean) / deviation;
          sum += z;
          squares += z * z;
          least = Math.min(least, weight);
          most = Math.max(most, weight);
        }
        // Five deviations of the mean and of the mean square: of z² that is √2 for a normal z, less for a uniform one.
        expect(Math.abs(sum / count)).toBeLessThan(5 / Math.sqrt(count));
        expect(Math.abs(squares / count - 1)).toBeLessThan((5 * Math.SQRT2) / Math.sqrt(count));
        if (low === undefined || high === undefined) {
          // Of so many normal numbers the largest lies between 3 and 8.6 deviations.
          expect((most - mean) / deviation).toBeGreaterThan(3);
          expect((most - mean) / deviation).toBeLessThan(8.6);
          expect((mean - least) / deviation).toBeGreaterThan(3);
        } else {
          expect([least > low, most < high]).toEqual([true, true]);
          expect(least - low).toBeLessThan((high - low) / 1000);
          expect(high - most).toBeLessThan((high - low) / 1000);
        }
      }
    },
  );

  it("zeros and constants are those", () => {
    expectSame(joined(3, 5, "zeros", precision).weights, new Array(15).fill(0), "zeros");
    const value = -0.1;
    const wanted = new Array(15).fill(precision === "float32" ? Math.fround(value) : value);
    expectSame(joined(3, 5, { name: "constant", value }, precision).weights, wanted, "constant");
    expectSame(
      joined(1, 2, { name: "normal", mean: 3, deviation: 0 }, precision).weights,
      [3, 3],
      "no deviation",
    );
  });

  it.each([
    ["1 × 1", 1, 1],
    ["1 × 9", 1, 9],
    ["9 × 1", 9, 1],
    ["20 × 20", 20, 20],
    ["7 × 31", 7, 31],
    ["31 × 7", 31, 7],
    ["200 × 130", 200, 130],
  ])("orthogonal, %s: rows or columns are orthonormal, times the gain", (_, from, to) => {
    for (const gain of [1, -2.5]) {
      const { weights } = joined(
        from,
        to,
        gain === 1 ? "orthogonal" : { name: "orthogonal", gain },
        precision,
      );
      const at = (i: number, k: number) => (from < to ? weights[i * to + k]! : weights[k * to + i]!);
      for (let i = 0; i < Math.min(from, to); i++) {
        for (let j = 0; j <= i; j++) {
          let product = 0;
          for (let k = 0; k < Math.max(from, to); k++) product += at(i, k) * at(j, k);
          const off = Math.abs(product - (i === j ? gain * gain : 0));
          expect(off).toBeLessThan(precision === "float64" ? 1e-12 : 2e-6);
        }
      }
    }
  });

  it.each(Object.keys(inits).filter((name) => name !== "constant"))(
    "%s: the seed and the synapse's index decide, and nothing else",
    (name) => {
      const init = name as NamedInit;
      const build = (start: number, later: boolean) => {
        const graph: AnyGraph = new Graph({ seed: start, precision, inputs: { x: 3 }, outputs: { y: 1 } });
        graph.connect("x", "y");
        if (later) graph.train({ x: [1, 2, 3] }, { y: [1] });
        graph.connect("x", graph.addHidden("h", 5), { init });
        graph.connect("h", "y", { init });
        return graph.synapses.map(({ weights }) => Array.from(weights as Float64Array));
      };
      const [a, b, c] = [build(seed, false), build(seed, true), build(seed + 1, true)];
      expect(b.slice(1)).toEqual(a.slice(1));
      if (name !== "zeros") expect(c[1]).not.toEqual(a[1]);
    },
  );

  it("values are taken row by row, from every kind of data, as a copy", () => {
    const wanted = [1, 2, 3, 4, 5, 6];
    const flat = new Float64Array(wanted);
    const rows = [new Float32Array([1, 2, 3]), [4, 5, 6]];
    for (const values of [flat, wanted, rows]) {
      const synapse = joined(2, 3, { values }, precision);
      if (values === flat) flat.fill(9);
      if (values === rows) rows[1]![0] = 9;
      expectSame(synapse.weights, wanted, "weights");
      expect(synapse.init).toBe("values");
    }
  });

  it("values may be the weights of another synapse", () => {
    const graph: AnyGraph = new Graph({ seed, precision, inputs: { x: 20 }, hidden: { h: 30 } });
    const first = graph.connect("x", "h");
    graph.addHidden("large", 100_000);
    const second = graph.connect("x", "h", { name: "second", init: { values: first.weights } });
    graph.connect("h", "large");
    expectSame(second.weights, first.weights, "weights");
  });
});

it("float32 starts with the leading bits of float64", () => {
  for (const [init] of drawn) {
    const [wide, narrow] = [joined(9, 7, init), joined(9, 7, init, "float32")];
    wide.weights.forEach((weight, i) => {
      // A uniform number has 22 bits of its interval, and one for rounding; a normal number is rounded.
      const ulp = Math.max(2 ** -22, Math.abs(weight) * 2 ** -23) * (shown(init).includes("30") ? 16 : 1);
      expect(Math.abs(narrow.weights[i]! - weight)).toBeLessThanOrEqual(ulp);
    });
  }
  const [wide, narrow] = [joined(9, 7, "orthogonal"), joined(9, 7, "orthogonal", "float32")];
  expectSame(narrow.weights, new Float32Array(wide.weights as Float64Array), "orthogonal");
});

// The normal numbers were computed with 120 bits from Philox's words; the engine's agree to the last bits.
it.each<[NamedInit, Precision, number[]]>([
  [
    "uniform",
    "float64",
    [0.9091942523373999, -0.7716452767673612, -0.18607919113930138, -0.6564026568281214],
  ],
  ["normal", "float64", [0.2297081669295995, 0.200414390432297, 0.6326745587367232, 1.1822866285700235]],
  ["heNormal", "float32", [0.22970816493034363, 0.20041438937187195, 0.6326745748519897, 1.1822866201400757]],
  ["orthogonal", "float64", [0.7535192160680793, -0.657425882526804, 0.6574258825268041, 0.7535192160680794]],
])("%s in %s has the bits that it had", (init, precision, wanted) => {
  expectSame(joined(2, 2, init, precision, 7).weights, wanted, "weights");
});

describe("what is read back", () => {
  it.each<[NamedInit]>([
    ["lecun"],
    [{ name: "uniform", high: 3 }],
    [{ name: "orthogonal", gain: 2 }],
    [{ name: "constant", value: 0.5 }],
  ])("is what was given, frozen: %o", (init) => {
    const given = typeof init === "string" ? init : { ...init };
    const synapse = joined(2, 2, given);
    expect(synapse.init).toEqual(init);
    expect(Object.isFrozen(synapse.init)).toBe(true);
    if (typeof given === "object") Object.assign(given, { name: "zeros" });
    expect(synapse.init).toEqual(init);
  });

  it("of a graph's default is that, unless the synapse has its own", () => {
    const spec = { inputs: { x: 3 }, hidden: { h: 4 }, outputs: { y: 2 }, seed } as const;
    const byDefault: AnyGraph = new Graph({
      ...spec,
      init: { name: "normal", deviation: 0.1 },
      synapses: [
        ["x", "h"],
        ["h", "y", { init: "he" }],
      ],
    });
    const bySynapse: AnyGraph = new Graph({
      ...spec,
      synapses: [
        ["x", "h", { init: { name: "normal", deviation: 0.1 } }],
        ["h", "y", { init: "he" }],
      ],
    });
    expect(byDefault.synapses.map(({ init }) => init)).toEqual([{ name: "normal", deviation: 0.1 }, "he"]);
    for (const [i, { weights }] of bySynapse.synapses.entries())
      expectSame(byDefault.synapses[i]!.weights, weights, `synapse ${i}`);
  });

  it.each(precisions)(
    "is glorot where nothing is said: from 2 to 4 units the bits of uniform, in %s",
    (precision) => {
      const graph: AnyGraph = new Graph({
        seed,
        precision,
        inputs: { x: 2 },
        hidden: { h: 4 },
        outputs: { y: 3 },
      });
      const first = graph.connect("x", "h");
      expect([first.init, graph.connect("h", "y").init]).toEqual(["glorot", "glorot"]);
      expectSame(first.weights, joined(2, 4, "uniform", precision).weights, "x → h");
    },
  );

  it.each(["relu", "tanh", "sigmoid", "gelu"] as const)(
    "lets an ordinary regression of %s learn",
    async (activation) => {
      const normals = joined(400, 60, "normal", "float64", 11).weights;
      const plane = [...joined(60, 1, "normal", "float64", 12).weights];
      const xs = { x: normals };
      const ts = {
        y: Array.from({ length: 400 }, (_, row) =>
          plane.reduce((sum, w, j) => sum + (w * normals[row * 60 + j]!) / Math.sqrt(60), 0),
        ),
      };
      const learnt = async (init?: NamedInit) => {
        const graph: AnyGraph = new Graph({
          seed: 1,
          ...(init && { init }),
          inputs: { x: 60 },
          hidden: { a: { size: 64, activation }, b: { size: 64, activation } },
          outputs: { y: { size: 1, activation: "linear" } },
          synapses: [
            ["x", "a"],
            ["a", "b"],
            ["b", "y"],
          ],
        });
        await graph.fit({ xs, ts }, { epochs: 30 });
        return graph.evaluate(xs, ts, { metrics: ["r2"] }).outputs.y!.r2!;
      };
      expect(await learnt()).toBeGreaterThan(0.8);
      if (activation === "relu") expect(await learnt("uniform")).toBeLessThan(0.1); // all units die
    },
  );

  it("is uniform in a file of the first releases, which didn't write it", () => {
    const graph: AnyGraph = new Graph({ seed, init: "uniform", inputs: { x: 3 }, hidden: { h: 5 } });
    graph.connect("x", "h");
    const { init, ...json } = graph.toJSON() as Record<string, unknown>;
    expect(init).toBeUndefined();
    const loaded: AnyGraph = Graph.fromJSON(json);
    for (const one of [graph, loaded]) one.connect("h", one.addHidden("k", 7));
    expect(loaded.synapses.map((synapse) => synapse.init)).toEqual(["uniform", "uniform"]);
    expect(JSON.stringify(loaded)).toBe(JSON.stringify(graph));
  });

  it.each(precisions)("survives a file, as do the weights, in %s", (precision) => {
    const graph: AnyGraph = new Graph({
      seed,
      precision,
      init: { name: "uniform", low: -0.5, high: 0.5 },
      inputs: { x: 3 },
      hidden: { h: 4 },
      outputs: { y: 2 },
      synapses: [
        ["x", "h"],
        ["h", "y", { init: { name: "constant", value: 0.25 } }],
        ["x", "y", { init: { values: [1, 2, 3, 4, 5, 6] } }],
        ["x", "y", { name: "second", init: "orthogonal" }],
      ],
    });
    graph.train({ x: [1, 2, 3] }, { y: [0, 1] });
    const loaded: AnyGraph = Graph.fromJSON(JSON.parse(JSON.stringify(graph)));
    for (const one of [graph, loaded]) one.connect("h", one.addHidden("k", 2));
    expect(everything(loaded)).toContain(JSON.stringify(graph));
    expect(loaded.synapses.map(({ init }) => init)).toEqual(graph.synapses.map(({ init }) => init));
    expect(loaded.synapses.map(({ init }) => init).at(-1)).toEqual({ name: "uniform", low: -0.5, high: 0.5 });
    for (const [i, { weights }] of graph.synapses.entries())
      expectSame(loaded.synapses[i]!.weights, weights, `synapse ${i}`);
  });
});

describe("initial weights are refused", () => {
  const huge = Number.MAX_VALUE;
  const cases: readonly (readonly [unknown, Parameters<typeof expectRefusal>[1], ...string[]])[] = [
    [{ name: "xavier" }, "bad-option", '"xavier"', '"lecunNormal"'],
    [{}, "bad-option", '"glorot"'],
    [[1, 2, 3, 4, 5, 6], "bad-option"],
    ["values", "bad-option", '"values"'],
    ["constant", "bad-option", "value", "undefined"],
    [{ name: "constant", value: Number.NaN }, "bad-option", "NaN"],
    [{ name: "constant", value: "1" }, "bad-option", '"1"'],
    [{ name: "glorot", gain: 1 }, "bad-option", '"gain"', "glorot"],
    [{ name: "orthogonal", gian: 1 }, "bad-option", '"gian"', '"gain"'],
    [{ name: "orthogonal", gain: Number.POSITIVE_INFINITY }, "bad-option", "Infinity"],
    [{ name: "uniform", low: 1, high: 1 }, "bad-option", "low", "1 and 1"],
    [{ name: "uniform", low: 2 }, "bad-option", "2 and 1"],
    [{ name: "uniform", low: 1, high: 1 + Number.EPSILON }, "bad-option", "between"],
    [{ name: "normal", deviation: -1 }, "bad-option", "deviation", "-1"],
    [{ name: "normal", mean: null }, "bad-option", "mean", "null"],
    [{ name: "normal", deviation: huge }, "bad-option", "finite"],
    [{ values: [1, 2, 3, 4, 5, 6], name: "x" }, "bad-option", '"name"'],
    [{ values: undefined }, "bad-shape", "undefined"],
    [{ values: [1, 2, 3, 4, 5] }, "bad-shape", "x → h", "5"],
    [{ values: [1, 2, 3] }, "bad-shape", "x → h", "2 rows of 3", "not 1"],
    [{ values: [[1, 2, 3], [4, 5]] }, "bad-shape", "row 1"], // biome-ignore format: a ragged matrix
    [{ values: [1, 2, 3, 4, 5, "6"] }, "bad-shape", '"6"'],
    [{ values: [1, 2, 3, 4, Number.NaN, 6] }, "not-finite", "NaN", "row 1, unit 1"],
    [{ values: [1, 2, 3, 4, 5, Number.NEGATIVE_INFINITY] }, "not-finite", "-Infinity", "row 1, unit 2"],
  ];

  it.each(cases.map(([init, ...rest]) => [shown(init as Init) ?? "", init, ...rest] as const))(
    "%s",
    (_, init, code, ...mentions) => {
      const graph: AnyGraph = new Graph({ seed, inputs: { x: 2 }, hidden: { h: 3 } });
      const before = everything(graph);
      expectRefusal(() => graph.connect("x", "h", { init: wrong(init) }), code, ...mentions);
      expect(everything(graph)).toBe(before);
      if (code === "bad-option") expect(refusal(() => new Graph({ init: wrong(init) })).code).toBe(code);
    },
  );

  it("what float32 can't hold", () => {
    const narrow = (init: Init) => () => joined(1, 1, init, "float32");
    expectRefusal(narrow({ name: "constant", value: 1e39 }), "bad-option", "float32", "1e+39");
    expectRefusal(narrow({ name: "uniform", low: 0, high: 1e39 }), "bad-option", "float32", "1e+39");
    expectRefusal(narrow({ name: "uniform", low: 1, high: 1 + 1e-7 }), "bad-option", "float32");
    expectRefusal(narrow({ name: "normal", deviation: 1e38 }), "bad-option", "float32");
    expectRefusal(narrow({ values: [1e39] }), "not-finite", "float32");
    expect(joined(1, 1, { name: "uniform", low: 1, high: 1 + 1e-7 }).weights[0]).toBeGreaterThan(1);
  });

  it("values as a graph's default", () => {
    expectRefusal(() => new Graph({ init: wrong({ values: [1] }) }), "bad-option");
  });
});
