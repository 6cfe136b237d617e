// The cost and the benefit of yielding to the event loop: the throughput of `fit` beside a `fit` that never yields. In a
// page, also the frames drawn meanwhile. Any runtime can run it.

import { Graph } from "../dist/index.js";

/** @typedef {{ milliseconds: number, lost: number, frames?: number, idle?: number }} Found */

/**
 * Makes a graph of layers with some units, trained on some rows a batch.
 * @type {(units: number, rows: number) => { fit(epochs: number): PromiseLike<unknown> }}
 */
function setup(units, rows) {
  const graph = new Graph({ seed: 1, precision: "float32", optimizer: { name: "sgd", rate: 1e-3 } });
  graph.addInput("x", units);
  graph.addHidden("h", units, "relu");
  graph.addOutput("y", 10, "softmax");
  graph.connect("x", "h", { init: "he" });
  graph.connect("h", "y", { init: "glorot" });
  const count = 16 * rows;
  const xs = { x: Float32Array.from({ length: count * units }, (_, i) => ((i * 29) % 97) / 97) };
  const ts = {
    y: Float32Array.from({ length: count * 10 }, (_, i) => Number(Math.floor(i / 10) % 10 === i % 10)),
  };
  return { fit: (epochs) => graph.fit({ xs, ts }, { epochs, batchSize: rows, shuffle: false }) };
}

/** The tasks, sorted by the milliseconds that a batch takes, more or less. */
const tasks = [setup(32, 4), setup(128, 32), setup(300, 100), setup(400, 200)];

/** @type {{ setImmediate?: unknown, requestAnimationFrame?: (next: () => void) => void }} */
const host = /** @type {any} */ (globalThis);

/**
 * Runs a function while the event loop never turns: `fit` resumes at once after each wait.
 * @param {() => PromiseLike<unknown>} work
 */
async function holding(work) {
  const own = Object.hasOwn(host, "setImmediate") ? host.setImmediate : undefined;
  host.setImmediate = (/** @type {() => void} */ resume) => queueMicrotask(resume);
  try {
    await work();
  } finally {
    if (own === undefined) delete host.setImmediate;
    else host.setImmediate = own;
  }
}

/** Returns the seconds that a function takes. @param {() => PromiseLike<unknown>} work */
async function time(work) {
  const before = performance.now();
  await work();
  return (performance.now() - before) / 1000;
}

/** Counts the frames a second while a function runs. @param {() => PromiseLike<unknown>} work */
async function frames(work) {
  let [count, running] = [0, true];
  const next = () => {
    if (!running) return;
    count++;
    host.requestAnimationFrame?.(next);
  };
  host.requestAnimationFrame?.(next);
  const seconds = await time(work);
  running = false;
  return count / seconds;
}

/** @param {number[]} values */
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** @param {number} wanted Seconds of each run. */
export async function giving(wanted = 1, rounds = 7) {
  /** @type {Found[]} */
  const found = [];
  for (const { fit } of tasks) {
    let epochs = 1;
    while ((await time(() => holding(() => fit(epochs)))) < wanted / 2) epochs *= 2;
    const lost = [];
    let held = 0;
    for (let round = 0; round < rounds; round++) {
      const both = [() => time(() => fit(epochs)), () => time(() => holding(() => fit(epochs)))];
      // By turns, since machines get faster and slower.
      const [first, second] = round % 2 === 0 ? both : both.reverse();
      const one = (await first?.()) ?? 0;
      const two = (await second?.()) ?? 0;
      const [gave, holds] = round % 2 === 0 ? [one, two] : [two, one];
      held = holds;
      lost.push(1 - holds / gave);
    }
    const figures = { milliseconds: (held * 1000) / epochs / 16, lost: median(lost) };
    const rest = () => new Promise((resolve) => setTimeout(resolve, wanted * 1000));
    const isPage = host.requestAnimationFrame !== undefined;
    found.push(
      isPage ? { ...figures, frames: await frames(() => fit(epochs)), idle: await frames(rest) } : figures,
    );
  }
  return found;
}

export default () => giving();
