// Every form in which samples can be given means the same.

import { Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectSame } from "../support/helpers.js";

function graphOf(precision: Precision = "float64") {
  const graph = new Graph<string, string, string, Precision>({ seed: 4, precision });
  graph.addInput("x", 2);
  graph.addInput("c", 1);
  graph.addOutput("y", 3, "softmax");
  graph.connect("x", "y");
  graph.connect("c", "y");
  return graph;
}

const flat = [1, 2, 3, 4, 5, 6];
const c = [7, 8, 9];
const typed = [
  Float64Array,
  Float32Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
] as const;

describe.each(["float64", "float32"] as const)("samples in %s mean the same", (precision) => {
  const wanted = graphOf(precision).predict({ x: flat, c }).y!;
  const forms: readonly (readonly [string, unknown])[] = [
    ["number[]", flat],
    ["number[][]", [flat.slice(0, 2), flat.slice(2, 4), flat.slice(4)]],
    [
      "a frozen array of frozen arrays",
      Object.freeze(
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ].map((row) => Object.freeze(row)),
      ),
    ],
    ["rows of different kinds", [[1, 2], new Int8Array([3, 4]), new Float64Array([5, 6])]],
    ...typed.map((Kind) => [Kind.name, new Kind(flat)] as const),
    ...typed.map((Kind) => [`${Kind.name}[]`, [0, 2, 4].map((i) => new Kind(flat.slice(i, i + 2)))] as const),
    ["a part of a buffer", new Float64Array(new Float64Array([9, 9, ...flat, 9]).buffer, 16, 6)],
    ["memory shared with workers", new Float64Array(new SharedArrayBuffer(48)).map((_, i) => flat[i]!)],
  ];

  it.each(forms)("as %s", (_, x) => {
    expectSame(graphOf(precision).predict({ x: x as number[], c }).y!, wanted, "y");
  });

  it("of one unit as [1, 2, 3] and as [[1], [2], [3]]", () => {
    const nested = c.map((value) => [value]);
    expectSame(graphOf(precision).predict({ x: flat, c: nested }).y!, wanted, "y");
  });

  it("flat, as k × size numbers, are k samples", () => {
    const graph = graphOf(precision);
    c.forEach((value, r) => {
      const alone = graph.predict({ x: flat.slice(r * 2, r * 2 + 2), c: [value] }).y!;
      expectSame(alone, wanted.subarray(r * 3, r * 3 + 3), `row ${r}`);
    });
  });
});

describe("samples", () => {
  it("as live views of another layer, or of another graph", () => {
    const [graph, other] = [graphOf(), graphOf()];
    const h = new Graph<string, string, string>({ seed: 8 });
    h.addInput("z", 1);
    h.addOutput("o", 2, "linear");
    h.connect("z", "o");
    h.predict({ z: [1, 2, 3] });
    const copied = other.predict({ x: [...h.layer("o").post], c }).y!;
    expectSame(graph.predict({ x: h.layer("o").post, c }).y!, copied, "y");
  });

  it("as live views, of which memory moves away while they are read", () => {
    const rows = 200_000;
    const graph = new Graph({ seed: 8, inputs: { z: 1 }, outputs: { o: 2 }, synapses: [["z", "o"]] });
    // A pass for gradients has the states of all rows.
    const z = Float64Array.from({ length: rows }, (_, i) => i / rows);
    graph.gradients({ z }, { o: new Float64Array(rows * 2) });
    const live = graph.layer("o").post;
    const copy = live.slice();
    const make = () => new Graph({ seed: 9, inputs: { x: 2 }, outputs: { y: 20 }, synapses: [["x", "y"]] });
    const { y } = make().predict({ x: live });
    // The view is empty now: this is what was tried.
    expect(live).toHaveLength(0);
    const again = make().predict({ x: copy }).y;
    expect(y).toHaveLength(rows * 20);
    expectSame(y, again, "y");
  });

  it("as live views of the graph's own layers", () => {
    const chain = () => {
      const graph = new Graph<string, string, string>({ seed: 6 });
      graph.addInput("x", 2, "tanh");
      graph.addOutput("y", 2, "linear");
      graph.connect("x", "y");
      return graph;
    };
    const [graph, other] = [chain(), chain()];
    let x = [0.25, -0.5, 0.75, 1];
    graph.predict({ x });
    for (let i = 0; i < 3; i++) {
      x = [...other.predict({ x }).y!];
      graph.predict({ x: graph.layer("y").post });
      expectSame(graph.layer("x").pre, x, `feedback ${i}`);
      const pair = [graph.layer("x").pre.slice(), graph.layer("y").post.slice()];
      expect(graph.train({ x: graph.layer("x").pre }, { y: graph.layer("y").post })).toBe(
        other.train({ x: pair[0]! }, { y: pair[1]! }),
      );
    }
  });

  it("are not changed by a call, nor kept", () => {
    const [x, t] = [Float64Array.from(flat), Float64Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1])];
    const graph = graphOf();
    graph.train({ x, c }, { y: t });
    expectSame(x, flat, "x");
    expectSame(t, [1, 0, 0, 0, 1, 0, 0, 0, 1], "t");
    const before = graph.layer("x").pre.slice();
    x.fill(0);
    expectSame(graph.layer("x").pre, before, "pre");
  });

  it("read by name, in any order of the names", () => {
    const [graph, other] = [graphOf(), graphOf()];
    expectSame(graph.predict({ c, x: flat }).y!, other.predict({ x: flat, c }).y!, "y");
    const bare = Object.assign(Object.create(null), { c, x: flat });
    expectSame(graph.predict(bare).y!, other.predict({ x: flat, c }).y!, "y of a bare object");
  });

  it("are an object's own, whatever an input is called", () => {
    const graph = new Graph<string, string, string>({ seed: 6 });
    graph.addInput("hasOwnProperty", 1);
    graph.addOutput("y", 1, "linear");
    graph.connect("hasOwnProperty", "y").weights[0] = 2;
    expectSame(graph.predict({ hasOwnProperty: [3] }).y!, [6], "y");
    expectSame(graph.predict({ hasOwnProperty: new Float64Array([4]) }).y!, [8], "y again");
    const inherited = Object.create({ hasOwnProperty: [3] });
    expect(() => graph.predict(inherited)).toThrow(expect.objectContaining({ code: "missing-input" }));
    const other = graphOf();
    const xs = Object.create({ x: flat, c });
    expect(() => other.predict(xs)).toThrow(expect.objectContaining({ code: "missing-input" }));
  });

  it("as numbers, -0 included, come through bit for bit", () => {
    const graph = new Graph<string, string, string>({ seed: 6 });
    graph.addInput("x", 1);
    graph.addOutput("y", 1, "linear");
    graph.connect("x", "y").weights[0] = 1;
    graph.layer("x").bias[0] = -0;
    graph.layer("y").bias[0] = -0;
    const numbers = [-0, 0, 5e-324, -1.7976931348623157e308, 0.1, 2 ** 53 + 2];
    expectSame(graph.predict({ x: numbers }).y!, numbers, "y");
  });
});
