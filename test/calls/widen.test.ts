// A wider layer: copies of its units, the same predictions, and the layers that can't be widened.

import { Graph, type Layer, type Precision, type Size, type SynapseOptions } from "plexus-nn";
import { describe, expect, it } from "vitest";
import {
  type AnyGraph,
  everything,
  expectClose,
  expectRefusal,
  Random,
  seed,
  wrong,
} from "../support/helpers.js";

function make(more: object = {}): AnyGraph {
  return new Graph({
    seed: 4,
    optimizer: { name: "adam", rate: 0.01 },
    inputs: { x: 3 },
    hidden: { h: { size: 3, activation: "tanh" } },
    outputs: { y: { size: 2, activation: "linear" } },
    synapses: [
      ["x", "h"],
      ["h", "y"],
    ],
    ...more,
  }) as AnyGraph;
}

const xs = { x: [0.3, -0.8, 0.5, 0.1, 0.9, -0.2] };
const ts = { y: [1, -0.5, 0.25, 0.75] };

/** Returns the columns of a matrix. */
function columnsOf(values: ArrayLike<number>, columns: number): string[] {
  return Array.from({ length: columns }, (_, c) =>
    JSON.stringify(Array.from({ length: values.length / columns }, (_, r) => values[r * columns + c])),
  );
}

describe("widen", () => {
  it.each([
    ["float64", 1e-12],
    ["float32", 1e-5],
  ] as const)(
    "copies each unit once before any twice, and divides what leaves it, in %s",
    (precision, near) => {
      for (const size of [4, 5, 6, 7, 11]) {
        const graph = make({ precision });
        for (let step = 0; step < 3; step++) graph.train(xs, ts);
        const [h, into, out] = [graph.layer("h"), graph.synapse("x", "h"), graph.synapse("h", "y")];
        const before = graph.predict(xs).y!;
        const [columns, biases, rows] = [columnsOf(into.weights, 3), [...h.bias], [...out.weights]];
        graph.widen("h", size);
        expect([h.size, h.shape, into.shape, out.shape]).toEqual([size, [size], [3, size], [size, 2]]);
        const copies = columnsOf(into.weights, size).map((column) => columns.indexOf(column));
        expect(copies.slice(0, 3)).toEqual([0, 1, 2]);
        const counts = [0, 1, 2].map((unit) => copies.filter((one) => one === unit).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect([...h.bias]).toEqual(copies.map((unit) => biases[unit]!));
        const round = precision === "float32" ? Math.fround : Number;
        expect([...out.weights]).toEqual(
          copies.flatMap((unit) => [0, 1].map((to) => round(rows[unit * 2 + to]! / counts[unit]!))),
        );
        expectClose(graph.predict(xs).y!, before, near, "y");
        graph.train(xs, ts);
      }
    },
  );

  it("draws the copied units by the seed, with a number that seeds no weights", () => {
    const [one, other, third] = [make(), make(), make({ seed: 5 })];
    for (const graph of [one, other, third]) graph.widen(graph.layer("h"), 9);
    const copies = (graph: AnyGraph) => {
      const columns = columnsOf(graph.synapse("x", "h").weights, 9);
      return columns.map((column) => columns.indexOf(column));
    };
    expect(copies(one)).toEqual(copies(other));
    expect(copies(one)).not.toEqual(copies(third));
    const plain = make();
    plain.connect("x", "y", { name: "number 2" });
    expect([...one.connect("x", "y").weights]).toEqual([...plain.connect("x", "y").weights]);
    expect(JSON.parse(JSON.stringify(one)).generators.connections).toBe(4);
  });

  it("keeps the state of units that were there; copies begin without, and so learn apart", () => {
    const graph = make({ hidden: { h: { size: 3, activation: "tanh" }, k: 2 } });
    graph.connect("x", "k");
    graph.connect("k", "y");
    const numbers = (text: string) => [
      ...new Float64Array(Uint8Array.from(Buffer.from(text, "base64")).buffer),
    ];
    for (let step = 0; step < 3; step++) graph.train(xs, ts);
    const before = JSON.parse(JSON.stringify(graph));
    graph.widen("h", 5);
    const after = JSON.parse(JSON.stringify(graph));
    const [l, old] = [after.layers[1], before.layers[1]];
    expect(l.biasSteps).toBe(3);
    for (const member of ["biasMean", "biasSquare"]) {
      expect(numbers(l[member])).toEqual([...numbers(old[member]), 0, 0]);
    }
    for (const [i, from, to] of [
      [0, [3, 3], [3, 5]],
      [1, [3, 2], [5, 2]],
    ] as const) {
      for (const member of ["weightsMean", "weightsSquare"]) {
        const kept = numbers(before.synapses[i][member]);
        const wanted = Array.from({ length: to[0] * to[1] }, (_, place) => {
          const [row, column] = [Math.floor(place / to[1]), place % to[1]];
          return row < from[0] && column < from[1] ? kept[row * from[1] + column] : 0;
        });
        expect(numbers(after.synapses[i][member])).toEqual(wanted);
      }
    }
    for (const i of [2, 3]) expect(after.synapses[i]).toEqual(before.synapses[i]);
    expect(after.layers.filter((_: unknown, i: number) => i !== 1)).toEqual(
      before.layers.filter((_: unknown, i: number) => i !== 1),
    );
    graph.train(xs, ts);
    const columns = columnsOf(graph.synapse("x", "h").weights, 5);
    expect(new Set(columns).size).toBe(5);
  });

  const conv: SynapseOptions = { kind: "conv", kernel: 3, padding: "same" };
  const shapes: readonly (readonly [string, Size, Size, SynapseOptions, SynapseOptions, object])[] = [
    ["between convs", [5, 4, 3], [5, 4, 8], conv, conv, {}],
    ["in one dimension", [6, 2], [6, 5], conv, { ...conv, dilation: 2 }, {}],
    ["with a stride", [5, 4, 3], [5, 4, 4], conv, { ...conv, stride: [2, 1], padding: [1, 1] }, {}],
    ["between dense synapses", [2, 3, 2], [2, 3, 7], {}, {}, {}],
    ["after a conv, before dense", [5, 4, 2], [5, 4, 3], conv, {}, { dropout: 0.3 }],
    ["with a bias for each unit", [5, 4, 2], [5, 4, 5], conv, {}, { bias: Array.from({ length: 40 }, (_, i) => i / 40) }],
    ["of one position", 3, 7, { kind: "conv", kernel: [5, 4] }, {}, {}],
    ["without a bias", [5, 4, 3], [5, 4, 4], conv, conv, { bias: false }],
  ]; // biome-ignore format: a table

  it.each(shapes)("grows channels %s", (_, from, to, into, out, options) => {
    for (const precision of ["float64", "float32"] satisfies Precision[]) {
      const rank = Array.isArray(from) ? from.length : 3;
      const source = rank === 2 ? [6, 2] : [5, 4, 2];
      const isStrided = "stride" in out;
      const target = out.kind === "conv" ? [...(rank === 2 ? [6] : isStrided ? [3, 4] : [5, 4]), 3] : 4;
      const graph: AnyGraph = new Graph({ seed: 8, precision, optimizer: "adam" });
      graph.addInput("x", source);
      graph.addHidden("h", from, "relu", options);
      graph.addOutput("y", target, "tanh", "mse");
      graph.connect("x", "h", into);
      graph.connect("h", "y", out);
      const random = new Random(seed);
      const [n, m] = [graph.layer("x").size, graph.layer("y").size];
      const data = { x: random.numbers(3 * n) };
      const targets = { y: random.numbers(3 * m).map((value) => value / 4) };
      for (let step = 0; step < 2; step++) graph.train(data, targets);
      const before = graph.predict(data).y!;
      graph.widen("h", to);
      const h = graph.layer("h");
      expect(h.shape).toEqual(Array.isArray(to) ? to : [to]);
      expect(h.bias.length % Number(h.shape.at(-1))).toBe(0);
      expectClose(graph.predict(data).y!, before, precision === "float64" ? 1e-12 : 1e-5, "y");
      graph.train(data, targets);
      graph.train(data, targets);
    }
  });

  it("widens a layer of a loop, and its learnt initial values", () => {
    const graph: AnyGraph = new Graph({
      seed: 3,
      optimizer: "adam",
      inputs: { x: 2 },
      hidden: { h: { size: 3, activation: "tanh", initial: true, bias: 0.2 } },
      outputs: { y: 1 },
      synapses: [
        ["x", "h"],
        ["h", "h", { delay: 1 }],
        ["h", "y"],
        ["h", "y", { at: "last" }],
      ],
    });
    const data = { x: [[[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]] }; // biome-ignore format: a list
    const targets = { y: [[[0], [1], [1]]] };
    for (let step = 0; step < 3; step++) graph.train(data, targets);
    const state = graph.state();
    const before = graph.predict(data).y!;
    graph.widen("h", 8);
    expect(graph.layer("h").initial!.length).toBe(8);
    expectClose(graph.predict(data).y!, before, 1e-12, "y");
    expectRefusal(() => graph.predict({ x: [[[1, 2]]] }, { state }), "bad-option", "stale");
    graph.train(data, targets);
    graph.widen("h", 9);
    graph.train(data, targets);
  });

  it("names what is in the way, and changes nothing", () => {
    const hidden = {
      plain: 4,
      normed: { size: 4, norm: "layer" },
      mixed: { size: 4, activation: "softmax" },
      shaped: [4, 4, 2],
      same: 4,
      sharing: 4,
    };
    const graph = make({ hidden, synapses: [["x", "plain"], ["plain", "same", { kind: "identity" }]] }); // biome-ignore format: a list
    const own = graph.connect("plain", "sharing");
    graph.connect("same", "sharing", { share: own });
    graph.connect("x", "shaped");
    graph.connect("shaped", "plain", { kind: "sparse", density: 0.1 });
    graph.addHidden("deep", [4, 4, 2]);
    graph.connect("shaped", "deep", { kind: "conv", kernel: 3, groups: 2 });
    graph.addHidden("pooled", [2, 2, 2]);
    graph.connect("deep", "pooled", { kind: "maxPool" });
    const before = everything(graph);
    const refused = (
      call: () => unknown,
      code: "bad-option" | "bad-size" | "unknown-layer",
      ...mentions: string[]
    ) => {
      expectRefusal(call, code, ...mentions);
      expect(everything(graph)).toBe(before);
    };
    refused(() => graph.widen(wrong("x"), 4), "bad-option", '"x" can\'t be widened', "an input");
    refused(() => graph.widen(wrong("y"), 4), "bad-option", "an output");
    refused(() => graph.widen("none", 4), "unknown-layer");
    refused(() => graph.widen("normed", 5), "bad-option", "norm");
    refused(() => graph.widen("mixed", 5), "bad-option", "softmax");
    refused(() => graph.widen("same", 5), "bad-option", '"plain" to "same" is an identity');
    refused(() => graph.widen("sharing", 5), "bad-option", '"plain" to "sharing" shares weights');
    refused(() => graph.widen("deep", [4, 4, 3]), "bad-option", '"shaped" to "deep" is a conv with groups');
    refused(() => graph.widen("pooled", [2, 2, 3]), "bad-option", "a maxPool");
    refused(() => graph.widen("shaped", [4, 4, 4]), "bad-option", "a sparse synapse");
    refused(() => graph.widen("plain", 3), "bad-size", "adds units", "is 4", "be 3");
    for (const size of [32, [5, 4, 2], [4, 4, 1], [4, 4], [4, 2]]) {
      refused(() => graph.widen("shaped", size), "bad-size", "adds channels", "4 × 4 × 2");
    }
    for (const size of [0, 4.5, "5", null, undefined, [], [5, 5, 5, 5], -1]) {
      refused(() => graph.widen("plain", wrong(size)), "bad-size", '"plain"');
    }
    const other: Layer = make().layer("h");
    expectRefusal(() => graph.widen(other, 5), "foreign-layer");
  });

  it("does nothing for the size that there is, and takes back what it has no room for", () => {
    const graph = make();
    graph.train(xs, ts);
    const before = everything(graph);
    graph.widen("h", 3);
    graph.widen("h", [3]);
    expect(everything(graph)).toBe(before);
    for (const size of [2 ** 32 - 1, 2 ** 27]) {
      expectRefusal(() => graph.widen("h", size), "out-of-memory");
      expect(everything(graph)).toBe(before);
    }
    graph.widen("h", 4);
    graph.train(xs, ts);
  });
});
