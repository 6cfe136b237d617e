// The growth of time and memory with the number of steps: an LSTM of one sequence, trained, and predicting all steps in a call.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onCore } from "./contest.js";
import { slope } from "./growth.js";

/** Seconds of the processor a call, and bytes of the engine's memory after it. @typedef {{ steps: number, seconds: number, bytes: number }} Length */
/** @typedef {{ kind: "train" | "predict", lengths: Length[], time: number, memory: number }} Lengths powers of the steps */

const file = fileURLToPath(new URL("../dist/index.js", import.meta.url));

/** Returns the program of one measurement: a process each, since the engine's memory doesn't shrink. */
const program = (/** @type {string} */ kind, /** @type {number} */ steps, /** @type {number} */ wanted) => `
import { Graph } from ${JSON.stringify(file)};
const graph = new Graph({ seed: 1, inputs: { x: 16 }, hidden: { cell: { size: 64, cell: "lstm", from: "x" } },
  outputs: { y: { size: 16, activation: "linear" } }, synapses: [["cell", "y"]] });
const x = new Float64Array(${steps} * 16).fill(0.5);
const options = { steps: ${steps} };
const call = () => ${kind === "train" ? "graph.train({ x }, { y: x }, options)" : "graph.predict({ x }, options)"};
const times = [];
const end = performance.now() + ${wanted * 1000};
do {
  const before = process.cpuUsage();
  for (let n = 0; n < ${Math.ceil(4096 / steps)}; n++) call();
  const { user, system } = process.cpuUsage(before);
  times.push((user + system) / 1e6 / ${Math.ceil(4096 / steps)});
} while (times.length < 4 || performance.now() < end);
const seconds = times.slice(1).sort((a, b) => a - b)[(times.length - 1) >> 1];
console.log(JSON.stringify({ seconds, bytes: graph.layer("x").bias.buffer.byteLength }));`;

/** @type {(print: (line: string) => void, sizes: number[], wanted: number) => Lengths[]} */
export function lengths(print, sizes, wanted) {
  return /** @type {const} */ (["train", "predict"]).map((kind) => {
    const found = sizes.map((steps) => {
      const [command, given] = onCore(process.execPath, [
        "--input-type=module",
        "--eval",
        program(kind, steps, wanted),
      ]);
      const { stdout, stderr, status } = spawnSync(command, given);
      if (status !== 0) throw new Error(String(stderr));
      return { steps, .../** @type {{ seconds: number, bytes: number }} */ (JSON.parse(String(stdout))) };
    });
    const time = slope(
      found.map(({ steps, seconds }) => ({ size: steps, seconds })),
      3,
    );
    const memory = slope(
      found.map(({ steps, bytes }) => ({ size: steps, seconds: bytes })),
      3,
    );
    print(
      `${kind}: time grows with the power ${time.toFixed(2)} of the steps, memory with ${memory.toFixed(2)}`,
    );
    for (const { steps, seconds, bytes } of found) {
      print(
        `  ${String(steps).padStart(6)}  ${(seconds * 1e3).toFixed(2).padStart(10)} ms  ${(bytes / 1e6).toFixed(1).padStart(8)} MB`,
      );
    }
    return { kind, lengths: found, time, memory };
  });
}
