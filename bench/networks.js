// The networks of the benchmark, and its tasks.

/**
 * An input. A shape has channels last; an input with classes has class numbers as values.
 * @typedef {{ name: string, size: number, shape?: number[], classes?: number }} Input
 */
/**
 * A synapse that is not dense, to a layer with one source. A pool's stride is its kernel; a sparse one has a share of all pairs.
 * @typedef {{ kind: "conv" | "averagePool" | "maxPool" | "embedding" | "sparse", kernel?: number, stride?: number,
 *   padding?: number, groups?: number, density?: number }} Link
 */
/**
 * A layer, or a cell of an LSTM or a GRU; the reset gate of a GRU acts before or after the product with its weights.
 * @typedef {Input & { from: string[], activation: "sigmoid" | "softmax" | "linear" | "relu", cell?: "lstm" | "gru",
 *   reset?: "after" | "before", link?: Link }} Layer
 */
/**
 * @typedef {object} Network
 * @property {Input[]} inputs
 * @property {Layer[]} layers sources first
 * @property {string[]} outputs
 * @property {"mse" | "crossEntropy"} loss
 * @property {number} rate
 * @property {number} rows of the data; batches are taken from it in turn. Of a network with steps: sequences
 * @property {number} batch
 * @property {number} [length] steps of a sequence
 * @property {{ xs: Record<string, number[]>, ts: Record<string, number[]> }} [data] given; else made
 */
/**
 * @typedef {object} Task
 * @property {string} id
 * @property {string} title
 * @property {"train" | "fit" | "predict" | "stream"} kind
 * @property {number} steps before the contenders' outputs are compared
 * @property {Network} network
 */

/**
 * Returns the folder of the contenders that know a network's layers.
 * @type {(network: Network) => "" | "time/" | "maps/"}
 */
export function folderOf({ length, layers }) {
  if (length !== undefined) return "time/";
  return layers.some(({ link }) => link) ? "maps/" : "";
}

/** @type {(batch: number) => Network} */
export const xor = (batch) => ({
  inputs: [{ name: "x", size: 2 }],
  layers: [
    { name: "h", size: 4, from: ["x"], activation: "sigmoid" },
    { name: "y", size: 1, from: ["h"], activation: "sigmoid" },
  ],
  outputs: ["y"],
  loss: "mse",
  rate: 0.25,
  rows: 4,
  batch,
  data: { xs: { x: [0, 0, 0, 1, 1, 0, 1, 1] }, ts: { y: [0, 1, 1, 0] } },
});

/** @type {(batch: number) => Network} */
export const skip = (batch) => ({
  inputs: [
    { name: "a", size: 8 },
    { name: "b", size: 8 },
  ],
  layers: [
    { name: "h1", size: 16, from: ["a"], activation: "sigmoid" },
    { name: "h2", size: 16, from: ["h1", "b"], activation: "sigmoid" },
    { name: "h3", size: 16, from: ["h2", "h1", "a"], activation: "sigmoid" },
    { name: "out1", size: 4, from: ["h3", "h1"], activation: "sigmoid" },
    { name: "out2", size: 2, from: ["h3", "b"], activation: "sigmoid" },
  ],
  outputs: ["out1", "out2"],
  loss: "mse",
  rate: 0.125,
  rows: Math.max(4, batch),
  batch,
});

/** Makes a chain of layers, sigmoid inside, softmax at the end. @type {(batch: number, ...sizes: number[]) => Network} */
export const chain = (batch, ...sizes) => ({
  inputs: [{ name: "l0", size: sizes[0] ?? 0 }],
  layers: sizes.slice(1).map((size, i) => ({
    name: `l${i + 1}`,
    size,
    from: [`l${i}`],
    activation: i === sizes.length - 2 ? "softmax" : "sigmoid",
  })),
  outputs: [`l${sizes.length - 1}`],
  loss: "crossEntropy",
  rate: 0.0625,
  rows: batch,
  batch,
});

const digits = [784, 128, 10];

/** @type {Task[]} */
export const tasks = [
  { id: "xor", title: "XOR 2-4-1, one sample a call", kind: "train", steps: 40, network: xor(1) },
  { id: "xor-fit", title: "XOR 2-4-1, batch 1 inside `fit`", kind: "fit", steps: 40, network: xor(1) },
  { id: "skip-1", title: "Skip graph, batch 1", kind: "train", steps: 40, network: skip(1) },
  { id: "skip-32", title: "Skip graph, batch 32", kind: "train", steps: 40, network: skip(32) },
  {
    id: "digits",
    title: "784-128-10, batch 32",
    kind: "train",
    steps: 5,
    network: chain(32, ...digits),
  },
  {
    id: "wide",
    title: "1024-1024-1024-10, batch 128",
    kind: "train",
    steps: 3,
    network: chain(128, 1024, 1024, 1024, 10),
  },
  {
    id: "predict-1",
    title: "784-128-10, predicting 1 row",
    kind: "predict",
    steps: 0,
    network: chain(1, ...digits),
  },
  {
    id: "predict-256",
    title: "784-128-10, predicting 256 rows",
    kind: "predict",
    steps: 0,
    network: chain(256, ...digits),
  },
];
