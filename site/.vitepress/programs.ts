// The blocks of JavaScript that run in a page: whole programs that import only what a worker of a page has.

import type { MarkdownRenderer } from "vitepress";

/** Specifiers of imports, static and dynamic. Messages have words such as `from "x"`, too. */
export const specifiers = /(^\s*import\b(?:[^"'`;]*?\bfrom)?\s*|\bimport\s*\(\s*)(["'])([^"'\n]+)\2/gm;

/** Entries that run in a worker of a page. The others need Node, or a compiled core of a bundler. */
const inPages = /^plexus-nn(\/(onnx|migrate|draw|torch|worker|predict\/float(64|32)))?$/;

/** The one function of Node that the site has, for the texts in examples/: public/files.js. */
const reading = /^import \{ readFileSync \} from "node:fs";$/m;

/** Names that only Node or the page itself has, and modules of text, which the policy refuses. */
const foreign = /\b(process|Buffer|require|audioWorklet)\b|\bdata:text/;

/** Returns whether a block runs in a page. One without imports is a whole program where it says what it prints. */
export function runs(code: string): boolean {
  const names = [...code.replace(reading, "").matchAll(specifiers)].map(([, , , name = ""]) => name);
  const isWhole = names.length > 0 || code.includes("// → ");
  return isWhole && names.every((name) => inPages.test(name)) && !foreign.test(code);
}

/** Puts such blocks into the component that runs them. A file of a project is among them where the page has it in one piece. */
export function programs(md: MarkdownRenderer): void {
  // VitePress takes labels, which name files, out of the tokens before they are drawn.
  md.core.ruler.push("programs", ({ tokens }) => {
    const blocks = tokens.filter(({ type, info }) => type === "fence" && /^js\b/.test(info));
    for (const block of blocks) {
      const isPiece =
        block.info.includes("[") && blocks.some((one) => one !== block && one.info === block.info);
      block.meta = { ...block.meta, runs: !isPiece && runs(block.content) };
    }
  });
  const fence = md.renderer.rules.fence!;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const html = fence(tokens, index, ...rest);
    return tokens[index]?.meta?.runs ? `<Program>${html}</Program>` : html;
  };
}
