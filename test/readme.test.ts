// The documentation holds: its examples run and print what they say, its tables have the code's names, its links lead
// somewhere.

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { activations } from "../src/rules/activation.js";
import { inits } from "../src/rules/init.js";
import { losses } from "../src/rules/loss.js";
import { metrics } from "../src/rules/metric.js";
import { optimizers } from "../src/rules/optimizer.js";
import { schedules } from "../src/rules/schedule.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "assembly/README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const text = (path: string): string => readFileSync(join(root, path), "utf8");

// Inside the project, so that the package's own name leads to it.
mkdirSync(join(root, "build"), { recursive: true });
const folder = mkdtempSync(join(root, "build", "readme-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The code blocks of a page that import the package, with the lines where they start. */
function examples(page: string): { page: string; line: number; code: string }[] {
  const source = text(page);
  return [...source.matchAll(/^```(?:js|ts)\n([\s\S]*?)^```$/gm)]
    .map((match) => ({ page, line: source.slice(0, match.index).split("\n").length + 1, code: match[1]! }))
    .filter(({ code }) => code.includes('from "plexus-nn"'));
}

/** What an example says it prints: a line for each comment `// → …`. */
function printed(code: string): string[] {
  return [...code.matchAll(/\/\/ → (.*)$/gm)].map((match) => match[1]!.trim());
}

describe("the examples", () => {
  it.each(pages.flatMap(examples))(
    "$page, line $line, prints what it says",
    { timeout: 30_000 },
    (example) => {
      const { page, line, code } = example;
      const file = join(folder, `${page.replace(/\W/g, "-")}-${line}.mjs`);
      writeFileSync(file, code);
      const run = spawnSync(process.execPath, [file], { encoding: "utf8" });
      expect(run.stderr).toBe("");
      expect(run.status).toBe(0);
      expect(run.stdout.trim().split("\n")).toEqual(printed(code));
    },
  );

  it("are there", () => {
    expect(examples("README.md").length).toBeGreaterThan(1);
  });
});

/** What stands under a heading of README.md. */
function section(heading: string): string {
  const parts = text("README.md").split(/^#+ /m);
  return parts.find((part) => part.startsWith(`${heading}\n`)) ?? "";
}

/** The names in the first column of the table under a heading. */
function rows(heading: string): string[] {
  return [...section(heading).matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]!);
}

describe("the tables of README.md", () => {
  it.each([
    ["Activations", activations],
    ["Losses", losses],
    ["Initial weights", inits],
    ["Metrics", metrics],
    ["Optimizers", optimizers],
    ["Rates", schedules],
  ])("%s: every name, in order", (heading, table) => {
    expect(rows(heading)).toEqual(Object.keys(table));
  });

  it("Activations: the default losses", () => {
    const defaults = Object.values(activations).map(({ loss }) => loss);
    expect(section("Activations").match(/(?<=`)[^`]+(?=` \|$)/gm)).toEqual(defaults);
  });

  it("Errors: every code, in order", () => {
    const type = /type ErrorCode =([^;]*);/.exec(text("src/base/error.ts"))![1]!;
    const codes = [...type.matchAll(/"([^"]+)"/g)].map((match) => match[1]!);
    expect(codes.length).toBeGreaterThan(20);
    expect(rows("Errors")).toEqual(codes);
  });
});

describe("the links", () => {
  it.each(pages)("of %s lead to files and headings that are there", (page) => {
    const links = [...text(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
    for (const link of links.filter((target) => !/^[a-z]+:/.test(target))) {
      const [path, anchor] = link.split("#") as [string, string | undefined];
      const target = path === "" ? join(root, page) : resolve(root, dirname(page), path);
      expect(existsSync(target), `${page} links to ${link}`).toBe(true);
      if (anchor === undefined) continue;
      const headings = [...readFileSync(target, "utf8").matchAll(/^#+ (.*)$/gm)].map((match) =>
        slug(match[1]!),
      );
      expect(headings, `${page} links to ${link}`).toContain(anchor);
    }
  });
});

/** A heading's anchor, as GitHub makes it. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, "")
    .replaceAll(" ", "-");
}
