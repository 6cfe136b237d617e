// Temporary files of a save, which lie beside its path until they are renamed: their names, and the removal of files that
// killed processes left.

import { createHash, randomBytes } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";

/** Digest of this host's name, part of a temporary file's name, since process ids are unique on one host alone. */
const HOST = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
/**
 * Milliseconds without a change after which a file of an unknown process counts as left. A write in progress changes its file
 * all the time.
 */
const OLD = 3_600_000;
/** Milliseconds by which a file's time and a clock may differ. */
const SLACK = 5_000;

/** Returns the name of a temporary file: of the host, the process, and random bits, since threads share their process. */
export function besideOf(path: string): string {
  return `${path}.${HOST}-${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
}

/** Removes the files that killed processes left beside a path. If that fails, the next save tries again. */
export async function clearBeside(path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  try {
    for (const found of await readdir(folder)) {
      if (!found.startsWith(`${name}.`)) continue;
      // The first releases had random bits alone.
      const parts = /^(?:([0-9a-f]{8})-(\d+)-[0-9a-f]{8}|[0-9a-f]{16})\.tmp$/.exec(
        found.slice(name.length + 1),
      );
      if (parts === null) continue;
      const file = join(folder, found);
      if (await isLeft(file, parts[1], Number(parts[2]))) await rm(file, { force: true });
    }
  } catch {}
}

/** Returns whether no living process writes a file. */
async function isLeft(file: string, host: string | undefined, pid: number): Promise<boolean> {
  if (host === HOST && pid !== process.pid) return !isAlive(pid);
  const { mtimeMs } = await stat(file);
  // A process id recurs, as in a restarted container: a file older than this process isn't its own.
  if (host === HOST) return mtimeMs < Date.now() - process.uptime() * 1000 - SLACK;
  return mtimeMs < Date.now() - OLD;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { readonly code?: unknown }).code !== "ESRCH";
  }
}
