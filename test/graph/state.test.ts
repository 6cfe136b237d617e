// States: a sequence in pieces has the bits of the whole, rows begin anew, copies and JSON, and errors of wrong uses.

import { Graph, State } from "plexus-nn";
import { describe, expect, it } from "vitest";
import {
  type AnyGraph,
  expectRefusal,
  expectSame,
  Random,
  type WrongUse,
  wrong,
} from "../support/helpers.js";

type Precision = "float64" | "float32";

/** Makes a net with delays of 1 to 3, a gate, values before the first step, and an output for the last step. */
function make(precision: Precision = "float64", more: object = {}): AnyGraph {
  const graph: AnyGraph = new Graph({
    seed: 11,
    precision,
    optimizer: { name: "adam", rate: 0.01 },
    inputs: { x: 2 },
    hidden: {
      h: { size: 3, activation: "tanh", initial: [0.1, -0.2, 0.3], ...more },
      gate: { size: 3, join: "product", bias: false },
    },
    outputs: { y: { size: 2, activation: "linear" }, end: { size: 1, activation: "linear" } },
  });
  graph.connect("x", "h");
  graph.connect("h", "h", { delay: 1 });
  graph.connect("gate", "h", { delay: 2 });
  graph.connect("h", "gate", { kind: "identity" });
  graph.connect("h", "gate", { kind: "identity", delay: 3 });
  graph.connect("gate", "y");
  graph.connect("x", "y", { delay: 2 });
  graph.connect("gate", "end", { at: "last" });
  return graph;
}

/** Returns samples of so many steps of two numbers. */
function samples(seed: number, lengths: readonly number[]): number[][][] {
  const random = new Random(seed);
  return lengths.map((length) => Array.from({ length }, () => [random.signed(), random.signed()]));
}

/** Returns the steps [from, to) of each sample. */
const cut = (xs: readonly number[][][], from: number, to: number) =>
  xs.map((sample) => sample.slice(from, to));

describe.each(["float64", "float32"] as const)("a state in %s", (precision) => {
  it.each([
    ["step by step", [1, 1, 1, 1, 1, 1, 1]],
    ["in pieces", [3, 1, 2, 1]],
    ["in two", [6, 1]],
  ])("continues a sequence %s with the bits of the whole", (_, pieces) => {
    const graph = make(precision);
    const xs = samples(1, [7, 7, 7]);
    const whole = graph.predict({ x: xs });
    const state = graph.state(3);
    let at = 0;
    for (const piece of pieces) {
      const part = graph.predict({ x: cut(xs, at, at + piece) }, { state });
      for (let r = 0; r < 3; r++) {
        const found = part.y!.slice(r * piece * 2, (r + 1) * piece * 2);
        expectSame(found, whole.y!.slice((r * 7 + at) * 2, (r * 7 + at + piece) * 2), `y at ${at}, ${r}`);
      }
      at += piece;
      expect(state.steps).toBe(at);
      if (at === 7) expectSame(part.end!, whole.end!, "end");
    }
  });

  it("moves samples of unequal length by their own steps", () => {
    const graph = make(precision);
    const xs = samples(2, [5, 9, 7]);
    const whole = graph.predict({ x: xs });
    const state = graph.state(3);
    const first = [1, 6, 3];
    graph.predict({ x: xs.map((sample, r) => sample.slice(0, first[r])) }, { state });
    const rest = xs.map((sample, r) => sample.slice(first[r]));
    const found = graph.predict({ x: rest }, { state });
    rest.forEach((sample, r) => {
      const [length, longest] = [sample.length, 4];
      const wanted = whole.y!.slice((r * 9 + first[r]!) * 2, (r * 9 + xs[r]!.length) * 2);
      expectSame(found.y!.slice(r * longest * 2, (r * longest + length) * 2), wanted, `sample ${r}`);
    });
    expectSame(found.end!, whole.end!, "end");
    expect(state.steps).toBe(9);
  });

  it("holds what layers sent before the next step", () => {
    const graph = make(precision);
    const state = graph.state(2);
    const initial = [...graph.layer("h").initial];
    expectSame(state.get("h", 2), [...initial, ...initial], "h before");
    expectSame(state.get("gate"), new Array(6).fill(0), "gate before");
    const xs = samples(3, [2, 2]);
    graph.predict({ x: xs }, { state });
    expectSame(
      state.get("x", 2),
      xs.flatMap((sample) => sample[0]!.map(precision === "float32" ? Math.fround : Number)),
      "x",
    );
    expectSame(state.get(graph.layer("h")), graph.layer("h").post, "h");
    expectSame(state.get("h", 3), [...initial, ...initial], "h before the first step");
    graph.layer("h").initial = [7, 8, 9];
    expectSame(state.get("h", 3), [7, 8, 9, 7, 8, 9], "h with other initial values");
  });

  it("begins at given values", () => {
    const graph = make(precision);
    const xs = samples(4, [3, 3]);
    const [state, other] = [graph.state(2), graph.state(2)];
    graph.predict({ x: xs }, { state });
    for (const name of ["x", "h", "gate"]) {
      for (let delay = 1; delay <= (name === "h" ? 3 : 2); delay++)
        other.set(name, state.get(name, delay), delay);
    }
    const more = samples(5, [4, 4]);
    const [a, b] = [graph.predict({ x: more }, { state }), graph.predict({ x: more }, { state: other })];
    expectSame(a.y!, b.y!, "y");
    other.set("h", [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    for (const delay of [1, 2, 3]) expectSame(other.get("h", delay), [1, 2, 3, 4, 5, 6], `h, ${delay}`);
  });

  it("carries training, from the values before a step", () => {
    const graph = make(precision);
    const [xs, ts] = [samples(6, [6, 6]), samples(7, [6, 6])];
    const state = graph.state(2);
    for (let at = 0; at < 6; at += 2) {
      const before = state.clone();
      const predicted = graph.predict({ x: cut(xs, at, at + 2) }, { outputs: ["y"], state: before });
      const gradients = graph.gradients({ x: cut(xs, at, at + 2) }, { y: cut(ts, at, at + 2) }, { state });
      const cost = graph.train({ x: cut(xs, at, at + 2) }, { y: cut(ts, at, at + 2) }, { state });
      expect(gradients.cost).toBe(cost);
      for (const name of ["h", "gate", "x"]) expectSame(state.get(name), before.get(name), name);
      expect(predicted.y).toHaveLength(8);
    }
    expect(state.steps).toBe(6);
  });

  it("has no gradient by initial values where remembered ones stand", () => {
    const graph = make(precision);
    const [xs, ts] = [samples(8, [3]), samples(9, [3])];
    const state = graph.state();
    const fresh = graph.gradients({ x: xs }, { y: ts }, { state }).initial.h!;
    expectSame(fresh, graph.gradients({ x: xs }, { y: ts }).initial.h!, "fresh");
    expect(fresh.some((value) => value !== 0)).toBe(true);
    graph.evaluate({ x: xs }, { y: ts }, { state });
    expectSame(graph.gradients({ x: xs }, { y: ts }, { state }).initial.h!, [0, 0, 0], "begun");
    const { initial } = graph.layer("h");
    const kept = [...initial];
    graph.train({ x: xs }, { y: ts }, { state });
    expectSame(graph.layer("h").initial, kept, "initial values after a step");
  });

  it("agrees with central differences", () => {
    const graph = make();
    const state = graph.state(2);
    graph.predict({ x: samples(10, [2, 1]) }, { state });
    const [xs, ts] = [samples(11, [2, 3]), samples(12, [2, 3])];
    const { ok, worst } = graph.gradCheck({ x: xs }, { y: ts, end: [0.3, -0.1] }, { state: fresh(state) });
    expect(ok, JSON.stringify(worst)).toBe(true);
    const before = JSON.stringify(state);
    expect(graph.gradCheck({ x: xs }, { y: ts }, { state: fresh(state) }).ok).toBe(true);
    expect(JSON.stringify(state)).toBe(before);
  });

  it("goes on from its JSON", () => {
    const graph = make(precision);
    const state = graph.state(2);
    graph.predict({ x: samples(13, [4, 2]) }, { state });
    state.reset([1]);
    const copy = graph.clone() as AnyGraph;
    const text = JSON.stringify(state);
    const other = State.fromJSON(JSON.parse(text), copy);
    expect([other.rows, other.steps, JSON.stringify(other)]).toEqual([2, 4, text]);
    const xs = samples(14, [3, 3]);
    expectSame(copy.predict({ x: xs }, { state: other }).y!, graph.predict({ x: xs }, { state }).y!, "y");
  });

  it("carries a sequence of more rows than a piece, as one call does", () => {
    const graph = make(precision);
    graph.addHidden("wide", 2 ** 15, "linear", { bias: false });
    graph.connect("x", "wide", { init: { values: new Array(2 ** 16).fill(0) } } as never);
    graph.connect("wide", "y", { init: { values: new Array(2 ** 16).fill(0) } } as never);
    const lengths = [40, 3, 25, 17];
    const [xs, ts] = [samples(15, lengths), samples(16, lengths)];
    const found = graph.predict({ x: xs });
    const evaluated = graph.evaluate({ x: xs }, { y: ts, end: [1, 2, 3, 4] }, { metrics: ["mae"] });
    const [state, other] = [graph.state(4), graph.state(4)];
    expectSame(graph.predict({ x: xs }, { state }).y!, found.y!, "y with a state");
    expect(
      graph.evaluate({ x: xs }, { y: ts, end: [1, 2, 3, 4] }, { metrics: ["mae"], state: other }),
    ).toEqual(evaluated);
    expect(JSON.stringify(other)).toBe(JSON.stringify(state));
    const { cost } = graph.gradients({ x: xs }, { y: ts, end: [1, 2, 3, 4] });
    expect(evaluated.cost).toBe(cost);
    lengths.forEach((length, r) => {
      const one = graph.predict({ x: [xs[r]!.slice(0, 10)] });
      const count = Math.min(length, 10) * 2;
      expectSame(one.y!.slice(0, count), found.y!.slice(r * 80, r * 80 + count), `sample ${r}`);
    });
    const wrongAt = xs.map((sample, r) =>
      sample.map((row, t) => (r === 2 && t === 24 ? [0, Number.NaN] : row)),
    );
    const before = JSON.stringify(state);
    expectRefusal(() => graph.predict({ x: wrongAt }, { state }), "not-finite", "sample 2, step 24, unit 1");
    expect(JSON.stringify(state)).toBe(before);
  });
});

/** Returns a state with the same remembered steps, and no outputs yet. */
function fresh(state: State): State {
  const copy = state.clone();
  copy.reset();
  for (const name of ["x", "h", "gate"]) {
    for (let delay = 1; delay <= (name === "h" ? 3 : 2); delay++)
      copy.set(name, state.get(name, delay), delay);
  }
  return copy;
}

describe("a state", () => {
  it("begins anew, some rows or all", () => {
    const graph = make();
    const xs = samples(17, [3, 3, 3]);
    const begun = graph.predict({ x: xs }, { state: graph.state(3) });
    const state = graph.state(3);
    graph.predict({ x: samples(18, [2, 2, 2]) }, { state });
    const kept = state.clone();
    state.reset([0, 2]);
    const some = graph.predict({ x: xs }, { state });
    const on = graph.predict({ x: xs }, { state: kept });
    expectSame(some.y!, [...begun.y!.slice(0, 6), ...on.y!.slice(6, 12), ...begun.y!.slice(12)], "some");
    expect(state.steps).toBe(5);
    state.reset();
    expect(state.steps).toBe(0);
    expectSame(graph.predict({ x: xs }, { state }).y!, begun.y!, "all");
  });

  it("follows another set of outputs after a reset", () => {
    const graph = make();
    const state = graph.state();
    graph.predict({ x: [[[0, 0]]] }, { state, outputs: ["y"] });
    const use = () => graph.predict({ x: [[[0, 0]]] }, { state });
    expectRefusal(use, "bad-option", '"y"', '"end"', "reset()");
    state.reset();
    use();
  });

  it("takes one step a call without steps, and lengths with them", () => {
    const graph = make();
    const state = graph.state(2);
    expect(graph.predict({ x: [1, 2, 3, 4] }, { state }).y).toHaveLength(4);
    expect(graph.predict({ x: [1, 2, 3, 4, 5, 6, 0, 0] }, { state, steps: [2, 1] }).y).toHaveLength(8);
    expect(state.steps).toBe(3);
  });

  it("carries dropped units within a call, and what training dropped to the next", () => {
    const graph = make("float64", { dropout: 0.5 });
    const state = graph.state(4);
    const [xs, ts] = [samples(19, [2, 2, 2, 2]), samples(20, [2, 2, 2, 2])];
    graph.train({ x: xs }, { y: ts }, { state });
    const sent = state.get("h");
    expect(sent.some((value) => value === 0)).toBe(true);
    expectSame(
      sent.map((value) => Number(value === 0)),
      state.get("h", 2).map((value) => Number(value === 0)),
      "masks",
    );
  });

  it("moves by backward as by train", () => {
    const graph = make();
    const state = graph.state();
    graph.backward(
      {
        x: [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      },
      {
        y: [
          [
            [0.1, 0.2],
            [0.3, 0.4],
          ],
        ],
      },
      { state },
    );
    expect(state.steps).toBe(2);
    expectSame(state.get("x"), [3, 4], "x");
  });

  it("prints its rows and steps, and is sealed", () => {
    const state = make().state(3);
    expect(
      String((state as never as Record<symbol, () => string>)[Symbol.for("nodejs.util.inspect.custom")]!()),
    ).toBe("State(3 rows, 0 steps)");
    expect(() => Object.assign(state, { size: 1 })).toThrow(TypeError);
  });
});

const uses: WrongUse<AnyGraph>[] = [
  ["0 rows", (g) => g.state(0), "bad-option", "≥ 1"],
  ["half a row", (g) => g.state(1.5), "bad-option", "whole"],
  ["more rows than there is room for", (g) => g.state(2 ** 31 - 1), "out-of-memory", "state"],
  [
    "other rows than its own",
    (g) => g.predict({ x: [1, 2] }, { state: g.state(2) }),
    "bad-shape",
    "1 samples",
    "2",
  ],
  [
    "a state of another graph",
    (g) => g.predict({ x: [1, 2] }, { state: make().state() }),
    "foreign-layer",
    "another graph",
  ],
  [
    "a state of before an edit",
    (g) => {
      const other = g.clone() as AnyGraph;
      const state = other.state();
      other.addHidden("late", 1);
      other.predict({ x: [1, 2] }, { state });
    },
    "bad-option",
    "stale",
  ],
  ["a layer that has no delay", (g) => g.state().get("y"), "bad-option", '"y"'],
  ["an unknown layer", (g) => g.state().get("z"), "unknown-layer", '"z"'],
  ["a layer of another graph", (g) => g.state().get(make().layer("h")), "foreign-layer"],
  ["a delay beyond its depth", (g) => g.state().get("h", 4), "bad-option", "4"],
  ["a delay of 0", (g) => g.state().get("h", 0), "bad-option", "0"],
  ["values of another size", (g) => g.state(2).set("h", [1, 2, 3]), "bad-shape", "2 × 3"],
  ["values that are NaN", (g) => g.state().set("h", [1, Number.NaN, 3]), "not-finite", "unit 1"],
  ["rows that are no array", (g) => g.state().reset(wrong(0)), "bad-option", "array"],
  ["a row beyond its rows", (g) => g.state(2).reset([2]), "bad-option", "2"],
  ["JSON that is none", (g) => State.fromJSON(wrong(null), g), "bad-file"],
  ["JSON of a graph", (g) => State.fromJSON(g.toJSON(), g), "bad-file"],
  ["JSON for no graph", (g) => State.fromJSON(g.state().toJSON(), wrong({})), "bad-option", "Graph"],
  [
    "JSON of another precision",
    (g) => State.fromJSON(make("float32").state().toJSON(), g),
    "bad-file",
    "precision",
  ],
  [
    "JSON of a graph with other layers",
    (g) => {
      const other = make();
      other.connect("y", "h", { delay: 1 });
      State.fromJSON(other.state().toJSON(), g);
    },
    "bad-file",
    "layers",
  ],
  [
    "JSON with damaged numbers",
    (g) => {
      const json = g.state().toJSON() as { layers: { values: string }[] };
      json.layers[0]!.values = "AAAA";
      State.fromJSON(json, g);
    },
    "bad-file",
    "layers[0].values",
  ],
  [
    "a negative delay",
    (g) => {
      const other = g.clone() as AnyGraph;
      other.connect("x", "end", { delay: -1 });
      other.predict({ x: [1, 2] }, { state: other.state() });
    },
    "bad-option",
    "t+1",
  ],
  [
    "a first step",
    (g) => {
      const other = g.clone() as AnyGraph;
      other.connect("x", "end", { at: "first" });
      other.predict({ x: [1, 2] }, { state: other.state() });
    },
    "bad-option",
    "first",
  ],
  [
    "a layer with time that receives a last step",
    (g) => {
      const other = g.clone() as AnyGraph;
      other.addHidden("summary", 1);
      other.connect("h", "summary", { at: "last" });
      other.connect("summary", "y");
      other.predict({ x: [1, 2] }, { state: other.state() });
    },
    "bad-option",
    "later steps",
  ],
  [
    "a layer without a synapse to a state",
    (g) => new (State as never as new (...a: unknown[]) => State)(g, {}),
    "bad-option",
  ],
];

describe("a use of states refuses", () => {
  for (const [name, use, code, ...mentions] of uses) {
    it(name, () => {
      const graph = make();
      const before = JSON.stringify(graph);
      expectRefusal(() => use(graph), code, ...mentions);
      expect(JSON.stringify(graph)).toBe(before);
    });
  }

  it("a change while data is read, and any after the disposal", () => {
    const graph = make();
    const state = graph.state();
    const nosy = {
      get x() {
        state.reset();
        return [1, 2];
      },
    };
    expectRefusal(() => graph.predict(nosy, { state }), "busy");
    graph.dispose();
    expectRefusal(() => state.get("h"), "disposed");
    expectRefusal(() => state.reset(), "disposed");
  });
});

describe("a state of class numbers", () => {
  const words = (): AnyGraph =>
    new Graph({
      seed: 11,
      inputs: { w: { size: 2, classes: 5 } },
      outputs: { y: { size: 6, activation: "linear" } },
      synapses: [["w", "y", { kind: "embedding", delay: 1 }]],
    });

  it("continues, and stands for the class 0 before the first step", () => {
    const graph = words();
    const w = [4, 3, 2, 1, 0, 4];
    const { y } = graph.predict({ w }, { steps: 3 });
    const state = graph.state();
    state.set("w", [0, 0]);
    const found = [0, 2, 4].flatMap((i) => [...graph.predict({ w: w.slice(i, i + 2) }, { state }).y!]);
    expectSame(found, y!, "y");
    expect([...state.get("w")]).toEqual([0, 4]);
    const copy = State.fromJSON(JSON.parse(JSON.stringify(state)), graph);
    expectSame(
      graph.predict({ w: [1, 1] }, { state: copy }).y!,
      graph.predict({ w: [1, 1] }, { state }).y!,
      "y",
    );
  });

  it.each([5, -1, 0.5, 1e9, 2 ** 31, -(2 ** 40)])("refuses the class %d, which no table has", (value) => {
    const graph = words();
    const state = graph.state(2);
    state.set("w", [1, 2, 3, 4]);
    const before = JSON.stringify(state);
    expectRefusal(() => state.set("w", [0, 1, 2, value]), "bad-input", '"w"', "row 1", "slot 1");
    expect(JSON.stringify(state)).toBe(before);
    const json = JSON.parse(before);
    const bytes = Buffer.from(Float64Array.of(1, 2, 3, value).buffer);
    json.layers[0].values = bytes.toString("base64");
    expectRefusal(() => State.fromJSON(json, graph), "bad-file", "layers[0].values", String(value));
    // Numbers of rows that nothing is remembered of are not read.
    json.layers[0].begun = Buffer.from([1, 0]).toString("base64");
    const { y } = graph.predict({ w: [0, 0, 0, 0] }, { state: State.fromJSON(json, graph) });
    state.reset([1]);
    expectSame(graph.predict({ w: [0, 0, 0, 0] }, { state }).y!, y!, "y");
  });
});
