// The sentences of a file: a page's text, a program's comments, and the messages of src/. Code, pictures and formulas are left out.

/** A sentence, with the line where its paragraph begins. */
export interface Sentence {
  readonly line: number;
  readonly text: string;
  /** Whether it begins a docstring. */
  readonly isFirst: boolean;
  /** Whether it is a cell of a table, which lists more than it says. */
  readonly isCell: boolean;
}

interface Paragraph {
  readonly line: number;
  readonly text: string;
  readonly isDocstring?: boolean;
  readonly isCell?: boolean;
}

/** Returns the sentences of a file, by its name and text. */
export function sentencesOf(path: string, text: string): Sentence[] {
  const lines = text.split("\n");
  const paragraphs = path.endsWith(".md")
    ? pageOf(lines)
    : path.endsWith(".py")
      ? commentsOf(lines, /^\s*(#(?!!)|""")\s?(.*)$/, /\s# (.*)$/)
      : commentsOf(lines, /^\s*(\/\/+|\/\*\*?|\*\/?(?=\s|$))\s?(.*)$/, /[^:]\/\/ (.*)$/);
  const messages = path.startsWith("src/") ? messagesOf(lines) : [];
  return [...paragraphs, ...messages].flatMap(split);
}

/** Returns the text of a page without fences, formulas, indented code, headings and comments, and the cells of its tables. */
function pageOf(lines: readonly string[]): Paragraph[] {
  let isCode = false;
  const prose = lines.map((line) => {
    if (line.startsWith("```") || line === "$$") isCode = !isCode;
    const isProse = !isCode && !/^(```|\$\$| {4}|\||#|<!--)/.test(line);
    return isProse ? line : "";
  });
  const cells = lines.flatMap((text, i) => {
    const words = text.startsWith("|") ? text.split(/(?<!\\)\|/) : [];
    return words.map((cell) => ({ line: i + 1, text: cell.trim(), isCell: true }));
  });
  return [...joined(prose.map((text, i) => ({ line: i + 1, text }))), ...cells];
}

/** Joins lines to paragraphs: a blank line or an item of a list begins another. */
function joined(lines: readonly Paragraph[]): Paragraph[] {
  const found: Paragraph[] = [];
  let isOpen = false;
  let isAfterMark = false;
  for (const { line, text, isDocstring: isMarked = false } of lines) {
    // The first words of a docstring may stand in the line after its mark.
    const isDocstring: boolean = isMarked || isAfterMark;
    isAfterMark = isMarked && text.trim() === "";
    const item = /^\s*(?:[-*]|\d+\.) +(.*)$/.exec(text);
    const last = found.at(-1);
    if (text.trim() === "") isOpen = false;
    else if (isOpen && item === null && last !== undefined) {
      found[found.length - 1] = { ...last, text: `${last.text} ${text.trim()}` };
    } else {
      found.push({ line, text: (item?.[1] ?? text).trim(), isDocstring });
      isOpen = true;
    }
  }
  return found;
}

/** Returns comments, block by block. Lines of a comment that are indented, rules and tags are no prose. */
function commentsOf(lines: readonly string[], whole: RegExp, after: RegExp): Paragraph[] {
  const prose = lines.flatMap((text, i): Paragraph[] => {
    const [, mark = "", words] = whole.exec(text) ?? [];
    const line = i + 1;
    if (words === undefined) {
      const beside = after.exec(text)?.[1];
      const blank = { line, text: "" };
      return beside === undefined ? [blank] : [blank, { line, text: beside }, blank];
    }
    const plain = words.replace(/\s*(\*\/|""")\s*$/, "").replace(/(^|\s)@\w.*$/, "");
    const isProse = !/^( {2}|-{4}|→|biome-ignore|@|[{}]|\|)/.test(plain);
    const isDocstring = mark === "/**";
    const start = isDocstring || mark === '"""' ? [{ line, text: "" }] : [];
    return [...start, { line, text: isProse ? plain : "", isDocstring }];
  });
  // Indented lines are lists of names with their meanings, or drawings.
  const lists = lines.flatMap((text, i) => {
    const [, , words = ""] = whole.exec(text) ?? [];
    return /^ {2,}\S/.test(words) ? [{ line: i + 1, text: words.trim(), isCell: true }] : [];
  });
  return [...joined(prose), ...lists];
}

/** Returns texts in quotes of four words or more. */
function messagesOf(lines: readonly string[]): Paragraph[] {
  return lines.flatMap((line, i) => {
    if (/^\s*(\/\/|\/?\*|import|export .* from)/.test(line)) return [];
    const quoted = [...line.matchAll(/`((?:[^`\\]|\\.)*)`|"((?:[^"\\]|\\.)*)"/g)];
    return quoted
      .map(([, template, string]) => (template ?? string ?? "").replaceAll(/\$\{[^}]*\}/g, "X"))
      .filter((text) => /(\p{L}{2,}[^\p{L}]+){3}\p{L}{2,}/u.test(text))
      .map((text) => ({ line: i + 1, text }));
  });
}

/** Splits a paragraph at the ends of its sentences. Code counts as one word, a formula as none. */
function split({ line, text, isDocstring = false, isCell = false }: Paragraph): Sentence[] {
  const plain = text
    .replaceAll(/`[^`]*`/g, "Code")
    .replaceAll(/\$[^$]+\$/g, "1")
    .replaceAll(/\]\([^)]*\)/g, "]")
    .replaceAll(/[*_]{2}/g, "");
  const ends = /(?<=(?<!\b(?:al|e\.g|i\.e|vs|cf))[.?!…][)"]?)\s+|(?<=[;:])\s+(?=[A-Z"[(])/;
  return plain
    .split(ends)
    .map((sentence, i) => ({ line, text: sentence, isFirst: isDocstring && i === 0, isCell }));
}
