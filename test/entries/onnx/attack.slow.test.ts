// Mean files, files cut at every byte, and 100,000 mutations of good ones: each ends in a graph, or in a refusal with a code.

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { required, runtimes } from "../../runtimes/run.js";
import { seed } from "../../support/helpers.js";
import attack, { MUTATIONS } from "./attack.js";

const file = fileURLToPath(new URL("./attack.js", import.meta.url));
const timeout = 900_000;

function expectHeld({ wrong, counts }: Awaited<ReturnType<typeof attack>>) {
  expect(wrong).toEqual([]);
  expect(Object.values(counts).reduce((a, b) => a + b)).toBe(MUTATIONS);
  // The mutations reach what they should: some are graphs still, and some are refused for what they ask.
  for (const outcome of ["graph", "bad-file", "unsupported"]) expect(counts[outcome]).toBeGreaterThan(1000);
}

test(`fromOnnx holds in this Node (seed ${seed})`, { timeout }, async () => {
  expectHeld(await attack(seed));
});

const { name, available, run } = runtimes.find(({ name }) => name === "Chromium")!;
test.skipIf(available() === undefined && !required)(
  `fromOnnx holds in ${name} (seed 20)`,
  { timeout },
  async () => {
    expectHeld(await run(file));
  },
);
