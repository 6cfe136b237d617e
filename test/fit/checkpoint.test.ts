// A run that is resumed gives the bits of one that was not interrupted.

import {
  type Checkpoint,
  type FitOptions,
  Graph,
  type History,
  type Optimizer,
  type Precision,
  Scaler,
} from "plexus-nn";
import { describe, expect, it, vi } from "vitest";
import { type AnyGraph, refusal, rejection, wrong } from "../support/helpers.js";
import { data, make, only, parameters, ROWS, ts, xs } from "../support/training.js";

/** Returns all of a history but its times. */
const lasting = ({ epochs, steps, stopped, best }: History) =>
  JSON.stringify([
    epochs.map(({ seconds: _, secondsLeft: __, samplesPerSecond: ___, ...rest }) => rest),
    [steps, stopped, best],
  ]);

/** Writes a checkpoint to a file's text and reads it back. */
const filed = (checkpoint: Checkpoint): Checkpoint => JSON.parse(JSON.stringify(checkpoint));

/** Trains with a checkpoint after each batch, by a clock that advances by a second whenever it is read. */
async function everywhere(given: object, options: FitOptions, graph: AnyGraph) {
  const checkpoints: Checkpoint[] = [];
  let time = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => (time += 1000));
  try {
    const history = await graph.fit(wrong(given), {
      ...options,
      checkpoint: { everySeconds: 1, everyEpochs: 1, save: (one) => void checkpoints.push(filed(one)) },
    });
    return { checkpoints, history };
  } finally {
    clock.mockRestore();
  }
}

describe("resuming from any checkpoint gives the bits of the whole run", () => {
  const stream = () => [0, 10, 20].map((from) => only(Array.from({ length: 10 }, (_, i) => from + i)));
  it.each<[string, Precision, unknown, FitOptions, Optimizer?]>([
    ["with shuffling", "float64", data, { epochs: 3, batchSize: 11 }],
    ["in float32, with validation", "float32", data, { epochs: 3, batchSize: 20, validation: 0.3 }],
    [
      "in order, epochs cut short",
      "float64",
      data,
      { epochs: 3, batchSize: 8, shuffle: false, stepsPerEpoch: 3 },
    ],
    [
      "with patience",
      "float64",
      data,
      { epochs: 30, batchSize: 16, patience: 2, monitor: "validation.outputs.y.accuracy", validation: 0.3 },
    ],
    [
      "with dropout and weights",
      "float64",
      { ...data, sampleWeights: xs.c.map(([c]) => Math.abs(c!)) },
      { epochs: 2, batchSize: 16 },
    ],
    ["with scalers", "float64", data, { epochs: 2, batchSize: 16, scale: { x: "standard", z: "minmax" } }],
    ["from a stream", "float64", stream, { epochs: 3, validation: data }],
    [
      "by adam, its rate by a schedule",
      "float64",
      data,
      { epochs: 2, batchSize: 12 },
      { name: "adam", rate: { name: "cosine", rate: 0.05, steps: 8, warmup: 3 }, clipNorm: 1 },
    ],
    [
      "by sgd with momentum, its rate reduced on plateaus",
      "float32",
      data,
      { epochs: 8, batchSize: 20, validation: 0.2 },
      { name: "sgd", momentum: 0.9, rate: { name: "reduceOnPlateau", rate: 0.3, patience: 1 } },
    ],
    [
      "by lion, its rate by a function",
      "float64",
      data,
      { epochs: 2, batchSize: 12 },
      { name: "lion", rate: (step) => 0.01 / (1 + step) },
    ],
  ])("%s", async (_, precision, given, options, optimizer) => {
    const build = (from?: number) => {
      const graph = make(precision, from);
      if (optimizer !== undefined) graph.optimizer = optimizer;
      // A layer that is added after the others, and drops units.
      graph.connect("x", graph.addHidden("late", 3, "tanh", { dropout: 0.3 }));
      graph.connect("late", "z");
      return graph;
    };
    const graph = build();
    const { checkpoints, history } = await everywhere(given as object, options, graph);
    expect(checkpoints.length).toBeGreaterThan(history.steps - 1);
    const whole = JSON.stringify(graph);
    graph.rate = 0.01; // one that `train` can have
    const next = graph.train(xs, ts);
    for (const checkpoint of checkpoints) {
      // Another seed, and other parameters: all come from the checkpoint.
      const other = build(77);
      const kept = JSON.stringify(checkpoint);
      const resumed = await other.fit(wrong(given), { ...options, resume: checkpoint });
      expect(lasting(resumed)).toBe(lasting(history));
      expect(JSON.stringify(other)).toBe(whole);
      expect(other.seed).toBe(graph.seed);
      other.rate = 0.01;
      expect(other.train(xs, ts)).toBe(next);
      expect(JSON.stringify(checkpoint)).toBe(kept);
    }
  });

  it("with outputs whose names every object knows", async () => {
    const names = ["constructor", "valueOf", "__proto__"];
    const named = (values: number[]) => Object.fromEntries(names.map((name) => [name, values]));
    const build = () => {
      const graph: AnyGraph = new Graph({ seed: 1 });
      graph.addInput("x", 1);
      for (const name of names) {
        graph.addOutput(name, 1);
        graph.connect("x", name);
      }
      return graph;
    };
    const batches = [1, 2].map((x) => ({ xs: { x: [x, -x] }, ts: named([0, 1]) }));
    const given = { xs: { x: [1, 2, 3, 4] }, ts: named([0, 1, 0, 1]) };
    for (const [data, options] of [
      [given, { epochs: 2, batchSize: 2 }],
      [() => batches, { epochs: 2 }],
    ] as const) {
      const { checkpoints, history } = await everywhere(data, options, build());
      for (const { cost, outputs } of history.epochs) {
        const costs = names.map((name) => outputs![name]!.cost);
        expect(costs.reduce((a, b) => a + b)).toBeCloseTo(cost, 12);
      }
      for (const resume of checkpoints) {
        const resumed = await build().fit(wrong(data), { ...options, resume });
        expect(lasting(resumed)).toBe(lasting(history));
      }
    }
  });

  it("after more epochs than a call takes arguments", async () => {
    const epochs = 130_000;
    const saved: Checkpoint[] = [];
    await make().fit(data, { checkpoint: { save: (one) => void saved.push(filed(one)) } });
    const { format, version, graph, fit } = saved[0]!;
    const [one] = (fit as { epochs: object[] }).epochs;
    const all = Array.from({ length: epochs }, (_, i) => ({ ...one, epoch: i + 1, epochs }));
    const resume = { format, version, graph, fit: { ...fit, epochs: all, epoch: epochs + 1 } };
    const history = await make().fit(data, { epochs: epochs + 1, resume });
    expect(history.epochs).toHaveLength(epochs + 1);
  });

  it("of a run that was resumed before, and goes on longer", async () => {
    const [graph, other] = [make(), make()];
    const saved: Checkpoint[] = [];
    const save = (one: Checkpoint) => void saved.push(filed(one));
    await graph.fit(data, { epochs: 2, checkpoint: { save } });
    expect(saved).toHaveLength(2);
    const second = await make().fit(data, { epochs: 4, resume: saved[1]!, checkpoint: { save } });
    expect(second.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(saved).toHaveLength(4);
    const third = make();
    const history = await third.fit(data, { epochs: 5, resume: saved[3]! });
    const whole = await other.fit(data, { epochs: 5 });
    expect(history.epochs.map(({ cost }) => cost)).toEqual(whole.epochs.map(({ cost }) => cost));
    expect(JSON.stringify(third)).toBe(JSON.stringify(other));
    // Nothing is left to do.
    const fourth = await make().fit(data, { epochs: 2, resume: saved[1]! });
    expect([fourth.steps, fourth.epochs.length, fourth.stopped]).toEqual([4, 2, "epochs"]);
  });

  it("on a graph that had scalers of its own", async () => {
    for (const options of [{ epochs: 3 }, { epochs: 3, scale: { x: "standard" } }] as const) {
      const [graph, other] = [make(), make()];
      const saved: Checkpoint[] = [];
      await graph.fit(data, { ...options, checkpoint: { save: (one) => void saved.push(filed(one)) } });
      other.scale("x", Scaler.fit([1, 2, 3, 4, 5, 7, 9, 11], 4));
      other.scale("z", Scaler.fit([1, 5], 1));
      await other.fit(data, { ...options, resume: saved[0]! });
      expect(JSON.stringify(other)).toBe(JSON.stringify(graph));
    }
  });

  it("which has its steps and seconds also where it fails at its first step", async () => {
    const batches = () => [data, wrong(3)];
    const { checkpoints } = await everywhere([data, data], { epochs: 1 }, make());
    const run = make().fit(batches, { resume: checkpoints[0]! });
    expect((await rejection(run)).code).toBe("bad-shape");
    expect(run.history.steps).toBe(1);
    expect(run.history.seconds).toBeGreaterThan(0);
  });

  it("of a run that was aborted within an epoch", async () => {
    const [graph, other] = [make(), make()];
    const control = new AbortController();
    let last: Checkpoint | undefined;
    await graph.fit(data, {
      epochs: 6,
      batchSize: 5,
      signal: control.signal,
      onBatch: ({ step }) => step === 40 && control.abort(),
      checkpoint: {
        everyEpochs: 2,
        save: (one) => {
          last = filed(one);
        },
      },
    });
    await graph.fit(data, { epochs: 6, batchSize: 5, resume: last! });
    await other.fit(data, { epochs: 6, batchSize: 5 });
    expect(JSON.stringify(graph)).toBe(JSON.stringify(other));
  });
});

describe("checkpoints", () => {
  it("at the last batch of an epoch tell its seconds as finite numbers", async () => {
    const { checkpoints } = await everywhere(data, { epochs: 3, batchSize: 27 }, make());
    for (const resume of checkpoints) {
      const saved: Checkpoint[] = [];
      const save = (one: Checkpoint) => void saved.push(one);
      const { epochs } = await make().fit(data, { epochs: 3, batchSize: 27, resume, checkpoint: { save } });
      for (const one of saved) expect(filed(one)).toEqual(one);
      let before = 0;
      for (const { seconds, secondsLeft } of epochs) {
        expect([seconds > before, Number.isFinite(secondsLeft)]).toEqual([true, true]);
        before = seconds;
      }
    }
  });

  it("are made as often as is asked for, and waited for", async () => {
    const events: (string | number)[] = [];
    await make().fit(data, {
      epochs: 5,
      onEpoch: ({ epoch }) => void events.push(epoch),
      checkpoint: {
        everyEpochs: 2,
        save: async (one) => {
          events.push("begin");
          await new Promise((resolve) => setTimeout(resolve, 2));
          expect(one.format).toBe("plexus-checkpoint");
          events.push("end");
        },
      },
    });
    expect(events).toEqual([1, 2, "begin", "end", 3, 4, "begin", "end", 5]);
  });

  it("are plain data that no later step changes", async () => {
    const all: [Checkpoint, string][] = [];
    await make().fit(data, {
      epochs: 3,
      checkpoint: { save: (one) => void all.push([one, JSON.stringify(one)]) },
    });
    for (const [one, text] of all) expect(JSON.stringify(one)).toBe(text);
    expect(JSON.stringify(Graph.fromJSON(all[2]![0].graph))).toBe(JSON.stringify(all[2]![0].graph));
  });

  it("that can't be saved reject the run", async () => {
    const oops = new Error("oops");
    await expect(make().fit(data, { checkpoint: { save: () => Promise.reject(oops) } })).rejects.toBe(oops);
  });
});

describe("what doesn't fit together is refused, and nothing has changed", async () => {
  const saved: Checkpoint[] = [];
  const options: FitOptions = { epochs: 2, batchSize: 8, patience: 9, validation: 0.2 };
  await make().fit(data, { ...options, checkpoint: { save: (one) => void saved.push(filed(one)) } });
  const good = saved[0]!;
  const larger = make();
  larger.addHidden("more", 1);
  const other = make();
  other.layer("h").frozen = true;
  const fewer = only([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const damaged = (change: object) => ({ ...good, fit: { ...good.fit, ...change } });
  it.each<readonly [string, AnyGraph, unknown, object, unknown, string, string]>([
    ["another topology", larger, data, options, good, "bad-option", "layers"],
    ["another option of a layer", other, data, options, good, "bad-option", "options"],
    ["another precision", make("float32"), data, options, good, "bad-option", "precision"],
    ["other rows", make(), fewer, options, good, "bad-option", "rows"],
    [
      "another size of batches",
      make(),
      data,
      { ...options, batchSize: 9 },
      good,
      "bad-option",
      "`batchSize` was 8",
    ],
    ["another patience", make(), data, { ...options, patience: 8 }, good, "bad-option", "`patience`"],
    [
      "no validation",
      make(),
      data,
      { ...options, validation: undefined },
      good,
      "bad-option",
      "`validation`",
    ],
    ["no shuffling", make(), data, { ...options, shuffle: false }, good, "bad-option", "`shuffle`"],
    ["a text", make(), data, options, "checkpoint", "bad-option", "`resume`"],
    ["nothing known", make(), data, options, {}, "bad-file", "format"],
    ["a later version", make(), data, options, { ...good, version: 2 }, "bad-file", "version 2"],
    ["no graph", make(), data, options, { ...good, graph: null }, "bad-file", "the file"],
    ["no place", make(), data, options, { ...good, fit: null }, "bad-file", "`fit`"],
    ["an epoch 0", make(), data, options, damaged({ epoch: 0 }), "bad-file", "`fit`"],
    [
      "a sum that is lost",
      make(),
      data,
      options,
      damaged({ tally: { rows: 1, cost: null } }),
      "bad-file",
      "`fit`",
    ],
    ...[
      { options: null },
      { epochs: [5] },
      { epochs: [] },
      { epochs: [null] },
      { epochs: [{ epoch: 1 }] },
      { verdict: { best: "x", waited: 0 } },
      { verdict: { best: { epoch: 1, value: null }, waited: 0 } },
      { verdict: { best: null, waited: 0 } },
      { verdict: null },
      { rate: -1 },
      { seconds: -1 },
      { steps: 0 },
      { tally: null },
      { tally: { rows: 1, cost: 1, outputs: null } },
      { tally: { rows: 1, cost: 1, outputs: { y: null } } },
    ].map(
      (change) =>
        [JSON.stringify(change), make(), data, options, damaged(change), "bad-file", "`fit`"] as const,
    ),
    ["damaged parameters", make(), data, options, damaged({ best: "AAAA" }), "bad-file", "best"],
  ])("%s", async (_, graph, given, others, resume, code, words) => {
    const before = JSON.stringify(graph);
    const error = await rejection(graph.fit(wrong(given), { ...others, resume: wrong(resume) }));
    expect(`${error.code}: ${error.message}`).toContain(`${code}: `);
    expect(error.message).toContain(words);
    expect(JSON.stringify(graph)).toBe(before);
  });

  it("a rate that was a function and isn't given again", async () => {
    const graph = make();
    graph.rate = () => 0.1;
    let resume: Checkpoint | undefined;
    const save = (one: Checkpoint) => {
      resume = filed(one);
    };
    await graph.fit(data, { epochs: 2, checkpoint: { save } });
    const loaded: AnyGraph = Graph.fromJSON(filed(resume!).graph);
    for (const other of [make(), loaded]) {
      other.layer("h").bias.fill(3);
      const before = JSON.stringify(other);
      const error = await rejection(other.fit(data, { epochs: 3, resume: resume! }));
      expect([error.code, error.message]).toEqual(["bad-option", expect.stringContaining("rate")]);
      expect(JSON.stringify(other)).toBe(before);
    }
  });

  it("while what may differ does", async () => {
    const history = await make().fit(data, {
      ...options,
      epochs: 3,
      timeLimit: 1e6,
      onBatch: () => {},
      resume: good,
    });
    expect(history.epochs).toHaveLength(3);
    expect(ROWS).toBe(53);
  });

  it("and what is by default may be said", async () => {
    const said = { batchSize: 32, shuffle: true, minDelta: 0, monitor: "cost", mode: "min" } as const;
    const stream = () => [data, data];
    for (const [given, all] of [
      [data, said],
      [stream, { ...said, shuffle: false }],
    ] as const) {
      for (const [first, second] of [
        [{}, all],
        [all, {}],
      ]) {
        const { checkpoints } = await everywhere(given, { epochs: 1, ...first }, make());
        const resume = checkpoints.at(-1)!;
        expect((await make().fit(wrong(given), { epochs: 2, ...second, resume })).epochs).toHaveLength(2);
      }
    }
  });
});

describe("a checkpoint that is encoded in slices", () => {
  /** Makes a graph with some megabytes of parameters, in blocks whose bytes are no multiple of 3. */
  const large = () => {
    const graph: AnyGraph = new Graph({ seed: 3, inputs: { x: 301 }, hidden: { h: 401 }, outputs: { y: 7 } });
    graph.optimizer = { name: "adam" };
    graph.connect("x", "h");
    graph.connect("h", "y");
    return graph;
  };
  const few = { xs: { x: new Float64Array(301 * 4).fill(0.1) }, ts: { y: new Float64Array(28).fill(1) } };

  /** Runs with a clock by which every slice is the last one before the loop turns. */
  async function slowly<R>(work: () => PromiseLike<R>): Promise<R> {
    let time = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (time += 1000));
    try {
      return await work();
    } finally {
      clock.mockRestore();
    }
  }

  it("is of the moment when it is due, and lets the event loop turn", async () => {
    const graph = large();
    let [due, best, turns, isSaved] = ["", "", 0, false];
    let saved: Checkpoint | undefined;
    const spoil = () => {
      if (isSaved) return;
      turns++;
      graph.synapse("x", "h").weights.fill(turns);
      graph.layer("h").bias.fill(turns);
      setImmediate(spoil);
    };
    const onEpoch = () => {
      due = JSON.stringify(graph);
      best = parameters(graph);
      setImmediate(spoil);
    };
    const save = (one: Checkpoint) => {
      isSaved = true;
      expect(JSON.stringify(one.graph)).toBe(due);
      saved = one;
    };
    await slowly(() => graph.fit(few, { batchSize: 4, patience: 1, onEpoch, checkpoint: { save } }));
    expect(turns).toBeGreaterThan(10);
    const other = large();
    await other.fit(few, { batchSize: 4, patience: 1, resume: saved! });
    expect(parameters(other)).toBe(best);
  });

  it("is not given to `save` where the graph is disposed of meanwhile", async () => {
    const graph = large();
    const save = vi.fn();
    const onEpoch = () => void setImmediate(() => graph.dispose());
    const error = await slowly(() => rejection(graph.fit(few, { onEpoch, checkpoint: { save } })));
    expect(error.code).toBe("disposed");
    expect(save).not.toHaveBeenCalled();
  });

  it("is given to `save` where the run is aborted meanwhile", async () => {
    const graph = large();
    const control = new AbortController();
    const save = vi.fn();
    const onEpoch = () => void setImmediate(() => control.abort());
    const options = { epochs: 5, onEpoch, signal: control.signal, checkpoint: { save } };
    const history = await slowly<History>(() => graph.fit(few, options));
    expect(history.stopped).toBe("aborted");
    expect(save).toHaveBeenCalledTimes(1);
  });

  it("is refused with a code where its text is too long for the host", async () => {
    vi.stubGlobal("Buffer", {
      from() {
        throw new RangeError("Invalid string length");
      },
    });
    try {
      const graph = large();
      const error = await rejection(graph.fit(few, { checkpoint: { save: () => {} } }));
      expect([error.code, refusal(() => graph.toJSON()).code]).toEqual(["unsupported", "unsupported"]);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
