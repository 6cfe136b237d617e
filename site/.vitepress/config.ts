// The site's configuration. Pages are assembled by tools/pages.js; tools/build.js makes the built files independent of their path.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { contents, root } from "../tools/contents.js";
import { API, sidebar as exports } from "../tools/exports.js";
import { headingOf } from "../tools/pages.js";
import { BASE } from "../tools/relocate.js";
import { beside } from "./beside.ts";
import { lost, words } from "./lost.ts";
import { markup } from "./markup.ts";
import { policy } from "./policy.ts";
import { programs } from "./programs.ts";
import { slug } from "./slug.ts";

const groups = contents().map(({ title, pages }) => ({
  text: title,
  items: pages.map(({ file, page, title: own }) => ({
    text: own ?? headingOf(readFileSync(join(root, file), "utf8")),
    link: `/${page}.html`,
  })),
}));

groups
  .find(({ text }) => text === "Reference")
  ?.items.push({ text: "Every export", link: `/${API}/index.html` });

/** Returns a link of the navigation to a group's first page, or nothing where the group has none. */
function first(title: string) {
  const items = groups.find(({ text }) => text === title)?.items ?? [];
  const folder = items[0]?.link.split("/").slice(0, -1).join("/");
  return items.length === 0
    ? []
    : [{ text: title, link: items[0]!.link, ...(folder ? { activeMatch: `^${folder}/` } : {}) }];
}

export default defineConfig({
  lang: "en-GB",
  title: "Plexus",
  description: "A small, fast neural-network engine for graphs of layers, in SIMD WebAssembly.",
  srcDir: "pages",
  outDir: "dist",
  metaChunk: true,
  markdown: {
    anchor: { slugify: slug },
    toc: { slugify: slug },
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config(md) {
      markup(md);
      programs(md);
      beside(md);
    },
  },
  themeConfig: {
    logo: { src: "/icon.svg", alt: "" },
    nav: [
      { text: "Playground", link: "/index.html", activeMatch: "^/(index.html)?$" },
      ...first("Guide"),
      ...first("From other libraries"),
      ...first("Recipes"),
      ...first("Reference"),
      { text: "Benchmarks", link: "/benchmarks.html" },
      { text: "Changelog", link: "/changelog.html" },
    ],
    sidebar: { "/": groups.filter(({ items }) => items.length > 0), "/reference/api/": exports() },
    outline: { level: [2, 3], label: "On this page" },
    search: { provider: "local" },
    docFooter: { prev: "Previous", next: "Next" },
    notFound: {
      ...words,
      linkText: "To the playground",
      linkLabel: "To the playground",
    },
    externalLinkIcon: true,
  },
  transformHead: () => [["link", { rel: "icon", type: "image/svg+xml", href: `${BASE}icon.svg` }]],
  transformHtml(html, _, { page }) {
    if (page === "404.md") return lost;
    return html
      .replace(/<script id="check-dark-mode">[\s\S]*?<\/script>/, `<script src="${BASE}start.js"></script>`)
      .replace(/<script id="check-mac-os">[\s\S]*?<\/script>/, "")
      .replace(
        '<meta charset="utf-8">',
        (meta) => `${meta}\n    <meta http-equiv="Content-Security-Policy" content="${policy}">`,
      );
  },
  vite: {
    plugins: [
      {
        name: "plexus-base",
        // The client joins addresses to the base at run time; a constant would be folded into lengths and other literals.
        transform(code, id, options) {
          if (options?.ssr || process.env.NODE_ENV !== "production") return;
          if (id.includes("/vitepress/dist/client/") && code.includes("import.meta.env.BASE_URL"))
            return code.replaceAll("import.meta.env.BASE_URL", "__PLEXUS_BASE__");
          return;
        },
      },
    ],
    // A font within a style sheet would need `data:` in the policy.
    build: { assetsInlineLimit: 0 },
    worker: { format: "es" },
    server: { fs: { allow: [fileURLToPath(new URL("../..", import.meta.url))] } },
  },
});
