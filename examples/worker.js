// Training in a worker: this thread stays free, and the graph here follows.
//
//     node examples/worker.js
//
// In a page it is the same call; the page still draws and answers while the worker learns. For a bundler that doesn't know
// `new URL(…, import.meta.url)`, pass `worker: () => new Worker(…)`, with the module `plexus-nn/worker/thread`.

import { Graph } from "plexus-nn";
import { fit } from "plexus-nn/worker";

const graph = new Graph({
  seed: 5,
  optimizer: { name: "sgd", rate: 0.05 },
  inputs: { point: 2 },
  hidden: { a: { size: 32, activation: "relu" }, b: { size: 32, activation: "relu" } },
  outputs: { inside: 1 },
  synapses: [
    ["point", "a", { init: "he" }],
    ["a", "b", { init: "he" }],
    ["b", "inside"],
  ],
});

// Whether a point of the square lies in a ring: 2,500 points on a grid.
const points = Array.from({ length: 2500 }, (_, i) => [(i % 50) / 25 - 0.98, Math.floor(i / 50) / 25 - 0.98]);
const inside = points.map(([x = 0, y = 0]) => Number(x * x + y * y > 0.15 && x * x + y * y < 0.6));
const data = { xs: { point: points }, ts: { inside } };

let turns = 0;
const timer = setInterval(() => turns++, 10); // other work of this thread

for await (const progress of fit(graph, data, { epochs: 45, batchSize: 25, validation: data })) {
  if (progress.kind !== "epoch" || progress.epoch % 15 !== 0) continue;
  const { accuracy = 0 } = progress.validation?.outputs.inside ?? {};
  console.log(
    `epoch ${progress.epoch}: cost ${progress.cost.toFixed(3)}, ${(accuracy * 100).toFixed(1)} % right`,
  );
  console.log(draw());
}
clearInterval(timer);
console.log(turns > 0 ? "Meanwhile this thread was free." : "Meanwhile this thread was blocked.");

/** Draws the square as the graph here predicts it after the epoch. */
function draw() {
  const rows = Array.from({ length: 13 }, (_, r) =>
    Array.from({ length: 40 }, (_, c) => [c / 20 - 0.98, r / 6.5 - 0.92]),
  );
  const seen = graph.predict({ point: rows.flat() }).inside;
  return rows
    .map((row, r) => row.map((_, c) => ((seen[r * 40 + c] ?? 0) > 0.5 ? "#" : "·")).join(""))
    .join("\n");
}
