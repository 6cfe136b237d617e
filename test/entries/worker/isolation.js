// Threads in a page: its default function returns what the host allows, and whether the bits are those of one thread.

import { Graph } from "../../../dist/index.js";
import { fit, predict, threads } from "../../../dist/worker.js";

function make() {
  return new Graph({
    seed: 7,
    precision: "float32",
    optimizer: { name: "adam" },
    inputs: { x: 60 },
    hidden: { h: { size: 50, activation: "relu" } },
    outputs: { y: { size: 10, activation: "softmax" } },
    synapses: [
      ["x", "h"],
      ["h", "y"],
    ],
  });
}

export default async function trial() {
  const rows = 20_000;
  const x = Float32Array.from({ length: rows * 60 }, (_, i) => ((i * 37) % 101) / 50 - 1);
  const set = {
    xs: { x: x.slice(0, 2000 * 60) },
    ts: { y: Array.from({ length: 2000 }, (_, i) => i % 10) },
  };
  const [here, there] = [make(), make()];
  const options = { epochs: 3, batchSize: 100 };
  await here.fit(set, options);
  const history = await fit(there, set, { ...options, threads: 2 });
  const wanted = JSON.stringify(here.predict({ x }));
  /** @param {import("plexus-nn").Data} x */
  const isSame = async (x) => JSON.stringify(await predict(there, { x }, { threads: 2 })) === wanted;
  const nested = Array.from({ length: rows }, (_, r) => Array.from(x.subarray(r * 60, (r + 1) * 60)));
  // A page without isolation has no SharedArrayBuffer, but memories that can't be posted.
  const { buffer } = new WebAssembly.Memory({ initial: 100, maximum: 100, shared: true });
  const shared = new Float32Array(buffer, 0, x.length);
  shared.set(x);
  return {
    allows: threads(),
    fit: {
      same: JSON.stringify(here) === JSON.stringify(there),
      threads: history.threads,
      sharing: history.sharing,
    },
    predict: { flat: await isSame(x), nested: await isSame(nested), shared: await isSame(shared) },
  };
}
