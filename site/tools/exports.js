// The sidebar of the reference of exports, from the pages that TypeDoc has written.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { folder } from "./pages.js";

/** The folder of the reference in the site. */
export const API = "reference/api";

/** Kinds of exports that have pages of their own: a folder of an entry, and its title. */
const kinds = { classes: "Classes", functions: "Functions", interfaces: "Interfaces" };

/** Names of the entries, in the order of the sidebar. */
export const entries = ["", "/predict", "/onnx", "/migrate", "/draw", "/torch", "/worker", "/node"].map(
  (name) => `plexus-nn${name}`,
);

/** @param {string} entry */
function membersOf(entry) {
  return Object.entries(kinds).flatMap(([kind, text]) => {
    const place = join(folder, API, ...entry.split("/"), kind);
    if (!existsSync(place)) return [];
    const names = readdirSync(place).filter((name) => name.endsWith(".md"));
    const items = names.sort().map((name) => {
      const link = `/${API}/${entry}/${kind}/${name.replace(/md$/, "html")}`;
      return { text: name.replace(/\.md$/, ""), link };
    });
    return [{ text, items }];
  });
}

/** Returns the sidebar: a group for each entry, with its exports by kind. */
export function sidebar() {
  return [
    { text: "Reference", link: "/reference.html" },
    { text: "Every export", link: `/${API}/index.html` },
    ...entries.map((entry) => ({
      text: entry,
      link: `/${API}/${entry}/index.html`,
      collapsed: entry !== "plexus-nn",
      items: membersOf(entry),
    })),
  ];
}
