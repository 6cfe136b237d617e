// The tasks of maps: convolutions, an embedding, and sparse layers against the same ones dense.

/** @typedef {import("./networks.js").Layer} Layer */
/** @typedef {import("./networks.js").Link} Link */
/** @typedef {import("./networks.js").Network} Network */
/** @typedef {import("./networks.js").Task} Task */

/** @typedef {[name: string, shape: number[], link?: Link | undefined, activation?: Layer["activation"]]} Step */

/**
 * Makes a chain of layers behind one input.
 * @type {(input: Omit<import("./networks.js").Input, "size">, steps: Step[], network: Partial<Network>) => Network}
 */
function chain(input, steps, network) {
  const size = (/** @type {number[]} */ shape) => shape.reduce((product, extent) => product * extent, 1);
  return {
    inputs: [{ ...input, size: size(input.shape ?? []) }],
    layers: steps.map(([name, shape, link, activation = "linear"], i) => ({
      name,
      size: size(shape),
      shape,
      from: [steps[i - 1]?.[0] ?? input.name],
      activation,
      ...(link ? { link } : {}),
    })),
    outputs: [steps.at(-1)?.[0] ?? ""],
    loss: "crossEntropy",
    rate: 0.0625,
    rows: 32,
    batch: 32,
    ...network,
  };
}

// Relu after a max pool is relu before it, on a quarter of the units. Contenders with both in one operator take the other order.
/** @param {number} rows */
export const lenet = (rows) =>
  chain(
    { name: "image", shape: [28, 28, 1] },
    [
      ["c1", [24, 24, 8], { kind: "conv", kernel: 5 }],
      ["p1", [12, 12, 8], { kind: "maxPool", kernel: 2 }, "relu"],
      ["c2", [8, 8, 16], { kind: "conv", kernel: 5 }],
      ["p2", [4, 4, 16], { kind: "maxPool", kernel: 2 }, "relu"],
      ["digit", [10], undefined, "softmax"],
    ],
    { rows, batch: rows },
  );

/** Makes a depthwise separable network. @param {number} rows */
const separable = (rows) =>
  chain(
    { name: "image", shape: [32, 32, 3] },
    [
      ["c1", [16, 16, 16], { kind: "conv", kernel: 3, stride: 2, padding: 1 }, "relu"],
      ["d2", [16, 16, 16], { kind: "conv", kernel: 3, padding: 1, groups: 16 }, "relu"],
      ["c2", [16, 16, 32], { kind: "conv", kernel: 1 }, "relu"],
      ["d3", [8, 8, 32], { kind: "conv", kernel: 3, stride: 2, padding: 1, groups: 32 }, "relu"],
      ["c3", [8, 8, 64], { kind: "conv", kernel: 1 }, "relu"],
      ["mean", [64], { kind: "averagePool", kernel: 8 }],
      ["class", [10], undefined, "softmax"],
    ],
    { rows, batch: rows },
  );

const words = chain(
  { name: "words", shape: [4], classes: 10_000 },
  [
    ["vectors", [4, 32], { kind: "embedding" }],
    ["class", [10], undefined, "softmax"],
  ],
  { rate: 1 },
);

/** @param {number} density */
const sparse = (density) =>
  chain({ name: "x", shape: [1000] }, [["y", [1000], { kind: "sparse", density }]], {
    loss: "mse",
    rate: 2 ** -10,
  });

/** @type {Task[]} */
export const tasks = [
  { id: "lenet", title: "LeNet 28×28, batch 32: training", kind: "train", steps: 5, network: lenet(32) },
  { id: "lenet-1", title: "LeNet 28×28: predicting 1 row", kind: "predict", steps: 0, network: lenet(1) },
  {
    id: "lenet-32",
    title: "LeNet 28×28: predicting 32 rows",
    kind: "predict",
    steps: 0,
    network: lenet(32),
  },
  {
    id: "separable-32",
    title: "Depthwise separable 32×32: predicting 32 rows",
    kind: "predict",
    steps: 0,
    network: separable(32),
  },
  {
    id: "embedding",
    title: "Embedding 10,000×32, four slots, batch 32: training",
    kind: "train",
    steps: 5,
    network: words,
  },
  {
    id: "sparse-1",
    title: "Sparse 1,000×1,000, 1 %, batch 32: training",
    kind: "train",
    steps: 5,
    network: sparse(0.01),
  },
  {
    id: "sparse-10",
    title: "Sparse 1,000×1,000, 10 %, batch 32: training",
    kind: "train",
    steps: 5,
    network: sparse(0.1),
  },
];

/**
 * Returns whether a contender takes part in a task: the engine alone knows sparse layers, and is compared with itself.
 * @type {(task: Task, name: string) => boolean}
 */
export function competes({ network }, name) {
  const isSparse = network.layers.some(({ link }) => link?.kind === "sparse");
  if (name === "plexus-dense") return isSparse;
  return !isSparse || name === "plain" || name === "plexus";
}
