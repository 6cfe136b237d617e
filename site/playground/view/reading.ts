// Files that are opened, dropped or pasted: graphs of any format that Plexus reads, sketches, and tables.

import { openFiles as readFiles } from "../files/open.ts";
import { refusalOf } from "../model/refusal.ts";
import { begun } from "./starting.ts";
import type { Store } from "./store.ts";

/** Opens files in the playground; a refusal is shown in the page. */
export async function openFiles(store: Store, files: readonly File[]): Promise<void> {
  const [file] = files;
  if (file === undefined) return;
  try {
    const given = await Promise.all(
      files.map(async (one) => ({ name: one.name, bytes: new Uint8Array(await one.arrayBuffer()) })),
    );
    const opened = await readFiles(given, store.sketch.value.data);
    if (opened.kind === "table") await store.open(await begun(opened.data), true);
    else await store.open(opened.sketch, opened.format === "sketch");
    store.spoken.value = `${file.name} is open`;
  } catch (error) {
    store.notify({ kind: "graph" }, refusalOf(error));
  }
}
