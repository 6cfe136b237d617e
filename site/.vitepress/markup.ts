// The markup of pages, where VitePress's own lacks something.

import { katex } from "@mdit/plugin-katex";
import type { MarkdownRenderer } from "vitepress";

/** Sets formulas between dollar signs. They may be wider than the page, so they scroll, also by the keyboard. */
function formulas(md: MarkdownRenderer): void {
  katex(md as never, {
    transformer: (html: string) =>
      // Braces of a formula's source are no expressions of Vue.
      html
        .replace('<span class="katex">', '<span v-pre class="katex">')
        .replace('<span class="katex-display">', '<span v-pre tabindex="0" class="katex-display">'),
  });
}

/** Draws indented blocks as fenced ones. */
function blocks(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence!;
  md.renderer.rules.code_block = (tokens, index, ...rest) => {
    tokens[index]!.info = "text";
    return fence(tokens, index, ...rest);
  };
}

/** Makes empty headings of a table's columns plain cells, and names those that are formulas. */
function tables(md: MarkdownRenderer): void {
  md.core.ruler.push("headings-of-columns", ({ tokens, Token }) => {
    tokens.forEach((token, i) => {
      if (token.type !== "th_open") return;
      const { content = "", children } = tokens[i + 1] ?? {};
      if (content.startsWith("$")) {
        const name = new Token("html_inline", "", 0);
        name.content = `<span class="visually-hidden">${content.replaceAll(/[$\\{}<]/g, "")}</span>`;
        children?.push(name);
      }
      if (content !== "") return;
      token.tag = "td";
      tokens[i + 2]!.tag = "td";
    });
  });
}

/** Lets drawings that are wider than the page scroll, also by the keyboard. tools/pages.js marks them. */
function drawings(md: MarkdownRenderer): void {
  md.core.ruler.push("drawings", ({ tokens }) => {
    tokens.forEach(({ content }, i) => {
      if (!content.includes("{.in-light}")) return;
      tokens[i - 1]!.attrJoin("class", "drawing");
      tokens[i - 1]!.attrSet("tabindex", "0");
    });
  });
}

/** Adds all of it. */
export function markup(md: MarkdownRenderer): void {
  formulas(md);
  blocks(md);
  tables(md);
  drawings(md);
}
