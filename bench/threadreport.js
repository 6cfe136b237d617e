// The measurements of several threads, as a table and as a section of bench/RESULTS.md.

import { machine, markdown, table } from "./table.js";

/** @typedef {import("./threads.js").Found} Found */

/** Returns a ratio with half of its whole spread. @param {import("./contest.js").Spread} ratio */
const ratio = ({ least, median, most }) => `${median.toFixed(2)} ±${((most - least) / 2).toFixed(2)}`;

/** Returns whether a goal is reached: by the speed-up, or by its share of what the machine has. @param {Found} found */
function verdict({ team, share, least, leastShare }) {
  const isReached = team.median >= least || (leastShare !== undefined && share >= leastShare);
  return isReached ? "reached" : "missed";
}

/** @param {readonly Found[]} found */
function rows(found) {
  const head = ["", "", "threads", "all", "apart", "share", "goal", ""];
  return [
    head,
    ...found.map((one) => [
      one.title,
      one.precision.replace("float", "f"),
      String(one.threads),
      ratio(one.team),
      ratio(one.apart),
      one.share.toFixed(2),
      `${one.least}${one.leastShare === undefined ? "" : ` or ${one.leastShare}`}`,
      verdict(one),
    ]),
  ];
}

/** @param {readonly Found[]} found */
export const threadTable = (found) => table(rows(found));

/**
 * Returns the section of the page, if threads were measured.
 * @type {(threads: any) => string[]}
 */
export function threadSections(threads) {
  if (!threads) return [];
  return [
    "## Several threads",
    "",
    machine(threads),
    "",
    "The rate of `fit` and `predict` of `plexus-nn/worker` on all cores, and of as many runs apart at the same time, as multiples of one",
    "thread's: medians of the rounds with half of their whole spread. Runs apart are the most that a machine allows, of which the rate on all",
    "cores has a share. The goal is a multiple, or a share. `threads` is the number that made most steps of `fit`. A prediction includes the start of its",
    "workers.",
    "",
    markdown(rows(threads.found)),
    "",
  ];
}
