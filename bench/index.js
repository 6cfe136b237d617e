// node bench/index.js [--peers] [--runtimes] [--threads] [--torch] [--before=module] [--only=part,…] [--quick] [--busy]
//
// Measures the engine, prints the results, and stores them in bench/results/*.json, from which bench/RESULTS.md and its
// pictures are written. Parts: contest, maps, time, lengths, kernels, package, growth, giving, holding, pairs. A contest has tasks
// side by side with plain JavaScript, and with --peers with other libraries. The part maps is one with convolutions, embeddings
// and sparse layers; time is one with loops in time. Lengths are the growth with the number of steps. Pairs are options against
// none, and with --before an earlier build's dist/index.js. With --runtimes the tasks also run in every runtime on this machine.
// With --threads trainings and predictions also run on all cores, with --torch programs of toTorch. --quick proves that all parts run, and measures little. --busy
// has the contests take the processor's time, for a machine that does other work.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { folder, install } from "../test/peers/load.js";
import { runtimes } from "../test/runtimes/run.js";
import { contest, pinned } from "./contest.js";
import { giving } from "./giving.js";
import { growth } from "./growth.js";
import { holding } from "./holding.js";
import { kernels } from "./kernels.js";
import { lengths } from "./lengths.js";
import { competes, tasks as tasksOfMaps } from "./maps.js";
import { mapsKernels } from "./mapskernels.js";
import { mapsGoals } from "./mapsreport.js";
import { tasks } from "./networks.js";
import { cost } from "./package.js";
import { dressed, since } from "./pairs.js";
import portable from "./portable.js";
import { givingTable, goals, holdingTable, packageLines, pairLines, runtimeTable, write } from "./report.js";
import { page, render } from "./summary.js";
import { taskTable } from "./table.js";
import { threadTable } from "./threadreport.js";
import { several } from "./threads.js";
import { few } from "./threadtasks.js";
import { tasks as tasksInTime } from "./time.js";
import { lengthTable, timeGoals, timeTable } from "./timereport.js";
import { beside, few as smallest } from "./torch.js";
import { torchTable } from "./torchreport.js";

const { values: given } = parseArgs({
  options: {
    peers: { type: "boolean", default: false },
    runtimes: { type: "boolean", default: false },
    threads: { type: "boolean", default: false },
    torch: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    busy: { type: "boolean", default: false },
    before: { type: "string" },
    only: { type: "string", default: "" },
    into: { type: "string", default: fileURLToPath(new URL(".", import.meta.url)) },
  },
});
const parts =
  given.only === ""
    ? ["contest", "maps", "time", "lengths", "kernels", "package", "growth", "giving", "holding", "pairs"]
    : given.only.split(",");
const results = `${given.into}/results`;

/** @param {string} path */
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
/** @type {(command: string, ...words: string[]) => string} */
const said = (command, ...words) =>
  String(spawnSync(command, words, { encoding: "utf8" }).stdout ?? "").trim();

const about = {
  date: new Date().toISOString().slice(0, 10),
  commit: said("git", "-C", file("."), "rev-parse", "--short", "HEAD"),
  processor: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  pinned,
  system: `${process.platform} ${process.arch}`,
  node: process.version,
  v8: process.versions.v8,
};

/** @type {(name: string, found: object) => void} */
function keep(name, found) {
  mkdirSync(results, { recursive: true });
  writeFileSync(`${results}/${name}.json`, `${JSON.stringify({ ...about, ...found }, null, 1)}\n`);
}

/** Returns the Python that has a module, if there is one. @param {string} module */
function python(module) {
  return ["python3", "/usr/bin/python3"].find(
    (path) => spawnSync(path, ["-c", `import ${module}`]).status === 0,
  );
}

/** @type {(name: string, precisions: string[], program?: string) => import("./contest.js").Entrant[]} */
const each = (name, precisions, program) =>
  precisions.map((precision) => (program === undefined ? { name, precision } : { name, precision, program }));
const both = ["float64", "float32"];

/**
 * Returns the contenders of a part.
 * @type {(part: "contest" | "maps" | "time") => import("./contest.js").Entrant[]}
 */
function entrants(part) {
  const own = [...each("plain", ["float64"]), ...each("plexus", both)];
  if (part === "maps") own.push(...each("plexus-dense", both));
  if (!given.peers) return own;
  if (!existsSync(`${folder}node_modules`)) {
    console.log("Installing the peers …");
    const { status } = spawnSync("npm", install, {
      stdio: "inherit",
    });
    if (status !== 0) throw new Error("The peers can't be installed.");
  }
  const [numpy, torch] = [python("numpy"), python("torch")];
  const pytorch = torch === undefined ? [] : each("pytorch", both, torch);
  const [tfjs, onnx, jax] = [each("tfjs", ["float32"]), each("onnx", ["float32"]), each("jax", both)];
  if (part === "maps") {
    const tuned = torch === undefined ? [] : each("pytorch-tuned", both, torch);
    const others = [...each("convnet", ["float64"]), ...tfjs, ...each("tfjs-cpu", ["float32"])];
    return [...own, ...others, ...onnx, ...jax, ...pytorch, ...tuned];
  }
  const older = [...each("brain", ["float32"]), ...each("synaptic", ["float64"])];
  const all = [...own, ...older, ...each("neataptic", ["float64"]), ...tfjs];
  if (part === "time") return [...all, ...pytorch];
  return [...all, ...onnx, ...jax, ...(numpy === undefined ? [] : each("numpy", both, numpy)), ...pytorch];
}

const heading = (/** @type {string} */ text) => console.log(`\n${text}\n${"─".repeat(text.length)}`);

/** @type {import("./contest.js").Effort} */
const effort = {
  ...(given.quick ? { rounds: 1, seconds: 0.002, limit: 120 } : { rounds: 5, seconds: 0.25, limit: 120 }),
  clock: given.busy ? "processor" : "wall",
};

// In each, `quick` chooses the tasks that prove that it runs.
const contests = [
  {
    part: /** @type {const} */ ("contest"),
    title: "The tasks, samples a second",
    tasks,
    quick: ["xor", "xor-fit", "skip-1", "skip-32"],
    file: given.peers ? "peers" : "engine",
    lines: taskTable,
    verdicts: given.peers ? goals : undefined,
  },
  {
    part: /** @type {const} */ ("maps"),
    title: "The tasks with maps, samples a second",
    tasks: tasksOfMaps,
    quick: ["sparse-1"],
    file: given.peers ? "maps" : "maps-engine",
    lines: taskTable,
    verdicts: mapsGoals,
  },
  {
    part: /** @type {const} */ ("time"),
    title: "The tasks with loops in time",
    tasks: tasksInTime,
    quick: ["gru", "gru-before", "stream-gru"],
    file: given.peers ? "time" : "time-engine",
    lines: timeTable,
    verdicts: timeGoals,
  },
];

for (const { part, title, tasks, quick, file, lines, verdicts } of contests) {
  if (!parts.includes(part)) continue;
  heading(title);
  const everybody = entrants(part);
  const found = [];
  for (const task of given.quick ? tasks.filter(({ id }) => quick.includes(id)) : tasks) {
    const some = everybody.filter(({ name }) => competes(task, name));
    const scores = await contest(task, some, effort);
    found.push({ id: task.id, title: task.title, batch: task.network.batch, kind: task.kind, scores });
    console.log(lines(/** @type {any} */ (found.at(-1))));
  }
  keep(file, { clock: effort.clock, tasks: found });
  if (verdicts) console.log(verdicts(found));
}

if (parts.includes("lengths")) {
  heading("How time and memory grow with the number of steps");
  const sizes = given.quick ? [4, 8, 16] : [64, 256, 1024, 4096, 16384];
  const found = lengths(console.log, sizes, given.quick ? 0 : 0.5);
  keep("lengths", { found });
  console.log(lengthTable(found));
}

if (parts.includes("kernels")) {
  heading("Matrix products, as a share of the limit of independent multiply-add chains");
  const effort = given.quick ? 0.01 : 1;
  const found = await kernels(console.log, given.quick ? "1×2·2×4" : "", effort);
  heading("Products of maps, as a share of this limit");
  keep("kernels", { ...found, maps: await mapsKernels(console.log, given.quick ? "5×5 to 8" : "", effort) });
}

if (parts.includes("package")) {
  heading("What the package costs");
  const found = cost(given.quick ? 1 : 21);
  keep("package", found);
  console.log(packageLines(found));
}

if (parts.includes("growth")) {
  heading("How the cost of a step of training grows");
  keep("growth", { lines: growth(console.log, given.quick ? 0.0005 : 0.05, given.quick ? 64 : Infinity) });
}

if (parts.includes("giving")) {
  heading("What giving way to the event loop costs, and the frames of a page meanwhile");
  const page = runtimes.find(({ name }) => name === "Chromium");
  const found = [{ name: "Node", times: given.quick ? await giving(0.001, 1) : await giving() }];
  if (page?.available() !== undefined && !given.quick) {
    found.push({ name: "a page in Chromium", times: await page.run(file("giving.js")) });
  }
  keep("giving", { hosts: found });
  console.log(givingTable(found));
}

if (parts.includes("holding")) {
  heading("How long a checkpoint holds the event loop");
  const found = given.quick ? await holding([8], 1) : await holding();
  keep("holding", { holds: found });
  console.log(holdingTable(found));
}

if (parts.includes("pairs")) {
  heading("What options cost, and what was gained: how often one time goes into the other");
  const slices = given.quick ? 1 : 100;
  const wanted = given.quick ? 0 : 0.01;
  const found = {
    dressed: await dressed(slices, wanted),
    since: given.before ? since(given.before, slices, wanted) : [],
  };
  keep("pairs", found);
  console.log(pairLines(found));
}

if (given.runtimes) {
  heading("The engine in every runtime, samples a second");
  const found = [{ name: `Node ${process.versions.node.split(".")[0]}`, times: await portable() }];
  for (const runtime of runtimes) {
    if (runtime.available() === undefined) continue;
    found.push({ name: runtime.name, times: await runtime.run(file("portable.js")) });
  }
  keep("runtimes", { runtimes: found });
  console.log(runtimeTable(found));
}

if (given.threads) {
  heading("Several threads beside one");
  const found = given.quick ? await several(console.log, 1, 0.01, few) : await several(console.log);
  keep("threads", { pinned: false, found });
  console.log(threadTable(found));
}

if (given.torch) {
  const program = python("torch");
  if (program === undefined) console.log("\nNo Python with torch was found.");
  else {
    heading("Programs of PyTorch beside networks by hand, samples a second");
    const found = given.quick ? beside(program, 1, smallest) : beside(program, 5);
    keep("torch", { cores: 1, found });
    console.log(torchTable(found));
  }
}

write(given.into, (name) => {
  const path = `${results}/${name}.json`;
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
});
if (resolve(given.into) === resolve(file("."))) writeFileSync(page, render(readFileSync(page, "utf8")));
