// The matrix products, each shape in each orientation and precision: GFLOP/s, and the share of the rate of independent
// multiply-add chains in the same run. This limit is measured anew beside each row, since these machines are noisy.
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

/** Compiles the kernels with a loop around them. @returns {Promise<any>} */
async function compile() {
  /** @type {Map<string, any>} */
  const files = new Map();
  const here = process.cwd();
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const options = "-O3 --converge --noAssert --enable simd --runtime minimal --bindings raw";
  const { error, stderr } = await asc.main(
    [
      "bench/products.ts",
      ...options.split(" "),
      // The project's configuration names an abort that the products lack.
      "--config",
      "none",
      "--use",
      "abort=bench/products/abort",
      "--use",
      "real=f64",
      "--outFile",
      "products.wasm",
    ],
    {
      writeFile: (name, contents) => {
        files.set(name, contents);
      },
    },
  );
  process.chdir(here);
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return new WebAssembly.Instance(new WebAssembly.Module(files.get("products.wasm"))).exports;
}

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

/** @param {() => void} work */
const seconds = (work) => {
  const before = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - before) / 1e9;
};
// The best of several short runs, since a disturbance can only slow a run down.
/** @type {(work: () => void, runs: number) => number} */
const best = (work, runs) => {
  let least = Infinity;
  for (let n = 0; n < runs; n++) least = Math.min(least, seconds(work));
  return least;
};

// The limit is the median: now and then the chains find a quicker rhythm than any product does.
/** @type {(work: () => void, runs: number) => number} */
const middle = (work, runs) =>
  Array.from({ length: runs }, () => seconds(work)).sort((p, q) => p - q)[runs >> 1] ?? 0;

/** @typedef {32 | 64} Bits */
/** @typedef {{ share: number, rate: number, micros: number }} Figure GFLOP/s, and its share of the limit beside it */
/** @typedef {{ shape: string, orientation: string, float64: Figure, float32: Figure }} Kernel */

/** @param {(line: string) => void} print @param {string} [only] part of a shape's name @param {number} [effort] */
export async function kernels(print, only = "", effort = 1) {
  const core = await compile();
  const random = new Float64Array(2 ** 20).map(Math.random);
  const bytes = 1024 * 1024 * 8 + 64;
  const [a, b, c] = [core.alloc(bytes), core.alloc(bytes), core.alloc(bytes)];

  /** @param {Bits} bits */
  const limit = (bits) => {
    const turns = 400_000 * effort;
    const chains = core[`chains${bits}`];
    // x → x/2 + 1/2 stays near 1, where nothing overflows or becomes subnormal.
    if (bits === 64) new Float64Array(core.memory.buffer, a, 28).fill(0.5);
    else new Float32Array(core.memory.buffer, a, 56).fill(0.5);
    return (turns * 24 * (128 / bits)) / middle(() => chains(turns, a), 7) / 1e9;
  };

  /** @type {(bits: Bits, kind: number, m: number, k: number, n: number) => Figure} */
  const measure = (bits, kind, m, k, n) => {
    const reach = limit(bits);
    const Numbers = bits === 64 ? Float64Array : Float32Array;
    for (const at of [a, b, c]) new Numbers(core.memory.buffer, at, random.length).set(random);
    const flop = 2 * m * k * n;
    const once = core[`run${bits}`];
    const times = Math.max(1, Math.min(1_000_000, Math.round((3e7 * effort) / (flop + 100))));
    const work = () => once(kind, times, c, a, b, m, k, n);
    best(work, 3);
    const rate = (flop * times) / best(work, flop > 1e9 ? 3 : 9) / 1e9;
    return { rate, share: rate / reach, micros: flop / rate / 1000 };
  };

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

/** @param {string[]} texts */
const column = (...texts) => texts.map((text, n) => text.padStart([9, 6, 8][n] ?? 0)).join(" ");
/** @param {Figure} figure */
const cells = ({ rate, share, micros }) =>
  column(
    rate.toFixed(1),
    `${(100 * share).toFixed(0)} %`,
    micros.toFixed(micros < 1 ? 4 : micros < 100 ? 2 : 0),
  );
