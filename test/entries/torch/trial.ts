// Trials of files of PyTorch: many graphs, trained by one Python process, and by two.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Graph } from "plexus-nn";
import { type Dataset, toTorch } from "plexus-nn/torch";
import { expect } from "vitest";
import { type AnyGraph, expectClose } from "../../support/helpers.js";

const driver = fileURLToPath(new URL("driver.py", import.meta.url));

/** The Python that has PyTorch, if there is one. */
export const python = ["python3", "/usr/bin/python3"].find(
  (path) => spawnSync(path, ["-c", "import torch"]).status === 0,
);
/** Whether it must be there. */
export const required = process.env.PLEXUS_ALL_RUNTIMES !== undefined;

/** A graph to train, on data. */
export interface Trial {
  readonly name: string;
  readonly graph: AnyGraph;
  readonly set: Dataset;
  readonly epochs: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** The same data as several files; `set` alone by default. */
  readonly shards?: readonly Dataset[];
  readonly outputs?: readonly string[];
  /** Tolerance of a parameter, relative to the larger of 1 and its value; 1e-10 by default. */
  readonly tolerance?: number;
}

/** A trial, and the graph that this engine trained. */
export interface Trained extends Trial {
  readonly trained: AnyGraph;
}

/** Trains a copy of a trial's graph by `fit`; undefined where it diverges. */
export async function trainedHere(trial: Trial): Promise<Trained | undefined> {
  const { graph, set, epochs, batchSize, shuffle } = trial;
  const trained = graph.clone();
  trained.optimizer = graph.optimizer; // afresh, as in a program
  try {
    await trained.fit(set, { epochs, batchSize, shuffle });
    return { ...trial, trained };
  } catch (error) {
    if ((error as { code?: string }).code === "diverged") return undefined;
    throw error;
  }
}

/** Awaits a process of the driver. */
function ended(child: ChildProcess): Promise<string> {
  let said = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (text) => {
      said += text;
    });
  }
  return new Promise((resolve) =>
    child.on("close", (code) => resolve(code === 0 ? "" : said || `exit code ${code}`)),
  );
}

/** Trains all trials in Python, on one process and on two, and compares every parameter. Returns the faults. */
export async function faultsOf(trials: readonly Trained[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "plexus-torch-"));
  try {
    for (const [i, trial] of trials.entries()) write(join(folder, "cases", `${i}`), trial);
    const processes = [0, 1].map((rank) =>
      spawn(python!, [driver, folder, `${rank}`], { stdio: ["ignore", "pipe", "pipe"] }),
    );
    const said = await Promise.all(
      processes.map(async (child, i) => {
        const text = await ended(child);
        if (text !== "") processes[1 - i]!.kill(); // it would wait for this one
        return text;
      }),
    );
    const failed = /^case (\d+)/m.exec(said.join("\n"));
    const name = failed === null ? "" : trials[Number(failed[1])]!.name;
    expect(said.join("\n"), name).toBe("\n");
    return trials.flatMap((trial, i) =>
      [1, 2].flatMap((world) => {
        const bytes = readFileSync(join(folder, "cases", `${i}`, `out-${world}.safetensors`));
        try {
          expectTrained(trial, bytes);
          return [];
        } catch (error) {
          return [`${trial.name}, ${world} processes: ${(error as Error).message}`];
        }
      }),
    );
  } finally {
    if (process.env.PLEXUS_KEEP === undefined) rmSync(folder, { recursive: true });
    else console.log(folder);
  }
}

/** Writes the files of a trial. */
function write(
  folder: string,
  { graph, set, epochs, batchSize, shuffle, shards = [set], outputs }: Trial,
): void {
  mkdirSync(folder, { recursive: true });
  const program = toTorch(graph, outputs === undefined ? {} : { outputs });
  writeFileSync(join(folder, "model.py"), program.module);
  writeFileSync(join(folder, "model.safetensors"), program.weights);
  const data = shards.map((shard, i) => {
    writeFileSync(join(folder, `data-${i}.safetensors`), program.data(shard));
    return `data-${i}.safetensors`;
  });
  writeFileSync(join(folder, "case.json"), JSON.stringify({ data, epochs, batch: batchSize, shuffle }));
}

/** Expects the parameters of a file that PyTorch trained, and that `merge` takes them. */
function expectTrained({ graph, trained, tolerance = 1e-10 }: Trained, bytes: Uint8Array): void {
  const found = Graph.load(bytes);
  trained.layers.forEach((layer, i) => {
    const own = found.layers[i]!;
    for (const member of ["bias", "gain", "initial"] as const) {
      const wanted = layer[member];
      if (wanted !== undefined) expectClose(own[member]!, wanted, tolerance, `${member} of ${layer.name}`);
    }
  });
  trained.synapses.forEach((synapse, i) => {
    if (synapse.weights.length === 0) return;
    const of = `weights of ${synapse.from.name} → ${synapse.to.name} (${synapse.kind})`;
    expectClose(found.synapses[i]!.weights, synapse.weights, tolerance, of);
  });
  const generators = (one: AnyGraph) => (one.toJSON() as { generators: unknown }).generators;
  expect(generators(found)).toEqual(generators(trained));
  const merged = graph.clone();
  merged.merge(bytes);
  expect(numbers(merged)).toEqual(numbers(found));
  for (const one of [found, merged]) one.dispose();
}

/** Returns all parameters, as text. */
function numbers(graph: AnyGraph): unknown {
  const { layers, synapses } = graph.toJSON({ optimizer: false }) as {
    layers: unknown[];
    synapses: unknown[];
  };
  return { layers, synapses };
}
