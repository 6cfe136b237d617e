// Writes the reference of every export to site/pages/reference/api from the docstrings, by TypeDoc. Any warning is an error.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { Application } from "typedoc";
import { root } from "./contents.js";
import { API, entries } from "./exports.js";
import { folder as pages } from "./pages.js";

const folder = join(pages, API);

/** Sources of the entries. The slim ones and the cores of `predict` have the same exports. */
const sources = entries.map((entry) =>
  entry === "plexus-nn" ? "src/index.ts" : `src/entries/${entry.slice("plexus-nn/".length)}/index.ts`,
);

/** Types that only signatures name, where their names say enough. */
const inner = [
  "Batches",
  "CellFacts",
  "CellParts",
  "HiddenName",
  "HiddenSpec",
  "LayerFacts",
  "inits",
  "metrics",
  "Pads",
  "Scaling",
  "Settings",
  "SomeOf",
  "Sources",
  "StateLike",
  "StateMaker",
  "Trains",
  "Undeclared",
  "UndeclaredCell",
];

/** Options of typedoc-plugin-markdown. */
const layout = {
  outputFileStrategy: "members",
  membersWithOwnFile: ["Class", "Function", "Interface"],
  entryFileName: "index",
  hidePageHeader: true,
  hideBreadcrumbs: true,
  mergeReadme: true,
  useCodeBlocks: true,
  useHTMLEncodedBrackets: true,
  sanitizeComments: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  propertyMembersFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  indexFormat: "table",
  tableColumnSettings: { hideModifiers: true, hideSources: true },
  pageTitleTemplates: { member: "{name}", module: "{name}" },
};

/** Returns the codes of errors, which have a heading each on their page. */
function errorCodes() {
  const text = readFileSync(join(root, "docs/errors.md"), "utf8");
  return new Set([...text.matchAll(/^## ([a-z-]+)$/gm)].map(([, code]) => code));
}

/**
 * Returns a page with links from codes of errors to their causes and cures, and from names of pages to these.
 * @param {string} text
 * @param {string} up The way from the page up to the site's root.
 * @param {Set<string | undefined>} codes
 */
function linked(text, up, codes) {
  return text
    .replaceAll(/(?<!\[)`([a-z-]+)`(?!\])/g, (whole, code) =>
      codes.has(code) ? `[${whole}](${up}errors.md#${code})` : whole,
    )
    .replaceAll(/\bdocs\/(\w+)\.md\b/g, `[$1](${up}$1.md)`)
    .replaceAll(/<a id="type-parameter-\w+"><\/a> /g, "");
}

/**
 * Returns a page in fewer words. The heading leaves out type parameters, whose table moves to the end. Accessors have no headings for
 * their signatures. Nothing says that a call returns nothing, or that there is no default.
 * @param {string} text
 */
function tidied(text) {
  const types = /^## Type Parameters\n[\s\S]*?(?=^## )/m.exec(text)?.[0] ?? "";
  const page = types === "" ? text : `${text.replace(types, "").trimEnd()}\n\n${types}`;
  return page
    .replace(/^(# \w+)&lt;.*$/m, "$1")
    .replaceAll(/^#+ Returns\n\n`void`\n*|^#+ Type Literal\n\n/gm, "")
    .replaceAll(/(?<!\\)\| (?:`undefined`|-) \|$/gm, "| |")
    .split(/^(?=### )/m)
    .map((member) =>
      /^#### [GS]et Signature$/m.test(member)
        ? member.replaceAll(/^#### [GS]et Signature\n\n/gm, "").replaceAll(/^#####(?= )/gm, "####")
        : member,
    )
    .join("");
}

/** Writes the reference. Throws where TypeDoc has a warning, such as a type that isn't exported. */
export async function writeReference() {
  const application = await Application.bootstrapWithPlugins({
    plugin: ["typedoc-plugin-markdown"],
    name: "Every export",
    basePath: root,
    entryPoints: sources.map((source) => join(root, source)),
    tsconfig: join(root, "tsconfig.build.json"),
    readme: "none",
    excludeInternal: true,
    excludePrivate: true,
    // Members that hosts add to `Error`.
    excludeExternals: true,
    disableSources: true,
    out: folder,
    intentionallyNotExported: inner,
    validation: { notExported: true, invalidLink: true, notDocumented: true },
    requiredToBeDocumented: ["Class", "Interface", "TypeAlias", "Function"],
    treatWarningsAsErrors: true,
    logLevel: "Warn",
    // The names of entries, which are modules, stay in the order above.
    sortEntryPoints: false,
    ...layout,
  });
  const project = await application.convert();
  if (project === undefined) throw new Error("TypeDoc could not read the sources.");
  application.validate(project);
  await application.generateOutputs(project);
  if (application.logger.hasErrors() || application.logger.hasWarnings()) {
    throw new Error("TypeDoc has errors or warnings.");
  }
  const codes = errorCodes();
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".md")) continue;
    const up = "../".repeat(`${API}/${name}`.split(sep).join("/").split("/").length - 1);
    writeFileSync(join(folder, name), linked(tidied(readFileSync(join(folder, name), "utf8")), up, codes));
  }
}
