// Hostile files: each ends in a coded error or a valid graph, in bounded memory, in Node and in Chromium.

import { execFile } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { required, runtimes } from "../runtimes/run.js";
import { seed } from "../support/helpers.js";

interface Result {
  readonly counts: Record<string, Record<string, number>>;
  readonly failures: readonly string[];
  readonly memory: number;
}

const file = fileURLToPath(new URL("attack.js", import.meta.url));

/** Runs the attacks in a process of its own, whose bounded memory for JavaScript ends it if an attack takes more. */
async function inNode(): Promise<Result> {
  const print = `import(process.argv[1]).then((m) => m.default()).then((r) => console.log(JSON.stringify(r)))`;
  const words = ["--max-old-space-size=256", "-e", print, `${pathToFileURL(file).href}?seed=${seed}`];
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout) as Result;
}

function expectNoHarm({ counts, failures, memory }: Result): void {
  expect(failures).toEqual([]);
  const total = (name: string) => Object.values(counts[name]!).reduce((a, b) => a + b);
  expect(total("hostile")).toBeGreaterThan(100);
  expect(total("json") + total("bytes") + total("safetensors")).toBe(100_000);
  // Mutations are worth something only where they neither all fail nor all pass.
  for (const name of ["json", "bytes", "safetensors", "foreign"]) {
    expect(counts[name]!.valid).toBeGreaterThan(100);
    expect(counts[name]!["bad-file"]).toBeGreaterThan(1000);
  }
  // The engine's own memory, which never shrinks: no file took as much as it declared.
  expect(memory).toBeLessThan(2 ** 27);
}

describe(`hostile files end in a coded error or a valid graph, PLEXUS_SEED=${seed}`, () => {
  it("in Node", { timeout: 900_000 }, async () => expectNoHarm(await inNode()));

  const chromium = runtimes.find(({ name }) => name === "Chromium")!;
  const path = chromium.available();
  it.skipIf(path === undefined && !required)("in Chromium", { timeout: 900_000 }, async () => {
    expect(path, "Chromium is not on this machine").toBeDefined();
    expectNoHarm(await chromium.run(`${file}?seed=${seed}`));
  });
});
