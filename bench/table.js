// Names, numbers and tables of the report.

/** @type {Record<string, string>} */
export const names = {
  plexus: "Plexus",
  plain: "plain JavaScript",
  brain: "brain.js",
  synaptic: "synaptic",
  neataptic: "neataptic",
  tfjs: "tfjs (wasm)",
  onnx: "onnxruntime-web",
  jax: "jax-js (wasm)",
  numpy: "numpy",
  pytorch: "PyTorch",
};

/** Returns a number in three digits. @param {number} value */
export const short = (value) =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);

/**
 * Aligns rows of cells, each column as wide as its widest; the first to the left, the others to the right.
 * @param {string[][]} rows
 */
export function table(rows) {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? "").length))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  "),
    )
    .map((line) => line.trimEnd())
    .join("\n");
}

/** @param {string[][]} rows */
export function markdown([head = [], ...rows]) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** Describes the machine of a measurement. @param {any} about */
export const machine = ({ date, commit, processor, cores, pinned, system, node, v8, clock }) =>
  `${date}, commit ${commit}: ${processor}, ${cores} cores${pinned ? " (one of them used)" : ""}, ${system}, Node ${node} (V8 ${v8})${clock === "processor" ? "; the processor's time, since it had other work" : ""}.`;
