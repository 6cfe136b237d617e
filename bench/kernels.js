// The matrix products, each shape in each orientation and precision: GFLOP/s, and the share of the rate of independent
// multiply-add chains in the same run. This limit is measured anew beside each row, since these machines are noisy.

import { cells, column, compile, figureOf, limitOf } from "./limit.js";

// m × k · k × n; the orientations compute the same amount: C = A·B, C = A·Bᵀ, C = Aᵀ·B.
/** @type {[name: string, m: number, k: number, n: number, orientation?: 0 | 1 | 2][]} */
const shapes = [
  ["64²", 64, 64, 64],
  ["128²", 128, 128, 128],
  ["256²", 256, 256, 256],
  ["512²", 512, 512, 512],
  ["1024²", 1024, 1024, 1024],
  ["32×784·784×128", 32, 784, 128],
  ["its dX", 32, 128, 784, 1],
  ["its dW", 784, 32, 128, 2],
  ["32×128·128×10", 32, 128, 10, 0],
  ["its dX", 32, 10, 128, 1],
  ["its dW", 128, 32, 10, 2],
  ["8×784·784×128", 8, 784, 128, 0],
  ["its dX", 8, 128, 784, 1],
  ["its dW", 784, 8, 128, 2],
  ["2×784·784×128", 2, 784, 128, 0],
  ["its dX", 2, 128, 784, 1],
  ["its dW", 784, 2, 128, 2],
  ["1×784·784×128", 1, 784, 128, 0],
  ["its dX", 1, 128, 784, 1],
  ["its dW", 784, 1, 128, 2],
  ["32×16·16×16", 32, 16, 16],
  ["1×16·16×16", 1, 16, 16],
  ["32×128·128×1", 32, 128, 1, 0],
  ["its dX", 32, 1, 128, 1],
  ["its dW", 128, 32, 1, 2],
  ["1×2·2×4", 1, 2, 4, 0],
  ["its dX", 1, 4, 2, 1],
  ["its dW", 2, 1, 4, 2],
  ["1×4·4×1", 1, 4, 1, 0],
  ["its dX", 1, 1, 4, 1],
  ["its dW", 4, 1, 1, 2],
];
const orientations = ["A·B", "A·Bᵀ", "Aᵀ·B"];

/** @typedef {import("./limit.js").Bits} Bits */
/** @typedef {import("./limit.js").Figure} Figure */
/** @typedef {{ shape: string, orientation: string, float64: Figure, float32: Figure }} Kernel */

/** @param {(line: string) => void} print @param {string} [only] part of a shape's name @param {number} [effort] */
export async function kernels(print, only = "", effort = 1) {
  const core = await compile("products");
  const random = new Float64Array(2 ** 20).map(Math.random);
  const bytes = 1024 * 1024 * 8 + 64;
  const [a, b, c, chains] = [core.alloc(bytes), core.alloc(bytes), core.alloc(bytes), core.alloc(256)];

  /** @type {(bits: Bits, kind: number, m: number, k: number, n: number) => Figure} */
  const measure = (bits, kind, m, k, n) => {
    const Numbers = bits === 64 ? Float64Array : Float32Array;
    for (const at of [a, b, c]) new Numbers(core.memory.buffer, at, random.length).set(random);
    const once = core[`run${bits}`];
    return figureOf(core, chains, bits, 2 * m * k * n, effort, (times) =>
      once(kind, times, c, a, b, m, k, n),
    );
  };
  const limit = (/** @type {Bits} */ bits) => limitOf(core, chains, bits, effort);

  for (const bits of /** @type {Bits[]} */ ([64, 32])) limit(bits); // the first runs use the baseline compiler
  /** @type {Kernel[]} */
  const found = [];
  let family = "";
  print(`${" ".repeat(22)}${column("float64", "", "")}  ${column("float32", "", "")}`.trimEnd());
  print(`${"m×k·k×n".padEnd(22)}${column("GFLOP/s", "share", "µs")}  ${column("GFLOP/s", "share", "µs")}`);
  for (const [name, m, k, n, fixed] of shapes) {
    if (!name.startsWith("its")) family = name;
    if (!family.includes(only)) continue;
    for (const kind of fixed === undefined ? [0, 1, 2] : [fixed]) {
      const orientation = orientations[kind] ?? "";
      const shape = name === family ? name : `${family}, ${name}`;
      const kernel = {
        shape,
        orientation,
        float64: measure(64, kind, m, k, n),
        float32: measure(32, kind, m, k, n),
      };
      found.push(kernel);
      print(`${name.padEnd(16)}${orientation.padEnd(6)}${cells(kernel.float64)}  ${cells(kernel.float32)}`);
    }
  }
  return { limit: { float64: limit(64), float32: limit(32) }, kernels: found };
}
