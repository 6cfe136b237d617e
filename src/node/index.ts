/**
 * Files that are whole or not there, under Node, Deno and Bun.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { type Checkpoint, GraphError } from "../index.js";

/**
 * Writes a file so that at every moment, even if the process is killed or the power fails, `path` is the old file or the new one
 * and whole: the data goes into a file beside it, is synced, and is renamed. Throws what the file system throws.
 */
export async function writeFile(path: string, data: string | Uint8Array): Promise<void> {
  // By chance: the number of a process comes again after a restart, and its threads share it.
  const beside = `${path}.${randomBytes(8).toString("hex")}.tmp`;
  const file = await open(beside, "wx");
  try {
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes a renaming last. Not every system can sync a folder, and the file is whole without that. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    await folder.sync().finally(() => folder.close());
  } catch {}
}

/** For `checkpoint: { save: saveCheckpoint(path) }` of `fit`: each checkpoint replaces the one before. */
export function saveCheckpoint(path: string): (checkpoint: Checkpoint) => Promise<void> {
  return (checkpoint) => writeFile(path, JSON.stringify(checkpoint));
}

/**
 * For `resume` of `fit`: the checkpoint in a file. Throws `bad-file` where that is cut or something else, and what the file
 * system throws.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const text = await readFile(path, "utf8");
  let found: Partial<Checkpoint> | null;
  try {
    found = JSON.parse(text);
  } catch (cause) {
    throw new GraphError("bad-file", `${path} is not JSON: it is cut, or something else.`, { cause });
  }
  if (found?.format !== "plexus-checkpoint") {
    throw new GraphError("bad-file", `${path} is not a checkpoint: it has no format "plexus-checkpoint".`);
  }
  return found as Checkpoint;
}
