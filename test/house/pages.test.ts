// The pages hold: their fences, tables and sizes are those of the code, their links lead somewhere. blocks.slow.test.ts runs
// their programs.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { Graph } from "plexus-nn";
import { toSvg } from "plexus-nn/draw";
import { describe, expect, it } from "vitest";
import { page as reference, render } from "../../tools/reference.js";
import { blocksOf, pages, programsOf, root, textOf } from "../support/pages.js";

it("blocks are fenced as js, but for a bundler's own imports, excerpts of the source, files and commands", () => {
  const trimmed = (code: string) => code.replaceAll(/^ +/gm, "");
  const source = ["src", "assembly"]
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => file.endsWith(".ts"))
    .map((file) => trimmed(textOf(file)));
  for (const { page, language, file, code } of pages.flatMap(blocksOf)) {
    const ending = language === "python" ? "py" : language;
    if (file !== undefined) expect(file.endsWith(`.${ending}`), `${page}: ${file}`).toBe(true);
    else if (language === "ts") expect(code, page).toMatch(/^import \w+ from "plexus-nn\/float64\.wasm/);
    else if (language === "typescript") {
      const found = source.some((file) => file.includes(trimmed(code)));
      expect(found, `${page}: no file of the source has\n${code}`).toBe(true);
    } else expect(["js", "json", "sh", "python"], `${page}\n${code}`).toContain(language);
  }
});

it("programs have at most 80 columns, as a page shows them, but for the lines that they print", () => {
  const isWide = (line: string) => line.length > 80 && !line.includes("// → ");
  const found = pages
    .flatMap(blocksOf)
    .filter(({ language }) => /^(jsx?|ts)$/.test(language))
    .flatMap(({ page, code }) =>
      code
        .split("\n")
        .filter(isWide)
        .map((line) => `${page}: ${line}`),
    );
  expect(found).toEqual([]);
});

it.each(pages)("every fence of %s opens or closes a block that the tests know", (page) => {
  const fences = textOf(page).match(/^```/gm) ?? [];
  expect(fences.length).toBe(2 * blocksOf(page).length);
});

describe("README.md", () => {
  it("has at most 200 lines", () => {
    expect(textOf("README.md").split("\n").length).toBeLessThanOrEqual(200);
  });

  it("shows the graph of its ten lines, as toSvg draws it", async () => {
    const [, declaration] = /new Graph\((\{[\s\S]*?\n\})\);/.exec(programsOf("README.md")[0]!.code)!;
    const graph = new Graph(new Function(`return ${declaration}`)());
    await expect(toSvg(graph)).toMatchFileSnapshot(join(root, "docs/xor.svg"));
  });

  const entries = [...textOf("README.md").matchAll(/^\| `plexus-nn(\S*)` \|.*\| (\d+) kB \|$/gm)].map(
    ([, name = "", size]) => ({ name, size: Number(size) }),
  );
  it("has every entry of package.json", () => {
    const { exports } = JSON.parse(textOf("package.json")) as { exports: Record<string, unknown> };
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

it("docs/hosts.md has the versions of all bundlers, runners and runtimes that are tried", () => {
  const rows = [...textOf("docs/hosts.md").matchAll(/^\| ([\w, -]+) \| ([\d., ]+) \|/gm)];
  const listed = rows.flatMap(([, name, versions]) =>
    versions!.split(", ").map((version) => `${name!.split(" ").at(-1)!.toLowerCase()} ${version}`),
  );
  const tried = ["hosts", "runtimes"].flatMap((folder) => {
    const { dependencies, optionalDependencies } = JSON.parse(textOf(`test/${folder}/package.json`));
    return Object.entries<string>({ ...dependencies, ...optionalDependencies });
  });
  const named = tried
    .filter(([name]) => !/^@rollup|jsdom|playwright/.test(name))
    .map(([name, version]) => `${name.replace(/\d+$/, "")} ${version.replace(/^npm:.*@/, "")}`);
  // The tests' own Node is the oldest.
  expect(listed.toSorted()).toEqual([...named, "node 20"].toSorted());
});

it("docs/errors.md has a section for each code of the engine, with a message of that code", () => {
  const [, codes] = /ErrorCode =([^;]*);/.exec(textOf("src/base/error.ts"))!;
  const sections = textOf("docs/errors.md").split(/^## /m).slice(1);
  expect(sections.map((section) => section.split("\n", 1)[0])).toEqual(
    [...codes!.matchAll(/"([^"]+)"/g)].map(([, code]) => code),
  );
  for (const section of sections) {
    const [code] = section.split("\n", 1);
    const shown = [...section.matchAll(/\/\/ → ([a-z-]+): /g)].map((match) => match[1]);
    expect(new Set(shown)).toEqual(new Set([code]));
  }
});

describe("the links", () => {
  it.each(pages)("of %s lead to files and headings that are there", (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
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
