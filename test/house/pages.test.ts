// The pages hold: their examples run and print what they say, their tables and sizes are the code's, their links lead
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
import { gzipSync } from "node:zlib";
import { Graph } from "plexus-nn";
import { toSvg } from "plexus-nn/draw";
import { afterAll, describe, expect, it } from "vitest";
import { page as reference, render } from "../../tools/reference.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = ["", "assembly/", "bench/", "docs/"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}${name}`),
);
const text = (path: string): string => readFileSync(join(root, path), "utf8");

// Inside the project, so that the package's own name leads to it.
mkdirSync(join(root, "build"), { recursive: true });
const folder = mkdtempSync(join(root, "build", "readme-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Returns the JavaScript of a page, with the lines where it starts. */
function examples(page: string): { page: string; line: number; code: string }[] {
  const source = text(page);
  return [...source.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: source.slice(0, match.index).split("\n").length + 1,
    code: match[1]!,
  }));
}

/** Returns the expected output of an example: a line for each comment `// → …`. */
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
    expect(examples("docs/reference.md").length).toBeGreaterThan(4);
  });

  it("are fenced as js, but for a bundler's own imports, excerpts of the source, files and commands", () => {
    const fences = pages.flatMap((page) =>
      [...text(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", code = ""]) => {
        return { page, language, code };
      }),
    );
    const trimmed = (code: string) => code.replaceAll(/^ +/gm, "");
    const source = ["src", "assembly"]
      .flatMap((folder) =>
        readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
      )
      .filter((file) => file.endsWith(".ts"))
      .map((file) => trimmed(text(file)));
    for (const { page, language, code } of fences) {
      if (language === "ts") expect(code, page).toMatch(/^import \w+ from "plexus-nn\/float64\.wasm/);
      else if (language === "typescript") {
        const found = source.some((file) => file.includes(trimmed(code)));
        expect(found, `${page}: no file of the source has\n${code}`).toBe(true);
      } else expect(["js", "json", "sh", "python"], `${page}\n${code}`).toContain(language);
    }
  });
});

describe("README.md", () => {
  it("has at most 200 lines", () => {
    expect(text("README.md").split("\n").length).toBeLessThanOrEqual(200);
  });

  it("shows the graph of its ten lines, as toSvg draws it", async () => {
    const [, declaration] = /new Graph\((\{[\s\S]*?\n\})\);/.exec(examples("README.md")[0]!.code)!;
    const graph = new Graph(new Function(`return ${declaration}`)());
    await expect(toSvg(graph)).toMatchFileSnapshot(join(root, "docs/xor.svg"));
  });

  const entries = [...text("README.md").matchAll(/^\| `plexus-nn(\S*)` \|.*\| (\d+) kB \|$/gm)].map(
    ([, name = "", size]) => ({ name, size: Number(size) }),
  );
  it("has every entry of package.json", () => {
    const { exports } = JSON.parse(text("package.json")) as { exports: Record<string, unknown> };
    const names = Object.keys(exports).map((name) => name.slice(1));
    const listed = names.filter((name) => !/^\/(slim\/.*|worker\/thread|package\.json)$/.test(name));
    expect(entries.map(({ name }) => name).toSorted()).toEqual(listed.toSorted());
  });

  it.each(entries)("has about the size of plexus-nn$name, $size kB", ({ name, size }) => {
    const [, stem = "", extension = ".js"] = /^\/?([\w/]*)(\.wasm)?$/.exec(name)!;
    const bytes = gzipSync(
      readFileSync(join(root, "dist", `${stem.replace("/", "-") || "index"}${extension}`)),
    ).length;
    expect(Math.abs(bytes / 1000 - size)).toBeLessThan(Math.max(1, size / 10));
  });
});

it("docs/reference.md has the tables of the source; if not: node tools/reference.js", async () => {
  const page = readFileSync(reference, "utf8");
  expect(await render(page)).toBe(page);
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

/** Returns a heading's anchor in GitHub's form. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, "")
    .replaceAll(" ", "-");
}
