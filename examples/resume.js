// A training that is interrupted and resumed later, with the same bits as without interruption.
//
//     node examples/resume.js
//
// Interrupt it by Ctrl+C at any time, and start it again: it resumes from the last checkpoint. Left alone, it interrupts
// itself once. In the end it trains another graph without any interruption, to compare.

import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Graph } from "plexus-nn";
import { loadCheckpoint, saveCheckpoint } from "plexus-nn/node";

const file = join(tmpdir(), "plexus-resume.json");
const EPOCHS = 40;

/** Makes the graph, always the same, which learns whether more than half of six bits are set. */
function make() {
  return new Graph({
    seed: 12,
    optimizer: { name: "sgd", rate: 0.05 },
    inputs: { bits: 6 },
    hidden: { first: { size: 24, activation: "tanh" }, second: { size: 12, activation: "tanh" } },
    outputs: { most: 1 },
    synapses: [
      ["bits", "first"],
      ["first", "second"],
      ["second", "most"],
    ],
  });
}

const numbers = Array.from({ length: 64 }, (_, n) => [0, 1, 2, 3, 4, 5].map((bit) => (n >> bit) & 1));
const data = {
  xs: { bits: numbers },
  ts: { most: numbers.map((bits) => Number(bits.reduce((a, b) => a + b) > 3)) },
};
const options = { epochs: EPOCHS, batchSize: 4 };

/** Trains from the last checkpoint, if there is one. @param {AbortSignal} signal */
async function train(signal) {
  const graph = make();
  const resume = existsSync(file) ? { resume: await loadCheckpoint(file) } : {};
  const run = graph.fit(data, {
    ...options,
    ...resume,
    signal,
    checkpoint: { everyEpochs: 5, save: saveCheckpoint(file) }, // atomic: written to a file beside it, then renamed
  });
  for await (const { kind, epoch, cost } of run) {
    if (kind === "epoch" && epoch % 5 === 0)
      console.log(`epoch ${String(epoch).padStart(2)}: cost ${cost.toFixed(4)}`);
    if (kind === "epoch" && epoch === 23 && !("resume" in resume)) break; // as if someone had pulled the plug
  }
  return { graph, history: run.history };
}

const control = new AbortController();
process.once("SIGINT", () => control.abort());
const { history } = await train(control.signal);
if (history.stopped === "break") {
  console.log(`Interrupted in epoch ${history.epochs.length + 1}; the last checkpoint is of epoch 20.`);
}
if (history.stopped !== "aborted") {
  const { graph, history } = await train(control.signal);
  if (history.stopped === "epochs") {
    rmSync(file);
    const whole = make();
    await whole.fit(data, options);
    const same = JSON.stringify(graph) === JSON.stringify(whole);
    const { accuracy = 0 } = graph.evaluate(data.xs, data.ts).outputs.most;
    console.log(
      `All ${history.steps} steps are made: ${(accuracy * 100).toFixed(0)} % of the numbers are right.`,
    );
    console.log(
      `${same ? "The same" : "Not the same"} as a training without an interruption, to the last bit.`,
    );
    if (!same) process.exitCode = 1;
  }
}
