// The playground on a telephone: the drawing leads down, and fingers do all that a mouse does.

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { useSite, type Visit } from "../support/browser.ts";
import { layer, link, ready } from "../support/lab.ts";
import { line, middle, swipe, telephone } from "../support/touch.ts";

const open = useSite();
const timeout = 120_000;
/** Patience on a loaded machine. */
const soon = { timeout: 60_000 };
const desk = { viewport: { width: 1440, height: 900 } };

/** Opens the playground on a telephone, or on another screen. */
async function playground(hash = "", options = telephone): Promise<Visit> {
  const visited = await open(hash, options);
  await ready(visited.page);
  return visited;
}

/** Returns the places of the first graph's layers on the screen. */
async function places(page: Page) {
  const names = ["x", "h1", "h2", "y"];
  return Promise.all(names.map(async (name) => middle(layer(page, name))));
}
const rises = (values: readonly number[]) =>
  values.every((value, place) => place === 0 || value > values[place - 1]!);

/** Opens the panel of a tab. */
async function panel(page: Page, name: string): Promise<void> {
  await page.getByRole("tab", { name }).tap();
}

describe("a drawing on a telephone", () => {
  it("leads down, in boxes that fill the width, and to the right on a desk", { timeout }, async () => {
    const { page, errors } = await playground();
    expect(rises((await places(page)).map(({ y }) => y))).toBe(true);
    const { width } = (await layer(page, "h1").boundingBox())!;
    expect(width).toBeGreaterThan(180);
    const to = await link(page);
    const other = await playground(new URL(to).hash, desk);
    expect(rises((await places(other.page)).map(({ x }) => x))).toBe(true);
    const back = await playground(new URL(await link(other.page)).hash);
    expect(await places(back.page)).toEqual(await places(page));
    expect(errors).toEqual([]);
    for (const visited of [page, other.page, back.page]) await visited.context().close();
  });

  it("turns with the screen, unless a layer was moved", { timeout }, async () => {
    const { page } = await playground("", desk);
    await page.setViewportSize({ width: 400, height: 800 });
    await expect.poll(async () => rises((await places(page)).map(({ y }) => y)), soon).toBe(true);
    await page.setViewportSize({ width: 1440, height: 900 });
    await expect.poll(async () => rises((await places(page)).map(({ x }) => x)), soon).toBe(true);
    await layer(page, "h2").focus();
    await page.keyboard.press("ArrowDown");
    await page.setViewportSize({ width: 400, height: 800 });
    await page.locator(".tabs").waitFor();
    expect(rises((await places(page)).map(({ x }) => x))).toBe(true);
    // The button lays it out for the screen.
    await page.getByRole("button", { name: "Arrange the layers" }).click();
    await expect.poll(async () => rises((await places(page)).map(({ y }) => y)), soon).toBe(true);
    await page.context().close();
  });
});

describe("fingers", () => {
  it("add a layer, join it to others, and move it", { timeout }, async () => {
    const { page, errors } = await playground();
    await page.getByRole("button", { name: "Layer", exact: true }).tap();
    await layer(page, "h3").waitFor();
    const edges = page.locator(".vue-flow__edge");
    const before = await edges.count();
    await swipe(
      page,
      line(await middle(layer(page, "x").locator(".handle.source")), await middle(layer(page, "h3"))),
    );
    await expect.poll(() => edges.count(), soon).toBe(before + 1);
    await swipe(
      page,
      line(await middle(layer(page, "h3").locator(".handle.source")), await middle(layer(page, "y"))),
    );
    await expect.poll(() => edges.count(), soon).toBe(before + 2);
    const start = await middle(layer(page, "h3").locator(".head"));
    await swipe(page, line(start, { x: start.x - 20, y: start.y + 60 }));
    await expect
      .poll(async () => Math.round((await middle(layer(page, "h3").locator(".head"))).y - start.y), soon)
      .toBeGreaterThan(25);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("pinch the drawing larger", { timeout }, async () => {
    const { page } = await playground();
    const width = async () => (await layer(page, "h1").boundingBox())!.width;
    const before = await width();
    const { x } = await middle(page.locator(".graph"));
    // Between the boxes: a finger on a box would move it.
    const box = (await page.locator(".graph").boundingBox())!;
    const low = box.y + box.height - 30;
    await swipe(
      page,
      line({ x: x - 30, y: low }, { x: x - 120, y: low }),
      line({ x: x + 30, y: low }, { x: x + 120, y: low }),
    );
    await expect.poll(width, soon).toBeGreaterThan(before * 1.3);
    await page.context().close();
  });

  it("draw a digit, whose shares of classes follow", { timeout }, async () => {
    const { page, errors } = await playground();
    await page.getByRole("button", { name: "Digits", exact: true }).tap();
    await page.getByRole("button", { name: "Digits", exact: true, pressed: true }).waitFor();
    await page.locator(".lab .run:enabled").waitFor();
    await panel(page, "Output");
    await page.getByRole("button", { name: "Draw your own" }).tap();
    await page.locator(".pad").scrollIntoViewIfNeeded();
    const top = await page.evaluate(() => scrollY);
    const shares = page.locator(".bars .share");
    const before = await shares.allTextContents();
    const pad = (await page.locator(".pad").boundingBox())!;
    const from = { x: pad.x + pad.width / 2, y: pad.y + 20 };
    await swipe(page, line(from, { x: from.x, y: pad.y + pad.height - 20 }, 20));
    await page.getByRole("button", { name: "Clear" }).waitFor();
    expect(await page.getByRole("button", { name: "Clear" }).isEnabled()).toBe(true);
    await expect.poll(() => shares.allTextContents(), soon).not.toEqual(before);
    // The page stands still below the finger.
    expect(await page.evaluate(() => scrollY)).toBe(top);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
