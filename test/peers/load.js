// Other libraries, which tests and the benchmark compare this one with. They have a package.json of their own beside this file,
// so that `npm ci` for the project doesn't bring them.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where the peers are installed, and how. */
export const folder = fileURLToPath(new URL(".", import.meta.url));
export const install = ["ci", "--ignore-scripts", "--prefix", folder];

/**
 * Anything of a peer: most have no types, or some that don't fit their modules.
 * @typedef {any} Peer
 */

/**
 * Loads a peer's module. Throws where the peers aren't installed.
 * @param {string} name
 * @returns {Promise<Peer>}
 */
export async function load(name) {
  try {
    const module = await import(/* @vite-ignore */ name);
    return module.default ?? module;
  } catch (cause) {
    throw new Error(`${name} is missing, or fails: npm ci --ignore-scripts --prefix test/peers`, { cause });
  }
}

/** Returns a peer's version. @param {string} name @returns {string} */
export function version(name) {
  return JSON.parse(readFileSync(`${folder}node_modules/${name}/package.json`, "utf8")).version;
}
