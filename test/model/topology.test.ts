// Wrong layers, names, sizes and connections.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { eachIsRefused, fixture } from "../support/fixture.js";
import { expectRefusal, type WrongUse, wrong } from "../support/helpers.js";

const other = new Graph({ seed: 1 });
const foreign = other.addHidden("hidden", 4);

const names: readonly (readonly [string, unknown])[] = [
  ["an empty name", ""],
  ["no name", undefined],
  ["null as a name", null],
  ["a number as a name", 7],
  ["a symbol as a name", Symbol("s")],
  ["a String object as a name", new String("h")],
  ["a name that begins with half a character", "\udc00a"],
  ["a name that ends in half a character", "a\ud83d"],
];
const sizes = [
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 32,
  2 ** 40,
  "3",
  null,
  undefined,
  3n,
  [],
  [3, 0],
  [2, 3, 4, 5],
  {},
];

const uses: WrongUse<Graph>[] = [
  ...names.flatMap(([what, name]): WrongUse<Graph>[] => [
    [`${what}: input`, (g) => g.addInput(wrong(name), 1), "bad-name"],
    [`${what}: hidden`, (g) => g.addHidden(wrong(name), 1), "bad-name"],
    [`${what}: output`, (g) => g.addOutput(wrong(name), 1), "bad-name"],
  ]),
  [
    "half a character in a synapse's name",
    (g) => g.connect("pixels", "even", { name: "\ud800" }),
    "bad-name",
  ],
  ["an empty synapse's name", (g) => g.connect("pixels", "even", { name: "" }), "bad-name"],
  ["a number as a synapse's name", (g) => g.connect("pixels", "even", { name: wrong(1) }), "bad-name", "1"],
  ...sizes.flatMap((size): WrongUse<Graph>[] => {
    const what = typeof size === "object" ? JSON.stringify(size) : `${typeof size} ${String(size)}`;
    return [
      [`a size of ${what}: input`, (g) => g.addInput("new", wrong(size)), "bad-size", '"new"'],
      [`a size of ${what}: hidden`, (g) => g.addHidden("new", wrong(size)), "bad-size", '"new"'],
      [`a size of ${what}: output`, (g) => g.addOutput("new", wrong(size)), "bad-size", '"new"'],
    ];
  }),
  ["a name taken by an input", (g) => g.addHidden("pixels", 1), "duplicate-layer", '"pixels"'],
  ["a name taken by a hidden layer", (g) => g.addInput("hidden", 1), "duplicate-layer", '"hidden"'],
  ["a name taken by an output", (g) => g.addOutput("even", 1), "duplicate-layer", '"even"'],
  ["connecting from nowhere", (g) => g.connect("hiden", "even"), "unknown-layer", '"hiden"', '"hidden"'],
  ["connecting to nowhere", (g) => g.connect("pixels", "evn"), "unknown-layer", '"evn"', '"even"'],
  ["connecting undefined", (g) => g.connect(wrong(undefined), "even"), "unknown-layer", "undefined"],
  ["connecting null", (g) => g.connect("pixels", wrong(null)), "unknown-layer", "null"],
  ["connecting a number", (g) => g.connect(wrong(0), "even"), "unknown-layer", "0"],
  ["connecting a look-alike", (g) => g.connect(wrong({ name: "pixels" }), "even"), "unknown-layer"],
  ["connecting __proto__", (g) => g.connect("__proto__", "even"), "unknown-layer", "__proto__"],
  ["connecting toString", (g) => g.connect("pixels", "toString"), "unknown-layer", "toString"],
  ["connecting from another graph", (g) => g.connect(foreign, "even"), "foreign-layer", '"hidden"'],
  ["connecting to another graph", (g) => g.connect("pixels", foreign), "foreign-layer", '"hidden"'],
  ["a synapse of another graph's layer", (g) => g.synapse(foreign, "even"), "foreign-layer", '"hidden"'],
  ["connecting into an input", (g) => g.connect("hidden", "pixels"), "not-a-target", '"pixels"', '"hidden"'],
  ["connecting an input into an input", (g) => g.connect("context", "pixels"), "not-a-target", '"pixels"'],
  ["connecting an input into itself", (g) => g.connect("pixels", "pixels"), "not-a-target", '"pixels"'],
  ["the same synapse", (g) => g.connect("pixels", "hidden"), "duplicate-synapse", '"pixels"', '"hidden"'],
  [
    "a synapse's name again",
    (g) => g.connect("pixels", "even", { name: "twin" }),
    "duplicate-synapse",
    '"twin"',
  ],
  [
    "the same synapse with a delay",
    (g) => g.connect("size", "size", { delay: 2 }),
    "duplicate-synapse",
    "t−2",
  ],
  ["the same synapse ahead", (g) => g.connect("even", "size", { delay: -1 }), "duplicate-synapse", "t+1"],
  ["the same last step", (g) => g.connect("even", "size", { at: "last" }), "duplicate-synapse", "last"],
  ["a delayed synapse into an input", (g) => g.connect("hidden", "pixels", { delay: 1 }), "not-a-target"],
  ["a synapse of no such delay", (g) => g.synapse("size", "size", 1), "unknown-synapse", "delay of 1"],
  ["a synapse of a fractional delay", (g) => g.synapse("pixels", "hidden", 0.5), "bad-option", "0.5"],
  ["several synapses of a delay", (g) => g.synapse("even", "size", 0), "unknown-synapse", "unnamed", "last"],
  ["a loop of both signs", (g) => g.connect("size", "size", { delay: -2 }), "cycle", "size (t−2) → size"],
  ["a loop with an `at`", (g) => g.connect("size", "even", { delay: 1 }), "cycle", "(last)"],
  ["a loop of one", (g) => g.connect("hidden", "hidden"), "cycle", "hidden → hidden"],
  ["a named loop of one", (g) => g.connect("size", "size", { name: "s" }), "cycle", "size → size"],
  ["a loop of two", (g) => g.connect("digit", "hidden"), "cycle", "hidden → digit → hidden"],
  ["a loop of three", (g) => g.connect("size", "hidden"), "cycle", "hidden → digit → size → hidden"],
  ["no such layer", (g) => g.layer("digits"), "unknown-layer", '"digits"', '"digit"'],
  ["no layer of a name in other letters", (g) => g.layer("DIGIT"), "unknown-layer", '"DIGIT"', '"digit"'],
  ["no layer constructor", (g) => g.layer("constructor"), "unknown-layer", "constructor"],
  ["no layer undefined", (g) => g.layer(wrong(undefined)), "unknown-layer"],
  ["no synapse", (g) => g.synapse("pixels", "digit"), "unknown-synapse", '"pixels"', '"digit"'],
  [
    "no synapse this way round",
    (g) => g.synapse("hidden", "pixels"),
    "unknown-synapse",
    '"hidden"',
    '"pixels"',
  ],
  ["several synapses", (g) => g.synapse("digit", "size"), "unknown-synapse", '"digit"', '"size"', "twin"],
  ["a synapse of a misspelt layer", (g) => g.synapse("pixel", "hidden"), "unknown-layer", '"pixels"'],
];

/** Adds synapses of other steps, once to a graph. */
function delayed(graph: Graph): Graph {
  if (graph.synapses.some(({ delay }) => delay !== 0)) return graph;
  graph.connect("size", "size", { delay: 2 });
  graph.connect("even", "size", { delay: -1 });
  graph.connect("even", "size", { at: "last" });
  graph.connect("even", "size");
  return graph;
}

describe("the topology refuses", () => {
  eachIsRefused(uses, () => delayed(fixture()));
});

describe("synapses between two layers", () => {
  it("are told apart by their delays", () => {
    const graph = delayed(fixture());
    expect(graph.synapse("even", "size", -1)).toBe(graph.synapses.find(({ delay }) => delay === -1));
    expect(graph.synapse("size", "size")).toBe(graph.synapse("size", "size", 2));
    graph.remove(graph.synapses.find(({ at }) => at === "last")!);
    expect(graph.synapse("even", "size", 0).at).toBe(undefined);
    graph.connect("even", "size", { at: "last" });
    graph.connect("even", "size", { at: "first" });
    expect(Object.is(graph.connect("even", "size", { delay: -0, name: "zero" }).delay, 0)).toBe(true);
  });
});

describe("a loop's message", () => {
  it("spells a → b → c → a, in the direction of the synapses", () => {
    const graph: Graph = new Graph();
    for (const name of ["a", "b", "c", "d"]) graph.addHidden(name, 1);
    graph.connect("a", "b");
    graph.connect("b", "c");
    graph.connect("b", "d");
    graph.connect("d", "c");
    expectRefusal(() => graph.connect("c", "a"), "cycle", "a → b → c → a");
  });
});

describe("any other string is a name", () => {
  const odd = [
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "then",
    "length",
    "0",
    " ",
    "a\nb",
    "💡",
    "→",
  ];

  it.each(odd)("%j", (name) => {
    const graph: Graph = new Graph({ seed: 1 });
    graph.addInput(name, 2);
    graph.addHidden(`${name}h`, 2);
    graph.addOutput(`${name}y`, 1);
    graph.connect(name, `${name}h`, { name });
    graph.connect(`${name}h`, `${name}y`);
    // A computed key is an own property, also where it is "__proto__".
    const xs = { [name]: [1, 2] };
    expect(graph.predict(xs)[`${name}y`]).toHaveLength(1);
    expect(Object.keys(graph.gradients(xs, { [`${name}y`]: [1] }).inputs)).toEqual([name]);
    expect(graph.layer(name).name).toBe(name);
    expect(graph.synapses[0]!.name).toBe(name);
  });

  it("as an output, results and targets too", () => {
    const graph: Graph = new Graph({ seed: 1 });
    graph.addInput("constructor", 1);
    graph.addOutput("__proto__", 2);
    graph.connect("constructor", "__proto__");
    const xs = { constructor: [1] as readonly number[] };
    const ys = graph.predict(xs);
    expect(Object.keys(ys)).toEqual(["__proto__"]);
    expect(Object.values(ys)[0]).toHaveLength(2);
    const ts = JSON.parse('{"__proto__": [1, 0]}') as Record<string, number[]>;
    const { cost } = graph.evaluate(xs, ts);
    expect(graph.train(xs, ts)).toBe(cost);
    expect(graph.evaluate(xs, ts).cost).toBeLessThan(cost);
    expectRefusal(() => graph.predict({}), "missing-input", '"constructor"');
    expectRefusal(() => graph.train(xs, {}), "missing-target");
  });

  it("but inherited properties are not given values", () => {
    const graph: Graph = new Graph({ seed: 1 });
    graph.addInput("x", 1);
    graph.addOutput("y", 1);
    graph.connect("x", "y");
    expectRefusal(() => graph.predict(Object.create({ x: [1] })), "missing-input", '"x"');
    expectRefusal(() => graph.train({ x: [1] }, Object.create({ y: [1] })), "missing-target");
  });
});
