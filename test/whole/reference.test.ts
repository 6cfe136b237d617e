// Whole graphs and training runs against the values in reference/: numpy's in graphs.json, PyTorch's in vocabulary.json and
// optimizers.json.

import { existsSync, readFileSync } from "node:fs";
import { Graph, type Schedule } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectClose, ratesOf, refusal, wrong } from "../support/helpers.js";
import { type GraphCase, type Parameters, referenceGraph, type Vocabulary } from "../support/references.js";

const here = new URL("../reference/", import.meta.url);
const shared = new URL("../../../shared/reference/", import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, here), "utf8")) as unknown;
const graphs = read("graphs.json") as GraphCase[];
const vocabulary = read("vocabulary.json") as Vocabulary;
const optimizers = read("optimizers.json") as Pick<Vocabulary, "training"> & {
  readonly rates: { rate: Schedule; values: number[] }[];
};

/** Returns whether the engine has all options of a graph or a run. */
function known(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return refusal(make).code !== "bad-option";
  }
}

function expectAll(
  graph: ReturnType<typeof referenceGraph>,
  { bias, weights }: Parameters,
  tolerance: number,
  what: string,
) {
  for (const [name, values] of Object.entries(bias)) {
    expectClose(graph.layer(name).bias, values, tolerance, `${what}, bias of ${name}`);
  }
  weights.forEach((values, i) => {
    expectClose(graph.synapses[i]!.weights, values.flat(), tolerance, `${what}, synapse ${i}`);
  });
}

const tolerances = [
  ["float64", 1e-10],
  ["float32", 1e-4],
] as const;

describe.each(tolerances)("whole graphs in %s have the reference values", (precision, tolerance) => {
  it.each(graphs)("$name", ({ rate, layers, synapses, steps }) => {
    const start = {
      bias: Object.fromEntries(layers.map(({ name, bias }) => [name, bias])),
      weights: synapses.map(({ weights }) => weights),
    };
    const graph = referenceGraph(layers, synapses, start, { name: "sgd", rate }, precision);
    expect(steps).toHaveLength(3);
    steps.forEach(({ xs, ts, cost, predict, after }, i) => {
      const ys = graph.predict(xs);
      expect(Object.keys(ys).sort()).toEqual(Object.keys(predict).sort());
      for (const [name, rows] of Object.entries(predict)) {
        expectClose(ys[name]!, rows.flat(), tolerance, `step ${i}, ${name}`);
      }
      expectClose([graph.train(xs, ts)], [cost], tolerance, `step ${i}, cost`);
      expectAll(graph, after, tolerance, `step ${i}`);
    });
  });

  const runs = [...vocabulary.training, ...optimizers.training].filter(({ optimizer, layers }) =>
    known(() => {
      const graph = new Graph({ optimizer: wrong(optimizer) });
      for (const { name, activation, loss } of layers) graph.addOutput(name, 2, activation, loss ?? "mse");
    }),
  );

  it("has training runs to follow", () => expect(runs.length).toBeGreaterThan(20));

  it.each(runs)("some steps of $optimizer", ({ optimizer, layers, synapses, start, steps, end }) => {
    const graph = referenceGraph(layers, synapses, start, optimizer, precision);
    steps.forEach(({ xs, ts, cost }, i) => {
      expectClose([graph.train(xs, ts)], [cost], tolerance, `step ${i}, cost`);
    });
    expectAll(graph, end, tolerance, "the end");
  });
});

describe("schedules have PyTorch's rates", () => {
  it.each(optimizers.rates)("$rate", ({ rate, values }) => {
    expectClose(ratesOf(rate, values.length), values, 1e-14, "rate");
  });
});

describe.runIf(existsSync(shared))("the copies in reference/ are those of the source", () => {
  const names = ["graphs.json", "maps.json", "reference.py", "maps.py", "time.json", "time.py"];
  it.each([...names, "vocabulary.json", "vocabulary.py"])("%s", (name) => {
    expect(readFileSync(new URL(name, here)).equals(readFileSync(new URL(name, shared)))).toBe(true);
  });
});
