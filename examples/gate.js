// A graph that no library of layers has: a gate chooses between two skips through time, of 2 and of 7 steps.
//
//     node examples/gate.js
//
//                       ┌── 2 steps ──▶ near ──▶ × ──┐
//     signal ───────────┤                        ▲   ├──▶ heard
//                       └── 7 steps ──▶ far ───▶ × ──┘
//     which ─────────────────────────▶ gate ─────┘ (and 1 - gate)
//
// The target is the signal of 2 or of 7 steps ago, as `which` says. Nobody tells the gate its meaning.

import { Graph } from "plexus-nn";

const STEPS = 40;
const SAMPLES = 128;

const graph = new Graph({
  seed: 4,
  optimizer: { name: "adam", rate: 0.02 },
  inputs: { signal: 1, which: 1 },
  hidden: {
    near: { size: 1, activation: "linear", bias: false },
    far: { size: 1, activation: "linear", bias: false },
    gate: { size: 1, activation: "sigmoid" },
    open: { size: 1, activation: "linear", bias: 1, frozen: true }, // 1 - gate
    nearGated: { size: 1, activation: "linear", join: "product" },
    farGated: { size: 1, activation: "linear", join: "product" },
  },
  outputs: { heard: { size: 1, activation: "linear" } },
  synapses: [
    ["signal", "near", { delay: 2 }],
    ["signal", "far", { delay: 7 }],
    ["which", "gate"],
    ["gate", "open", { kind: "oneToOne", init: { values: [-1] }, frozen: true }],
    ["near", "nearGated"],
    ["gate", "nearGated", { kind: "identity" }],
    ["far", "farGated"],
    ["open", "farGated", { kind: "identity" }],
    ["nearGated", "heard"],
    ["farGated", "heard"],
  ],
});

const random = generator(9);
const signal = Array.from({ length: SAMPLES }, () => Array.from({ length: STEPS }, () => [2 * random() - 1]));
const which = signal.map((sample) => sample.map(() => [random() < 0.5 ? 0 : 1]));
const heard = signal.map((sample, r) =>
  sample.map((_, t) => [sample[t - (which[r]?.[t]?.[0] === 1 ? 2 : 7)]?.[0] ?? 0]),
);

// Three levels: samples, their steps, and the units of a step.
const run = graph.fit(
  { xs: { signal, which }, ts: { heard } },
  { epochs: 300, batchSize: 16, validation: 0.25 },
);
for await (const { kind, epoch, validation } of run) {
  if (kind === "epoch" && (epoch === 1 || epoch % 75 === 0)) {
    console.log(
      `epoch ${String(epoch).padStart(2)}: held-out squared error ${validation?.cost.toPrecision(2)}`,
    );
  }
}

console.log("\nwhich   gate    the graph brings the signal of");
for (const asked of [1, 0]) {
  graph.predict({ signal: [0], which: [asked] }, { steps: 1 });
  const gate = graph.layer("gate").post[0] ?? 0;
  const echo = graph.predict(
    { signal: [1, ...new Array(9).fill(0)], which: new Array(10).fill(asked) },
    { steps: 10 },
  ).heard;
  const silence = graph.predict(
    { signal: new Array(10).fill(0), which: new Array(10).fill(asked) },
    { steps: 10 },
  );
  const strengths = echo.map((value, t) => Math.abs(value - (silence.heard[t] ?? 0)));
  const ago = strengths.indexOf(Math.max(...strengths));
  console.log(`  ${asked}     ${gate.toFixed(2)}    ${ago} steps ago, times ${strengths[ago]?.toFixed(2)}`);
}

/** Returns a function that returns numbers in [0, 1), the same for a seed. @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
