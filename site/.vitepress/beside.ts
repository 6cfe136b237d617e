// Blocks of code that are files of a project, as pages of docs/from and docs/recipes have them. Each shows its file's name, and
// neighbours stand side by side where there is room.

import type { MarkdownRenderer } from "vitepress";

/** The info of a fence whose label is a file's name: `js [page.js]`. */
const labelled = /^\w+ \[(\S+\.\w+)\]/;

/** Puts neighbouring files beside one another, and their names above. */
export function beside(md: MarkdownRenderer): void {
  md.core.ruler.push("beside", (state) => {
    const isFile = (i: number) =>
      state.tokens[i]?.type === "fence" && labelled.test(state.tokens[i].info.trim());
    state.tokens = state.tokens.flatMap((token, i) => {
      if (!isFile(i) || !(isFile(i - 1) || isFile(i + 1))) return [token];
      const tokens = [token];
      for (const [isEnd, html] of [
        [!isFile(i - 1), '<div class="beside">\n'],
        [!isFile(i + 1), "</div>\n"],
      ] as const) {
        if (!isEnd) continue;
        const mark = new state.Token("html_block", "", 0);
        mark.content = html;
        if (html.startsWith("</")) tokens.push(mark);
        else tokens.unshift(mark);
      }
      return tokens;
    });
  });

  const fence = md.renderer.rules.fence!;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    // VitePress takes the label out of the token.
    const name = labelled.exec(tokens[index]?.info.trim() ?? "")?.[1];
    const html = fence(tokens, index, ...rest);
    if (name === undefined) return html;
    return html.replace(
      /<span class="lang">[^<]*<\/span>/,
      `<span class="lang">${md.utils.escapeHtml(name)}</span>`,
    );
  };
}
