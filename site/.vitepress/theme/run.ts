// Runs a program of a page in a worker of its own.
//
// The policy of the pages allows scripts of their own address alone, and no `eval`. A program is a blob all the same: its text may
// have been edited. A page can start a worker of it by `worker-src blob:`, and nothing else: `script-src` has no blob. The worker
// inherits the policy, so the program in turn can import only the site's own modules, and connect only to the site.

import { exports as entries } from "../../../package.json";
import { specifiers } from "../programs.ts";

/** A message of public/run.js. */
export type Line =
  | { readonly kind: "log" | "warn"; readonly text: string }
  | { readonly kind: "error"; readonly name: string; readonly text: string; readonly code?: string }
  | { readonly kind: "done" };

/** Returns the text with the addresses of the engine's modules in the place of their names. */
function addressed(code: string, root: URL): string {
  return code.replaceAll(specifiers, (whole, before: string, quote: string, name: string) => {
    const entry = (entries as Record<string, { default: string } | string>)[name.replace(/^plexus-nn/, ".")];
    if (!/^plexus-nn(\/|$)/.test(name) || typeof entry !== "object") return whole;
    const file = entry.default.replace(/^\.\/dist\//, "engine/");
    return `${before}${quote}${new URL(file, root).href}${quote}`;
  });
}

/** Starts a program, and calls `take` with each of its lines. Returns the function that ends it. */
export function start(code: string, base: string, take: (line: Line) => void): () => void {
  const root = new URL(base, location.href);
  // On the program's first line, so that lines of errors stay its own.
  const head = `import ${JSON.stringify(new URL("run.js", root).href)};`;
  const text = `${head}${addressed(code, root)}\n;globalThis.plexusPageDone();`;
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const worker = new Worker(address, { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Line>) => take(data);
  // Before run.js listens: the text doesn't compile, or a module is missing.
  worker.onerror = (event) => {
    event.preventDefault();
    const place = event.lineno > 0 ? ` (line ${event.lineno})` : "";
    take({
      kind: "error",
      name: "",
      text: `${event.message ?? "The program doesn't compile, or imports a module that isn't there."}${place}`,
    });
  };
  return () => {
    worker.terminate();
    URL.revokeObjectURL(address);
  };
}
