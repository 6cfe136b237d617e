// Links: round trips of random sketches, and helpful refusals of damaged ones.

import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Random } from "../playground/data/random.ts";
import { linkOf, sketchOfLink } from "../playground/model/link.ts";
import type { DataSketch, LayerSketch, Settings, Sketch } from "../playground/model/sketch.ts";
import { firstData, starter } from "../playground/model/starter.ts";
import { lessonOf } from "./support/host.ts";

const seed = Number(process.env.PLEXUS_SEED ?? Math.floor(Math.random() * 2 ** 32));

/** Draws a sketch, which need not make a graph: names and options of any kind. */
function drawn(random: Random): Sketch {
  const pick = <T>(list: readonly T[]) => list[random.below(list.length)]!;
  const name = () => pick(["x", "h1", "λ", "a b", "__proto__", '"', "7", "schön", "🙂"]) + random.below(99);
  const layer = (): LayerSketch => ({
    name: name(),
    kind: pick(["input", "hidden", "output"]),
    size: pick([1, 12, [28, 28, 1], [5, 2]]),
    options: pick<Record<string, unknown>>([
      {},
      { activation: "tanh" },
      { bias: false, norm: { name: "group", groups: 2 } },
    ]),
    x: random.below(2000) - 500,
    y: random.below(2000) - 500,
  });
  const settings = (): Settings => ({
    optimizer: {
      name: pick(["sgd", "adam"]),
      rate: random.uniform(),
      ...pick([{}, { momentum: 0.9, nesterov: true }]),
    },
    batchSize: 1 + random.below(64),
    dropout: pick([0, 0.25]),
    l1: 0,
    l2: random.uniform() * 1e-5,
  });
  const data = pick(Object.values(firstData)) as DataSketch;
  const many = <T>(make: () => T) => Array.from({ length: random.below(8) }, make);
  const steps = random.below(1e6);
  return {
    version: 1,
    layers: many(layer),
    synapses: many(() => ({
      from: name(),
      to: name(),
      options: pick([{}, { delay: 1 }, { kind: "conv", kernel: [3, 3] }]),
    })),
    data,
    seed: random.below(2 ** 32),
    precision: pick(["float64", "float32"]),
    settings: settings(),
    changes: many(() => random.below(steps + 1))
      .sort((one, other) => one - other)
      .map((step) => ({ step, settings: settings() })),
    steps,
    ...pick([{}, { start: "AAAA" }]),
  };
}

/** Returns a sketch whose rate changed at each of its first steps. */
function changed(sketch: Sketch, count: number): Sketch {
  const random = new Random(7);
  const changes = Array.from({ length: count }, (_, step) => {
    const rate = Number(random.uniform().toPrecision(2));
    return { step, settings: { ...sketch.settings, optimizer: { name: "adam", rate } } };
  });
  return { ...sketch, changes, steps: count };
}

/** Returns the link of anything, which need not be a sketch. */
function packed(value: unknown): string {
  return `1.${deflateRawSync(JSON.stringify(value)).toString("base64url")}`;
}

describe("a link", () => {
  it(`holds all of a sketch (PLEXUS_SEED=${seed})`, async () => {
    const random = new Random(seed);
    for (let count = 0; count < 100; count++) {
      const sketch = drawn(random);
      const link = await linkOf(sketch);
      expect(link).toMatch(/^1\.[\w-]+$/);
      expect(await sketchOfLink(`#${link}`)).toEqual(sketch);
    }
  });

  it("of a first sketch is short", async () => {
    const link = await linkOf(starter(firstData.plane, await lessonOf(firstData.plane)));
    expect(link.length).toBeLessThan(600);
  });

  it("that is too long names the cause", async () => {
    const random = new Random(1);
    const text = Array.from({ length: 20000 }, () => random.uniform()).join("\n");
    const sketch = starter(firstData.plane, await lessonOf(firstData.plane));
    await expect(linkOf({ ...sketch, data: { ...firstData.table, text } })).rejects.toThrow(
      /holds the whole table.*Save/,
    );
    await expect(linkOf({ ...sketch, start: text })).rejects.toThrow(/the parameters of an opened file/);
    await expect(linkOf(changed(sketch, 9000))).rejects.toThrow(/holds 9,000 changes of settings; .*Save/);
  });

  it("holds over a thousand changes of settings, and refuses more than can be read", async () => {
    const sketch = starter(firstData.plane, await lessonOf(firstData.plane));
    const many = changed(sketch, 1500);
    expect(await sketchOfLink(await linkOf(many))).toEqual(many);
    const message = "The sketch has 10,001 changes of settings; 10,000 are the most.";
    await expect(linkOf(changed(sketch, 10_001))).rejects.toThrow(message);
  });

  it("is never written for a sketch that can't be read", async () => {
    const sketch = starter(firstData.plane, await lessonOf(firstData.plane));
    const [layer] = sketch.layers as [LayerSketch];
    let deep: unknown = 1;
    for (let level = 0; level < 9; level++) deep = [deep];
    for (const [members, message] of [
      [{ layers: Array.from({ length: 1001 }, () => layer) }, /1,001 layers; 1,000 are the most/],
      [{ layers: [{ ...layer, size: 2 ** 21 }] }, /size is not a whole number/],
      [{ layers: [{ ...layer, options: { bias: deep } }] }, /options is not of at most 8 levels/],
      [{ changes: changed(sketch, 3).changes }, /changes\[1\].step is not a whole number from 0 to 0/],
    ] as const) {
      await expect(linkOf({ ...sketch, ...members })).rejects.toThrow(message);
    }
  });

  it.each([
    ["", /its beginning is missing/],
    ["1.", /missing or changed/],
    ["1.%%%", /missing or changed/],
    ["1.AAAA", /missing or changed/],
    ["2.AAAA", /newer playground/],
    ["#section", /its beginning is missing/],
  ])("%j is refused", async (text, message) => {
    await expect(sketchOfLink(text)).rejects.toThrow(message);
  });

  it("is as large as can be read, and not larger", async () => {
    const sketch = starter(firstData.plane, await lessonOf(firstData.plane));
    const repeated = (count: number) => ({
      ...sketch,
      data: { ...firstData.table, text: "1,2,3\n".repeat(count) },
    });
    const large = repeated(1.1e6);
    expect(await sketchOfLink(await linkOf(large))).toEqual(large);
    await expect(linkOf(repeated(1.3e6))).rejects.toThrow(
      /10 MB of data, since it holds the whole table; 8 MB are the most. Save/,
    );
    const message = "The link holds more than a sketch can have.";
    await expect(sketchOfLink(packed(repeated(1.3e6)))).rejects.toThrow(message);
    await expect(sketchOfLink(`1.${"A".repeat(2e7)}`)).rejects.toThrow(message);
  });

  it("that lost characters is refused, wherever they were", async () => {
    const link = await linkOf(starter(firstData.plane, await lessonOf(firstData.plane)));
    for (const length of [3, 10, 100, link.length - 1]) {
      await expect(sketchOfLink(link.slice(0, length))).rejects.toMatchObject({ code: "bad-link" });
    }
  });

  it.each([
    [{ version: 2 }, /version 2; this page reads version 1/],
    [{ seed: -1 }, /sketch.seed is not a whole number/],
    [{ layers: [{ name: 7 }] }, /sketch.layers\[0\].name is not a text/],
    [{ data: { kind: "weather" } }, /sketch.data.kind is not one of plane, curve/],
    [{ settings: { optimizer: { name: "adam", rate: "fast" } } }, /optimizer.rate is not a number/],
    [{ steps: 1e12 }, /sketch.steps/],
    [{ synapses: null }, /sketch.synapses is not a list/],
    [{ version: { toString: 1 } }, /version of no number/],
  ])("with the wrong member %j is neither read nor written", async (members, message) => {
    const first = starter(firstData.plane, await lessonOf(firstData.plane));
    const sketch = { ...first, ...(members as object) } as Sketch;
    await expect(sketchOfLink(packed(sketch))).rejects.toThrow(message);
    await expect(linkOf(sketch)).rejects.toThrow(message);
  });
});
