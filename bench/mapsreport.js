// The measurements of networks with convolutions, embeddings and sparse layers, as a section of bench/RESULTS.md.

import { compare, wantedOfMaps } from "./goals.js";
import { tasks as known } from "./maps.js";
import { goalRows, machine, markdown, notesOf, shareOf, table, taskRows } from "./table.js";

/** @typedef {import("./report.js").TaskResult} TaskResult */

/** @param {TaskResult[]} tasks */
export const mapsGoals = (tasks) =>
  `\nGoals\n${table(
    goalRows(compare(tasks, wantedOfMaps), known)
      .slice(1)
      .map(([title = "", precision = "", ...rest]) => [
        title.replace(/, (four|batch).*|: training| 28×28| 32×32/g, "").replace("Depthwise s", "S"),
        precision.replace("float", "f"),
        ...rest,
      ]),
  )}`;

/** Returns the section of the page, if its tasks were measured. @param {any} maps @returns {string[]} */
export function mapsSections(maps) {
  if (!maps) return [];
  const parts = ["## Maps", "", machine(maps), "", "![samples a second](results/maps.svg)", ""];
  parts.push(markdown(goalRows(compare(maps.tasks, wantedOfMaps), known)), "");
  parts.push(
    "LeNet: 28×28×1, conv 5×5 to 8 channels, max 2×2, relu, conv 5×5 to 16, max 2×2, relu, dense to 10, softmax. Depthwise separable:",
    "32×32×3, conv 3×3 /2 to 16, depthwise 3×3, 1×1 to 32, depthwise 3×3 /2, 1×1 to 64, mean, dense to 10, softmax, with relu between.",
    "The embedding leads to a dense layer of 10. Training is plain descent, and inputs have no bias. PyTorch has its defaults, as the",
    'goals assume; tuned, it has channels last in memory and sparse gradients. "Plexus, dense" is the engine with the same layer dense.',
    "",
  );
  for (const task of maps.tasks) {
    parts.push(`### ${task.title}`, "", markdown([["", "samples/s", "spread", ""], ...taskRows(task)]), "");
    const notes = notesOf(task);
    if (notes.length > 0) parts.push(...notes, "");
  }
  return parts;
}

/**
 * Returns the section of kernels, if they were measured.
 * @type {(found: import("./mapskernels.js").MapsKernel[] | undefined) => string[]}
 */
export function mapsKernelSections(found) {
  if (!found) return [];
  const rows = found.map(({ shape, product, float64, float32 }) => [
    shape,
    product,
    ...[float64, float32].flatMap((figure) => [shareOf(figure), figure.micros.toPrecision(3)]),
  ]);
  return [
    "## Products of maps",
    "",
    "Convolutions and sparse matrices, 32 rows: GFLOP/s of the terms that count, their share of the same limit, and µs. A sparse",
    "product fetches each of its numbers by an index; its limit is the memory's.",
    "",
    markdown([["", "", "float64", "µs", "float32", "µs"], ...rows]),
    "",
  ];
}
