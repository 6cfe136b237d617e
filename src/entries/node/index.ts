/**
 * Files that are whole or not there, under Node, Deno and Bun.
 *
 * @module plexus-nn/node
 */

import { type FileHandle, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { reading } from "../../base/options.js";
import { show } from "../../base/text.js";
import { type Checkpoint, GraphError } from "../../index.js";
import { besideOf, clearBeside } from "./beside.js";
import { piecesOf } from "./text.js";

/**
 * Writes a file atomically: even if the process is killed or the power fails, `path` is the whole old file or the whole new
 * one. The data goes into a temporary file beside it, which is synced and renamed. Removes temporary files that killed
 * processes left beside `path`. The data is copied at once. Throws `bad-option` for a path that isn't text, or for data that
 * is neither text nor bytes. Errors of the file system are thrown as they are.
 */
export async function writeFile(path: string, data: string | Uint8Array): Promise<void> {
  checkPath(path);
  const copy = reading("bad-option", "The data", () => copied(data));
  await replace(path, (file) => file.writeFile(copy));
}

/** Returns a text, or copies bytes, which their owner may change or move while they are written. */
function copied(data: unknown): string | Uint8Array {
  if (typeof data === "string") return data;
  if (ArrayBuffer.isView(data) && data instanceof Uint8Array) return new Uint8Array(data);
  throw new GraphError("bad-option", `The data of a file is text or a Uint8Array, not ${show(data)}.`);
}

/** Refuses a path that names no file on any system. */
function checkPath(path: unknown): void {
  if (typeof path === "string" && !path.includes("\0")) return;
  throw new GraphError("bad-option", `The path of a file is text without U+0000, not ${show(path)}.`);
}

/** Replaces a file atomically, written by a function. */
async function replace(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const beside = besideOf(path);
  const file = await open(beside, "wx");
  try {
    try {
      await write(file);
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
  await clearBeside(path);
}

async function append(file: FileHandle, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
  }
}

/** Syncs a folder, so that a renaming lasts. Not every system can, and the file is whole without that. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    await folder.sync().finally(() => folder.close());
  } catch {}
}

/** Writes of checkpoints in progress in this process, by their paths. A stopped run doesn't wait for its writes. */
const writing = new Map<string, Promise<void>>();

/**
 * Returns a function for `checkpoint: { save }` of `fit`: each checkpoint replaces the one before, in the order of the calls.
 * The text is written in pieces, between which the event loop turns. Throws `bad-option` for a path that isn't text; the
 * function throws it for anything but a checkpoint.
 */
export function saveCheckpoint(path: string): (checkpoint: Checkpoint) => Promise<void> {
  checkPath(path);
  return async (checkpoint) => {
    const place = resolve(path);
    const pieces = reading("bad-option", "The checkpoint", () => {
      if (checkpoint?.format === "plexus-checkpoint") return piecesOf(checkpoint);
      throw new GraphError("bad-option", `A checkpoint is what \`fit\` gives, not ${show(checkpoint)}.`);
    });
    const written = (writing.get(place) ?? Promise.resolve()).then(() =>
      replace(path, async (file) => {
        for (const piece of pieces) await append(file, piece);
      }),
    );
    const settled = written
      .catch(() => {})
      .finally(() => {
        if (writing.get(place) === settled) writing.delete(place);
      });
    writing.set(place, settled);
    return written;
  };
}

/**
 * Reads a checkpoint from a file, for `resume` of `fit`. Waits for writes of this thread by `saveCheckpoint` first. Throws
 * `bad-file` where the file is cut or something else, and `unsupported` where its text is too long for the host. Throws
 * `bad-option` for a path that isn't text, and errors of the file system.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  checkPath(path);
  await writing.get(resolve(path));
  const text = await textOf(path);
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

/** Reads a file's text. Throws `unsupported` where it is too long for the host. */
async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown };
    if (code !== "ERR_STRING_TOO_LONG" && code !== "ERR_FS_FILE_TOO_LARGE") throw cause;
    throw new GraphError("unsupported", `${path} is too long for a text of this host.`, { cause });
  }
}
