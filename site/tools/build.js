// Builds the site to site/dist: static files that work under any path. `npm run site:build` at the root.

import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.js";

prepare();
const { assemble } = await import("./pages.js");
const { writeReference } = await import("./reference.js");
const { BASE, relocate } = await import("./relocate.js");
const { build } = await import("vitepress");

const site = fileURLToPath(new URL("..", import.meta.url));
assemble({ clean: true });
await writeReference();
await build(site, { base: BASE });
const files = relocate(fileURLToPath(new URL("../dist", import.meta.url)));
console.log(`Built site/dist, ${files} files of which depend on no path.`);
