// Chromium for tests: Debian's, or the one that CHROMIUM names.

import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

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
