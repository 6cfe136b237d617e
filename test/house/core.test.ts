// The format of the core, by rules of its own, since the formatter can't read AssemblyScript's decorators.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root, textOf } from "../support/pages.js";

/** Returns the faults of a file, line by line. */
function faultsOf(file: string): string[] {
  const text = textOf(file);
  const lines = text.split("\n").flatMap((line, i) => {
    const faults: string[] = [];
    if (/\t/.test(line)) faults.push("a tab");
    if (/\s$/.test(line)) faults.push("a blank at the end");
    if (line.length > 130) faults.push(`${line.length} columns`);
    return faults.map((fault) => `${file}:${i + 1}: ${fault}`);
  });
  return text.endsWith("\n") ? lines : [...lines, `${file}: no newline at the end`];
}

it("the core has lines of at most 130 columns, without tabs, and without blanks at their ends", () => {
  const files = readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join("assembly", file));
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap(faultsOf)).toEqual([]);
});
