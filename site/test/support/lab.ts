// The playground in a browser, as a person uses it: by mouse, by keyboard, and by its own texts.

import type { Locator, Page } from "playwright-core";

/** Waits until the playground has opened its sketch. */
export async function ready(page: Page): Promise<void> {
  await page.locator(".lab .layer").first().waitFor();
  await page.locator(".lab .run:enabled").waitFor();
}

/** Returns the box of a layer. */
export function layer(page: Page, name: string): Locator {
  return page.locator(`.vue-flow__node[data-id="${name}"]`);
}

/** Draws a synapse from the handle of one layer to the box of another. */
export async function drag(page: Page, from: string, to: string): Promise<void> {
  const start = await layer(page, from).locator(".handle.source").boundingBox();
  const end = await layer(page, to).boundingBox();
  if (start === null || end === null) throw new Error(`${from} or ${to} is not in view.`);
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 8 });
  await page.mouse.up();
}

/** Moves the focus by the Tab key to an element. */
export async function tab(page: Page, selector: string): Promise<void> {
  for (let count = 0; count < 200; count++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`The Tab key does not lead to ${selector}.`);
}

/** Returns the step in view. */
export async function step(page: Page): Promise<number> {
  return Number((await page.locator(".counters .step").textContent())?.replaceAll(/\D/g, ""));
}

/** Returns the held-out accuracy in view, in percent. */
export async function accuracy(page: Page): Promise<number> {
  return Number.parseFloat((await page.locator(".held-accuracy").textContent()) ?? "");
}

/** Pauses the training, and waits until no step follows. */
export async function pause(page: Page): Promise<void> {
  await page.locator(".run", { hasText: "Pause" }).click();
  await page.locator(".run", { hasText: "Run" }).waitFor();
}

/** Trains until the held-out accuracy is over a bound, also after the pause. */
export async function trainOver(page: Page, bound: number): Promise<void> {
  do {
    await page.locator(".run", { hasText: "Run" }).click();
    await page.waitForFunction(
      (least) => Number.parseFloat(document.querySelector(".held-accuracy")?.textContent ?? "") > least,
      bound,
      { timeout: 120_000 },
    );
    await pause(page);
  } while ((await accuracy(page)) <= bound);
}

/** Returns the code of the graph with its parameters, from the dialog. */
export async function code(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Share and save" }).click();
  await page.getByRole("button", { name: "Plexus, declared" }).click();
  const text = await page.locator("dialog pre", { hasText: "new Graph" }).textContent();
  await page.keyboard.press("Escape");
  return text ?? "";
}

/** Returns the link of the graph, from the dialog. */
export async function link(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Share and save" }).click();
  await page.getByRole("button", { name: "Link", exact: true }).click();
  await page.waitForFunction(
    () => document.querySelector<HTMLTextAreaElement>("dialog textarea")?.value !== "",
  );
  const text = await page.locator("dialog textarea").inputValue();
  await page.keyboard.press("Escape");
  return text;
}

/** Drops a file on the playground: a text, or bytes. */
export async function drop(page: Page, name: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await page.evaluate(
    ([fileName, numbers]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([Uint8Array.from(numbers)], fileName));
      document
        .querySelector(".lab")!
        .dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    },
    [name, Array.from(bytes)] as const,
  );
}
