// A run over sequences that is resumed, also in the middle of one, gives the bits of one that was not interrupted.

import { type Checkpoint, type FitOptions, Graph, type Precision } from "plexus-nn";
import { describe, expect, it, vi } from "vitest";
import { type AnyGraph, rejection, wrong } from "../support/helpers.js";
import { datasetOf, make, ragged, sequences } from "../support/windows.js";

/** Trains with a checkpoint after each step, by a clock that advances by a second whenever it is read. */
async function everywhere(given: unknown, options: FitOptions, graph: AnyGraph) {
  const checkpoints: Checkpoint[] = [];
  let time = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => (time += 1000));
  const save = (one: Checkpoint) => void checkpoints.push(JSON.parse(JSON.stringify(one)));
  try {
    const history = await graph.fit(wrong(given), {
      ...options,
      checkpoint: { everySeconds: 1, everyEpochs: 1, save },
    });
    return { checkpoints, history };
  } finally {
    clock.mockRestore();
  }
}

const even = Array.from({ length: 12 }, () => 7);

describe("resuming from any checkpoint gives the bits of the whole run", () => {
  it.each<[string, Precision, readonly number[], readonly string[], FitOptions]>([
    ["in windows, shuffled", "float64", ragged, ["y", "z"], { batchSize: 4, window: 3 }],
    ["in windows, one output", "float32", ragged, ["z"], { batchSize: 4, window: 3 }],
    ["whole, shuffled", "float64", ragged, ["y", "z"], { batchSize: 4, validation: 0.3 }],
    ["carried", "float64", even, ["y"], { batchSize: 4, window: 3, carry: true, shuffle: false }],
    ["whole, carried", "float32", even, ["y"], { batchSize: 4, carry: true, shuffle: false }],
    ["cut short", "float64", ragged, ["y"], { batchSize: 4, window: 3, stepsPerEpoch: 5 }],
  ])("%s", async (_, precision, lengths, outputs, given) => {
    const data = sequences(lengths);
    const graph = make(outputs, precision);
    graph.optimizer = { name: "adam", rate: 0.02 };
    const all = datasetOf(graph, data, [...lengths.keys()]);
    const options = { epochs: 2, ...given };
    const { checkpoints, history } = await everywhere(all, options, graph);
    expect(checkpoints.length).toBe(history.steps + 2);
    for (const resume of checkpoints) {
      const other = make(outputs, precision, 77);
      other.optimizer = { name: "adam", rate: 0.02 };
      const resumed = await other.fit(wrong(all), { ...options, resume });
      expect(JSON.stringify(other)).toBe(JSON.stringify(graph));
      expect(resumed.epochs.map(({ cost }) => cost)).toEqual(history.epochs.map(({ cost }) => cost));
      expect(resumed.steps).toBe(history.steps);
    }
  });

  it.each<[string, FitOptions]>([
    ["in windows", { window: 3 }],
    ["in windows, carried", { window: 3, carry: true }],
    ["whole", {}],
    ["whole, carried", { carry: true }],
  ])("from a stream: %s", async (_, given) => {
    const data = sequences(even);
    const graph = make(["y", "z"]);
    const batch = (from: number) => datasetOf(graph, data, [from, from + 1, from + 2, from + 3]);
    const stream = () => [batch(0), batch(4), batch(8)];
    const options = { epochs: 2, ...given };
    const { checkpoints, history } = await everywhere(stream, options, graph);
    for (const resume of checkpoints) {
      const other = make(["y", "z"], "float64", 77);
      const resumed = await other.fit(wrong(stream), { ...options, resume });
      expect(JSON.stringify(other)).toBe(JSON.stringify(graph));
      expect(resumed.epochs.map(({ cost }) => cost)).toEqual(history.epochs.map(({ cost }) => cost));
    }
  });
});

describe("a checkpoint inside a sequence", () => {
  const begun = async () => {
    const data = sequences(even);
    const graph = make(["y"]);
    const all = datasetOf(graph, data, [...even.keys()]);
    const options = { batchSize: 4, window: 3, shuffle: false };
    const { checkpoints } = await everywhere(all, options, graph);
    return {
      all,
      options,
      checkpoint: checkpoints[1]! as { fit: { place: { state: object } } } & Checkpoint,
    };
  };

  it("is refused without its state, or with one that doesn't fit", async () => {
    const { all, options, checkpoint } = await begun();
    const resumeWith = (place: unknown) => {
      const graph = make(["y"], "float64", 77);
      const before = JSON.stringify(graph);
      const resume = wrong({ ...checkpoint, fit: { ...checkpoint.fit, place } });
      const failed = rejection(graph.fit(wrong(all), { ...options, resume }));
      return failed.then((error) => [error.code, JSON.stringify(graph) === before]);
    };
    const { place } = checkpoint.fit;
    const other = make(["y"]).state(3).toJSON();
    expect(await resumeWith(undefined)).toEqual(["bad-file", true]);
    expect(await resumeWith({ ...place, window: -1 })).toEqual(["bad-file", true]);
    expect(await resumeWith({ ...place, state: {} })).toEqual(["bad-file", true]);
    expect(await resumeWith({ ...place, state: other })).toEqual(["bad-file", true]);
  });

  it("is refused with another window, other lengths or without `carry`", async () => {
    const { all, options, checkpoint } = await begun();
    const data = sequences(even.map((length) => length + 1));
    const longer = datasetOf(make(["y"]), data, [...even.keys()]);
    const refused = async (given: unknown, more: object) => {
      const run = make(["y"]).fit(wrong(given), { ...options, ...more, resume: checkpoint });
      return (await rejection(run)).message;
    };
    expect(await refused(all, { window: 4 })).toContain("`window` was 3, and now 4");
    expect(await refused(all, { carry: true })).toContain("`carry` was nothing, and now true");
    expect(await refused(longer, {})).toContain("`timeSteps` was 84, and now 96");
  });

  it("is that of the graph in JSON, too", async () => {
    const { all, options, checkpoint } = await begun();
    const whole = make(["y"]);
    await whole.fit(wrong(all), options);
    const other = Graph.fromJSON(JSON.parse(JSON.stringify(checkpoint.graph))) as AnyGraph;
    await other.fit(wrong(all), { ...options, resume: checkpoint });
    expect(JSON.stringify(other)).toBe(JSON.stringify(whole));
  });
});
