// The look of the playground: accessibility in both schemes, frames while it trains, and pictures for people.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useSite, type Visit } from "../support/browser.ts";
import { ready, step } from "../support/lab.ts";

const shots = fileURLToPath(new URL("../shots", import.meta.url));
const timeout = 240_000;
const open = useSite();

beforeAll(async () => {
  await mkdir(shots, { recursive: true });
});

async function playground(colorScheme: "light" | "dark", width: number, height = 900): Promise<Visit> {
  const visited = await open("", { viewport: { width, height }, colorScheme, bypassCSP: true });
  await ready(visited.page);
  return visited;
}

/** Returns the findings of axe in the playground, each with its elements. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run(".lab");
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
    );
  });
}

describe.each(["light", "dark"] as const)("the playground in %s", (scheme) => {
  it("has nothing that axe finds, in any of its states", { timeout }, async () => {
    const { page } = await playground(scheme, 1440);
    expect(await findings(page)).toEqual([]);
    await page.locator('.vue-flow__node[data-id="h1"] .head').click();
    expect(await findings(page)).toEqual([]);
    await page.locator(".links .button", { hasText: "h2" }).click();
    expect(await findings(page)).toEqual([]);
    for (const data of ["Function", "Digits", "Iris", "Time series", "Characters", "CSV table"]) {
      await page.getByRole("button", { name: data, exact: true }).click();
      await page.getByRole("button", { name: data, exact: true, pressed: true }).waitFor();
      await page.locator(".lab .run:enabled").waitFor();
      expect(await findings(page), data).toEqual([]);
    }
    await page.getByRole("button", { name: "Share and save" }).click();
    await page.getByRole("button", { name: "Plexus, declared" }).click();
    await page.locator("dialog pre", { hasText: "new Graph" }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.context().close();
  });

  it.each([360, 1440, 1600])("fits a screen of %i pixels", { timeout }, async (width) => {
    const { page, errors } = await playground(scheme, width, width === 360 ? 780 : 900);
    await page.locator(".run").click();
    await expect.poll(() => step(page), { timeout: 100_000 }).toBeGreaterThan(400);
    await page.screenshot({ path: `${shots}/${scheme}-${width}.png`, fullPage: width === 360 });
    // Nothing is wider than the screen.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe("the playground in training", () => {
  it("keeps drawing", { timeout }, async () => {
    const { page } = await playground("light", 1440);
    await page.getByLabel("Speed").selectOption("Full speed");
    await page.locator(".run").click();
    await expect.poll(() => step(page), { timeout: 100_000 }).toBeGreaterThan(0);
    const before = await step(page);
    const frames = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const begun = performance.now();
          let count = 0;
          const next = () => {
            count++;
            const time = performance.now() - begun;
            if (time < 3000) requestAnimationFrame(next);
            else resolve((1000 * count) / time);
          };
          requestAnimationFrame(next);
        }),
    );
    console.log(`${frames.toFixed(1)} frames a second while training`);
    // A loaded machine draws fewer; a page that waits for its worker would draw almost none.
    expect(frames).toBeGreaterThan(5);
    expect(await step(page)).toBeGreaterThan(before);
    await page.context().close();
  });
});
