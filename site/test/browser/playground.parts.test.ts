// Parts of the playground that need a browser: synapses by the keyboard, typed rows, and texts that are copied.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { useSite, type Visit } from "../support/browser.ts";
import { drop, layer, ready, step } from "../support/lab.ts";

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

describe("a part of the drawing", () => {
  it("comes into view with the focus", { timeout }, async () => {
    const { page } = await playground();
    const graph = (await page.locator(".graph").boundingBox())!;
    await page.mouse.move(graph.x + 60, graph.y + 200);
    await page.keyboard.down("Control");
    for (let count = 0; count < 8; count++) await page.mouse.wheel(0, -200);
    await page.keyboard.up("Control");
    const y = layer(page, "y");
    const outside = async () => {
      const box = (await y.boundingBox())!;
      return box.x + box.width > graph.x + graph.width;
    };
    await expect.poll(outside, soon).toBe(true);
    await layer(page, "h2").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").getAttribute("data-id")).toBe("y");
    await expect.poll(outside, soon).toBe(false);
    await page.context().close();
  });
});

describe("a typed row", () => {
  it("is predicted in the table's units, with its categories", { timeout }, async () => {
    const { page, errors } = await playground();
    const rows = Array.from({ length: 120 }, (_, row) => {
      const [kind, weight] = [["red", "green", "blue"][row % 3]!, 1000 + ((row * 53) % 41) * 10];
      return `${weight};${kind};${weight * 2 + (kind === "red" ? 500 : 0)}`;
    });
    await drop(page, "fruit.csv", ["weight;colour;price", ...rows].join("\n"));
    await page.getByLabel("Use of the column price").selectOption("output");
    await page.getByLabel("Use of the column colour").selectOption("input");
    await layer(page, "price").waitFor();
    await page.locator(".lab .run:enabled").waitFor();
    await page.locator(".run").click();
    await expect.poll(() => step(page), { timeout: 100_000 }).toBeGreaterThan(600);
    await page.locator(".run", { hasText: "Pause" }).click();
    await page.getByRole("button", { name: "Type your own" }).click();
    const own = page.getByRole("group", { name: "A row of your own" });
    const predicted = async () =>
      Number.parseFloat((await page.locator(".rows dd").textContent())!.replace(/^\D+/, ""));
    await own.getByLabel("weight").fill("1200");
    await own.getByLabel("colour").selectOption("red");
    await expect.poll(async () => Math.abs((await predicted()) - 2900), soon).toBeLessThan(150);
    await own.getByLabel("colour").selectOption("blue");
    await expect.poll(async () => Math.abs((await predicted()) - 2400), soon).toBeLessThan(150);
    // A comma is a decimal point; a word is no number, and leaves the prediction.
    await own.getByLabel("weight").fill("1100,5");
    await expect.poll(async () => Math.abs((await predicted()) - 2201), soon).toBeLessThan(150);
    const before = await predicted();
    await own.getByLabel("weight").fill("heavy");
    expect(await own.getByLabel("weight").getAttribute("aria-invalid")).toBe("true");
    expect(await predicted()).toBe(before);
    await page.getByRole("button", { name: "From the data" }).click();
    await page.getByRole("region", { name: "Held-out rows" }).waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe("a graph without data", () => {
  it("is tried by typed values, and offers no training", { timeout }, async () => {
    const { page, errors } = await playground();
    const graph = new Graph({
      seed: 3,
      inputs: { a: 3 },
      outputs: { y: { size: 1, activation: "linear" } },
      synapses: [["a", "y"]],
    });
    await drop(page, "graph.json", JSON.stringify(graph.toJSON()));
    await layer(page, "a").waitFor();
    const own = page.getByRole("group", { name: "A row of your own" });
    for (const unit of [1, 2, 3]) await own.getByLabel(`a ${unit}`).fill(String(unit));
    const wanted = graph
      .predict({ a: [1, 2, 3] })
      .y[0]!.toPrecision(3)
      .replace("-", "−");
    await page.locator(".rows dd", { hasText: wanted }).waitFor();
    expect(await page.locator(".run").isDisabled()).toBe(true);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe("a link", () => {
  it("is copied where the page has no right to the clipboard", { timeout }, async () => {
    const { page } = await playground();
    await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    await page.getByRole("button", { name: "Share and save" }).click();
    await page.getByRole("button", { name: "Copy the link" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const link = await page.getByLabel("Link", { exact: true }).inputValue();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Function" }).click();
    const field = page.getByLabel("y =");
    await field.fill("");
    await field.press("Control+v");
    expect(await field.inputValue()).toBe(link);
    await page.context().close();
  });

  it("is selected where the browser refuses to copy, and the page says so", { timeout }, async () => {
    const { page } = await playground();
    await page.evaluate(() => {
      Object.defineProperty(navigator, "clipboard", { value: undefined });
      document.execCommand = () => false;
    });
    await page.getByRole("button", { name: "Share and save" }).click();
    await page.getByRole("button", { name: "Copy the link" }).click();
    await page.locator("dialog").getByText("The text is selected").waitFor();
    const [selected, whole] = await page
      .getByLabel("Link", { exact: true })
      .evaluate((area: HTMLTextAreaElement) => [
        area.value.slice(area.selectionStart, area.selectionEnd),
        area.value,
      ]);
    expect(selected).toBe(whole);
    await page.getByRole("button", { name: "Plexus, declared" }).click();
    await page.locator("dialog pre", { hasText: "new Graph" }).waitFor();
    await page.getByRole("button", { name: "Copy", exact: true }).click();
    await page.locator("dialog").getByText("The text is selected").waitFor();
    expect(await page.evaluate(() => String(getSelection()))).toContain("new Graph");
    await page.context().close();
  });
});
