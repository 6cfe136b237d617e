// A worker that doesn't start is refused in words that tell what to serve, and leaves the graph to others.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { fit } from "plexus-nn/worker";
import { afterAll, describe, expect, it } from "vitest";
import { required, runtimes } from "../../runtimes/run.js";
import { rejection, wrong } from "../../support/helpers.js";
import { data, make } from "../../support/training.js";

const dist = fileURLToPath(new URL("../../../dist/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "plexus-worker-"));
afterAll(() => rmSync(folder, { recursive: true }));

// The package as a bundler leaves it that doesn't emit the thread.
for (const name of ["index.js", "worker.js"]) copyFileSync(join(dist, name), join(folder, name));
writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
/** Prints how a run ends in a folder, and whether its graph is free again. */
function program(from: string): string {
  const url = (name: string) => JSON.stringify(pathToFileURL(join(from, name)).href);
  return `import { Graph, GraphError } from ${url("index.js")};
    import { fit } from ${url("worker.js")};
    const graph = new Graph({ seed: 1, inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
    const data = { xs: { x: [0, 1] }, ts: { y: [0, 1] } };
    const error = await fit(graph, data).then(() => "no error", (error) => error);
    graph.train(data.xs, data.ts);
    console.log(JSON.stringify([error instanceof GraphError, error.code, error.message]));`;
}

describe("a worker", () => {
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["an object", {}],
    ["a promise of one", Promise.resolve()],
    ["one that can't be heard", { postMessage() {}, terminate() {} }],
    ["a number", 3],
  ])("is refused that is %s", async (_, given) => {
    const graph = make();
    const error = await rejection(fit(graph, data, { worker: () => wrong(given) }));
    expect(error).toMatchObject({ code: "bad-option", message: expect.stringContaining("`worker`") });
    graph.train(data.xs, data.ts);
  });

  it.each([
    ["isn't there", "not-there.js", "not-there.js"],
    ["ends at once", "data:text/javascript,process.exit(7)", "status 7"],
    ["fails at once", "data:text/javascript,throw new Error('no start')", "no start"],
  ])("is refused whose module %s", async (_, name, why) => {
    const graph = make();
    const url = new URL(name, import.meta.url);
    const error = await rejection(fit(graph, data, { worker: () => new Worker(url) }));
    expect(error.code).toBe("bad-option");
    for (const words of [why, "plexus-nn/worker/thread", "thread.js", "`worker`", "worker-src"])
      expect(error.message).toContain(words);
    graph.train(data.xs, data.ts);
  });

  it("is refused whose file no bundler has emitted", () => {
    const words = ["--input-type=module", "--eval", program(folder)];
    const [isRefusal, code, message] = JSON.parse(
      execFileSync(process.execPath, words, { encoding: "utf8" }),
    );
    expect([isRefusal, code]).toEqual([true, "bad-option"]);
    expect(message).toContain("thread.js");
  });

  const deno = runtimes.find(({ name }) => name === "Deno")!.available();
  it.skipIf(deno === undefined && !required)("that Deno may not read ends a run, and not the process", () => {
    const file = join(folder, "deno.js");
    writeFileSync(file, program(dist));
    const words = ["run", "--quiet", "--no-config", "--no-prompt", file];
    const text = execFileSync(deno!, words, { encoding: "utf8", stdio: "pipe" });
    const [isRefusal, code, message] = JSON.parse(text);
    expect([isRefusal, code]).toEqual([true, "bad-option"]);
    expect(message).toContain("--allow-read");
  });
});

describe("the module that makes the worker", () => {
  // In whatever lines it lies.
  const text = readFileSync(join(dist, "worker.js"), "utf8").replaceAll("\n", "");

  it("names the thread's file once, in the words that bundlers look for", () => {
    expect(text.split("import.meta.url),{type:").length).toBe(2);
    expect(text).toContain('new Worker(new URL("./thread.js",import.meta.url),{type:"module"})');
  });

  it("imports nothing that a bundler can't follow", () => {
    expect(/\bimport\s*\(|\brequire\s*\(|from\s*["'`]node:/.exec(text)).toBe(null);
  });
});
