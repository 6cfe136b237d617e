// The nervous system of a worm as a graph: 299 neurons, 2,266 pairs joined by chemical synapses, 1,132 by gap junctions. A touch spreads
// over them, step by step. Then the graph learns to back away from a touch at the head, and to flee forward from one at the tail.
//
//     node examples/connectome.js    a second
//
// connectome.tsv has the wiring and its source. It has no signs: all synapses start as excitatory, but for the 26 neurons with GABA
// (McIntire, Jorgensen, Kaplan, Horvitz, Nature 364, 1993). A weight starts as its share of all synapses of its target.

import { readFileSync } from "node:fs";
import { Graph } from "plexus-nn";
import { number, percent } from "./progress.js";
import { colours, say } from "./terminal.js";

const STEPS = 10; // of time, a touch being held
const TRAINING = 60; // steps of descent
const GABA = /^(DD|VD)\d+$|^(RME[DVLR]|AVL|DVB|RIS)$/;
const OTHER_CELLS = /^(GLR|pm|Legacy)/; // glia and muscles
/** The receptors of a gentle touch: three for the head's half, two for the tail's. */
const RECEPTORS = ["ALML", "ALMR", "AVM", "PLML", "PLMR"];
const HEAD = [1, 1, 1, 0, 0];
const TAIL = [0, 0, 0, 1, 1];
/** Neurons to look at, with the names of their cells. */
const GROUPS = [
  { name: "touch, head", cells: /^(ALM[LR]|AVM)$/ },
  { name: "touch, tail", cells: /^PLM[LR]$/ },
  { name: "AVA, backward", cells: /^AVA/ },
  { name: "AVD, backward", cells: /^AVD/ },
  { name: "AVE, backward", cells: /^AVE/ },
  { name: "AVB, forward", cells: /^AVB/ },
  { name: "PVC, forward", cells: /^PVC/ },
  { name: "motor, backward", cells: /^[DV]A\d/ },
  { name: "motor, forward", cells: /^[DV]B\d/ },
];

const terminal = process.stdout.isTTY && process.env.TERM !== "dumb";
const { bold } = colours(terminal && !process.env.NO_COLOR);

const { names, chemical, gaps } = read();
const place = new Map(names.map((name, i) => [name, i]));
const graph = build();
const learning = named("chemical");

say(bold("A worm's nervous system"), "");
const share = (chemical.length + gaps.length) / names.length ** 2;
say(
  `${names.length} neurons. ${number(chemical.length)} pairs have chemical synapses, ${number(gaps.length)} gap junctions:`,
);
say(`${percent(share)} of all pairs. Each value is a neuron's, or the mean of some, from -1 to 1.`);
draw("As it is wired");

const before = learning.weights.slice();
const xs = { touch: [HEAD, TAIL].map((touch) => Array.from({ length: STEPS }, () => touch)) };
for (let step = 0; step < TRAINING; step++) graph.train(xs, { motion: [0, 1] }); // 0: backward, 1: forward
draw("After it has learnt, with the same wiring");
compare();
lesion();

/** Reads the wiring: pairs of neurons with the number of their synapses. Gap junctions lead both ways. */
function read() {
  const text = readFileSync(new URL("connectome.tsv", import.meta.url), "utf8");
  const rows = text.split("\n").filter((line) => /\t\d+$/.test(line));
  const wires = rows.map((line) => {
    const [from = "", to = "", type = "", count = ""] = line.split("\t");
    return { from, to, isGap: type === "electrical", count: Number(count) };
  });
  const nerves = wires.filter(({ from, to }) => !OTHER_CELLS.test(from) && !OTHER_CELLS.test(to));
  const gaps = nerves.filter(({ isGap }) => isGap);
  return {
    names: [...new Set(nerves.flatMap(({ from, to }) => [from, to]))].sort(),
    chemical: merged(nerves.filter(({ isGap }) => !isGap)),
    gaps: merged(gaps.flatMap((wire) => [wire, { ...wire, from: wire.to, to: wire.from }])),
  };
}

/**
 * Returns wires with one for each pair.
 * @typedef {{ from: string, to: string, count: number }} Wire
 * @param {Wire[]} wires
 */
function merged(wires) {
  /** @type {Map<string, Wire>} */
  const found = new Map();
  for (const { from, to, count } of wires) {
    const key = `${from} ${to}`;
    found.set(key, { from, to, count: count + (found.get(key)?.count ?? 0) });
  }
  return [...found.values()];
}

/** Makes the graph: one layer of all neurons, whose synapses take a step. Only the chemical ones learn. */
function build() {
  const total = new Map(names.map((name) => [name, 0]));
  for (const { to, count } of [...chemical, ...gaps]) total.set(to, (total.get(to) ?? 0) + count);
  /** @type {(wires: Wire[], hasSigns: boolean) => { connections: [number, number][], init: { values: number[] } }} */
  const wired = (wires, hasSigns) => ({
    connections: wires.map(({ from, to }) => [index(from), index(to)]),
    init: {
      values: wires.map(({ from, to, count }) => {
        return ((hasSigns && GABA.test(from) ? -1 : 1) * count) / (total.get(to) ?? 1);
      }),
    },
  });
  const back = cellsOf(/^[DV]A\d/);
  const ahead = cellsOf(/^[DV]B\d/);
  return new Graph({
    seed: 1,
    optimizer: { name: "sgd", rate: 0.3 },
    inputs: { touch: { size: RECEPTORS.length, bias: false } },
    hidden: { neurons: { size: names.length, activation: "tanh", bias: false } },
    outputs: { motion: { size: 2, activation: "softmax", bias: false } },
    synapses: [
      [
        "touch",
        "neurons",
        {
          kind: "sparse",
          connections: RECEPTORS.map((name, i) => [i, index(name)]),
          init: { name: "constant", value: 1 },
          frozen: true,
        },
      ],
      ["neurons", "neurons", { name: "chemical", delay: 1, kind: "sparse", ...wired(chemical, true) }],
      ["neurons", "neurons", { name: "gaps", delay: 1, kind: "sparse", ...wired(gaps, false), frozen: true }],
      [
        "neurons",
        "motion", // ten times the means of the motor neurons of each direction
        {
          at: "last",
          kind: "sparse",
          connections: Uint32Array.from(
            [...back.map((cell) => [cell, 0]), ...ahead.map((cell) => [cell, 1])].flat(),
          ),
          init: { values: [...back.map(() => 10 / back.length), ...ahead.map(() => 10 / ahead.length)] },
          frozen: true,
        },
      ],
    ],
  });
}

/** Returns a neuron's place. @param {string} name */
function index(name) {
  const at = place.get(name);
  if (at === undefined) throw new Error(`The wiring has no ${name}.`);
  return at;
}

/** Returns the places of some neurons. @param {RegExp} cells */
function cellsOf(cells) {
  return names.flatMap((name, i) => (cells.test(name) ? [i] : []));
}

/** Returns a synapse by its name. @type {(name: string, of?: Graph) => import("plexus-nn").Synapse} */
function named(name, of = graph) {
  return of.synapses.find((synapse) => synapse.name === name) ?? of.synapse("touch", "neurons");
}

/**
 * Holds a touch for some steps, one step a call: the state has the values of the step before.
 * @param {number[]} touch
 * @param {Graph} of
 */
function spread(touch, of = graph) {
  const state = of.state();
  return Array.from({ length: STEPS }, () => {
    of.predict({ touch }, { state });
    return of.layer("neurons").post.slice();
  });
}

/** @param {Float64Array | Float32Array} values @param {RegExp} cells */
function mean(values, cells) {
  const some = cellsOf(cells).map((i) => values[i] ?? 0);
  return some.reduce((sum, value) => sum + value, 0) / some.length;
}

/** Draws the groups' values over time, for a touch of either end. @param {string} title */
function draw(title) {
  const touches = [HEAD, TAIL].map((touch) => spread(touch));
  say("", bold(title), "", `${"".padEnd(19)}${"touch at the head".padEnd(31)}touch at the tail`);
  for (const { name, cells } of GROUPS) {
    const parts = touches.map((steps) => {
      const values = steps.map((post) => mean(post, cells));
      return `${values.map(bar).join("")} ${(values.at(-1) ?? 0).toFixed(2).padStart(5)}`;
    });
    say(`${name.padEnd(19)}${parts.join("     ")}`);
  }
  const [head = 0, tail = 0] = touches.map(direction);
  say("", `It moves ${motion(head)} from a touch at the head, and ${motion(tail)} from one at the tail.`);
}

/** Returns two characters for a value: a bar that stands, or hangs where the neuron is inhibited. @param {number} value */
function bar(value) {
  if (value < -0.02) return (value < -0.3 ? "▀" : "▔").repeat(2);
  return (value < 0.02 ? "·" : "▁▂▃▄▅▆▇█".charAt(Math.min(Math.floor(value * 8), 7))).repeat(2);
}

/** Returns the motor neurons' last values, backward minus forward. @param {Float64Array[] | Float32Array[]} steps */
function direction(steps) {
  const last = steps.at(-1) ?? new Float64Array();
  return mean(last, /^[DV]A\d/) - mean(last, /^[DV]B\d/);
}

/** @param {number} value */
function motion(value) {
  return Math.abs(value) < 0.1 ? "hardly" : value > 0 ? "backward" : "forward";
}

/** Prints the receptors' synapses on the cells that command motion, and counts the changed signs. */
function compare() {
  const { connections = new Uint32Array(), weights } = learning;
  const rows = [...weights].map((after, i) => {
    const [from = "", to = ""] = [names[connections[2 * i] ?? 0], names[connections[2 * i + 1] ?? 0]];
    return { from, to, was: before[i] ?? 0, is: after };
  });
  const turned = rows.filter(({ was, is }) => was * is < 0).length;
  say("", bold("Learnt signs"), "");
  say(`Of ${number(rows.length)} weights, ${turned} have changed their sign.`);
  say("Chemical synapses of the touch receptors, and their weights now:");
  for (const touch of [/^(ALM|AVM)/, /^PLM/]) {
    for (const to of [/^AV[ADE]/, /^(AVB|PVC)/]) {
      const some = rows.filter((row) => touch.test(row.from) && to.test(row.to));
      const line = some.map(({ from, to, is }) => `${from} ${to} ${is.toFixed(2)}`);
      for (let i = 0; i < line.length; i += 4) say(`  ${line.slice(i, i + 4).join(", ")}`);
    }
  }
  say("Those on the opposite command have become inhibitory, as physiologists have");
  say("proposed (Chalfie et al., Journal of Neuroscience 5, 1985).");
}

/** Cuts cells out of the wiring that has learnt, and prints the motion that is left. */
function lesion() {
  say("", bold("Without some of its cells"), "");
  say(`${"".padEnd(14)}${"touch at the head".padEnd(24)}touch at the tail`);
  for (const name of ["", "AVA", "AVD", "AVB", "PVC"]) {
    const cut = graph.clone();
    for (const synapse of name === "" ? [] : [named("chemical", cut), named("gaps", cut)]) {
      const flat = synapse.connections ?? new Uint32Array();
      const pairs = Array.from({ length: flat.length / 2 }, (_, i) => [
        flat[2 * i] ?? 0,
        flat[2 * i + 1] ?? 0,
      ]);
      const kept = pairs.filter((pair) => !pair.some((cell) => names[cell]?.startsWith(name)));
      cut.rewire(synapse, /** @type {[number, number][]} */ (kept));
    }
    const parts = [HEAD, TAIL].map((touch) => {
      const value = direction(spread(touch, cut));
      return `${motion(value).padEnd(9)}${value.toFixed(2).padStart(6)}`;
    });
    say(`${(name === "" ? "none cut" : `without ${name}`).padEnd(14)}${parts.join("         ")}`);
    cut.dispose();
  }
}
