// plexus-nn/slim: the same exports and bits, with a core that is handed in, and entries that use that engine alone.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as full from "plexus-nn";
import * as slim from "plexus-nn/slim";
import { fromBrain } from "plexus-nn/slim/migrate";
import { fromOnnx, toOnnx } from "plexus-nn/slim/onnx";
import { fit, predict } from "plexus-nn/slim/worker";
import { describe, expect, it } from "vitest";
import { type AnyGraph, wrong } from "../../support/helpers.js";

const file = (precision: string) => new URL(`../../../dist/${precision}.wasm`, import.meta.url);
const bytes = { float64: readFileSync(file("float64")), float32: readFileSync(file("float32")) };
const response = (body: BodyInit, type = "application/wasm", status = 200) =>
  new Response(body, { status, headers: { "content-type": type } });

/** Returns the output of a separate Node, whose engine has no core yet. */
function run(code: string): string[] {
  const url = (name: string) => JSON.stringify(new URL(`../../../dist/${name}`, import.meta.url).href);
  const text = `import { readFileSync } from "node:fs";
    import { Graph, GraphError, setCore } from ${url("slim.js")};
    const file = (precision) => new URL(precision + ".wasm", ${url("slim.js")});
    const bytes = (precision) => readFileSync(file(precision));
    const attempt = async (precision = "float64") => {
      try {
        const graph = new Graph({ seed: 1, precision, inputs: { x: 2 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
        graph.train({ x: [0, 1] }, { y: [1] });
        console.log("made");
      } catch (error) { console.log(error instanceof GraphError, error.code, error.message); }
    };
    ${code}`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", text], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

/** Returns the refusal of `setCore`, thrown or by a rejection. */
async function refused(core: unknown): Promise<slim.GraphError> {
  try {
    await slim.setCore(wrong(core));
  } catch (error) {
    expect(error).toBeInstanceOf(slim.GraphError);
    return error as slim.GraphError;
  }
  throw new Error("nothing was refused");
}

describe("plexus-nn/slim", () => {
  it("exports what plexus-nn does, and setCore", () => {
    expect(Object.keys(slim).sort()).toEqual([...Object.keys(full), "setCore"].sort());
  });

  it("is smaller by the core", () => {
    const size = (name: string) => readFileSync(new URL(`../../../dist/${name}`, import.meta.url)).length;
    expect(size("slim.js")).toBeLessThan(size("index.js") - 50_000);
  });

  it("says what is lacking before a core is there, of each precision", () => {
    const [first, second, third] = run(
      `await attempt(); setCore(bytes("float32")); await attempt("float32"); await attempt();`,
    );
    expect(first).toMatch(/^true no-wasm .*float64\.wasm.*setCore/);
    expect(second).toBe("made");
    expect(third).toMatch(/^true no-wasm .*float64\.wasm.*setCore/);
  });

  it.each([
    ["a module", 'setCore(new WebAssembly.Module(bytes("float64")));'],
    ["bytes", 'setCore(bytes("float64"));'],
    ["an ArrayBuffer", 'setCore(Uint8Array.from(bytes("float64")).buffer);'],
    ["a URL", 'await setCore(file("float64"));'],
    ["a URL's text", 'await setCore(file("float64").href);'],
    [
      "a response",
      'await setCore(new Response(bytes("float64"), { headers: { "content-type": "application/wasm" } }));',
    ],
    ["a response of no type", 'await setCore(new Response(bytes("float64")));'],
    ["a promise of a response", 'await setCore(Promise.resolve(new Response(bytes("float64"))));'],
    [
      "an object",
      'setCore({ float64: new WebAssembly.Module(bytes("float64")), float32: bytes("float32") });',
    ],
    ["an object of promises", 'await setCore({ float64: file("float64"), float32: undefined });'],
  ])("takes %s", (_, code) => {
    expect(run(`${code} await attempt();`)).toEqual(["made"]);
  });

  it("takes modules and bytes at once, and returns a promise for what is fetched", async () => {
    expect(slim.setCore(bytes.float64)).toBe(undefined);
    expect(slim.setCore({ float32: new WebAssembly.Module(bytes.float32) })).toBe(undefined);
    const promise = slim.setCore({ float64: bytes.float64, float32: file("float32") });
    expect(promise).toBeInstanceOf(Promise);
    expect(await promise).toBe(undefined);
  });

  const other = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  it.each<[string, unknown, string, string]>([
    ["nothing", undefined, "bad-option", "WebAssembly.Module"],
    ["null", null, "bad-option", "WebAssembly.Module"],
    ["a number", 3, "bad-option", "not 3"],
    ["an empty object", {}, "bad-option", "no core"],
    ["another precision's name", { float16: bytes.float32 }, "bad-option", "float16"],
    ["the core of another precision", { float32: bytes.float64 }, "bad-option", "float64"],
    ["another module", new WebAssembly.Module(other), "bad-option", "no core of plexus-nn"],
    ["a page", Buffer.from("<!doctype html>"), "bad-file", "<!doctype"],
    ["no bytes", new Uint8Array(), "bad-file", "no WebAssembly"],
    ["a core that is cut", bytes.float64.subarray(0, 5000), "no-wasm", "refuses the engine"],
    ["an answer of 404", response("not there", "text/plain", 404), "bad-file", "404"],
    ["a page as an answer", response("<!doctype html>", "text/html"), "bad-file", "<!doctype"],
    ["a file that isn't there", new URL("file:///not/there.wasm"), "bad-file", "not/there"],
    ["a promise of something else", Promise.resolve(7), "bad-option", "not 7"],
    ["one of two", { float64: bytes.float64, float32: 1 }, "bad-option", "not 1"],
  ])("refuses %s", async (_, core, code, words) => {
    const error = await refused(core);
    expect(`${error.code}: ${error.message}`).toContain(`${code}: `);
    expect(error.message).toContain(words);
  });

  it("refuses the core of another build", async () => {
    const changed = Uint8Array.from(bytes.float64);
    changed[changed.length - 1]! ^= 1; // the last digit of its mark
    expect((await refused(changed)).message).toContain("another build");
  });

  it("keeps none of two cores where one is refused", () => {
    const code = `try { setCore({ float64: bytes("float64"), float32: bytes("float64") }); } catch {} await attempt();`;
    expect(run(code)[0]).toMatch(/^true no-wasm/);
  });
});

describe("with a core handed in", () => {
  slim.setCore(bytes);
  const declared = {
    seed: 5,
    optimizer: { name: "adam" },
    inputs: { x: 3 },
    hidden: { h: { size: 8, activation: "tanh", norm: "layer", dropout: 0.2 } },
    outputs: { y: { size: 3, activation: "softmax" } },
    synapses: [
      ["x", "h"],
      ["h", "y"],
      ["x", "y"],
    ],
  } as const;
  const data = { xs: { x: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, ts: { y: [0, 2, 1] } };

  it.each(["float64", "float32"] as const)("the bits are the same in %s", async (precision) => {
    const [mine, theirs]: AnyGraph[] = [
      new slim.Graph({ ...declared, precision }) as unknown as AnyGraph,
      new full.Graph({ ...declared, precision }),
    ];
    for (const graph of [mine!, theirs!]) await graph.fit(data, { epochs: 20, batchSize: 2 });
    expect(JSON.stringify(mine)).toBe(JSON.stringify(theirs));
    expect(mine!.evaluate(data.xs, data.ts)).toEqual(theirs!.evaluate(data.xs, data.ts));
  });

  it("the other entries have the same engine and the same class of errors", async () => {
    const graph = new slim.Graph(declared);
    const made = fromOnnx(toOnnx(graph));
    expect(made).toBeInstanceOf(slim.Graph);
    expect(made).not.toBeInstanceOf(full.Graph);
    expect(() => fromBrain({})).toThrow(slim.GraphError);
    const twin = graph.clone();
    await fit(graph, data, { epochs: 3 });
    await twin.fit(data, { epochs: 3 });
    expect(JSON.stringify(graph)).toBe(JSON.stringify(twin));
    expect(await predict(graph, data.xs, { threads: 2 })).toEqual(twin.predict(data.xs));
  });
});
