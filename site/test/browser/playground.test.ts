// The playground as a person uses it: graphs drawn by mouse and by keyboard, links, files, refusals, and a divergence.

import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { useSite, type Visit } from "../support/browser.ts";
import {
  accuracy,
  code,
  drag,
  drop,
  layer,
  link,
  pause,
  ready,
  step,
  tab,
  trainOver,
} from "../support/lab.ts";

const open = useSite("/a/b/");

/** Opens the playground on a large screen. */
async function playground(hash = ""): Promise<Visit> {
  const visited = await open(hash, { viewport: { width: 1440, height: 900 }, acceptDownloads: true });
  await ready(visited.page);
  return visited;
}

const timeout = 240_000;
/** Patience on a loaded machine. */
const soon = { timeout: 60_000 };

describe("the playground", () => {
  it("learns by a graph with a skip that is drawn by mouse", { timeout }, async () => {
    const { page, errors } = await playground();
    await page.getByRole("button", { name: "Exclusive or" }).click();
    for (const name of ["h1", "h2"]) {
      await layer(page, name).locator(".head").click();
      await page.getByRole("button", { name: "Remove the layer" }).click();
    }
    const graph = (await page.locator(".graph").boundingBox())!;
    await page.mouse.dblclick(graph.x + graph.width * 0.5, graph.y + graph.height * 0.75);
    await layer(page, "h1").waitFor();
    await drag(page, "x", "h1");
    await drag(page, "h1", "y");
    await drag(page, "x", "y");
    await expect.poll(() => page.locator(".vue-flow__edge").count(), soon).toBe(3);
    await trainOver(page, 95);
    expect(await accuracy(page)).toBeGreaterThan(95);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("learns by a graph with a skip that is drawn by the keyboard alone", { timeout }, async () => {
    const { page } = await playground();
    await tab(page, '.vue-flow__node[data-id="h1"]');
    await page.keyboard.press("Delete");
    await tab(page, '.vue-flow__node[data-id="h2"]');
    await page.keyboard.press("Delete");
    await tab(page, '.vue-flow__node[data-id="x"]');
    await page.keyboard.press("a");
    await layer(page, "h1").waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute("data-id") === "h1");
    await page.keyboard.press("c");
    await page.locator(".hint", { hasText: "Connect h1 to y" }).waitFor();
    await page.keyboard.press("Enter");
    await tab(page, '.vue-flow__node[data-id="x"]');
    await page.keyboard.press("c");
    await page.keyboard.press("Enter");
    await page.keyboard.press("c");
    await page.keyboard.press("ArrowRight");
    await page.locator(".hint", { hasText: "Connect x to y" }).waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".vue-flow__edge").count(), soon).toBe(3);
    await tab(page, ".run");
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      () => Number.parseFloat(document.querySelector(".held-accuracy")?.textContent ?? "") > 95,
    );
    expect(await accuracy(page)).toBeGreaterThan(95);
    await page.context().close();
  });

  it("shows the same numbers to the last digit from a link, in a fresh profile", { timeout }, async () => {
    const { page } = await playground();
    await page.locator(".run").click();
    await expect.poll(() => step(page), soon).toBeGreaterThan(100);
    // A change of settings in training is a part of the link.
    await page.getByLabel("Rate as a number").fill("0.01");
    await page.getByLabel("Rate as a number").press("Enter");
    const before = await step(page);
    await expect.poll(() => step(page), soon).toBeGreaterThan(before + 50);
    await pause(page);
    const [steps, numbers, to] = [await step(page), await code(page), await link(page)];
    expect(numbers).toContain(`after ${steps} steps`);
    const other = await playground(new URL(to).hash);
    await expect.poll(() => step(other.page), soon).toBe(steps);
    expect(await code(other.page)).toBe(numbers);
    expect(other.errors).toEqual([]);
    await page.context().close();
    await other.page.context().close();
  });

  it("opens a file that it has saved", { timeout }, async () => {
    const { page } = await playground();
    await page.getByRole("button", { name: "Train one epoch" }).click();
    await expect.poll(() => step(page), soon).toBeGreaterThan(0);
    const numbers = await code(page);
    await page.getByRole("button", { name: "Share and save" }).click();
    for (const [format, name] of [
      ["safetensors", "model.safetensors"],
      ["Sketch", "sketch.plexus.json"],
    ] as const) {
      await page.getByRole("button", { name: format, exact: true }).click();
      const download = page.waitForEvent("download");
      await page.locator("dialog").getByRole("button", { name }).click();
      const path = await (await download).path();
      const other = await playground();
      await other.page.setInputFiles('input[aria-label="Open a file"]', {
        name,
        mimeType: "application/octet-stream",
        buffer: await readFile(path),
      });
      await other.page.locator('[role="status"]', { hasText: "is open" }).waitFor({ state: "attached" });
      const parameters = (text: string) => text.split("\n").filter((line) => line.includes("weights"));
      expect(parameters(numbers)).not.toEqual([]);
      expect(parameters(await code(other.page))).toEqual(parameters(numbers));
      await other.page.context().close();
    }
    await page.context().close();
  });

  it("takes a CSV file that is dropped, and learns its classes", { timeout }, async () => {
    const { page } = await playground();
    const rows = Array.from({ length: 120 }, (_, row) => {
      const [a, b] = [(row * 37) % 50, (row * 53) % 41];
      return `${a};${b},5;${row % 7};${a > b ? "yes" : "no"}`;
    });
    await drop(page, "fruit.csv", ["length;weight;age;ripe", ...rows].join("\n"));
    await layer(page, "ripe").waitFor();
    await page.getByRole("button", { name: "CSV table", pressed: true }).waitFor();
    expect(await page.getByLabel("Use of the column ripe").inputValue()).toBe("output");
    await trainOver(page, 90);
    // The unit has the share of the second class, and the text the one of the predicted class.
    expect(await layer(page, "ripe").locator(".bar").allTextContents()).toEqual(["yes"]);
    const texts = new Set<string>();
    for (let row = 1; row <= 8; row++) {
      await page.getByRole("button", { name: `Show row ${row}`, exact: true }).click();
      const text = page.locator("dd", { hasText: "predicted" }).first();
      const [, truth] = /true\s*(\w+)/.exec((await text.textContent()) ?? "")!;
      await expect
        .poll(() => text.textContent(), soon)
        .toMatch(new RegExp(`predicted\\s*${truth} \\((?:[5-9]\\d|100) %\\)`));
      texts.add(truth!);
    }
    expect([...texts].sort()).toEqual(["no", "yes"]);
    await page.context().close();
  });

  it("moves a layer by mouse and by arrow keys, without a new start of the training", {
    timeout,
  }, async () => {
    const { page } = await playground();
    await page.getByRole("button", { name: "Train one epoch" }).click();
    await expect.poll(() => step(page), soon).toBeGreaterThan(0);
    const steps = await step(page);
    const place = async () => (await layer(page, "h2").boundingBox())!;
    const before = await place();
    await page.mouse.move(before.x + 40, before.y + 12);
    await page.mouse.down();
    await page.mouse.move(before.x + 80, before.y + 92, { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => Math.round((await place()).y - before.y), soon).toBeGreaterThan(60);
    const moved = await place();
    await layer(page, "h2").focus();
    await page.keyboard.press("ArrowUp");
    await expect.poll(async () => (await place()).y, soon).toBeLessThan(moved.y);
    expect(await step(page)).toBe(steps);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(async () => Math.round((await place()).y), soon).toBe(Math.round(before.y));
    expect(await step(page)).toBe(steps);
    await page.context().close();
  });

  it("refuses a loop in the engine's words, and offers a delay", { timeout }, async () => {
    const { page } = await playground();
    await drag(page, "h2", "h1");
    const bubble = page.locator(".bubble");
    await bubble.getByText("delay").first().waitFor();
    expect(await bubble.getByRole("link").getAttribute("href")).toContain("errors.html#cycle");
    await bubble.getByRole("button", { name: "Connect with a delay" }).click();
    await page.locator(".label", { hasText: "z⁻¹" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => page.locator(".label", { hasText: "z⁻¹" }).count(), soon).toBe(0);
    await page.getByRole("button", { name: "Redo" }).click();
    await page.locator(".label", { hasText: "z⁻¹" }).waitFor();
    await page.context().close();
  });

  it("refuses a formula at its field, and takes the next one", { timeout }, async () => {
    const { page } = await playground();
    await page.getByRole("button", { name: "Function" }).click();
    const field = page.getByLabel("y =");
    await field.fill("sin(");
    await field.press("Enter");
    const bubble = page.locator(".panel.data .bubble");
    await bubble.waitFor();
    expect(await page.getByRole("button", { name: "Train one step" }).isDisabled()).toBe(true);
    // The button tells again why.
    await bubble.getByRole("button", { name: "Dismiss" }).click();
    await expect.poll(() => bubble.count(), soon).toBe(0);
    await page.locator(".run").click();
    await bubble.waitFor();
    await field.fill("cos(x)");
    await field.press("Enter");
    await page.locator(".run:enabled").waitFor();
    await expect.poll(() => page.locator(".bubble").count(), soon).toBe(0);
    await page.context().close();
  });

  it("says that training diverged, and goes back", { timeout }, async () => {
    const { page } = await playground();
    await page.getByRole("button", { name: "Function" }).click();
    await layer(page, "y").waitFor();
    await page.getByLabel("Optimizer").selectOption("sgd");
    await page.getByLabel("Rate as a number").fill("100000");
    await page.getByLabel("Rate as a number").press("Enter");
    await page.locator(".run").click();
    const banner = page.getByRole("alert");
    await banner.getByText("Training stopped at step").waitFor();
    expect(await banner.getByRole("link").getAttribute("href")).toContain("errors.html#diverged");
    await banner.getByRole("button", { name: "Go back" }).click();
    await expect.poll(() => banner.count(), soon).toBe(0);
    expect(await page.locator(".run").textContent()).toContain("Run");
    await page.context().close();
  });
});
