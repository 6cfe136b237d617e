// Files of graphs with shapes and all kinds of synapse that were made to do harm. Each is refused before room is made for what it
// declares.

import { Graph } from "../../dist/index.js";
import { pack, unpack } from "../support/tensors.js";
import { mapped } from "./corpus.js";

/** @typedef {import("./hostile.js").Attack} Attack */

const graph = mapped("float64");
const text = JSON.stringify(graph);
const { header, data } = unpack(graph.save());
graph.dispose();

/** Encodes whole numbers of 4 bytes. @param {readonly number[]} numbers */
const base64 = (numbers) => {
  const bytes = new Uint8Array(Uint32Array.from(numbers).buffer);
  return btoa(String.fromCharCode(...bytes));
};

/** Returns the reading of the file with a change. @param {(file: any) => unknown} change */
const changed = (change) => () => {
  const file = JSON.parse(text);
  change(file);
  return Graph.fromJSON(file);
};

/** Returns the reading of a file of safetensors, some members of whose header are others. @param {object} entries */
const packed = (entries) => () => Graph.load(pack({ ...header, ...entries }, data));

const zero = "AAAAAAAAAAA=";

/** Adds a layer whose size comes without its bytes, and a synapse from it to itself. @param {any} file @param {object} members */
function huge({ layers, synapses }, members, shape = [2 ** 14, 2 ** 14, 1]) {
  const size = shape.reduce((all, n) => all * n);
  layers.push({ name: "huge", kind: "hidden", activation: "tanh", size, shape, bias: zero });
  synapses.push({ from: "huge", to: "huge", delay: 1, ...members });
}

const unit = { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: [[0, 0], [0, 0]] }; // biome-ignore format: a line
const own = { init: "he", weights: zero };

/** The number of a synapse and its members. @type {readonly (readonly [string, number, object])[]} */
const synapses = [
  ["a pad of 2^31", 0, { padding: [[2 ** 31, 1], [1, 1]] }],
  ["pads of 2^31 - 1", 0, { padding: [[2 ** 31 - 1, 2 ** 31 - 1], [2 ** 31 - 1, 2 ** 31 - 1]] }],
  ["pads of 2^53", 0, { padding: [[2 ** 53, 2 ** 53], [1, 1]] }],
  ["pads that take each other back", 0, { padding: [[-5, 7], [1, 1]] }],
  ["pads of NaN", 0, { padding: [[Number.NaN, 1], [1, 1]] }],
  ["a kernel of 2^31", 0, { kernel: [2 ** 31, 3] }],
  ["a kernel of 2^31 - 1 in as many pads", 0, { kernel: [2 ** 31 - 1, 3], padding: [[2 ** 31 - 4, 1], [1, 1]] }],
  ["a kernel whose product is rounded to 0", 0, { kernel: [5e-324, 5e-324] }],
  ["a kernel of 0", 0, { kernel: [0, 3] }],
  ["a kernel of a million axes", 0, { kernel: new Array(1_000_000).fill(1) }],
  ["a stride of 2^31", 0, { stride: [2 ** 31, 1] }],
  ["a stride of 0", 0, { stride: [0, 0] }],
  ["a dilation of 2^31 - 1", 0, { dilation: [2 ** 31 - 1, 2 ** 31 - 1] }],
  ["groups of 2^32", 0, { groups: 2 ** 32 }],
  ["groups of 0", 0, { groups: 0 }],
  ["the other window of a tied conv", 4, { kernel: [1, 1], padding: [[0, 0], [0, 0]] }],
  ["connections of a conv", 0, { connections: base64([0, 0]) }],
  ["a unit of 2^32 - 1", 11, { connections: base64([0, 0, 0, 2, 2 ** 32 - 1, 3]) }],
  ["a unit that is not there", 11, { connections: base64([0, 0, 0, 2, 6, 3]) }],
  ["connections in no order", 11, { connections: base64([5, 3, 0, 0, 0, 2]) }],
  ["a connection twice", 11, { connections: base64([0, 0, 0, 0, 5, 3]) }],
  ["half a pair", 11, { connections: base64([0, 0, 0, 2, 5]) }],
  ["no connections", 11, { connections: "" }],
  ["connections that are cut", 11, { connections: base64([0, 0, 0, 2, 5, 3]).slice(0, -1) }],
  ["connections with a blank", 11, { connections: ` ${base64([0, 0, 0, 2, 5, 3]).slice(1)}` }],
  ["connections that are an array", 11, { connections: [[0, 0]] }],
  ["as many connections as characters can be", 11, { connections: "A".repeat(2 ** 22) }],
  ["a density in place of connections", 11, { connections: undefined, density: 1 }],
  ["a density beside connections", 11, { density: 1 }],
  ["a matrix of 2^32 rows", 11, { matrix: { length: 2 ** 32 } }],
  ["units from behind the source", 12, { units: base64([4, 0, 0, 0, 0, 0]) }],
  ["units below -1", 12, { units: base64([-2, 0, 0, 0, 0, 0]) }],
  ["too few units", 12, { units: base64([0, 0, 0]) }],
  ["too many units", 12, { units: base64(new Array(10_000).fill(0)) }],
  ["an embedding of values", 13, { kind: "embedding" }],
  ["a dense synapse from class numbers", 7, { kind: "dense" }],
  ["a kind that is toString", 0, { kind: "toString" }],
]; // biome-ignore format: a line for each

/** @type {readonly (readonly [string, number, object])[]} */
const layers = [
  ["a shape whose product overflows 32 bits", 0, { size: 2 ** 32 + 2 ** 16, shape: [2 ** 16, 2 ** 16 + 1, 1] }],
  ["a shape whose product overflows 53 bits", 0, { size: 2 ** 62, shape: [2 ** 31, 2 ** 31] }],
  ["a shape whose product is rounded to the size", 0, { size: 2, shape: [2, 1 - 1e-17, 1] }],
  ["a shape of another product", 0, { shape: [4, 5, 3] }],
  ["a shape of a million numbers", 0, { shape: new Array(1_000_000).fill(1) }],
  ["a shape of texts", 0, { shape: ["4", "5", "2"] }],
  ["a bias for each of 2^28 units", 0, { size: 2 ** 28, shape: [2 ** 14, 2 ** 14, 1], perUnit: true }],
  ["2^25 classes", 1, { classes: 2 ** 25 }],
  ["half a class", 1, { classes: 0.5 }],
  ["groups of 2^31 in a norm", 3, { norm: { name: "group", groups: 2 ** 31 } }],
  ["a norm of groups that is none", 3, { norm: { name: "group" } }],
]; // biome-ignore format: a line for each

/** Layers of 2^28 units, whose one bias is in the file, and synapses between them. @type {readonly (readonly [string, object])[]} */
const sparseOnes = [
  ["a pattern of 2^56 pairs", { kind: "sparse", connections: base64([0, 0]), ...own }],
  ["a dense matrix of 2^56 weights", own],
  ["a one-to-one synapse of 2^28 weights", { kind: "oneToOne", ...own }],
  ["a gather of 2^28 units", { kind: "gather", units: zero }],
  ["a conv of 2^28 positions, of no weights", { kind: "conv", ...own, ...unit, weights: "" }],
];

/** @type {readonly (readonly [string, string, object | undefined])[]} */
const tensors = [
  ["connections without their tensor", "connections.9.m.s", undefined],
  ["connections with a sign", "connections.9.m.s", { dtype: "I32" }],
  ["flat connections", "connections.9.m.s", { shape: [38] }],
  ["triples", "connections.9.m.s", { shape: [2, 19] }],
  ["units without a sign", "units.12.s.g", { dtype: "U32" }],
  ["flat weights of a conv", "weight.0.image.c", { shape: [72] }],
];

/** @type {readonly Attack[]} */
export const maps = [
  ...synapses.map(([name, at, members]) => attack(name, ({ synapses }) => Object.assign(synapses[at], members))),
  ...layers.map(([name, at, members]) => attack(name, ({ layers }) => Object.assign(layers[at], members))),
  ...sparseOnes.map(([name, members]) => attack(name, (file) => huge(file, members))),
  attack("a padded sample of 2^31 numbers", (file) => huge(file, { kind: "conv", ...own, ...unit }, [2 ** 16, 2 ** 15, 1])),
  ...tensors.map(
    ([name, tensor, members]) =>
      /** @type {Attack} */ ([
        name,
        packed({ [tensor]: members && { ...header[tensor], ...members } }),
        "bad-file",
      ]),
  ),
]; // biome-ignore format: a line for each

/** @param {string} name @param {(file: any) => unknown} change @returns {Attack} */
function attack(name, change) {
  return [name, changed(change), "bad-file"];
}
