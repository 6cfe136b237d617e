// The packed package in runtimes, in pages with a policy, in an audio worklet, and in Cloudflare's workerd.

import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openPage, runtimes } from "../runtimes/run.js";
import { createProject, tools, wanted } from "./project.js";

const project = createProject();
afterAll(() => project.remove());
const { folder } = project;
const program = (name: string) =>
  name === "Node" ? process.execPath : runtimes.find((runtime) => runtime.name === name)!.available()!;
const nodes = ["Node", "Node 22", "Node 24"];
const { exports } = JSON.parse(readFileSync(join(folder, "node_modules/plexus-nn/package.json"), "utf8"));
/** All entries that are modules for a program, and not for a thread. */
const entries = Object.keys(exports)
  .filter((name) => !/\.wasm$|\.json$|thread$/.test(name))
  .map((name) => name.replace(/^\./, "plexus-nn"));
const last = (said: string) => JSON.parse(said.trim().split("\n").at(-1)!);

describe.each(nodes)("%s", (name) => {
  it("imports the package and runs the program", () => {
    project.write(
      "main.js",
      'import { run } from "./program.js";\nconsole.log(JSON.stringify(await run()));',
    );
    expect(last(project.run(program(name), "main.js"))).toEqual(wanted);
  });

  it("requires every entry", () => {
    project.write(
      "main.cjs",
      `const names = ${JSON.stringify(entries)}.filter((name) => Object.keys(require(name)).length > 0);
      const { Graph } = require("plexus-nn");
      const graph = new Graph({ inputs: { x: 1 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
      console.log(JSON.stringify([names.length, graph.predict({ x: [1] }).y.length, require("plexus-nn/package.json").name]));`,
    );
    expect(last(project.run(program(name), "main.cjs"))).toEqual([entries.length, 1, "plexus-nn"]);
  });

  it("resolves the cores' files", () => {
    project.write(
      "core.js",
      `import { Graph, setCore } from "plexus-nn/slim";
      await setCore({ float64: import.meta.resolve("plexus-nn/float64.wasm") });
      console.log(JSON.stringify(new Graph().layers));`,
    );
    expect(last(project.run(program(name), "core.js"))).toEqual([]);
  });
});

it("Bun imports the package and runs the program", () => {
  project.write("main.js", 'import { run } from "./program.js";\nconsole.log(JSON.stringify(await run()));');
  expect(last(project.run(program("Bun"), "run", "main.js"))).toEqual(wanted);
});

describe("Deno", () => {
  const typed = (from: string) => `import { Graph, GraphError } from ${JSON.stringify(from)};
    const graph = new Graph({ seed: 1, inputs: { x: 2 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
    const cost: number = graph.train({ x: [0, 1] }, { y: [1] });
    // @ts-expect-error  misspelt
    export const misspelt = () => graph.predict({ xx: [1, 2] });
    console.log(JSON.stringify([cost > 0, GraphError.name]));`;

  it.each([
    ["an installed package", "plexus-nn"],
    ["the file", "./dist/index.js"],
  ])("checks the types of %s, and runs it", (_, from) => {
    cpSync(join(folder, "node_modules/plexus-nn/dist"), join(folder, "dist"), { recursive: true });
    project.write("main.ts", typed(from));
    const words = ["run", "--quiet", "--node-modules-dir=manual", "--check=all", "--allow-read", "main.ts"];
    expect(last(project.run(program("Deno"), ...words))).toEqual([true, "GraphError"]);
  });

  it("runs the program", () => {
    project.write(
      "main.js",
      'import { run } from "./program.js";\nconsole.log(JSON.stringify(await run()));',
    );
    const words = ["run", "--quiet", "--node-modules-dir=manual", "--allow-read", "main.js"];
    expect(last(project.run(program("Deno"), ...words))).toEqual(wanted);
  });
});

describe("workerd, of a date without FinalizationRegistry,", () => {
  /** Returns the answer of a module's `fetch` there; modules lie as a bundler for workerd would leave them. */
  function answer(main: string): unknown {
    project.write("worker.mjs", main);
    project.write(
      "miniflare.mjs",
      `import { readFileSync } from "node:fs";
      import { Miniflare } from ${JSON.stringify(join(tools, "miniflare/dist/src/index.js"))};
      const dist = (name) => "node_modules/plexus-nn/dist/" + name;
      const host = new Miniflare({
        compatibilityDate: "2024-09-01",
        modules: [
          { type: "ESModule", path: "worker.mjs", contents: readFileSync("worker.mjs", "utf8") },
          { type: "ESModule", path: "index.js", contents: readFileSync(dist("index.js"), "utf8") },
          { type: "ESModule", path: "slim.js", contents: readFileSync(dist("slim.js"), "utf8") },
          { type: "CompiledWasm", path: "float64.wasm", contents: readFileSync(dist("float64.wasm")) },
        ],
      });
      try {
        const response = await host.dispatchFetch("http://localhost/");
        console.log(await response.text());
      } finally {
        await host.dispose();
      }`,
    );
    // Miniflare needs Node 22.
    return last(project.run(program("Node 22"), "miniflare.mjs"));
  }

  it("imports the engine, and refuses the first graph in words that lead to slim", () => {
    const [registry, isRefusal, code, message] = answer(`import { Graph, GraphError } from "./index.js";
      export default {
        fetch() {
          try {
            new Graph();
          } catch (error) {
            const told = [typeof FinalizationRegistry, error instanceof GraphError, error.code, error.message];
            return Response.json(told);
          }
          return Response.json([]);
        },
      };`) as string[];
    expect([registry, isRefusal, code]).toEqual(["undefined", true, "no-wasm"]);
    expect(message).toMatch(/setCore.*plexus-nn\/slim/);
  });

  it("trains on a core that is compiled ahead", () => {
    const found = answer(`import { Graph, setCore } from "./slim.js";
      import core from "./float64.wasm";
      setCore(core);
      const graph = new Graph({ seed: 7, inputs: { x: 2 }, hidden: { h: 4 }, outputs: { y: 1 }, synapses: [["x", "h"], ["h", "y"]] });
      export default {
        async fetch() {
          const data = { xs: { x: [0, 1, 1, 1] }, ts: { y: [1, 0] } };
          const { steps } = await graph.fit(data, { epochs: 5 });
          const same = Graph.load(graph.save());
          return Response.json([steps, JSON.stringify(same) === JSON.stringify(graph), graph.predict(data.xs).y.length]);
        },
      };`);
    expect(found).toEqual([5, true, 2]);
  });
});

describe("a page in Chromium", () => {
  const dist = join(folder, "node_modules/plexus-nn/dist");
  const base = "default-src 'none'; connect-src 'self'; worker-src 'self'";
  const open = (policy: string, code: string) =>
    openPage((page) => page.evaluate(`(async () => { ${code} })()`), { folder: dist, policy });
  const graph = `const { Graph, GraphError } = await import("/index.js");
    const told = (error) => [error instanceof GraphError, error.code, error.message];
    const make = () => new Graph({ seed: 1, inputs: { x: 2 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
    const data = { xs: { x: [0, 1] }, ts: { y: [1] } };`;

  it("with a strict policy runs the engine and its worker", async () => {
    const code = `${graph} const { fit } = await import("/worker.js");
      const one = make(), two = make(); await fit(one, data); await two.fit(data);
      return JSON.stringify(one) === JSON.stringify(two);`;
    expect(await open(`${base}; script-src 'self' 'wasm-unsafe-eval'`, code)).toBe(true);
  });

  it("whose policy refuses WebAssembly imports the engine, and is told of the policy", async () => {
    const [isRefusal, code, message] = await open(
      `${base}; script-src 'self'`,
      `${graph} try { make(); } catch (error) { return told(error); }`,
    );
    expect([isRefusal, code]).toEqual([true, "no-wasm"]);
    expect(message).toContain("'wasm-unsafe-eval'");
    expect(message).toMatch(/^This page's policy/);
  });

  it.each([
    ["workers", `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'`],
    [
      "plain URLs of scripts",
      `${base}; script-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'`,
    ],
  ])("whose policy refuses %s is told so by a coded error", async (_, policy) => {
    const [isRefusal, code, message] = await openPage(
      (page) =>
        page.evaluate(`import("/worker.js").then(async ({ fit }) => { ${graph}
          return fit(make(), data).then(() => [], told); })`),
      { folder: dist, policy },
    );
    expect([isRefusal, code]).toEqual([true, "bad-option"]);
    expect(message).toContain("`worker`");
  });

  it("trains in an audio worklet, which has no encoders and no timers", async () => {
    const worklet = `import { Graph } from "/index.js";
      registerProcessor("plexus", class extends AudioWorkletProcessor {
        constructor() {
          super();
          const graph = new Graph({ seed: 1, inputs: { x: 2 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
          const data = { xs: { x: [0, 1] }, ts: { y: [1] } };
          graph.train(data.xs, data.ts);
          const lacking = ["TextEncoder", "performance", "MessageChannel", "setTimeout"].filter((name) => !(name in globalThis));
          graph.fit(data, { epochs: 4 }).then(({ steps }) => {
            const same = JSON.stringify(Graph.load(graph.save())) === JSON.stringify(graph);
            this.port.postMessage({ steps, same, lacking });
          }, (error) => this.port.postMessage(String(error)));
        }
        process() { return true; }
      });`;
    project.write("node_modules/plexus-nn/dist/worklet.js", worklet);
    const found = await open(
      "",
      `const audio = new OfflineAudioContext(1, 128, 44100);
      await audio.audioWorklet.addModule("/worklet.js");
      const node = new AudioWorkletNode(audio, "plexus");
      return new Promise((resolve) => { node.port.onmessage = ({ data }) => resolve(data); });`,
    );
    expect(found).toMatchObject({ steps: 4, same: true });
    expect(found.lacking).toContain("TextEncoder");
  });
});
