// Runs of a team with the options of `fit` that meet the numbers: resumed, in windows, of parts of a graph, with weights.

import { type Checkpoint, type FitData, type FitOptions, Graph, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { imageData, images, loopData, loops } from "../../runtimes/maps.js";
import { type AnyGraph, Random, seed } from "../../support/helpers.js";
import { optimizers } from "../../support/optimizers.js";
import { outcome, trainTogether } from "../../support/team.js";

const random = new Random(seed);

/** Compares trainings by one thread and by a team. `given` returns the data anew, since it may be read once. */
async function compare(graph: AnyGraph, given: () => FitData, options: FitOptions): Promise<void> {
  const other = graph.clone() as AnyGraph;
  const threads = random.pick([2, 3, 4]);
  const alone = await outcome(graph, graph.fit(given(), options));
  const trial = { delays: random.whole(1, 1e6) };
  expect(await outcome(other, trainTogether(other, given(), options, threads, trial))).toEqual(alone);
  expect(alone.failures).toEqual([]);
  graph.dispose();
  other.dispose();
}

/** Cuts a dataset without steps into batches. */
function* cut({ xs, ts }: ReturnType<typeof imageData>, rows: number, sizes: readonly number[]) {
  let from = 0;
  for (const size of sizes) {
    const part = <T extends { length: number; slice(from: number, to: number): T }>(all: T) =>
      all.slice((from * all.length) / rows, ((from + size) * all.length) / rows);
    yield {
      xs: { image: part(xs.image), words: part(xs.words), signal: part(xs.signal) },
      ts: { each: part(ts.each), value: part(ts.value) },
    };
    from += size;
  }
}

/** Makes a graph with a large table, of which plain descent changes the named rows alone. */
function table(precision: Precision): AnyGraph {
  return new Graph({
    ...{ seed: 3, precision, optimizer: { name: "sgd", rate: 0.1 } },
    inputs: { word: { size: 3, classes: 2000 } },
    hidden: { e: { size: [3, 8], activation: "tanh" } },
    outputs: { y: { size: 40, activation: "softmax" } },
    synapses: [
      ["word", "e", { kind: "embedding" }],
      ["e", "y"],
    ],
  }) as AnyGraph;
}

describe.each(["float64", "float32"] as const)(
  `a team has the bits of one thread in %s, PLEXUS_SEED=${seed},`,
  (precision) => {
    it.each(optimizers)("resumed on another number of threads, with %o", async (optimizer) => {
      const make = () => Object.assign(images(precision), { optimizer }) as AnyGraph;
      const data = imageData(50);
      const saved: Checkpoint[] = [];
      const checkpoint = { everySeconds: 1e-9, save: (one: Checkpoint) => void saved.push(one) };
      const options = { epochs: 3, batchSize: 20, validation: 0.2 };
      const whole = make();
      const wanted = await outcome(whole, whole.fit(data, options));
      await trainTogether(make(), data, { ...options, epochs: 2, checkpoint }, 3, { delays: 1 });
      for (const [i, threads] of [1, 2, 4].entries()) {
        const again = make();
        const resume = saved[(2 * i + 1) % saved.length]!;
        const run = trainTogether(again, data, { ...options, resume }, threads, { delays: i + 1 });
        expect((await outcome(again, run)).graph).toEqual(wanted.graph);
      }
    });

    it("from a stream of batches of many sizes, and of steps in windows with a state", async () => {
      const sizes = [1, 16, 17, 31, 64, 127, 128, 129, 3];
      const rows = sizes.reduce((sum, size) => sum + size);
      await compare(images(precision), () => cut(imageData(rows), rows, sizes), {});
      const batches = [6, 6, 6].map((k) => loopData(k, 11));
      await compare(loops(precision), () => batches, { window: 3, carry: true });
      await compare(loops(precision), () => () => batches, { window: 4, epochs: 2 });
      await compare(loops(precision), () => () => [loopData(20, 5), loopData(33, 9)], {
        epochs: 2,
        stepsPerEpoch: 2,
      });
    });

    it("with held-out sequences, the best epoch and scalers", async () => {
      const best = { epochs: 4, patience: 1, restoreBest: true, monitor: "validation.cost" };
      await compare(loops(precision), () => loopData(70, 7), {
        ...best,
        ...{ batchSize: 32, validation: loopData(40, 12), scale: { line: "standard" } },
      });
      await compare(images(precision), () => imageData(100), {
        ...best,
        ...{ batchSize: 32, validation: 0.3, scale: { image: "minmax", value: "standard" } },
      });
    });

    it("with sample weights and masks, also of 0", async () => {
      const rows = 150;
      const sampleWeights = random.numbers(rows).map((x) => Math.max(0, x));
      const data = () => ({
        ...imageData(rows),
        sampleWeights,
        mask: { each: random.numbers(216 * rows).map((_, i) => Number(i % 4 > 0)), value: sampleWeights },
      });
      const once = data();
      await compare(images(precision), () => once, { epochs: 2, batchSize: 70, validation: 0.2 });
    });

    it.each([0, 1, 2, 3])("where parts are frozen, draw %i", async (draw) => {
      const chosen = new Random(seed * 7 + draw);
      for (const [graph, data] of [
        [images(precision), imageData(70)],
        [loops(precision), loopData(40, 6)],
      ] as const) {
        graph.optimizer = chosen.pick(optimizers);
        const learning = graph.layers.filter(({ name }: { name: string }) => !name.startsWith("word"));
        for (const part of [...learning, ...graph.synapses]) part.frozen = chosen.chance(0.4);
        await compare(graph, () => data, { epochs: 2, batchSize: 32 });
      }
    });

    it("with targets of one of two outputs", async () => {
      const { xs, ts } = imageData(80);
      for (const one of [{ each: ts.each }, { value: ts.value }]) {
        await compare(images(precision), () => ({ xs, ts: one }), { epochs: 2, batchSize: 40 });
      }
    });

    it.each([1, 15, 16, 31, 63, 127, 128, 129, 255, 257, 500])(
      "in batches of %i, whatever remains",
      async (batchSize) => {
        const rows = 600;
        const word = Array.from({ length: 3 * rows }, () => random.whole(0, 1999));
        const data = { xs: { word }, ts: { y: Array.from({ length: rows }, (_, r) => r % 40) } };
        await compare(table(precision), () => data, { batchSize });
      },
    );
  },
);
