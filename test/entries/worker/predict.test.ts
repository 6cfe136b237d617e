// `predict` in workers: the bits and the refusals of `graph.predict`, on any number of threads, and threads that are always ended.

import { Worker } from "node:worker_threads";
import { Graph, type GraphError, Scaler } from "plexus-nn";
import { predict, threads } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectSame, Random, refusal, rejection, seed, wrong } from "../../support/helpers.js";
import { graphOfKind, kindCases, samplesOf } from "../../support/kinds.js";
import { build, dressedCase } from "../../support/random.js";
import { buildTangle, randomTangle } from "../../support/tangle.js";
import { make, xs } from "../../support/training.js";

const thread = new URL("../../../dist/thread.js", import.meta.url);

/** Expects the outputs of `graph.predict`, name by name and bit by bit. */
async function expectEqual(graph: AnyGraph, xs: object, options: object, count: number, what = "outputs") {
  const { threads: _, worker: __, ...plain } = options as { threads?: number; worker?: unknown };
  const wanted = graph.predict(wrong(xs), wrong(plain)) as Record<string, Float64Array>;
  const found = (await predict(graph, wrong(xs), { threads: count, ...options })) as Record<
    string,
    Float64Array
  >;
  expect(Object.getPrototypeOf(found)).toBe(null);
  expect(Object.keys(found)).toEqual(Object.keys(wanted));
  for (const [name, values] of Object.entries(wanted)) {
    expect(found[name]!.constructor).toBe(values.constructor);
    expectSame(found[name]!, values, `${what}: ${name}`);
  }
}

describe.each(["float64", "float32"] as const)(`the bits in %s, PLEXUS_SEED=${seed},`, (precision) => {
  it("are those of one thread for random graphs and any number of threads", async () => {
    for (let i = 0; i < 10; i++) {
      const { naive, xs } = dressedCase(new Random(seed * 500_009 + i));
      await expectEqual(build(naive, precision), xs, {}, 1 + (i % 4), `case ${i}`);
    }
  });

  it("are those of one thread for random graphs over steps, whose samples have unequal lengths", async () => {
    for (let i = 0; i < 12; i++) {
      const { naive, xs, lengths } = randomTangle(new Random(seed * 500_017 + i));
      await expectEqual(buildTangle(naive, precision), xs, { steps: lengths }, 1 + (i % 3), `tangle ${i}`);
    }
  });

  it("are those of one thread for data of every form, scaled or not", async () => {
    const graph = make(precision);
    const flat = { x: Float64Array.from(xs.x.flat()), c: Float32Array.from(xs.c.flat()) };
    const forms = [
      xs,
      { x: xs.x.flat(), c: xs.c.flat() },
      { x: xs.x.map((row) => Float32Array.from(row)), c: Int8Array.from(xs.c.flat(), (v) => v * 100) },
      { x: Buffer.from(xs.x.flat().map((v) => v * 100)), c: flat.c },
      flat,
    ];
    for (const form of forms) await expectEqual(graph, form, {}, 2);
    graph.scale("x", Scaler.fit(xs.x, 4));
    graph.scale("z", Scaler.fit([1, 5, 9], 1));
    for (const form of forms) await expectEqual(graph, form, { outputs: ["z"] }, 3);
  });
});

it("takes nested samples of shapes, and class numbers", async () => {
  const random = new Random(seed);
  for (const one of kindCases
    .filter(({ options }) => ["conv", "embedding"].includes(options.kind))
    .slice(0, 9)) {
    const graph = graphOfKind(one);
    const rows = samplesOf(random, one, 11);
    await expectEqual(graph, { x: rows }, {}, 2, one.title);
    const [height = 1, width = 1, depth] = one.from;
    if (depth === undefined || one.classes !== undefined) continue;
    const nest = (row: number[]) =>
      Array.from({ length: height }, (_, y) =>
        Array.from({ length: width }, (_, x) =>
          row.slice((y * width + x) * depth, (y * width + x + 1) * depth),
        ),
      );
    await expectEqual(graph, { x: rows.map(nest) }, {}, 2, `${one.title}, nested`);
  }
});

it("reads numbers in a shared buffer, and live views", async () => {
  const graph = make();
  const shared = new Float64Array(new SharedArrayBuffer(8 * 4 * xs.x.length));
  shared.set(xs.x.flat());
  await expectEqual(graph, { x: shared, c: xs.c }, {}, 2);
  graph.predict(xs);
  const live = graph.layer("z").post;
  const copy = live.slice();
  const found = await predict(graph, { x: xs.x, c: live }, { threads: 2 });
  expectSame(found.y!, graph.predict({ x: xs.x, c: copy }).y!, "y");
});

it("computes many rows in parts, of which each thread has some", async () => {
  const graph: AnyGraph = new Graph({
    seed: 1,
    inputs: { x: 60 },
    outputs: { y: 3 },
    synapses: [["x", "y"]],
  });
  const x = Float32Array.from({ length: 60 * 20_011 }, (_, i) => ((i * 37) % 101) / 50 - 1);
  const had: number[] = [];
  const worker = () => {
    const made = new Worker(thread);
    const at = had.push(0) - 1;
    made.on("message", () => had[at]!++);
    return made;
  };
  await expectEqual(graph, { x }, { worker }, 3);
  expect(had).toHaveLength(3);
  for (const parts of had) expect(parts).toBeGreaterThan(0);
});

it("computes with the graph of the call, which may be changed and disposed of meanwhile", async () => {
  const graph = make();
  const wanted = graph.predict(xs).y!;
  const found = predict(graph, xs, { threads: 2 });
  graph.train(xs, { y: xs.x.map(() => [1, 0, 0]) });
  graph.dispose();
  expectSame((await found).y!, wanted, "y");
});

describe("a refusal", () => {
  const graph = make();
  const replaced = (row: number, value: unknown) =>
    xs.x.map((old, r) => (r === row ? [1, value, 3, 4] : old));
  const flat = xs.x.flat();
  it.each<[string, unknown, object?]>([
    ["an input that is missing", { x: xs.x }],
    ["an unknown input", { ...xs, u: [1] }],
    ["no object", [1, 2]],
    ["uneven rows", { x: xs.x, c: [1] }],
    ["a row of another length", { x: [...xs.x.slice(0, -1), [1]], c: xs.c }],
    ["a text in the last rows", { x: replaced(50, "1"), c: xs.c }],
    ["a hole in flat data", { x: Object.assign([...flat], { 201: undefined }), c: xs.c }],
    ["NaN in the last rows", { x: replaced(51, Number.NaN), c: xs.c }],
    [
      "infinity in a typed array",
      { x: Float64Array.from(flat, (v, i) => (i === 100 ? Infinity : v)), c: xs.c },
    ],
    ["two faults, of which the first counts", { x: xs.x, c: xs.c.map((c, r) => (r > 30 ? [NaN] : c)) }],
    ["an unknown output", xs, { outputs: ["w"] }],
    ["a layer that is no output", xs, { outputs: ["h"] }],
    ["no outputs", xs, { outputs: [] }],
    ["wrong steps", xs, { steps: 0 }],
  ])("of %s is that of graph.predict", async (_, given, options = {}) => {
    const wanted = refusal(() => graph.predict(wrong(given), wrong(options)));
    const found = await rejection(predict(graph, wrong(given), { threads: 2, ...options }));
    expect([found.code, found.message]).toEqual([wanted.code, wanted.message]);
  });

  it("names rows as graph.predict does: of scaled data, nested samples, class numbers and steps", async () => {
    const scaled = make("float32");
    scaled.scale("x", Scaler.fit(xs.x, 4));
    const image: AnyGraph = new Graph({
      seed: 1,
      inputs: { "in row 7, x": [2, 2, 1], word: { size: 2, classes: 5 } },
      outputs: { y: 2 },
      synapses: [
        ["in row 7, x", "y"],
        ["word", "y", { kind: "dense" }],
      ].slice(0, 1) as never,
    });
    const images = (value: unknown) =>
      Array.from({ length: 40 }, (_, r) => [
        [1, 2],
        [3, r === 33 ? value : 4],
      ]);
    const words: AnyGraph = graphOfKind(kindCases.find(({ classes }) => classes !== undefined)!);
    const ids = Array.from({ length: 30 }, (_, r) => [1, 2, 3, r === 23 ? 77 : 4]);
    const loop: AnyGraph = new Graph({
      seed: 1,
      inputs: { x: 2 },
      hidden: { h: 3 },
      outputs: { y: 1 },
      synapses: [],
    });
    loop.connect("x", "h");
    loop.connect("h", "h", { delay: 1 });
    loop.connect("h", "y");
    const steps = Array.from({ length: 20 }, (_, r) => 1 + ((r * 7) % 5));
    const sequences = (value: unknown) =>
      steps.map((length, r) =>
        Array.from({ length }, (_, t) => [r, r === 13 && t === length - 1 ? value : t]),
      );
    const cases: [AnyGraph, unknown, object?][] = [
      [scaled, { x: replaced(51, 1e300), c: xs.c }],
      [scaled, { x: replaced(51, Infinity), c: xs.c }],
      [image, { "in row 7, x": images(NaN) }],
      [image, { "in row 7, x": images("4") }],
      [image, { "in row 7, x": images([4]) }],
      [words, { x: ids }],
      [words, { x: Float64Array.from(ids.flat()) }],
      [loop, { x: sequences(NaN) }, { steps }],
      [loop, { x: sequences("2") }, { steps }],
      [loop, { x: sequences(NaN) }],
      [loop, { x: [[1, 2]] }],
    ];
    for (const [graph, given, options] of cases) {
      const call = () =>
        options ? graph.predict(wrong(given), wrong(options)) : graph.predict(wrong(given));
      const wanted = refusal(call);
      const found = await rejection(predict(graph, wrong(given), { threads: 3, ...options }));
      expect([found.code, found.message]).toEqual([wanted.code, wanted.message]);
    }
  });

  it.each([0, 65, 1.5, "2", -1, Number.NaN, null, true])("of %o for threads is at once", async (count) => {
    let started = 0;
    const worker = () => wrong(started++);
    const error = await rejection(predict(graph, xs, { threads: wrong(count), worker }));
    expect([error.code, started]).toEqual(["bad-option", 0]);
    expect(error.message).toContain("`threads`");
  });

  it("of a state, parameters that aren't finite, and no graph has a code", async () => {
    const broken = make();
    broken.layer("h").bias[0] = Number.NaN;
    const codes: [Promise<unknown>, GraphError["code"]][] = [
      [predict(graph, xs, wrong({ state: graph.state(53) })), "bad-option"],
      [predict(graph, xs, { worker: wrong(3) }), "bad-option"],
      [predict(broken, xs), "not-finite"],
      [predict(wrong({}), xs), "bad-option"],
    ];
    for (const [promise, code] of codes) expect((await rejection(promise)).code).toBe(code);
    const disposed = make();
    disposed.dispose();
    expect((await rejection(predict(disposed, xs))).code).toBe("disposed");
  });
});

describe("threads", () => {
  it("are ended after a prediction, a refusal and a failure", async () => {
    const ended: Promise<unknown>[] = [];
    const worker = () => {
      const made = new Worker(thread);
      ended.push(new Promise((resolve) => made.once("exit", resolve)));
      return made;
    };
    await predict(make(), xs, { threads: 2, worker });
    await rejection(predict(make(), { ...xs, c: xs.c.map(() => [Number.NaN]) }, { threads: 2, worker }));
    await Promise.all(ended);
    expect(ended).toHaveLength(4);
  });

  it("that don't start are left out, as long as one does", async () => {
    for (const bad of [() => new Worker("process.exit(3)", { eval: true }), () => wrong(undefined)]) {
      let made = 0;
      await expectEqual(make(), xs, { worker: () => (made++ % 2 === 0 ? bad() : new Worker(thread)) }, 4);
      expect(made).toBe(4);
    }
    const none = () => new Worker("throw new Error('no start')", { eval: true });
    const error = await rejection(predict(make(), xs, { threads: 3, worker: none }));
    expect([error.code, error.message]).toEqual(["bad-option", expect.stringContaining("no start")]);
  });

  it("that die after an answer reject the prediction", async () => {
    const graph: AnyGraph = new Graph({
      seed: 1,
      inputs: { x: 60 },
      outputs: { y: 3 },
      synapses: [["x", "y"]],
    });
    const worker = () => {
      const made = new Worker(thread);
      made.once("message", () => made.terminate());
      return made;
    };
    const error = await rejection(
      predict(graph, { x: new Float64Array(60 * 50_000) }, { threads: 2, worker }),
    );
    expect([error.code, error.message]).toEqual([
      "bad-option",
      expect.stringContaining("The worker has failed"),
    ]);
  });

  it.each<[string, unknown]>([
    ["a text", "hello"],
    ["another part", { kind: "part", index: 7, ys: [], xs: [] }],
    ["outputs of another length", { kind: "part", index: 0, ys: [new Float64Array(1)], xs: [] }],
    [
      "outputs of another class",
      { kind: "part", index: 0, ys: [new Int8Array(159), new Int8Array(53)], xs: [] },
    ],
    ["a message of a run", { kind: "end", epochs: 0, history: { steps: 1, seconds: 1 } }],
  ])("that post %s are refused", async (_, message) => {
    const worker = () => {
      const target = new EventTarget();
      const post = () => target.dispatchEvent(Object.assign(new Event("message"), { data: message }));
      return wrong(Object.assign(target, { postMessage: () => void setTimeout(post), terminate() {} }));
    };
    expect((await rejection(predict(make(), xs, { worker }))).message).toContain("has posted");
  });

  it("are as many as the host has cores, for `all`, up to 8", async () => {
    const { cores, sharing, why } = threads();
    expect(cores).toBeGreaterThanOrEqual(1);
    expect([sharing, why]).toEqual(["memory", undefined]);
    let made = 0;
    const worker = () => {
      made++;
      return new Worker(thread);
    };
    await predict(make(), xs, { threads: "all", worker });
    expect(made).toBe(Math.min(cores, 8));
  });
});
