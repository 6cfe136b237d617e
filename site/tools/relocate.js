// Makes built files independent of the path that they are served under. VitePress builds for one base, here a
// placeholder. In pages the way up to the root replaces it, in modules a path that they compute from their own address.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import ts from "typescript";

/** The base that VitePress builds for. */
export const BASE = "/__PLEXUS_BASE__/";

/** The identifier of the base in modules; the configuration puts it in the place of `import.meta.env.BASE_URL`. */
const NAME = "__PLEXUS_BASE__";

/**
 * Returns the way from a file up to the root, with a slash at its end.
 * @param {string} file
 */
function wayUp(file) {
  return "../".repeat(file.split("/").length - 1) || "./";
}

/**
 * Returns an expression for a text with the base in it.
 * @param {string} text
 */
function joined(text) {
  return `[${text
    .split(BASE)
    .map((part) => JSON.stringify(part))
    .join()}].join(${NAME})`;
}

/**
 * Replaces the literals of a module that have the base in them, and defines the base at its head.
 * @param {string} file
 * @param {string} code
 */
export function relocateModule(file, code) {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  /** @type {{ start: number; end: number; text: string }[]} */
  const changes = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      if (!node.text.includes(BASE)) return;
      if (ts.isImportDeclaration(node.parent)) throw new Error(`${file} imports ${node.text}.`);
      const isKey = ts.isPropertyAssignment(node.parent) && node.parent.name === node;
      const text = isKey ? `[${joined(node.text)}]` : joined(node.text);
      changes.push({ start: node.getStart(source), end: node.end, text });
    } else if (ts.isTemplateExpression(node) && node.getText(source).includes(BASE)) {
      // The parts of a template stay as they are written; the base becomes one more expression in them.
      for (const part of [node.head, ...node.templateSpans.map(({ literal }) => literal)]) {
        const start = part.getStart(source);
        const written = code.slice(start, part.end);
        if (!written.includes(BASE)) continue;
        changes.push({ start, end: part.end, text: written.replaceAll(BASE, `\${${NAME}}`) });
      }
      for (const { expression } of node.templateSpans) visit(expression);
    } else ts.forEachChild(node, visit);
  };
  visit(source);
  let text = code;
  for (const { start, end, text: put } of changes.toSorted((a, b) => b.start - a.start)) {
    text = text.slice(0, start) + put + text.slice(end);
  }
  const way = wayUp(file);
  return `const ${NAME}=new URL(${JSON.stringify(way)},import.meta.url).pathname;${text}`;
}

/**
 * Relocates the files of a folder. Returns how many had the base in them.
 * @param {string} folder
 */
export function relocate(folder) {
  let count = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const file = name.split(sep).join("/");
    if (!/\.(html|css|js)$/.test(file)) continue;
    const place = join(folder, name);
    const text = readFileSync(place, "utf8");
    if (!text.includes(NAME)) continue;
    const moved = file.endsWith(".js") ? relocateModule(file, text) : text.replaceAll(BASE, wayUp(file));
    if (moved.includes(BASE)) throw new Error(`${file} still has the base in it.`);
    writeFileSync(place, moved);
    count++;
  }
  return count;
}
