// Class numbers: of inputs, and as targets of softmax over the channels of positions.

import { crossValidate, Graph } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import {
  type AnyGraph,
  everything,
  expectClose,
  expectRefusal,
  expectSame,
  Random,
  rejection,
  seed,
  wrong,
} from "../support/helpers.js";

const random = new Random(seed);

/** Makes a graph of two embeddings of class numbers, and an input beside them; with `delay` its calls have steps. */
function embedding(precision: "float64" | "float32" = "float64", isStepped = false): AnyGraph {
  const graph: AnyGraph = new Graph({
    seed: 5,
    precision,
    inputs: { word: { size: 3, classes: 6 }, x: 2 },
    hidden: { e: { size: [3, 4], activation: "linear" }, h: { size: 5, activation: "tanh" } },
    outputs: { y: { size: 1, activation: "linear" } },
    synapses: [
      ["word", "e", { kind: "embedding" }],
      ["e", "h"],
      ["x", "h"],
      ["h", "y"],
    ],
  });
  if (isStepped) graph.connect("h", "h", { delay: 1 });
  return graph;
}

const word = [0, 5, 2, 2, 1, 3];
const x = [0.1, -0.2, 0.3, 0.4];
const y = [1, -1];

describe("class numbers of an input", () => {
  it.each([
    ["rows", [word.slice(0, 3), word.slice(3)]],
    ["Uint8Array", Uint8Array.from(word)],
    ["Int32Array", Int32Array.from(word)],
    ["Float32Array", Float32Array.from(word)],
    ["rows of Uint16Array", [Uint16Array.from(word.slice(0, 3)), Int8Array.from(word.slice(3))]],
    ["-0", [-0, ...word.slice(1)]],
  ])("are taken as %s", (_, given) => {
    const [graph, plain] = [embedding(), embedding()];
    expectSame(graph.predict({ word: given, x }).y!, plain.predict({ word, x }).y!, "predict");
    expect(graph.train({ word: given, x }, { y })).toBe(plain.train({ word, x }, { y }));
    expect(graph.evaluate({ word: given, x }, { y })).toEqual(plain.evaluate({ word, x }, { y }));
    expect(everything(graph)).toBe(everything(plain));
  });

  it("are taken as a live view, also where the memory moves", () => {
    const [source, graph] = [embedding(), embedding()];
    const wanted = source.predict({ word, x }).y!;
    graph.addHidden("big", 300_000);
    graph.connect("x", "big");
    graph.connect("big", "y", { init: "zeros" });
    expectSame(graph.predict({ word: source.layer("word").post, x }).y!, wanted, "y");
    graph.dispose();
  });

  it.each([6, -1, 0.5, 1 + 2 ** -40, Number.NaN, Infinity, 2 ** 31, 2 ** 53])(
    "of %s are refused",
    async (value) => {
      for (const precision of ["float64", "float32"] as const) {
        const graph = embedding(precision);
        graph.train({ word, x }, { y });
        const before = everything(graph);
        const given = word.with(4, value);
        const place = `"word" has ${value} in row 1, slot 1`;
        for (const word of [given, [given.slice(0, 3), given.slice(3)], Float64Array.from(given)]) {
          expectRefusal(() => graph.predict({ word, x }), "bad-input", place, "0 to 5");
          expectRefusal(() => graph.train({ word, x }, { y }), "bad-input", place);
          expectRefusal(() => graph.evaluate({ word, x }, { y }), "bad-input", place);
          expectRefusal(() => graph.gradients({ word, x }, { y }), "bad-input", place);
          expectRefusal(() => graph.gradients({ word, x }, null, { outputs: { y } }), "bad-input", place);
          expectRefusal(() => graph.backward({ word, x }, { y }), "bad-input", place);
        }
        const data = { xs: { word: given, x }, ts: { y } };
        const other = { xs: { word, x }, ts: { y } };
        for (const [set, options] of [
          [data, {}],
          [data, { scale: { x: "standard" } }],
          [other, { validation: data }],
          [data, { validation: 0.5 }],
          [[data], {}],
        ] as const) {
          const { code, message } = await rejection(graph.fit(set as never, options));
          expect(`${code} ${message}`).toContain("bad-input");
          expect(message).toContain(`"word" has ${value}`);
        }
        expect(everything(graph)).toBe(before);
      }
    },
  );

  it("in steps are refused with their step", async () => {
    const graph = embedding("float64", true);
    const steps = { steps: 2 };
    const data = { word: [...word, ...word], x: [...x, ...x] };
    const ts = { y: [1, 2, 3, 4] };
    const plain = graph.predict(data, steps).y!;
    const levels = {
      word: [0, 1].map(() => [word.slice(0, 3), word.slice(3)]),
      x: [0, 1].map(() => [x.slice(0, 2), x.slice(2)]),
    };
    expectSame(graph.predict(levels).y!, plain, "levels");
    const before = everything(graph);
    const given = { ...data, word: data.word.with(10, 6) };
    const place = '"word" has 6 in sample 1, step 1, slot 1';
    expectRefusal(() => graph.predict(given, steps), "bad-input", place);
    expectRefusal(() => graph.train(given, ts, steps), "bad-input", place);
    expectRefusal(() => graph.gradients(given, ts, steps), "bad-input", place);
    expectRefusal(
      () => graph.predict({ ...given, word: word.with(0, 7), x }, { steps: 1 }),
      "bad-input",
      "row 0, slot 0",
    );
    const { code, message } = await rejection(graph.fit({ xs: given, ts, steps: 2 }));
    expect([code, message.includes(place)]).toEqual(["bad-input", true]);
    expect(everything(graph)).toBe(before);
    // Numbers beyond a sample's length are not read.
    expect(graph.predict(given, { steps: [2, 1] }).y!.length).toBe(4);
  });

  it("in pieces are refused with their row, before a piece is computed", () => {
    const graph = embedding();
    const rows = 80_000;
    const many = new Uint8Array(rows * 3).map((_, i) => i % 6);
    const xs = { word: many, x: new Float32Array(rows * 2) };
    const wanted = graph.predict({ word: many.subarray(-3), x: [0, 0] }).y!;
    expect(graph.predict(xs).y!.at(-1)).toBe(wanted[0]);
    const before = graph.layer("word").post.slice();
    expectRefusal(() => graph.predict({ ...xs, word: many.fill(9, -1) }), "bad-input", "row 79999, slot 2");
    expect(graph.layer("word").post).toEqual(before);
  });

  it("up to 2²⁴ are exact in float32", () => {
    const classes = 2 ** 24;
    const graph: AnyGraph = new Graph({
      seed: 1,
      precision: "float32",
      inputs: { word: { size: 1, classes } },
      outputs: { y: { size: 1, activation: "linear" } },
      synapses: [["word", "y", { kind: "embedding", init: "zeros" }]],
    });
    graph.synapses[0]!.weights[classes - 1] = 3;
    expect([...graph.predict({ word: [classes - 1, classes - 2] }).y!]).toEqual([3, 0]);
    expectRefusal(() => graph.predict({ word: [classes] }), "bad-input", `${classes}`);
    graph.dispose();
  });

  it("have no derivative and no scaler", async () => {
    const graph = embedding();
    const { inputs } = graph.gradients({ word, x }, { y });
    expect(Object.keys(inputs)).toEqual(["x"]);
    await expect(
      graph.fit({ xs: { word, x }, ts: { y } }, { scale: { word: "standard" } }),
    ).rejects.toMatchObject({
      code: "bad-option",
    });
    expectRefusal(() => graph.scale("word", null), "bad-option", "class numbers");
  });

  it("are left out by gradCheck, which covers the table", () => {
    const found = embedding().gradCheck({ word, x }, { y });
    expect(found.ok).toBe(true);
    // The biases of x, e, h and y, the weights, and the values of x.
    expect(found.checked).toBe(2 + 4 + 5 + 1 + (24 + 60 + 10 + 5) + 4);
  });

  it("are refused as data of another form", () => {
    const graph = embedding();
    for (const given of [[0, 1], [[0, 1]], ["0", 1, 2], [0, 1, null], [[0, 1, 2n]], 4]) {
      expectRefusal(() => graph.predict({ word: wrong(given), x: [1, 2] }), "bad-shape", '"word"');
    }
  });
});

/** Makes a graph whose output has a class for each of 2 × 3 positions. */
function segmenting(
  loss: string | { name: string; smoothing: number } = "crossEntropy",
  isStepped = false,
): AnyGraph {
  const graph: AnyGraph = new Graph({
    seed: 2,
    inputs: { image: [2, 3, 1] },
    outputs: { part: { size: [2, 3, 4], activation: "softmax", loss: loss as never } },
    synapses: [["image", "part", { kind: "conv", kernel: 1, init: { values: [0.3, -0.9, 2, 0.1] } }]],
  });
  if (isStepped) graph.connect("image", "part", { delay: 1 });
  return graph;
}

const rows = 5;
const image = Array.from({ length: rows * 6 }, () => 2 * random.signed());
const classes = Array.from({ length: rows * 6 }, () => Math.floor(4 * random.next()));
const hot = classes.flatMap((own) => [0, 1, 2, 3].map((c) => Number(c === own)));
const split = <T>(list: readonly T[], size: number) =>
  Array.from({ length: list.length / size }, (_, i) => list.slice(i * size, (i + 1) * size));
const metrics = [
  "accuracy",
  { name: "topK", k: 2 },
  "precision",
  "recall",
  "f1",
  "auc",
  "confusion",
  "mae",
  "r2",
] as const;

describe("class numbers of positions", () => {
  it.each([
    ["flat", classes],
    ["a typed array", Uint8Array.from(classes)],
    ["rows", split(classes, 6)],
    ["nested", split(split(classes, 3), 2)],
    ["nested with a last axis of 1", split(split(split(classes, 1), 3), 2)],
    [
      "one-hot, nested",
      split(
        split(hot, 12).map((row) => split(row, 4)),
        2,
      ),
    ],
  ])("are targets: %s", async (_, part) => {
    for (const loss of ["crossEntropy", { name: "crossEntropy", smoothing: 0.2 }]) {
      const [graph, plain] = [segmenting(loss), segmenting(loss)];
      expect(graph.evaluate({ image }, { part: wrong(part) }, { metrics })).toEqual(
        plain.evaluate({ image }, { part: hot }, { metrics }),
      );
      expect(graph.train({ image }, { part: wrong(part) })).toBe(plain.train({ image }, { part: hot }));
      await graph.fit(
        { xs: { image }, ts: { part: wrong(part) } },
        { epochs: 2, validation: 0.4, batchSize: 2 },
      );
      await plain.fit({ xs: { image }, ts: { part: hot } }, { epochs: 2, validation: 0.4, batchSize: 2 });
      expect(everything(graph)).toBe(everything(plain));
    }
  });

  it("are targets of steps", () => {
    const graph = segmenting("crossEntropy", true);
    const wanted = segmenting("crossEntropy", true).train({ image }, { part: hot }, { steps: rows });
    for (const part of [
      classes,
      [split(split(classes, 3), 2)],
      [split(classes, 6)],
      [classes],
      split(classes, 6),
    ]) {
      expect(segmenting("crossEntropy", true).train({ image }, { part: wrong(part) }, { steps: rows })).toBe(
        wanted,
      );
    }
    const wrongClass = () => graph.train({ image }, { part: classes.with(8, 4) }, { steps: rows });
    expectRefusal(wrongClass, "bad-target", "sample 0, step 1, position 2", "0 to 3");
  });

  it("of another value are refused", async () => {
    const graph = segmenting();
    graph.predict({ image });
    const before = everything(graph);
    for (const value of [4, -1, 0.5, Number.NaN]) {
      const ts = { part: classes.with(20, value) };
      const place = `"part" has ${value} in row 3, position 2`;
      expectRefusal(() => graph.train({ image }, ts), "bad-target", place, "0 to 3");
      expectRefusal(() => graph.evaluate({ image }, ts), "bad-target", place);
      expect((await rejection(graph.fit({ xs: { image }, ts }))).message).toContain(place);
    }
    expectRefusal(
      () => graph.train({ image }, { part: classes.slice(1) }),
      "bad-shape",
      "k × 6 class numbers",
    );
    expectRefusal(
      () => graph.train({ image }, { part: split(classes, 6).map((row, r) => (r === 2 ? [1] : row)) }),
      "bad-shape",
    );
    expect(everything(graph)).toBe(before);
  });

  it("are not looked at where all channels are masked", () => {
    const graph = segmenting();
    const mask = hot.map((_, i) => (Math.floor(i / 4) === 20 ? 0 : 1));
    const ts = { part: classes.with(20, 99) };
    const found = graph.evaluate({ image }, ts, { mask: { part: mask }, metrics: ["confusion"] });
    const { confusion, cost } = found.outputs.part!;
    expect((confusion as number[][]).flat().reduce((a, b) => a + b)).toBe(rows * 6 - 1);
    expect(cost).toBe(graph.evaluate({ image }, { part: hot }, { mask: { part: mask } }).outputs.part!.cost);
  });

  it("are scored as rows, each a position; mae and r2 by units", () => {
    const graph = segmenting();
    const single: AnyGraph = new Graph({
      seed: 2,
      inputs: { image: 1 },
      outputs: { part: { size: 4, activation: "softmax" } },
      synapses: [["image", "part", { init: { values: [0.3, -0.9, 2, 0.1] } }]],
    });
    const sampleWeights = [1, 0, 2, 0.5, 1];
    for (const isWeighted of [false, true]) {
      const own = isWeighted ? { sampleWeights } : {};
      const each = isWeighted
        ? { sampleWeights: sampleWeights.flatMap((w) => new Array<number>(6).fill(w)) }
        : {};
      const { r2, ...found } = graph.evaluate({ image }, { part: classes }, { metrics, ...own }).outputs
        .part!;
      const { r2: other, ...wanted } = single.evaluate({ image }, { part: classes }, { metrics, ...each })
        .outputs.part!;
      for (const name of Object.keys(wanted) as (keyof typeof wanted)[]) {
        const factor = name === "cost" ? 6 : 1;
        expectClose(
          [found[name]].flat(3) as number[],
          ([wanted[name]].flat(3) as number[]).map((n) => n * factor),
          1e-12,
          name,
        );
      }
      expect(r2).not.toBe(other);
    }
  });
});

describe("in a worker and by folds", () => {
  const data = { xs: { word: [...word, ...word], x: [...x, ...x] }, ts: { y: [1, 0, 0.5, 2] } };

  it("class numbers have the bits of fit, and its refusals", async () => {
    const [graph, plain] = [embedding(), embedding()];
    await fit(graph, data, { epochs: 2 });
    await plain.fit(data, { epochs: 2 });
    expect(JSON.stringify(graph)).toBe(JSON.stringify(plain));
    const wrongData = { ...data, xs: { ...data.xs, word: data.xs.word.with(5, 6) } };
    const { code, message } = await rejection(fit(graph, wrongData, {}));
    expect([code, message.includes('"word" has 6 in row 1, slot 2')]).toEqual(["bad-input", true]);
    const { folds } = await crossValidate(() => embedding(), data, { folds: 2 });
    expect(folds.length).toBe(2);
  });

  it("positions have the bits of fit; folds can't be stratified by them", async () => {
    const [graph, plain] = [segmenting(), segmenting()];
    const nested = { xs: { image: split(split(image, 3), 2) }, ts: { part: split(split(classes, 3), 2) } };
    await fit(graph, nested, { epochs: 2 });
    await plain.fit({ xs: { image }, ts: { part: hot } }, { epochs: 2 });
    expect(JSON.stringify(graph)).toBe(JSON.stringify(plain));
    const options = { folds: 2, metrics: ["accuracy"] } as const;
    const flat = { xs: { image }, ts: { part: classes } };
    const [a, b] = [
      await crossValidate(() => segmenting(), nested, options),
      await crossValidate(() => segmenting(), flat, options),
    ];
    expect(a.folds.map(({ cost, outputs }) => [cost, outputs])).toEqual(
      b.folds.map(({ cost, outputs }) => [cost, outputs]),
    );
    const stratified = crossValidate(() => segmenting(), nested, { ...options, stratify: "part" });
    expect(await rejection(stratified)).toMatchObject({
      code: "bad-option",
      message: expect.stringContaining("positions"),
    });
  });
});
