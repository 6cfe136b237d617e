// A history as text, and k folds.

import { crossValidate, Graph, type History, report } from "plexus-nn";
import { describe, expect, it, vi } from "vitest";
import { rejection, wrong } from "../support/helpers.js";
import { data, make, parameters, ROWS, ts, xs } from "../support/training.js";

const width = (text: string) => Math.max(...text.split("\n").map((line) => [...line].length));

describe("report", () => {
  it("has a row for each epoch, the best one marked, and the end", async () => {
    const history = await make().fit(data, { epochs: 4, validation: 0.2 });
    const text = report(history);
    const lines = text.split("\n");
    expect(lines.slice(0, 2).join("\n")).toMatch(
      /y +y +z\n +epoch +rate +cost validation +cost +accuracy +cost$/,
    );
    expect(lines).toHaveLength(2 + 4 + 2);
    for (const [i, { cost, validation }] of history.epochs.entries()) {
      const words = lines[2 + i]!.trim().split(/ +/);
      expect(words[0]).toBe(`${i + 1}${history.best!.epoch === i + 1 ? "*" : ""}`);
      expect(words.slice(1, 4)).toEqual(["0.1000", cost.toPrecision(4), validation!.cost.toPrecision(4)]);
    }
    expect(lines[6]).toMatch(/^4 epochs, 8 steps, \d+\.\d s: all epochs are done\.$/);
    expect(lines[7]).toBe(`* best: ${history.best!.value.toPrecision(4)} by validation.cost`);
    expect(width(text)).toBeLessThanOrEqual(80);
  });

  it("has 80 columns at most, whatever the names and numbers", () => {
    const name = "a very long name, with\nlines\tand 𝕌nicode".repeat(3);
    const outputs = Object.fromEntries(
      [1, 2, 3, 4, 5].map((n) => [name + n, { cost: -1.2345e-300, accuracy: 1e300, confusion: [[1]] }]),
    );
    const epoch = {
      kind: "epoch",
      epochs: 1e6,
      step: 1e9,
      cost: 1e300,
      rate: 1e-300,
      outputs,
      validation: { cost: 1e-300, outputs },
      samplesPerSecond: 1,
      seconds: 1,
    } as const;
    const epochs = Array.from({ length: 100 }, (_, i) => ({ ...epoch, epoch: i + 999_901 }));
    const history: History = {
      epochs,
      stopped: "patience",
      steps: 1e12,
      seconds: 1e6,
      threads: 1,
      sharing: "none",
      best: { epoch: 999_999, monitor: `outputs.${name}.cost`, value: 1 },
    };
    const text = report(history);
    expect(width(text)).toBeLessThanOrEqual(80);
    expect(text.split("\n").length).toBeLessThan(30);
    expect(text).toContain("80 more");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });

  it("has 80 columns at most where characters take two", async () => {
    const outputs = Object.fromEntries(
      ["誤り率「検証」。", "正解率ー", "オーバー　全角￥"].map((name) => [name, { cost: 1, accuracy: 1 }]),
    );
    const history = await make().fit(data, { epochs: 1, validation: 0.2 });
    const epochs = history.epochs.map((epoch) => ({ ...epoch, validation: { cost: 1, outputs } }));
    const monitor = "とても長い名前。".repeat(9);
    const lines = report({ ...history, epochs, best: { ...history.best!, monitor } }).split("\n");
    const columns = (line: string) =>
      Array.from(line).reduce((sum, c) => sum + (/[\0-\u1000…]/.test(c) ? 1 : 2), 0);
    expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(80);
    expect(columns(lines[0]!)).toBe(columns(lines[1]!));
  });

  it("of a run without an epoch says why", async () => {
    const history = await make().fit(data, { signal: AbortSignal.abort() });
    expect(report(history)).toMatch(/^ +epoch +rate +cost\n0 epochs, 0 steps, 0\.0 s: it was aborted\.$/);
  });
});

describe("crossValidate", () => {
  it("keeps each row apart once, and gives the folds' mean and deviation", async () => {
    const seen: number[] = [];
    const made: number[] = [];
    const watched = vi.spyOn(Graph.prototype, "evaluate");
    const numbered = { xs: { ...xs, c: Array.from({ length: ROWS }, (_, r) => [r / ROWS]) }, ts };
    const { folds, mean, deviation } = await crossValidate(
      (fold) => {
        made.push(fold);
        return make("float64", fold);
      },
      numbered,
      { folds: 4, epochs: 2, batchSize: 8 },
    );
    for (const [given] of watched.mock.calls as unknown as [{ c: number[][] }][]) {
      seen.push(...given.c.map(([c]) => Math.round(c! * ROWS)));
    }
    watched.mockRestore();
    expect(made).toEqual([0, 1, 2, 3]);
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: ROWS }, (_, r) => r));
    expect(folds.map(({ history }) => history.steps)).toEqual([10, 10, 10, 10]);
    const costs = folds.map(({ cost }) => cost);
    const average = costs.reduce((a, b) => a + b) / 4;
    expect(mean).toBe(average);
    expect(deviation).toBeCloseTo(Math.sqrt(costs.reduce((sum, c) => sum + (c - average) ** 2, 0) / 4), 12);
    expect(Object.keys(folds[0]!.outputs)).toEqual(["y", "z"]);
  });

  it("gives the same by the same seed, another by another, five folds by default", async () => {
    const run = (seed?: number) => crossValidate(() => make(), data, seed === undefined ? {} : { seed });
    const [one, two, other] = await Promise.all([run(), run(0), run(1)]);
    expect(one.folds).toHaveLength(5);
    expect(one.mean).toBe(two.mean);
    expect(one.mean).not.toBe(other.mean);
    const flat = {
      xs: { x: new Float64Array(xs.x.flat()), c: xs.c.flat() },
      ts: { y: ts.y.flat(), z: ts.z.flat() },
    };
    expect((await crossValidate(() => make(), flat, {})).mean).toBe(one.mean);
  });

  it("deals each class evenly where it is asked to", async () => {
    // Class 2 of y has 5 rows of 53, class 1 has 10.
    const rare = ts.y.map((_, r) =>
      [0, 1, 2].map((j) => Number((r % 10 === 3 ? 2 : r % 5 === 1 ? 1 : 0) === j)),
    );
    const watched = vi.spyOn(Graph.prototype, "evaluate");
    await crossValidate(() => make(), { xs, ts: { ...ts, y: rare } }, { folds: 5, stratify: "y" });
    const counts = (watched.mock.calls as unknown as [unknown, { y: number[][] }][]).map(([, given]) =>
      [0, 1, 2].map((j) => given.y.filter((row) => row[j] === 1).length),
    );
    watched.mockRestore();
    expect(counts).toHaveLength(5);
    for (let j = 0; j < 3; j++) {
      const each = counts.map((count) => count[j]!);
      expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(1);
    }
  });

  it.each<[object, string, string]>([
    [{ folds: 1 }, "bad-option", "folds"],
    [{ folds: 54 }, "bad-option", "53 rows"],
    [{ folds: "5" }, "bad-option", "folds"],
    [{ seed: -1 }, "bad-option", "seed"],
    [{ stratify: "w" }, "bad-option", '"w"'],
    [{ epoch: 3 }, "bad-option", '"epoch"'],
  ])("refuses %o", async (options, code, words) => {
    const error = await rejection(crossValidate(() => make(), data, wrong(options)));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(parameters(make())).toBe(parameters(make()));
  });

  it.each<[string, unknown, string, string]>([
    ["null", null, "bad-shape", "null"],
    ["a number", 3, "bad-shape", "3"],
    ["no inputs", { ts }, "missing-input", "undefined"],
    ["no targets", { xs, ts: null }, "missing-target", "null"],
    ["a target of null", { xs, ts: { y: null } }, "bad-shape", '"y"'],
    ["an input missing", { xs: { c: xs.c }, ts }, "missing-input", '"x"'],
    ["fewer rows of one", { xs: { ...xs, c: xs.c.slice(1) }, ts }, "bad-shape", '"x" has 53 and "c" 52'],
    ["weights of fewer rows", { xs, ts, sampleWeights: [1, 2] }, "bad-shape", "53 numbers"],
    ["a mask as a number", { xs, ts, mask: 3 }, "bad-option", "3"],
  ])("refuses data that is %s, as fit does", async (_, given, code, words) => {
    const error = await rejection(crossValidate(() => make(), wrong(given)));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect((await rejection(make().fit(wrong(given), { validation: 0.5 }))).code).toBe(code);
  });

  it.each([null, 3])("refuses %s as options", async (given) => {
    expect((await rejection(crossValidate(() => make(), data, wrong(given)))).code).toBe("bad-option");
  });
});
