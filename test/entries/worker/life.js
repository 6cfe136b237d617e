// Makes many runs on several threads in one process. Prints its memory and its resources before and after them. Node wants --expose-gc.

import { Graph } from "../../../dist/index.js";
import { fit } from "../../../dist/worker.js";

const ROWS = 2000;
const xs = { x: Float32Array.from({ length: 100 * ROWS }, (_, i) => (i % 17) / 17) };
const ts = { y: Float32Array.from({ length: 5 * ROWS }, (_, i) => (i % 5) / 5) };

async function run() {
  const graph = new Graph({ precision: "float32", optimizer: { name: "sgd", rate: 0.001 } });
  graph.addInput("x", 100);
  graph.addOutput("y", 5, "linear");
  graph.connect("x", "y");
  await fit(graph, { xs, ts }, { threads: 3, epochs: 1 });
  graph.dispose();
}

/** Returns the megabytes that the process holds after collections, and its open resources beside timers and pipes. */
async function left() {
  for (let i = 0; i < 5; i++) {
    /** @type {any} */ (globalThis).gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const resources = process.getActiveResourcesInfo().filter((name) => !/Timeout|Pipe|TTY|FS/.test(name));
  return { megabytes: process.memoryUsage().rss / 2 ** 20, resources };
}

for (let i = 0; i < 10; i++) await run();
const before = await left();
for (let i = 0; i < 100; i++) await run();
const after = await left();
console.log(JSON.stringify({ before, after }));
