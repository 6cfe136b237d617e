// Pages of every kind have no fault that axe finds, in both colour schemes and at the width of a telephone.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { useSite } from "../support/browser.ts";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Returns the faults of a page, each with its first elements. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(source);
  return page.evaluate(async () => {
    type Result = { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
    const { axe } = globalThis as unknown as { axe: { run(): Promise<Result> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}: ${failureSummary}`),
    );
  });
}

const pages = [
  "index.html",
  "guide/first-graph.html",
  "recipes/csv.html",
  "overview.html",
  "errors.html",
  "mathematics.html",
  "reference.html",
  "reference/api/index.html",
  "reference/api/plexus-nn/classes/Graph.html",
  "benchmarks.html",
  "changelog.html",
];

describe.each(["light", "dark"] as const)("axe, %s", (colorScheme) => {
  const open = useSite();

  it.each(pages)("finds nothing on %s", async (path) => {
    const { page } = await open(path, {
      colorScheme,
      reducedMotion: "reduce",
      viewport: { width: 1280, height: 900 },
    });
    expect(await faults(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await faults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.context().close();
  });

  it("finds nothing in the search and in a program's output", async () => {
    const { page } = await open("errors.html", {
      colorScheme,
      reducedMotion: "reduce",
    });
    const program = page.locator(".program").first();
    await program.getByRole("button", { name: "Run" }).click();
    await program.getByRole("log").waitFor();
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press("Control+k");
    await page.locator("#localsearch-input").fill("rate");
    await page.locator(".result").first().waitFor();
    expect(await faults(page)).toEqual([]);
    await page.context().close();
  });
});
