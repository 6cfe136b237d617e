// The measurements of programs of PyTorch, as a table and as a section of bench/RESULTS.md.

import { machine, markdown, table } from "./table.js";

/** @typedef {import("./torch.js").Found} Found */

/** The goal of a written program: its share of the samples a second of a network that is written by hand. */
const GOAL = 0.9;

/** @param {number} rate */
const rate = (rate) => Math.round(rate).toLocaleString("en");

/** @param {readonly Found[]} found */
function rows(found) {
  return [
    ["", "", "written", "by hand", "share", `goal ${GOAL}`],
    ...found.map((one) => [
      one.title,
      one.precision.replace("float", "f"),
      rate(one.written),
      rate(one.byHand),
      one.share.toFixed(2),
      one.share >= GOAL ? "reached" : "missed",
    ]),
  ];
}

/** @param {readonly Found[]} found */
export const torchTable = (found) => table(rows(found));

/**
 * Returns the section of the page, if PyTorch was measured.
 * @type {(torch: any) => string[]}
 */
export function torchSections(torch) {
  if (!torch) return [];
  return [
    "## Programs of PyTorch",
    "",
    machine(torch),
    "",
    "Samples a second of training: of a program that `toTorch` wrote, with its files and its shuffles, and of the same network written by hand",
    "in PyTorch, with adam. Medians of rounds in turn, by the processor's time on one thread.",
    "",
    markdown(rows(torch.found)),
    "",
  ];
}
