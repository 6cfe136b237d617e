// Fingers on the screen of a telephone, sent to the browser as its own events.

import type { BrowserContextOptions, Locator, Page } from "playwright-core";

/** A small telephone, held upright. */
export const telephone: BrowserContextOptions = {
  viewport: { width: 360, height: 780 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Returns the middle of an element that is in view, once it stands still. */
export async function middle(element: Locator): Promise<Point> {
  let last = "";
  for (;;) {
    const box = await element.boundingBox();
    if (box === null) throw new Error("The element is not in view.");
    const now = JSON.stringify(box);
    if (now === last) return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    last = now;
    await element.page().waitForTimeout(100);
  }
}

/** Moves fingers at once, each through its points; all have as many. */
export async function swipe(page: Page, ...fingers: readonly (readonly Point[])[]): Promise<void> {
  const client = await page.context().newCDPSession(page);
  const at = (place: number) => fingers.map((points, id) => ({ ...points[place]!, id }));
  await client.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0) });
  for (let place = 1; place < fingers[0]!.length; place++) {
    await client.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(place) });
  }
  await client.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await client.detach();
}

/** Returns points from one place to another. */
export function line(from: Point, to: Point, count = 10): Point[] {
  return Array.from({ length: count + 1 }, (_, place) => ({
    x: from.x + ((to.x - from.x) * place) / count,
    y: from.y + ((to.y - from.y) * place) / count,
  }));
}
