// Contenders side by side: each in a process of its own on the same core, all checked, then measured in turn.

import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** @typedef {import("./networks.js").Task} Task */
/** @typedef {{ name: string, precision: string, program?: string }} Entrant its program, where it is a Python */
/** @typedef {{ least: number, median: number, most: number }} Spread */
/**
 * @typedef {object} Score
 * @property {string} name
 * @property {string} precision
 * @property {Spread} [seconds] a step
 * @property {number} [off] largest difference of an output from plain JavaScript's in float64
 * @property {boolean} [agrees]
 * @property {string} [reason] why there is no figure
 * @property {string} [version]
 * @property {string} [note]
 */

const CORE = 1;
export const pinned = spawnSync("taskset", ["-c", String(CORE), "true"]).status === 0;
/** Largest difference of outputs from the reference. @type {Record<string, number>} */
export const tolerance = { float64: 1e-11, float32: 2e-5 };

/** Starts a command on the one core. @type {(command: string, given: string[]) => [string, string[]]} */
export function onCore(command, given) {
  return pinned ? ["taskset", ["-c", String(CORE), command, ...given]] : [command, given];
}

/** @param {number[]} values @returns {Spread} */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return { least: sorted[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0, most: sorted.at(-1) ?? 0 };
}

/** @param {string} path */
const file = (path) => fileURLToPath(new URL(path, import.meta.url));

/** A process that answers orders. */
export class Worker {
  /** @type {((answer: any) => void) | undefined} */
  #heard;
  #errors = "";
  #rest = "";
  #child;

  /**
   * @param {Entrant} entrant
   * @param {Task & { clock?: Effort["clock"] }} task
   */
  constructor({ name, precision, program }, task) {
    const [command, given] = onCore(program ?? process.execPath, [
      file(program ? "worker.py" : "worker.js"),
      name,
      precision,
      JSON.stringify(task),
    ]);
    const threads = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
    this.#child = spawn(command, given, { env: { ...process.env, ...threads } });
    this.#child.stdin.on("error", () => {}); // an ended contender is noticed by its end
    this.#child.stdout.on("data", (part) => this.#read(String(part)));
    this.#child.stderr.on("data", (part) => {
      this.#errors += part;
    });
    this.#child.on("error", (error) => this.#heard?.({ reason: error.message }));
    this.#child.on("close", (code) =>
      this.#heard?.({ reason: lastError(this.#errors) || `ended with ${code}` }),
    );
  }

  /** Collects answers. Other lines are a contender's own output. @param {string} part */
  #read(part) {
    const lines = (this.#rest + part).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("@")) this.#heard?.(JSON.parse(line.slice(1)));
  }

  /** Returns the answer to an order, or to the start. @param {number} limit seconds @returns {Promise<any>} */
  hear(limit) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.end();
        resolve({ reason: `too slow: no answer within ${limit} s` });
      }, limit * 1000);
      this.#heard = (answer) => {
        clearTimeout(timer);
        this.#heard = undefined;
        resolve(answer);
      };
    });
  }

  /** @type {(order: string, limit: number, wanted?: number) => Promise<any>} */
  ask(order, limit, wanted) {
    const heard = this.hear(limit);
    this.#child.stdin.write(`${JSON.stringify({ order, wanted })}\n`);
    return heard;
  }

  end() {
    this.#child.kill("SIGKILL");
  }
}

/** Returns the line of an error's text with its message. @param {string} text */
function lastError(text) {
  const lines = text
    .trim()
    .split("\n")
    .filter((line) => /Error/.test(line));
  return (lines[0] ?? "")
    .trim()
    .replace(/(file:\/\/)?\/\S+\//g, "")
    .slice(0, 160);
}

/** @type {(ours: number[], theirs: number[]) => number} */
function difference(ours, theirs) {
  if (ours.length !== theirs.length) return Infinity;
  return ours.reduce((most, value, i) => {
    const off = Math.abs(value - (theirs[i] ?? Number.NaN));
    return Number.isNaN(off) ? Infinity : Math.max(most, off);
  }, 0);
}

/**
 * How long to measure, and by which clock: by the processor's time on a machine that is busy with other work.
 * @typedef {{ rounds: number, seconds: number, limit: number, clock?: "wall" | "processor" }} Effort
 */

/** @type {(task: Task, entrants: Entrant[], effort: Effort) => Promise<Score[]>} */
export async function contest(task, entrants, { rounds, seconds, limit, clock = "wall" }) {
  /** @type {{ score: Score, worker: Worker, times: number[], last: number[], first: number[] }[]} */
  const all = [];
  for (const entrant of entrants) {
    const worker = new Worker(entrant, { ...task, clock });
    /** @type {Score} */
    const score = { name: entrant.name, precision: entrant.precision };
    const place = { score, worker, times: [], last: [], first: [] };
    all.push(place);
    const ready = await worker.hear(limit);
    const checked = ready.reason ? ready : await worker.ask("check", limit);
    if (!checked.reason) Object.assign(score, { version: checked.version, note: checked.note });
    Object.assign(place, { last: checked.last ?? [], first: checked.first ?? [] });
    const warm = checked.reason ? checked : await worker.ask("warm", limit, seconds);
    if (warm.reason) score.reason = warm.reason;
  }
  const reference = all.find(({ score }) => score.name === "plain");
  if (!reference || reference.score.reason) throw new Error(`no reference: ${reference?.score.reason}`);
  // A contender that does nothing would agree without this check.
  const moved = difference(reference.last, reference.first);
  if (task.steps > 0 && moved < 100 * (tolerance.float32 ?? 0))
    throw new Error(`${task.id} moves by ${moved} only`);
  for (let round = 0; round < rounds; round++) {
    for (const { score, worker, times } of all) {
      if (score.reason) continue;
      const { seconds: each, reason } = await worker.ask("measure", limit);
      if (reason) score.reason = reason;
      else times.push(each);
    }
  }
  for (const { score, worker, times, last } of all) {
    worker.end();
    if (score.reason) continue;
    score.seconds = spread(times);
    score.off = difference(reference.last, last);
    score.agrees = score.off <= (tolerance[score.precision] ?? 0);
  }
  return all.map(({ score }) => score);
}
