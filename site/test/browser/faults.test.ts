// The playground after faults and haste: damaged links, other sizes, and edits one after another while it trains.

import { describe, expect, it } from "vitest";
import { useSite } from "../support/browser.ts";
import { layer, pause, ready, step } from "../support/lab.ts";

const open = useSite();
const timeout = 120_000;
const soon = { timeout: 60_000 };

describe("the playground", () => {
  it("trains its first graph after a damaged link", { timeout }, async () => {
    const { page } = await open("#1.abcdef!!");
    await page.getByText("The link can't be read").first().waitFor();
    await ready(page);
    await page.locator(".run").click();
    await expect.poll(() => step(page), soon).toBeGreaterThan(0);
    await page.context().close();
  });

  it("trains on through edits that follow one another", { timeout }, async () => {
    const { page, errors } = await open("", { viewport: { width: 1440, height: 900 } });
    await ready(page);
    await page.locator(".run").click();
    await expect.poll(() => step(page), soon).toBeGreaterThan(20);
    await layer(page, "h1").locator(".head").click();
    // The next click comes before the worker has opened the edit of the one before.
    await page.getByRole("button", { name: "One unit more" }).evaluate(async (button: HTMLButtonElement) => {
      for (let count = 0; count < 4; count++) {
        button.click();
        await new Promise((resolve) => setTimeout(resolve));
      }
    });
    await layer(page, "h1").getByText("10").waitFor();
    const before = await step(page);
    await expect.poll(() => step(page), soon).not.toBe(before);
    await pause(page);
    expect(errors.filter((text) => !text.includes("404"))).toEqual([]);
    await page.context().close();
  });
});
