// A user's project: the packed package, installed, and the fixtures' program. Tools are found in the folder above, as a link.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const tools = fileURLToPath(new URL("node_modules/", import.meta.url));

/** Without what npm hands down to its scripts. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^VITEST/i.test(name)));

function npm(cwd: string, ...words: string[]): void {
  const cli = process.env.npm_execpath;
  const options = { cwd, env, encoding: "utf8", stdio: "pipe" } as const;
  if (cli?.endsWith("npm-cli.js")) execFileSync(process.execPath, [cli, ...words], options);
  else execFileSync("npm", words, { ...options, shell: process.platform === "win32" });
}

export interface Project {
  /** Its folder's path. */
  readonly folder: string;
  /** Runs a program in it, and returns all that it prints. Throws where it fails. */
  run(program: string, ...words: string[]): string;
  /** Writes a file. */
  write(name: string, text: string): void;
  remove(): void;
}

export function createProject(): Project {
  const above = mkdtempSync(join(tmpdir(), "plexus-hosts-"));
  const folder = join(above, "project");
  mkdirSync(folder);
  symlinkSync(tools, join(above, "node_modules"));
  cpSync(fileURLToPath(new URL("fixtures", import.meta.url)), folder, { recursive: true });
  const about = { private: true, type: "module", "@parcel/resolver-default": { packageExports: true } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(about));
  // Without scripts: the package is built already.
  npm(root, "pack", "--ignore-scripts", "--pack-destination", above);
  const tarball = readdirSync(above).find((name) => name.endsWith(".tgz"))!;
  npm(folder, "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", join(above, tarball));
  return {
    folder,
    run(program, ...words) {
      const options = { cwd: folder, env: { ...env, CI: "1", NO_COLOR: "1" }, encoding: "utf8" } as const;
      const { status, stdout, stderr } = spawnSync(program, words, options);
      if (status === 0) return stdout + stderr;
      throw new Error(`${program} ${words.join(" ")} ends with ${status}:\n${stdout}\n${stderr}`);
    },
    write: (name, text) => writeFileSync(join(folder, name), text),
    remove: () => rmSync(above, { recursive: true, force: true }),
  };
}

/** The result of the fixtures' program on every host. */
export const wanted = { steps: 300, ys: "0 1 1 0", same: true, onnx: 1, lines: 8, code: "bad-file" };
