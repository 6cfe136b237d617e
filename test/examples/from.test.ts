// The pages of docs/from run, each side as one program: the other library's by that library, of test/peers or by Debian's PyTorch.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { python } from "../entries/torch/trial.js";
import { required } from "../runtimes/run.js";
import { peers, programFolder } from "../support/folder.js";
import { filesOf, pages, printedBy } from "../support/pages.js";

const folder = programFolder("from");

/** Libraries that draw weights by Math.random do the same at each run. */
const SEEDED = `{ let seed = 1; Math.random = () => (seed = (seed * 48271) % 2147483647) / 2147483647; }\n`;

const programs = pages
  .filter((page) => page.startsWith("docs/from/"))
  .flatMap((page) => Object.entries(filesOf(page)).map(([file, code]) => ({ page, file, code })));

/** Returns what a program prints. */
function run(page: string, file: string, code: string): string {
  const name = `${page.replace(/\W/g, "-")}-${file}`;
  if (file.endsWith(".py")) {
    writeFileSync(join(folder, name), code);
    return execFileSync(python!, [join(folder, name)], { encoding: "utf8", cwd: folder });
  }
  const path = join(folder, name.replace(/js$/, "mjs"));
  writeFileSync(path, SEEDED + code);
  const { stdout, stderr, status } = spawnSync(process.execPath, [path], { encoding: "utf8", cwd: folder });
  expect(status, stderr).toBe(0);
  if (file === "plexus.js") expect(stderr).toBe(""); // TensorFlow.js greets there
  return stdout;
}

describe("the programs", () => {
  for (const { page, file, code } of programs) {
    const isMissing = file.endsWith(".py") ? python === undefined : !existsSync(peers);
    const isForeign = file !== "plexus.js";
    it.skipIf(isForeign && isMissing && !required)(`${file} of ${page} prints its comments`, () => {
      expect(run(page, file, code).trim().split("\n")).toEqual(printedBy(code));
    });
  }

  it("are of both sides on each page", () => {
    for (const page of new Set(programs.map(({ page }) => page))) {
      const files = Object.keys(filesOf(page));
      expect(files, page).toContain("plexus.js");
      expect(files.length, page).toBeGreaterThan(1);
    }
    expect(new Set(programs.map(({ page }) => page)).size).toBeGreaterThan(0);
  });
});
