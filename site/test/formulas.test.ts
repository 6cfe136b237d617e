// The formulas of all pages are set by KaTeX without an error or a warning, and survive Markdown on a forge and in Vue.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import katex from "katex";
import { expect, it } from "vitest";

const docs = fileURLToPath(new URL("../../docs", import.meta.url));
const pages = readdirSync(docs, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));

interface Formula {
  readonly text: string;
  readonly displayMode: boolean;
}

/** Returns the formulas of a page: `$$` in lines of their own around displayed ones, `$` around those in a line. */
function formulasOf(page: string): Formula[] {
  const found: Formula[] = [];
  const rest = page
    .replaceAll(/^```[\s\S]*?^```$/gm, "")
    .replaceAll(/`[^`\n]*`/g, "")
    .replaceAll(/^\$\$\n([\s\S]*?)\n\$\$$/gm, (_, text: string) => {
      found.push({ text, displayMode: true });
      return "";
    });
  expect(rest).not.toContain("$$");
  for (const paragraph of rest
    .split("\n\n")
    .flatMap((block) => (block.startsWith("|") ? block.split("\n") : block))) {
    const parts = paragraph.split("$");
    expect(parts.length % 2, paragraph).toBe(1);
    for (const [i, text] of parts.entries()) if (i % 2 === 1) found.push({ text, displayMode: false });
  }
  return found;
}

it("mathematics.md has formulas of both kinds", () => {
  const found = formulasOf(readFileSync(join(docs, "mathematics.md"), "utf8"));
  expect(found.filter(({ displayMode }) => displayMode).length).toBeGreaterThan(15);
  expect(found.filter(({ displayMode }) => !displayMode).length).toBeGreaterThan(80);
});

it("the plugin's KaTeX is the one whose stylesheet the theme imports", () => {
  const plugin = createRequire(fileURLToPath(import.meta.resolve("@mdit/plugin-katex")));
  expect(plugin("katex/package.json").version).toBe(katex.version);
});

it.each(pages)("the formulas of %s are set without an error", (name) => {
  for (const { text, displayMode } of formulasOf(readFileSync(join(docs, name), "utf8"))) {
    // Markdown takes these for its own before a forge sees a formula, and Vue takes two braces for an expression.
    expect(text, "a mark that Markdown or Vue would read").not.toMatch(
      /\\[{}!,;_#%]|\{\{|(?<!\\)[*`]|^\s|\s$/,
    );
    if (!displayMode) expect(text).not.toContain("|");
    const set = katex.renderToString(text, { displayMode, throwOnError: true, strict: "error" });
    expect(set).toContain("katex");
  }
});
