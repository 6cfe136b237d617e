// Builds the package: the cores to build/, the module with both cores inside to dist/index.js, and its types beside it. With
// --maps, also writes source maps of dist/ to build/*.map.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import asc from "assemblyscript/asc";
import * as esbuild from "esbuild";
import { minify } from "terser";
import { embed, interleave } from "./embed.js";
import { trim } from "./trim.js";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
rmSync("dist", { recursive: true, force: true });
mkdirSync("build", { recursive: true });

const withMaps = process.argv.includes("--maps");

/** Standard error of the compiler, without its remark that one more turn of its optimizer might save some bytes. */
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

/** Returns a hash of all that the compiler reads. */
function hashOfSources() {
  const hash = createHash("sha256");
  const sources = readdirSync("assembly", { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.startsWith("__tests__"),
  );
  for (const name of sources.sort()) hash.update(name).update(readFileSync(`assembly/${name}`));
  for (const name of ["asconfig.json", "package-lock.json"]) hash.update(readFileSync(name));
  return hash.digest("hex");
}

const sources = hashOfSources();

/** Options of a core for threads: its memory comes from outside, and may be shared. */
const threads = ["--enable", "threads", "--importMemory", "--sharedMemory", "--zeroFilledMemory"];

/**
 * Compiles a core, unless an earlier build has compiled the same sources: that takes most of a build's time.
 * @param {string} precision
 * @param {string} [entry] the file or folder in assembly/ that has its exports
 */
async function core(precision, entry = "index") {
  const outFile = `build/${entry === "index" ? "" : `${entry}-`}${precision}.wasm`;
  const isTeam = entry === "team";
  const stamp = `${outFile}.sources`;
  const isKnown = existsSync(outFile) && existsSync(stamp) && readFileSync(stamp, "utf8") === sources;
  if (!isKnown) {
    rmSync(stamp, { force: true });
    const real = precision.replace("float", "f");
    const source = isTeam ? "assembly/team/index.ts" : `assembly/${entry}.ts`;
    const target = [source, "--config", "asconfig.json", "--target", "release"];
    const more = isTeam ? [...threads, "--maximumMemory", "65536"] : [];
    await compile([...target, ...more, "--use", `real=${real}`, "--outFile", outFile]);
    writeFileSync(stamp, sources);
  }
  const bytes = trim(readFileSync(outFile));
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(Uint8Array.from(bytes)));
  if (imports.some(({ kind }) => !isTeam || kind !== "memory")) {
    console.error("The core must import nothing, or for threads a memory, but imports", imports);
    process.exit(1);
  }
  // plexus-nn/slim takes a core only if it has the mark of this build.
  const mark = `${precision} ${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;
  return { precision, bytes, mark };
}

/** Adds a custom section with a mark to a module; hosts skip it. @param {Uint8Array} module @param {string} mark */
function marked(module, mark) {
  const content = Buffer.from(`\x06plexus${mark}`);
  return Buffer.concat([module, Buffer.of(0, content.length), content]);
}

const cores = [await core("float64"), await core("float32")];
/** Cores that only predict. */
const predicting = [await core("float64", "predict"), await core("float32", "predict")];

/** Cores of threads, which compute in a team. */
const teaming = [await core("float64", "team"), await core("float32", "team")];

/** The other entries. */
const entries = {
  onnx: "src/entries/onnx/index.ts",
  migrate: "src/entries/migrate/index.ts",
  draw: "src/entries/draw/index.ts",
  torch: "src/entries/torch/index.ts",
  worker: "src/entries/worker/index.ts",
  node: "src/entries/node/index.ts",
};

/**
 * Keeps the engine of an entry in a file of its own, so that all entries share one engine and one class of errors.
 * @type {(file: string) => esbuild.Plugin}
 */
const engineIn = (file) => ({
  name: "engine outside",
  setup(build) {
    // This file has a side effect, although package.json declares none.
    build.onResolve({ filter: /\/encoding\.js$/ }, ({ path, resolveDir }) => {
      return { path: resolve(resolveDir, path.replace(/\.js$/, ".ts")), sideEffects: true };
    });
    build.onResolve({ filter: /\/(index|error)\.js$/ }, ({ path, resolveDir }) => {
      const source = resolve(resolveDir, path.replace(/\.js$/, ".ts"));
      const isEngine = ["src/index.ts", "src/base/error.ts"].some((name) => source === resolve(name));
      return isEngine ? { path: file, external: true } : undefined;
    });
  },
});

/**
 * Leaves out the hints in messages, for which the entries that predict have no room.
 * @type {esbuild.Plugin}
 */
const withoutHints = {
  name: "without hints",
  setup(build) {
    const path = resolve("src/entries/predict/silent.ts");
    build.onResolve({ filter: /\/(synonym|advice|foreign|spell)\.js$/ }, () => ({ path }));
  },
};

/**
 * Replaces the cores of a thread by those whose memory is made outside.
 * @type {esbuild.Plugin}
 */
const withTeam = {
  name: "with team",
  setup(build) {
    const path = resolve("src/entries/worker/instance.ts");
    build.onResolve({ filter: /\/embedded\.js$/ }, ({ importer }) =>
      importer === resolve("src/memory/core.ts") ? { path } : undefined,
    );
  },
};

/** Classes that keep their names, which stack traces and consoles show. */
const classes = "Graph|GraphError|Layer|Synapse|Scaler|Run";

/**
 * Writes an entry and its imports to dist/, in short lines: for an uncaught error, hosts print the line that threw it.
 * `isSmall`: the code is compressed further, in longer lines.
 * @type {(entry: string, name: string, more: esbuild.BuildOptions & { isSmall?: boolean }) => Promise<void>}
 */
async function bundled(entry, name, { banner, isSmall = false, ...more }) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    outfile: `dist/${name}.js`,
    sourcemap: withMaps && "external",
    write: false,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    external: ["node:*"],
    minifySyntax: true,
    legalComments: "none",
    ...more,
  });
  // esbuild renames a class to _Graph where its body uses its name.
  /** @param {string} end */
  const output = (end) => outputFiles?.find(({ path }) => path.endsWith(end))?.text ?? "";
  const text = output(".js").replace(new RegExp(`\\b_(?=(?:${classes})\\b)`, "g"), "");
  const { code, map } = await minify(text, {
    module: true,
    sourceMap: withMaps && { content: output(".map") },
    compress: isSmall && { passes: 2 },
    mangle: { keep_classnames: new RegExp(`^(?:${classes})$`) },
    format: { max_line_len: isSmall ? 320 : 160, comments: false },
  });
  // Deno finds the types by the first line.
  const head = [`/* @ts-self-types="./${name}.d.ts" */`, ...Object.values(banner ?? {})];
  writeFileSync(`dist/${name}.js`, [...head, code, ""].join("\n"));
  if (!withMaps) return;
  const { mappings, ...others } = JSON.parse(String(map));
  writeFileSync(
    `build/${name}.js.map`,
    JSON.stringify({ ...others, mappings: ";".repeat(head.length) + mappings }),
  );
}

/** Returns the line with cores as text, which comes before the code. @param {typeof cores} some */
function embedded(some) {
  const { texts, ...codes } = embed(some.map(({ bytes }) => bytes));
  const cores = { ...codes, precisions: some.map(({ precision }) => precision), slices: interleave(texts) };
  return { banner: { js: `const embeddedCores=${JSON.stringify(cores)};` } };
}

const withCores = embedded(cores);
const marks = JSON.stringify(Object.fromEntries(cores.map(({ precision, mark }) => [precision, mark])));
mkdirSync("dist");
await bundled("src/index.ts", "index", withCores);
await bundled("src/entries/slim/index.ts", "slim", { define: { embeddedCores: "undefined", marks } });
await bundled("src/entries/worker/thread.ts", "thread", { plugins: [withTeam], ...embedded(teaming) });
const predicts = { plugins: [withoutHints], isSmall: true };
await bundled("src/entries/predict/slim.ts", "predict", {
  ...predicts,
  define: { embeddedCores: "undefined", marks },
});
for (const one of predicting) {
  const name = `predict-${one.precision}`;
  await bundled("src/entries/predict/index.ts", name, { ...predicts, ...embedded([one]) });
}
for (const [name, entry] of Object.entries(entries)) {
  await bundled(entry, name, { plugins: [engineIn("./index.js")] });
  await bundled(entry, `slim-${name}`, { plugins: [engineIn("./slim.js")] });
}
for (const { precision, bytes, mark } of cores) writeFileSync(`dist/${precision}.wasm`, marked(bytes, mark));

const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });

// The declarations lie as the sources do, since src/ imports the boundary's constants from assembly/.
/** @type {(name: string, source: string) => void} */
const declare = (name, source) =>
  writeFileSync(`dist/${name}.d.ts`, `export * from "./${source.replace(/ts$/, "js")}";\n`);
declare("index", "src/index.ts");
declare("slim", "src/entries/slim/index.ts");
declare("predict", "src/entries/predict/slim.ts");
for (const { precision } of predicting) declare(`predict-${precision}`, "src/entries/predict/index.ts");
declare("thread", "src/entries/worker/thread.ts");
for (const [name, entry] of Object.entries(entries))
  for (const one of [name, `slim-${name}`]) declare(one, entry);

// TypeScript finds a declaration by its module's name; Deno needs the reference before the line's import or export.
for (const file of readdirSync("dist", { recursive: true, encoding: "utf8" })) {
  if (!file.endsWith(".d.ts")) continue;
  const text = readFileSync(`dist/${file}`, "utf8");
  // TypeScript has arrays of one kind of buffer from 5.7 on, and is served from 5.4 on.
  const plain = text.replace(/\b(\w+Array|DataView)<ArrayBuffer(?:Like)?>/g, "$1");
  // Deno resolves no type that is imported within a line, so an import of its own takes its place.
  /** @type {Set<string>} */
  const inline = new Set();
  const named = plain.replace(/\bimport\("([^"]*)"\)\.(\w+)/g, (_, module, type) => {
    inline.add(`import type { ${type} as Imported${type} } from "${module}";\n`);
    return `Imported${type}`;
  });
  // A module that is imported for its side effects alone has no types.
  const told = [...inline, named]
    .join("")
    .replace(/^import "[^"]*";\n/gm, "")
    .replace(
      /^(?:import|export) (?:type )?[*{][^;"]*"(\.[^"]*)\.js";$/gm,
      (line, module) => `/* @ts-types="${module}.d.ts" */ ${line}`,
    );
  writeFileSync(`dist/${file}`, told);
}

const bundle = readFileSync("dist/index.js");
/** @param {number} bytes */
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(
  `Built dist/index.js: ${kilobytes(bundle.length)}, ${kilobytes(gzipSync(bundle, { level: 9 }).length)} gzipped.`,
);
