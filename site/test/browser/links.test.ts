// Every link and picture of the built pages leads to a file, and to an anchor that is there.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { dist } from "../support/server.ts";

// The page for lost addresses stands at any of them: pages.test.ts follows its links.
const pages = readdirSync(dist, { recursive: true, encoding: "utf8" })
  .map((name) => name.split(sep).join("/"))
  .filter((name) => name.endsWith(".html") && name !== "404.html");
const texts = new Map(pages.map((page) => [page, readFileSync(join(dist, page), "utf8")]));
const anchors = new Map(
  [...texts].map(([page, text]) => [page, new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))]),
);

/** Returns the addresses of a page's links, pictures, scripts and style sheets. */
function addresses(text: string): string[] {
  return [...text.matchAll(/<\w[^>]*? (?:href|src)="([^"]*)"/g)].map(([, address = ""]) =>
    address.replaceAll("&amp;", "&"),
  );
}

/** Returns the reason against an address on a page, or nothing. */
function fault(page: string, address: string): string | undefined {
  if (/^(https?|mailto|data):/.test(address)) return;
  if (address.startsWith("/")) return `${address} depends on the path of the site`;
  const [path = "", anchor] = address.split("#") as [string, string?];
  const file =
    path === "" ? page : posix.normalize(posix.join(posix.dirname(page), decodeURIComponent(path)));
  const found = existsSync(join(dist, file)) && /\.\w+$/.test(file) ? file : posix.join(file, "index.html");
  if (!existsSync(join(dist, found))) return `${address} leads nowhere`;
  if (anchor === undefined || anchor === "" || anchors.get(found)?.has(decodeURIComponent(anchor))) return;
  return `${address} leads to no heading`;
}

describe("the links", () => {
  it("are of all pages", () => {
    expect(pages.length).toBeGreaterThan(100);
  });

  it.each(pages)("of %s lead to files and anchors that are there", (page) => {
    const faults = addresses(texts.get(page)!).flatMap((address) => fault(page, address) ?? []);
    expect(faults).toEqual([]);
  });
});
