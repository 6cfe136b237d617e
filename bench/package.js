// The cost of the package: its size, its start, its memory.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { onCore, spread } from "./contest.js";

const file = fileURLToPath(new URL("../dist/index.js", import.meta.url));

/** The program that measures the start: a tiny graph's first prediction. */
const first = `import { Graph } from ${JSON.stringify(file)};
const graph = new Graph({ seed: 1, inputs: { x: 2 }, hidden: { h: 4 }, outputs: { y: 1 }, synapses: [["x", "h"], ["h", "y"]] });
graph.predict({ x: [0, 1] });`;

/** Returns the milliseconds of a whole Node that runs a module's text. @param {string} text */
function run(text) {
  const [command, given] = onCore(process.execPath, ["--input-type=module", "--eval", text]);
  const before = process.hrtime.bigint();
  const { status, stderr } = spawnSync(command, given);
  if (status !== 0) throw new Error(String(stderr));
  return Number(process.hrtime.bigint() - before) / 1e6;
}

/** The program that prints the bytes of the engine's memory after training 784-128-10 at batch 32, with the code's tables. */
const train = `import { Graph } from ${JSON.stringify(file)};
const graph = new Graph({ seed: 1, inputs: { x: 784 }, hidden: { h: 128 }, outputs: { y: { size: 10, activation: "softmax" } },
  synapses: [["x", "h"], ["h", "y"]] });
const xs = { x: new Float64Array(32 * 784).fill(0.5) };
const ts = { y: new Float64Array(320).fill(0.1) };
for (let n = 0; n < 20; n++) graph.train(xs, ts);
const after = graph.layer("x").bias.buffer.byteLength;
console.log(JSON.stringify({ after }));`;

/** @param {number} rounds */
export function cost(rounds) {
  const bytes = readFileSync(file);
  const bare = [];
  const whole = [];
  for (let n = 0; n < rounds; n++) {
    bare.push(run(""));
    whole.push(run(first));
  }
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", train]);
  const parameters = (784 + 784 * 128 + 128 + 128 * 10 + 10) * 8;
  return {
    bytes: bytes.length,
    gzipped: gzipSync(bytes, { level: 9 }).length,
    start: { bare: spread(bare), whole: spread(whole), more: spread(whole).median - spread(bare).median },
    memory: { parameters, ...JSON.parse(String(stdout)) },
  };
}
