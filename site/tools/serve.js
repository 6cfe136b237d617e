// Serves the site while one works on it: `npm run site` at the root. Pages are assembled anew when a file of the text changes.

import { existsSync, watch } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.js";

prepare();
const { assemble } = await import("./pages.js");
const { root } = await import("./contents.js");
const { API } = await import("./exports.js");
const { writeReference } = await import("./reference.js");
const { createServer } = await import("vitepress");

const site = fileURLToPath(new URL("..", import.meta.url));
assemble();
// The reference takes half a minute: it is written once, and anew by a build of the site.
if (!existsSync(join(site, "pages", API))) await writeReference();
for (const path of ["docs", "README.md", "CHANGELOG.md", "bench/RESULTS.md"]) {
  watch(join(root, path), { recursive: true }, () => assemble());
}
const server = await createServer(site, { port: Number(process.env.PORT ?? 5173) });
await server.listen();
server.printUrls();
