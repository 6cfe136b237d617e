// Promises of the caller's that never settle, or settle late: a run that is stopped doesn't wait for them.

import { crossValidate, type FitOptions, type FitRun } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnyGraph, rejection, wrong } from "../support/helpers.js";
import { data, make, only, parameters } from "../support/training.js";

type Train = (graph: AnyGraph, data: unknown, options?: FitOptions) => FitRun;

const places: [string, Train][] = [
  ["in place", (graph, data, options) => graph.fit(wrong(data), options)],
  ["in a worker", (graph, data, options) => fit(graph, wrong(data), options)],
];

const batch = only([...Array(10).keys()]);
const never = () => new Promise<never>(() => {});
/** Returns a promise that rejects long after the run has ended. */
const late = () => new Promise<never>((_, reject) => setTimeout(() => reject(new Error("late")), 2000));

/** Returns data of two batches, and then a wait; `parts` are members of the iterator. */
const stuck = (parts: object) => () => {
  let left = 2;
  const next = () => (left-- > 0 ? { done: false, value: batch } : { done: true });
  return { [Symbol.asyncIterator]: () => ({ next, ...parts }) };
};

/** Causes of a wait in a run: its data and options; `begun` is to be called when it does. */
const waits: [string, (pending: () => Promise<never>, begun: () => void) => [unknown, FitOptions]][] = [
  [
    "onEpoch",
    (pending, begun) => [
      data,
      {
        onEpoch: () => {
          begun();
          return pending();
        },
      },
    ],
  ],
  [
    "onBatch",
    (pending, begun) => [
      data,
      {
        onBatch: () => {
          begun();
          return pending();
        },
      },
    ],
  ],
  [
    "save",
    (pending, begun) => [
      data,
      {
        checkpoint: {
          save: () => {
            begun();
            return pending();
          },
        },
      },
    ],
  ],
  [
    "next",
    (pending, begun) => {
      const next = () => {
        begun();
        return pending();
      };
      return [stuck({ next }), {}];
    },
  ],
  [
    "return",
    (pending, begun) => {
      const end = () => {
        begun();
        return pending();
      };
      return [stuck({ return: end }), { stepsPerEpoch: 1, epochs: 2 }];
    },
  ],
  [
    "an async generator",
    (pending, begun) => [
      async function* () {
        yield batch;
        begun();
        await pending();
      },
      {},
    ],
  ],
  // biome-ignore lint/suspicious/noThenProperty: it is waited for like a promise
  ["a thenable", (_, begun) => [data, { onEpoch: wrong(() => ({ then: begun })) }]],
];

/** Causes of its end, and its state then. */
const ends: [string, string, (run: FitRun, graph: AnyGraph, control: AbortController) => void][] = [
  ["an abort", "aborted", (_, __, control) => control.abort()],
  ["its reader", "break", (run) => void run[Symbol.asyncIterator]().return!()],
  ["the time", "time", () => {}],
  ["dispose", "disposed", (_, graph) => graph.dispose()],
];

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeAll(() => void process.on("unhandledRejection", note));
afterAll(async () => {
  await new Promise((resolve) => setTimeout(resolve, 2200));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

describe.each(places)("a run %s", (_, train) => {
  it.each<[string, (fail: () => unknown) => unknown]>([
    ["a function that returns", (fail) => fail],
    ["an iterator that is", (fail) => () => ({ [Symbol.asyncIterator]: fail })],
  ])("refuses %s a promise, whose failure is no one's", async (_, given) => {
    const fail = () => Promise.reject(new Error("late"));
    const error = await rejection(train(make(), wrong(given(fail)), {}));
    expect(error.code).toBe("bad-shape");
  });
});

describe.each(places)("a run %s", (place, train) => {
  describe.each(waits)("that waits for %s", (_, wait) => {
    it.each(ends)("is ended by %s", async (_, stopped, end) => {
      for (const pending of [never, late]) {
        const graph = make();
        const control = new AbortController();
        let begun = () => {};
        const waiting = new Promise<void>((resolve) => (begun = resolve));
        const [given, options] = wait(pending, begun);
        const run = train(graph, given, {
          ...options,
          signal: control.signal,
          ...(stopped === "time" ? { timeLimit: place === "in place" ? 0.02 : 0.5 } : {}),
        });
        run.catch(() => {});
        // On a busy host, the time may be over before a thread has started.
        await Promise.race([waiting, run.catch(() => {})]);
        end(run, graph, control);
        if (stopped === "disposed") expect((await rejection(run)).code).toBe("disposed");
        else {
          expect((await run).stopped).toBe(stopped);
          // The graph is free again.
          expect(graph.train(data.xs, data.ts)).toBeGreaterThan(0);
        }
      }
    });
  });

  it("that waits for `next` counts what it made before", async () => {
    const control = new AbortController();
    const given = async function* () {
      yield batch;
      yield batch;
      control.abort();
      await never();
    };
    const [graph, other] = [make(), make()];
    expect(await train(graph, given, { signal: control.signal })).toMatchObject({ steps: 2, epochs: [] });
    for (let step = 0; step < 2; step++) other.train(batch.xs, batch.ts);
    expect(parameters(graph)).toBe(parameters(other));
  });

  it("that is stopped takes an outcome that is there", async () => {
    for (const name of ["onEpoch", "save"]) {
      const control = new AbortController();
      const oops = new Error("oops");
      const hook = async () => {
        control.abort();
        await null;
        throw oops;
      };
      const hooks = name === "save" ? { checkpoint: { save: hook } } : { onEpoch: hook };
      await expect(train(make(), data, { ...hooks, epochs: 9, signal: control.signal })).rejects.toBe(oops);
    }
  });

  it("that was aborted still gives a checkpoint that is due", async () => {
    const control = new AbortController();
    const saved: unknown[] = [];
    const save = (one: unknown) => {
      saved.push(one);
      return never();
    };
    const onEpoch = () => control.abort();
    const run = train(make(), data, { epochs: 3, onEpoch, checkpoint: { save }, signal: control.signal });
    expect(await run).toMatchObject({ stopped: "aborted", epochs: [{ epoch: 1 }] });
    expect(saved).toHaveLength(1);
  });
});

describe("crossValidate", () => {
  it("is ended by an abort, whatever a fold waits for", async () => {
    const control = new AbortController();
    const onEpoch = () => {
      control.abort();
      return never();
    };
    const found = await crossValidate(() => make(), data, {
      folds: 3,
      epochs: 5,
      onEpoch,
      signal: control.signal,
    });
    expect(found.folds.map(({ history }) => history.stopped)).toEqual(["aborted", "aborted", "aborted"]);
  });

  it("is ended where a fold's graph is disposed of", async () => {
    const graphs: AnyGraph[] = [];
    const found = crossValidate(
      () => {
        graphs.push(make());
        return graphs.at(-1)!;
      },
      data,
      {
        folds: 2,
        onEpoch: () => never().finally(() => {}),
        timeLimit: 60,
        ...{ onBatch: () => void setTimeout(() => graphs[0]!.dispose()) },
      },
    );
    expect((await rejection(found)).code).toBe("disposed");
  });
});

describe("a time", () => {
  it("that the host's clock sets back, or doesn't show, is never negative", async () => {
    const times = [5e9, 5e9 + 100, Number.NaN, 4e9, 4e9 + 100, Number.POSITIVE_INFINITY, -1e9];
    const { now } = performance;
    let reads = 0;
    performance.now = () => times[reads++ % times.length]!;
    try {
      const { epochs, seconds } = await make().fit(data, { epochs: 20, batchSize: 5 });
      const shown = epochs.map((one) => one.seconds);
      expect(shown).toEqual([...shown].sort((a, b) => a - b));
      expect(seconds).toBeGreaterThanOrEqual(shown.at(-1)!);
      for (const { samplesPerSecond, secondsLeft } of epochs) {
        expect([samplesPerSecond, secondsLeft].every((value) => value! >= 0 && value! < Infinity)).toBe(true);
      }
    } finally {
      performance.now = now;
    }
  });
});
