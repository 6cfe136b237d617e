// Builds the package: the core to build/core.wasm, the module with the core inside to dist/index.js, its types beside it.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
 * Embeds bytes as a text of the code points 0 to 255, written as UTF-8: gzipped, a quarter smaller than base64.
 * @type {esbuild.Plugin}
 */
const bytesAsText = {
  name: "bytes as text",
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, ({ path }) => ({
      contents: `export default ${JSON.stringify(readFileSync(path, "latin1"))}`,
    }));
  },
};

await esbuild.build({
  entryPoints: ["src/index.ts"],
  outfile: "dist/index.js",
  bundle: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["module", "main"],
  target: "es2022",
  charset: "utf8",
  plugins: [bytesAsText],
  minify: true,
  legalComments: "none",
});

const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", import.meta.url));
execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });

// The declarations lie as the sources do, since src/ imports the boundary's constants from assembly/.
writeFileSync("dist/index.d.ts", 'export * from "./src/index.js";\n');

const bundle = readFileSync("dist/index.js");
/** @param {number} bytes */
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(
  `Built dist/index.js: ${kilobytes(bundle.length)}, ${kilobytes(gzipSync(bundle, { level: 9 }).length)} gzipped.`,
);
