// Runs of a team that diverge: refused with the words, the history and the parameters of one thread, at any delays of its threads.

import { type Dataset, Graph, type Optimizer } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, Random, seed } from "../../support/helpers.js";
import { optimizers } from "../../support/optimizers.js";
import { build, dressedCase } from "../../support/random.js";
import { outcome, trainTogether } from "../../support/team.js";

const ROWS = 90;
const numbered = Array.from({ length: 30 }, (_, i) => [i] as const);

/** Makes a graph whose inputs learn nothing, so that no phase lies between the sums and the step. */
function plain(optimizer: Optimizer): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 5, optimizer });
  graph.addInput("x", 40);
  graph.addHidden("h", 90, "tanh");
  graph.addOutput("y", 30, "linear");
  graph.connect("x", "h");
  graph.connect("h", "y");
  graph.layer("x").frozen = true;
  return graph;
}

/** Compares trainings by one thread and by a team. Returns whether they were refused. */
async function compare(random: Random, graph: AnyGraph, data: Dataset, what: string): Promise<boolean> {
  const other = graph.clone() as AnyGraph;
  const options = { epochs: 3, batchSize: random.pick([16, 40, 64]) };
  const threads = random.pick([2, 3, 4, 7]);
  const alone = await outcome(graph, graph.fit(data, options));
  const together = trainTogether(other, data, options, threads, { delays: random.whole(1, 1e6) });
  expect(await outcome(other, together), `${what}, ${threads} threads`).toEqual(alone);
  graph.dispose();
  other.dispose();
  return alone.failures.length > 0;
}

describe(`a team refuses what one thread refuses, PLEXUS_SEED=${seed}`, () => {
  it.each(numbered)("in run %i, where a cost or a step of plain descent is not finite", async (i) => {
    const random = new Random(seed * 3000 + i);
    const rate = random.pick([1e200, 1e300, 1e305, 1e307]);
    const data: Dataset = { xs: { x: random.numbers(40 * ROWS) }, ts: { y: random.numbers(30 * ROWS) } };
    expect(await compare(random, plain({ name: "sgd", rate }), data, `rate ${rate}`)).toBe(true);
  });

  it.each(numbered)("in random graph %i, at huge rates of any optimizer", async (i) => {
    const random = new Random(seed * 4000 + i);
    const drawn = dressedCase(random, true);
    const graph = build(drawn.naive, random.pick(["float64", "float32"] as const)) as AnyGraph;
    graph.optimizer = random.pick(optimizers);
    if (random.chance(0.7)) graph.rate = random.pick([1e6, 1e30]);
    const repeat = (all: Readonly<Record<string, readonly unknown[]>>) =>
      Object.fromEntries(
        Object.entries(all).map(([name, list]) => [
          name,
          Array.from({ length: ROWS }, (_, r) => list[r % list.length]!),
        ]),
      );
    const data = { xs: repeat(drawn.xs), ts: repeat(drawn.ts) } as unknown as Dataset;
    await compare(random, graph, data, `graph ${i}, ${JSON.stringify(graph.optimizer)}`);
  });
});
