// Work in slices: all at once, or with rests, which may cut it short.

import { describe, expect, it } from "vitest";
import { atOnce, inSlices, Slices } from "../../src/base/slices.js";

const SLICE = 2 ** 18;

/** Notes the bounds of all parts of some counts. Returns their number; notes the end in any case. */
function* work(counts: readonly number[], notes: unknown[]): Generator<void, number> {
  const slices = new Slices();
  let parts = 0;
  try {
    for (const count of counts) {
      yield* slices.over(count, (from, to) => {
        parts++;
        notes.push([from, to]);
      });
    }
    return parts;
  } finally {
    notes.push("end");
  }
}

describe("work in slices", () => {
  it("is cut at each slice of all numbers", async () => {
    const notes: unknown[] = [];
    const rest = async () => void notes.push("rest");
    const parts = await inSlices(work([10, 2 * SLICE, 0, SLICE - 10], notes), rest);
    expect(notes).toEqual([
      ...[
        [0, 10],
        [0, SLICE - 10],
        "rest",
        [SLICE - 10, 2 * SLICE - 10],
        "rest",
        [2 * SLICE - 10, 2 * SLICE],
      ],
      ...[[0, SLICE - 10], "rest", "end"],
    ]);
    expect(parts).toBe(5);
    expect(atOnce(work([10, SLICE], []))).toBe(3);
  });

  it("that is small is done at once", () => {
    const notes: unknown[] = [];
    inSlices(work([10, 20], notes), async () => {});
    expect(notes).toEqual([[0, 10], [0, 20], "end"]);
  });

  it("ends where a rest throws", async () => {
    const notes: unknown[] = [];
    const rest = async () => {
      throw new Error("enough");
    };
    await expect(inSlices(work([3 * SLICE], notes), rest)).rejects.toThrow("enough");
    expect(notes).toEqual([[0, SLICE], "end"]);
  });
});
