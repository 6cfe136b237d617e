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
  | {
      readonly kind: "error";
      readonly name: string;
      readonly text: string;
      readonly code?: string | undefined;
      /** The program's line. */
      readonly at?: number | undefined;
    }
  | { readonly kind: "done" };

/** Returns the site's file for a module's name, or nothing. */
function fileOf(name: string): string | undefined {
  if (name === "node:fs") return "files.js";
  if (!/^plexus-nn(\/|$)/.test(name)) return;
  const entry = (entries as Record<string, { default: string } | string>)[name.replace(/^plexus-nn/, ".")];
  return typeof entry === "object" ? entry.default.replace(/^\.\/dist\//, "engine/") : undefined;
}

/** Returns the text with addresses of the site's modules in the place of their names. */
function addressed(code: string, root: URL): string {
  return code.replaceAll(specifiers, (whole, before: string, quote: string, name: string) => {
    const file = fileOf(name);
    return file === undefined ? whole : `${before}${quote}${new URL(file, root).href}${quote}`;
  });
}

/** Starts a worker of a text. Returns it with the function that ends it. */
function workerOf(text: string, options?: WorkerOptions): { worker: Worker; end: () => void } {
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const worker = new Worker(address, options);
  const end = () => {
    worker.terminate();
    URL.revokeObjectURL(address);
  };
  return { worker, end };
}

/**
 * Calls `take` with the reason why a program doesn't begin. Hosts don't say why a module wasn't compiled, but they do of a script.
 * There the program is the body of a function that is never called.
 */
function diagnose(code: string, take: (line: Line) => void): () => void {
  const body = code
    .replaceAll(/^\s*import\s*(?=["'])/gm, (whole) => whole.replace("import", ""))
    .replaceAll(/^(\s*)import\b([^"';]*?)\bfrom\b/gm, (_, indent: string, names: string) => {
      const pattern = names.replace(/\*\s*as\b/, "").replaceAll(/\bas\b/g, ":");
      return `${indent}const ${pattern.replace(/^(\s*\w+\s*),/, "$1 = 0,")} =`;
    });
  const { worker, end } = workerOf(`async () => { "use strict"; ${body}\n};\npostMessage("");`);
  const done = (text: string, at?: number) => {
    end();
    take({ kind: "error", name: "", text, at });
  };
  worker.onmessage = () => done("An import leads to no module, or its module has no such export.");
  worker.onerror = (event) => {
    event.preventDefault();
    done(event.message?.replace(/^Uncaught /, "") ?? "The program doesn't compile.", event.lineno);
  };
  return end;
}

/** Starts a program, and calls `take` with each of its lines. Returns the function that ends it. */
export function start(code: string, base: string, take: (line: Line) => void): () => void {
  const root = new URL(base, location.href);
  // On the program's first line, so that lines of errors stay its own.
  const head = `import ${JSON.stringify(new URL("run.js", root).href)};`;
  const text = `${head}${addressed(code, root)}\n;globalThis.plexusPageDone();`;
  const { worker, end } = workerOf(text, { type: "module" });
  let endAll = end;
  worker.onmessage = ({ data }: MessageEvent<Line>) => take(data);
  // Before run.js listens: the text doesn't compile, or a module is missing.
  worker.onerror = (event) => {
    event.preventDefault();
    end();
    endAll = diagnose(code, take);
  };
  return () => endAll();
}
