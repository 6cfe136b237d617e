// The same bits on every runtime: digests of a seeded training, compared with this Node's.

import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import digests from "./digest.js";
import { required, runtimes } from "./run.js";

const file = fileURLToPath(new URL("./digest.js", import.meta.url));
const wanted = await digests();
describe("this Node", () => {
  it("says the same twice, and of a thousand live graphs", async () => {
    expect(await digests()).toEqual(wanted);
    expect(wanted.crowd.live).toBe(1000);
  });

  it("tells each stage of training, and each precision, from the others", () => {
    const { crowd: _, ...stages } = wanted;
    const all = Object.values(stages).flatMap((digests) => Object.values<string>(digests));
    for (const digest of all) expect(digest).toMatch(/^[0-9a-f]{16}$/);
    // How many rows were right may agree between the precisions; nothing else does.
    expect(new Set(all).size).toBeGreaterThanOrEqual(all.length - 1);
  });
});

describe("the bits of this Node are those of", () => {
  for (const { name, available, run } of runtimes) {
    const path = available();
    it.skipIf(path === undefined && !required)(name, async () => {
      expect(path, `${name} is not on this machine`).toBeDefined();
      expect(await run(file)).toEqual(wanted);
    });
  }
});
