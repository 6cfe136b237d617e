// Hosts that refuse WebAssembly: importing never throws, the first graph does.

import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const module = new URL("../../dist/index.js", import.meta.url).href;

/** What a Node of its own prints, after the host was changed. */
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

describe("no-wasm", () => {
  it("where there is no WebAssembly", () => {
    const lines = run("delete globalThis.WebAssembly", "attempt(); attempt()").trim().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe("imported");
    expect(lines[1]).toMatch(/^true no-wasm .*WebAssembly/);
    expect(lines[2]).toBe(lines[1]);
  });

  it("where SIMD is missing", () => {
    // The module that unpacks the core has no SIMD; it is smaller than 10 kB, and the core is not.
    const host =
      "const { Module } = WebAssembly; WebAssembly.validate = () => false; WebAssembly.Module = class extends Module { constructor(b) { if (b.length > 10_000) throw new WebAssembly.CompileError('simd'); super(b); } }";
    expect(run(host, "attempt()")).toMatch(/^imported\ntrue no-wasm .*SIMD/);
  });

  it("where a page's policy refuses to compile", () => {
    const host =
      "WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('Refused by the policy'); } }";
    expect(run(host, "attempt()")).toMatch(/^imported\ntrue no-wasm .*'wasm-unsafe-eval'/);
  });

  it("and where nothing is refused, nothing is", () => {
    expect(run("", "attempt()")).toBe("imported\nmade\n");
  });

  it("is compiled at the first graph, with what unpacks it, not before", () => {
    const host =
      "const Module = WebAssembly.Module; let count = 0; WebAssembly.Module = class extends Module { constructor(b) { super(b); count++; } }";
    expect(run(host, "console.log(count); attempt(); attempt(); console.log(count)")).toBe(
      "imported\n0\nmade\nmade\n2\n",
    );
  });
});
