// Data of all kinds: the same numbers on every machine, formulas, and the ways to feed graphs.

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { formula } from "../playground/data/formula.ts";
import { Random } from "../playground/data/random.ts";
import { addLayer, connect, removeLayer, resizeLayer, setLayer } from "../playground/model/edit.ts";
import type { Lesson } from "../playground/model/lesson.ts";
import type { DataSketch } from "../playground/model/sketch.ts";
import { firstData, starter } from "../playground/model/starter.ts";
import { lessonOf, opened } from "./support/host.ts";

/** Returns a short hash of all numbers of a lesson. */
function hash({ training, heldOut }: Lesson): string {
  const sum = createHash("sha256");
  for (const { xs, ts } of [training, heldOut]) {
    for (const values of [...Object.values(xs), ...Object.values(ts)])
      sum.update(new Uint8Array(values.buffer));
  }
  return sum.digest("hex").slice(0, 12);
}

describe("data", () => {
  it("has the same bits everywhere", async () => {
    const lessons: Record<string, string> = {};
    const all: DataSketch[] = [
      ...(["circles", "xor", "spirals", "gauss"] as const).map((name) => ({ ...firstData.plane, name })),
      firstData.curve,
      ...(["sine", "beats", "logistic"] as const).map((name) => ({ ...firstData.series, name })),
      firstData.iris,
      { ...firstData.digits, count: 50 },
      firstData.characters,
    ];
    for (const data of all) lessons["name" in data ? data.name : data.kind] = hash(await lessonOf(data));
    expect(lessons).toMatchInlineSnapshot(`
      {
        "beats": "6d934cae7dde",
        "characters": "ce89bc98e011",
        "circles": "0dbb387d8806",
        "curve": "f3cbe7b1de34",
        "digits": "8ce3f865c83e",
        "gauss": "89de6b6423c0",
        "iris": "fae016b2fb1b",
        "logistic": "cc719513aaa2",
        "sine": "bf56597760e6",
        "spirals": "60ba21c238bc",
        "xor": "bd07fbcff691",
      }
    `);
  });

  it.each(Object.values(firstData).filter(({ kind }) => kind !== "table" && kind !== "none"))(
    "of the kind $kind has rows of the sizes that it names",
    async (data) => {
      const { inputs, outputs, training, heldOut, steps = 1, bounds } = await lessonOf(data);
      for (const { count, xs, ts } of [training, heldOut]) {
        expect(count).toBeGreaterThan(3);
        for (const { name, size } of inputs) expect(xs[name]).toHaveLength(count * steps * size);
        for (const { name, size } of outputs) expect(ts[name]).toHaveLength(count * steps * size);
      }
      expect(bounds).toHaveLength(inputs.reduce((sum, { size }) => sum + size, 0));
    },
  );

  it("has the share that is held out, and noise", async () => {
    const plane = { ...firstData.plane, noise: 0, share: 0.5 };
    const [quiet, loud] = [await lessonOf(plane), await lessonOf({ ...plane, noise: 0.5 })];
    expect(quiet.heldOut.count).toBe(200);
    expect(hash(quiet)).not.toBe(hash(loud));
    const radius = (k: number) => Math.hypot(quiet.training.xs.x![2 * k]!, quiet.training.xs.x![2 * k + 1]!);
    for (let k = 0; k < 200; k++) expect(radius(k) < 3).toBe(quiet.training.ts.y![k] === 1);
  });

  it("is drawn evenly", () => {
    const random = new Random(5);
    const values = Array.from({ length: 20000 }, () => random.normal());
    const mean = values.reduce((a, b) => a + b) / 20000;
    const square = values.reduce((a, b) => a + b * b, 0) / 20000;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(square - 1)).toBeLessThan(0.05);
    expect([...random.order(50)].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, k) => k));
  });
});

describe("a formula", () => {
  it.each([
    ["1 + 2 * 3", 0, 7],
    ["-x^2", 3, -9],
    ["2^3^2", 0, 512],
    ["2^-1", 0, 0.5],
    ["2x(x + 1)", 2, 12],
    ["3 sin(pi/2) - cos(0)", 0, 2],
    ["min(x, 1, 2) + max(0, x)", -4, -4],
    ["sqrt(abs(x)) + sign(x)", -9, 2],
    ["ln(e) + log(exp(2))", 0, 3],
    ["tanh(0) + tan(0) + 1.5e1 − 2·x ** 2", 1, 13],
    ["x x", 5, 25],
  ])("%s at x = %d is %d", (text, x, value) => {
    expect(formula(text)(x)).toBeCloseTo(value, 12);
  });

  it.each([
    ["", /ends at character 1, where a number, x, a function or "\(" is expected/],
    ["sin(x", /ends at character 6, where "\)" is expected/],
    ["2 + * 3", /has "\*" at character 5/],
    ["y + 1", /has no "y"\. It has x, pi, e/],
    ["alert(1)", /has no "alert"/],
    ["sin x", /has "x" at character 5, where "\(" after sin/],
    ["min(x)", /min takes at least two values, not 1/],
    ["sin(x, 2)", /sin takes one value, not 2/],
    ["x = 2", /has "=" at character 3/],
    ["(x))", /has "\)" at character 4, where an operator or the end/],
    [`${"(".repeat(60)}x`, /over 50 levels/],
    ["constructor(x)", /has no "constructor"/],
  ])("%j is refused", (text, message) => {
    expect(() => formula(text)).toThrow(message);
  });

  it("without values in the drawing is refused as data", async () => {
    await expect(lessonOf({ ...firstData.curve, formula: "log(-1 - abs(x))" })).rejects.toThrow(
      /hardly a value/,
    );
    expect((await lessonOf({ ...firstData.curve, formula: "log(x)" })).training.count).toBeGreaterThan(50);
  });
});

describe("a graph", () => {
  const sketch = async (data: DataSketch) => starter(data, await lessonOf(data));
  const at = { x: 0, y: 0 };

  it("takes the columns of the data in several inputs", async () => {
    const iris = removeLayer(await sketch(firstData.iris), "x");
    const split = addLayer(addLayer(iris, "input", { ...at, name: "sepals", size: 2 }), "input", {
      ...at,
      name: "petals",
      size: 2,
    });
    const session = await opened({ ...connect(connect(split, "sepals", "h1"), "petals", "h2"), steps: 200 });
    expect(session.lesson.inputs.map(({ name, labels }) => `${name}: ${labels.join()}`)).toEqual([
      "sepals: sepal length,sepal width",
      "petals: petal length,petal width",
    ]);
    expect(session.score().heldOut!.accuracy).toBeGreaterThan(0.9);
    expect(session.graph.layer("petals").scaler!.offset).toHaveLength(2);
  });

  it("takes renamed inputs and outputs, two units for two classes, and a second output", async () => {
    const base = setLayer(resizeLayer(await sketch(firstData.plane), "y", 2), "y", { activation: "softmax" });
    const more = connect(addLayer(base, "output", { ...at, name: "early" }), "h1", "early");
    const session = await opened({ ...more, steps: 200 });
    expect(session.lesson.outputs.map(({ name, size }) => `${name} ${size}`)).toEqual(["y 2", "early 1"]);
    const { y, early } = session.lesson.training.ts;
    expect([y![0]! + y![1]!, y![1]]).toEqual([1, early![0]]);
    expect(session.score().heldOut!.accuracy).toBeGreaterThan(0.95);
  });

  it("that answers a sequence by its last step learns the last target", async () => {
    const base = await sketch(firstData.series);
    const last = {
      ...base,
      synapses: base.synapses.map((one) => (one.to === "y" ? { ...one, options: { at: "last" } } : one)),
    };
    const session = await opened({ ...last, steps: 20 });
    expect(session.lesson.training.ts.y).toHaveLength(session.lesson.training.count);
  });

  it("with other sizes than the data is refused", async () => {
    const wrong = resizeLayer(await sketch(firstData.plane), "x", 3);
    await expect(opened(wrong)).rejects.toThrow("The data has the inputs x (2); the graph has x (3).");
  });
});
