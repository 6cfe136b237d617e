// The shape of a layer: which sizes and shapes are read, and their parts.

import { describe, expect, it } from "vitest";
import { GraphError } from "../../src/base/error.js";
import { plain } from "../../src/base/plain.js";
import { channels, extents, positions, readShape, spellShape } from "../../src/rules/shape.js";

/** Returns the message of the refusal of a size. */
function refusal(given: unknown): string {
  try {
    readShape(plain(given, "bad-size", 'The size of "x"'), 'The size of "x"');
  } catch (error) {
    if (error instanceof GraphError && error.code === "bad-size") return error.message;
    throw new Error("another error was thrown", { cause: error });
  }
  throw new Error("nothing was thrown");
}

describe("a shape", () => {
  it.each([
    [5, [5], 5, 1, [1, 1], "5"],
    [[5], [5], 5, 1, [1, 1], "5"],
    [[6, 5], [6, 5], 5, 6, [6], "6 × 5"],
    [[7, 6, 5], [7, 6, 5], 5, 42, [7, 6], "7 × 6 × 5"],
    [2 ** 32 - 1, [2 ** 32 - 1], 2 ** 32 - 1, 1, [1, 1], "4294967295"],
  ])("of %j is read", (given, shape, depth, places, axes, text) => {
    const read = readShape(given, "The size");
    expect(read).toEqual(shape);
    expect(Object.isFrozen(read)).toBe(true);
    expect(channels(read)).toBe(depth);
    expect(positions(read)).toBe(places);
    expect(extents(read, axes.length)).toEqual(axes);
    expect(spellShape(read)).toBe(text);
  });

  it("is a copy", () => {
    const given = [3, 2];
    expect(readShape(given, "The size")).not.toBe(given);
    expect(Object.isFrozen(given)).toBe(false);
  });

  const hole = new Array(2);
  const values = [
    ...[0, -1, 1.5, NaN, Infinity, 2 ** 32, "5", 5n, null, undefined, true, {}, () => 5, Symbol("5"), new Date(0)],
    ...[[], [1, 1, 1, 1], [0], [2, 0], [2, -1], [2, 1.5], [2, NaN], [2, "2"], [2, 2n], [2, null], [2, [2]], hole],
    ...[[65_536, 65_536], [2 ** 32 - 1, 2], [2 ** 16, 2 ** 15, 2], [2, 1e300], new Array(2 ** 32 - 1), new Int32Array(2)],
  ]; // biome-ignore format: lists

  it("of other values is refused", () => {
    for (const value of values) expect(refusal(value)).toContain('The size of "x" is ');
  });

  it("is refused with a message that tells the rule", () => {
    expect(refusal(0)).toBe(
      'The size of "x" is a whole number of units, from 1 to 4294967295, or a shape in an array, not 0.',
    );
    expect(refusal([3, 0.5])).toBe(
      'The size of "x" is one to three whole numbers, each at least 1, not [3, 0.5].',
    );
    expect(refusal([1, 2, 3, 4])).toBe(
      'The size of "x" is one to three whole numbers, each at least 1, not an array of 4.',
    );
    expect(refusal([65_536, 65_536])).toBe(
      'The size of "x" is a shape of at most 4294967295 units, not [65536, 65536].',
    );
  });
});
