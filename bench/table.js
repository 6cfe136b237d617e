// Names, numbers and tables of the report.

/** @type {Record<string, string>} */
export const names = {
  plexus: "Plexus",
  "plexus-dense": "Plexus, dense",
  plain: "plain JavaScript",
  brain: "brain.js",
  synaptic: "synaptic",
  neataptic: "neataptic",
  convnet: "ConvNetJS",
  tfjs: "tfjs (wasm)",
  "tfjs-cpu": "tfjs (cpu)",
  onnx: "onnxruntime-web",
  jax: "jax-js (wasm)",
  numpy: "numpy",
  pytorch: "PyTorch",
  "pytorch-tuned": "PyTorch, tuned",
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

/**
 * Returns the rows of a task in samples a second, the fastest first.
 * @type {(task: import("./report.js").TaskResult) => string[][]}
 */
export function taskRows({ batch, scores }) {
  return scores
    .toSorted((a, b) => (a.seconds?.median ?? Infinity) - (b.seconds?.median ?? Infinity))
    .map(({ name, precision, seconds, agrees, off, reason }) => {
      const who = `${names[name] ?? name}, ${precision}`;
      if (!seconds) return [who, "–", "", reason?.slice(0, 36) ?? ""];
      const spread = ((seconds.most - seconds.least) / seconds.median) * 50;
      const check = agrees ? "" : `differs by ${off?.toExponential(0)}`;
      return [who, short(batch / seconds.median), `±${spread.toFixed(0)} %`, check];
    });
}

/** @param {import("./report.js").TaskResult} task */
export const taskTable = (task) => `\n${task.title}\n${table(taskRows(task))}`;

/**
 * Returns the notes of a task's contenders, each once.
 * @type {(task: import("./report.js").TaskResult) => string[]}
 */
export function notesOf({ scores }) {
  const noted = scores.filter(({ note }) => note);
  return [...new Set(noted.map(({ name, note }) => `- ${names[name] ?? name}: ${note}.`))];
}

/**
 * Returns the rows of goals in ratios, with their verdicts.
 * @type {(found: ReturnType<typeof import("./goals.js").compare>, known: import("./networks.js").Task[]) => string[][]}
 */
export const goalRows = (found, known) => [
  ["task", "precision", "against", "goal", "found", ""],
  ...found.map(({ task, precision, against, least, ratio, reached }) => [
    known.find(({ id }) => id === task)?.title ?? task,
    precision,
    names[against] ?? against,
    `${short(least)} ×`,
    ratio === undefined ? "–" : `${short(ratio)} ×`,
    ratio === undefined ? "" : reached ? "reached" : "missed",
  ]),
];

/** Returns a kernel's GFLOP/s, and their share of the limit. @param {import("./limit.js").Figure} figure */
export const shareOf = ({ rate, share }) => `${rate.toFixed(1)} (${(100 * share).toFixed(0)} %)`;

/** Describes the machine of a measurement. @param {any} about */
export const machine = ({ date, commit, processor, cores, pinned, system, node, v8, clock }) =>
  `${date}, commit ${commit}: ${processor}, ${cores} cores${pinned ? " (one of them used)" : ""}, ${system}, Node ${node} (V8 ${v8})${clock === "processor" ? "; the processor's time, since it had other work" : ""}.`;
