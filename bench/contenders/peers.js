// Peers live in a folder of their own, with a package.json of their own: this loads one from there.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const folder = fileURLToPath(new URL("../peers/", import.meta.url));
export const require = createRequire(new URL("../peers/package.json", import.meta.url));

/** @type {(name: string) => Promise<any>} */
export async function load(name) {
  const module = await import(pathToFileURL(require.resolve(name)).href);
  return module.default ?? module;
}

/** @param {string} name */
export function version(name) {
  return JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8")).version;
}
