// Files that were made to do harm, one by one: the file, its reader, and the code of the error.

import { Graph } from "../../dist/index.js";
import { pack, unpack } from "../support/tensors.js";
import { graphs } from "./corpus.js";
import { maps } from "./maps.js";

/** @typedef {readonly [name: string, read: () => Graph<any, any, any, any>, code: string]} Attack */

const [graph] = graphs();
if (graph === undefined) throw new Error("there is no graph");
const bytes = graph.save();
const { header, data } = unpack(bytes);
const { __metadata__: metadata, ...tensors } = header;
const text = JSON.stringify(header);
const description = JSON.parse(metadata.graph);

/** @param {string} word @param {string} other */
const replaced = (word, other) => {
  if (!text.includes(word)) throw new Error(`the header has no ${word}`);
  return () => Graph.load(pack(text.replace(word, other), data));
};
/** @param {object} entries */
const changed = (entries) => () => Graph.load(pack({ ...header, ...entries }, data));
/** @param {(graph: any) => unknown} change */
const described = (change) => () => {
  const copy = structuredClone(description);
  const given = change(copy);
  const text = typeof given === "string" ? given : JSON.stringify(copy);
  return Graph.load(pack({ ...header, __metadata__: { ...metadata, graph: text } }, data));
};
/** @param {string} name @param {object} members */
const tensor = (name, members) => changed({ [name]: { ...tensors[name], ...members } });

/** @type {Record<string, bigint>} */
const lengths = {
  "2^63": 2n ** 63n,
  "2^64 - 1": 2n ** 64n - 1n,
  "2^53": 2n ** 53n,
  "100,000,001": 100_000_001n,
  "all bytes": BigInt(bytes.length),
  "one byte more than there are": BigInt(bytes.length - 7),
  "one byte less": BigInt(text.length - 1),
  0: 0n,
  1: 1n,
};

/** @type {Attack[]} */
const headers = [
  ...Object.entries(lengths).map(
    ([name, length]) =>
      /** @type {Attack} */ ([
        `a header of a length of ${name}`,
        () => Graph.load(pack(text, data, length)),
        "bad-file",
      ]),
  ),
  ["no header", () => Graph.load(pack("", data)), "bad-file"],
  ["a header that begins with a blank", () => Graph.load(pack(` ${text}`, data)), "bad-file"],
  ["a header that begins with a byte order mark", () => Graph.load(pack(`\ufeff${text}`, data)), "bad-file"],
  ["a header that is an array", () => Graph.load(pack(`[${text}]`, data)), "bad-file"],
  ["a header that is a text", () => Graph.load(pack(JSON.stringify(text), data)), "bad-file"],
  ["a header with something after it", () => Graph.load(pack(`${text}{}`, data)), "bad-file"],
  ["a header with a zero byte after it", () => Graph.load(pack(`${text}\0`, data)), "bad-file"],
  ["a header with a comment", replaced(":", ":/**/"), "bad-file"],
  ["a header with a comma at the end", () => Graph.load(pack(`${text.slice(0, -1)},}`, data)), "bad-file"],
  ["a header in apostrophes", () => Graph.load(pack(text.replaceAll('"', "'"), data)), "bad-file"],
  ["a header that is no UTF-8", () => Graph.load(pack(bytesOf(text, 0xff), data)), "bad-file"],
  [
    "a header with half a character",
    () => Graph.load(pack(bytesOf(text, 0xed, 0xa0, 0x80), data)),
    "bad-file",
  ],
  ["a string without an end", () => Graph.load(pack('{"bias.x', data)), "bad-file"],
  ["a string that ends in a backslash", () => Graph.load(pack('{"bias.x\\"', data)), "bad-file"],
  ["a string with a line break", replaced("plexus", "ple\nxus"), "bad-file"],
  ["a string with a wrong escape", replaced("plexus", "ple\\xus"), "bad-file"],
  ["a tensor twice", replaced('"bias.y":', '"bias.x":'), "bad-file"],
  ["a tensor twice, spelt in another way", replaced('"bias.y":', '"bias.\\u0078":'), "bad-file"],
  ["metadata twice", replaced('"bias.y":', '"__metadata__":{},"bias.y":'), "bad-file"],
  ["a key of the metadata twice", replaced('"version":', '"format":"plexus","version":'), "bad-file"],
  ["a member of a tensor twice", replaced('"dtype":', '"dtype":"F64","dtype":'), "bad-file"],
  ["a member of a tensor that is unknown", tensor("bias.x", { color: "red" }), "bad-file"],
  ["a tensor named __proto__", changed({ ["__proto__"]: tensors["bias.x"] }), "bad-file"],
  ["a tensor that is null", changed({ "bias.x": null }), "bad-file"],
  ["a tensor that is an array", changed({ "bias.x": [] }), "bad-file"],
  ["a number in the metadata", changed({ __metadata__: { ...metadata, n: 1 } }), "bad-file"],
  ["metadata that is a text", changed({ __metadata__: "plexus" }), "bad-file"],
  ["metadata without a graph", changed({ __metadata__: { format: "plexus", version: "1" } }), "bad-file"],
  ["a deep header", () => Graph.load(pack('{"a":'.repeat(1_000_000), data)), "bad-file"],
  ["a header of deep arrays", () => Graph.load(pack(`{"a":${"[".repeat(5_000_000)}`, data)), "bad-file"],
  ["a header of many keys", () => Graph.load(pack(manyKeys(), data)), "bad-file"],
];

/** @type {Attack[]} */
const places = [
  ["offsets that overlap", tensor("bias.h", { data_offsets: [8, 32] }), "bad-file"],
  ["offsets that leave a hole", tensor("bias.h", { data_offsets: [24, 48] }), "bad-file"],
  ["two tensors at one place", tensor("bias.y", { data_offsets: [0, 8] }), "bad-file"],
  ["offsets past the end", tensor("weight.1.h.y", { data_offsets: [96, 128] }), "bad-file"],
  ["offsets that end before they begin", tensor("bias.x", { data_offsets: [16, 0] }), "bad-file"],
  ["a negative offset", tensor("bias.x", { data_offsets: [-16, 0] }), "bad-file"],
  ["an offset with a point", tensor("bias.x", { data_offsets: [0, 16.5] }), "bad-file"],
  ["an offset with an exponent", replaced('"data_offsets":[0,16]', '"data_offsets":[0,1.6e1]'), "bad-file"],
  ["an offset with a leading zero", replaced('"data_offsets":[0,16]', '"data_offsets":[0,016]'), "bad-file"],
  ["an offset of minus 0", replaced('"data_offsets":[0,16]', '"data_offsets":[-0,16]'), "bad-file"],
  [
    "an offset of 2^64",
    replaced('"data_offsets":[0,16]', `"data_offsets":[0,${2n ** 64n + 16n}]`),
    "bad-file",
  ],
  ["an offset in text", tensor("bias.x", { data_offsets: ["0", "16"] }), "bad-file"],
  ["an offset of null", tensor("bias.x", { data_offsets: [null, 16] }), "bad-file"],
  ["one offset", tensor("bias.x", { data_offsets: [0] }), "bad-file"],
  ["three offsets", tensor("bias.x", { data_offsets: [0, 16, 16] }), "bad-file"],
  ["a shape that overflows", tensor("bias.x", { shape: [2 ** 32, 2 ** 32] }), "bad-file"],
  [
    "a shape whose product is rounded to 2",
    tensor("bias.x", { shape: [2, 2 ** 53 - 1, 2 ** 53 - 1] }),
    "bad-file",
  ],
  ["a shape that overflows to nothing", tensor("bias.x", { shape: [2 ** 52, 2 ** 52, 0] }), "bad-file"],
  ["a shape of another size", tensor("bias.x", { shape: [3] }), "bad-file"],
  ["a shape of another form", tensor("weight.0.x.h", { shape: [3, 2] }), "bad-file"],
  ["a shape that is flat", tensor("weight.0.x.h", { shape: [6] }), "bad-file"],
  [
    "a shape of 100,000 dimensions",
    tensor("bias.x", { shape: [2, ...new Array(100_000).fill(1)] }),
    "bad-file",
  ],
  ["a negative dimension", tensor("bias.x", { shape: [-2] }), "bad-file"],
  ["an unknown dtype", tensor("bias.x", { dtype: "F128" }), "bad-file"],
  ["toString's dtype", tensor("bias.x", { dtype: "toString" }), "bad-file"],
  ["a dtype that is a number", tensor("bias.x", { dtype: 64 }), "bad-file"],
  ["the other precision's dtype", tensor("bias.x", { dtype: "F32", shape: [4] }), "bad-file"],
  ["a dtype of as many bytes", tensor("bias.x", { dtype: "I64" }), "bad-file"],
  ["bytes after the last tensor", () => Graph.load(joined(bytes, new Uint8Array(8))), "bad-file"],
  [
    "a tensor too many",
    () => Graph.load(pack({ ...header, spare: spare() }, joined(data, new Uint8Array(8)))),
    "bad-file",
  ],
  [
    "an empty tensor too many",
    changed({ spare: { dtype: "F64", shape: [0], data_offsets: [120, 120] } }),
    "bad-file",
  ],
  ["a tensor too few", () => Graph.load(pack(without("bias.x"), data)), "bad-file"],
  ["a tensor under another name", replaced('"bias.y":', '"bias.z":'), "bad-file"],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].flatMap((value) =>
    [0, 8, 14].map(
      (place) =>
        /** @type {Attack} */ ([
          `${value} as number ${place}`,
          () => Graph.load(spoilt(place, value)),
          "bad-file",
        ]),
    ),
  ),
];

/** @type {Attack[]} */
const descriptions = [
  ["a graph that is no JSON", described(() => "{"), "bad-file"],
  ["a graph that is null", described(() => "null"), "bad-file"],
  ["a graph with something after it", described((graph) => `${JSON.stringify(graph)}0`), "bad-file"],
  [
    "a graph with a key twice",
    described((graph) => JSON.stringify(graph).replace('"seed"', '"seed":1,"seed"')),
    "bad-file",
  ],
  [
    "a layer with a key twice, spelt in another way",
    described((graph) => JSON.stringify(graph).replace('"size"', '"siz\\u0065":2,"size"')),
    "bad-file",
  ],
  ["a deep graph", described(() => "[".repeat(5_000_000)), "bad-file"],
  ["a deep graph with an end", described(() => `${"[".repeat(10_000)}${"]".repeat(10_000)}`), "bad-file"],
  ["a graph of empty objects", described(() => `[${"{},".repeat(1_000_000)}{}]`), "bad-file"],
  ["a graph of many members", described(() => manyKeys()), "bad-file"],
  [
    "a number of a million digits",
    described((graph) => JSON.stringify(graph).replace('"seed":1', `"seed":${"1".repeat(1e6)}`)),
    "bad-file",
  ],
  [
    "a member __proto__",
    described((graph) => JSON.stringify(graph).replace('"seed"', '"__proto__":{},"seed"')),
    "bad-file",
  ],
  ["a delay of 2^31", described((graph) => Object.assign(graph.synapses[0], { delay: 2 ** 31 })), "bad-file"],
  [
    "initial values without their tensor",
    described((graph) => Object.assign(graph.layers[0], { initial: true })),
    "bad-file",
  ],
  [
    "a loop of delays of both signs",
    described((graph) => {
      for (const [i, delay] of [1, -1].entries())
        Object.assign(graph.synapses[i], { from: "h", to: "h", delay });
    }),
    "bad-file",
  ],
  ["a loop", described((graph) => Object.assign(graph.synapses[0], { from: "h", to: "h" })), "bad-file"],
  ["a size of 2^32", described((graph) => Object.assign(graph.layers[0], { size: 2 ** 32 })), "bad-file"],
  ["a size of 2^53", described((graph) => Object.assign(graph.layers[0], { size: 2 ** 53 })), "bad-file"],
  ["a size of 0", described((graph) => Object.assign(graph.layers[0], { size: 0 })), "bad-file"],
  ["a size of -2", described((graph) => Object.assign(graph.layers[0], { size: -2 })), "bad-file"],
  [
    "a size of 1e999",
    described((graph) => JSON.stringify(graph).replace('"size":2', '"size":1e999')),
    "bad-file",
  ],
  [
    "a name of half a character",
    described((graph) => JSON.stringify(graph).replace('"name":"x"', '"name":"\\ud800"')),
    "bad-file",
  ],
  ["an empty name", described((graph) => Object.assign(graph.layers[0], { name: "" })), "bad-file"],
  [
    "a rate that is not finite",
    described((graph) => JSON.stringify(graph).replace('"rate":0.1', '"rate":1e999')),
    "bad-file",
  ],
  ["a later version", changed({ __metadata__: { ...metadata, version: "3" } }), "unsupported"],
  ["another format", changed({ __metadata__: { ...metadata, format: "Plexus" } }), "unsupported"],
];

/** The result of JSON.parse goes to the reader of the other format. @type {Attack[]} */
const json = [
  [
    "a deep member",
    () => Graph.fromJSON(JSON.parse(`{"format":${"[".repeat(5000)}${"]".repeat(5000)}}`)),
    "bad-file",
  ],
  [
    "a member __proto__",
    () => Graph.fromJSON(JSON.parse(JSON.stringify(graph).replace("{", '{"__proto__":{},'))),
    "bad-file",
  ],
  ["an object that is its own layer", () => Graph.fromJSON(itself()), "bad-file"],
  [
    "a size that its text doesn't have",
    () => Graph.fromJSON(JSON.parse(JSON.stringify(graph).replace('"size":2', '"size":100000000'))),
    "bad-file",
  ],
  [
    "a million layers without a bias",
    () => Graph.fromJSON({ ...graph.toJSON(), layers: new Array(1_000_000) }),
    "bad-file",
  ],
  ["a size of a layer without a bias", () => biasless('"size":2', '"size":67108864'), "bad-file"],
  ["a bias of a layer that has none", () => biasless("AAAAAAAAAAAAAAAA", "AAAAAAAA8D8AAAAA"), "bad-file"],
  [
    "layers that are a text",
    () => Graph.fromJSON({ ...graph.toJSON(), layers: "x".repeat(2 ** 20) }),
    "bad-file",
  ],
];

function itself() {
  const file = /** @type {any} */ (graph?.toJSON());
  file.layers[0] = file;
  return file;
}

/** @param {string} word @param {string} other */
function biasless(word, other) {
  const graph = new Graph({ seed: 1 });
  graph.addInput("x", 2, "linear", { bias: false });
  return Graph.fromJSON(JSON.parse(JSON.stringify(graph).replace(word, other)));
}

/** @param {string} name */
function without(name) {
  const { [name]: _, ...rest } = header;
  return rest;
}

const spare = () => ({ dtype: "F64", shape: [1], data_offsets: [data.length, data.length + 8] });

function manyKeys() {
  return `{${Array.from({ length: 300_000 }, (_, i) => `"${i}":0`).join()}}`;
}

/** @param {Uint8Array} first @param {Uint8Array} second */
function joined(first, second) {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Encodes a text as UTF-8, with other bytes in place of its first letter p. @param {string} text @param {number[]} others */
function bytesOf(text, ...others) {
  const [before, after] = [text.slice(0, text.indexOf("p")), text.slice(text.indexOf("p") + 1)];
  const encoder = new TextEncoder();
  return joined(joined(encoder.encode(before), Uint8Array.from(others)), encoder.encode(after));
}

/** Returns the file with another value as a number. @param {number} place @param {number} value */
function spoilt(place, value) {
  const copy = bytes.slice();
  new DataView(copy.buffer).setFloat64(bytes.length - data.length + place * 8, value, true);
  return copy;
}

/** @type {readonly Attack[]} */
export const hostile = [...headers, ...places, ...descriptions, ...json, ...maps];
