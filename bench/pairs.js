// node bench/pairs.js before task precision slices seconds: one task's pair, for `since`.
//
// Two ways to do the same work, alternating in one process. The engine runs against an earlier build of it, and a network
// with options against a plain one. The time of each is its fastest of many short slices, which other work on the machine
// disturbs least.

import { spawnSync } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Graph } from "../dist/index.js";
import { onCore } from "./contest.js";
import { tasks } from "./networks.js";
import { setup } from "./portable.js";

/** @typedef {(steps: number) => void | PromiseLike<unknown>} Work */
/** @typedef {{ title: string, precision: string, least: number, most: number, ratio: number }} Pair seconds a step; their quotient */

const precisions = /** @type {const} */ (["float64", "float32"]);

/**
 * Returns the seconds of the fastest step of each of two.
 * @type {(both: Work[], slices: number, wanted: number, unit: number) => Promise<number[]>}
 */
async function race(both, slices, wanted, unit) {
  const fastest = both.map(() => Infinity);
  const steps = both.map(() => unit);
  for (let slice = 0; slice < slices; slice++) {
    for (const [i, work] of both.entries()) {
      const count = steps[i] ?? unit;
      const begun = process.hrtime.bigint();
      await work(count);
      const spent = Number(process.hrtime.bigint() - begun) / 1e9;
      if (spent < wanted) steps[i] = count * 2;
      fastest[i] = Math.min(fastest[i] ?? Infinity, spent / count);
    }
  }
  return fastest;
}

/** @type {(title: string, precision: string, both: Work[], slices: number, wanted: number, unit?: number) => Promise<Pair>} */
async function pair(title, precision, both, slices, wanted, unit = 1) {
  const [least = 0, most = 0] = await race(both, slices, wanted, unit);
  return { title, precision, least, most, ratio: most / least };
}

/**
 * Measures today's time against an earlier build's, for every task. Each has a process of its own, since the host's compiler
 * would carry types from one task to the next.
 * @type {(before: string, slices: number, wanted: number) => Pair[]}
 */
export function since(before, slices, wanted) {
  const here = fileURLToPath(import.meta.url);
  return tasks.flatMap(({ id }) =>
    precisions.map((precision) => {
      const words = [here, before, id, precision, String(slices), String(wanted)];
      const { stdout, stderr, status } = spawnSync(...onCore(process.execPath, words), { encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
      return JSON.parse(stdout);
    }),
  );
}

/**
 * Measures one task of `since`.
 * @type {(before: string, id: string, precision: any, slices: number, wanted: number) => Promise<Pair>}
 */
async function one(before, id, precision, slices, wanted) {
  const old = await import(pathToFileURL(before).href);
  const task = tasks.find((task) => task.id === id);
  if (task === undefined) throw new Error(`There is no task ${id}.`);
  const both = [old.Graph, Graph].map((made) => setup(made, task, precision));
  return pair(task.title, precision, both, slices, wanted, task.kind === "fit" ? 4096 : 1);
}

/** Makes 784-128-10 at batch 32. @type {(precision: "float64" | "float32", dressed: boolean) => Work} */
function digits(precision, dressed) {
  /** @type {any} */
  const optimizer = dressed ? { name: "adam" } : { name: "sgd", rate: 0.0625 };
  /** @type {any} */
  const hidden = dressed ? { size: 128, activation: "gelu", norm: "layer" } : 128;
  const graph = new Graph({
    seed: 1,
    precision,
    optimizer,
    inputs: { x: 784 },
    hidden: { h: hidden },
    outputs: { y: { size: 10, activation: "softmax" } },
    synapses: [
      ["x", "h", { init: "glorot" }],
      ["h", "y", { init: "glorot" }],
    ],
  });
  const Numbers = precision === "float64" ? Float64Array : Float32Array;
  const xs = { x: new Numbers(32 * 784).map((_, i) => ((i * 7919) % 256) / 255) };
  const ts = { y: new Numbers(320).map((_, i) => (i % 10 === Math.floor(i / 10) % 10 ? 1 : 0)) };
  return (steps) => {
    for (let n = 0; n < steps; n++) graph.train(xs, ts);
  };
}

/**
 * Measures the extra time of a step with adam, gelu and layer norm. Returns nothing where the engine lacks one of them.
 * @type {(slices: number, wanted: number) => Promise<Pair[]>}
 */
export async function dressed(slices, wanted) {
  try {
    digits("float64", true);
  } catch {
    return [];
  }
  const found = [];
  for (const precision of precisions) {
    const both = [digits(precision, false), digits(precision, true)];
    found.push(await pair("784-128-10, batch 32", precision, both, slices, wanted));
  }
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , before = "", id = "", precision, slices, wanted] = process.argv;
  process.stdout.write(JSON.stringify(await one(before, id, precision, Number(slices), Number(wanted))));
}
