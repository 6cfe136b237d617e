// A reader of CSV files: separators, quotes, headers and decimal commas are found by themselves.

import { Refused } from "../model/refusal.ts";

/** A column of a table, as it is recognised. */
export interface Column {
  readonly name: string;
  /** Whether all its values are numbers, or at least one is a word. */
  readonly kind: "number" | "word";
  /** Its different values in order, the most frequent words first; of numbers at most `FEW + 1`. */
  readonly values: readonly string[];
  /** Rows without a value. */
  readonly missing: number;
  /** Whether its numbers are whole. */
  readonly isWhole: boolean;
}

export interface Table {
  readonly separator: "," | ";" | "\t";
  readonly hasHeader: boolean;
  readonly columns: readonly Column[];
  /** Cells of all rows but the header, trimmed. */
  readonly rows: readonly (readonly string[])[];
  /** Line of the file, from 1, where each row begins. */
  readonly lines: readonly number[];
  /** Rows with a wrong number of cells or without a value, each as a sentence; at most 20. */
  readonly faults: readonly string[];
}

/** Most different values of a column that is taken as classes. */
export const FEW = 12;
const MOST_ROWS = 20_000;
const MOST_COLUMNS = 200;
const MOST_FAULTS = 20;

/** Largest number that a cell may have: squares of a whole column of them are finite. */
const LARGEST = 1e100;

/** Most characters of a cell in a sentence. */
const SHOWN = 40;

const nothing = new Set(["", "na", "n/a", "nan", "null", "none", "?", "-"]);

/** Checks whether a cell stands for a missing value. */
export function isMissing(cell: string): boolean {
  return cell.length <= 4 && nothing.has(cell.toLowerCase());
}

/** Returns a cell's number; NaN where it is none, or too large. A comma is a decimal point where it can't be a separator. */
export function numberOf(cell: string, separator: Table["separator"]): number {
  const text = (separator === "," ? cell : cell.replace(",", ".")).replace(/^−/, "-");
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Math.abs(value) <= LARGEST ? value : Number.NaN;
}

/** Returns a cell or a name in quotes, shortened for a sentence. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}

/** The last table, since several parts of a page read the same text. Nobody writes to a table. */
let last: { readonly text: string; readonly table: Table } | undefined;

/** Reads a table. Throws `bad-data` where a text is none. */
export function readTable(text: string): Table {
  if (last?.text !== text) last = { text, table: read(text) };
  return last.table;
}

function read(text: string): Table {
  const plain = text.replace(/^\uFEFF/, "");
  if (plain.trim() === "") throw new Refused("bad-data", "The file has no rows.");
  const separator = separatorOf(plain);
  const { cells, lines } = cellsOf(plain, separator);
  const width = cells[0]!.length;
  const hasHeader = isHeader(cells, separator);
  const faults: string[] = [];
  const kept: number[] = [];
  for (let row = hasHeader ? 1 : 0; row < cells.length; row++) {
    const found = cells[row]!.length;
    if (found === width) kept.push(row);
    else
      faults.push(
        `Line ${lines[row]} has ${count(found, "cell")}, where ${width} are expected; it is left out.`,
      );
  }
  const rows = kept.map((row) => cells[row]!);
  if (cells.length === 1 && hasHeader) throw new Refused("bad-data", "The file has a header and no rows.");
  if (rows.length === 0) {
    const cause = `line ${lines[1]} has ${count(cells[1]!.length, "cell")}`;
    throw new Refused("bad-data", `No row has ${count(width, "cell")} as the first line does: ${cause}.`);
  }
  const names = namesOf(hasHeader ? cells[0]! : cells[0]!.map((_, column) => `c${column + 1}`));
  for (const [at, row] of rows.entries()) {
    const empty = names.filter((_, column) => isMissing(row[column]!));
    if (empty.length > 0)
      faults.push(`Line ${lines[kept[at]!]} has no value for ${empty.map(quoted).join(", ")}.`);
  }
  const columns = names.map((name, column) =>
    columnOf(
      name,
      rows.map((row) => row[column]!),
      separator,
    ),
  );
  return {
    separator,
    hasHeader,
    columns,
    rows,
    lines: kept.map((row) => lines[row]!),
    faults: faults.slice(0, MOST_FAULTS),
  };
}

/** Returns a number with its noun. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** Returns the separator that occurs most often outside of quotes in the first line; a comma where none does. */
function separatorOf(text: string): Table["separator"] {
  const times = { ";": 0, "\t": 0, ",": 0 };
  let isQuoted = false;
  let at = text.search(/\S/);
  for (; at < text.length && (isQuoted || (text[at] !== "\n" && text[at] !== "\r")); at++) {
    const sign = text[at]!;
    if (sign === '"') isQuoted = !isQuoted;
    else if (!isQuoted && Object.hasOwn(times, sign)) times[sign as Table["separator"]]++;
  }
  const best = ([";", "\t", ","] as const).reduce((a, b) => (times[b] > times[a] ? b : a));
  return times[best] === 0 ? "," : best;
}

/** Cuts a text to cells, by RFC 4180. Lines without a character are no rows. Throws `bad-data` for too many rows or columns. */
function cellsOf(text: string, separator: string): { readonly cells: string[][]; readonly lines: number[] } {
  const cells: string[][] = [];
  const lines: number[] = [];
  let [row, line, begun, at]: [string[], number, number, number] = [[], 1, 1, 0];
  const end = () => {
    if (row.length > 1 || row[0] !== "") {
      if (cells.length > MOST_ROWS)
        throw new Refused("bad-data", `The file has over ${count(MOST_ROWS, "row")}.`);
      cells.push(row);
      lines.push(begun);
    }
    row = [];
  };
  for (;;) {
    while (text[at] === " ") at++;
    let cell = "";
    if (text[at] === '"') {
      const close = closingQuote(text, at, line);
      cell = text.slice(at + 1, close).replaceAll('""', '"');
      line += cell.split("\n").length - 1;
      at = close + 1;
      while (text[at] === " ") at++;
    } else {
      const from = at;
      while (at < text.length && text[at] !== separator && text[at] !== "\n" && text[at] !== "\r") at++;
      cell = text.slice(from, at).trim();
    }
    row.push(cell);
    if (cells.length === 0 && row.length > MOST_COLUMNS)
      throw new Refused("bad-data", `The file has over ${count(MOST_COLUMNS, "column")}.`);
    if (at < text.length && text[at] === separator) {
      at++;
      continue;
    }
    if (at < text.length && text[at] !== "\n" && text[at] !== "\r") {
      throw new Refused("bad-data", `Line ${line} has characters after a closing quote.`);
    }
    end();
    if (at >= text.length) return { cells, lines };
    if (text[at] === "\r" && text[at + 1] === "\n") at++;
    at++;
    line++;
    begun = line;
    if (at >= text.length) return { cells, lines };
  }
}

/** Returns the place of the quote that ends a cell; a doubled quote is one of its characters. */
function closingQuote(text: string, from: number, line: number): number {
  for (let at = from + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) throw new Refused("bad-data", `Line ${line} has a quote that isn't closed.`);
    if (text[at + 1] !== '"') return at;
    at++;
  }
}

/** Checks whether the first row has names: a word above numbers, or words that don't recur below. */
function isHeader(cells: readonly (readonly string[])[], separator: Table["separator"]): boolean {
  const [first, ...rest] = cells as [readonly string[], ...(readonly string[])[]];
  const isNumber = (cell: string | undefined) =>
    cell !== undefined && !Number.isNaN(numberOf(cell, separator));
  if (first.some(isNumber)) return false;
  if (rest.length === 0) return true;
  const below = first.map((_, column) => {
    const cells = new Set(rest.map((row) => row[column]));
    return [...cells].filter((cell) => cell !== undefined && !isMissing(cell));
  });
  if (below.some((column) => column.length > 0 && column.every(isNumber))) return true;
  return first.every((cell, column) => cell !== "" && !below[column]!.includes(cell));
}

/** Returns names of columns, all different and none empty. */
function namesOf(cells: readonly string[]): string[] {
  const names: string[] = [];
  for (const [column, cell] of cells.entries()) {
    const plain = cell === "" ? `c${column + 1}` : cell;
    let name = plain;
    for (let number = 2; names.includes(name); number++) name = `${plain} ${number}`;
    names.push(name);
  }
  return names;
}

/** Returns a column's facts. */
function columnOf(name: string, cells: readonly string[], separator: Table["separator"]): Column {
  const times = new Map<string, number>();
  for (const cell of cells) times.set(cell, (times.get(cell) ?? 0) + 1);
  let missing = 0;
  for (const [cell, count] of times) {
    if (!isMissing(cell)) continue;
    missing += count;
    times.delete(cell);
  }
  const numbers = Array.from(times.keys(), (cell) => numberOf(cell, separator));
  const isNumber = numbers.length > 0 && !numbers.some(Number.isNaN);
  const order = isNumber
    ? (a: string, b: string) => numberOf(a, separator) - numberOf(b, separator)
    : (a: string, b: string) => times.get(b)! - times.get(a)! || (a < b ? -1 : 1);
  const values = [...times.keys()].sort(order);
  return {
    name,
    kind: isNumber ? "number" : "word",
    values: isNumber ? values.slice(0, FEW + 1) : values,
    missing,
    isWhole: isNumber && numbers.every(Number.isInteger),
  };
}
