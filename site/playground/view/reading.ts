// Files that are opened or dropped: tables become data, all others graphs.

import type { Sketch } from "../model/sketch.ts";
import { proposed } from "../data/table.ts";
import { refusalOf } from "../model/refusal.ts";
import { begun } from "./starting.ts";
import type { Store } from "./store.ts";

const tables = /\.(csv|tsv|txt)$/i;

/** Opens files in the playground; a refusal is shown in the page. */
export async function openFiles(store: Store, files: readonly File[]): Promise<void> {
  const [file] = files;
  if (file === undefined) return;
  try {
    if (files.length === 1 && (tables.test(file.name) || file.type === "text/csv")) {
      await openTable(store, await file.text());
    } else {
      const { open } = await import("../model/open.ts");
      const given = await Promise.all(
        files.map(async (one) => ({ name: one.name, bytes: new Uint8Array(await one.arrayBuffer()) })),
      );
      const sketch: Sketch = await open(given);
      await store.open(sketch);
      store.spoken.value = `${file.name} is open`;
    }
  } catch (error) {
    store.notify({ kind: "graph" }, refusalOf(error));
  }
}

/** Takes the text of a CSV file as data, with a graph for its columns. */
export async function openTable(store: Store, text: string): Promise<void> {
  await store.open(await begun(proposed(text)));
  store.spoken.value = "The table is open";
}
