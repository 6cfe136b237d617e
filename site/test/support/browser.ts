// Chromium for tests: Debian's, or the one that CHROMIUM names.

import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { type Site, serve } from "./server.ts";

/** Starts a browser without a window. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

export interface Visit {
  readonly page: Page;
  /** Errors of the page so far: of its console, uncaught ones, refusals of the policy, and files that aren't there. */
  readonly errors: readonly string[];
}

/** Opens a page in a fresh profile, and records its errors. */
export async function visit(
  browser: Browser,
  address: string,
  options?: BrowserContextOptions,
): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("response", (response) => {
    if (response.status() >= 400) errors.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(address, { waitUntil: "networkidle" });
  return { page, errors };
}

/**
 * Serves the built site under a path, and starts a browser, for the tests of a file. Returns the function that opens a page of the
 * site in a fresh profile. SITE is the address of a server in use, such as that of `npm run site`.
 */
export function useSite(path = "/"): (page?: string, options?: BrowserContextOptions) => Promise<Visit> {
  let browser: Browser;
  let site: Site | undefined;
  beforeAll(async () => {
    browser = await launch();
    site = process.env.SITE === undefined ? await serve(path) : undefined;
  });
  afterAll(async () => {
    await browser.close();
    await site?.[Symbol.asyncDispose]();
  });
  return (page = "", options = {}) => visit(browser, `${process.env.SITE ?? site!.address}${page}`, options);
}
