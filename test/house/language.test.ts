// The language of the house, as CONTRIBUTING.md has it: words, length and subjects of sentences in comments, pages and messages, and
// the form of commits.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { docstringsOf, isVerbal } from "./docstring.js";
import { type Sentence, sentencesOf } from "./prose.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Words and forms that have a better one. */
const banned: readonly (readonly [found: RegExp, instead: string])[] = [
  [/^(What|Those|That which)\b(?!.*\?)/, "a noun as the subject"],
  [/: what\b/, "a noun"],
  [/\bkept apart\b/i, "held out"],
  [/\bhears?\b(?! of)/i, "receives, or its sources"],
  [/\bfrom \d+ on\b/i, "non-negative, or at least …"],
  [/\b(is|are|be|was|were) told\b/i, "receives, or follows from"],
  [/\bwhole at every moment\b/i, "atomic"],
  [/\b(go|goes|gone|went|going) through\b/i, "iterates"],
  [/\b(go|goes|gone|went|going) on\b/i, "resumes, or continues"],
  [/\btells? of\b/i, "describes, or lists"],
];

/** Words that a docstring may not begin with. */
const openings = /^(Gives|Tells|Says)\b/;

const MOST_WORDS = 25;

/** Returns the files below a folder, or a file itself. */
function filesOf(path: string): string[] {
  if (/\w\.\w+$/.test(path)) return [path];
  const entries = readdirSync(`${root}${path}`, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const inner = path === "" ? entry.name : `${path}/${entry.name}`;
    if (/(^|\/)node_modules$|^site\/(dist|pages|\.vitepress\/(cache|\.temp))$/.test(inner)) return [];
    if (entry.isDirectory()) return filesOf(inner);
    // Numbers, pages that programs write, and copies, which are compared with their source.
    if (/lane\/reference\.ts|conformance\.md|RESULTS\.md|test\/reference\//.test(inner)) return [];
    return /\.(ts|js|md|py)$/.test(inner) ? [inner] : [];
  });
}

/** Returns the number of words. Formulas, numbers and sources in parentheses are none. */
function wordsOf(text: string): number {
  const plain = text.replaceAll(/\([^()]*\b(1[89]|20)\d\d\)/g, "");
  return plain.split(/\s+/).filter((word) => /\p{L}{2}|^a$/u.test(word)).length;
}

/** Returns the faults of a sentence. */
function faultsOf({ text, isFirst, isCell }: Sentence): string[] {
  const words = wordsOf(text);
  const found = banned.flatMap(([form, instead]) => {
    const word = form.exec(text)?.[0];
    return word === undefined ? [] : [`"${word}": ${instead}`];
  });
  if (isFirst && openings.test(text)) found.push("a docstring says what it returns");
  if (!isCell && words > MOST_WORDS) found.push(`${words} words`);
  return found;
}

/** Returns a line for each fault of a file. */
function faultsIn(path: string): string[] {
  return sentencesOf(path, readFileSync(`${root}${path}`, "utf8")).flatMap((sentence) =>
    faultsOf(sentence).map((fault) => `${path}:${sentence.line}: ${fault}: ${sentence.text}`),
  );
}

/** Returns a line for each docstring of a file that begins with no verb. */
function openingsIn(path: string): string[] {
  if (!/\.(ts|js|py)$/.test(path)) return [];
  const wrong = docstringsOf(readFileSync(`${root}${path}`, "utf8")).filter((one) => !isVerbal(one));
  return wrong.map(({ line, text }) => `${path}:${line}: ${text}`);
}

/** The first commit of which a subject has a form. */
const FIRST = "94ef350";

/** Returns git's answer in lines, or nothing where there is no git, or no history. */
function git(...words: string[]): string[] | undefined {
  const { status, stdout } = spawnSync("git", words, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.split("\n").filter((line) => line !== "") : undefined;
}

/** Returns the faults of a commit's subject. */
function subjectFaults(subject: string): string[] {
  const [, word] = /^[a-z][a-z0-9./, -]*: (\S+)/.exec(subject) ?? [];
  const found: string[] = [];
  if (word === undefined) found.push("not `area: imperative`");
  else if (/^(?!need|feed|embed|speed|shed|bring|string)[a-z]+(ed|ing)$|[a-z](?<![siu])s$/.test(word)) {
    found.push(`${word} is no imperative`);
  }
  if ([...subject].length > 72) found.push("over 72 characters");
  return found;
}

/** Returns the folder whose list of faults a file belongs to. */
function folderOf(file: string): string {
  return /^(src\/entries\/\w+|\w+\/[\w-]+(?=\/)|\w+)/.exec(file)![0];
}

const pages = readdirSync(root).filter((name) => name.endsWith(".md"));
const files = new Map([["the root", pages]]);
for (const file of ["assembly", "bench", "docs", "examples", "site", "src", "test", "tools"].flatMap(
  filesOf,
)) {
  files.set(folderOf(file), [...(files.get(folderOf(file)) ?? []), file]);
}

describe("the language", () => {
  it.each([...files])("of %s has short sentences that name things", (_, files) => {
    expect(files.flatMap(faultsIn)).toEqual([]);
  });

  it.each([...files])("of docstrings in %s begins with a verb, where they describe functions", (_, files) => {
    expect(files.flatMap(openingsIn)).toEqual([]);
  });

  it.each([
    ["/** The rows. */\nfunction rows() {}", 1],
    ["/** Whether it is one. */\n  // biome-ignore lint: x\n  static is(x: object): boolean {", 1],
    ["/** Rows of the data. */\nexport const rows = async <T>(data: T) => {", 1],
    ["/**\n * `count` numbers.\n * @internal\n */\n@inline\nexport function few<T>(count: i32): T {", 1],
    ['def rows():\n    """The rows.\n\n    All."""', 1],
    ["/** Returns the rows. */\nexport async function* rows() {}", 0],
    ["/** The rows. */\nexport const rows = 4;\n/** The size. */\nget size() {", 0],
    ["/** How it starts. */\nconstructor() {\n/** @internal */\nfree(): void {", 0],
  ])("of docstrings is checked in %j", (text, faults) => {
    expect(docstringsOf(text).filter((one) => !isVerbal(one))).toHaveLength(faults);
  });

  it.each([
    ["docs/x.md", "What it holds\nis kept apart.", 2],
    ["docs/x.md", "| from 0 on | What? |", 1],
    ["src/x.ts", "/** Gives the rows. */", 1],
    ["src/x.ts", "  /**\n   * Gives the rows.\n   */", 1],
    ["src/x.ts", "/\u002f     rows    rows.ts: what the core is told of rows", 2],
    ["src/x.ts", "const a = 1; /\u002f what goes on", 1],
    ["src/x.ts", "  `The layer hears from nothing here.`,", 1],
    ["test/x.py", `# ${"word ".repeat(26)}`, 1],
    ["docs/x.md", "```js\n/\u002f What is kept apart\n```\n\nWhat is held out? Rows.", 0],
  ])("is checked in %s: %j", (path, text, faults) => {
    expect(sentencesOf(path, text).flatMap(faultsOf)).toHaveLength(faults);
  });

  it.each([
    ["fit: guard Pause.room against 0/0 on coarse clocks", 0],
    ["Guards against 0/0", 1],
    ["fit: guarded against 0/0", 1],
    ["fit: guards against 0/0", 1],
    [`fit: guard ${"x".repeat(62)}`, 1],
  ])("of a commit is checked: %s", (subject, faults) => {
    expect(subjectFaults(subject)).toHaveLength(faults);
  });

  const subjects =
    git("merge-base", "--is-ancestor", FIRST, "HEAD") && git("log", "--format=%s", `${FIRST}^..`);
  it.runIf(subjects !== undefined)("of commits is `area: imperative`, at most 72 characters", () => {
    const wrong = subjects!.map((subject) => [subject, ...subjectFaults(subject)]);
    expect(wrong.filter(([, fault]) => fault !== undefined)).toEqual([]);
  });
});
