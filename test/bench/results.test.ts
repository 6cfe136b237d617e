// The pages of the benchmark and its pictures are made from the stored results.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { write } from "../../bench/report.js";
import { page, render } from "../../bench/summary.js";

const bench = fileURLToPath(new URL("../../bench/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "plexus-results-"));
afterAll(() => rmSync(folder, { recursive: true }));

mkdirSync(join(folder, "results"));
write(folder, (name: string) => {
  const path = join(bench, "results", `${name}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
});
const pictures = readdirSync(join(bench, "results")).filter((name) => name.endsWith(".svg"));

it.each(["RESULTS.md", ...pictures.map((name) => `results/${name}`)])("bench/%s is up to date", (name) => {
  expect(readFileSync(join(bench, name), "utf8")).toBe(readFileSync(join(folder, name), "utf8"));
});

it("all pictures are stored, each of less than 200 kB", () => {
  expect(readdirSync(join(folder, "results")).toSorted()).toEqual(pictures.toSorted());
  for (const name of pictures)
    expect(readFileSync(join(bench, "results", name)).length).toBeLessThan(200_000);
});

it("docs/benchmarks.md has the tables of the results; if not: node bench/summary.js", () => {
  const text = readFileSync(page, "utf8");
  expect(render(text)).toBe(text);
});
