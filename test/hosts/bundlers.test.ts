// The packed package, built by bundlers as a page with a worker, and run in Chromium.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openPage } from "../runtimes/run.js";
import { createProject, tools, wanted } from "./project.js";

const project = createProject();
afterAll(() => project.remove());
const { folder } = project;
const tool = (path: string) => join(tools, path);
const page = '<!doctype html><title>Plexus</title><script type="module" src="./page.js"></script>';

/** No inline code, no blob, no eval; but Parcel writes an import map into the page. */
const policies: Record<string, string> = {
  "out-parcel": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-inline'",
};

/** Runs a built page, whose folder serves nothing else. */
const open = (built: string) =>
  openPage((page) => page.evaluate("globalThis.result"), {
    folder: join(folder, built),
    ...(policies[built] === undefined ? {} : { policy: policies[built] }),
  });

/** Returns the files of a built folder that contain the whole worker. */
function threads(built: string): string[] {
  return readdirSync(join(folder, built), { recursive: true, encoding: "utf8" }).filter(
    (name) =>
      /\.m?js$/.test(name) &&
      readFileSync(join(folder, built, name), "utf8").includes("The page has failed."),
  );
}

/** A build, and what the bundler says of it. */
const builds: Record<string, (built: string) => string> = {
  vite(built) {
    // The page imports every entry, and a chunk of over 500 kB would be remarked on.
    project.write("vite.config.mjs", "export default { build: { chunkSizeWarningLimit: 1000 } };");
    return project.run(
      process.execPath,
      tool("vite/bin/vite.js"),
      "build",
      "--outDir",
      built,
      "--base",
      "./",
    );
  },
  webpack(built) {
    project.write(
      "webpack.mjs",
      `import webpack from "webpack";
      const output = { path: ${JSON.stringify(join(folder, built))}, filename: "page.js", publicPath: "auto" };
      webpack({ mode: "production", performance: { hints: false }, context: ${JSON.stringify(folder)}, entry: "./page.js", output }, (error, stats) => {
        if (error) throw error;
        console.log(stats.toString({ all: false, errors: true, warnings: true }));
        process.exitCode = stats.hasErrors() ? 1 : 0;
      });`,
    );
    const said = project.run(process.execPath, "webpack.mjs");
    writeFileSync(join(folder, built, "index.html"), page);
    return said;
  },
  parcel: (built) =>
    project.run(
      ...([process.execPath, tool("parcel/lib/bin.js"), "build", "index.html", "--dist-dir", built] as const),
      ...["--public-url", "./", "--no-cache", "--no-source-maps"],
    ),
  rollup(built) {
    const words = ["page.js", "--dir", built, "--format", "es", "--plugin", "@rollup/plugin-node-resolve"];
    const said = project.run(process.execPath, tool("rollup/dist/bin/rollup"), ...words);
    writeFileSync(join(folder, built, "index.html"), page);
    return said;
  },
  esbuild(built) {
    const words = ["page.js", "--bundle", "--format=esm", "--minify", `--outdir=${built}`];
    const said = project.run(tool("esbuild/bin/esbuild"), ...words);
    writeFileSync(join(folder, built, "index.html"), page);
    return said;
  },
};

describe.each(["vite", "webpack", "parcel"])("%s", (name) => {
  const built = `out-${name}`;
  let said = "";

  it("builds a page, and says nothing of the package", () => {
    said = builds[name]!(built);
    expect(said).not.toMatch(/warn|critical|error/i);
  });

  it("emits the worker's module once", () => {
    expect(threads(built)).toHaveLength(1);
  });

  it("runs it in Chromium, under a policy, with its worker", async () => {
    expect(await open(built)).toEqual({ ...wanted, worker: "the same" });
  });
});

describe.each(["rollup", "esbuild"])("%s", (name) => {
  const built = `out-${name}`;

  it("builds a page, and says nothing of the package", () => {
    expect(builds[name]!(built)).not.toMatch(/warn|error/i);
  });

  it("doesn't emit the worker's module: its lack is refused in words that say what to serve", async () => {
    expect(threads(built)).toEqual([]);
    const { worker, ...rest } = await open(built);
    expect(rest).toEqual(wanted);
    expect(worker).toMatch(/^true bad-option: .*plexus-nn\/worker\/thread.*thread\.js.*`worker`/);
  });

  it("runs it in Chromium with the worker's module beside it", async () => {
    copyFileSync(join(folder, "node_modules/plexus-nn/dist/thread.js"), join(folder, built, "thread.js"));
    expect(await open(built)).toEqual({ ...wanted, worker: "the same" });
  });
});

describe("plexus-nn/slim", () => {
  it("built by Vite compiles the core while it is fetched", async () => {
    mkdirSync(join(folder, "slim"));
    project.write("slim/index.html", page);
    project.write(
      "slim/page.js",
      `import { Graph, setCore } from "plexus-nn/slim";
      import { summary } from "plexus-nn/slim/draw";
      import url from "plexus-nn/float32.wasm?url";
      globalThis.result = (async () => {
        await setCore(fetch(url));
        const graph = new Graph({ precision: "float32", inputs: { x: 2 }, outputs: { y: 1 }, synapses: [["x", "y"]] });
        graph.train({ x: [0, 1] }, { y: [1] });
        return { rows: graph.predict({ x: [0, 1] }).y.length, lines: summary(graph).length > 0 };
      })();`,
    );
    const words = ["build", "slim", "--outDir", "../out-slim", "--base", "./", "--assetsInlineLimit", "0"];
    project.run(process.execPath, tool("vite/bin/vite.js"), ...words);
    expect(await open("out-slim")).toEqual({ rows: 1, lines: true });
    const files = readdirSync(join(folder, "out-slim/assets"));
    expect(files.filter((name) => name.endsWith(".wasm"))).toHaveLength(1);
    for (const name of files.filter((name) => name.endsWith(".js")))
      expect(readFileSync(join(folder, "out-slim/assets", name), "utf8")).not.toContain("characters:");
  });
});
