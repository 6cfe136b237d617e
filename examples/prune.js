// A dense network learns digits, then loses nine tenths of its weights: the smallest of each matrix, in three cuts, with some training after
// each. Its accuracy stays. Its file gets small, and it computes faster, since a sparse synapse has no zeros to multiply.
//
//     node examples/prune.js    half a minute

import { Graph } from "plexus-nn";
import { load, movedSamples, SIDE } from "./mnist.js";
import { number, percent, progressLine } from "./progress.js";
import { colours, drawShades, redraw, say } from "./terminal.js";

const BATCH = 32; // digits to a step
const EPOCHS = 18; // of the dense graph
const CUTS = [0.4, 0.2, 0.1]; // shares of the weights that are left
const EPOCHS_AFTER = 12; // of training after each cut
const MOST_LOST = 0.005; // of accuracy

const terminal = process.stdout.isTTY && process.env.TERM !== "dumb";
const { bold, red } = colours(terminal && !process.env.NO_COLOR);

const { learn, apart } = load();
const STEPS = learn.count / BATCH;
const test = { xs: { pixels: apart.pixels }, ts: { digit: apart.labels } };

const graph = new Graph({
  seed: 1,
  precision: "float32",
  init: "he",
  optimizer: "adam",
  inputs: { pixels: SIDE * SIDE },
  hidden: { strokes: { size: 256, activation: "relu" } },
  outputs: { digit: { size: 10, activation: "softmax" } },
  synapses: [
    ["pixels", "strokes"],
    ["strokes", "digit"],
  ],
});
const all = left();
let epoch = 0;

say(bold("A network of digits without nine tenths of its weights"), "");
say("          weights  of all     right      file    predict    predict      train");
say("                                           32 digits  one digit  32 digits");
await train(EPOCHS, 0.002);
const before = row("dense");
let after = before;
for (const share of CUTS) {
  const kept = (share * all) / left();
  for (const synapse of graph.synapses) graph.prune(synapse, { share: kept });
  await train(EPOCHS_AFTER, 0.002);
  after = row("pruned");
}
say("", "Times are of one step or call, on one core.");
const size = before.bytes / after.bytes;
say(
  "",
  bold(
    `Its file is ${size.toFixed(1)} times smaller, and it predicts ${(before.many / after.many).toFixed(1)} times faster.`,
  ),
);
const lost = before.accuracy - after.accuracy;
const verdict = `${percent(Math.abs(lost), 2)} ${lost > 0 ? "fewer" : "more"} of the ${number(apart.count)} held-out digits are right than before.`;
say(lost > MOST_LOST ? red(verdict) : verdict);
if (lost > MOST_LOST) process.exitCode = 1;
say("", "The pixels that it still looks at, by the number of their connections:", "");
say(...map().map((line) => `  ${line.trimEnd()}`));

/** Draws the number of connections of each pixel. */
function map() {
  const { connections = new Uint32Array() } = graph.synapse("pixels", "strokes");
  const counts = new Float32Array(SIDE * SIDE);
  for (let i = 0; i < connections.length; i += 2)
    counts[connections[i] ?? 0] = (counts[connections[i] ?? 0] ?? 0) + 1;
  const most = Math.max(...counts);
  return drawShades(
    counts.map((count) => count / most),
    SIDE,
    { half: true },
  );
}

/** Returns the number of weights. */
function left() {
  return graph.synapses.reduce((sum, { weights }) => sum + weights.length, 0);
}

/** Trains for some epochs, with the rate falling to nothing. @type {(epochs: number, rate: number) => Promise<void>} */
async function train(epochs, rate) {
  graph.optimizer = { name: "adam", rate: { name: "cosine", rate, steps: epochs * STEPS } };
  for await (const progress of graph.fit(() => batches(++epoch), { epochs })) {
    if (terminal) redraw(progress.kind === "batch" ? progressLine(progress, STEPS) : "");
  }
}

/** Yields the digits batch after batch, each moved a little: otherwise in every epoch. @param {number} epoch */
function* batches(epoch) {
  for (let from = 0; from < learn.count; from += BATCH) {
    const { xs, ts } = movedSamples(learn, from, from + BATCH, epoch);
    yield { xs: { pixels: xs.pixels }, ts: { digit: ts.digit } };
  }
}

/** Prints a row of the table, and returns its numbers. @param {string} name */
function row(name) {
  const accuracy = graph.evaluate(test.xs, test.ts).outputs.digit?.accuracy ?? 0;
  const bytes = graph.save({ optimizer: false }).length;
  const [one, many] = [1, BATCH].map((rows) => {
    const pixels = apart.pixels.subarray(0, rows * SIDE * SIDE);
    return timed(() => graph.predict({ pixels }));
  });
  const copy = graph.clone();
  const batch = batches(0).next().value ?? test;
  const step = timed(() => copy.train(batch.xs, batch.ts));
  copy.dispose();
  const cells = [
    number(left()),
    percent(left() / all, 0),
    percent(accuracy, 2),
    `${number(bytes / 1000)} kB`,
    ...[many, one, step].map((time = 0) => `${time.toFixed(time < 10 ? 1 : 0)} µs`),
  ];
  const widths = [10, 8, 10, 10, 11, 11, 11];
  say(`${name.padEnd(7)}${cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join("")}`);
  return { accuracy, bytes, many: many ?? 0 };
}

/** Returns the microseconds of a call: the least mean of five runs. @param {() => void} call */
function timed(call) {
  const runs = Array.from({ length: 5 }, () => {
    const start = performance.now();
    let calls = 0;
    while (performance.now() - start < 40) for (let i = 0; i < 8; i++, calls++) call();
    return (1000 * (performance.now() - start)) / calls;
  });
  return Math.min(...runs);
}
