// Parameters without live views: set, copied, assigned by name and frozen; and what refuses those that are not finite.

import { Graph, type Precision, readSafetensors } from "plexus-nn";
import { toSource } from "plexus-nn/draw";
import { toOnnx } from "plexus-nn/onnx";
import { describe, expect, it } from "vitest";
import {
  type AnyGraph,
  everything,
  expectRefusal,
  expectSame,
  Random,
  refusal,
  rejection,
  seed,
  wrong,
} from "../support/helpers.js";
import { pack } from "../support/tensors.js";

/** Makes a graph with every kind of parameter: a norm, no bias, named, shared and identity synapses. */
function made(options: { seed?: number; precision?: Precision; reversed?: boolean } = {}): AnyGraph {
  const { reversed = false, ...rest } = options;
  const graph: AnyGraph = new Graph({ seed: 4, ...rest });
  const adding = [
    () => graph.addInput("x", 2),
    () => graph.addInput("u", 2),
    () => graph.addHidden("a", 3, "tanh", { norm: "layer" }),
    () => graph.addHidden("b", 3, "gelu", { bias: false }),
    () => graph.addOutput("y", 2, "linear"),
  ];
  for (const add of reversed ? adding.reverse() : adding) add();
  const joining = [
    () => graph.connect("x", "a"),
    () => graph.connect("a", "b", { kind: "identity" }),
    () => graph.connect("b", "y", { name: "one" }),
    () => graph.connect("b", "y", { name: "two" }),
  ];
  for (const join of reversed ? joining.reverse() : joining) join();
  graph.connect("u", "a", { share: graph.synapse("x", "a") });
  return graph;
}

const random = new Random(seed);
const xs = { x: random.rows(5, 2), u: random.rows(5, 2) };
const ts = { y: random.rows(5, 2) };

/** Returns all parameters, by names that don't depend on the order of creation. */
function parameters(graph: AnyGraph): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  for (const { name, bias, gain } of graph.layers) {
    found[`bias ${name}`] = [...bias];
    if (gain !== undefined) found[`gain ${name}`] = [...gain];
  }
  for (const { from, to, name, weights } of graph.synapses) {
    found[`${from.name} ${to.name} ${name}`] = [...weights];
  }
  return found;
}

describe.each(["float64", "float32"] as const)("set in %s", (precision) => {
  it("takes flat numbers and rows, of any arrays, as a copy", () => {
    const graph = made({ precision });
    const synapse = graph.synapse("x", "a");
    const flat = [1, 2, 3, 4, 5, 6];
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    const given = [flat, rows, Float32Array.from(flat), Int8Array.from(flat), [new Uint16Array(3), rows[1]]];
    for (const values of [...given, new Proxy(flat, {}), new Proxy(rows, {})]) {
      synapse.weights = [0, 0, 0, 0, 0, 0];
      synapse.weights = wrong(values);
      const wanted = Array.from(values as Iterable<number | Iterable<number>>, (row) =>
        typeof row === "number" ? row : [...row],
      ).flat();
      expectSame(synapse.weights, wanted, "weights");
    }
    const kept = new Float64Array([0.5, -0, 3]);
    graph.layer("a").bias = kept;
    graph.layer("a").gain = [[1, 2, 4]];
    kept.fill(9);
    expectSame(graph.layer("a").bias, [0.5, -0, 3], "bias");
    expectSame(graph.layer("a").gain!, [1, 2, 4], "gain");
  });

  it("counts in what is computed, and keeps what the optimizer has", () => {
    const [graph, viewed] = [made({ precision }), made({ precision })];
    for (const one of [graph, viewed]) {
      one.optimizer = { name: "adam" };
      one.train(xs, ts);
    }
    graph.layer("a").bias = [1, 2, 3];
    graph.synapse("x", "a").weights = [1, 2, 3, 4, 5, 6];
    viewed.layer("a").bias.set([1, 2, 3]);
    viewed.synapse("x", "a").weights.set([1, 2, 3, 4, 5, 6]);
    expect(graph.train(xs, ts)).toBe(viewed.train(xs, ts));
    expect(JSON.stringify(graph)).toBe(JSON.stringify(viewed));
  });

  it("takes live views of its own and of other graphs, which move", () => {
    const [graph, other] = [made({ precision }), made({ precision, seed: 9 })];
    const wanted = [...other.synapse("x", "a").weights];
    graph.synapse("x", "a").weights = other.synapse("x", "a").weights;
    graph.synapse("x", "a").weights = graph.synapse("x", "a").weights;
    expectSame(graph.synapse("x", "a").weights, wanted, "weights");
    // The graph has no place yet: to set a bias gives it one, after the view was read.
    const fresh: AnyGraph = new Graph({ precision });
    fresh.addInput("x", 3);
    fresh.addHidden("big", 400_000);
    fresh.layer("x").bias = other.layer("a").gain!;
    expectSame(fresh.layer("x").bias, [1, 1, 1], "bias");
  });

  it("refuses what is no such numbers, and changes nothing", () => {
    const graph = made({ precision });
    graph.train(xs, ts);
    const before = everything(graph);
    const gone = new Float64Array(3);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    const revoked = Proxy.revocable([1, 2, 3], {});
    revoked.revoke();
    const throwing = Object.defineProperty([1, 2, 3], 1, {
      get() {
        throw new Error("mine");
      },
    });
    const longer = new Proxy([1, 2, 3], {
      get: (array, key) => (key === "length" ? -2 : Reflect.get(array, key)),
    });
    const shapeless = [
      ...[
        0,
        null,
        undefined,
        "1,2,3",
        {},
        new Set([1, 2, 3]),
        [],
        [1, 2],
        [1, 2, 3, 4],
        [[1, 2]],
        [[1], [2], [3]],
      ],
      ...[
        new Array(3).fill(1, 0, 2),
        [1, 2, "3"],
        [1n, 2n, 3n],
        [null, 1, 2],
        [
          [1, 2, 3],
          [1, 2, 3],
        ],
        [new Array(3).fill(1, 1)],
        gone,
      ],
      ...[
        new BigInt64Array(3),
        new DataView(new ArrayBuffer(24)),
        new Proxy(new Float64Array(3), {}),
        revoked.proxy,
      ],
      ...[throwing, longer, [revoked.proxy]],
    ];
    for (const values of shapeless) {
      const set = () => {
        graph.layer("a").bias = wrong(values);
      };
      expectRefusal(set, "bad-shape", 'the bias of the layer "a"');
    }
    const most = precision === "float64" ? Number.MAX_VALUE : 3.4028234663852886e38;
    for (const value of [
      Number.NaN,
      Infinity,
      -Infinity,
      ...(precision === "float32" ? [3.5e38, 1e300] : []),
    ]) {
      const setBias = () => {
        graph.layer("a").bias = [0, value, 0];
      };
      expectRefusal(setBias, "not-finite", 'layer "a"', `${value} in unit 1`, precision);
      const setWeights = () => {
        graph.synapse("x", "a").weights = [
          [1, 2, 3],
          [4, 5, value],
        ];
      };
      expectRefusal(setWeights, "not-finite", '"x" to "a"', `${value} in row 1, unit 2`);
    }
    expectRefusal(
      () => {
        graph.layer("b").bias = [0, 0, 0];
      },
      "bad-option",
      'layer "b" has no bias',
    );
    expectRefusal(
      () => {
        graph.layer("b").gain = [1, 1, 1];
      },
      "bad-option",
      'layer "b" has no gain',
    );
    expectRefusal(
      () => {
        graph.synapse("a", "b").weights = [];
      },
      "bad-option",
      "identity",
    );
    expect(everything(graph)).toBe(before);
    graph.layer("a").bias = [most, -most, 0];
    expectSame(graph.layer("a").bias, [most, -most, 0], "bias");
  });

  it("reads each number once, then asks whether the graph may be changed", async () => {
    const graph = made({ precision });
    let reads = 0;
    const counting = Object.defineProperty([1, 2, 3], 1, { get: () => ++reads });
    graph.layer("a").bias = counting;
    expectSame(graph.layer("a").bias, [1, 1, 3], "bias");
    const run = graph.fit({ xs, ts }, { epochs: 2 });
    for (const [part, name] of [
      [graph.layer("a"), "bias"],
      [graph.layer("a"), "gain"],
      [graph.synapse("x", "a"), "weights"],
    ] as const) {
      const values = [...(part as unknown as Record<string, number[]>)[name]!];
      expectRefusal(() => Object.assign(part, { [name]: values }), "busy");
    }
    await run;
    const [layer, synapse] = [graph.layer("a"), graph.synapse("x", "a")];
    const disposing = Object.defineProperty([1, 2, 3], 1, {
      get() {
        graph.dispose();
        return 2;
      },
    });
    for (const values of [disposing, [1, 2, 3]]) {
      const set = () => {
        layer.bias = values;
      };
      expectRefusal(set, "disposed");
    }
    const set = () => {
      synapse.weights = [1, 2, 3, 4, 5, 6];
    };
    expectRefusal(set, "disposed");
  });
});

it("what is removed or resized is followed, also while values are read", () => {
  const [graph, other] = [made(), made({ seed: 9 })];
  const [layer, synapse] = [graph.layer("a"), graph.synapse("x", "a")];
  for (const one of [graph, other]) one.resize("b", 3);
  const resizing = Object.defineProperty([1, 2], 1, {
    get() {
      graph.resize("y", 4);
      return 2;
    },
  });
  const set = () => {
    graph.layer("y").bias = resizing;
  };
  expectRefusal(set, "bad-shape", 'The size of the bias of the layer "y" changed');
  expectRefusal(() => graph.copyFrom(other), "bad-option", 'size of the layer "y"', "2 there and 4 here");
  other.resize("y", 4);
  graph.copyFrom(other);
  expect(parameters(graph)).toEqual(parameters(other));
  graph.layer("y").bias = [1, 2, 3, 4];
  graph.remove("a");
  const refused = [
    () => {
      layer.bias = [1, 2, 3];
    },
    () => {
      synapse.weights = [1, 2, 3, 4, 5, 6];
    },
    () => graph.freeze(layer),
  ];
  for (const call of refused) expectRefusal(call, "disposed", "removed");
  expectRefusal(() => graph.copyFrom(other), "bad-option", 'a layer "a"');
  expectRefusal(() => other.copyFrom(graph), "bad-option", 'no layer "a"');
  other.remove("a");
  graph.copyFrom(other);
  expect(graph.assign(readSafetensors(other.save()).tensors).at(-1)).toBe("weight.1.b.y");
});

it("shared weights are set at any of their synapses", () => {
  const graph = made();
  graph.synapse("u", "a").weights = [1, 2, 3, 4, 5, 6];
  expectSame(graph.synapse("x", "a").weights, [1, 2, 3, 4, 5, 6], "weights");
});

describe.each(["float64", "float32"] as const)("copyFrom in %s", (precision) => {
  it("takes all parameters bit for bit, whatever the order of creation, and nothing else", () => {
    for (const reversed of [false, true]) {
      const [graph, other] = [made({ precision }), made({ precision, seed: 9, reversed })];
      graph.optimizer = { name: "adam" };
      graph.train(xs, ts);
      other.train(xs, ts);
      const most = precision === "float64" ? Number.MAX_VALUE : 3.4028234663852886e38;
      other.layer("x").bias = [-0, most];
      const [before, theirs] = [graph.toJSON() as never, everything(other)];
      graph.copyFrom(other);
      expect(parameters(graph)).toEqual(parameters(other));
      expectSame(graph.layer("x").bias, [-0, most], "bias");
      expect(everything(other)).toBe(theirs);
      const strip = (json: { layers: object[]; synapses: object[] }) =>
        JSON.stringify(json, (name, value) => (/^(bias|gain|weights)$/.test(name) ? "" : value));
      expect(strip(graph.toJSON() as never)).toBe(strip(before));
    }
  });

  it("goes a share of the way", () => {
    const round = precision === "float32" ? Math.fround : Number;
    for (const tau of [0, 0.005, 0.5, 0.999]) {
      const [graph, other] = [made({ precision }), made({ precision, seed: 9, reversed: true })];
      other.train(xs, ts);
      const [p, q] = [parameters(graph), parameters(other)];
      graph.copyFrom(other, { tau });
      for (const [name, values] of Object.entries(parameters(graph))) {
        const wanted = p[name]!.map((from, i) =>
          round(from + round(round(tau) * round(q[name]![i]! - from))),
        );
        expectSame(values, tau === 0 ? p[name]! : wanted, `${name} for ${tau}`);
      }
    }
  });

  it("stays finite where the difference is not", () => {
    const most = precision === "float64" ? Number.MAX_VALUE : 3.4028234663852886e38;
    const [graph, other] = [made({ precision }), made({ precision })];
    graph.layer("x").bias = [most, 1];
    other.layer("x").bias = [-most, 1];
    graph.copyFrom(other, { tau: 0.5 });
    expectSame(graph.layer("x").bias, [0, 1], "bias");
  });

  it("takes those of a graph that is in training, and of the graph itself", async () => {
    const [graph, other] = [made({ precision }), made({ precision, seed: 9 })];
    const before = everything(graph);
    graph.copyFrom(graph);
    graph.copyFrom(graph, { tau: 0.3 });
    expect(everything(graph)).toBe(before);
    const seen: object[] = [];
    await other.fit(
      { xs, ts },
      {
        epochs: 2,
        batchSize: 5,
        onBatch: () => {
          graph.copyFrom(other);
          seen.push(parameters(other));
          expect(parameters(graph)).toEqual(parameters(other));
          expectRefusal(() => other.copyFrom(graph), "busy");
        },
      },
    );
    expect(seen).toHaveLength(2);
    expect(seen[0]).not.toEqual(seen[1]);
  });
});

describe("copyFrom", () => {
  const base = () => ({
    seed: 1,
    inputs: { x: 2 as object | number },
    hidden: { h: { size: 3, activation: "tanh" } as object },
    outputs: { y: 1 as object | number },
    synapses: [
      ["x", "h"],
      ["h", "y"],
    ] as unknown[],
  });
  const graphOf = (spec: object): AnyGraph => new Graph(spec as never);

  it("names the first difference, and changes nothing", () => {
    const differences: [object, ...string[]][] = [
      [{ precision: "float32" }, "precision", "float32"],
      [{ hidden: {}, synapses: [["x", "y"]] }, "no layer", '"h"'],
      [{ hidden: { h: 3, more: 1 } }, "activation", '"h"'],
      [{ hidden: { h: { size: 3, activation: "tanh" }, more: 1 } }, "a layer", '"more"'],
      [{ hidden: { h: { size: 4, activation: "tanh" } } }, "size", '"h"', "4 there and 3 here"],
      [{ hidden: { h: { size: 3, activation: "tanh", bias: false } } }, "bias", '"h"'],
      [{ hidden: { h: { size: 3, activation: "tanh", norm: "layer" } } }, "norm", '"h"'],
      [{ hidden: { y: 1 }, outputs: { h: { size: 3, activation: "tanh" } } }, "kind", '"h"'],
      [{ synapses: [["h", "y"]] }, 'from "x" to "h"'],
      [{ synapses: [...base().synapses, ["x", "y"]] }, 'from "x" to "y"'],
      [
        {
          synapses: [
            ["x", "h", { name: "first" }],
            ["h", "y"],
          ],
        },
        'from "x" to "h"',
      ],
    ];
    for (const [difference, ...mentions] of differences) {
      const graph = graphOf(base());
      const before = everything(graph);
      const other = graphOf({ ...base(), ...difference });
      expectRefusal(() => graph.copyFrom(other), "bad-option", ...mentions);
      expect(everything(graph)).toBe(before);
    }
    const [graph, other] = [made(), made()];
    graph.connect("u", "b");
    other.connect("u", "b", { share: other.synapse("x", "a") });
    expectRefusal(() => graph.copyFrom(other), "bad-option", "shared", 'from "u" to "b"');
    expectRefusal(() => other.copyFrom(graph), "bad-option", "shared", 'from "u" to "b"');
  });

  it("lets differ what training alone asks", () => {
    const graph = graphOf(base());
    const other = graphOf({
      ...base(),
      seed: 2,
      optimizer: { name: "adam" },
      hidden: { h: { size: 3, activation: "tanh", dropout: 0.5, frozen: true } },
      outputs: { y: { size: 1, loss: "mse", weight: 2 } },
      synapses: [
        ["x", "h", { l2: 0.1, maxNorm: 2 }],
        ["h", "y", { init: "he" }],
      ],
    });
    graph.copyFrom(other);
    expect(parameters(graph)).toEqual(parameters(other));
  });

  it("refuses other things, wrong shares, and graphs that can't be read or changed", async () => {
    const [graph, other] = [graphOf(base()), graphOf(base())];
    const before = everything(graph);
    for (const thing of [
      undefined,
      null,
      3,
      "graph",
      {},
      graph.toJSON(),
      graph.layers[0],
      Object.create(graph),
    ]) {
      expectRefusal(() => graph.copyFrom(wrong(thing)), "bad-option", "Graph");
    }
    for (const tau of [-0.1, 1.1, Number.NaN, Infinity, "0.5", null]) {
      expectRefusal(() => graph.copyFrom(other, { tau: wrong(tau) }), "bad-option", "tau");
    }
    expectRefusal(() => graph.copyFrom(other, wrong({ rate: 1 })), "bad-option", "tau");
    expectRefusal(() => graph.copyFrom(other, wrong(0.5)), "bad-option");
    other.layer("h").bias[1] = Number.NaN;
    expectRefusal(() => graph.copyFrom(other), "not-finite", 'bias of the layer "h"', "NaN in unit 1");
    expect(everything(graph)).toBe(before);
    // Parameters that are replaced as a whole need not be finite; those that are blended must be.
    expectRefusal(() => other.copyFrom(graph, { tau: 0.5 }), "not-finite", 'bias of the layer "h"');
    other.copyFrom(graph);
    expect(parameters(other)).toEqual(parameters(graph));
    const run = graph.fit({ xs: { x: [1, 2] }, ts: { y: [1] } }, { epochs: 2 });
    expectRefusal(() => graph.copyFrom(other), "busy");
    await run;
    const options = {
      get tau() {
        graph.dispose();
        return 1;
      },
    };
    expectRefusal(() => graph.copyFrom(other, options), "disposed");
    expectRefusal(() => other.copyFrom(graph), "disposed", "copy from");
  });
});

describe("assign", () => {
  const small = () =>
    new Graph({
      seed: 1,
      inputs: { x: 2 },
      hidden: { h: { size: 3, activation: "relu", norm: "layer" } },
      outputs: { y: { size: 1, bias: false } },
      synapses: [
        ["x", "h"],
        ["h", "y"],
      ],
    }) as AnyGraph;

  it("takes a graph's own file, in either precision, and returns the names", () => {
    for (const precision of ["float64", "float32"] as const) {
      const [graph, other] = [made({ precision }), made({ precision, seed: 9 })];
      other.optimizer = { name: "adam" };
      other.train(xs, ts);
      const { tensors } = readSafetensors(other.save());
      const names = Object.keys(tensors).filter((name) => !name.startsWith("optimizer."));
      expect(names.length).toBeLessThan(Object.keys(tensors).length);
      expect(graph.assign(tensors)).toEqual(names);
      expect(graph.assign(tensors, { map: (name) => name })).toEqual(names);
      expect(parameters(graph)).toEqual(parameters(other));
    }
  });

  it("takes a file of PyTorch's, whose matrices are (out, in)", () => {
    const graph = small();
    const before = [...graph.layer("x").bias];
    const names: Record<string, string> = {
      "l1.weight": "weight.0.x.h",
      "l1.bias": "bias.h",
      "n.weight": "gain.h",
      "l2.weight": "weight.1.h.y",
    };
    const asked: string[] = [];
    const used = graph.assign(
      {
        "l1.weight": { shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
        step: wrong("not looked at"),
        "l1.bias": { shape: [3], values: [7, 8, 9] },
        "n.weight": { shape: [3], values: [1, 2, 4] },
        "l2.weight": { shape: [1, 3], values: Int8Array.of(1, 0, -1) },
      },
      { transpose: true, map: (name) => names[asked[asked.push(name) - 1]!] },
    );
    expect(asked).toEqual(["l1.weight", "step", "l1.bias", "n.weight", "l2.weight"]);
    expect(used).toEqual(["l1.weight", "l1.bias", "n.weight", "l2.weight"]);
    expectSame(graph.synapse("x", "h").weights, [1, 3, 5, 2, 4, 6], "weights");
    expectSame(graph.layer("h").bias, [7, 8, 9], "bias");
    expectSame(graph.layer("h").gain!, [1, 2, 4], "gain");
    expectSame(graph.synapse("h", "y").weights, [1, 0, -1], "weights");
    expectSame(graph.layer("x").bias, before, "bias of x");
    expect(graph.assign({})).toEqual([]);
    expect(graph.assign({ a: wrong(1) }, { map: () => undefined })).toEqual([]);
  });

  it("changes nothing where one tensor is refused", async () => {
    const graph = small();
    graph.train({ x: [1, 2] }, { y: [1] });
    const before = everything(graph);
    const good = { "bias.h": { shape: [3], values: [1, 2, 3] } };
    const refusals: [object, string, ...string[]][] = [
      [
        { "bias.hh": { shape: [3], values: [1, 2, 3] } },
        "bad-option",
        '"bias.hh"',
        'Did you mean "bias.h"',
        "`map`",
      ],
      [{ "weight.1.x.h": { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] } }, "bad-option", '"weight.1.x.h"'],
      [{ "optimizer.mean.bias.z": { shape: [3], values: [1, 2, 3] } }, "bad-option", "optimizer.mean.bias.z"],
      [{ "bias.x": { shape: [3], values: [1, 2, 3] } }, "bad-shape", '"bias.x" is [3]', "[2]"],
      [{ "bias.x": { shape: [1, 2], values: [1, 2] } }, "bad-shape", "[1,2]"],
      [{ "bias.x": { shape: [2], values: [1, 2, 3] } }, "bad-shape", '"bias.x"'],
      [{ "bias.x": { shape: [2], values: [1, Number.NaN] } }, "not-finite", 'layer "x"', "NaN in unit 1"],
      [{ "bias.y": { shape: [1], values: [1] } }, "bad-option", '"bias.y" is not 0'],
      [{ "weight.0.x.h": { shape: [3, 2], values: [1, 2, 3, 4, 5, 6] } }, "bad-shape", "`transpose: true`"],
      ...[3, [2.5], [-1], "2", undefined, [1e9, 1e9], Array(65).fill(1)].map(
        (shape): [object, string, string] => [
          { "bias.x": { shape, values: [1, 2] } },
          "bad-shape",
          '"bias.x"',
        ],
      ),
      ...[null, 3, "2", [1, 2], { shape: [2] }].map((tensor): [object, string, string] => [
        { "bias.x": tensor },
        "bad-option",
        '"bias.x"',
      ]),
      [{ "bias.x": { shape: [2], values: "1,2" } }, "bad-shape", '"bias.x"'],
      [{ "bias.x": { shape: [2 ** 40], values: [1, 2] } }, "bad-shape", '"bias.x"'],
    ];
    for (const [tensors, code, ...mentions] of refusals) {
      expectRefusal(() => graph.assign({ ...good, ...tensors }), wrong(code), ...mentions);
    }
    const square = { "weight.0.x.h": { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] } };
    expectRefusal(() => graph.assign(square, { transpose: true }), "bad-shape", "leave out `transpose`");
    const file = readSafetensors(graph.save());
    for (const tensors of [undefined, null, 1, "x", [], new Float64Array(2)]) {
      expectRefusal(() => graph.assign(wrong(tensors)), "bad-option", "readSafetensors(bytes).tensors");
    }
    expectRefusal(() => graph.assign(wrong(file)), "bad-option", "readSafetensors(bytes).tensors");
    expectRefusal(() => graph.assign(good, { map: wrong({}) }), "bad-option", "map");
    expectRefusal(() => graph.assign(good, { map: () => wrong(3) }), "bad-option", "map", "bias.h");
    expectRefusal(() => graph.assign(good, { map: () => "bias.q" }), "bad-option", "bias.q", "bias.h");
    expectRefusal(() => graph.assign(file.tensors, { map: () => "bias.x" }), "bad-option", "both");
    expectRefusal(() => graph.assign(good, { transpose: wrong(1) }), "bad-option", "transpose");
    expectRefusal(() => graph.assign(good, wrong({ transposed: true })), "bad-option", '"transpose"');
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    expectRefusal(() => graph.assign(revoked.proxy), "bad-option");
    expectRefusal(() => graph.assign({ "bias.h": revoked.proxy as never }), "bad-option");
    expectRefusal(
      () => graph.assign({ "bias.h": { shape: [3], values: revoked.proxy as never } }),
      "bad-shape",
    );
    const throwing = () =>
      graph.assign(good, {
        map: () => {
          throw new Error("mine");
        },
      });
    expect(throwing).toThrow("mine");
    expect(everything(graph)).toBe(before);
    const run = graph.fit({ xs: { x: [1, 2] }, ts: { y: [1] } }, { epochs: 2 });
    expectRefusal(() => graph.assign(good), "busy");
    await run;
    const disposing = (name: string) => {
      graph.dispose();
      return name;
    };
    expectRefusal(() => graph.assign(good, { map: disposing }), "disposed");
  });

  it("has a shared matrix once, by the synapse that has it", () => {
    const graph = made();
    const values = [1, 2, 3, 4, 5, 6];
    graph.assign({ "weight.0.x.a": { shape: [2, 3], values } });
    expectSame(graph.synapse("u", "a").weights, values, "weights");
    expectRefusal(
      () => graph.assign({ "weight.4.u.a": { shape: [2, 3], values } }),
      "bad-option",
      "weight.4.u.a",
    );
  });
});

describe("readSafetensors", () => {
  const types: [dtype: string, bytes: ArrayBufferView, values: ArrayLike<number>][] = [
    ["F64", Float64Array.of(1.5, -0), Float64Array.of(1.5, -0)],
    ["F32", Float32Array.of(0.1, 3e38), Float32Array.of(0.1, 3e38)],
    [
      "F16",
      Uint16Array.of(0x3c01, 0x8000, 1, 0x7bff, 0xfc00, 0x7e00),
      Float32Array.of(1 + 2 ** -10, -0, 2 ** -24, 65504, -Infinity, Number.NaN),
    ],
    [
      "BF16",
      Uint16Array.of(0x3f81, 0x8000, 1, 0x7f7f, 0xff80),
      Float32Array.of(1 + 2 ** -7, -0, 2 ** -133, 255 * 2 ** 120, -Infinity),
    ],
    ["I64", BigInt64Array.of(-3n, 2n ** 53n + 1n), Float64Array.of(-3, 2 ** 53)],
    ["U64", BigUint64Array.of(3n, 2n ** 64n - 1n), Float64Array.of(3, 2 ** 64)],
    ["I32", Int32Array.of(-1, 2), Int32Array.of(-1, 2)],
    ["U32", Uint32Array.of(2 ** 32 - 1), Uint32Array.of(2 ** 32 - 1)],
    ["I16", Int16Array.of(-1), Int16Array.of(-1)],
    ["U16", Uint16Array.of(65535), Uint16Array.of(65535)],
    ["I8", Int8Array.of(-1), Int8Array.of(-1)],
    ["U8", Uint8Array.of(255), Uint8Array.of(255)],
    ["BOOL", Uint8Array.of(1, 0), Uint8Array.of(1, 0)],
  ];

  it.each(types)("reads %s, wherever its bytes lie", (dtype, bytes, values) => {
    const data = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const header = {
      __metadata__: { made: "here" },
      ["__proto__"]: { dtype: "I8", shape: [], data_offsets: [0, 1] },
      t: { dtype, shape: [1, values.length], data_offsets: [1, 1 + data.length] },
      none: { dtype, shape: [0, 3], data_offsets: [1, 1] },
    };
    const file = pack(header, Uint8Array.of(7, ...data));
    const buffer = new ArrayBuffer(file.length + 3);
    new Uint8Array(buffer, 3).set(file);
    for (const given of [file, file.buffer, Buffer.from(file), new Uint8Array(buffer, 3)]) {
      const { metadata, tensors } = readSafetensors(given as Uint8Array);
      expect({ ...metadata }).toEqual({ made: "here" });
      expect(Object.keys(tensors)).toEqual(["__proto__", "t", "none"]);
      expectSame(Object.values(tensors)[0]!.values, [7], "scalar");
      expect(tensors.t!.shape).toEqual([1, values.length]);
      expect(Object.getPrototypeOf(tensors.t!.values)).toBe(Object.getPrototypeOf(values));
      expectSame(tensors.t!.values, values, dtype);
      expect(tensors.none!.values).toHaveLength(0);
    }
  });

  it("reads every half, exactly", () => {
    const data = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const header = { t: { dtype: "F16", shape: [65536], data_offsets: [0, 131072] } };
    const { values } = readSafetensors(pack(header, new Uint8Array(data.buffer))).tensors.t!;
    const wanted = Float64Array.from(data, (half) => {
      const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
      if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
      return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
    });
    expectSame(values, wanted, "halves");
  });

  it("refuses types that have no such numbers, damaged files, and what is no file", () => {
    for (const [dtype, bytes] of [
      ["C64", 8],
      ["F8_E4M3", 1],
      ["F8_E5M2", 1],
    ] as const) {
      const file = pack({ t: { dtype, shape: [1], data_offsets: [0, bytes] } }, new Uint8Array(bytes));
      expectRefusal(() => readSafetensors(file), "unsupported", '"t"', dtype);
    }
    const good = made().save();
    expectRefusal(() => readSafetensors(good.subarray(0, good.length - 1)), "bad-file");
    expectRefusal(() => readSafetensors(good.subarray(0, 7)), "bad-file");
    const proxy = new Proxy(good, {});
    for (const given of [
      undefined,
      null,
      {},
      [],
      "text",
      proxy,
      new Float64Array(2),
      new DataView(good.buffer),
    ]) {
      expectRefusal(() => readSafetensors(wrong(given)), "bad-file", "bytes of safetensors");
      expectRefusal(() => Graph.load(wrong(given)), "bad-file", "bytes of safetensors");
    }
  });

  it("is what Graph.load names where the file is another's", () => {
    const header = {
      "l1.weight": { dtype: "F32", shape: [3, 2], data_offsets: [0, 24] },
      "l1.bias": { dtype: "F32", shape: [3], data_offsets: [24, 36] },
    };
    const file = pack(header, new Uint8Array(36));
    const mentions = [
      '"l1.weight" F32 [3,2]',
      '"l1.bias" F32 [3]',
      "graph.assign(readSafetensors(bytes).tensors",
    ];
    expectRefusal(() => Graph.load(file), "unsupported", ...mentions);
    expectRefusal(() => Graph.load(pack({}, new Uint8Array(0))), "unsupported", "no tensor");
  });
});

describe("optimizer: false", () => {
  it("leaves out what the optimizer keeps, which then starts afresh", () => {
    const rates = [
      0.01,
      { name: "cosine", rate: 0.01, steps: 50 },
      { name: "reduceOnPlateau", rate: 0.01 },
    ] as const;
    for (const rate of rates) {
      const graph = made();
      graph.optimizer = { name: "adam", rate };
      const fresh = made();
      fresh.optimizer = { name: "adam", rate };
      if (typeof rate === "number" || rate.name === "cosine") for (let i = 0; i < 3; i++) graph.train(xs, ts);
      fresh.copyFrom(graph);
      const json = graph.toJSON({ optimizer: false });
      expect(JSON.stringify(json)).not.toContain("biasMean");
      expect(Object.keys(json)).not.toContain("state");
      const bytes = graph.save({ optimizer: false });
      if (typeof rate === "number") expect(bytes.length).toBeLessThan(graph.save().length - 300);
      for (const loaded of [Graph.fromJSON(json), Graph.load(bytes)] as AnyGraph[]) {
        expect(loaded.optimizer).toEqual(graph.optimizer);
        expect(parameters(loaded)).toEqual(parameters(graph));
        expect(JSON.stringify(loaded)).toBe(JSON.stringify(fresh));
        if (typeof rate !== "number" && rate.name === "reduceOnPlateau") continue;
        const again = fresh.clone();
        expect(loaded.train(xs, ts)).toBe(again.train(xs, ts));
        expect(JSON.stringify(loaded)).toBe(JSON.stringify(again));
      }
      expect(graph.save({ optimizer: true })).toEqual(graph.save());
      expect(graph.toJSON({})).toEqual(graph.toJSON());
    }
  });

  it("leaves JSON.stringify as it is, which calls toJSON with a key", () => {
    const graph = made();
    graph.optimizer = { name: "adam" };
    graph.train(xs, ts);
    const text = JSON.stringify(graph);
    expect(JSON.stringify({ optimizer: graph })).toBe(`{"optimizer":${text}}`);
    expect(JSON.stringify([graph])).toBe(`[${text}]`);
    expect(JSON.stringify(Graph.fromJSON(JSON.parse(text)))).toBe(text);
    for (const given of [{ optimizer: 1 }, { moments: false }, 3, null, [false]]) {
      expectRefusal(() => graph.toJSON(wrong(given)), "bad-option");
      expectRefusal(() => graph.save(wrong(given)), "bad-option");
    }
    expectRefusal(() => graph.save(wrong("optimizer")), "bad-option");
  });
});

describe("parameters that are not finite", () => {
  const spoils: [what: string, spoil: (graph: AnyGraph) => unknown, ...mentions: string[]][] = [
    [
      "a bias",
      (graph) => graph.layer("a").bias.fill(Number.NaN, 1, 2),
      'the bias of the layer "a"',
      "NaN in unit 1",
    ],
    [
      "a gain",
      (graph) => graph.layer("a").gain!.fill(Infinity, 2),
      'the gain of the layer "a"',
      "Infinity in unit 2",
    ],
    [
      "weights",
      (graph) => graph.synapse("x", "a").weights.fill(-Infinity, 4, 5),
      '"x" to "a"',
      "-Infinity in row 1, unit 1",
    ],
  ];

  it.each(spoils)("are refused by every file and copy: %s", async (_, spoil, ...mentions) => {
    const graph = made();
    graph.train(xs, ts);
    spoil(graph);
    const calls = [
      ...[() => graph.save(), () => graph.save({ optimizer: false }), () => graph.toJSON()],
      ...[
        () => JSON.stringify(graph),
        () => graph.clone(),
        () => graph.gradCheck(xs, ts),
        () => made().copyFrom(graph),
      ],
      ...[() => toOnnx(graph), () => toSource(graph)],
    ];
    for (const call of calls) expectRefusal(call, "not-finite", ...mentions);
    const before = parameters(graph);
    expectRefusal(() => graph.train(xs, ts), "diverged", "not finite before the step", ...mentions);
    expect(refusal(() => graph.train(xs, ts)).details!.hint).toContain("before the step");
    expect((await rejection(graph.fit({ xs, ts }))).message).toContain("not finite before the step");
    expect(parameters(graph)).toEqual(before);
  });

  it("reject a run at its checkpoint", async () => {
    const graph = made();
    const run = graph.fit(
      { xs, ts },
      {
        epochs: 3,
        onEpoch: () => {
          graph.layer("a").bias[0] = Number.NaN;
        },
        checkpoint: { save: () => {} },
      },
    );
    const { code, message } = await rejection(run);
    expect([code, message]).toEqual(["not-finite", expect.stringContaining('the bias of the layer "a"')]);
  });

  it("are refused where the file's precision can't hold them", () => {
    const graph = made();
    graph.layer("a").bias = [0, 1e39, 0];
    expect(toOnnx(graph).length).toBeGreaterThan(0);
    expectRefusal(() => toOnnx(graph, { precision: "float32" }), "not-finite", 'layer "a"', "float32");
  });
});

describe("freeze", () => {
  it("keeps layers still with the weights that come in, and no others", () => {
    const graph = made();
    graph.freeze("b", graph.layer("y"));
    expect(graph.layers.filter(({ frozen }) => frozen).map(({ name }) => name)).toEqual(["b", "y"]);
    const before = parameters(graph);
    graph.train(xs, ts);
    const after = parameters(graph);
    const moved = Object.keys(after).filter((name) => `${after[name]}` !== `${before[name]}`);
    expect(moved.sort()).toEqual(["bias a", "bias u", "bias x", "gain a", "u a undefined", "x a undefined"]);
    graph.unfreeze("y");
    expect(graph.synapses.map(({ frozen }) => frozen)).toEqual([false, false, false, false, false]);
    expect(graph.layer("b").frozen).toBe(true);
    // As if it had never been frozen.
    graph.unfreeze();
    const other = made();
    other.train(xs, ts);
    other.copyFrom(graph);
    expect(graph.train(xs, ts)).toBe(other.train(xs, ts));
    expect(parameters(graph)).toEqual(parameters(other));
  });

  it("without a name, keeps all still; the same as each by hand", () => {
    const [graph, hand] = [made(), made()];
    graph.freeze();
    const dense = hand.synapses.filter(({ kind }) => kind === "dense");
    for (const part of [...hand.layers, ...dense]) part.frozen = true;
    expect(JSON.stringify(graph)).toBe(JSON.stringify(hand));
    const before = parameters(graph);
    graph.train(xs, ts);
    expect(parameters(graph)).toEqual(before);
  });

  it("of shared weights the last call decides", () => {
    const graph: AnyGraph = new Graph({ inputs: { x: 2 }, hidden: { a: 2, b: 2 }, outputs: { y: 1 } });
    const own = graph.connect("x", "a");
    const shared = graph.connect("a", "b", { share: own });
    graph.connect("b", "y");
    graph.freeze("a", "b");
    graph.unfreeze("b");
    expect([own.frozen, shared.frozen, graph.layer("a").frozen]).toEqual([false, false, true]);
    graph.freeze("a");
    expect([own.frozen, shared.frozen, graph.layer("b").frozen]).toEqual([true, true, false]);
  });

  it("is refused for unknown layers, other graphs' and while `fit` runs, and changes nothing", async () => {
    const graph = made();
    const before = everything(graph);
    expectRefusal(() => graph.freeze("a", "c"), "unknown-layer", '"c"');
    expectRefusal(() => graph.freeze("a", made().layer("b")), "foreign-layer");
    for (const name of [["a", "b"], undefined, null, 3]) {
      expectRefusal(() => graph.freeze("a", wrong(name)), "unknown-layer");
      expectRefusal(() => graph.unfreeze("a", wrong(name)), "unknown-layer");
    }
    expect(everything(graph)).toBe(before);
    const run = graph.fit({ xs, ts });
    expectRefusal(() => graph.freeze(), "busy");
    expectRefusal(() => graph.unfreeze("a"), "busy");
    await run;
    graph.dispose();
    expectRefusal(() => graph.freeze(), "disposed");
  });

  it("takes many layers at once", () => {
    const graph: AnyGraph = new Graph();
    graph.addInput("0", 1);
    for (let i = 1; i < 20_000; i++) {
      graph.addHidden(`${i}`, 1);
      graph.connect(`${i - 1}`, `${i}`);
    }
    graph.freeze(...graph.layers);
    expect(graph.layers.every(({ frozen }) => frozen) && graph.synapses.every(({ frozen }) => frozen)).toBe(
      true,
    );
    graph.dispose();
  });
});
