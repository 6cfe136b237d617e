// A time series, and its forecast: a GRU reads the Mackey-Glass series, which never repeats, and continues it.
//
//     node examples/forecast.js
//
// x' = 0.2 x(t - 17) / (1 + x(t - 17)¹⁰) - 0.1 x; Mackey and Glass, "Oscillation and chaos in physiological control systems",
// Science 197, 1977: a model of the number of blood cells.

import { Graph } from "plexus-nn";
import { chart } from "./chart.js";

const LEARNT = 1500;
const SHOWN = 150; // steps before the forecast, which is as long
const series = mackeyGlass(LEARNT + SHOWN + 1);

const graph = new Graph({
  seed: 1,
  optimizer: { name: "adam", rate: 0.005, clipNorm: 1 },
  inputs: { now: 1 },
  hidden: { memory: { size: 24, cell: "gru", from: "now" } },
  outputs: { next: { size: 1, activation: "linear" } },
  synapses: [
    ["memory", "next"],
    ["now", "next"], // a skip: the next value is near this one
  ],
});

const xs = { now: series.slice(0, LEARNT) };
const ts = { next: series.slice(1, LEARNT + 1) };
// One sequence. A step of training takes 100 of its values, and the next step continues from there.
const { epochs } = await graph.fit({ xs, ts, steps: LEARNT }, { epochs: 600, window: 100 });
for (const { epoch, cost } of epochs) {
  if (epoch === 1 || epoch % 150 === 0)
    console.log(`epoch ${epoch}: mean squared error ${cost.toPrecision(2)}`);
}

// The state remembers the series up to the forecast. Then each prediction is the next input.
const state = graph.state();
let value = graph.predict(xs, { steps: LEARNT, state }).next.at(-1) ?? 0;
const forecast = [value];
while (forecast.length < SHOWN) {
  value = graph.predict({ now: [value] }, { state }).next[0] ?? 0;
  forecast.push(value);
}
const truth = series.slice(LEARNT + 1);
console.log(`\nThe series (·), and its forecast from step ${LEARNT} on (█)\n`);
console.log(chart([...series.slice(LEARNT - SHOWN + 1, LEARNT + 1), ...truth], forecast).join("\n"));
const errors = forecast.map((guess, i) => Math.abs(guess - (truth[i] ?? 0)));
const mean = (/** @type {number[]} */ values) => values.reduce((sum, one) => sum + one, 0) / values.length;
console.log(`\nMean error of the first 50 steps ahead: ${mean(errors.slice(0, 50)).toFixed(3)}`);

/** Returns the series, once a unit of time, after its beginning has faded. @param {number} count */
function mackeyGlass(count) {
  const steps = 10; // of Euler's method to a unit of time
  const values = new Array(17 * steps).fill(1.2);
  while (values.length < (count + 300) * steps) {
    const before = values.at(-17 * steps);
    const now = values.at(-1);
    values.push(now + ((0.2 * before) / (1 + before ** 10) - 0.1 * now) / steps);
  }
  return Array.from({ length: count }, (_, i) => values[(300 + i) * steps]);
}
