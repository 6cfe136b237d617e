// The built pages as people see them: pictures in the chosen colours, nothing wider than a telephone, a way back from lost addresses.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, visit } from "../support/browser.ts";
import { dist, serve } from "../support/server.ts";

const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).map((name) =>
  name.replaceAll("\\", "/"),
);

let browser: Browser;
let site: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  browser = await launch();
  site = await serve("/a/b/");
});
afterAll(async () => {
  await browser.close();
  await site[Symbol.asyncDispose]();
});

describe("the pictures", () => {
  it("don't depend on the colours of the system", () => {
    const pictures = files.filter((name) => /^assets\/.*\.svg$/.test(name));
    expect(pictures.length).toBeGreaterThan(20);
    const dependent = pictures.filter((name) =>
      readFileSync(join(dist, name), "utf8").includes("prefers-color-scheme"),
    );
    expect(dependent).toEqual([]);
  });

  it("change by the switch", async () => {
    const { page } = await visit(browser, `${site.address}guide/first-graph.html`, {
      colorScheme: "light",
      viewport: { width: 1280, height: 900 },
    });
    const shown = () =>
      page
        .locator(".vp-doc img:visible")
        .evaluateAll((images) => (images as HTMLImageElement[]).map(({ src }) => src.includes(".dark.")));
    expect(await shown()).toEqual([false, false]);
    await page.locator(".VPNavBarAppearance").getByRole("switch").click();
    expect(await shown()).toEqual([true, true]);
    await page.context().close();
  });
});

describe("a lost address", () => {
  it.each(["none.html", "guide/none.html", "x/y/z/"])("%s leads back to the site", async (path) => {
    const { page } = await visit(browser, site.address + path);
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await page.getByRole("link", { name: "Guide" }).click();
    await page.waitForURL(`${site.address}guide/index.html`);
    await page.context().close();
  });
});

describe("a telephone", () => {
  const pages = files.filter((name) => name.endsWith(".html"));
  it("has room for every page", { timeout: 600_000 }, async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 800 } });
    const page = await context.newPage();
    const wide: string[] = [];
    for (const name of pages) {
      await page.goto(site.address + name);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 360) wide.push(`${name}: ${width}`);
    }
    expect(wide).toEqual([]);
    await context.close();
  });
});
