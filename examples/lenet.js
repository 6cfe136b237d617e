// A small convolutional network learns handwritten digits: windows of 5 × 5 pixels, twice, with the largest of 2 × 2 after each. It gets
// 98 % of the held-out digits right in some 10 s, and shows its filters.
//
//     node examples/lenet.js

import { Graph } from "plexus-nn";
import { image, load, movedSamples, SIDE } from "./mnist.js";
import { number, percent, progressLine } from "./progress.js";
import { colours, drawShades, redraw, say, sideBySide } from "./terminal.js";

const EPOCHS = 18; // twice all nine places of movedSamples
const BATCH = 32; // digits to a step
const FILTERS = 8;
const WANTED = 0.98; // of the held-out digits

const terminal = process.stdout.isTTY && process.env.TERM !== "dumb";
const { bold, red } = colours(terminal && !process.env.NO_COLOR);

const { learn, apart } = load();
const STEPS = learn.count / BATCH;

const graph = new Graph({
  seed: 1,
  precision: "float32",
  init: "he",
  optimizer: {
    name: "adam",
    rate: { name: "cosine", rate: 0.003, steps: EPOCHS * STEPS, floor: 1e-5 },
  },
  inputs: { image: [SIDE, SIDE, 1] }, // height × width × channels
  hidden: {
    c1: { size: [24, 24, FILTERS], activation: "linear" },
    p1: { size: [12, 12, FILTERS], activation: "relu" }, // after the pool: the same as before it, on a quarter of the units
    c2: { size: [8, 8, 16], activation: "linear" },
    p2: { size: [4, 4, 16], activation: "relu" },
  },
  outputs: { digit: { size: 10, activation: "softmax" } },
  synapses: [
    ["image", "c1", { kind: "conv", kernel: 5 }],
    ["c1", "p1", { kind: "maxPool" }], // 2 × 2, by the shapes
    ["p1", "c2", { kind: "conv", kernel: 5 }],
    ["c2", "p2", { kind: "maxPool" }],
    ["p2", "digit"],
  ],
});

const weights = graph.synapses.reduce((sum, { weights }) => sum + weights.length, 0);
const biases = graph.layers.reduce((sum, { bias }) => sum + bias.length, 0);
say(bold("A convolutional network learns handwritten digits"), "");
for (const { from, to, kind, kernel, shape } of graph.synapses) {
  const window = kernel === undefined ? "" : ` ${kernel.join(" × ")}`;
  const room = `${from.shape.join(" × ")} → ${to.shape.join(" × ")}`;
  const matrix = kind === "maxPool" ? "no weights" : `weights ${shape.join(" × ")}`;
  say(
    `  ${`${from.name} → ${to.name}`.padEnd(12)} ${`${kind}${window}`.padEnd(14)} ${room.padEnd(27)} ${matrix}`,
  );
}
say(
  "",
  `${number(weights + biases)} parameters; a dense layer in the place of the first conv has 3.6 million.`,
  "",
);

const accuracy = await train();
const verdict = `${number(accuracy * apart.count)} of the ${number(apart.count)} held-out digits are right: ${percent(accuracy, 2)}`;
say("", bold(verdict), "");
show(image(apart, 3));
if (accuracy < WANTED) {
  say("", red(`Fewer are right than the ${percent(WANTED, 0)} that this example is to reach.`));
  process.exitCode = 1;
}

/** Trains the graph, and prints the accuracy of the held-out digits after every third epoch. Returns the last one. */
async function train() {
  const test = { xs: { image: apart.pixels }, ts: { digit: apart.labels } };
  let epoch = 0;
  let accuracy = 0;
  const run = graph.fit(() => batches(++epoch), { epochs: EPOCHS, validation: test });
  for await (const progress of run) {
    if (progress.kind === "batch") {
      if (terminal) redraw(progressLine(progress, STEPS));
      continue;
    }
    if (terminal) redraw("");
    accuracy = progress.validation?.outputs.digit?.accuracy ?? 0;
    if (epoch % 3 > 0) continue;
    const speed = `${number(progress.samplesPerSecond)} samples a second`;
    say(
      `epoch ${String(epoch).padStart(2)}: cost ${progress.cost.toFixed(4)}, ${percent(accuracy)} right, ${speed}`,
    );
  }
  return accuracy;
}

/** Yields the digits batch after batch, each moved a little: otherwise in every epoch. @param {number} epoch */
function* batches(epoch) {
  for (let from = 0; from < learn.count; from += BATCH) {
    const { xs, ts } = movedSamples(learn, from, from + BATCH, epoch);
    yield { xs: { image: xs.pixels }, ts: { digit: ts.digit } };
  }
}

/** Draws the first filters, and below each its places in an image. @param {Float32Array} pixels */
function show(pixels) {
  const { digit } = graph.predict({ image: pixels });
  const said = digit.indexOf(Math.max(...digit));
  say(`The filters of the first conv, from black (against ink) to white (for ink), and`);
  say(`below each where it finds its pattern in this digit, which the graph says is ${said}:`, "");
  const digitLines = drawShades(pixels, SIDE, { half: true }).map((line) => line.trimEnd());
  say(...digitLines.filter((line) => line !== ""), "");
  const { weights } = graph.synapse("image", "c1"); // kernel rows × kernel columns × 1 × filters
  const found = graph.layer("p1").post; // 12 × 12 × filters, of the last pass
  const drawings = Array.from({ length: FILTERS }, (_, filter) => {
    const one = stretched(channel(weights, filter));
    const places = channel(found, filter);
    const most = Math.max(...places) || 1;
    const map = places.map((value) => value / most);
    return [...drawShades(one, 5), "", ...drawShades(map, 12, { half: true })];
  });
  for (let i = 0; i < FILTERS; i += 4) say(...sideBySide(drawings.slice(i, i + 4), 19), "");
}

/** Returns the values of a channel: every eighth one. @type {(all: ArrayLike<number>, channel: number) => number[]} */
function channel(all, channel) {
  return Array.from(all).filter((_, i) => i % FILTERS === channel);
}

/** Returns values between 0 and 1, with 0 at a half. @param {readonly number[]} values */
function stretched(values) {
  const most = Math.max(...values.map(Math.abs));
  return values.map((value) => 0.5 + value / most / 2);
}
