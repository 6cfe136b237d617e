// Hosts that refuse WebAssembly: importing never throws, the first graph does.

import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const module = new URL("../../dist/index.js", import.meta.url).href;

/** Returns the output of a separate Node, after a change of the host. */
function run(change: string, then: string): string {
  const code = `${change};
    const { Graph, GraphError } = await import(${JSON.stringify(module)});
    console.log("imported");
    const attempt = () => {
      try { new Graph(); console.log("made"); }
      catch (error) { console.log(error instanceof GraphError, error.code, error.message); }
    };
    ${then}`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout;
}

/** Returns code after which `new WebAssembly.Module` throws a CompileError of a message. */
const refusing = (message: string) =>
  `WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError(${JSON.stringify(message)}); } }`;

describe("the first graph is refused with no-wasm", () => {
  it("where there is no WebAssembly", () => {
    const lines = run("delete globalThis.WebAssembly", "attempt(); attempt()").trim().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe("imported");
    expect(lines[1]).toMatch(/^true no-wasm This host has no WebAssembly.*toSource/);
    expect(lines[2]).toBe(lines[1]);
  });

  it("where SIMD is missing", () => {
    const host =
      "WebAssembly.validate = () => false; WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('simd'); } }";
    expect(run(host, "attempt()")).toMatch(/^imported\ntrue no-wasm .*SIMD/);
  });

  it.each([
    ["Refused to compile WebAssembly, since 'unsafe-eval' is not an allowed source: Content Security Policy"],
    ["call to WebAssembly.Module() blocked by CSP"],
    ["Refused by the policy"],
  ])("where a page's policy refuses to compile: %s", (message) => {
    expect(run(refusing(message), "attempt()")).toMatch(
      /^imported\ntrue no-wasm This page's policy .*'wasm-unsafe-eval'/,
    );
  });

  it("where the host compiles ahead of time only", () => {
    const message = "WebAssembly.Module(): Wasm code generation disallowed by embedder";
    expect(run(refusing(message), "attempt()")).toMatch(
      /^imported\ntrue no-wasm .*workerd.*setCore of plexus-nn\/slim/,
    );
  });

  it("where it is something else, with the host's words", () => {
    expect(run(refusing("out of executable memory"), "attempt()")).toMatch(
      /^imported\ntrue no-wasm This host refuses the engine: out of executable memory\./,
    );
  });

  it("and where nothing is refused, nothing is", () => {
    expect(run("", "attempt()")).toBe("imported\nmade\n");
  });

  it("is compiled at the first graph, with its decoder, not before", () => {
    const host =
      "const Module = WebAssembly.Module; let count = 0; WebAssembly.Module = class extends Module { constructor(b) { super(b); count++; } }";
    expect(run(host, "console.log(count); attempt(); attempt(); console.log(count)")).toBe(
      "imported\n0\nmade\nmade\n2\n",
    );
  });
});

describe("a start that fails leaves nothing half made:", () => {
  const graph = `const graph = new Graph({ seed: 1, inputs: { x: 2 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
    graph.train({ x: [0, 1] }, { y: [1] });
    console.log(graph.predict({ x: [0, 1] }).y[0])`;
  const wanted = run("", graph);

  it.each([1, 2, 3])("the module %i is refused at first", (nth) => {
    const host = `const { Module } = WebAssembly; let count = 0; WebAssembly.Module = class extends Module {
      constructor(bytes) { if (++count === ${nth}) throw new WebAssembly.CompileError("not now"); super(bytes); } }`;
    const tried = `for (let i = 0; i < 3; i++) try { ${graph}; break; } catch (error) { console.log(error.code); }`;
    const lines = run(host, tried);
    expect(lines).toBe(nth < 3 ? wanted.replace("imported\n", "imported\nno-wasm\n") : wanted);
  });

  it.each([1, 2])("the instance %i is refused at first", (nth) => {
    const host = `const { Instance } = WebAssembly; let count = 0; WebAssembly.Instance = function (module, imports) {
      if (++count === ${nth}) throw new RangeError("no memory now"); return new Instance(module, imports); }`;
    const tried = `for (let i = 0; i < 3; i++) try { ${graph}; break; } catch (error) { console.log(error.code); }`;
    expect(run(host, tried)).toBe(wanted.replace("imported\n", "imported\nno-wasm\n"));
  });
});

describe("a host without", () => {
  it.each(["FinalizationRegistry", "TextEncoder", "TextDecoder", "performance", "MessageChannel"])(
    "%s imports the engine, trains, and saves",
    (name) => {
      const then = `const graph = new Graph({ seed: 1, inputs: { x: 2 }, outputs: { "y💡": 1 }, synapses: [["x", "y💡"]] });
      const data = { xs: { x: [0, 1, 1, 1] }, ts: { "y💡": [1, 0] } };
      const { steps } = await graph.fit(data, { epochs: 3 });
      const same = Graph.load(graph.save());
      console.log(typeof globalThis[${JSON.stringify(name)}], steps, JSON.stringify(same) === JSON.stringify(graph));
      try { Graph.load(new Uint8Array(40).fill(255)); } catch (error) { console.log(error.code); }
      graph.dispose()`;
      expect(run(`delete globalThis.${name}`, then)).toBe("imported\nundefined 3 true\nbad-file\n");
    },
  );
});
