// Builds the package: the cores to build/, the module with them inside to dist/index.js, its types beside it.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import asc from "assemblyscript/asc";
import * as esbuild from "esbuild";
import { pack } from "./pack.js";
import { split } from "./split.js";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
rmSync("dist", { recursive: true, force: true });
mkdirSync("build", { recursive: true });

/** The compiler's words, but for the remark that one more turn of its optimizer might gain some bytes. */
const stderr = {
  /** @param {string | Uint8Array} text */
  write(text) {
    if (!String(text).startsWith("Last converge was suboptimal")) process.stderr.write(text);
  },
};

/** @param {string[]} given */
async function compile(given) {
  const { error } = await asc.main(given, { stdout: process.stdout, stderr });
  if (error) process.exit(1);
}

/** What predicting calls: the first module of a core has it, the rest is unpacked and compiled when it is called. */
const predicting = ["alloc", "free", "probe", "start", "predict"];

/** @param {string} precision */
async function core(precision) {
  const outFile = `build/${precision}.wasm`;
  const real = precision.replace("float", "f");
  const target = ["--config", "asconfig.json", "--target", "release"];
  await compile([...target, "--use", `real=${real}`, "--outFile", outFile]);
  const [first, rest] = split(readFileSync(outFile), predicting);
  const module = new WebAssembly.Module(Uint8Array.from(first));
  if (WebAssembly.Module.imports(module).length > 0) {
    console.error("The core must import nothing, but imports", WebAssembly.Module.imports(module));
    process.exit(1);
  }
  const others = WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.from(rest)));
  return { precision, first, rest, names: others.map(({ name }) => name) };
}

const cores = [await core("float64"), await core("float32")];
await compile(["--config", "tools/unpack.asconfig.json", "--target", "release"]);

// What is embedded: the modules' packed text, where each is, and the module that unpacks it up to one that is wanted. As an
// injected file it comes first in a bundle, which saves 1 kB of the gzipped.
const modules = cores.flatMap(({ first, rest }) => [first, rest]);
/** @param {Uint8Array} module */
function place(module) {
  const before = modules.slice(0, modules.indexOf(module));
  const from = before.reduce((sum, { length }) => sum + length, 0);
  return [from, from + module.length];
}
const format = readFileSync("assembly/pack/context.ts", "utf8");
const { code } = esbuild.transformSync(format, { loader: "ts", format: "esm" });
const packed = {
  text: pack(Buffer.concat(modules), await import(`data:text/javascript,${encodeURIComponent(code)}`)),
  unpacker: [...readFileSync("build/unpack.wasm")],
  ...Object.fromEntries(
    cores.map(({ precision, first, rest, names }) => [
      precision,
      { first: place(first), rest: place(rest), names },
    ]),
  ),
};
writeFileSync("build/packed.js", `export const packed = ${JSON.stringify(packed)};\n`);

/** The other entries, each with what it exports beside; all import the engine from the one file that has it, but the thread. */
const entries = {
  onnx: "src/onnx/index.ts",
  migrate: "src/migrate/index.ts",
  draw: "src/draw/index.ts",
  worker: "src/worker/index.ts",
  thread: "src/worker/thread.ts",
  node: "src/node/index.ts",
};

/**
 * The base module stays one file, and there is one GraphError: other entries import both from it.
 * @type {esbuild.Plugin}
 */
const engineOutside = {
  name: "engine outside",
  setup(build) {
    build.onResolve({ filter: /\/(index|error)\.js$/ }, ({ path, resolveDir }) => {
      const file = resolve(resolveDir, path.replace(/\.js$/, ".ts"));
      const engine = ["src/index.ts", "src/error.ts"].some((name) => file === resolve(name));
      return engine ? { path: "./index.js", external: true } : undefined;
    });
  },
};

/** @type {(entry: string, outfile: string, more: esbuild.BuildOptions) => Promise<unknown>} */
const bundled = (entry, outfile, more) =>
  esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    external: ["node:*"],
    minify: true,
    legalComments: "none",
    ...more,
  });

const withCore = { inject: ["build/packed.js"] };
await bundled("src/index.ts", "dist/index.js", withCore);
for (const [name, entry] of Object.entries(entries)) {
  await bundled(entry, `dist/${name}.js`, name === "thread" ? withCore : { plugins: [engineOutside] });
}

const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });

// The declarations lie as the sources do, since src/ imports the boundary's constants from assembly/.
for (const [name, entry] of Object.entries({ index: "src/index.ts", ...entries })) {
  writeFileSync(`dist/${name}.d.ts`, `export * from "./${entry.replace(/ts$/, "js")}";\n`);
}

const bundle = readFileSync("dist/index.js");
/** @param {number} bytes */
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(
  `Built dist/index.js: ${kilobytes(bundle.length)}, ${kilobytes(gzipSync(bundle, { level: 9 }).length)} gzipped.`,
);
