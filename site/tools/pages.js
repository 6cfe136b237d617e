// Assembles site/pages/ from the repository's pages: docs/, the changelog, the benchmarks and what they link to. Links between them
// become links of the site; a link to a file of the source becomes plain text, since no public forge has it.

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { contents, root } from "./contents.js";

export const folder = fileURLToPath(new URL("../pages", import.meta.url));

/** The engine's files, which programs of pages import. */
export const ENGINE = "engine";

/**
 * Returns the first heading of a page, as plain text.
 * @param {string} text
 */
export function headingOf(text) {
  return (/^# (.*)$/m.exec(text)?.[1] ?? "").replaceAll("`", "");
}

/**
 * Returns the first paragraph as plain text, cut at the end of a sentence, for the page's description.
 * @param {string} text
 */
function summaryOf(text) {
  const paragraphs = text.replace(/^```[\s\S]*?^```$/gm, "").split(/\n{2,}/);
  const found = paragraphs.find((one) => /^[\p{L}`*[(]/u.test(one)) ?? "";
  const plain = found
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[`*$]/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return /^.{40,180}?[.:](?= |$)/.exec(plain)?.[0].replace(/:$/, ".") ?? plain.slice(0, 180);
}

/**
 * Calls `change` with the text between fenced blocks of code, and returns the whole.
 * @param {string} text
 * @param {(prose: string) => string} change
 */
function outsideFences(text, change) {
  return text
    .split(/(^ *```[\s\S]*?^ *```$)/m)
    .map((part, i) => (i % 2 === 0 ? change(part) : part))
    .join("");
}

/**
 * Copies a picture beside a page, and returns the page's text for it. A picture that follows the colours of the system becomes two,
 * of which the page shows one: colours of the site may be switched.
 * @param {string} source
 * @param {string} folder
 * @param {string} label
 */
function picture(source, folder, label) {
  mkdirSync(folder, { recursive: true });
  const name = posix.basename(source);
  const text = name.endsWith(".svg") ? readFileSync(source, "utf8") : "";
  const scheme = /\(prefers-color-scheme: ?dark\)/g;
  if (text.search(scheme) < 0) {
    cpSync(source, join(folder, name));
    return `![${label}](./${name})`;
  }
  const dark = name.replace(/svg$/, "dark.svg");
  writeIfChanged(join(folder, name), text.replaceAll(scheme, "not all"));
  writeIfChanged(join(folder, dark), text.replaceAll(scheme, "all"));
  return `![${label}](./${name}){.in-light}![${label}](./${dark}){.in-dark}`;
}

/**
 * Writes a page with its links mended, and copies the pictures that it shows.
 * @param {{ file: string; page: string }} entry
 * @param {Map<string, import("./contents.js").Page>} pages The site's page for each file.
 */
function write({ file, page }, pages) {
  const source = readFileSync(join(root, file), "utf8");
  /** @param {string} path */
  const from = (path) => {
    const relative = posix.relative(posix.dirname(page), path);
    return relative.startsWith(".") ? relative : `./${relative}`;
  };
  const text = outsideFences(source, (prose) =>
    prose.replaceAll(/(!?)\[((?:[^\][]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, (whole, mark, label, target) => {
      if (/^([a-z]+:|#)/.test(target)) return whole;
      const [path = "", anchor] = target.split("#");
      const found = posix.join(posix.dirname(file), path);
      if (mark === "!") return picture(join(root, found), join(folder, dirname(page)), label);
      const to = pages.get(found);
      if (to === undefined) return label;
      // A page that is named by its file has its title here.
      const isFile = /^`?[\w./-]+\.md`?$/.test(label);
      const text = isFile ? (to.title ?? headingOf(readFileSync(join(root, found), "utf8"))) : label;
      return `[${text}](${from(to.page)}.md${anchor === undefined ? "" : `#${anchor}`})`;
    }),
  );
  const description = JSON.stringify(summaryOf(source));
  const place = join(folder, `${page}.md`);
  mkdirSync(dirname(place), { recursive: true });
  // Two columns of code need the room of the outline.
  const aside = /^docs\/from\/(?!README)/.test(file) ? "aside: false\n" : "";
  writeIfChanged(place, `---\ndescription: ${description}\n${aside}---\n${text}`);
}

/**
 * Writes a file unless it has that text already, so that a running server sees only changes.
 * @param {string} place
 * @param {string} text
 */
function writeIfChanged(place, text) {
  if (existsSync(place) && readFileSync(place, "utf8") === text) return;
  writeFileSync(place, text);
}

/** Copies the files that programs of pages import or read: the engine, and texts of examples/. */
function copyFiles() {
  const place = join(folder, "public");
  cpSync(join(root, "dist"), join(place, ENGINE), {
    recursive: true,
    filter: (path) => statSync(path).isDirectory() || /\.(js|wasm)$/.test(path),
  });
  cpSync(join(root, "examples"), join(place, "examples"), {
    recursive: true,
    filter: (path) => statSync(path).isDirectory() || /\.(csv|txt)$/.test(path),
  });
  cpSync(fileURLToPath(new URL("../public", import.meta.url)), place, { recursive: true });
}

/** Assembles the pages. With `clean`, files of earlier pages are removed first. */
export function assemble({ clean = false } = {}) {
  if (clean) rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "public"), { recursive: true });
  const all = contents().flatMap((group) => group.pages);
  const pages = new Map(all.map((entry) => [entry.file, entry]));
  for (const entry of all) write(entry, pages);
  const home = fileURLToPath(new URL("../home.md", import.meta.url));
  writeIfChanged(join(folder, "index.md"), readFileSync(home, "utf8"));
  copyFiles();
}
