// The table of state matrices: its rows are the matrices of assembly/abi.ts, and views have their rows.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { matrices } from "../../src/memory/matrices.js";
import { LayerStates } from "../../src/memory/states.js";
import { membersOf, textOf } from "../support/core.js";

/** Returns the words of a record that point to a matrix with a row, or a number, for each row of a call. */
function matrixWords(record: "LayerWord" | "SynapseWord"): string[] {
  const body = new RegExp(`enum ${record} \\{([^}]*)\\}`).exec(textOf("abi.ts"))![1]!;
  const words = [...body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+(\w+),/g)];
  return words.filter(([, comment]) => /^[\s*]*\(rows/.test(comment!)).map(([, , word]) => word!);
}

/** The matrices with rows for the steps before a sequence, or with one row. */
const others = ["past", "begun", "dpast", "sums"];

describe("the table of state matrices", () => {
  it("has a row for each matrix of the core, but for the output that each pass sets", () => {
    const words = matrixWords("LayerWord").filter((word) => word !== "output");
    const all = [...words, ...matrixWords("SynapseWord"), ...others];
    expect(Object.keys(matrices).toSorted()).toEqual(all.toSorted());
  });

  it.each(Object.entries(matrices))("writes %s to the word of that name", (name, row) => {
    if ("word" in row) expect(row.word).toBe(membersOf("LayerWord").indexOf(name));
    else expect(row.factorWord).toBe(membersOf("SynapseWord").indexOf(name));
  });

  it("has the pointers of a layer's states, and each room that these are enlarged in", () => {
    const { rows, room, times, isTimed, widths, ...pointers } = new LayerStates();
    expect([rows, times, isTimed, widths]).toEqual([0, undefined, false, {}]);
    expect(Object.keys(pointers).toSorted()).toEqual(Object.keys(matrices).toSorted());
    const rooms = new Set(Object.values(matrices).map((row) => row.room));
    expect(new Set(Object.keys(room))).toEqual(rooms);
  });
});

it("views of a layer keep their rows while a larger batch is bound and refused", () => {
  const graph = new Graph({ seed: 1, inputs: { x: 2 }, hidden: { h: 3 }, outputs: { y: 1 } });
  graph.connect("x", "h");
  graph.connect("h", "y");
  graph.predict({ x: [1, 2] });
  const before = [...graph.layer("h").pre, ...graph.layer("h").post];
  const refused = Float64Array.from({ length: 40 }, (_, i) => (i === 39 ? Number.NaN : i));
  expect(() => graph.predict({ x: refused })).toThrow("NaN");
  expect([...graph.layer("h").pre, ...graph.layer("h").post]).toEqual(before);
});
