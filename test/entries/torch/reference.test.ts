// The graphs and the runs of reference/, trained in PyTorch and here. test/whole compares this engine with the values there.

import { readFileSync } from "node:fs";
import type { Dataset } from "plexus-nn/torch";
import { beforeAll, describe, expect, it } from "vitest";
import { type MapCase, mapGraph } from "../../support/mapcases.js";
import { type GraphCase, referenceGraph, type Vocabulary } from "../../support/references.js";
import { casesOf, graphOf } from "../../support/sequences.js";
import { faultsOf, python, required, type Trained, type Trial, trainedHere } from "./trial.js";

const here = new URL("../../reference/", import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, here), "utf8")) as unknown;

/** Makes a trial of ten steps or more, of two batches an epoch; with an odd number of rows the second process has fewer. */
function trial(name: string, graph: Trial["graph"], set: Dataset, rows: number): Trial {
  const batchSize = Math.max(1, rows - 1);
  return { name, graph, set, epochs: rows > 1 ? 5 : 10, batchSize, shuffle: false };
}

const rowsOf = (xs: Readonly<Record<string, readonly unknown[]>>) => Object.values(xs)[0]!.length;

/** The trials of each file. */
const files: Readonly<Record<string, () => readonly Trial[]>> = {
  "graphs.json": () =>
    (read("graphs.json") as GraphCase[]).map(({ name, rate, layers, synapses, steps }) => {
      const bias = Object.fromEntries(layers.map((layer) => [layer.name, layer.bias]));
      const start = { bias, weights: synapses.map(({ weights }) => weights) };
      const graph = referenceGraph(layers, synapses, start, { name: "sgd", rate }, "float64");
      const { xs, ts } = steps[0]!;
      return trial(name, graph, { xs, ts }, rowsOf(xs));
    }),
  ...Object.fromEntries(
    ["vocabulary.json", "optimizers.json"].map((file) => [
      file,
      () =>
        (read(file) as Vocabulary).training.map(({ optimizer, layers, synapses, start, steps }) => {
          const graph = referenceGraph(layers, synapses, start, optimizer, "float64");
          const { xs, ts } = steps[0]!;
          return trial(JSON.stringify(optimizer), graph, { xs, ts }, rowsOf(xs));
        }),
    ]),
  ),
  "maps.json": () =>
    (read("maps.json") as { graphs: MapCase[] }).graphs.map((one) => {
      const { xs, ts } = one.steps[0]!;
      return trial(one.name, mapGraph(one, "float64"), { xs, ts }, rowsOf(xs));
    }),
  "time.json": () =>
    casesOf(new URL("time.json", here)).map((one) => {
      const { lengths, xs, ts, mask, sampleWeights } = one.steps[0]!;
      const weighting = { ...(mask && { mask }), ...(sampleWeights && { sampleWeights }) };
      const set = { xs, ts, steps: lengths, ...weighting } as Dataset;
      return trial(one.name, graphOf(one, "float64"), set, lengths.length);
    }),
};

describe.skipIf(python === undefined && !required)("PyTorch trains the graphs and runs of reference/", () => {
  let faults: readonly string[] = [];

  beforeAll(async () => {
    const trials = Object.entries(files).flatMap(([file, make]) =>
      make().map((one) => trainedHere({ ...one, name: `${file}: ${one.name}` })),
    );
    faults = await faultsOf((await Promise.all(trials)) as Trained[]); // none diverges
  });

  it.each(Object.keys(files))("%s", (file) => {
    expect(faults.filter((fault) => fault.startsWith(file))).toEqual([]);
  });
});
