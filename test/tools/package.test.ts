// The packed tarball, as another project sees it: installed, type-checked without skipLibCheck, run.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "plexus-packed-"));
const installed = join(folder, "node_modules", "plexus-nn");

const consumer = `
import { Graph, GraphError } from "plexus-nn";
import { summary, toSource, toSvg } from "plexus-nn/draw";
export type * as others from "./others.js";

const graph = new Graph({
  seed: 7,
  inputs: { x: 2 },
  hidden: { h: { size: 4, activation: "tanh" } },
  outputs: { y: 1 },
  synapses: [["x", "h"], ["h", "y"], ["x", "y"]],
});
const first: number = graph.train({ x: [0, 1] }, { y: [1] });
const { y } = graph.predict({ x: [0, 1, 1, 1] });
const texts: string[] = [summary(graph), toSvg(graph), toSource(graph).types];
const sum: number = y.reduce((a: number, b: number) => a + b, 0);
graph.fit({ xs: { x: [0, 1] }, ts: { y: [1] } }, { epochs: 3 }).then((history) => {
  const [last] = history.epochs.slice(-1);
  const copy = Graph.fromJSON(graph.toJSON());
  graph[Symbol.dispose]();
  let code = "";
  try { graph.seed; } catch (error) { if (error instanceof GraphError) code = error.code; }
  console.log(JSON.stringify({ fell: last !== undefined && last.cost < first, rows: y.length, finite: sum > 0 && texts.length > 0, code, seed: copy.seed }));
});
// @ts-expect-error  misspelt
export const misspelt = () => graph.predict({ xx: [1, 2] });
`;

/** The types of every entry that is a module, whatever imports it. */
const { exports: entries } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Record<string, unknown>;
};
const others = Object.keys(entries)
  .filter((name) => !/\.(?:wasm|json)$/.test(name))
  .map((name, i) => `export type * as entry${i} from ${JSON.stringify(name.replace(/^\./, "plexus-nn"))};`)
  .join("\n");

/**
 * Runs npm in a folder as if nothing had run before it. It is not the old npm that a dependency puts into node_modules/.bin,
 * and has no settings from `npm test`.
 */
function npm(cwd: string, ...words: string[]): void {
  const cli = process.env.npm_execpath;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const options = { cwd, env, encoding: "utf8", stdio: "pipe" } as const;
  if (cli?.endsWith("npm-cli.js")) execFileSync(process.execPath, [cli, ...words], options);
  else execFileSync("npm", words, { ...options, shell: process.platform === "win32" });
}

/** Returns the compiler's complaints about the consumer. */
function compile(options: Record<string, unknown>): string {
  const compilerOptions = {
    target: "es2022",
    strict: true,
    skipLibCheck: false,
    outDir: "out",
    types: [],
    ...options,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  try {
    return execFileSync(process.execPath, [tsc, "-p", folder], { cwd: folder, encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

beforeAll(() => {
  // Without scripts: the package is built already, and a build would pull it from under the tests beside this one.
  npm(root, "pack", "--ignore-scripts", "--pack-destination", folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  npm(folder, "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", join(folder, tarball));
  writeFileSync(join(folder, "others.ts"), others);
  writeFileSync(join(folder, "consumer.ts"), consumer);
  mkdirSync(join(folder, "out"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the packed package", () => {
  it("has the bundle, the declarations, the README and the licence, and depends on nothing", () => {
    expect(readdirSync(installed)).toEqual(
      expect.arrayContaining(["dist", "package.json", "README.md", "LICENSE"]),
    );
    const { dependencies, peerDependencies, exports } = JSON.parse(
      readFileSync(join(installed, "package.json"), "utf8"),
    ) as Record<string, Record<string, Record<string, string>>>;
    expect([dependencies, peerDependencies]).toEqual([undefined, undefined]);
    for (const file of Object.values(exports!["."]!))
      expect(readFileSync(join(installed, file)).length).toBeGreaterThan(0);
    expect(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
      "plexus-nn",
    ]);
  });

  it("has neither imports nor a top-level await in its module", () => {
    const text = readFileSync(join(installed, "dist", "index.js"), "utf8");
    // A function's body holds no import declaration, and no await: a module whose text fits into one has neither.
    expect(() => new Function(text.replace(/export\s*\{[^}]*\};?\s*$/, ""))).not.toThrow();
    expect(/\bimport\s*\(|\brequire\s*\(|["'`]node:/.exec(text)).toBe(null);
  });

  it.each([
    ["nodenext", { module: "nodenext" }],
    ["a bundler", { module: "esnext", moduleResolution: "bundler" }],
    ["no DOM", { module: "nodenext", lib: ["es2022"] }],
    [
      "exact options",
      { module: "nodenext", exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    ],
  ])("type-checks in another project: %s", (_, options) => {
    // console is the host's.
    if ("lib" in options)
      writeFileSync(
        join(folder, "consumer.ts"),
        `declare const console: { log(text: string): void };${consumer}`,
      );
    const said = compile(options);
    writeFileSync(join(folder, "consumer.ts"), consumer);
    expect(said).toBe("");
  });

  it("runs in another project", () => {
    expect(compile({ module: "nodenext" })).toBe("");
    const printed = execFileSync(process.execPath, [join(folder, "out", "consumer.js")], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(JSON.parse(printed)).toEqual({ fell: true, rows: 2, finite: true, code: "disposed", seed: 7 });
  });
});
