// The programs on the pages run, each in a process of its own, and print their comments `// → …`.
//
//   npx vitest run test/house/blocks -t docs/guide     those below a folder, or of a page

import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { peers, programFolder } from "../support/folder.js";
import { pages, printedBy, programsOf } from "../support/pages.js";

const folder = programFolder("blocks");

const programs = pages.flatMap(programsOf);

/** Returns whether a program needs another library than this package. */
function isForeign(code: string): boolean {
  return /\bfrom "(?!plexus-nn|node:|\.)|\bimport "(?!plexus-nn|node:|\.)/.test(code);
}

const run = promisify(execFile);

// Two at a time: one prints while the other trains.
describe("the programs", { concurrent: true, timeout: 60_000 }, () => {
  for (const { page, line, code } of programs) {
    it.skipIf(isForeign(code) && !existsSync(peers))(
      `${page}, line ${line}, prints its comments`,
      async ({ expect }) => {
        const file = join(folder, `${page.replace(/\W/g, "-")}-${line}.mjs`);
        writeFileSync(file, code);
        const { stdout, stderr } = await run(process.execPath, [file], { encoding: "utf8" });
        expect(stderr).toBe("");
        expect(stdout.trim().split("\n")).toEqual(printedBy(code));
      },
    );
  }
});

it("the pages have programs", () => {
  expect(programs.filter(({ page }) => page === "README.md").length).toBeGreaterThan(1);
  expect(programs.filter(({ page }) => page === "docs/reference.md").length).toBeGreaterThan(4);
});
