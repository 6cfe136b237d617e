// Prints as JSON the files of src/ whose functions run in a graph's first `train`, in a later one, and in runs of `fit`. The source is
// bundled, and the host counts the calls of each function.

import { readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";
import { runInThisContext } from "node:vm";
import * as esbuild from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const wasm = readFileSync(`${root}dist/float64.wasm`);
const [mark] = WebAssembly.Module.customSections(new WebAssembly.Module(wasm), "plexus");
const marks = { float64: Buffer.from(/** @type {ArrayBuffer} */ (mark)).toString(), float32: "" };

const { outputFiles } = await esbuild.build({
  absWorkingDir: root,
  entryPoints: ["src/entries/slim/index.ts"],
  bundle: true,
  write: false,
  format: "iife",
  globalName: "plexus",
  target: "es2022",
  define: { embeddedCores: "undefined", marks: JSON.stringify(marks) },
});
const text = outputFiles[0]?.text ?? "";
const filename = "traced.js";
const { Graph, setCore } = runInThisContext(`${text}\nplexus`, { filename });

/** Where each file begins: the bundler names it in a comment. */
const starts = [...text.matchAll(/^ *\/\/ ((?:src|assembly)\/\S+\.ts)$/gm)].map(({ index, 1: file }) => ({
  index,
  file,
}));

/**
 * Returns the files whose functions a call runs, in the order of the bundle.
 * @param {() => unknown} call
 */
async function trace(call) {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  await call();
  const { result } = await session.post("Profiler.takePreciseCoverage");
  await session.post("Profiler.stopPreciseCoverage");
  session.disconnect();
  const functions = result.find(({ url }) => url === filename)?.functions ?? [];
  const run = functions.flatMap(({ ranges: [range] }) =>
    range !== undefined && range.count > 0 ? [range.startOffset] : [],
  );
  return [...new Set(run.map((offset) => starts.findLast(({ index }) => index <= offset)?.file))];
}

setCore(wasm);
const graph = new Graph({
  inputs: { x: 2 },
  hidden: { h: 4 },
  outputs: { y: 1 },
  synapses: [
    ["x", "h"],
    ["h", "y"],
    ["x", "y"],
  ],
});
const step = () => {
  graph.train({ x: [[0, 1]] }, { y: [1] });
};
const first = await trace(step);
const later = await trace(step);

const data = { xs: { x: [0, 0, 0, 1, 1, 0, 1, 1] }, ts: { y: [0, 1, 1, 0] } };
const run = async () => {
  /** @type {object | undefined} */
  let resume;
  const save = (/** @type {object} */ made) => {
    resume = made;
  };
  const { signal } = new AbortController();
  const options = { validation: 0.5, scale: { x: "standard" }, patience: 3, signal };
  await graph.fit(data, { ...options, checkpoint: { save } });
  await graph.fit(data, { ...options, epochs: 2, resume });
  await graph.fit([data]);
  await graph.fit({ ...data, steps: 2 }, { window: 1 });
};
console.log(JSON.stringify({ first, later, run: await trace(run) }));
