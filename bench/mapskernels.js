// The products of convolutions and of sparse matrices, 32 rows each, forward and with both derivatives: GFLOP/s of the terms that
// count, and the share of the limit beside them.

import { cells, column, compile, figureOf, limitOf } from "./limit.js";

/** @typedef {import("./limit.js").Bits} Bits */
/** @typedef {import("./limit.js").Figure} Figure */
/** @typedef {{ shape: string, product: string, float64: Figure, float32: Figure }} MapsKernel */

/** A convolution of a square image: the source's side and channels, then kernel, channels, and options. */
/** @typedef {[side: number, from: number, kernel: number, to: number, options?: { stride?: number, padding?: number, groups?: number }]} Shape */

/** @type {Shape[]} */
const shapes = [
  [28, 1, 5, 8],
  [12, 8, 5, 16],
  [34, 32, 3, 32],
  [33, 3, 3, 16, { stride: 2 }],
  [16, 16, 1, 32],
  [10, 64, 3, 64],
  [16, 16, 3, 16, { padding: 1, groups: 16 }],
  [16, 32, 3, 32, { stride: 2, padding: 1, groups: 32 }],
];
const densities = [0.01, 0.1, 0.3];
const products = ["forward", "dX", "dW"];
const ROWS = 32;
const SIDE = 1000;

/**
 * Work in the core: a record's address, the function of its products, the numbers of its three matrices, and its operations.
 * @typedef {{ shape: string, run: "conv" | "sparse", record: number, room: number, numbers: [number, number, number], flop: number }} Work
 */

/** Returns the number of cells of all windows along one axis. @type {(side: number, small: number, kernel: number, stride: number, padding: number) => number} */
function cellsOf(side, small, kernel, stride, padding) {
  let count = 0;
  for (let p = 0; p < small; p++) {
    for (let t = 0; t < kernel; t++) {
      const at = p * stride - padding + t;
      if (at >= 0 && at < side) count++;
    }
  }
  return count;
}

/** Writes a convolution's record. @type {(core: any, shape: Shape) => Work} */
function convolution(core, [side, from, kernel, to, { stride = 1, padding = 0, groups = 1 } = {}]) {
  const small = Math.floor((side + 2 * padding - kernel) / stride) + 1;
  const record = core.alloc(64);
  const twice = (/** @type {number} */ value) => [value, value];
  const extents = [
    ...twice(side),
    from,
    ...twice(small),
    to,
    ...twice(kernel),
    ...twice(stride),
    ...twice(1),
  ];
  new Int32Array(core.memory.buffer, record, 16).set([...extents, ...twice(padding), groups, 0]);
  const terms = (cellsOf(side, small, kernel, stride, padding) ** 2 * from * to) / groups;
  const name = groups > 1 ? `depthwise ${kernel}×${kernel}` : `${kernel}×${kernel} to ${to}`;
  return {
    shape: `${side}×${side}×${from}, ${name}${stride > 1 ? `, /${stride}` : ""}`,
    run: "conv",
    record,
    room: core.convRoom(record),
    numbers: [ROWS * small * small * to, ROWS * side * side * from, (kernel * kernel * from * to) / groups],
    flop: 2 * ROWS * terms,
  };
}

/** Writes a pattern's record, with a share of all pairs. @type {(core: any, density: number) => Work} */
function sparse(core, density) {
  /** @type {[number, number][]} */
  const pairs = [];
  for (let from = 0; from < SIDE; from++) {
    for (let to = 0; to < SIDE; to++) if (Math.random() < density) pairs.push([from, to]);
  }
  const byTarget = pairs.map((_, k) => k).sort((p, q) => (pairs[p]?.[1] ?? 0) - (pairs[q]?.[1] ?? 0));
  /** @type {(ends: number[]) => number[]} */
  const startsOf = (ends) => {
    const starts = new Array(SIDE + 1).fill(0);
    for (const unit of ends) starts[unit + 1]++;
    for (let unit = 0; unit < SIDE; unit++) starts[unit + 1] += starts[unit];
    return starts;
  };
  const sources = pairs.map(([from]) => from);
  const targets = pairs.map(([, to]) => to);
  const lists = [
    startsOf(sources),
    targets,
    startsOf(targets),
    byTarget,
    byTarget.map((k) => sources[k] ?? 0),
  ].map((list) => {
    const at = core.alloc(4 * list.length);
    new Uint32Array(core.memory.buffer, at, list.length).set(list);
    return at;
  });
  const record = core.alloc(32);
  new Uint32Array(core.memory.buffer, record, 8).set([pairs.length, SIDE, SIDE, ...lists]);
  return {
    shape: `sparse ${SIDE}×${SIDE}, ${100 * density} %`,
    run: "sparse",
    record,
    room: core.patternRoom(record),
    numbers: [ROWS * SIDE, ROWS * SIDE, pairs.length],
    flop: 2 * ROWS * pairs.length,
  };
}

/** @param {(line: string) => void} print @param {string} [only] part of a shape's name @param {number} [effort] */
export async function mapsKernels(print, only = "", effort = 1) {
  const core = await compile("mapsproducts");
  const chains = core.alloc(256);
  for (const bits of /** @type {Bits[]} */ ([64, 32])) limitOf(core, chains, bits, effort);
  const all = [...shapes.map((shape) => convolution(core, shape)), ...densities.map((d) => sparse(core, d))];
  const [small = 0, big = 0, weights = 0] = [0, 1, 2].map((i) =>
    core.alloc(8 * Math.max(...all.map(({ numbers }) => numbers[i] ?? 0)) + 64),
  );
  const room = core.alloc(Math.max(...all.map((work) => work.room)));
  /** @type {(work: Work, kind: number, bits: Bits) => Figure} */
  const measure = ({ run, record, numbers, flop }, kind, bits) => {
    const Numbers = bits === 64 ? Float64Array : Float32Array;
    for (const [i, at] of [small, big, weights].entries()) {
      const values = new Numbers(core.memory.buffer, at, numbers[i]);
      for (let n = 0; n < values.length; n++) values[n] = Math.random();
    }
    const once = core[`${run}${bits}`];
    return figureOf(core, chains, bits, flop, effort, (times) =>
      once(kind, times, record, small, big, weights, ROWS, room),
    );
  };
  /** @type {MapsKernel[]} */
  const found = [];
  const head = column("GFLOP/s", "share", "µs");
  print(`${" ".repeat(36)}${column("float64", "", "")}  ${column("float32", "", "")}`.trimEnd());
  print(`${" ".repeat(36)}${head}  ${head}`);
  for (const work of all.filter(({ shape }) => shape.includes(only))) {
    for (const [kind, product] of products.entries()) {
      const kernel = {
        shape: work.shape,
        product,
        float64: measure(work, kind, 64),
        float32: measure(work, kind, 32),
      };
      found.push(kernel);
      const name = kind === 0 ? work.shape : "";
      print(`${name.padEnd(28)}${product.padEnd(8)}${cells(kernel.float64)}  ${cells(kernel.float32)}`);
    }
  }
  return found;
}
