// Coverage of src/ by tests of the built package. In each process V8 counts which parts of dist/ have run; source maps of the
// build find their lines.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const base = pathToFileURL(join(root, "dist/")).href;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** @typedef {{ ranges: { startOffset: number; endOffset: number; count: number }[] }} Counted A function, its blocks last. */

/**
 * Returns the counts of a report; none of a process that was killed while it wrote.
 * @param {string} report
 * @returns {{ url: string; functions: Counted[] }[]}
 */
function reported(report) {
  try {
    return JSON.parse(report).result;
  } catch {
    return [];
  }
}

/**
 * Returns for each file of dist/ which of its characters have run, in any process of a folder of V8's reports.
 * @param {string} folder
 */
function read(folder) {
  /** @type {Map<string, Uint8Array>} */
  const reached = new Map();
  for (const file of readdirSync(folder)) {
    for (const { url, functions } of reported(readFileSync(join(folder, file), "utf8"))) {
      const name = url.startsWith(base) ? url.slice(base.length).replace(/\?.*/, "") : "";
      if (name === "" || !existsSync(join(root, "build", `${name}.map`))) continue;
      const length = readFileSync(join(root, "dist", name), "utf8").length;
      const [all, here] = [reached.get(name) ?? new Uint8Array(length), new Uint8Array(length)];
      // A function comes after the function around it, and so does a block.
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges)
          here.fill(Number(count > 0), startOffset, endOffset);
      }
      reached.set(
        name,
        all.map((old, i) => old | Number(here[i])),
      );
    }
  }
  return reached;
}

/**
 * Yields each mark of a source map: line and column of the file, index of the source, line there. All begin with 0.
 * @param {string} mappings Base64 digits of five bits and one for "more follow"; the lowest bit of a number is its sign.
 */
function* marks(mappings) {
  let [source, line] = [0, 0];
  for (const [row, text] of mappings.split(";").entries()) {
    let column = 0;
    for (const segment of text === "" ? [] : text.split(",")) {
      const numbers = [];
      let [value, shift] = [0, 0];
      for (const digit of segment) {
        const bits = DIGITS.indexOf(digit);
        value += (bits & 31) << shift;
        shift += 5;
        if (bits > 31) continue;
        numbers.push(value & 1 ? -(value >> 1) : value >> 1);
        [value, shift] = [0, 0];
      }
      column += numbers[0] ?? 0;
      if (numbers.length < 4) continue;
      source += numbers[1] ?? 0;
      line += numbers[2] ?? 0;
      yield { row, column, source, line };
    }
  }
}

/**
 * Returns for each file of the source its lines with code, and whether each has run.
 * @param {string} folder
 */
function lines(folder) {
  /** @type {Map<string, Map<number, boolean>>} */
  const found = new Map();
  for (const [name, reached] of read(folder)) {
    const { sources, mappings } = JSON.parse(readFileSync(join(root, "build", `${name}.map`), "utf8"));
    const starts = [0];
    for (const line of readFileSync(join(root, "dist", name), "utf8").split("\n")) {
      starts.push((starts.at(-1) ?? 0) + line.length + 1);
    }
    for (const { row, column, source, line } of marks(mappings)) {
      const file = normalize(join("dist", sources[source]));
      if (!file.startsWith("src")) continue;
      const those = found.get(file) ?? new Map();
      const hasRun = reached[(starts[row] ?? 0) + column] === 1;
      found.set(file, those.set(line + 1, (those.get(line + 1) ?? false) || hasRun));
    }
  }
  return found;
}

/**
 * Prints the share of lines that have run, and for each file the other lines.
 * @param {string} folder
 */
export function report(folder) {
  console.log("\n== coverage of src/ by lines");
  let [all, covered] = [0, 0];
  for (const [file, those] of [...lines(folder)].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const numbers = [...those.keys()].toSorted((a, b) => a - b);
    const missed = numbers.filter((line) => !those.get(line));
    all += numbers.length;
    covered += numbers.length - missed.length;
    if (missed.length > 0) console.log(`${file}: ${missed.join(" ")}`);
  }
  console.log(`${covered} of ${all} lines, ${((100 * covered) / Math.max(1, all)).toFixed(1)} %`);
}
