// The built pages as people see them: pictures in the chosen colours, nothing wider than a telephone, a way back from lost addresses.
// The search leads first to the page that explains a thing.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useSite } from "../support/browser.ts";
import { dist } from "../support/server.ts";

const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).map((name) =>
  name.replaceAll("\\", "/"),
);

const open = useSite("/a/b/");

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
    const { page } = await open("guide/first-graph.html", {
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
    const { page } = await open(path);
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await page.getByRole("link", { name: "Guide" }).click();
    await page.waitForURL("**/a/b/guide/index.html");
    await page.context().close();
  });
});

describe("a telephone", () => {
  const pages = files.filter((name) => name.endsWith(".html"));
  it("has room for every page", { timeout: 600_000 }, async () => {
    const { page } = await open("faq.html", { viewport: { width: 360, height: 800 } });
    const root = new URL(".", page.url());
    const wide: string[] = [];
    for (const name of pages) {
      await page.goto(new URL(name, root).href);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 360) wide.push(`${name}: ${width}`);
    }
    expect(wide).toEqual([]);
    await page.context().close();
  });
});

describe("the search", () => {
  const questions = [
    ["learning rate", "guide/training.html#learning-rate-and-batch-size"],
    ["early stopping", "guide/training.html#early-stopping"],
    ["overfitting", "guide/training.html#early-stopping"],
    ["web worker", "guide/training.html#in-a-web-worker"],
    ["save model", "guide/saving.html#save-as-bytes"],
    ["normalize data", "guide/data.html#scale-the-data"],
    ["loss function", "guide/activations-and-losses.html#activations-and-losses"],
    ["LSTM", "guide/recurrent.html#lstm-and-gru"],
    ["dispose memory", "guide/memory.html#giving-it-back"],
    ["NaN", "faq.html#where-does-nan-come-from"],
    ["CSV", "recipes/csv.html#a-classifier-from-a-csv"],
    ["brain.js", "migrate.html#brainjs"],
    ["Keras", "from/tfjs-keras.html#from-tensorflowjs-and-keras"],
    ["export ONNX", "onnx.html#export"],
    ["convolution", "shapes.html#"],
  ] as const;

  it("leads first to the page that explains a thing", async () => {
    const { page } = await open("faq.html");
    await page.keyboard.press("Control+k");
    const box = page.locator("#localsearch-input");
    for (const [question, address] of questions) {
      await box.fill(question);
      const first = () => page.locator(".result").first().getAttribute("href");
      await expect.poll(first, { message: question, timeout: 10_000 }).toContain(address);
    }
    await page.context().close();
  });
});
