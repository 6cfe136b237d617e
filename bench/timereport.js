// The measurements of networks with loops in time, as tables and as sections of bench/RESULTS.md.

import { compare, compareStreaming, mostGrowth, wantedInTime } from "./goals.js";
import { machine, markdown, names, short, table } from "./table.js";
import { tasks as known } from "./time.js";

/** @typedef {import("./contest.js").Score} Score */
/** @typedef {import("./report.js").TaskResult} TaskResult */
/** @typedef {import("./lengths.js").Lengths} Lengths */

/** Returns a time with its unit. @param {number} seconds */
const duration = (seconds) => (seconds < 1e-3 ? `${short(seconds * 1e6)} µs` : `${short(seconds * 1e3)} ms`);

/** @param {TaskResult} task */
function taskRows({ scores }) {
  return scores
    .toSorted((a, b) => (a.seconds?.median ?? Infinity) - (b.seconds?.median ?? Infinity))
    .map(({ name, precision, seconds, agrees, off, reason }) => {
      const who = `${names[name] ?? name}, ${precision}`;
      if (!seconds) return [who, "–", "", reason?.slice(0, 44) ?? ""];
      const spread = ((seconds.most - seconds.least) / seconds.median) * 50;
      const check = agrees ? "" : `differs by ${off?.toExponential(0)}`;
      return [who, duration(seconds.median), `±${spread.toFixed(0)} %`, check];
    });
}

/** @param {TaskResult} task */
export const timeTable = (task) => `\n${task.title}\n${table(taskRows(task))}`;

/** @param {string} id */
const titleOf = (id) => known.find((task) => task.id === id)?.title ?? id;
const verdict = (/** @type {boolean | undefined} */ reached) =>
  reached === undefined ? "" : reached ? "reached" : "missed";

/** @param {TaskResult[]} tasks */
function goalRows(tasks) {
  const ratios = compare(tasks, wantedInTime).map(({ task, precision, against, least, ratio, reached }) => [
    titleOf(task),
    precision,
    names[against] ?? against,
    `≥ ${short(least)} ×`,
    ratio === undefined ? "–" : `${short(ratio)} ×`,
    verdict(reached),
  ]);
  const times = compareStreaming(tasks).map((goal) => [
    titleOf(goal.task),
    goal.precision,
    "",
    `≤ ${goal.most} µs`,
    "found" in goal ? `${short(goal.found)} µs` : "–",
    verdict("reached" in goal ? goal.reached : undefined),
  ]);
  return [["task", "precision", "against", "goal", "found", ""], ...ratios, ...times];
}

/** @param {TaskResult[]} tasks */
export const timeGoals = (tasks) =>
  `\nGoals\n${table(
    goalRows(tasks).map(([title = "", precision = "", ...rest]) => [
      title.replace(/: training|, a step a call|, (64|100) steps|, batch 32/g, ""),
      precision.replace("float", "f"),
      ...rest,
    ]),
  )}`;

/** @param {Lengths[]} found */
function lengthRows(found) {
  const head = ["", ...(found[0]?.lengths ?? []).map(({ steps }) => steps.toLocaleString("en")), "power", ""];
  const rows = found.flatMap(({ kind, lengths, time, memory }) => {
    const most = kind === "train" ? mostGrowth.memory : mostGrowth.flat;
    const what = kind === "train" ? "training" : "predicting";
    return [
      [
        `${what}: time`,
        ...lengths.map(({ seconds }) => duration(seconds)),
        time.toFixed(2),
        verdict(time <= mostGrowth.time),
      ],
      [
        `${what}: memory`,
        ...lengths.map(({ bytes }) => `${(bytes / 1e6).toFixed(1)} MB`),
        memory.toFixed(2),
        verdict(memory <= most),
      ],
    ];
  });
  return [head, ...rows];
}

/** @param {Lengths[]} found */
export const lengthTable = (found) => table(lengthRows(found));

/**
 * Returns sections of the page, for what was measured.
 * @type {(time: any, lengths: any) => string[]}
 */
export function timeSections(time, lengths) {
  const parts = [];
  if (time) {
    parts.push(
      "## Loops in time",
      "",
      machine(time),
      "",
      "![sequences and steps a second](results/time.svg)",
      "",
    );
    parts.push(markdown(goalRows(time.tasks)), "");
    parts.push(
      "The products of a step of the LSTM are 1.18 GFLOP, whose time the limit of multiply-add chains bounds (see Matrix products).",
      "PyTorch's OpenBLAS multiplies at twice that limit, by fused multiply-adds on wider vectors, which WebAssembly's SIMD lacks. It had",
      "126 GFLOP/s in float32 and 62.5 in float64, where the limit was 58.5 and 31.8 (2026-11). Debian's PyTorch without OpenBLAS uses",
      "the reference BLAS, and took 189 and 216 ms.",
      "",
    );
    for (const task of time.tasks) {
      parts.push(`### ${task.title}`, "", markdown([["", "time", "spread", ""], ...taskRows(task)]), "");
      const notes = new Set(
        task.scores
          .filter((/** @type {Score} */ s) => s.note && s.seconds)
          .map((/** @type {Score} */ s) => `- ${names[s.name]}: ${s.note}.`),
      );
      if (notes.size > 0) parts.push(...notes, "");
    }
  }
  if (lengths) {
    parts.push("## Time and memory by the number of steps", "", machine(lengths), "");
    parts.push(
      "An LSTM 16-64-16 on one sequence, in float64: time of the processor, and the engine's memory, which may double where it grows.",
      `The power is that of the last three. Goals: at most ${mostGrowth.time} for time, ${mostGrowth.memory} for the memory of training, and`,
      `${mostGrowth.flat} for that of predicting.`,
      "",
      markdown(lengthRows(lengths.found)),
      "",
    );
  }
  return parts;
}
