// Runs a contender in a process of its own: reads an order a line, writes an answer a line, both JSON. worker.py is its twin.

import { createInterface } from "node:readline";
import { folderOf } from "./networks.js";
import { data, weights } from "./numbers.js";

/** @typedef {"float64" | "float32"} Precision */
/** @typedef {ArrayLike<number>} Values */
/**
 * Arguments of a contender: the same start for all.
 * @typedef {object} Start
 * @property {import("./networks.js").Network} network
 * @property {Record<string, import("./numbers.js").Weights>} weights
 * @property {import("./numbers.js").Data} data
 * @property {Precision} precision
 * @property {"train" | "fit" | "predict" | "stream"} kind
 */
/**
 * Its result: `train` makes steps, a batch each; `predict` returns the outputs by name for the batch that begins at a row;
 * `stream` predicts steps of a sequence, one a call.
 * @typedef {object} Contender
 * @property {(steps: number) => void | Promise<void>} train
 * @property {(steps: number) => void | Promise<void>} [check] steps for the comparison, where they differ from those timed
 * @property {(steps: number) => Promise<number>} [fit] steps by a call of its own for many; returns the number of steps
 * @property {(steps: number) => void | Promise<void>} [stream]
 * @property {(first: number) => Record<string, Values> | Promise<Record<string, Values>>} predict
 */
/** @typedef {(start: Start) => Contender | Promise<Contender>} Setup */

const [, , name = "", precision = "", task = ""] = process.argv;
/** @type {import("./networks.js").Task & { clock?: import("./contest.js").Effort["clock"] }} */
const { network, kind, steps, clock } = JSON.parse(task);

/** @param {unknown} value */
const answer = (value) => process.stdout.write(`\n@${JSON.stringify(value)}\n`);

/** @type {any} */
const module = await import(`./contenders/${folderOf(network)}${name}.js`);
const reason = module.refuses?.({ network, kind });
if (reason) {
  answer({ reason });
  process.exit(0);
}
const start = { network, weights: weights(network), data: data(network), precision, kind };
/** @type {Contender} */
const contender = await module.setup(start);

/** Returns all outputs of all rows. */
async function outputs() {
  /** @type {number[]} */
  const all = [];
  for (let row = 0; row < network.rows; row += network.batch) {
    const given = await contender.predict(row);
    for (const output of network.outputs)
      for (const value of Array.from(given[output] ?? [])) all.push(value);
  }
  return all;
}

/** @type {(count: number) => Promise<number>} steps made */
async function work(count) {
  if (kind === "fit" && contender.fit) return contender.fit(count);
  if (kind !== "predict") {
    const made = kind === "stream" ? contender.stream?.(count) : contender.train(count);
    if (made) await made;
    return count;
  }
  for (let n = 0; n < count; n++) {
    const made = contender.predict(0);
    if (made instanceof Promise) await made;
  }
  return count;
}

/** Returns the clock's seconds. */
function now() {
  if (clock !== "processor") return Number(process.hrtime.bigint()) / 1e9;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Returns the seconds of a step. @param {number} count */
async function time(count) {
  const begun = now();
  const made = await work(count);
  return (now() - begun) / made;
}

let count = 1;
/** @type {Record<string, (wanted: number) => unknown>} */
const orders = {
  async check() {
    const first = await outputs();
    await (contender.check ?? contender.train)(steps);
    return { first, last: await outputs(), version: module.version(), note: module.note ?? "" };
  },
  // Runs until the compiler has done its best. The warm-up also finds the number of steps that fill the time wanted.
  async warm(wanted) {
    let spent = 0;
    let each = 0;
    while (spent < 2 * wanted) {
      each = await time(count);
      spent += each * count;
      if (each * count < wanted) count = Math.max(count + 1, Math.ceil(Math.min(count * 4, wanted / each)));
    }
    count = Math.max(1, Math.round(wanted / each));
    return {};
  },
  async measure() {
    return { seconds: await time(count) };
  },
};

answer({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { order, wanted } = JSON.parse(line);
  answer((await orders[order]?.(wanted)) ?? {});
}
process.exit(0);
