// Validation, and what is decided by it: early stopping, the best parameters.

import { crossValidate, type FitOptions, type History, type Progress } from "plexus-nn";
import { describe, expect, it, vi } from "vitest";
import { type AnyGraph, rejection, wrong } from "../support/helpers.js";
import { data, make, only, parameters, ROWS, ts, xs } from "../support/training.js";

const rows = (from: number, to: number) => only(Array.from({ length: to - from }, (_, i) => from + i));

describe("validation", () => {
  it.each(["float64", "float32"] as const)("has the bits of `evaluate`, in %s", async (precision) => {
    // More rows than a piece and than a block of sums, so that pieces and blocks end at different places.
    const many = Array.from({ length: 301 }, (_, r) => r % ROWS);
    const apart = only(many);
    const graph = make(precision);
    const found: unknown[] = [];
    const { epochs } = await graph.fit(data, {
      epochs: 3,
      validation: apart,
      onEpoch: () => {
        found.push(graph.evaluate(apart.xs, apart.ts));
      },
    });
    expect(epochs.map(({ validation }) => validation)).toEqual(found);
    const one = await graph.fit(data, { validation: { xs, ts: { z: ts.z } } });
    expect(one.epochs[0]!.validation).toEqual(graph.evaluate(xs, { z: ts.z }));
  });

  it("changes no bits of the training, nor do predictions meanwhile", async () => {
    const [graph, other] = [make(), make()];
    await graph.fit(data, {
      epochs: 3,
      batchSize: 7,
      validation: rows(0, 20),
      onEpoch: () => void graph.predict(xs),
    });
    await other.fit(data, { epochs: 3, batchSize: 7 });
    expect(parameters(graph)).toBe(parameters(other));
  });

  it("leaves the states of its last pass, in pieces of at most 64 rows", async () => {
    for (const [count, last] of [
      [3, [0, 1, 2]],
      [150, Array.from({ length: 22 }, (_, i) => (128 + i) % ROWS)],
    ] as const) {
      const [graph, other] = [make(), make()];
      const apart = only(Array.from({ length: count }, (_, r) => r % ROWS));
      await graph.fit(data, { validation: apart });
      await other.fit(data);
      other.predict(only(last).xs);
      const states = (one: AnyGraph) => one.layers.map(({ pre, post }) => [[...pre], [...post]]);
      expect(states(graph)).toEqual(states(other));
    }
  });

  it("counts in the seconds of its epoch", async () => {
    // By a clock that advances by a second whenever it is read, as it is for each piece of the validation.
    let time = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (time += 1000));
    const took = async (options: object) => {
      let before = 0;
      const onBatch = ({ seconds }: Progress) => {
        before = seconds;
      };
      const { epochs } = await make().fit(data, { batchSize: ROWS, onBatch, ...options });
      return epochs[0]!.seconds - before;
    };
    try {
      expect(await took({ validation: data })).toBeGreaterThan(await took({}));
    } finally {
      clock.mockRestore();
    }
  });

  it("by share takes the last rows, before any shuffling", async () => {
    const [graph, other] = [make(), make()];
    const share = await graph.fit(data, { epochs: 3, validation: 0.2 });
    const apart = Math.floor(0.2 * ROWS);
    const set = await other.fit(rows(0, ROWS - apart), { epochs: 3, validation: rows(ROWS - apart, ROWS) });
    expect(parameters(graph)).toBe(parameters(other));
    expect(share.epochs.map(({ validation, cost }) => [validation, cost])).toEqual(
      set.epochs.map(({ validation, cost }) => [validation, cost]),
    );
    const flat = {
      xs: { x: new Float64Array(xs.x.flat()), c: xs.c.flat() },
      ts: { y: ts.y.flat(), z: new Float32Array(ts.z.flat()) },
    };
    const third = make();
    const fourth = make();
    await third.fit(flat, { validation: 0.5 });
    await fourth.fit({ ...data, ts: { ...ts, z: new Float32Array(ts.z.flat()) } }, { validation: 0.5 });
    expect(parameters(third)).toBe(parameters(fourth));
  });

  it.each<[string, unknown, string, string]>([
    ["a share of 0", 0, "bad-option", "validation"],
    ["a share of 1", 1, "bad-option", "validation"],
    ["a share of no row", 0.01, "bad-option", "53 rows"],
    ["a text", "0.2", "bad-option", "validation"],
    ["data without targets", { xs }, "missing-target", ""],
    ["data with a NaN", { xs, ts: { z: [...ts.z.slice(1), [Number.NaN]] } }, "not-finite", "row 52"],
    ["an unknown output", { xs, ts: { w: ts.z } }, "unknown-layer", '"w"'],
  ])("as %s is refused before any step", async (_, validation, code, words) => {
    const graph = make();
    const before = JSON.stringify(graph);
    const error = await rejection(graph.fit(data, wrong({ validation })));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(JSON.stringify(graph)).toBe(before);
  });

  it("takes weights of samples, masks and class numbers, also where it is a share", async () => {
    const classes = ts.y.map((row) => row.indexOf(1));
    const sampleWeights = xs.c.map((_, r) => (r % 4) / 2);
    const mask = {
      z: ts.z.map((_, r) => Number(r % 3 > 0)),
      y: ts.y.map((row) => row.map((t) => t / 2 + 0.5)),
    };
    const all = { xs, ts: { y: classes, z: ts.z }, sampleWeights, mask };
    const some = (from: number, to: number) => ({
      ...rows(from, to),
      sampleWeights: sampleWeights.slice(from, to),
      mask: { z: mask.z.slice(from, to), y: mask.y.slice(from, to) },
    });
    const [graph, other] = [make(), make()];
    const end = ROWS - 15;
    const metrics = ["recall", "mae"] as const;
    const found: unknown[] = [];
    const last = some(end, ROWS);
    const share = await graph.fit(all, {
      epochs: 3,
      validation: 0.3,
      metrics,
      onEpoch: () => {
        const { sampleWeights, mask } = last;
        found.push(graph.evaluate(last.xs, last.ts, { sampleWeights, mask, metrics }));
      },
    });
    await other.fit(some(0, end), { epochs: 3, validation: last });
    expect(parameters(graph)).toBe(parameters(other));
    expect(share.epochs.map(({ validation }) => validation)).toEqual(found);
    expect(share.epochs[0]!.validation!.outputs.y).toHaveProperty("recall");
    const plain = make();
    await plain.fit(rows(0, end), { epochs: 3 });
    expect(parameters(plain)).not.toBe(parameters(graph));
  });

  it("by share looks at nothing that the targets don't need", async () => {
    const graph: AnyGraph = make();
    graph.addInput("u", 1);
    graph.addOutput("w", 1);
    graph.connect("u", "w");
    const all = { xs: { ...xs, u: null }, ts, mask: { w: 3, z: ts.z.map(() => 1) } };
    const [history, plain] = [
      await graph.fit(wrong(all), { validation: 0.5 }),
      await make().fit(data, { validation: 0.5 }),
    ];
    expect(history.epochs[0]!.validation).toEqual(plain.epochs[0]!.validation);
    const { mean } = await crossValidate(() => graph.clone(), wrong(all), { folds: 3 });
    expect(mean).toBeGreaterThan(0);
  });

  it("may be monitored by any metric that is measured", async () => {
    const monitor = "validation.outputs.z.r2";
    const options = { epochs: 8, validation: 0.4, monitor };
    const { best, epochs } = await make().fit(data, { ...options, metrics: ["r2", "confusion"] });
    expect(best!.value).toBe(Math.max(...epochs.map(({ validation }) => validation!.outputs.z!.r2!)));
    for (const metrics of [undefined, ["mae"], ["confusion"]] as never[]) {
      expect((await rejection(make().fit(data, { ...options, metrics }))).code).toBe("bad-option");
    }
    const confusion = {
      ...options,
      monitor: "validation.outputs.z.confusion",
      metrics: ["confusion"] as const,
    };
    expect((await rejection(make().fit(data, confusion))).code).toBe("bad-option");
  });

  it("whose cost is not finite is `diverged`", async () => {
    const graph = make();
    const far = { xs: { x: [[1e200, 0, 0, 0]], c: [[1e200]] }, ts: { z: [[-1e200]] } };
    const error = await rejection(graph.fit(data, { validation: far }));
    expect([error.code, error.details?.layer, error.details?.epoch]).toEqual(["diverged", "z", 1]);
    expect(error.message).toContain("validation");
  });
});

/** Trains with some options. Returns the history and the monitored values. */
async function stopped(options: FitOptions, rate = 0.05): Promise<{ history: History; values: number[] }> {
  const graph = make();
  graph.rate = rate;
  const history = await graph.fit(data, { epochs: 40, validation: 0.3, ...options });
  return { history, values: history.epochs.map(({ validation }) => validation!.cost) };
}

describe("patience", () => {
  it("stops after so many epochs without an improvement", async () => {
    // Nothing is learnt at a rate of 0: the first epoch is the best.
    for (const patience of [1, 3]) {
      const { history } = await stopped({ patience }, 0);
      expect([history.stopped, history.epochs.length]).toEqual(["patience", 1 + patience]);
      expect(history.best).toMatchObject({ epoch: 1, monitor: "validation.cost" });
    }
  });

  it("counts what improves by no more than minDelta as nothing", async () => {
    const { history, values } = await stopped({ patience: 2, minDelta: 1e9 });
    expect([history.stopped, history.epochs.length, history.best!.epoch]).toEqual(["patience", 3, 1]);
    expect(history.best!.value).toBe(values[0]);
    const exact = await stopped({ patience: 1, epochs: 2, minDelta: values[0]! - values[1]! });
    expect(exact.history.stopped).toBe("patience");
  });

  it("ends with the best parameters, however the run ends", async () => {
    for (const end of [{ patience: 4 }, { epochs: 12, restoreBest: true }]) {
      const graph = make();
      graph.rate = 0.3;
      const seen: string[] = [];
      const history = await graph.fit(data, {
        epochs: 60,
        monitor: "validation.outputs.y.accuracy",
        validation: 0.3,
        ...end,
        onEpoch: () => void seen.push(parameters(graph)),
      });
      const { epoch } = history.best!;
      expect(epoch).toBeLessThan(history.epochs.length);
      expect(parameters(graph)).toBe(seen[epoch - 1]);
    }
    const graph = make();
    const last: string[] = [];
    await graph.fit(data, {
      epochs: 5,
      patience: 5,
      restoreBest: false,
      mode: "max",
      onEpoch: () => void last.push(parameters(graph)),
    });
    expect(parameters(graph)).toBe(last[4]);
  });
});

describe("monitor", () => {
  it("is the cost by default, without validation", async () => {
    const { best, epochs } = await make().fit(data, { epochs: 3 });
    const costs = epochs.map(({ cost }) => cost);
    expect(best).toEqual({
      epoch: costs.indexOf(Math.min(...costs)) + 1,
      monitor: "cost",
      value: Math.min(...costs),
    });
  });

  it("is larger for accuracy, and may be turned", async () => {
    const monitor = "validation.outputs.y.accuracy";
    const { best, epochs } = await make().fit(data, { epochs: 9, validation: 0.4, monitor });
    const values = epochs.map(({ validation }) => validation!.outputs.y!.accuracy!);
    expect(best!.value).toBe(Math.max(...values));
    const turned = await make().fit(data, { epochs: 9, validation: 0.4, monitor, mode: "min" });
    expect(turned.best!.value).toBe(Math.min(...values));
  });

  it.each([
    ["validation.cost", {}, "no validation"],
    ["validation.outputs.y.accuracy", {}, "no validation"],
    ["loss", {}, '"cost"'],
    ["outputs.w.cost", {}, '"w"'],
    ["outputs.h.cost", {}, '"h"'],
    ["outputs.y.accuracy", {}, '"y"'],
    ["validation.outputs.z.accuracy", { validation: 0.5 }, '"z"'],
    ["validation.outputs.y.__proto__", { validation: 0.5 }, '"y"'],
    ["", {}, '"cost"'],
  ])("%s is refused", async (monitor, options, words) => {
    const graph = make();
    const before = JSON.stringify(graph);
    const error = await rejection(graph.fit(data, { ...options, monitor }));
    expect(error.code).toBe("bad-option");
    expect(error.message).toContain(words);
    expect(JSON.stringify(graph)).toBe(before);
  });

  it.each<[string, object, object]>([
    ["outputs.z.cost", { xs, ts: { y: ts.y } }, {}],
    ["outputs.z.mae", { xs, ts: { y: ts.y } }, { metrics: ["mae"] }],
    ["validation.outputs.z.cost", data, { validation: { xs, ts: { y: ts.y } } }],
    ["outputs.z.cost", { xs, ts: { y: ts.y } }, { validation: data }],
  ])("%s is refused where no epoch can have it", async (monitor, given, options) => {
    const error = await rejection(make().fit(wrong(given), { ...options, monitor }));
    expect([error.code, error.message]).toEqual(["bad-option", expect.stringContaining('"z" has nothing')]);
  });
});
