// Refusals of `fit`: it rejects, and leaves the graph as it was, or as it was before the step that failed.

import { describe, expect, it } from "vitest";
import { everything, rejection, wrong } from "../support/helpers.js";
import { data, make, only, parameters, ROWS, ts, xs } from "../support/training.js";

describe("a refusal", () => {
  const z = { z: ts.z };
  const cases: readonly (readonly [string, unknown, unknown, string, ...string[]])[] = [
    ...[0, -1, 1.5, Number.NaN, "3", null, 2n, Number.POSITIVE_INFINITY].flatMap((count) => [
      [`${typeof count} ${count} epochs`, data, { epochs: count }, "bad-option", "epochs"] as const,
      [`batches of ${typeof count} ${count}`, data, { batchSize: count }, "bad-option", "batchSize"] as const,
    ]),
    ["shuffle as text", data, { shuffle: "yes" }, "bad-option", "shuffle", '"yes"'],
    ["onEpoch as text", data, { onEpoch: "log" }, "bad-option", "onEpoch"],
    ["a misspelt option", data, { epoch: 3 }, "bad-option", '"epoch"', '"epochs"'],
    ...[{}, [], () => 1].flatMap((target) => {
      const { proxy, revoke } = Proxy.revocable(target, {});
      revoke();
      const name = `a revoked ${Array.isArray(target) ? "array" : typeof target}`;
      return ["metrics", "scale", "resume", "checkpoint"].map(
        (option) => [`${name} as ${option}`, data, { [option]: proxy }, "bad-option"] as const,
      );
    }),
    ["options as a number", data, 3, "bad-option", "3"],
    ["no data", undefined, {}, "bad-shape"],
    ["null as data", null, {}, "bad-shape"],
    ["no inputs", { ts }, {}, "missing-input"],
    ["an input missing", { xs: { x: xs.x }, ts }, {}, "missing-input", '"c"'],
    ["no targets", { xs }, {}, "missing-target"],
    ["empty targets", { xs, ts: {} }, {}, "missing-target"],
    ["a misspelt input", { xs: { ...xs, cc: [1] }, ts }, {}, "unknown-layer", '"cc"', '"c"'],
    ["a misspelt target", { xs, ts: { w: ts.z } }, {}, "unknown-layer", '"w"'],
    ["a hidden target", { xs, ts: { h: [1] } }, {}, "not-an-output", '"h"'],
    ["rows that disagree", { xs: { ...xs, c: [1] }, ts: z }, {}, "bad-shape", '"c"'],
    ["no rows", { xs: { x: [], c: [] }, ts: { z: [] } }, {}, "bad-shape"],
    ["a hole", { xs: { ...xs, c: new Array(ROWS) }, ts: z }, {}, "bad-shape", "hole"],
    ["a string", { xs, ts: { z: [...ts.z.slice(1), ["0"]] } }, {}, "bad-shape", '"0"', "row 52"],
  ];

  for (const [name, given, options, code, ...mentions] of cases) {
    it(`of ${name} rejects, and nothing has changed`, async () => {
      const graph = make();
      graph.predict({ x: [1, 2, 3, 4], c: [5] });
      const before = everything(graph);
      const error = await rejection(graph.fit(wrong(given), wrong(options)));
      expect(`${error.code}: ${error.message}`).toContain(`${code}: `);
      for (const mention of mentions) expect(error.message).toContain(mention);
      expect(everything(graph)).toBe(before);
    });
  }

  it.each([
    [
      "a NaN in the last row",
      { xs: { ...xs, c: [...xs.c.slice(1), [Number.NaN]] }, ts },
      "not-finite",
      '"c"',
    ],
    [
      "an infinite target in the last row",
      { xs, ts: { z: [...ts.z.slice(1), [Number.POSITIVE_INFINITY]] } },
      "not-finite",
      '"z"',
    ],
    [
      "a target outside [0, 1] in the last row",
      { xs, ts: { y: [...ts.y.slice(1), [0, 2, 0]] } },
      "bad-target",
      '"y"',
    ],
  ])("of %s comes before any step, and names the row of the data", async (_, given, code, name) => {
    const graph = make();
    const before = everything(graph);
    const error = await rejection(graph.fit(given as typeof data, { batchSize: 8, epochs: 2 }));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(name)]);
    expect(error.message).toContain("row 52");
    expect(everything(graph)).toBe(before);
  });

  it("by a callback rejects with what it threw", async () => {
    const graph = make();
    const oops = new Error("oops");
    const run = graph.fit(data, {
      epochs: 3,
      onEpoch: () => {
        throw oops;
      },
    });
    await expect(run).rejects.toBe(oops);
    expect(graph.train(xs, ts)).toBeGreaterThan(0);
  });

  it("by divergence keeps the parameters before the step that failed", async () => {
    const [graph, other] = [make(), make()];
    const spoilt = { xs, ts: { z: ts.z.map((row, r) => (r === 50 ? [1e200] : row)) } };
    const run = graph.fit(spoilt, { batchSize: 8, shuffle: false });
    const error = await rejection(run);
    expect([error.code, run.history.steps]).toEqual(["diverged", 6]);
    expect(error.message).toContain("batch 7");
    for (let first = 0; first < 48; first += 8) {
      const batch = only(Array.from({ length: 8 }, (_, i) => first + i));
      other.train(batch.xs, { z: batch.ts.z });
    }
    expect(parameters(graph)).toBe(parameters(other));
  });
});
