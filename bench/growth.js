// The growth of a training step's cost: with units, depth, rows of a batch, and the number of small layers. Also the cost of
// building a graph, with its synapses in a random order, and with passes between its parts.

import { Graph } from "../dist/index.js";

/** @typedef {{ size: number, seconds: number }} Point */
/** @typedef {{ name: string, title: string, unit: string, points: Point[], slope: number }} Line */

/** Makes a chain of layers, trained on one batch. @type {(sizes: number[], rows: number) => () => void} */
function chain(sizes, rows) {
  const graph = new Graph({ seed: 1, optimizer: { name: "sgd", rate: 1e-3 } });
  sizes.forEach((size, i) => {
    if (i === 0) graph.addInput("0", size);
    else if (i === sizes.length - 1) graph.addOutput(`${i}`, size, "sigmoid", "mse");
    else graph.addHidden(`${i}`, size);
    if (i > 0) graph.connect(`${i - 1}`, `${i}`, { init: "glorot" });
  });
  const xs = { 0: new Float64Array(rows * (sizes[0] ?? 0)).fill(0.5) };
  const ts = { [`${sizes.length - 1}`]: new Float64Array(rows * (sizes.at(-1) ?? 0)).fill(0.5) };
  return () => {
    graph.train(xs, ts);
  };
}

/** Joins layers by short skips, in a random order. @type {(count: number) => () => void} */
function joined(count) {
  const layers = count / 2;
  let state = 1;
  const below = (/** @type {number} */ most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
  const pairs = Array.from({ length: count }, (_, i) => [i % layers, (i % layers) + 1 + below(5)]);
  for (let i = count - 1; i > 0; i--) {
    const j = below(i + 1);
    [pairs[i], pairs[j]] = [pairs[j] ?? [], pairs[i] ?? []];
  }
  return () => {
    const graph = new Graph({ seed: 1 });
    for (let i = 0; i < layers + 5; i++) graph.addHidden(`${i}`, 1);
    pairs.forEach(([from, to], i) => {
      graph.connect(`${from}`, `${to}`, { name: `${i}` });
    });
    graph.dispose();
  };
}

/** Adds parts of 128 kB, with a pass after each. @type {(count: number) => () => void} */
function grown(count) {
  return () => {
    const graph = new Graph({ seed: 1 });
    graph.addInput("x", 1);
    graph.addInput("wide", 128);
    graph.addOutput("y", 1);
    graph.connect("x", "y");
    for (let i = 0; i < count; i++) {
      graph.addHidden(`${i}`, 128);
      graph.connect("wide", `${i}`);
      graph.predict({ x: [1] }, { outputs: ["y"] });
    }
    graph.dispose();
  };
}

/** @type {{ name: string, title: string, unit: string, sizes: number[], make: (size: number) => () => void }[]} */
const lines = [
  {
    name: "units",
    title: "units in each of three layers, batch 32",
    unit: "units",
    sizes: [8, 16, 32, 64, 128, 256, 512, 1024],
    make: (n) => chain([n, n, n], 32),
  },
  {
    name: "depth",
    title: "layers of 64 units in a chain, batch 32",
    unit: "layers",
    sizes: [2, 4, 8, 16, 32, 64, 128],
    make: (n) => chain(Array(n).fill(64), 32),
  },
  {
    name: "rows",
    title: "rows of a batch, 128-128-10",
    unit: "rows",
    sizes: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
    make: (n) => chain([128, 128, 10], n),
  },
  {
    name: "layers",
    title: "layers of 4 units in a chain, one sample",
    unit: "layers",
    sizes: [10, 30, 100, 300, 1000, 3000, 10_000],
    make: (n) => chain(Array(n).fill(4), 1),
  },
  {
    name: "synapses",
    title: "synapses in a random order",
    unit: "synapses",
    sizes: [10, 30, 100, 1000, 10_000, 30_000, 100_000],
    make: joined,
  },
  {
    name: "parts",
    title: "parts of 128 kB, a pass after each",
    unit: "parts",
    sizes: [10, 30, 100, 300, 1000],
    make: grown,
  },
];

/**
 * Returns the seconds of a call: the median of several runs that each fill the time wanted.
 * @type {(work: () => void, wanted: number) => number}
 */
function time(work, wanted) {
  let count = 1;
  let each = 0;
  const run = () => {
    const before = process.hrtime.bigint();
    for (let n = 0; n < count; n++) work();
    each = Number(process.hrtime.bigint() - before) / 1e9 / count;
    return each;
  };
  while (run() * count < wanted) count *= 2;
  return [run(), run(), run(), run(), run()].sort((a, b) => a - b)[2] ?? 0;
}

/**
 * Returns the slope of the last points in log-log scale, by least squares: the power with which the cost grows.
 * @type {(points: Point[], count?: number) => number}
 */
export function slope(points, count = 4) {
  const last = points.slice(-count).map(({ size, seconds }) => [Math.log(size), Math.log(seconds)]);
  const mean = [0, 1].map((i) => last.reduce((sum, point) => sum + (point[i] ?? 0), 0) / last.length);
  let [up, along] = [0, 0];
  for (const [x = 0, y = 0] of last) {
    up += (x - (mean[0] ?? 0)) * (y - (mean[1] ?? 0));
    along += (x - (mean[0] ?? 0)) ** 2;
  }
  return up / along;
}

/** @type {(print: (line: string) => void, wanted: number, most?: number) => Line[]} */
export function growth(print, wanted, most = Infinity) {
  return lines.map(({ name, title, unit, sizes, make }) => {
    const points = sizes
      .filter((size) => size <= most)
      .map((size) => ({ size, seconds: time(make(size), wanted) }));
    const line = { name, title, unit, points, slope: slope(points) };
    print(`${title}: the cost grows with the power ${line.slope.toFixed(2)} of the ${unit}`);
    for (const { size, seconds } of points)
      print(`  ${String(size).padStart(6)}  ${(seconds * 1e6).toFixed(2).padStart(12)} µs`);
    return line;
  });
}
