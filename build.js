// Builds the package: the core to build/core.wasm, the module with the core inside to dist/index.js, its types beside it.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import asc from "assemblyscript/asc";
import * as esbuild from "esbuild";

process.chdir(fileURLToPath(new URL(".", import.meta.url)));
rmSync("dist", { recursive: true, force: true });
mkdirSync("build", { recursive: true });

const compiled = await asc.main(["--config", "asconfig.json", "--target", "release"], {
  stdout: process.stdout,
  stderr: process.stderr,
});
if (compiled.error) process.exit(1);

const core = readFileSync("build/core.wasm");
const imports = WebAssembly.Module.imports(new WebAssembly.Module(core));
if (imports.length > 0) {
  console.error("The core must import nothing, but imports", imports);
  process.exit(1);
}

/**
 * Embeds bytes as a text, the most frequent ones as a character of ASCII each, the others as U+0080 and on: gzipped, it takes 3 %
 * more than the bytes do, and base64 a third. The text begins with the characters of the bytes 0 to 255.
 * @type {esbuild.Plugin}
 */
const bytesAsText = {
  name: "bytes as text",
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, ({ path }) => {
      const bytes = readFileSync(path);
      const counts = new Array(256).fill(0);
      for (const byte of bytes) counts[byte]++;
      const order = counts.map((_, byte) => byte).sort((a, b) => counts[b] - counts[a]);
      const plain = Array.from({ length: 95 }, (_, i) => 32 + i).filter(
        (code) => !"\"'\\$`".includes(String.fromCharCode(code)),
      );
      /** @type {string[]} */
      const characters = [];
      order.forEach((byte, place) => {
        characters[byte] = String.fromCharCode(plain[place] ?? 0x80 + place - plain.length);
      });
      const text = characters.join("") + Array.from(bytes, (byte) => characters[byte]).join("");
      return { contents: `export default ${JSON.stringify(text)}` };
    });
  },
};

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

/** @type {(entry: string, outfile: string, plugins: esbuild.Plugin[]) => Promise<unknown>} */
const bundled = (entry, outfile, plugins) =>
  esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    charset: "utf8",
    external: ["node:*"],
    plugins,
    minify: true,
    legalComments: "none",
  });

await bundled("src/index.ts", "dist/index.js", [bytesAsText]);
for (const [name, entry] of Object.entries(entries)) {
  if (!existsSync(entry)) continue;
  await bundled(entry, `dist/${name}.js`, name === "thread" ? [bytesAsText] : [engineOutside]);
}

const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", import.meta.url));
execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });

// The declarations lie as the sources do, since src/ imports the boundary's constants from assembly/.
for (const [name, entry] of Object.entries({ index: "src/index.ts", ...entries })) {
  if (existsSync(entry))
    writeFileSync(`dist/${name}.d.ts`, `export * from "./${entry.replace(/ts$/, "js")}";\n`);
}

const bundle = readFileSync("dist/index.js");
/** @param {number} bytes */
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(
  `Built dist/index.js: ${kilobytes(bundle.length)}, ${kilobytes(gzipSync(bundle, { level: 9 }).length)} gzipped.`,
);
