// `fit` and `predict` in workers, in every runtime: the same bits as on the main thread, hooks, abort, and a thread that stays free.

import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { FitOptions } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import { required, runtimes } from "../../runtimes/run.js";
import { rejection, wrong } from "../../support/helpers.js";
import { data, make, parameters } from "../../support/training.js";
import { datasetOf, make as makeLoops, sequences } from "../../support/windows.js";
import trial from "./trial.js";

const file = fileURLToPath(new URL("./trial.js", import.meta.url));

/** Of both, in place and in a worker. */
const manners = {
  hooks: {
    events: [1, 2].flatMap((epoch) => [
      ["batch", 2 * epoch - 1],
      ["batch", 2 * epoch],
      ["epoch", epoch],
      ["waited", epoch],
      ["save", 0],
    ]),
    costs: true,
    epochs: 2,
  },
  busy: ["busy", "busy", "busy", "busy"],
  abort: { stopped: ["aborted", "aborted", "aborted"], steps: [0, 5], untouched: true },
  leave: { stopped: "break", epochs: 3, same: true },
  free: true,
};

const wanted = {
  same: Array(7).fill(true),
  refused: [
    ...["bad-option", "bad-option", "bad-option", "bad-option"],
    ...["missing-input", "not-finite", "bad-shape", "bad-option", "diverged"],
  ],
  thrown: "TypeError||oops|",
  resume: [true, true],
  predictions: [true, true],
  together: [true, true],
  threads: true,
  here: manners,
  there: manners,
};

describe("in a worker, all is as on the main thread:", () => {
  it("this Node", async () => {
    expect(await trial()).toEqual(wanted);
  });

  for (const { name, available, run } of runtimes) {
    const path = available();
    it.skipIf(path === undefined && !required)(name, async () => {
      expect(path, `${name} is not on this machine`).toBeDefined();
      expect(await run(file)).toEqual(wanted);
    });
  }
});

describe("the worker", () => {
  const thread = new URL("../../../dist/thread.js", import.meta.url);

  it("may be made by the caller, and is ended in any case", async () => {
    const made: Worker[] = [];
    const ended: Promise<unknown>[] = [];
    const worker = () => {
      const one = new Worker(thread);
      made.push(one);
      ended.push(new Promise((resolve) => one.once("exit", resolve)));
      return one;
    };
    const [graph, other] = [make(), make()];
    await fit(graph, data, { epochs: 2, worker });
    await other.fit(data, { epochs: 2 });
    expect(parameters(graph)).toBe(parameters(other));
    expect((await rejection(fit(graph, wrong({ xs: {}, ts: {} }), { worker }))).code).toBe("missing-target");
    await Promise.all(ended);
    expect(made).toHaveLength(2);
  });

  it.each([
    ["in windows", { window: 3 }],
    ["in a carried state", { carry: true, shuffle: false, batchSize: 2 }],
  ])("trains over sequences %s", async (_, options) => {
    const lengths = [5, 5, 5, 5];
    const rows = sequences(lengths);
    const [graph, other, third] = [makeLoops(["y"]), makeLoops(["y"]), makeLoops(["y"])];
    const all = datasetOf(graph, rows, [0, 1, 2, 3]);
    const whole = { ...all, xs: { ...all.xs, x: Float64Array.from(all.xs.x.flat(2)) }, steps: lengths };
    await fit(graph, wrong(whole), { epochs: 2, ...options });
    await other.fit(wrong(all), { epochs: 2, ...options });
    expect(parameters(graph)).toBe(parameters(other));
    const stream = () => [datasetOf(graph, rows, [0, 1]), datasetOf(graph, rows, [2, 3])];
    const { shuffle: _shuffle, batchSize: _size, ...rest } = options as FitOptions;
    await fit(third, wrong(stream), { epochs: 2, ...rest });
    if ("carry" in rest) expect(parameters(third)).toBe(parameters(other));
  });

  it("that breaks rejects the run, and leaves the graph to others", async () => {
    const graph = make();
    const broken = () => new Worker("throw new Error('oops')", { eval: true });
    await expect(fit(graph, data, { worker: broken })).rejects.toThrow("worker");
    const deaf = () => new Worker("process.exit(3)", { eval: true });
    await expect(fit(graph, data, { worker: deaf })).rejects.toThrow("worker");
    expect(graph.train(data.xs, data.ts)).toBeGreaterThan(0);
  });

  it.each([3, null, [], { worker: "thread.js" }])("is not begun with %o for options", async (options) => {
    const error = await rejection(fit(make(), data, wrong(options)));
    expect(error.code).toBe("bad-option");
  });

  it("is not sent what can't be sent", async () => {
    const graph = make();
    const error = await rejection(fit(graph, { ...data, extra: () => {} } as never));
    expect(error.code).toBe("bad-option");
    expect(graph.train(data.xs, data.ts)).toBeGreaterThan(0);
  });

  it.each([
    [{ x: [1] }, { y: [1] }],
    [[[1], [2]], [[1]]],
    [Float32Array.of(1), Float32Array.of(1)],
    [[{ input: [1], output: [1] }], {}],
    [{}, {}],
  ])("refuses other forms of data in the words of fit: %j", async (xs, ts) => {
    const here = await rejection(make().fit(wrong(xs), wrong(ts)));
    expect((await rejection(fit(make(), wrong(xs), wrong(ts)))).message).toBe(here.message);
  });

  it("ends with a graph that is disposed of meanwhile", async () => {
    const graph = make();
    const run = fit(graph, data, { epochs: 1e9 });
    setTimeout(() => graph.dispose(), 50);
    expect((await rejection(run)).code).toBe("disposed");
  });
});
