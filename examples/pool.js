// A sweep over the cores of one machine: Piscina (https://www.npmjs.com/package/piscina) runs this file in a pool of threads.
//
//     npm install --no-save piscina     # in a clone, after npm run build
//     node examples/pool.js
//
// Settings don't depend on each other, so they need no engine of more threads. A job takes the bytes of a graph and
// returns those of the trained one. They have the bits that a training in the main thread has.

import { availableParallelism } from "node:os";
import { Piscina } from "piscina";
import { Graph } from "plexus-nn";
import { flowers, heldOut, make, options, settings } from "./flowers.js";

/**
 * Trains a graph in a thread of the pool, and returns its bytes with the history.
 * @param {Uint8Array} bytes
 */
export default async function train(bytes) {
  const graph = Graph.load(bytes);
  const history = await graph.fit(flowers, { ...options, validation: heldOut });
  const trained = { bytes: graph.save(), history };
  graph.dispose(); // now, and not when the thread's garbage is collected
  return trained;
}

if (!Piscina.isWorkerThread) {
  const pool = new Piscina({ filename: import.meta.url, maxThreads: availableParallelism() });
  const trained = await Promise.all(
    settings.map(async (setting) => {
      const { bytes, history } = await pool.run(make(setting).save());
      const { cost, outputs } = history.epochs.at(-1).validation;
      return { setting, bytes, cost, accuracy: outputs.species.accuracy };
    }),
  );
  await pool.close();

  trained.sort((a, b) => a.cost - b.cost);
  console.log("width   rate   cost  right");
  for (const { setting, cost, accuracy } of trained) {
    const { width, rate } = setting;
    const numbers = [width, rate, cost.toFixed(3)].map((one) => `${one}`.padStart(5)).join("  ");
    console.log(`${numbers}  ${(accuracy * 100).toFixed(1)} %`);
  }
  for (const { setting, bytes } of trained.slice(0, 1)) {
    const here = await train(make(setting).save());
    const same = Buffer.compare(bytes, here.bytes) === 0;
    console.log(`\nThe best, trained in this thread: ${same ? "the same bits" : "other bits"}.`);
  }
}
