// Makes old.json: small networks as old versions of other libraries save them, with inputs and what those versions compute.
// Usage: node test/entries/migrate/old.js, with npm's registry in reach.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "plexus-old-"));
const require = createRequire(join(folder, "/"));

const later = ["brain.js@1.4.8", "brain.js@2.0.0-beta.2"];
const packages = [
  ...["synaptic@1.0.1", "synaptic@1.0.8", "synaptic@1.0.11"],
  ...["brain@0.3.6", "brain@0.6.3", "brain.js@0.7.0", "brain.js@1.0.0"],
  ...later,
  ...["neataptic@1.0.1", "neataptic@1.2.6"],
];
const aliases = packages.map((name) => `${name.replace("@", "-")}@npm:${name}`);
writeFileSync(
  join(folder, "package.json"),
  '{ "private": true, "overrides": { "gpu.js": "npm:empty-npm-package@1.0.0" } }',
);
execFileSync(
  "npm",
  ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps", ...aliases],
  {
    cwd: folder,
    stdio: "inherit",
  },
);

/** @type {object[]} */
const files = [];
/** @param {string} name @param {string} what @param {any} network @param {readonly any[]} xs @param {(x: any) => any} run */
function add(name, what, network, xs, run) {
  const json = JSON.parse(JSON.stringify(network.toJSON()));
  // Some return the array that their next run writes into.
  files.push({ name, what, json, xs, ys: xs.map((x) => structuredClone(run(x))) });
}

const points = [
  [0, 0, 1],
  [0.5, -1, 2],
  [-3, 0.25, 1],
];

for (const name of packages.filter((one) => one.startsWith("synaptic"))) {
  const { Architect, Network, Layer, Neuron } = require(name.replace("@", "-"));
  /** @param {string} what @param {any} network */
  const save = (what, network) => add(name, what, network, points, (x) => network.activate(x));
  const deep = new Architect.Perceptron(3, 4, 3, 2);
  deep.layers.hidden[0].set({ squash: Neuron.squash.TANH });
  save("a perceptron", deep);
  const [a, b, c] = [new Layer(3), new Layer(2), new Layer(1)];
  a.project(b);
  b.project(c);
  a.project(c);
  c.set({ squash: Neuron.squash.IDENTITY });
  save("a skip", new Network({ input: a, hidden: [b], output: c }));
  save("LSTM", new Architect.LSTM(3, 2, 1));
}

const samples = [
  { input: [0, 0.5, 1], output: [1, 0] },
  { input: [1, 0.25, 0], output: [0, 1] },
];
const named = [
  { input: { red: 0.5, green: 1 }, output: { dark: 1 } },
  { input: { red: 1, blue: 0.25 }, output: { light: 1, dark: 0 } },
];
const numbered = [
  { input: { 0: 0.5, 7: 1 }, output: { 3: 1 } },
  { input: { 0: 1, 2: 0.25 }, output: { 3: 0, 4: 1 } },
];
for (const name of packages.filter((one) => one.startsWith("brain") && !later.includes(one))) {
  const brain = require(name.replace("@", "-"));
  for (const [what, data] of Object.entries({ arrays: samples, names: named, numbers: numbered })) {
    const network = new brain.NeuralNetwork();
    network.train(data, name === "brain@0.3.6" ? 20 : { iterations: 20 });
    add(
      name,
      what,
      network,
      data.map(({ input }) => input),
      (x) => network.run(x),
    );
  }
}

const numbers = [
  [0.1, 0.2, 0.3, 0.4],
  [0.4, 0.3, 0.2, 0.1],
];
for (const name of ["brain.js@1.0.0", ...later]) {
  const { recurrent } = require(name.replace("@", "-"));
  /** @param {string} type @param {readonly any[]} data @param {readonly any[]} xs */
  const save = (type, data, xs) => {
    if (recurrent[type] === undefined) return;
    const network = new recurrent[type]({ hiddenLayers: [3], hiddenSizes: [3] });
    network.train(data, { iterations: 60, learningRate: 0.02 });
    add(name, type, network, xs, (x) => network.run(x));
  };
  for (const type of ["RNN", "LSTM", "GRU"]) {
    save(type, ["a cat", "the dog"], ["", "a", "the d"]);
    save(`${type}TimeStep`, numbers, numbers);
  }
}

for (const name of packages.filter((one) => one.startsWith("neataptic"))) {
  const { Architect, Methods, Network } = require(name.replace("@", "-"));
  const network = new Architect.Perceptron(3, 4, 2);
  const squashes = ["LOGISTIC", "TANH", "IDENTITY", "RELU", "SOFTSIGN", "SINUSOID"];
  for (const [i, node] of network.nodes.slice(3).entries())
    node.squash = Methods.Activation[squashes[i] ?? "TANH"];
  add(name, "a perceptron", network, points, (x) => network.activate(x));
  const evolved = new Network(3, 2);
  const mutation = Methods.Mutation;
  const kinds = [mutation.ADD_NODE ?? mutation.SPLIT_CONN, mutation.MOD_WEIGHT, mutation.MOD_BIAS];
  for (let i = 0; i < 12; i++) evolved.mutate(kinds[i % 3]);
  for (const node of evolved.nodes) node.squash = Methods.Activation.TANH;
  add(name, "an evolved one", evolved, points, (x) => evolved.activate(x));
}

writeFileSync(new URL("old.json", import.meta.url), `${JSON.stringify(files)}\n`);
rmSync(folder, { recursive: true });
