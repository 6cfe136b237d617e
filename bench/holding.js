// The time that a `fit` with a checkpoint an epoch holds the event loop, beside the time of one copy of the parameters. Node.

import { Graph } from "../dist/index.js";

/** @typedef {{ parameters: number, optimizer: string, held: number, without: number, copy: number }} Hold In milliseconds. */

/**
 * Returns the longest time between two turns of the event loop while a function runs, in milliseconds.
 * @param {() => PromiseLike<unknown>} work
 */
async function longest(work) {
  let [most, before, running] = [0, performance.now(), true];
  const turn = () => {
    const now = performance.now();
    most = Math.max(most, now - before);
    before = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  running = false;
  return Math.max(most, performance.now() - before);
}

/** Returns the milliseconds that a copy of so many numbers takes, its memory included. @param {number} count */
function copying(count) {
  const values = new Float64Array(count).fill(0.5);
  const times = Array.from({ length: 9 }, () => {
    const before = performance.now();
    values.slice();
    return performance.now() - before;
  });
  return Math.min(...times);
}

/** @param {number[]} sizes Units of two layers of the same size, whose parameters are about their squares. @param {number} rounds */
export async function holding(sizes = [316, 1000, 2236], rounds = 5) {
  /** @type {Hold[]} */
  const found = [];
  for (const size of sizes) {
    for (const name of /** @type {const} */ (["sgd", "adam"])) {
      const graph = new Graph({
        seed: 1,
        optimizer: { name, rate: 1e-4 },
        inputs: { x: size },
        outputs: { y: { size, activation: "linear", loss: "mse" } },
        synapses: [["x", "y"]],
      });
      const data = { xs: { x: new Float64Array(size).fill(0.1) }, ts: { y: new Float64Array(size) } };
      const parameters = graph.layer("y").bias.length + (graph.synapses[0]?.weights.length ?? 0);
      let [held, without] = [Infinity, Infinity];
      // The least of the rounds, since other work on the machine only adds.
      for (let round = 0; round < rounds; round++) {
        const checkpoint = { everyEpochs: 1, save() {} };
        held = Math.min(held, await longest(() => graph.fit(data, { epochs: 3, checkpoint })));
        without = Math.min(without, await longest(() => graph.fit(data, { epochs: 3 })));
      }
      found.push({ parameters, optimizer: name, held, without, copy: copying(parameters) });
      graph.dispose();
    }
  }
  return found;
}
