// A graph with skips, two inputs and two outputs learns real handwritten digits. `npm start` builds the
// engine and runs this; `--quick` goes once through an eighth of the digits, to see that all works.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Graph } from "plexus-nn";
import { image, load, movedSamples, SIDE, samples } from "./mnist.js";
import { picture } from "./picture.js";
import { number, percent, progressLine, TABLE_HEAD, tableRow } from "./progress.js";
import { colours, drawDigit, redraw, say, sideBySide } from "./terminal.js";

const QUICK = process.argv.includes("--quick");
const EPOCHS = QUICK ? 1 : 18;
const BATCH = 32; // digits to a step
const WANTED = 0.95; // of the held-out digits

const terminal = process.stdout.isTTY && process.env.TERM !== "dumb";
const { bold, red, green } = colours(terminal && !process.env.NO_COLOR);

const { learn, apart } = load();
const count = QUICK ? 1000 : learn.count;
const test = samples(apart, 0, apart.count);
const STEPS = Math.ceil(count / BATCH);

const graph = new Graph({
  seed: 7,
  // Large steps first, then finer ones: a tenth less after each epoch.
  optimizer: { name: "sgd", rate: { name: "exponential", rate: 0.15, factor: 0.9, every: STEPS } },
  precision: "float32", // some twice as fast as float64, and exact enough for this
  inputs: { pixels: SIDE * SIDE, coarse: 49 },
  hidden: {
    strokes: { size: 128, activation: "relu" },
    layout: { size: 32, activation: "tanh" },
    mix: { size: 64, activation: "relu" },
  },
  outputs: { digit: { size: 10, activation: "softmax" }, even: { size: 1, activation: "sigmoid" } },
  synapses: [
    ["pixels", "strokes", { init: "he" }],
    ["coarse", "layout"],
    ["strokes", "mix", { init: "he" }],
    ["layout", "mix", { init: "he" }],
    ["mix", "digit"],
    ["strokes", "digit"], // a skip
    ["coarse", "digit"], // a longer one
    ["digit", "even"], // an output may feed another
    ["mix", "even"],
  ],
});

introduce();
const seconds = await train();
const predicted = graph.predict(test.xs);
const answers = [...apart.labels].map(answer);
const share = answers.filter(({ right }) => right).length / apart.count;
report();
const same = save();
const enough = QUICK || share >= WANTED;
if (!enough) say("", red(`Fewer are right than the ${percent(WANTED, 0)} that this example is to reach.`));
say("", bold("What to try next"));
say("  Change the graph in examples/digits.js: drop a skip, add a layer.");
say("  Read README.md: the calls of a graph, and the pages behind them.");
say("  Run npm test, which checks all of it.");
if (!same || !enough) process.exitCode = 1;

function introduce() {
  const weights = graph.synapses.reduce((sum, { weights }) => sum + weights.length, 0);
  const biases = graph.layers.reduce((sum, { size }) => sum + size, 0);
  say(bold("A graph of layers learns handwritten digits"), "", picture(graph), "");
  say(`${number(weights + biases)} parameters: ${number(weights)} weights and ${number(biases)} biases.`);
  say(`${number(count)} digits to learn from, ${number(apart.count)} others held out to test on.`);
  say(`Seed ${graph.seed}, ${graph.precision}: the next run gives the same numbers, to the last bit.`);
  if (QUICK) say("This is the quick run, which can't learn much.");
}

/** Trains on the digits epoch by epoch, and prints the accuracy after each. Returns the seconds it took. */
async function train() {
  say("", ...TABLE_HEAD);
  let epoch = 0;
  const run = graph.fit(() => batches(++epoch), { epochs: EPOCHS, validation: test });
  for await (const progress of run) {
    if (progress.kind === "batch") {
      if (terminal) redraw(progressLine(progress, STEPS));
      continue;
    }
    if (terminal) redraw("");
    say(tableRow(progress, progress.validation?.outputs ?? {}));
  }
  return run.history.seconds;
}

/** Yields the digits batch after batch, each moved a little: otherwise in every epoch. @param {number} epoch */
function* batches(epoch) {
  for (let from = 0; from < count; from += BATCH) {
    yield movedSamples(learn, from, Math.min(from + BATCH, count), epoch);
  }
}

/**
 * Returns the graph's answer for a held-out digit.
 *
 * @type {(label: number, i: number) => { right: boolean, drawing: string[] }}
 */
function answer(label, i) {
  const shares = predicted.digit.subarray(i * 10, i * 10 + 10);
  const share = Math.max(...shares);
  const said = shares.indexOf(share);
  const verdict = said === label ? "right" : `wrong: it is ${label}`;
  const words = [`says ${said} (${percent(share)})`, `even: ${percent(predicted.even[i])}`, verdict];
  return { right: said === label, drawing: [...drawDigit(image(apart, i), SIDE), "", ...words] };
}

/** Prints the share of right digits, the first five of them, and the first wrong one. */
function report() {
  const counts = `${number(share * apart.count)} of the ${number(apart.count)}`;
  say("", bold(`${counts} held-out digits are right: ${percent(share)}`));
  say(`after ${seconds.toFixed(1)} s of learning, ${number((EPOCHS * count) / seconds)} samples a second.`);
  const [hits, misses] = [answers.filter(({ right }) => right), answers.filter(({ right }) => !right)];
  const shown = [...hits.slice(0, 5), ...misses.slice(0, 1)].map(({ drawing }) => drawing);
  const lines = ["", ...sideBySide(shown.slice(0, 3), 26), "", ...sideBySide(shown.slice(3), 26)];
  say(...lines.map((line) => line.replace(/wrong: it is \d/, red)));
}

/** Saves the graph, loads it again, and asks it the same. Returns whether it answers the same. */
function save() {
  const file = join(mkdtempSync(join(tmpdir(), "plexus-")), "digits.json");
  writeFileSync(file, JSON.stringify(graph));
  const json = readFileSync(file, "utf8");
  const again = Graph.fromJSON(JSON.parse(json)).predict(test.xs);
  const same = bits(predicted).equals(bits(again));
  say("", `Saved to ${file}`, `(${number(json.length / 1000)} kB) and loaded again:`);
  say(same ? green("all predictions are the same, bit for bit.") : red("it predicts otherwise."));
  return same;
}

/** @param {Record<string, ArrayBufferView>} predictions */
function bits(predictions) {
  return Buffer.concat(Object.values(predictions).map(({ buffer }) => new Uint8Array(buffer)));
}
