// The pages of the site: which file of the repository becomes which page, in the order of the sidebar. Pages of a folder
// stand in the order of their names, which may begin with a number; README.md is the first.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * @typedef {object} Group A group of the sidebar.
 * @property {string} title
 * @property {string} [folder] A folder whose pages belong to the group.
 * @property {readonly string[]} [first] Names of the folder's first pages, where the names themselves have no order.
 * @property {readonly (readonly [file: string, page?: string, title?: string])[]} [files] Further files of the repository.
 */

/** @type {readonly Group[]} */
export const groups = [
  { title: "Guide", folder: "docs/guide", files: [["docs/faq.md"]] },
  {
    title: "From other libraries",
    folder: "docs/from",
    first: ["brain", "synaptic-neataptic", "tfjs-keras", "pytorch"],
  },
  {
    title: "Recipes",
    folder: "docs/recipes",
    first: [
      ...["csv", "regression", "imbalance", "multilabel", "text", "forecasting", "anomaly"],
      ...["transfer", "policy", "evolution"],
      ...["indexeddb", "cloudflare", "react", "audio"],
    ],
  },
  {
    title: "In depth",
    files: [
      ["README.md", "overview", "Overview"],
      ["docs/training.md"],
      ["docs/shapes.md"],
      ["docs/time.md"],
      ["docs/parameters.md"],
      ["docs/structure.md"],
      ["docs/hosts.md"],
      ["docs/draw.md"],
      ["docs/onnx.md"],
      ["docs/migrate.md"],
      ["docs/beyond.md"],
    ],
  },
  {
    title: "Reference",
    files: [
      ["docs/reference.md"],
      ["docs/errors.md"],
      ["docs/format.md"],
      ["docs/mathematics.md"],
      ["docs/glossary.md"],
    ],
  },
  {
    title: "Project",
    files: [
      ["docs/benchmarks.md"],
      ["bench/RESULTS.md", "measurements", "Measurements"],
      ["CHANGELOG.md", "changelog"],
      ["ARCHITECTURE.md", "architecture"],
      ["CONTRIBUTING.md", "contributing"],
      ["SECURITY.md", "security", "Security"],
    ],
  },
];

/**
 * @typedef {object} Page
 * @property {string} file A file of the repository.
 * @property {string} page The page's path in the site, without an ending.
 * @property {string | undefined} title The title in the sidebar, where it isn't the page's heading.
 */

/** @param {string} file */
const pageOf = (file) =>
  file
    .replace(/^docs\//, "")
    .replace(/\/\d+-/, "/")
    .replace(/\/README\.md$/, "/index.md")
    .replace(/\.md$/, "");

/** @param {string} folder */
function filesIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`);
}

/**
 * Returns the groups with those of their pages that are there.
 * @returns {{ title: string; pages: Page[] }[]}
 */
export function contents() {
  const named = new Set(groups.flatMap(({ files = [] }) => files.map(([file]) => file)));
  const others = filesIn("docs").filter((file) => !named.has(file));
  return groups.map(({ title, folder, first = [], files = [] }) => {
    const own = folder === undefined ? [] : others.filter((file) => file.startsWith(`${folder}/`));
    const ranks = ["README", ...first].map((name) => `${folder}/${name}.md`);
    /** @param {string} file */
    const rank = (file) => (ranks.includes(file) ? ranks.indexOf(file) : ranks.length);
    own.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    const pages = [
      ...own.map((file) => ({ file, page: pageOf(file), title: undefined })),
      ...files
        .filter(([file]) => existsSync(join(root, file)))
        .map(([file, page = pageOf(file), title]) => ({ file, page, title })),
    ];
    // Pages of docs/ that no group names stand in the group of topics.
    if (title === "In depth") {
      const folders = groups.flatMap((group) => (group.folder === undefined ? [] : [`${group.folder}/`]));
      const left = others.filter((file) => !folders.some((place) => file.startsWith(place)));
      pages.push(...left.map((file) => ({ file, page: pageOf(file), title: undefined })));
    }
    return { title, pages };
  });
}
