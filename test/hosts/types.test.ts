// The declarations of the packed package, in the oldest TypeScript that is promised and in the newest, without skipLibCheck.

import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createProject, tools } from "./project.js";

const project = createProject();
afterAll(() => project.remove());

const consumer = `
import { type Checkpoint, Graph, GraphError, Scaler, crossValidate, report } from "plexus-nn";
import { setCore } from "plexus-nn/slim";
import { summary, toSource, toSvg } from "plexus-nn/draw";
import { fromBrain, fromSynaptic } from "plexus-nn/migrate";
import { loadCheckpoint, saveCheckpoint } from "plexus-nn/node";
import { fromOnnx, toOnnx } from "plexus-nn/onnx";
import { toTorch } from "plexus-nn/torch";
import { crossValidate as inWorkers, fit, predict, threads } from "plexus-nn/worker";
import { toOnnx as slimOnnx } from "plexus-nn/slim/onnx";

const graph = new Graph({
  seed: 7,
  inputs: { x: 2 },
  hidden: { h: { size: 4, activation: "tanh" } },
  outputs: { y: 1 },
  synapses: [["x", "h"], ["h", "y"], ["x", "y"]],
});
export const cost: number = graph.train({ x: [0, 1] }, { y: [1] });
const { y } = graph.predict({ x: [0, 1, 1, 1] });
export const sum: number = y.reduce((a: number, b: number) => a + b, 0);
const bytes: Uint8Array = graph.save();
export const loaded = Graph.load(bytes);
const { module, data } = toTorch(graph, { name: "model", outputs: ["y"] });
export const texts: string[] = [summary(graph), toSvg(graph), toSource(graph).types, module];
export const files: Uint8Array[] = [toOnnx(graph), slimOnnx(graph), data({ xs: { x: [0, 1] }, ts: { y: [1] } })];
export const again = [fromOnnx(toOnnx(graph)), fromBrain({}).graph, fromSynaptic({})];
export const scaler = Scaler.fit([1, 2], 1);
export const ready: void | Promise<void> = setCore(new Uint8Array(3));
export async function train(path: string): Promise<string> {
  const data = { xs: { x: [0, 1] }, ts: { y: [1] } };
  const resume: Checkpoint = await loadCheckpoint(path);
  await graph.fit(data, { resume, checkpoint: { save: saveCheckpoint(path) } });
  await crossValidate(() => graph, data, { folds: 2 });
  const found = await predict(graph, { x: [0, 1] }, { outputs: ["y"], threads: "all" });
  const sums: number[] = [found.y[0]!, threads().cores];
  await inWorkers(() => graph, data, { folds: 2, workers: sums.length });
  try { return report(await fit(graph, data, { threads: 2 })); } catch (error) { return error instanceof GraphError ? error.code : ""; }
}
// @ts-expect-error  misspelt
export const misspelt = () => graph.predict({ xx: [1, 2] });
// @ts-expect-error  no output
export const noOutput = () => predict(graph, { x: [0, 1] }, { outputs: ["x"] });
// @ts-expect-error  no number of threads
export const noNumber = () => fit(graph, { xs: { x: [0, 1] }, ts: { y: [1] } }, { threads: "some" });
// @ts-expect-error  no option
export const noOption = () => graph.fit({ xs: { x: [0, 1] }, ts: { y: [1] } }, { epoch: 3 });
`;

const compilers = { "5.4": "typescript54", newest: "typescript" };
const ways = {
  bundler: { module: "esnext", moduleResolution: "bundler" },
  node16: { module: "node16", moduleResolution: "node16" },
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  "exact options": { module: "nodenext", exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
  "no DOM": { module: "nodenext", lib: ["es2022"] },
};

/** Returns a compiler's complaints about a file. */
function compile(compiler: string, file: string, options: object): string {
  const compilerOptions = {
    target: "es2022",
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    types: [],
    ...options,
  };
  project.write("tsconfig.json", JSON.stringify({ compilerOptions, files: [file] }));
  try {
    return project.run(process.execPath, join(tools, compiler, "bin/tsc"), "-p", ".", "--pretty", "false");
  } catch (error) {
    return (error as Error).message;
  }
}

describe.each(Object.entries(compilers))("the declarations compile under TypeScript %s", (_, compiler) => {
  it.each(Object.entries(ways))("%s", (_, options) => {
    project.write("consumer.ts", consumer);
    expect(compile(compiler, "consumer.ts", options)).toBe("");
  });
});

it("the newest TypeScript knows that a CommonJS module may require the package", () => {
  project.write(
    "consumer.cts",
    'import { Graph } from "plexus-nn";\nimport worker = require("plexus-nn/worker");\nexport const made = [new Graph(), worker.fit];\n',
  );
  expect(compile("typescript", "consumer.cts", { module: "nodenext" })).toBe("");
});
