// The measuring of kernels alone: GFLOP/s, and the share of the rate of independent multiply-add chains in the same run. This
// limit is measured anew beside each figure, since these machines are noisy.

import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

/** @typedef {32 | 64} Bits */
/** @typedef {{ share: number, rate: number, micros: number }} Figure GFLOP/s, and its share of the limit beside it */

/** Compiles kernels of bench/ with a loop around them. @param {string} name @returns {Promise<any>} */
export async function compile(name) {
  /** @type {Map<string, any>} */
  const files = new Map();
  const here = process.cwd();
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const options = "-O3 --converge --noAssert --enable simd --runtime minimal --bindings raw";
  const { error, stderr } = await asc.main(
    [
      `bench/${name}.ts`,
      ...options.split(" "),
      // The project's configuration names an abort that the products lack.
      "--config",
      "none",
      "--use",
      `abort=bench/${name}/abort`,
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

/**
 * Measures work of some floating-point operations. The first runs use the baseline compiler, and don't count.
 * @type {(core: any, at: number, bits: Bits, flop: number, effort: number, work: (times: number) => void) => Figure}
 */
export function figureOf(core, at, bits, flop, effort, work) {
  const reach = limitOf(core, at, bits, effort);
  const times = Math.max(1, Math.min(1_000_000, Math.round((3e7 * effort) / (flop + 100))));
  const all = () => work(times);
  best(all, 3);
  const rate = (flop * times) / best(all, flop > 1e9 ? 3 : 9) / 1e9;
  return { rate, share: rate / reach, micros: flop / rate / 1000 };
}

/** Returns the GFLOP/s of chains, which have room at a place. @type {(core: any, at: number, bits: Bits, effort: number) => number} */
export function limitOf(core, at, bits, effort) {
  const turns = 400_000 * effort;
  const chains = core[`chains${bits}`];
  // x → x/2 + 1/2 stays near 1, where nothing overflows or becomes subnormal.
  if (bits === 64) new Float64Array(core.memory.buffer, at, 28).fill(0.5);
  else new Float32Array(core.memory.buffer, at, 56).fill(0.5);
  return (turns * 24 * (128 / bits)) / middle(() => chains(turns, at), 7) / 1e9;
}

/** @param {string[]} texts */
export const column = (...texts) => texts.map((text, n) => text.padStart([9, 6, 8][n] ?? 0)).join(" ");
/** @param {Figure} figure */
export const cells = ({ rate, share, micros }) =>
  column(
    rate.toFixed(1),
    `${(100 * share).toFixed(0)} %`,
    micros.toFixed(micros < 1 ? 4 : micros < 100 ? 2 : 0),
  );
