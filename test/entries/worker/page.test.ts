// Training in a worker, in real pages of Chromium that refuse it: each refusal is a coded error, and leaves the graph to others.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { openPage, required, runtimes } from "../../runtimes/run.js";

const dist = fileURLToPath(new URL("../../../dist/", import.meta.url));
const above = mkdtempSync(join(tmpdir(), "plexus-page-"));
afterAll(() => rmSync(above, { recursive: true }));

/** Trains in a worker, and then in place; the test's own limit distinguishes a run that never ends. */
const trial = `import { Graph, GraphError } from "./index.js";
  import { fit } from "./worker.js";
  const data = { xs: { x: [0, 1] }, ts: { y: [0, 1] } };
  export async function trial(options) {
    const graph = new Graph({ seed: 1, inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
    const said = await fit(graph, data, { epochs: 2, ...options }).then(
      ({ stopped }) => stopped,
      (error) => (error instanceof GraphError ? error.code + ": " + error.message : "another error: " + error),
    );
    graph.train(data.xs, data.ts);
    return said;
  }`;
const page = '<!doctype html><title>Plexus</title><script type="module" src="./main.js"></script>';
const simple = 'import { trial } from "./trial.js";\nglobalThis.result = trial();';
const inServiceWorker = `globalThis.result = (async () => {
    await navigator.serviceWorker.register("./service.js", { type: "module" });
    const { active } = await navigator.serviceWorker.ready;
    return new Promise((resolve) => {
      navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
      active.postMessage("train");
    });
  })();`;

let folders = 0;
/** Makes a folder with the package's modules, as a server has them, and some more files. */
function serve(files: Record<string, string>, lacking: readonly string[] = []): string {
  const folder = join(above, `${folders++}`);
  mkdirSync(folder);
  for (const name of ["index.js", "worker.js", "thread.js"])
    if (!lacking.includes(name)) copyFileSync(join(dist, name), join(folder, name));
  for (const [name, text] of Object.entries({ "trial.js": trial, ...files }))
    writeFileSync(join(folder, name), text);
  return folder;
}

const isMissing = runtimes.find(({ name }) => name === "Chromium")!.available() === undefined;
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

describe.skipIf(isMissing && !required)("in a page of Chromium", () => {
  it.each<[string, string, { files?: Record<string, string>; lacking?: string[]; policy?: string }]>([
    ["a page with a strict policy", "^epochs$", {}],
    [
      "a page under Trusted Types",
      "^bad-option: .*TrustedScriptURL",
      { policy: `${policy}; require-trusted-types-for 'script'` },
    ],
    [
      "a page whose policy is worker-src 'none'",
      "^bad-option: .*worker-src",
      { policy: `${policy}; worker-src 'none'` },
    ],
    [
      "a page with a policy of an opaque origin",
      "^bad-option: .*origin 'null'",
      { policy: "sandbox allow-scripts" },
    ],
    [
      "a frame in a sandbox",
      "^bad-option: .*origin 'null'",
      {
        files: {
          "index.html": '<!doctype html><iframe sandbox="allow-scripts" src="frame.html"></iframe>',
          "frame.html": page,
        },
        policy: "",
      },
    ],
    ["a page without thread.js", "^bad-option: .*thread\\.js", { lacking: ["thread.js"] }],
    [
      "a page that is served another text as thread.js",
      "^bad-option: .*thread\\.js",
      { files: { "thread.js": page }, lacking: ["thread.js"] },
    ],
    [
      "a service worker",
      "^bad-option: .*no workers",
      {
        files: {
          "main.js": inServiceWorker,
          "service.js": `import { trial } from "./trial.js";
            self.onmessage = (event) => event.waitUntil(trial().then((said) => event.source.postMessage(said)));
            self.onactivate = (event) => event.waitUntil(self.clients.claim());`,
        },
      },
    ],
  ])("%s: training in a worker ends as it should", async (_, wanted, { files, lacking, ...options }) => {
    const folder = serve({ "index.html": page, "main.js": simple, ...files }, lacking);
    const said = await openPage((page) => page.frames().at(-1).evaluate("globalThis.result"), {
      folder,
      policy,
      ...options,
    });
    expect(said).toMatch(new RegExp(wanted));
    expect(said).not.toContain("..");
  });
});
