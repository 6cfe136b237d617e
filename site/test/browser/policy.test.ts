// The pages keep their policy: no inline script, nothing from elsewhere, and no refusal by the browser, under any path.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { policy } from "../../.vitepress/policy.ts";
import { launch, visit } from "../support/browser.ts";
import { dist, serve } from "../support/server.ts";

const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".html"),
);

describe("the built pages", () => {
  it.each(files)("have the policy, and no script or handler inside: %s", (file) => {
    const text = readFileSync(join(dist, file), "utf8");
    expect(text).toContain(`<meta http-equiv="Content-Security-Policy" content="${policy}">`);
    // The policy stands before all that it is for.
    expect(text.indexOf("Content-Security-Policy")).toBeLessThan(text.search(/<(script|link|style)\b/));
    const tags = [...text.matchAll(/<[a-z][^>]*>/gi)].map(([tag]) => tag);
    expect(tags.filter((tag) => /^<script\b/i.test(tag) && !/ src="/.test(tag))).toEqual([]);
    expect(tags.filter((tag) => /^<[a-z][^"]*(?:"[^"]*"[^"]*)*\son\w+=/i.test(tag))).toEqual([]);
    expect(
      tags.filter(
        (tag) => /^<(script|link|img|iframe)\b/.test(tag) && /(src|href)="(https?:)?\/\//.test(tag),
      ),
    ).toEqual([]);
  });
});

describe.each(["/", "/a/b/"])("under %s", (path) => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    browser = await launch();
    site = await serve(path);
  });
  afterAll(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
  });

  it.each([
    "",
    "index.html",
    "guide/",
    "guide/first-graph.html",
    "reference/api/plexus-nn/classes/Graph.html",
  ])("/%s loads without an error", async (page) => {
    const { page: tab, errors } = await visit(browser, site.address + page);
    expect(await tab.title()).toContain("Plexus");
    expect(errors).toEqual([]);
    await tab.context().close();
  });

  it("links lead from page to page, also after the first one", async () => {
    const { page, errors } = await visit(browser, `${site.address}guide/first-graph.html`);
    const sidebar = page.getByRole("navigation", { name: "Sidebar" });
    await sidebar.getByRole("link", { name: "Errors" }).click();
    await page.getByRole("heading", { name: "Errors", level: 1 }).waitFor();
    expect(page.url()).toBe(`${site.address}errors.html`);
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Changelog" }).click();
    await page.waitForURL(`${site.address}changelog.html`);
    await page.getByRole("link", { name: "Plexus", exact: true }).first().click();
    await page.waitForURL(site.address);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("the search finds a page without a service", async () => {
    const { page, errors } = await visit(browser, `${site.address}errors.html`);
    await page.keyboard.press("Control+k");
    await page.locator("#localsearch-input").fill("early stopping");
    const result = page.locator(".result").first();
    await result.waitFor();
    await result.click();
    await page.waitForURL(/\.html#/);
    expect(page.url().startsWith(site.address)).toBe(true);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("the colours change by the switch, and stay", async () => {
    const { page, errors } = await visit(browser, `${site.address}errors.html`, {
      colorScheme: "light",
      viewport: { width: 1280, height: 900 },
    });
    const isDark = () => page.evaluate(() => document.documentElement.classList.contains("dark"));
    expect(await isDark()).toBe(false);
    await page.locator(".VPNavBarAppearance").getByRole("switch").click();
    expect(await isDark()).toBe(true);
    await page.reload();
    expect(await isDark()).toBe(true);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
