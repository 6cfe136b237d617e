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
  /** The label in brackets, where it names a file of a project: `page.js`. Its page's test runs that project in its host. */
  readonly file: string | undefined;
  readonly code: string;
}

/** Returns the blocks of a page. */
export function blocksOf(page: string): Block[] {
  const source = textOf(page);
  return [...source.matchAll(/^```(\w*)(?: \[([^\]\n]*)\])?\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: source.slice(0, match.index).split("\n").length,
    language: match[1]!,
    file: /\.\w+$/.test(match[2] ?? "") ? match[2] : undefined,
    code: match[3]!,
  }));
}

/** Returns the programs of a page: its blocks of JavaScript, without the files of projects. */
export function programsOf(page: string): Block[] {
  return blocksOf(page).filter(({ language, file }) => language === "js" && file === undefined);
}

/** Returns the files of a page's project, by their names. Blocks with the same name are parts of one file, in their order. */
export function filesOf(page: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { file, code } of blocksOf(page)) {
    if (file !== undefined) files[file] = (files[file] ?? "") + code;
  }
  return files;
}

/** Returns the lines that a program prints, by its comments `// → …`, or `# → …` in Python. */
export function printedBy(code: string): string[] {
  return [...code.matchAll(/(?:\/\/|#) → (.*)$/gm)].map((match) => match[1]!.trim());
}
