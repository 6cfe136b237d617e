// A team of threads has the bits of one thread: random graphs, all optimizers, both precisions, with delays at random before each
// chunk of work. Without them a race would show under load only.

import { type Dataset, Graph, type Precision } from "plexus-nn";
import { describe, it } from "vitest";
import { imageData, images, loopData, loops } from "../../runtimes/maps.js";
import { type AnyGraph, Random, seed } from "../../support/helpers.js";
import { optimizers } from "../../support/optimizers.js";
import { build, dressedCase } from "../../support/random.js";
import { buildTangle, randomTangle } from "../../support/tangle.js";
import { compare } from "../../support/team.js";

const precisions = ["float64", "float32"] as const satisfies readonly Precision[];
const COUNT = 40;
const numbered = Array.from({ length: COUNT }, (_, i) => [i] as const);

/** Repeats the samples of all inputs or outputs. */
function repeated<T>(values: Readonly<Record<string, readonly T[]>>, rows: number): Record<string, T[]> {
  const lists = Object.entries(values).map(([name, list]) => {
    return [name, Array.from({ length: rows }, (_, r) => list[r % list.length]!)] as const;
  });
  return Object.fromEntries(lists);
}

describe(`a team of threads has the bits of one thread, PLEXUS_SEED=${seed}`, () => {
  it.each(numbered)("on random graph %i, with all options", async (i) => {
    const random = new Random(seed * 1000 + i);
    const drawn = dressedCase(random, true);
    const rows = random.pick([1, 2, 15, 16, 17, 33, 64, 100, 128, 129, 300, 700]);
    const graph = build(drawn.naive, random.pick(precisions)) as AnyGraph;
    graph.optimizer = random.pick(optimizers);
    const data = { xs: repeated(drawn.xs, rows), ts: repeated(drawn.ts, rows) } as unknown as Dataset;
    const sampleWeights = random.chance(0.3) ? { sampleWeights: random.numbers(rows).map(Math.abs) } : {};
    const options = {
      epochs: 3,
      batchSize: random.pick([16, 32, 50, 128, 300, 700]),
      shuffle: random.chance(0.5),
      ...(random.chance(0.3) && rows > 10 ? { validation: 0.2 } : {}),
    };
    await compare(random, graph, { ...data, ...sampleWeights }, options, `graph ${i} of ${rows} rows`);
  });

  it.each(numbered)("on random tangle %i, with maps, loops and products", async (i) => {
    const random = new Random(seed * 2000 + i);
    const tangle = randomTangle(random);
    const rows = random.pick([1, 5, 16, 17, 40, 130, 200]);
    const graph: AnyGraph = buildTangle(tangle.naive, random.pick(precisions));
    graph.optimizer = random.pick(optimizers);
    const steps = Array.from({ length: rows }, (_, r) => tangle.lengths[r % tangle.lengths.length]!);
    const data = {
      xs: repeated(tangle.xs, rows),
      ts: repeated(tangle.ts, rows),
      steps,
    } as unknown as Dataset;
    const options = { epochs: 2, batchSize: random.pick([16, 32, 100, 200]), shuffle: random.chance(0.5) };
    await compare(random, graph, data, options, `tangle ${i} of ${rows} samples`);
  });

  it.each(precisions)("on images and loops of maps, with windows and states, in %s", async (precision) => {
    const random = new Random(seed);
    for (const optimizer of optimizers) {
      const [flat, timed] = [images(precision), loops(precision)] as AnyGraph[];
      flat!.optimizer = timed!.optimizer = optimizer;
      await compare(random, flat!, imageData(70), { epochs: 2, batchSize: 33, validation: 0.2 }, "images");
      await compare(random, timed!, loopData(40, 9), { epochs: 2, batchSize: 32, window: 4 }, "loops");
    }
  });

  it.each(precisions)("on wide layers, whose gradients are skipped and joined, in %s", async (precision) => {
    const random = new Random(seed);
    for (const [optimizer, batchSize] of [
      ["sgd", 20],
      ["sgd", 260],
      ["adam", 64],
    ] as const) {
      const graph = new Graph({ seed: 2, precision, optimizer }) as AnyGraph;
      graph.addInput("x", 200);
      graph.addHidden("h", 150, "relu", { dropout: 0.2 });
      graph.addOutput("y", 9, "softmax");
      graph.connect("x", "h", { l2: batchSize === 64 ? 0.001 : 0 });
      graph.connect("h", "y", { l1: 0.001 });
      graph.connect("x", "y");
      const data = {
        xs: { x: random.numbers(200 * 300) },
        ts: { y: Array.from({ length: 300 }, (_, r) => r % 9) },
      };
      await compare(random, graph, data, { epochs: 2, batchSize }, "wide layers");
    }
  });

  it("on gradients whose squares overflow, which clipNorm clips", async () => {
    const random = new Random(seed);
    const graph = new Graph({ seed: 2, optimizer: { name: "adam", rate: 0.01, clipNorm: 1 } }) as AnyGraph;
    graph.addInput("x", 120);
    graph.addHidden("h", 100, "tanh");
    graph.addOutput("y", 1, "linear", "mae", { weight: 1e200 });
    graph.connect("x", "h");
    graph.connect("h", "y");
    const data = { xs: { x: random.numbers(120 * 64) }, ts: { y: random.numbers(64) } };
    await compare(random, graph, data, { epochs: 20, batchSize: 32 }, "large gradients");
  });
});
