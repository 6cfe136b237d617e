// The measurements as tables of at most 80 columns, and as bench/RESULTS.md with its pictures.

import { writeFileSync } from "node:fs";
import {
  compare,
  leastFrames,
  leastShare,
  mostDressed,
  mostHeld,
  mostLost,
  mostMemory,
  mostPackage,
  mostStart,
} from "./goals.js";
import { mapsKernelSections, mapsSections } from "./mapsreport.js";
import { tasks as known } from "./networks.js";
import { bars, curves } from "./picture.js";
import { goalRows, machine, markdown, names, notesOf, shareOf, short, table, taskRows } from "./table.js";
import { threadSections } from "./threadreport.js";
import { timeSections } from "./timereport.js";
import { torchSections } from "./torchreport.js";

/** @typedef {import("./contest.js").Score} Score */
/** @typedef {{ id: string, title: string, batch: number, kind: string, scores: Score[] }} TaskResult */

/** @param {TaskResult[]} tasks */
export const goals = (tasks) =>
  `\nGoals\n${table(
    goalRows(compare(tasks), known)
      .slice(1)
      .map(([title = "", precision = "", ...rest]) => [
        title
          .replace("784-128-10", "784…10")
          .replace("1024-1024-1024-10", "1024…10")
          .replace(", one sample a call", ""),
        precision.replace("float", "f"),
        ...rest,
      ]),
  )}`;

/** @typedef {ReturnType<typeof import("./package.js").cost>} Package */

/** @param {Package} found */
function packageRows({ gzipped, start, memory }) {
  const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const taken = memory.after;
  const most = mostMemory(memory.parameters);
  const verdict = (/** @type {boolean} */ reached) => (reached ? "reached" : "missed");
  return [
    [
      "the module, minified and gzipped",
      kilobytes(gzipped),
      `≤ ${kilobytes(mostPackage)}`,
      verdict(gzipped <= mostPackage),
    ],
    [
      "import to first prediction, beyond a bare Node",
      `${start.more.toFixed(1)} ms`,
      `≤ ${mostStart} ms`,
      verdict(start.more <= mostStart),
    ],
    [
      "memory that training 784-128-10 takes",
      kilobytes(taken),
      `≤ ${kilobytes(most)}`,
      verdict(taken <= most),
    ],
  ];
}

/** @param {Package} found */
export const packageLines = (found) => table(packageRows(found));

/** @typedef {{ name: string, times: import("./giving.js").Found[] }} GivingResult */

/** @param {GivingResult[]} found */
function givingRows(found) {
  const rows = found.flatMap(({ name, times }) =>
    times.map(({ milliseconds, lost, frames, idle }) => {
      const reached =
        frames === undefined
          ? lost <= mostLost.elsewhere
          : lost <= mostLost.page && (frames >= leastFrames || milliseconds > 4);
      return [
        `${name}, ${short(milliseconds)} ms`,
        `${(100 * lost).toFixed(1)} %`,
        frames === undefined ? "" : frames.toFixed(0),
        idle === undefined ? "" : idle.toFixed(0),
        reached ? "reached" : "missed",
      ];
    }),
  );
  return [["where, and how long a batch takes", "lost", "frames/s", "at rest", ""], ...rows];
}

/** @param {GivingResult[]} found */
export const givingTable = (found) => table(givingRows(found));

/** @param {import("./holding.js").Hold[]} found */
function holdingRows(found) {
  const rows = found.map(({ parameters, optimizer, held, without, copy }) => [
    `${parameters.toLocaleString("en")} parameters, ${optimizer}`,
    `${short(held)} ms`,
    `${short(without)} ms`,
    `${short(copy)} ms`,
    held - without <= mostHeld + copy ? "reached" : "missed",
  ]);
  return [["", "with", "without", "a copy", ""], ...rows];
}

/** @param {import("./holding.js").Hold[]} found */
export const holdingTable = (found) => table(holdingRows(found));

/** @typedef {{ dressed: import("./pairs.js").Pair[], since: import("./pairs.js").Pair[] }} Pairs */

/** @param {Pairs} found */
function pairRows({ dressed, since }) {
  return [
    ["task", "precision", "ratio", ""],
    ...dressed.map(({ title, precision, ratio }) => [
      `${title}: adam, gelu and layer norm, by plain`,
      precision,
      `${ratio.toFixed(2)} ×`,
      ratio <= mostDressed ? "reached" : "missed",
    ]),
    ...since.map(({ title, precision, ratio }) => [
      `${title}: now, by before`,
      precision,
      `${ratio.toFixed(2)} ×`,
      "",
    ]),
  ];
}

/** @param {Pairs} found */
export const pairLines = (found) => table(pairRows(found));

/** @typedef {{ name: string, times: import("./portable.js").Time[] }} RuntimeResult */

/** @param {RuntimeResult[]} found */
function runtimeRows(found) {
  const rows = (found[0]?.times ?? []).map(({ id, precision }) => {
    const task = known.find((one) => one.id === id);
    const rates = found.map(({ times }) => {
      const time = times.find((one) => one.id === id && one.precision === precision);
      return time ? short((task?.network.batch ?? 1) / time.seconds) : "–";
    });
    return [`${id}, ${precision.replace("float", "f")}`, ...rates];
  });
  return [["", ...found.map(({ name }) => name)], ...rows];
}

/** @param {RuntimeResult[]} found */
export const runtimeTable = (found) => table(runtimeRows(found));

/** @type {(into: string, read: (name: string) => any) => void} */
export function write(into, read) {
  const [
    peers,
    engine,
    maps,
    mapsEngine,
    time,
    timeEngine,
    lengths,
    kernels,
    cost,
    growth,
    giving,
    holding,
    pairs,
    runtimes,
  ] = [
    "peers",
    "engine",
    "maps",
    "maps-engine",
    "time",
    "time-engine",
    "lengths",
    "kernels",
    "package",
    "growth",
    "giving",
    "holding",
    "pairs",
    "runtimes",
  ].map(read);
  const parts = [
    "# Measurements",
    "",
    "Written by `npm run bench`; `-- --peers` adds the other libraries, `-- --runtimes` the other runtimes. Each contender runs in a",
    "process of its own, all on one core, interleaved; a figure is the median of five runs, with half of their whole spread.",
    "A contender is first checked: outputs after a fixed number of steps from the same weights, against plain JavaScript's.",
    "Figures of other days and machines are not to be compared; ratios within one run are.",
    "",
  ];
  const contest = peers ?? engine;
  if (contest) {
    parts.push("## Side by side", "", machine(contest), "", "![samples a second](results/tasks.svg)", "");
    if (peers) parts.push(markdown(goalRows(compare(peers.tasks), known)), "");
    for (const task of contest.tasks) {
      parts.push(`### ${task.title}`, "", markdown([["", "samples/s", "spread", ""], ...taskRows(task)]), "");
      const notes = notesOf(task);
      if (notes.length > 0) parts.push(...notes, "");
    }
    writeFileSync(`${into}/results/tasks.svg`, bars(contest.tasks, names));
  }
  /** @type {(name: string, found: any, unit?: string) => void} */
  const draw = (name, found, unit) => {
    if (found) writeFileSync(`${into}/results/${name}.svg`, bars(found.tasks, names, unit));
  };
  parts.push(...mapsSections(maps ?? mapsEngine));
  draw("maps", maps ?? mapsEngine);
  parts.push(...timeSections(time ?? timeEngine, lengths));
  draw("time", time ?? timeEngine, "sequences, steps / s");
  if (kernels) {
    const rows = kernels.kernels.map((/** @type {import("./kernels.js").Kernel} */ k) => [
      k.shape,
      k.orientation,
      shareOf(k.float64),
      shareOf(k.float32),
    ]);
    parts.push("## Matrix products", "", machine(kernels), "");
    parts.push(
      `GFLOP/s, and the share of what independent multiply-add chains reach beside it; the goal for the square ones is ${100 * leastShare} %.`,
      "",
    );
    parts.push(markdown([["m×k·k×n", "", "float64", "float32"], ...rows]), "");
    parts.push(...mapsKernelSections(kernels.maps));
  }
  if (cost)
    parts.push(
      "## The package",
      "",
      machine(cost),
      "",
      markdown([["", "found", "goal", ""], ...packageRows(cost)]),
      "",
    );
  if (giving) {
    const percent = (/** @type {number} */ share) => `${100 * share} %`;
    parts.push(
      "## Giving way while training",
      "",
      machine(giving),
      "",
      `The throughput of \`fit\` that giving way to the event loop costs (goal: at most ${percent(mostLost.elsewhere)}, ${percent(mostLost.page)} in a page), and the frames`,
      `that a page draws meanwhile (goal: at least ${leastFrames} where a batch takes 4 ms or less).`,
      "",
      markdown(givingRows(giving.hosts)),
      "",
    );
  }
  if (holding) {
    parts.push(
      "## Holding the event loop for a checkpoint",
      "",
      machine(holding),
      "",
      "The longest time between two turns of the event loop in a `fit` of float64 with a checkpoint an epoch, and in one without; the",
      `least of five runs (goal: at most ${mostHeld} ms and what a copy of the parameters takes more with one than without).`,
      "",
      markdown(holdingRows(holding.holds)),
      "",
    );
  }
  if (pairs) {
    parts.push("## Options, and the earlier build", "", machine(pairs), "");
    parts.push(
      "How often one time of a step goes into the other, the fastest of a hundred slices in turns each.",
      "",
    );
    parts.push(markdown(pairRows(pairs)), "");
  }
  if (runtimes) {
    parts.push(
      "## In every runtime",
      "",
      machine(runtimes),
      "",
      "Samples a second.",
      "",
      markdown(runtimeRows(runtimes.runtimes)),
      "",
    );
  }
  parts.push(...threadSections(read("threads")), ...torchSections(read("torch")));
  if (growth) {
    parts.push("## How the cost of a step grows", "", machine(growth), "");
    parts.push(
      "![growth](results/growth.svg)",
      "",
      markdown([
        ["", "power of the last four points"],
        ...growth.lines.map((/** @type {any} */ l) => [l.title, l.slope.toFixed(2)]),
      ]),
      "",
    );
    writeFileSync(`${into}/results/growth.svg`, curves(growth.lines));
  }
  writeFileSync(`${into}/RESULTS.md`, parts.join("\n"));
}
