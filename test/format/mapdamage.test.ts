// Damaged files of graphs with maps: each is `bad-file`, with the place that is wrong, from both readers.

import { Graph } from "plexus-nn";
import * as float64 from "plexus-nn/predict/float64";
import { describe, expect, it } from "vitest";
import { mapped } from "../hostile/corpus.js";
import { expectRefusal, refusal } from "../support/helpers.js";
import { pack, unpack } from "../support/tensors.js";

type Entry = Record<string, unknown>;
interface File {
  layers: Entry[];
  synapses: Entry[];
}
const base64 = (numbers: readonly number[]) =>
  Buffer.from(Uint32Array.from(numbers).buffer).toString("base64");
const wide = { name: "wide", kind: "hidden", activation: "tanh" };
const huge = (shape: readonly unknown[], size: unknown) => (file: File) => {
  file.layers.push({ ...wide, size, shape, bias: "AAAAAAAAAAA=" });
};

/** Damages, each with its place in a file, and a text of its message. */
const damages: readonly (readonly [place: string, text: string, change: (file: File) => unknown])[] = [
  ["layers[0].shape", "3 × 5 × 2, and the size 40", ({ layers }) => Object.assign(layers[0]!, { shape: [3, 5, 2] })],
  ["layers[0].shape", "40, and the size 40", ({ layers }) => Object.assign(layers[0]!, { shape: [40] })],
  ["layers[0].shape", "one to three", ({ layers }) => Object.assign(layers[0]!, { shape: [2, 2, 5, 2] })],
  ["layers[0].shape", "one to three", ({ layers }) => Object.assign(layers[0]!, { shape: [4, "5", 2] })],
  ["layers[0].shape", "one to three", ({ layers }) => Object.assign(layers[0]!, { shape: [-4, -5, 2] })],
  ["layers[0].shape", "not null", ({ layers }) => Object.assign(layers[0]!, { shape: null })],
  ["layers[0].bias", "characters", ({ layers }) => delete layers[0]!.shape],
  ["layers[0].bias", "characters", ({ layers }) => Object.assign(layers[0]!, { perUnit: true })],
  ["layers[5].perUnit", "1", ({ layers }) => Object.assign(layers[5]!, { perUnit: 1 })],
  ["layers[5].bias", "characters", ({ layers }) => delete layers[5]!.perUnit],
  ["layers[11].perUnit", "true", ({ layers }) => Object.assign(layers[11]!, { perUnit: true })],
  ["layers[15].shape", "at most 4294967295", huge([65_536, 65_537, 1], 65_536 * 65_537)],
  ["layers[15].shape", "one to three", huge([2 ** 32, 2 ** 32], 2 ** 64)],
  ["layers[15].shape", "at most", huge([2 ** 31, 2 ** 31, 2 ** 31], 2 ** 93)],
  ["layers[1].bias", "not 0", ({ layers }) => Object.assign(layers[1]!, { bias: layers[14]!.bias, hasBias: undefined })],
  ["layers[1]", "nothing that learns", ({ layers }) => Object.assign(layers[1]!, { dropout: 0.5 })],
  ["layers[1]", "linear", ({ layers }) => Object.assign(layers[1]!, { activation: "tanh" })],
  ["layers[1]", "classes", ({ layers }) => Object.assign(layers[1]!, { classes: 2 ** 24 + 1 })],
  ["layers[1]", "classes", ({ layers }) => Object.assign(layers[1]!, { classes: 0 })],
  ["layers[3]", "classes", ({ layers }) => Object.assign(layers[3]!, { classes: 2 })],
  ["layers[3]", "groups", ({ layers }) => Object.assign(layers[3]!, { norm: { name: "group", groups: 3 } })],
  ["layers[3]", "groups", ({ layers }) => Object.assign(layers[3]!, { norm: { name: "group", groups: 2 ** 31 } })],
  ["layers[3]", "batch", ({ layers }) => Object.assign(layers[3]!, { norm: "batch" })],
  ["synapses[0]", 'lacks "kernel"', ({ synapses }) => delete synapses[0]!.kernel],
  ["synapses[0]", 'lacks "padding"', ({ synapses }) => delete synapses[0]!.padding],
  ["synapses[0].kernel", "[3,3]", ({ synapses }) => Object.assign(synapses[0]!, { kernel: 3 })],
  ["synapses[0].padding", "[[1,1],[1,1]]", ({ synapses }) => Object.assign(synapses[0]!, { padding: "same" })],
  ["synapses[0].padding", "[[1,1],[1,1]]", ({ synapses }) => Object.assign(synapses[0]!, { padding: [1, 1] })],
  ["synapses[0]", "padding", ({ synapses }) => Object.assign(synapses[0]!, { padding: [[2 ** 31, 1], [1, 1]] })],
  ["synapses[0]", "padding", ({ synapses }) => Object.assign(synapses[0]!, { padding: [[2 ** 31 - 1, 1], [1, 1]] })],
  ["synapses[0]", "padding", ({ synapses }) => Object.assign(synapses[0]!, { padding: [[-1, 3], [1, 1]] })],
  ["synapses[0]", "padding", ({ synapses }) => Object.assign(synapses[0]!, { padding: [[0.5, 1.5], [1, 1]] })],
  ["synapses[0]", "padding", ({ synapses }) => Object.assign(synapses[0]!, { padding: [[1, 1]] })],
  ["synapses[0]", "kernel", ({ synapses }) => Object.assign(synapses[0]!, { kernel: [2 ** 31, 3] })],
  ["synapses[0]", "stride", ({ synapses }) => Object.assign(synapses[0]!, { stride: [0, 1] })],
  ["synapses[0]", "dilation", ({ synapses }) => Object.assign(synapses[0]!, { dilation: [2 ** 53, 1] })],
  ["synapses[0]", "groups", ({ synapses }) => Object.assign(synapses[0]!, { groups: 3 })],
  ["synapses[0].weights", "characters", ({ synapses }) => Object.assign(synapses[0]!, { groups: 2 })],
  ["synapses[0]", "countPadding", ({ synapses }) => Object.assign(synapses[0]!, { countPadding: true })],
  ["synapses[0]", "units", ({ synapses }) => Object.assign(synapses[0]!, { units: "AAAAAA==" })],
  ["synapses[0]", "numbers", ({ layers, synapses }) => {
    const shape = [2 ** 16, 2 ** 15, 1];
    layers.push({ ...wide, size: 2 ** 31, shape, bias: "AAAAAAAAAAA=" });
    const window = { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: [[0, 0], [0, 0]] };
    synapses.unshift({ from: "wide", to: "wide", kind: "conv", delay: 1, init: "he", weights: "AAAAAAAAAAA=", ...window });
  }],
  ["synapses[1]", "padding", ({ synapses }) => Object.assign(synapses[1]!, { padding: [[2, 0], [0, 1]] })],
  ["synapses[1]", "share", ({ synapses }) => Object.assign(synapses[1]!, { share: 0 })],
  ["synapses[2]", "groups", ({ synapses }) => Object.assign(synapses[2]!, { groups: 2 })],
  ["synapses[3]", "kernel", ({ synapses }) => Object.assign(synapses[3]!, { kernel: [2, 1] })],
  ["synapses[4]", "share", ({ synapses }) => Object.assign(synapses[4]!, { share: 0, kernel: [1, 1], padding: [[0, 0], [0, 0]] })],
  ["synapses[7]", "only embeddings", ({ synapses }) => Object.assign(synapses[7]!, { kind: "dense" })],
  ["synapses[13]", "embedding", ({ synapses }) => Object.assign(synapses[13]!, { kind: "embedding" })],
  ["synapses[9]", 'lacks "connections"', ({ synapses }) => delete synapses[9]!.connections],
  ["synapses[9]", "density", ({ synapses }) => Object.assign(synapses[9]!, { density: 0.2 })],
  ["synapses[9]", "matrix", ({ synapses }) => Object.assign(synapses[9]!, { matrix: [1] })],
  ["synapses[10]", "connections", ({ synapses }) => Object.assign(synapses[10]!, { connections: synapses[9]!.connections })],
  ["synapses[10].share", "without connections", ({ synapses }) => Object.assign(synapses[10]!, { share: 7 })],
  ["synapses[11].connections", "not base64", ({ synapses }) => Object.assign(synapses[11]!, { connections: 7 })],
  ["synapses[11].connections", "not base64", ({ synapses }) => Object.assign(synapses[11]!, { connections: [[0, 0]] })],
  ["synapses[11].connections", "0 numbers", ({ synapses }) => Object.assign(synapses[11]!, { connections: "" })],
  ["synapses[11].connections", "3 numbers", ({ synapses }) => Object.assign(synapses[11]!, { connections: base64([0, 0, 1]) })],
  ["synapses[11].connections", "", ({ synapses }) => Object.assign(synapses[11]!, { connections: base64([0, 0, 0, 2, 5, 3]).slice(0, -4) })],
  ["synapses[11].connections", "", ({ synapses }) => Object.assign(synapses[11]!, { connections: base64([0, 0, 0, 2, 5, 3]).slice(0, -1) })],
  ["synapses[11].connections", "base64", ({ synapses }) => Object.assign(synapses[11]!, { connections: `-${base64([0, 0, 0, 2, 5, 3]).slice(1)}` })],
  ["synapses[11].connections", "[6, 3] as pair 2", ({ synapses }) => Object.assign(synapses[11]!, { connections: base64([0, 0, 0, 2, 6, 3]) })],
  ["synapses[11].connections", "[5, 4] as pair 2", ({ synapses }) => Object.assign(synapses[11]!, { connections: base64([0, 0, 0, 2, 5, 4]) })],
  ["synapses[11].connections", "[4294967295, 3] as pair 2", ({ synapses }) => Object.assign(synapses[11]!, { connections: base64([0, 0, 0, 2, 2 ** 32 - 1, 3]) })],
  ["synapses[11].connections", "[0, 2] as pair 2", ({ synapses }) => Object.assign(synapses[11]!, { connections: base64([0, 0, 5, 3, 0, 2]) })],
  ["synapses[11].connections", "[0, 0] as pair 1", ({ synapses }) => Object.assign(synapses[11]!, { connections: base64([0, 0, 0, 0, 5, 3]) })],
  ["synapses[11].weights", "characters", ({ synapses }) => Object.assign(synapses[11]!, { connections: base64([0, 0, 5, 3]) })],
  ["synapses[0]", "too many pairs", ({ layers, synapses }) => {
    const shape = [2 ** 16, 2 ** 15, 1];
    layers.push({ ...wide, size: 2 ** 31, shape, bias: "AAAAAAAAAAA=" });
    synapses.unshift({ from: "wide", to: "wide", kind: "sparse", delay: 1, init: "he", weights: "AAAAAAAAAAA=", connections: base64([0, 0]) });
  }],
  ["synapses[12].units", "characters", ({ synapses }) => Object.assign(synapses[12]!, { units: base64([3, 1]) })],
  ["synapses[12].units", "4", ({ synapses }) => Object.assign(synapses[12]!, { units: base64([3, 4, 0, 0, 1, 2]) })],
  ["synapses[12].units", "-2", ({ synapses }) => Object.assign(synapses[12]!, { units: base64([3, -2, 0, 0, 1, 2]) })],
  ["synapses[12].units", "not base64", ({ synapses }) => Object.assign(synapses[12]!, { units: [3, -1, 0, 0, 1, 2] })],
  ["synapses[12]", 'lacks "units"', ({ synapses }) => delete synapses[12]!.units],
]; // biome-ignore format: a line for each

describe("a damaged file with maps is refused with its place", () => {
  const text = JSON.stringify(mapped("float64"));
  it.each(damages)("at %s: %s", (place, words, change) => {
    const file = JSON.parse(text);
    change(file);
    expectRefusal(() => Graph.fromJSON(file), "bad-file", place, words);
    const { code, message } = refusal(() => Graph.fromJSON(file));
    // The entry has a GraphError of its own.
    expect(() => float64.fromJSON(file)).toThrow(expect.objectContaining({ code, message }));
  });

  const { header, data } = unpack(mapped("float64").save());
  const tensors: readonly (readonly [name: string, members: object | undefined])[] = [
    ["connections.9.m.s", undefined],
    ["connections.9.m.s", { dtype: "I32" }],
    ["connections.9.m.s", { dtype: "F32" }],
    ["connections.9.m.s", { shape: [38] }],
    ["connections.9.m.s", { shape: [2, 19] }],
    ["connections.9.m.s", { shape: [19, 2, 1] }],
    ["connections.9.m.s", { dtype: "U64", shape: [19, 1] }],
    ["units.12.s.g", { dtype: "U32" }],
    ["units.12.s.g", { shape: [6, 1] }],
    ["units.12.s.g", { shape: [2, 3] }],
    ["weight.9.m.s", { shape: [1, 19] }],
    ["weight.0.image.c", { shape: [72] }],
    ["weight.0.image.c", { shape: [3, 3, 4, 2] }],
  ];
  it.each(tensors)("at the tensor %s as %o", (name, members) => {
    const { [name]: tensor, ...others } = header;
    const file = { ...others, [members === undefined ? "other" : name]: { ...tensor, ...members } };
    for (const load of [Graph.load, float64.load])
      expect(() => load(pack(file, data))).toThrow(
        expect.objectContaining({ code: "bad-file", message: expect.stringContaining(name) }),
      );
  });

  it("at indices in the bytes of safetensors", () => {
    const { data_offsets: offsets } = header["connections.9.m.s"];
    for (const [at, unit, place] of [
      [0, 24, "as pair 0"],
      [76, 4, "as pair 9"],
      [148, 2 ** 32 - 1, "as pair 18"],
    ] as const) {
      const spoilt = data.slice();
      new DataView(spoilt.buffer).setUint32(offsets[0] + at, unit, true);
      expectRefusal(() => Graph.load(pack(header, spoilt)), "bad-file", "synapses[9].connections", place);
    }
    const spoilt = data.slice();
    new DataView(spoilt.buffer).setInt32(header["units.12.s.g"].data_offsets[0], -5, true);
    expectRefusal(() => Graph.load(pack(header, spoilt)), "bad-file", "synapses[12].units", "-5");
  });

  it("at members that stand for tensors there", () => {
    const graph = JSON.parse(header.__metadata__.graph);
    for (const [place, members] of [
      [9, { connections: base64([0, 0]) }],
      [12, { units: base64([0, 0, 0, 0, 0, 0]) }],
    ] as const) {
      const copy = structuredClone(graph);
      Object.assign(copy.synapses[place], members);
      const metadata = { ...header.__metadata__, graph: JSON.stringify(copy) };
      const file = pack({ ...header, __metadata__: metadata }, data);
      expectRefusal(() => Graph.load(file), "bad-file", `synapses[${place}]`, Object.keys(members)[0]!);
    }
  });
});
