// Clip, Max and Min, near and far bounds, compared with onnxruntime.

import { fromOnnx } from "plexus-nn/onnx";
import { describe, expect, test } from "vitest";
import { expectClose } from "../../support/helpers.js";
import { judge } from "./judge.js";
import { input, model, node, tensor } from "./wire.js";

const LARGEST = 2 ** 128 - 2 ** 104;
const sizes = [0, 1e-9, 0.1, 1, 6, 16, 20, 50, 1000, 65504, 1e6, 1e9, 1e30];
const ends = [-Infinity, -LARGEST, ...sizes.map((size) => -size), ...sizes, LARGEST, Infinity];

/** Returns numbers near 0, and around some bounds, as far beyond them as they are from 0. */
function around(bounds: readonly number[]): number[] {
  const near = [0, 1e-12, 0.001, 0.3, 1, 1.7, 5, 9].flatMap((x) => [x, -x]);
  const finite = bounds.filter((bound) => Math.abs(bound) < 1e38);
  return [...near, ...finite.flatMap((bound) => [0.3, 0.999, 1, 1.001, 2].map((by) => by * bound))];
}

for (const precision of ["float64", "float32"] as const) {
  const kind = precision === "float64" ? "double" : "float";

  async function compare(op: string, names: readonly string[], bounds: Record<string, number>) {
    const values = around(Object.values(bounds));
    const file = model({
      inputs: [input("x", ["N", values.length], kind)],
      tensors: Object.entries(bounds).map(([name, bound]) => tensor(name, [], [bound], kind)),
      nodes: [node(op, ["x", ...names], ["y"])],
    });
    const wanted = (await judge(file, { x: [values] }, precision)).y!;
    const found = fromOnnx(file).predict({ x: values }).y!;
    expectClose(found, wanted, precision === "float64" ? 1e-14 : 5e-6, `${op} ${JSON.stringify(bounds)}`);
  }

  describe(`bounds in ${precision} hold as in onnxruntime`, () => {
    test.each(["Max", "Min"])("%s", async (op) => {
      const none = op === "Max" ? Infinity : -Infinity;
      for (const bound of ends) {
        if (bound !== none && bound !== Math.sign(none) * LARGEST) await compare(op, ["c"], { c: bound });
      }
    });

    test("Clip", async () => {
      for (const low of ends) {
        if (low === Infinity) continue;
        await compare("Clip", ["low"], { low });
        await compare("Clip", ["", "high"], { high: -low });
        for (const high of ends) if (low < high) await compare("Clip", ["low", "high"], { low, high });
      }
    });
  });
}

test("what lies between far bounds stays as it is", () => {
  const clip = (low: number, high: number) =>
    fromOnnx(
      model({
        tensors: [tensor("low", [], [low]), tensor("high", [], [high])],
        nodes: [node("Clip", ["x", "low", "high"], ["y"])],
      }),
    );
  const x = Float32Array.of(0.1, -3e-9, 1234.5, -65000);
  expect([...clip(-65504, 65504).predict({ x }).y!]).toEqual([...x]);
  expect([...clip(-1e30, 1e30).predict({ x }).y!]).toEqual([...x]);
  expect(clip(-Infinity, Infinity).layers.map(({ name }) => name)).toEqual(["x", "y"]);
});
