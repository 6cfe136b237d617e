// A folder for programs that a test writes and runs.

import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import { root } from "./pages.js";

/** The other libraries, where they are installed. */
export const peers = join(root, "test/peers/node_modules");

/**
 * Makes a folder inside the project, so that the package's own name leads to it, beside the other libraries. It is removed after
 * the tests of the file.
 */
export function programFolder(name: string): string {
  mkdirSync(join(root, "build"), { recursive: true });
  const folder = mkdtempSync(join(root, "build", `${name}-`));
  if (existsSync(peers)) symlinkSync(peers, join(folder, "node_modules"), "junction");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
