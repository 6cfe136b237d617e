// The examples run as a user runs them, without a terminal: plain lines of at most 80 columns.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

function run(...words: string[]): string {
  return execFileSync(process.execPath, words, { cwd: root, encoding: "utf8" });
}

describe("the digits", () => {
  const text = run("examples/digits.js", "--quick");

  it("are shown in plain lines of 80 columns", () => {
    for (const line of text.split("\n")) expect([...line].length, line).toBeLessThanOrEqual(80);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });

  it("draw the graph, learn, and survive saving", () => {
    for (const name of ["pixels", "coarse", "digit", "even"]) expect(text).toContain(name);
    expect(text).toContain("bit for bit");
    const right = /([\d,]+) of the ([\d,]+) digits kept apart are right/.exec(text);
    const [hits, all] = right!.slice(1).map((count) => Number(count.replaceAll(",", "")));
    expect(hits! / all!).toBeGreaterThan(0.3);
  });

  it("come out the same every time", () => {
    const lasting = (output: string) =>
      output.split("\n").filter((line) => !/samples\/s|samples a second|Saved to/.test(line));
    const costs = (output: string) => lasting(output).map((line) => line.replace(/[\d,]+$/, ""));
    expect(costs(run("examples/digits.js", "--quick"))).toEqual(costs(text));
  });
});
