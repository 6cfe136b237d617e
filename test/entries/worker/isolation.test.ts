// Threads in real pages of Chromium: isolated by either kind of headers, and not isolated. The bits are those of one thread.

import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openPage, required, runtimes } from "../../runtimes/run.js";

const isMissing = runtimes.find(({ name }) => name === "Chromium")!.available() === undefined;
const root = fileURLToPath(new URL("../../../", import.meta.url));
const code = 'import("/test/entries/worker/isolation.js").then((module) => module.default())';

describe.skipIf(isMissing && !required)("in Chromium, a page", () => {
  it.each<[string, "memory" | "none", Record<string, string>]>([
    ["without isolation", "none", {}],
    [
      "with cross-origin isolation",
      "memory",
      { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" },
    ],
    [
      "with a Document-Isolation-Policy",
      "memory",
      { "document-isolation-policy": "isolate-and-credentialless" },
    ],
  ])("%s trains and predicts on threads with the bits of one", async (_, sharing, headers) => {
    const { allows, fit, predict } = await openPage((page) => page.evaluate(code), { folder: root, headers });
    expect(allows.sharing).toBe(sharing);
    expect(allows.why ?? "").toMatch(sharing === "none" ? /Document-Isolation-Policy/ : /^$/);
    expect(fit.same).toBe(true);
    if (sharing === "none") expect(fit).toMatchObject({ threads: 1, sharing });
    expect([1, 2]).toContain(fit.threads);
    expect(predict).toEqual({ flat: true, nested: true, shared: true });
  });
});
