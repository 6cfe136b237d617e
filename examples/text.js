// A character model: it reads the pages of docs/ a character at a time, learns which one comes next, and then writes.
//
//     node examples/text.js            about a minute
//     node examples/text.js --quick    a few steps, to see that all works

import { readdirSync, readFileSync } from "node:fs";
import { Graph } from "plexus-nn";
import { number, progressLine } from "./progress.js";
import { colours, redraw, say } from "./terminal.js";

const QUICK = process.argv.includes("--quick");
const STREAMS = 32; // parts of the text that are read side by side
const WINDOW = 64; // characters to a step of training
const EPOCHS = QUICK ? 1 : 60;

const terminal = process.stdout.isTTY && process.env.TERM !== "dumb";
const { bold } = colours(terminal && !process.env.NO_COLOR);

const text = read();
const characters = [...new Set(text)].sort();
const places = new Map(characters.map((character, i) => [character, i]));
/** Characters of a stream: each stream is one sequence. */
const LENGTH = Math.floor((text.length - 1) / STREAMS);

const graph = new Graph({
  seed: 3,
  precision: "float32",
  optimizer: { name: "adam", rate: 0.004, clipNorm: 1 },
  inputs: { now: characters.length },
  hidden: { cell: { size: 128, cell: "lstm", from: "now" } },
  outputs: { next: { size: characters.length, activation: "softmax" } },
  synapses: [["cell", "next"]],
});

say(bold("A graph learns to write like its own documentation"), "");
say(`${number(text.length)} characters, ${characters.length} different ones; an LSTM of 128 units.`);
await train();
say("", bold("It writes"), "");
write("A graph ", QUICK ? 80 : 400);

/** Returns the paragraphs of the pages, in lower case and on one line each. */
function read() {
  const folder = new URL("../docs/", import.meta.url);
  const pages = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "reference.md");
  const all = pages.map((name) => readFileSync(new URL(name, folder), "utf8").replace(/```[\s\S]*?```/g, ""));
  const prose = all
    .join("\n\n")
    .split(/\n{2,}/)
    .filter((part) => /^[A-Z`]/.test(part));
  const plain = prose.map((part) => part.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/\s+/g, " "));
  const whole = `${plain.join("\n")}\n`.replace(/[^\n -~]/g, "");
  return QUICK ? whole.slice(0, 8000) : whole;
}

/** Trains on all streams at once: windows of 64 characters, of which each continues from the state of the last. */
async function train() {
  const xs = new Float32Array(STREAMS * LENGTH * characters.length);
  const ts = new Uint16Array(STREAMS * LENGTH);
  for (let i = 0; i < STREAMS * LENGTH; i++) {
    xs[i * characters.length + (places.get(text.charAt(i)) ?? 0)] = 1;
    ts[i] = places.get(text.charAt(i + 1)) ?? 0; // class numbers
  }
  const data = { xs: { now: xs }, ts: { next: ts }, steps: LENGTH };
  const run = graph.fit(data, { epochs: EPOCHS, batchSize: STREAMS, window: WINDOW });
  const steps = Math.ceil(LENGTH / WINDOW);
  for await (const progress of run) {
    if (progress.kind === "batch") {
      if (terminal) redraw(progressLine(progress, steps));
      continue;
    }
    if (terminal) redraw("");
    const { epoch, cost } = progress;
    if (epoch === 1 || epoch % 10 === 0) {
      say(`epoch ${String(epoch).padStart(2)}: one of ${Math.exp(cost).toFixed(1)} characters is its guess`);
    }
  }
}

/**
 * Writes on from a beginning, one character a call. The state remembers all that came before.
 * @param {string} begin
 * @param {number} count
 */
function write(begin, count) {
  const state = graph.state();
  const random = generator(5);
  let written = begin;
  /** @type {Float32Array} */
  let shares = new Float32Array();
  for (const character of begin) shares = read1(character);
  for (let i = 0; i < count; i++) {
    const character = draw(shares, random());
    written += character;
    shares = read1(character);
  }
  for (const line of written.split("\n")) say(...wrapped(line, 76).map((part) => `  ${part}`));

  /** Returns the shares of the next characters. @param {string} character */
  function read1(character) {
    const now = new Float32Array(characters.length);
    now[places.get(character) ?? 0] = 1;
    return graph.predict({ now }, { state }).next;
  }
}

/**
 * Returns a character, drawn by the shares' squares: likely ones more often than they are.
 * @type {(shares: Float32Array, at: number) => string}
 */
function draw(shares, at) {
  const sharp = shares.map((share) => share ** 2);
  let left = at * sharp.reduce((sum, share) => sum + share, 0);
  const place = sharp.findIndex((share) => {
    left -= share;
    return left < 0;
  });
  return characters.at(place) ?? "";
}

/** Returns a function that returns numbers in [0, 1), the same for a seed. @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' linear congruences
    return state / 2 ** 32;
  };
}

/** Returns the lines of a text of some width. @type {(text: string, width: number) => string[]} */
function wrapped(text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line.length + word.length < width) lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
