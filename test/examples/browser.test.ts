// The projects on pages of docs/recipes run where they are meant to: bundled, in pages of Chromium. test/hosts/recipes.test.ts
// has the one for workerd.

import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { openPage, required, runtimes } from "../runtimes/run.js";
import { peers, programFolder } from "../support/folder.js";
import { filesOf, pages, printedBy } from "../support/pages.js";

const above = programFolder("browser");

/** Writes the files of a page's project, and some more, and bundles each. Returns the folder to serve. */
async function bundle(page: string, more: Record<string, string>): Promise<string> {
  const sources = mkdtempSync(join(above, "sources-"));
  const folder = join(sources, "served");
  const files = { ...filesOf(page), ...more };
  for (const [name, code] of Object.entries(files)) writeFileSync(join(sources, name), code);
  await build({
    entryPoints: Object.keys(files).map((name) => join(sources, name)),
    outdir: folder,
    bundle: true,
    format: "esm",
    jsx: "automatic",
    external: ["node:*"],
    define: { "process.env.NODE_ENV": '"development"' },
  });
  return folder;
}

interface Message {
  type(): string;
  text(): string;
  location(): { url: string };
}

/** The calls of Playwright's page that are made here. */
interface Page {
  on(event: "console", act: (message: Message) => void): void;
  on(event: "pageerror", act: (error: Error) => void): void;
  evaluate(code: string): Promise<unknown>;
  reload(): Promise<unknown>;
  click(selector: string): Promise<void>;
  textContent(selector: string): Promise<string>;
  waitForSelector(selector: string): Promise<unknown>;
  waitForFunction(code: string): Promise<unknown>;
}

interface Visit {
  readonly page: Page;
  /** All that the page has printed so far. */
  readonly lines: string[];
  /** Loads the project's first module, and waits until it has run. */
  run(file: string): Promise<unknown>;
}

async function visit(
  page: string,
  act: (visit: Visit) => Promise<void>,
  more: Record<string, string> = {},
): Promise<void> {
  const folder = await bundle(page, more);
  await openPage(
    async (page: Page) => {
      const lines: string[] = [];
      page.on("console", (message) => {
        const isOwn = !message.location().url.endsWith("/favicon.ico");
        if (isOwn && message.type() !== "info") lines.push(message.text()); // React informs developers
      });
      page.on("pageerror", (error) => lines.push(`${error}`));
      await act({ page, lines, run: (file) => page.evaluate(`import("/${file}").then(() => {})`) });
    },
    { folder },
  );
}

const isMissing = runtimes.find(({ name }) => name === "Chromium")!.available() === undefined;

describe.skipIf(isMissing && !required)("in Chromium", () => {
  it("docs/recipes/indexeddb.md trains at the first visit, and reads at the next", async () => {
    const page = "docs/recipes/indexeddb.md";
    const code = filesOf(page)["page.js"]!;
    await visit(page, async ({ page, lines, run }) => {
      await run("page.js");
      expect(lines).toEqual(printedBy(code));
      await page.reload();
      await run("page.js");
      expect(lines.slice(1)).toEqual([/\/\/ After a reload of the page: (.*)/.exec(code)![1]]);
    });
  });

  it("docs/recipes/audio.md plays in an audio worklet", async () => {
    const page = "docs/recipes/audio.md";
    await visit(page, async ({ lines, run }) => {
      await run("page.js");
      expect(lines).toEqual(printedBy(filesOf(page)["page.js"]!));
    });
  });

  const hasReact = existsSync(join(peers, "react-dom"));
  const root = `document.body.innerHTML = '<div id="root"></div>'`;

  it.skipIf(!hasReact && !required)("docs/recipes/react.md trains and answers (react)", async () => {
    await visit("docs/recipes/react.md", async ({ page, lines, run }) => {
      // The bar may be gone before the next question of the test.
      await page.evaluate(`${root}; globalThis.bars = 0;
        new MutationObserver(() => { bars += document.querySelectorAll("progress").length; })
          .observe(document.body, { childList: true, subtree: true });`);
      await run("app.js");
      await page.waitForSelector("output");
      expect(await page.evaluate("bars")).toBeGreaterThan(0);
      expect(await page.textContent("p")).toBe("0 or 1, and not both: 1.00");
      await page.click("button:nth-of-type(1)");
      await page.waitForFunction(`document.querySelector("button").textContent === "1"`);
      expect(await page.textContent("p")).toMatch(/^1 or 1, and not both: 0\.0/);
      expect(lines).toEqual([]);
    });
  });

  it.skipIf(!hasReact && !required)("docs/recipes/react.md ends its runs with the component", async () => {
    const leave = `import { Graph } from "plexus-nn";
      import { StrictMode } from "react";
      import { createRoot } from "react-dom/client";
      import { useTrained } from "./trained.js";
      const graphs = [];
      const data = { xs: { x: [0, 1] }, ts: { y: [0, 1] } };
      const options = { epochs: 1e9 };
      const make = () => {
        graphs.push(new Graph({ seed: 1, inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "y"]] }));
        return graphs.at(-1);
      };
      const Trial = () => <p>{useTrained(make, data, options).error?.message ?? "training"}</p>;
      const root = createRoot(document.getElementById("root"));
      root.render(<StrictMode><Trial /></StrictMode>);
      await new Promise((resolve) => setTimeout(resolve, 300));
      console.log(document.body.textContent);
      root.unmount();
      await new Promise((resolve) => setTimeout(resolve, 300));
      for (const graph of graphs) try { graph.predict(data.xs); } catch ({ code }) { console.log(code); }`;
    const act = async ({ page, lines, run }: Visit): Promise<void> => {
      await page.evaluate(root);
      await run("leave.js");
      expect(lines).toEqual(["training", "disposed", "disposed"]); // StrictMode has mounted twice
    };
    await visit("docs/recipes/react.md", act, { "leave.jsx": leave });
  });
});

it("all pages with files of a project are tried here, or in test/hosts", () => {
  const tried = ["audio", "cloudflare", "indexeddb", "react"].map((name) => `docs/recipes/${name}.md`);
  const found = pages.filter((page) => Object.keys(filesOf(page)).length > 0);
  expect(found.filter((page) => dirname(page) !== "docs/from")).toEqual(tried);
});
