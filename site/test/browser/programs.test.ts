// Programs of pages run in the page: they print what their comments say, can be edited and stopped, and show errors.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import { runs } from "../../.vitepress/programs.ts";
import { useSite } from "../support/browser.ts";
import { dist } from "../support/server.ts";

const open = useSite("/a/b/");

/** The pages that have programs. */
const pages = readdirSync(dist, { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  .filter(
    (name) => name.endsWith(".html") && /class="program\b/.test(readFileSync(join(dist, name), "utf8")),
  );

/** Runs a program. Returns its output. */
async function output(program: Locator): Promise<string> {
  await program.getByRole("button", { name: "Run" }).click();
  await program.locator(".program-status", { hasText: /\d s|failed/ }).waitFor();
  return (await program.locator(".program-output > div").allTextContents()).join("\n");
}

describe("the programs", () => {
  it("are on many pages", () => {
    expect(pages.length).toBeGreaterThan(35);
  });

  it.each(pages)("of %s print what their comments say", async (path) => {
    const { page, errors } = await open(path);
    const programs = await page.locator(".program").all();
    expect(programs.length).toBeGreaterThan(0);
    for (const program of programs) {
      const code = (await program.locator("pre code").textContent()) ?? "";
      const expected = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, line = ""]) => line.trim());
      expect(await output(program)).toBe(expected.join("\n"));
    }
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("are edited in the page", async () => {
    const { page } = await open("guide/first-graph.html");
    const program = page.locator(".program").first();
    await program.getByRole("button", { name: "Edit" }).click();
    const text = program.getByRole("textbox");
    await text.press("Control+Home");
    await text.pressSequentially('console.log("begun", [1, 2]);\n');
    await text.press("Control+Enter");
    await program.locator(".program-status", { hasText: /\d s/ }).waitFor();
    expect(await program.locator(".program-output > div").first().textContent()).toBe("begun [ 1, 2 ]");
    await program.getByRole("button", { name: "Reset" }).click();
    expect(await output(program)).not.toContain("begun");
    await page.context().close();
  });

  const absent = "An import leads to no module, or its module has no such export.";
  const faults = [
    ["const x = 1;\n\nconst y = ;", "SyntaxError: Unexpected token ';' (line 3)"],
    ['import { Graph } from "plexus-nn";\nfor (', "SyntaxError: Unexpected token '}' (line 3)"],
    [
      'import {\n  Graph as G,\n} from "plexus-nn";\nlet a;\nlet a;',
      "SyntaxError: Identifier 'a' has already been declared (line 5)",
    ],
    ['import { Graf } from "plexus-nn";\nawait 1;', absent],
    ['import brain from "brain.js";', absent],
    ['import "plexus-nn";\n\nnull.x;', "TypeError: Cannot read properties of null (reading 'x') (line 3)"],
  ] as const;

  it("show errors with their codes and lines, and stop", async () => {
    const { page } = await open("guide/first-graph.html");
    const program = page.locator(".program").first();
    await program.getByRole("button", { name: "Edit" }).click();
    await program
      .getByRole("textbox")
      .fill('import { Graph } from "plexus-nn"; new Graph({ inputs: { x: -1 } });');
    expect(await output(program)).toMatch(/^bad-size: /);
    const link = program.getByRole("log").getByRole("link", { name: "bad-size" });
    expect(await link.getAttribute("href")).toBe("/a/b/errors.html#bad-size");
    expect(await output(program)).toMatch(/\(line 1\)$/);
    for (const [text, message] of faults) {
      await program.getByRole("textbox").fill(text);
      expect(await output(program)).toBe(message);
    }
    await program.getByRole("textbox").fill("while (true);");
    await program.getByRole("button", { name: "Run" }).click();
    await program.getByRole("button", { name: "Stop" }).click();
    expect(await program.locator(".program-status").textContent()).toBe("stopped");
    await page.context().close();
  });

  it("can't read the page, nor leave the site", async () => {
    const { page } = await open("guide/first-graph.html");
    const program = page.locator(".program").first();
    await program.getByRole("button", { name: "Edit" }).click();
    const lines = [
      'import "plexus-nn";',
      "console.log(typeof document, typeof localStorage);",
      'try { new Function("1")(); } catch (error) { console.log(error.name); }',
      'try { await fetch("https://example.org/"); } catch (error) { console.log(error.name); }',
    ];
    await program.getByRole("textbox").fill(lines.join("\n"));
    expect(await output(program)).toBe("undefined undefined\nEvalError\nTypeError");
    await page.context().close();
  });

  it("are those whose imports a page has", () => {
    expect(runs('import { Graph } from "plexus-nn";')).toBe(true);
    expect(runs('import { Graph } from "plexus-nn";\nimport { toOnnx } from "plexus-nn/onnx";')).toBe(true);
    expect(runs('import { saveCheckpoint } from "plexus-nn/node";')).toBe(false);
    expect(runs('import { Graph } from "plexus-nn/slim";')).toBe(false);
    expect(runs('import { readFileSync } from "node:fs";\nimport { Graph } from "plexus-nn";')).toBe(true);
    expect(runs('import { rmSync } from "node:fs";')).toBe(false);
    expect(runs('import { Graph } from "plexus-nn";\nawait audio.audioWorklet.addModule("x.js");')).toBe(
      false,
    );
    expect(runs('import { Graph } from "plexus-nn";\n// → There is no synapse from "x" to "y".')).toBe(true);
    expect(runs('import {\n  Graph,\n} from "brain.js";')).toBe(false);
    expect(runs('await import("node:fs"); // → 1')).toBe(false);
    expect(runs("console.log(1); // → 1")).toBe(true);
    expect(runs("const x = 1;")).toBe(false);
  });
});
