// The programs of toTorch beside the same networks written by hand in PyTorch: byhand.py trains both, in turn.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Graph } from "plexus-nn";
import { toTorch } from "plexus-nn/torch";
import { onCore } from "./contest.js";

/**
 * @typedef {object} Found
 * @property {string} title
 * @property {string} precision
 * @property {number} written samples a second of the written program
 * @property {number} byHand
 * @property {number} share the median of the rounds
 */

/** Returns pseudo-random numbers in [0, 1). @param {number} count */
function numbers(count) {
  let state = 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

/** @param {number} count @param {number} of */
const classes = (count, of) => Array.from(numbers(count), (x) => Math.floor(x * of));

/** Declares a dense network with relu, whose input has no bias. @param {number[]} sizes @param {number} rows */
function dense(sizes, rows) {
  /** @type {Record<string, object>} */
  const hidden = {};
  sizes.slice(1, -1).forEach((size, i) => {
    hidden[`h${i}`] = { size, activation: "relu" };
  });
  const names = ["x", ...Object.keys(hidden), "y"];
  const size = sizes[0] ?? 0;
  return {
    layers: {
      inputs: { x: { size, bias: false } },
      hidden,
      outputs: { y: { size: sizes.at(-1), activation: "softmax" } },
      synapses: names.slice(1).map((name, i) => [names[i], name]),
    },
    set: { xs: { x: numbers(rows * size) }, ts: { y: classes(rows, sizes.at(-1) ?? 0) } },
  };
}

/** Declares the network of README.md with convolutions. @param {number} rows */
const pictures = (rows) => ({
  layers: {
    init: "he",
    inputs: { x: { size: [28, 28, 1], bias: false } },
    hidden: {
      c1: { size: [24, 24, 8], activation: "linear" },
      p1: { size: [12, 12, 8], activation: "relu", bias: false },
      c2: { size: [8, 8, 16], activation: "linear" },
      p2: { size: [4, 4, 16], activation: "relu", bias: false },
    },
    outputs: { y: { size: 10, activation: "softmax" } },
    synapses: [
      ["x", "c1", { kind: "conv", kernel: 5 }],
      ["c1", "p1", { kind: "maxPool" }],
      ["p1", "c2", { kind: "conv", kernel: 5 }],
      ["c2", "p2", { kind: "maxPool" }],
      ["p2", "y"],
    ],
  },
  set: { xs: { x: numbers(rows * 784) }, ts: { y: classes(rows, 10) } },
});

/**
 * Declares a cell over sequences, and a class at each step.
 * @param {"lstm" | "gru"} cell
 * @param {number} width
 * @param {number} size
 * @param {number} steps
 * @param {number} rows
 */
const sequences = (cell, width, size, steps, rows) => ({
  layers: {
    inputs: { x: { size: width, bias: false } },
    hidden: { cell: { size, cell, from: "x" } },
    outputs: { y: { size: width, activation: "softmax" } },
    synapses: [["cell", "y"]],
  },
  set: { xs: { x: numbers(rows * steps * width) }, ts: { y: classes(rows * steps, width) }, steps },
});

const tasks = [
  { name: "small", title: "64-64-64-10, batch 32", batch: 32, epochs: 4, ...dense([64, 64, 64, 10], 8192) },
  { name: "digits", title: "784-128-10, batch 256", batch: 256, epochs: 8, ...dense([784, 128, 10], 8192) },
  {
    name: "wide",
    title: "1024-1024-1024-10, batch 128",
    batch: 128,
    epochs: 6,
    ...dense([1024, 1024, 1024, 10], 2048),
  },
  { name: "pictures", title: "two convolutions, batch 32", batch: 32, epochs: 1, ...pictures(2048) },
  {
    name: "lstm",
    title: "LSTM of 128 units, 64 steps, batch 32, by nn.LSTM",
    batch: 32,
    epochs: 1,
    ...sequences("lstm", 65, 128, 64, 128),
  },
  {
    name: "gru",
    title: "GRU of 16 units, 100 steps, batch 16, by nn.GRU",
    batch: 16,
    epochs: 1,
    ...sequences("gru", 2, 16, 100, 128),
  },
];

/** The smallest task, which shows that all works. */
export const few = tasks.slice(0, 1).map((task) => ({ ...task, epochs: 1 }));

/**
 * Returns the samples a second of both.
 * @param {string} python
 * @param {number} rounds
 * @param {readonly (typeof tasks)[number][]} some
 * @returns {Found[]}
 */
export function beside(python, rounds, some = tasks) {
  const folder = mkdtempSync(join(tmpdir(), "plexus-torch-"));
  try {
    const cases = some.flatMap(({ layers, set, name, batch, epochs, title }) =>
      /** @type {const} */ (["float64", "float32"]).map((precision) => {
        const graph = new Graph(/** @type {any} */ ({ seed: 7, precision, optimizer: "adam", ...layers }));
        const stem = `${name}_${precision}`;
        const program = toTorch(graph, { name: stem });
        writeFileSync(join(folder, `${stem}.py`), program.module);
        writeFileSync(join(folder, `${stem}.safetensors`), program.weights);
        writeFileSync(join(folder, `${stem}-data.safetensors`), program.data(/** @type {any} */ (set)));
        graph.dispose();
        return { stem, name, title, precision, batch, epochs };
      }),
    );
    writeFileSync(join(folder, "cases.json"), JSON.stringify(cases));
    const script = fileURLToPath(new URL("byhand.py", import.meta.url));
    // Without these bounds the allocator asks the system for large arrays anew, in some processes and not in others.
    const env = {
      ...process.env,
      MALLOC_MMAP_THRESHOLD_: "1073741824",
      MALLOC_TRIM_THRESHOLD_: "1073741824",
    };
    const text = execFileSync(...onCore(python, [script, folder, String(rounds)]), { encoding: "utf8", env });
    return JSON.parse(text);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
