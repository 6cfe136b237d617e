// The connections of a sparse synapse, by pairs, by a matrix and by a density, and the units of a gather.

import { Graph, type Precision, type SynapseOptions } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, everything, expectRefusal, Random, seed, wrong } from "../support/helpers.js";

/** Makes two layers. */
function layers(from: number, to: number, more: object = {}): AnyGraph {
  return new Graph({
    seed: 6,
    inputs: { x: from },
    outputs: { y: { size: to, activation: "linear" } },
    ...more,
  });
}

/** Joins two layers of sizes by a synapse. */
function join(from: number, to: number, options: SynapseOptions, more: object = {}) {
  return layers(from, to, more).connect("x", "y", { kind: "sparse", ...options });
}

/** Returns the pairs of a list of places in a matrix. */
const pairsOf = (places: readonly number[], columns: number) =>
  places.map((place): [number, number] => [Math.floor(place / columns), place % columns]);

describe("connections", () => {
  it("are sorted by source, then target, whatever their order and their arrays are", () => {
    const random = new Random(seed);
    for (let turn = 0; turn < 40; turn++) {
      const [from, to] = [random.whole(1, 9), random.whole(1, 9)];
      const all = random.shuffled(Array.from({ length: from * to }, (_, place) => place));
      const places = all.slice(0, random.whole(1, all.length));
      const pairs = pairsOf(places, to);
      const values = random.numbers(places.length);
      const order = [...places.keys()].sort((a, b) => places[a]! - places[b]!);
      const flat = order.flatMap((i) => pairs[i]!);
      for (const connections of [
        pairs,
        Uint32Array.from(pairs.flat()),
        wrong(Int8Array.from(pairs.flat())),
        wrong(Float64Array.from(pairs.flat())),
        wrong(pairs.map((pair) => Uint8Array.from(pair))),
      ]) {
        const synapse = join(from, to, { connections, init: { values } });
        expect([...synapse.connections!]).toEqual(flat);
        expect([...synapse.weights]).toEqual(order.map((i) => values[i]!));
        expect(synapse.shape).toEqual([places.length]);
      }
      const drawn = join(from, to, { connections: pairs });
      const sorted = join(from, to, { connections: Uint32Array.from(flat) });
      expect([...drawn.weights]).toEqual([...sorted.weights]);
    }
  });

  it("are a copy, both ways", () => {
    const given = Uint32Array.of(0, 1, 1, 0);
    const synapse = join(2, 2, { connections: given });
    given[1] = 0;
    synapse.connections!.fill(7);
    expect([...synapse.connections!]).toEqual([0, 1, 1, 0]);
  });

  it("of a million unsorted pairs are read in time", () => {
    const connections = new Uint32Array(2e6);
    for (let i = 0; i < 1e6; i++) connections.set([999 - (i % 1000), 999 - Math.floor(i / 1000)], 2 * i);
    const begin = performance.now();
    const synapse = join(1000, 1000, { connections, init: "zeros" });
    expect(performance.now() - begin).toBeLessThan(3000);
    expect([...synapse.connections!.subarray(0, 6)]).toEqual([0, 0, 0, 1, 0, 2]);
  });

  it("take an array's own length for what it is", () => {
    const graph = layers(2 ** 16, 2 ** 16);
    const long = Object.assign([[0, 0]], { length: 2 ** 32 - 1 });
    const before = everything(graph);
    expectRefusal(() => graph.connect("x", "y", wrong({ kind: "sparse", connections: long })), "bad-option");
    const holes = { kind: "gather", units: new Array(2 ** 16) };
    expectRefusal(() => graph.connect("x", "y", wrong(holes)), "bad-option", "Unit 0", "undefined");
    expect(everything(graph)).toBe(before);
  });

  const values: readonly (readonly [unknown, string])[] = [
    [[], "none; it needs one"],
    [new Uint32Array(0), "none"],
    [Uint32Array.of(0, 1, 1), "3 numbers are none"],
    [new Uint32Array(14), "are 7, more than the 6 pairs of units"],
    [[[0, 2]], 'Connection 0 of the sparse synapse from "x" to "y" is [0, 2]: "y" has units from 0 to 1, not 2.'],
    [[[0, 0], [3, 0]], 'Connection 1 of the sparse synapse from "x" to "y" is [3, 0]: "x" has units from 0 to 2, not 3.'],
    [[[-1, 0]], "not -1"],
    [[[0.5, 0]], "not 0.5"],
    [[[NaN, 0]], "not NaN"],
    [[["0", 0]], 'not "0"'],
    [[[0, 1n]], "not 1n"],
    [[[0]], "an array of 1"],
    [[[0, 1, 0]], "an array of 3"],
    [[{ 0: 0, 1: 1, length: 2 }], "an object"],
    [[0, 1], "is a pair [from, to], not 0"],
    [Object.assign([[0, 1]], { 2: [1, 1] }), "not undefined"],
    [[[2, 1], [0, 1], [2, 1]], "[2, 1] twice"],
    [[[0, 1], [0, 1]], "[0, 1] twice"],
    [Float64Array.of(0, 1.5), "not 1.5"],
    [Int32Array.of(0, -1), "not -1"],
    [new BigUint64Array(2), "a BigUint64Array"],
    [new DataView(new ArrayBuffer(8)), "a DataView"],
    ["0 1", '"0 1"'],
    [{ 0: [0, 1] }, "an object"],
    [null, "null"],
    [7, "7"],
  ]; // biome-ignore format: a table

  it.each(values)("refuses %o", (connections, mention) => {
    const graph = layers(3, 2);
    const before = everything(graph);
    const options = { kind: "sparse", connections };
    expectRefusal(() => graph.connect("x", "y", wrong(options)), "bad-option", mention);
    expect(everything(graph)).toBe(before);
  });

  it("refuses more than one of the options, or none, and options of other kinds", () => {
    const [graph, connections] = [layers(3, 2), [[0, 0]] as [number, number][]];
    const refused = (options: object, ...mentions: string[]) =>
      expectRefusal(() => graph.connect("x", "y", wrong(options)), "bad-option", ...mentions);
    refused({ kind: "sparse" }, "`connections`, `matrix` and `density`, not none");
    refused({ kind: "sparse", connections, density: 0.5 }, "not `connections` and `density`");
    refused({ kind: "sparse", connections, units: [0, 0] }, "`units`", "gather");
    for (const name of ["connections", "matrix", "density"])
      refused({ [name]: connections }, `\`${name}\``, "sparse");
    refused({ kind: "sparse", connections, init: "orthogonal" }, "orthogonal");
  });
});

describe("a matrix", () => {
  const matrix = [
    [0, 2],
    [-0, 0],
    [-3, 1e-300],
  ];

  it("has the pattern, and the first weights", () => {
    for (const given of [matrix, Float64Array.from(matrix.flat()), matrix.flat()]) {
      const synapse = join(3, 2, { matrix: given });
      expect([...synapse.connections!]).toEqual([0, 1, 2, 0, 2, 1]);
      expect([...synapse.weights]).toEqual([2, -3, 1e-300]);
      expect(synapse.init).toBe("values");
    }
  });

  it("has the pattern alone, where there is `init`", () => {
    const values = [5, 6, 7];
    expect([...join(3, 2, { matrix, init: { values } }).weights]).toEqual(values);
    const drawn = join(3, 2, { matrix, init: "normal" });
    const same = join(3, 2, { connections: drawn.connections!, init: "normal" });
    expect([...drawn.weights]).toEqual([...same.weights]);
  });

  it("has zeros by the graph's precision", () => {
    expect([...join(3, 2, { matrix }, { precision: "float32" }).connections!]).toEqual([0, 1, 2, 0]);
  });

  it.each([
    [[[1, 0], [0, 1]], "bad-shape", "3 rows of 2"],
    [[[1, 0, 0], [0, 1, 0], [0, 0, 0]], "bad-shape", "2 numbers"],
    [[1, 2, 3], "bad-shape", "3 numbers"],
    [[[1, 0], [0, NaN], [0, 0]], "not-finite", "NaN in row 1"],
    [[[1, 0], [0, Infinity], [0, 0]], "not-finite", "Infinity"],
    [[[1, 0], [0, "1"], [0, 0]], "bad-shape", '"1"'],
    [new Float64Array(6), "bad-option", "zeros"],
    [null, "bad-shape", "null"],
    [7, "bad-shape", "7"],
  ] as const)("refuses %o", (given, code, mention) => {
    const graph = layers(3, 2);
    const before = everything(graph);
    expectRefusal(() => graph.connect("x", "y", wrong({ kind: "sparse", matrix: given })), code, mention);
    expect(everything(graph)).toBe(before);
  }); // biome-ignore format: a table

  it("refuses numbers beyond float32 there", () => {
    expectRefusal(() => join(1, 2, { matrix: [[1e300, 1]] }, { precision: "float32" }), "not-finite");
  });
});

describe("a density", () => {
  it("draws so many pairs, each once, and the same in both precisions", () => {
    for (const [from, to] of [[1, 1], [3, 5], [20, 30], [1000, 3]] as const) {
      for (const density of [1e-9, 0.01, 0.3, 0.5, 0.51, 0.9, 1]) {
        const [one, other] = (["float64", "float32"] satisfies Precision[]).map((precision) => {
          return join(from, to, { density }, { precision }).connections!;
        });
        const places = pairsOf([...one!.keys()], 2).filter(([, end]) => end === 0).map(([i]) => {
          return one![2 * i]! * to + one![2 * i + 1]!;
        });
        expect(places.length).toBe(Math.max(1, Math.round(density * from * to)));
        expect(places.every((place, i) => place < from * to && (i === 0 || places[i - 1]! < place))).toBe(true);
        expect(other).toEqual(one);
      }
    }
  }); // biome-ignore format: tables

  it("draws by the seed and the number of the synapse, apart from the weights", () => {
    const make = (number: number) => {
      const graph = layers(20, 20, { seed: number });
      return [0, 1].map((i) => graph.connect("x", "y", { kind: "sparse", density: 0.2, name: `${i}` }));
    };
    const [[a, b], [c], [d]] = [make(1), make(1), make(2)];
    expect(a!.connections).toEqual(c!.connections);
    expect(a!.weights).toEqual(c!.weights);
    expect(a!.connections).not.toEqual(b!.connections);
    expect(a!.connections).not.toEqual(d!.connections);
  });

  it("draws all subsets alike", () => {
    // χ² over the 20 subsets of three of six pairs, and over all places of half and of most pairs.
    const turns = 4000;
    const graph = layers(2, 3, { seed });
    const counts = new Map<string, number>();
    const most = new Array(6).fill(0);
    for (let turn = 0; turn < turns; turn++) {
      const synapse = graph.connect("x", "y", { kind: "sparse", density: 0.5 });
      const key = synapse.connections!.join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
      graph.remove(synapse);
      const other = graph.connect("x", "y", { kind: "sparse", density: 5 / 6 });
      const taken = new Set(pairsOf([0, 1, 2, 3, 4, 5], 3).map(String));
      for (let i = 0; i < 10; i += 2) taken.delete(other.connections!.slice(i, i + 2).join());
      most[pairsOf([0, 1, 2, 3, 4, 5], 3).findIndex((pair) => taken.has(String(pair)))]++;
      graph.remove(other);
    }
    const chi = (all: number[]) =>
      all.reduce((sum, n) => sum + (n - turns / all.length) ** 2, 0) / (turns / all.length);
    expect(counts.size).toBe(20);
    expect(chi([...counts.values()])).toBeLessThan(60); // of 19 degrees of freedom: p < 1e-5
    expect(chi(most)).toBeLessThan(40); // of 5: p < 1e-6
  });

  it("of few pairs of huge layers takes little", () => {
    const synapse = join(1e6, 1e6, { density: 1e-9 });
    expect(synapse.shape).toEqual([1000]);
    const sources = new Set(Array.from({ length: 1000 }, (_, i) => synapse.connections![2 * i]!));
    expect(sources.size).toBeGreaterThan(990);
  });

  it("is refused without room before work, and where it is no share", () => {
    const graph = layers(2 ** 20, 2 ** 20);
    const before = graph.synapses.length;
    const begin = performance.now();
    for (const density of [1, 0.5, 0.01]) {
      const options: SynapseOptions = { kind: "sparse", density };
      expectRefusal(() => graph.connect("x", "y", options), "out-of-memory", "connections");
    }
    for (const density of [0, -1, 1.01, NaN, Infinity, "0.5", null, [0.5]]) {
      expectRefusal(
        () => graph.connect("x", "y", wrong({ kind: "sparse", density })),
        "bad-option",
        "density",
      );
    }
    expect(performance.now() - begin).toBeLessThan(1000);
    expect(graph.synapses.length).toBe(before);
  });
});

describe("shared connections", () => {
  it("are those of the shared synapse, of as many units", () => {
    const graph = layers(4, 3, { inputs: { x: 4, w: 4, small: 3 } });
    const own = graph.connect("x", "y", { kind: "sparse", density: 0.5 });
    const twin = graph.connect("w", "y", { kind: "sparse", share: own });
    expect(twin.connections).toEqual(own.connections);
    const refused = (from: string, options: object, ...mentions: string[]) => {
      const before = everything(graph);
      expectRefusal(
        () => graph.connect(from, "y", wrong({ name: "z", ...options })),
        "bad-option",
        ...mentions,
      );
      expect(everything(graph)).toBe(before);
    };
    refused("small", { kind: "sparse", share: own }, "between 4 and 3 units");
    refused("w", { kind: "sparse", share: own, connections: [[0, 0]] }, "`connections`", "shared synapse");
    refused("w", { kind: "sparse", share: own, density: 0.5 }, "`density`");
    refused("w", { share: own }, "a sparse synapse");
    const dense = graph.connect("small", "y");
    refused("small", { kind: "sparse", share: dense }, "not of a dense synapse");
  });
});

describe("units of a gather", () => {
  it("are read from lists and typed arrays, and are a copy", () => {
    for (const units of [[2, -1, 0], Int32Array.of(2, -1, 0), wrong(Int8Array.of(2, -1, 0))]) {
      const graph = layers(3, 3);
      const synapse = graph.connect("x", "y", { kind: "gather", units });
      expect([...synapse.units!]).toEqual([2, -1, 0]);
      synapse.units!.fill(9);
      expect([...graph.predict({ x: [5, 6, 7] }).y!]).toEqual([7, 0, 5]);
    }
  });

  it.each([
    [undefined, "undefined"],
    [[0, 1], "are 3, one for each unit"],
    [[0, 1, 2, 0], "not 4"],
    [[0, 1, 3], "Unit 2", "from -1 to 2, not 3"],
    [[0, 1, -2], "not -2"],
    [[0, 0.5, 1], "Unit 1"],
    [[0, "1", 1], 'not "1"'],
    [[0, NaN, 1], "NaN"],
    [new BigInt64Array(3), "BigInt64Array"],
    [new DataView(new ArrayBuffer(3)), "DataView"],
    [{ length: 3 }, "an object"],
  ] as [unknown, ...string[]][])("are refused as %o", (units, ...mentions) => {
    const graph = layers(3, 3);
    expectRefusal(() => graph.connect("x", "y", wrong({ kind: "gather", units })), "bad-option", ...mentions);
    expect(graph.synapses).toEqual([]);
  });
});
