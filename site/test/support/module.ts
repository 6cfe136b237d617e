// Imports files that are taken away as modules, beside each other in a folder that is removed at the end.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { TakenFile } from "../../playground/files/take.ts";

const engine = import.meta.resolve("plexus-nn");
const home = mkdtemp(join(tmpdir(), "plexus-take-"));
let count = 0;

afterAll(async () => rm(await home, { recursive: true }));

/** Writes files, of which the first one is a module, and imports it. */
// biome-ignore lint/suspicious/noExplicitAny: the exports of a module that is made by the test
export async function imported(files: readonly TakenFile[]): Promise<any> {
  const folder = join(await home, String(count++));
  await mkdir(folder);
  const named = (name: string) => join(folder, name.replace(/^(\w+)\.js$/, "$1.mjs"));
  for (const file of files) {
    const content = "text" in file ? file.text.replace('"plexus-nn"', JSON.stringify(engine)) : file.bytes;
    await writeFile(named(file.name), content);
  }
  return import(named(files[0]!.name));
}
