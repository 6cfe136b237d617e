// The files that a save writes beside its path before it renames them: their names, and those that a killed process has left.

import { createHash, randomBytes } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";

/** This host, as names have it: the numbers of processes are its own. */
const HOST = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
/** Milliseconds after which a file of an unknown process is nobody's: a write in progress changes it all the time. */
const OLD = 3_600_000;
/** Milliseconds by which a file's time and a clock may differ. */
const SLACK = 5_000;

/** A new name: the host, the process, and a part by chance, since threads share their process. */
export function besideOf(path: string): string {
  return `${path}.${HOST}-${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
}

/** Removes what killed processes have left beside a path. A failure leaves it to the next save. */
export async function clearBeside(path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  try {
    for (const found of await readdir(folder)) {
      if (!found.startsWith(`${name}.`)) continue;
      // The first releases had a part by chance alone.
      const parts = /^(?:([0-9a-f]{8})-(\d+)-[0-9a-f]{8}|[0-9a-f]{16})\.tmp$/.exec(
        found.slice(name.length + 1),
      );
      if (parts === null) continue;
      const file = join(folder, found);
      if (await isLeft(file, parts[1], Number(parts[2]))) await rm(file, { force: true });
    }
  } catch {}
}

/** Whether no living process writes a file. */
async function isLeft(file: string, host: string | undefined, pid: number): Promise<boolean> {
  if (host === HOST && pid !== process.pid) return !isAlive(pid);
  const { mtimeMs } = await stat(file);
  // A number comes again, as in a container that is started anew: what is older than this process isn't its own.
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
