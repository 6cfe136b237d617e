// An autoencoder squeezes a digit of 784 pixels into 24 numbers, and draws it again from these. Its decoder shares the weights of the
// encoder: each transposed convolution is tied to a convolution.
//
//     node examples/autoencoder.js    some 5 s

import { Graph } from "plexus-nn";
import { image, load, SIDE } from "./mnist.js";
import { number, percent, progressLine } from "./progress.js";
import { colours, drawShades, redraw, say, sideBySide } from "./terminal.js";

const EPOCHS = 8;
const BATCH = 32; // digits to a step
const CODE = 24; // numbers to a digit
const SHOWN = 4;

const terminal = process.stdout.isTTY && process.env.TERM !== "dumb";
const { bold } = colours(terminal && !process.env.NO_COLOR);

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
  inputs: { image: [SIDE, SIDE, 1] },
  hidden: {
    halved: { size: [14, 14, 8], activation: "relu" },
    quartered: { size: [7, 7, 16], activation: "relu" },
    code: { size: CODE, activation: "linear" }, // a plain size beside a shape: one position
    doubled: { size: [7, 7, 16], activation: "relu" },
    redoubled: { size: [14, 14, 8], activation: "relu" },
  },
  outputs: { again: { size: [SIDE, SIDE, 1], activation: "sigmoid" } },
});

// Windows of 4 × 4, two pixels apart, with one pixel of padding: 28 → 14 → 7. The last window is the whole image.
const small = { kernel: 4, stride: 2, padding: 1 };
const whole = { kernel: 7 };
const first = graph.connect("image", "halved", { kind: "conv", ...small });
const second = graph.connect("halved", "quartered", { kind: "conv", ...small });
const third = graph.connect("quartered", "code", { kind: "conv", ...whole });
graph.connect("code", "doubled", { kind: "convTranspose", ...whole, share: third });
graph.connect("doubled", "redoubled", { kind: "convTranspose", ...small, share: second });
graph.connect("redoubled", "again", { kind: "convTranspose", ...small, share: first });

const weights = [first, second, third].reduce((sum, { weights }) => sum + weights.length, 0);
say(bold("An autoencoder with tied convolutions"), "");
say(`${SIDE * SIDE} pixels → ${CODE} numbers → ${SIDE * SIDE} pixels,`);
say(`by ${number(weights)} weights, each used there and back.`);
say(`${number(learn.count)} digits to learn from, ${number(apart.count)} others held out.`, "");
await train();
report();

/** Trains the graph on digits as inputs and as targets. */
async function train() {
  const data = { xs: { image: learn.pixels }, ts: { again: learn.pixels } };
  for await (const progress of graph.fit(data, { epochs: EPOCHS, batchSize: BATCH })) {
    if (progress.kind === "batch") {
      if (terminal) redraw(progressLine(progress, STEPS));
      continue;
    }
    if (terminal) redraw("");
    const speed = `${number(progress.samplesPerSecond)} samples a second`;
    say(`epoch ${progress.epoch}: cost ${progress.cost.toFixed(1)}, ${speed}`);
  }
}

/** Prints how much of the held-out digits comes back, and draws some of them beside their copies. */
function report() {
  const { again } = graph.predict({ image: apart.pixels });
  const mean = apart.pixels.reduce((sum, value) => sum + value, 0) / apart.pixels.length;
  let lost = 0;
  let all = 0;
  apart.pixels.forEach((value, i) => {
    lost += (value - (again[i] ?? 0)) ** 2;
    all += (value - mean) ** 2;
  });
  say("", bold(`${percent(1 - lost / all)} of the variance of held-out pixels comes back.`), "");
  const copies = { ...apart, pixels: Float32Array.from(again) };
  for (let i = 0; i < SHOWN; i += 2) {
    const pair = [i, i + 1].flatMap((one) => [centre(image(apart, one)), centre(image(copies, one))]);
    say(...sideBySide(pair, 20), "");
  }
  say("Digits, each with its copy at its right. Their codes are 24 numbers, such as", "");
  graph.predict({ image: image(apart, 0) });
  say(...[0, 12].map((from) => codeLine(graph.layer("code").post.subarray(from, from + 12))));
}

/** Draws the middle of an image, 20 × 20 pixels; the frame has no ink. @param {Float32Array} pixels */
function centre(pixels) {
  const middle = pixels.filter((_, i) => [i % SIDE, Math.floor(i / SIDE)].every((at) => at >= 4 && at < 24));
  return drawShades(middle, 20, { half: true });
}

/** @param {Float32Array | Float64Array} values */
function codeLine(values) {
  return Array.from(values, (value) => value.toFixed(1).padStart(6)).join("");
}
