// The blocks of JavaScript that run in a page: those that import entries of the package which a browser has.

import type { MarkdownRenderer } from "vitepress";

/** Specifiers of imports, static and dynamic. */
export const specifiers = /(\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'\n]+)\2/g;

/** Entries that run in a worker of a page. The others need Node, or a compiled core of a bundler. */
const inPages = /^plexus-nn(\/(onnx|migrate|draw|torch|worker|predict\/float(64|32)))?$/;

/** Returns whether a program runs in a page. */
export function runs(code: string): boolean {
  const names = [...code.matchAll(specifiers)].map(([, , , name = ""]) => name);
  return (
    names.length > 0 &&
    names.every((name) => inPages.test(name)) &&
    !/\b(process|Buffer|require)\b|\bdata:text/.test(code)
  );
}

/** Puts such blocks into the component that runs them. */
export function programs(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence!;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info = "", content = "" } = tokens[index] ?? {};
    const html = fence(tokens, index, ...rest);
    return /^js\b/.test(info) && runs(content) ? `<Program>${html}</Program>` : html;
  };
}
