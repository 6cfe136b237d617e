// Brings about what the site's tools need: the packages of site/, and the engine's build.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** @param {string} command */
function run(command) {
  console.log(command);
  const { status } = spawnSync(command, { cwd: root, stdio: "inherit", shell: true });
  if (status !== 0) process.exit(status ?? 1);
}

/** Installs and builds what is missing. */
export function prepare() {
  if (!existsSync(join(root, "node_modules/esbuild"))) run("npm ci");
  if (!existsSync(join(root, "dist/index.js"))) run("npm run build");
  if (!existsSync(join(root, "site/node_modules/vitepress"))) run("npm ci --prefix site");
  if (!existsSync(join(root, "site/playground/data/digits.bin"))) run("node site/tools/digits.js");
}
