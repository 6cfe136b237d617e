// The programs on the pages run, each in a process of its own, and print their comments `// → …`.
//
//   npx vitest run test/house/blocks -t docs/guide     those below a folder, or of a page

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { pages, printedBy, programsOf, root } from "../support/pages.js";

// Inside the project, so that the package's own name leads to it. Other libraries are those of test/peers.
mkdirSync(join(root, "build"), { recursive: true });
const folder = mkdtempSync(join(root, "build", "blocks-"));
const peers = join(root, "test/peers/node_modules");
if (existsSync(peers)) symlinkSync(peers, join(folder, "node_modules"), "junction");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
