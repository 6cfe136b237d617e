// Words as points: a graph reads "Alice's Adventures in Wonderland", and learns to guess each word from the two before and the two after it.
// Words that fit into the same places get similar rows in its table.
//
//     node examples/words.js    some 5 s
//
// alice.txt is Lewis Carroll's book of 1865, in the public domain, as the Canterbury Corpus has it (alice29.txt).

import { readFileSync } from "node:fs";
import { Graph } from "plexus-nn";
import { number, progressLine } from "./progress.js";
import { colours, redraw, say } from "./terminal.js";

const SIDE = 2; // words before, and as many after
const COLUMNS = 24; // numbers to a word
const RAREST = 4; // occurrences of a word that gets a class of its own
const EPOCHS = 10;
const BATCH = 64; // words to a step
const SHOWN = ["king", "hatter", "said", "he", "head", "little", "eyes", "queen", "went", "very", "table"];
const GAPS = [
  "the white _ with the",
  "said the _ hare .",
  "the mock _ replied ,",
  "in a _ voice .",
  "off with _ head !",
];

const terminal = process.stdout.isTTY && process.env.TERM !== "dumb";
const { bold } = colours(terminal && !process.env.NO_COLOR);

const text = readFileSync(new URL("alice.txt", import.meta.url), "utf8");
const tokens = split(text);
const words = vocabulary();
const places = new Map(words.map((word, i) => [word, i]));

const data = gaps(tokens.map((word) => places.get(word) ?? 0));
const steps = Math.ceil(data.ts.word.length / BATCH);
const graph = new Graph({
  seed: 1,
  precision: "float32",
  optimizer: { name: "adam", rate: { name: "cosine", rate: 0.005, steps: EPOCHS * steps } },
  inputs: { near: { size: 2 * SIDE, classes: words.length } }, // four class numbers
  hidden: {
    points: { size: [2 * SIDE, COLUMNS], activation: "linear", bias: false }, // a row of the table for each
    sense: { size: 2 * COLUMNS, activation: "tanh", dropout: 0.2 },
  },
  outputs: { word: { size: words.length, activation: "softmax" } },
  synapses: [
    ["near", "points", { kind: "embedding" }],
    ["points", "sense"],
    ["sense", "word"],
  ],
});

say(bold("A graph learns words by their neighbours"), "");
say(
  `${number(tokens.length)} words and signs, ${words.length - 1} different ones that occur ${RAREST} times or more.`,
  "",
);
await train();

say("", bold("The nearest words, by the cosine of their rows"), "");
const rows = table();
for (const word of SHOWN) {
  const near = neighbours(word).map(({ word, cosine }) => `${word} ${cosine.toFixed(2)}`);
  say(`  ${word.padEnd(9)}${near.join("  ")}`);
}
say("", bold("Its guesses for a gap"), "");
for (const gap of GAPS) say(`  ${gap.padEnd(23)}${guesses(gap)}`);

/** Returns the words and signs of a text, in lower case. @param {string} text */
function split(text) {
  return text.toLowerCase().match(/[a-z]+(?:'[a-z]+)?|[.,;:?!]/g) ?? [];
}

/** Returns the frequent words, the most frequent first. All others are the class 0, whose name is empty. */
function vocabulary() {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const word of tokens) counts.set(word, (counts.get(word) ?? 0) + 1);
  const frequent = [...counts].filter(([, count]) => count >= RAREST).sort(([, a], [, b]) => b - a);
  return ["", ...frequent.map(([word]) => word)];
}

/** Returns a sample for each known word: the classes of its neighbours, and its own. @param {number[]} classes */
function gaps(classes) {
  const near = [];
  const word = [];
  for (let i = SIDE; i < classes.length - SIDE; i++) {
    const own = classes[i] ?? 0;
    if (own === 0) continue;
    near.push(...classes.slice(i - SIDE, i), ...classes.slice(i + 1, i + 1 + SIDE));
    word.push(own);
  }
  return { xs: { near: Uint16Array.from(near) }, ts: { word: Uint16Array.from(word) } };
}

/** Trains the graph, and prints among how many words it is undecided. */
async function train() {
  for await (const progress of graph.fit(data, { epochs: EPOCHS, batchSize: BATCH })) {
    if (progress.kind === "batch") {
      if (terminal) redraw(progressLine(progress, steps));
      continue;
    }
    if (terminal) redraw("");
    const { epoch, cost, samplesPerSecond } = progress;
    if (epoch % 3 !== 1) continue;
    const choice = `one of ${Math.exp(cost).toFixed(0).padStart(3)} words is its guess`;
    say(`epoch ${String(epoch).padStart(2)}: ${choice}, ${number(samplesPerSecond)} samples a second`);
  }
}

/** Returns the row of each word, scaled to length 1. */
function table() {
  const { weights } = graph.synapse("near", "points"); // classes × columns
  return words.map((_, i) => {
    const row = Array.from(weights.subarray(i * COLUMNS, (i + 1) * COLUMNS));
    const length = Math.hypot(...row);
    return row.map((value) => value / length);
  });
}

/** Returns the five nearest words. @param {string} word */
function neighbours(word) {
  const own = rows[places.get(word) ?? 0] ?? [];
  const cosines = rows.map((row, i) => {
    return { word: words[i] ?? "", cosine: row.reduce((sum, value, k) => sum + value * (own[k] ?? 0), 0) };
  });
  const others = cosines.filter((one) => one.word !== word && /\w/.test(one.word));
  return others.sort((a, b) => b.cosine - a.cosine).slice(0, 5);
}

/** Returns the likeliest words for a gap, without signs. @param {string} gap */
function guesses(gap) {
  const near = gap.split(" ").filter((word) => word !== "_");
  const shares = graph.predict({ near: near.map((word) => places.get(word) ?? 0) }).word;
  const best = [...shares.keys()].sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0));
  const likely = best.filter((i) => /\w/.test(words[i] ?? "")).slice(0, 4);
  return likely.map((i) => `${words[i]} ${((shares[i] ?? 0) * 100).toFixed(0)} %`).join(", ");
}
