// ARCHITECTURE.md names exactly the files on the way of a number: those of a traced `train` and `fit`, and the imports of the core's
// passes.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");

/** Returns the files that a section names, each once. */
function named(heading: string): string[] {
  const section = page.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`))!;
  const files = [...section.matchAll(/`((?:src|assembly)\/[\w/]+\.ts)`/g)].map((match) => match[1]!);
  return [...new Set(files)].toSorted();
}

/** Returns a file of the core and all that it imports. */
function imported(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path] of readFileSync(join(root, file), "utf8").matchAll(/from "(\.[^"]+)"/g)) {
    imported(`${join(dirname(file), path!)}.ts`, found);
  }
  return found;
}

describe("the way of a number", () => {
  let traced: { first: string[]; later: string[]; run: string[] };
  beforeAll(() => {
    // V8 counts for one reader alone.
    const { NODE_V8_COVERAGE: _, ...env } = process.env;
    const run = spawnSync(process.execPath, [join(root, "test/house/trace.js")], { encoding: "utf8", env });
    expect(run.stderr).toBe("");
    traced = JSON.parse(run.stdout);
  });

  it("of a step passes the files of the first section", () => {
    expect(named("A step, from the call to the core and back")).toEqual(traced.later.toSorted());
    expect(traced.later.length).toBeLessThanOrEqual(7);
  });

  it("of a first step passes those of the second, too", () => {
    const first = traced.first.filter((file) => !traced.later.includes(file));
    const more = named("The first step").filter((file) => !traced.later.includes(file));
    expect(more).toEqual(first.toSorted());
  });

  it("of a run passes the files of src/fit in the fourth", () => {
    const files = traced.run.filter((file) => file.startsWith("src/fit/"));
    expect(named("An epoch")).toEqual(["src/graph/graph.ts", ...files].toSorted());
  });

  it("in the core passes the files of the third", () => {
    const files = ["assembly/index.ts", ...imported("assembly/pass/pass.ts")];
    expect(named("In the core")).toEqual(files.toSorted());
  });
});

it("every file and folder that the page names is there", () => {
  const paths = [...page.matchAll(/(?<![\w/.])((?:src|assembly|tools|test)\/[\w/]*(?:\.\w+)?)/g)].map(
    (match) => match[1]!,
  );
  expect(paths.length).toBeGreaterThan(50);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it("every folder of src/ and assembly/ has a line in the page", () => {
  for (const top of ["src", "assembly"]) {
    const folders = readdirSync(join(root, top), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    for (const { name } of folders) expect(page, `${top}/${name}`).toContain(`${top}/${name}/`);
  }
});
