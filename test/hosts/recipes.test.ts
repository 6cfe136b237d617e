// The recipe for Cloudflare runs in workerd, bundled as Wrangler does it: the core and the model are modules of their own.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, expect, it } from "vitest";
import { runtimes } from "../runtimes/run.js";
import { filesOf, programsOf, textOf } from "../support/pages.js";
import { createProject, tools } from "./project.js";

const PAGE = "docs/recipes/cloudflare.md";
const project = createProject();
afterAll(() => project.remove());

it("docs/recipes/cloudflare.md answers requests in workerd as it says", async () => {
  // The page's first program trains, and writes the model.
  project.write("train.mjs", programsOf(PAGE)[0]!.code);
  expect(project.run(process.execPath, "train.mjs").trim()).toBe("1");
  copyFileSync(join(project.folder, "build/worker/model.bin"), join(project.folder, "model.bin"));
  for (const [name, code] of Object.entries(filesOf(PAGE))) project.write(name, code);
  const { compatibility_date: date, main } = JSON.parse(
    readFileSync(join(project.folder, "wrangler.json"), "utf8"),
  );
  mkdirSync(join(project.folder, "bundle"));
  copyFileSync(
    join(project.folder, "node_modules/plexus-nn/dist/float64.wasm"),
    join(project.folder, "bundle/float64.wasm"),
  );
  const { outputFiles } = await build({
    entryPoints: [join(project.folder, main)],
    bundle: true,
    format: "esm",
    write: false,
    external: ["*.bin", "./float64.wasm"],
    plugins: [
      {
        name: "core",
        setup: ({ onResolve }) =>
          onResolve({ filter: /\.wasm$/ }, () => ({ path: "./float64.wasm", external: true })),
      },
    ],
  });
  writeFileSync(join(project.folder, "bundle/worker.js"), outputFiles[0]!.text);

  // The requests and answers of the page.
  const lines = [...textOf(PAGE).matchAll(/^ {4}POST (\{.*?\}) {2,}(?:(\d+) )?(\{.*\})$/gm)];
  const requests = lines.map(([, body]) => body);
  expect(requests.length).toBe(2);
  project.write(
    "miniflare.mjs",
    `import { readFileSync } from "node:fs";
    import { Miniflare } from ${JSON.stringify(join(tools, "miniflare/dist/src/index.js"))};
    const host = new Miniflare({
      compatibilityDate: ${JSON.stringify(date)},
      modules: [
        { type: "ESModule", path: "worker.js", contents: readFileSync("bundle/worker.js", "utf8") },
        { type: "CompiledWasm", path: "float64.wasm", contents: readFileSync("bundle/float64.wasm") },
        { type: "Data", path: "model.bin", contents: readFileSync("model.bin") },
      ],
    });
    const answers = [];
    for (const body of ${JSON.stringify(requests)}) {
      const response = await host.dispatchFetch("http://localhost/", { method: "POST", body });
      answers.push([response.status, await response.text()]);
    }
    await host.dispose();
    console.log(JSON.stringify(answers));`,
  );
  const node = runtimes.find(({ name }) => name === "Node 22")!.available()!; // Miniflare needs Node 22.
  const answers = JSON.parse(project.run(node, "miniflare.mjs").trim().split("\n").at(-1)!);
  const shown = answers.map(([status, text]: [number, string]) => [
    status,
    text.replaceAll(/(0\.\d\d)\d+/g, "$1…"),
  ]);
  expect(shown).toEqual(lines.map(([, , status = "200", text]) => [Number(status), text]));
});
