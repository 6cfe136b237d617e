// The pages that people read, and the blocks of code in them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Paths of all pages from the root: its own, and those below docs/. */
export const pages: readonly string[] = [
  ...["", "assembly/", "bench/"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}${name}`),
  ),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((name) => `docs/${name}`),
]
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".md"))
  .toSorted();

/** Returns the text of a file, by its path from the root. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** A block of code between fences. */
export interface Block {
  readonly page: string;
  /** The line of its opening fence. */
  readonly line: number;
  /** The word after the fence, without the label that may follow in brackets. */
  readonly language: string;
  readonly code: string;
}

/** Returns the blocks of a page. */
export function blocksOf(page: string): Block[] {
  const source = textOf(page);
  return [...source.matchAll(/^```(\w*)(?: \[[^\]\n]*\])?\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: source.slice(0, match.index).split("\n").length,
    language: match[1]!,
    code: match[2]!,
  }));
}

/** Returns the programs of a page: its blocks of JavaScript. */
export function programsOf(page: string): Block[] {
  return blocksOf(page).filter(({ language }) => language === "js");
}
