// Parts of the playground that need a browser: synapses by the keyboard.

import { describe, expect, it } from "vitest";
import { useSite, type Visit } from "../support/browser.ts";
import { layer, ready } from "../support/lab.ts";

const open = useSite();
const timeout = 120_000;
/** Patience on a loaded machine. */
const soon = { timeout: 60_000 };

/** Opens the playground on a large screen. */
async function playground(): Promise<Visit> {
  const visited = await open("", { viewport: { width: 1440, height: 900 } });
  await ready(visited.page);
  return visited;
}

describe("a synapse", () => {
  it("follows its source by the Tab key, has a name, opens its form and is removed", {
    timeout,
  }, async () => {
    const { page, errors } = await playground();
    await layer(page, "h1").focus();
    await page.keyboard.press("Tab");
    const button = page.locator(":focus");
    expect(await button.getAttribute("aria-label")).toBe("Synapse from h1 to h2, dense");
    // The focus can be seen: at the button, and along the way.
    await expect.poll(() => button.evaluate((element) => getComputedStyle(element).opacity), soon).toBe("1");
    expect(await page.locator(".ring.focused").count()).toBe(1);
    await page.keyboard.press("Enter");
    await page.locator("#inspector-title:focus", { hasText: "Synapse" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    expect(await page.locator(".inspector :focus").textContent()).toBe("h1");
    await page.keyboard.press("Escape");
    expect(await page.locator(":focus").getAttribute("aria-label")).toBe("Synapse from h1 to h2, dense");
    const before = await page.locator(".vue-flow__edge").count();
    await page.keyboard.press("Delete");
    await expect.poll(() => page.locator(".vue-flow__edge").count(), soon).toBe(before - 1);
    expect(await page.locator(":focus").getAttribute("data-id")).toBe("h1");
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("is reached in the order of the layers, each before its synapses", { timeout }, async () => {
    const { page } = await playground();
    await layer(page, "x").focus();
    const names: string[] = [];
    for (let count = 0; count < 8; count++) {
      names.push((await page.locator(":focus").getAttribute("aria-label")) ?? "");
      await page.keyboard.press("Tab");
    }
    expect(names.map((name) => name.replace(/[:,].*/, ""))).toEqual([
      "Layer x",
      "Synapse from x to h1",
      "Layer h1",
      "Synapse from h1 to h2",
      "Synapse from h1 to y",
      "Layer h2",
      "Synapse from h2 to y",
      "Layer y",
    ]);
    await page.context().close();
  });
});
