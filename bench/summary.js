// Writes the tables of docs/benchmarks.md from the last results: `node bench/summary.js`; bench/index.js does so after measuring,
// and a test compares them.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { machine, markdown, names, short } from "./table.js";

/** @typedef {import("./report.js").TaskResult} TaskResult */
/** @typedef {import("./contest.js").Score} Score */

export const page = fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url));

/** Returns the last results of a part. @param {string} name */
const read = (name) => JSON.parse(readFileSync(new URL(`results/${name}.json`, import.meta.url), "utf8"));

/** Returns the scores of a task that have a time. @param {TaskResult} task */
const timed = ({ scores }) =>
  scores.flatMap((score) => (score.seconds ? [{ ...score, seconds: score.seconds.median }] : []));

/** Contenders that are no library of JavaScript. */
const elsewhere = /^(plexus|plain|numpy|pytorch)/;

/**
 * Returns the fastest score of the contenders whose names match, at its better precision.
 * @type {(task: TaskResult, matches: (name: string) => boolean) => string}
 */
function best(task, matches) {
  const [found] = timed(task)
    .filter(({ name }) => matches(name))
    .sort((a, b) => a.seconds - b.seconds);
  if (found === undefined) return "–";
  const rate = short(task.batch / found.seconds);
  return found.name === "plexus" ? rate : `${rate} ${names[found.name] ?? found.name}`;
}

/** Returns a row for each task. @param {{ tasks: TaskResult[] }} found */
function speeds({ tasks }) {
  const rows = tasks.map((task) => [
    task.title,
    best(task, (name) => name === "plexus"),
    best(task, (name) => !elsewhere.test(name)),
    best(task, (name) => /^(numpy|pytorch)/.test(name)),
  ]);
  return markdown([["task", "Plexus", "fastest library in JavaScript", "fastest in Python"], ...rows]);
}

/** Returns a row for each contender that is faster than Plexus in the same precision. @param {TaskResult[]} tasks */
function faster(tasks) {
  const rows = tasks.flatMap((task) => {
    const scores = timed(task);
    return ["float64", "float32"].map((precision) => {
      const at = scores.filter((score) => score.precision === precision);
      const own = at.find(({ name }) => name === "plexus")?.seconds ?? 0;
      const others = at.filter(({ seconds }) => seconds < own).sort((a, b) => a.seconds - b.seconds);
      const cells = others.map(({ name, seconds }) => `${names[name] ?? name} ${short(own / seconds)} ×`);
      return [task.title, precision, cells.join(", ")];
    });
  });
  return markdown([["task", "precision", "faster than Plexus"], ...rows.filter(([, , cells]) => cells)]);
}

/** Returns the versions of the contenders, each once. @param {TaskResult[]} tasks */
function versions(tasks) {
  const scores = tasks.flatMap((task) => task.scores);
  const known = scores.filter(({ name, version }) => version && !/plexus|-/.test(name));
  const others = [...new Map(known.map(({ name, version }) => [name, version]))];
  return `${others.map(([name, version]) => `${names[name] ?? name} ${version}`).join(", ")}.`;
}

/** Returns the page with its tables made anew. @param {string} text */
export function render(text) {
  const [peers, maps, time] = [read("peers"), read("maps"), read("time")];
  const all = [...peers.tasks, ...maps.tasks, ...time.tasks];
  /** @type {Record<string, string>} */
  const made = {
    dense: `${machine(peers)}\n\n${speeds(peers)}`,
    maps: `${machine(maps)}\n\n${speeds(maps)}`,
    time: `${machine(time)}\n\n${speeds(time)}`,
    faster: faster(all),
    versions: versions(all),
  };
  return Object.entries(made).reduce((rest, [name, table]) => {
    const place = new RegExp(`(<!-- figures: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
    if (!place.test(rest)) throw new Error(`docs/benchmarks.md has no place for ${name}.`);
    return rest.replace(place, (_, before, after) => `${before}\n${table}\n\n${after}`);
  }, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, render(readFileSync(page, "utf8")));
}
