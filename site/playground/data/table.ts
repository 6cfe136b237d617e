// A table of one's own: columns as inputs and outputs, classes one-hot, numbers scaled.

import type { Lesson, Rows, ScalerSketch } from "../model/lesson.ts";
import { Refused } from "../model/refusal.ts";
import type { DataSketch } from "../model/sketch.ts";
import { type Column, count, FEW, isMissing, numberOf, quoted, readTable, type Table } from "./csv.ts";
import { boundsOf, deal, oneHot } from "./rows.ts";
import { standard } from "./scaling.ts";

export type TableSketch = Extract<DataSketch, { readonly kind: "table" }>;

/** Most classes of a column. */
const MOST_CLASSES = 64;

/** Checks whether a column looks like classes: words that recur, or a few whole numbers. */
function hasClasses({ kind, values, isWhole }: Column, rows: number): boolean {
  if (kind === "word") return values.length <= MOST_CLASSES && values.length < rows;
  return isWhole && values.length <= FEW && values.length * 5 <= rows;
}

/**
 * Proposes columns of a table: the last one with classes is the output, or else the last one of all. All others of numbers
 * and of a few words are inputs, but for those that lack values in many rows.
 */
export function proposed(text: string, seed = 1, share = 0.2): TableSketch {
  const table = readTable(text);
  const { columns, rows } = table;
  const usable = columns.filter((column) => uselessness(column, table) === undefined);
  const ofWords = usable.filter(({ kind }) => kind === "word");
  const last = usable.at(-1);
  if (last === undefined || usable.length < 2) throw new Refused("bad-data", tooFew(table));
  const output = hasClasses(last, rows.length) ? last : (ofWords.at(-1) ?? last);
  const others = usable.filter((column) => column !== output);
  const inputs = complete(table, others, output);
  const classes = [
    ...inputs.filter(({ kind }) => kind === "word"),
    ...(hasClasses(output, rows.length) ? [output] : []),
  ];
  return {
    kind: "table",
    text,
    inputs: inputs.map(({ name }) => name),
    outputs: [output.name],
    classes: classes.map(({ name }) => name),
    scaling: "standard",
    share,
    seed,
  };
}

/** Returns why a column can be neither input nor output; undefined for one that can. */
function uselessness(column: Column, { rows, separator }: Table): string | undefined {
  const { name, kind, values } = column;
  if (values.length < 2) return `${quoted(name)} has ${values.length === 0 ? "no value" : "one value only"}`;
  if (kind === "number" || hasClasses(column, rows.length)) return undefined;
  const word = values.find((cell) => Number.isNaN(numberOf(cell, separator)))!;
  return `${quoted(name)} has ${count(values.length, "different word")}, such as ${quoted(word)}`;
}

/** Returns the refusal of a table with fewer than two columns of use. */
function tooFew(table: Table): string {
  const { columns, rows, separator } = table;
  if (rows.length < 2) return "The file has one row of values; two are the fewest.";
  if (columns.length < 2) {
    const found = rows[0]![0]!;
    const shown = separator === "," && found !== "" ? `, such as ${quoted(found)}` : "";
    return `The file has one column${shown}. It needs two at least, between commas, semicolons or tabs.`;
  }
  const causes = columns.flatMap((column) => uselessness(column, table) ?? []).slice(0, 3);
  return `The file needs two columns at least, of numbers or of words that recur: ${causes.join("; ")}.`;
}

/** Returns the places of the rows that have values in all of some columns. */
function wholeRows({ columns, rows }: Table, used: readonly Column[]): number[] {
  const places = used.map((column) => columns.indexOf(column));
  return [...rows.keys()].filter((row) => places.every((at) => !isMissing(rows[row]![at]!)));
}

/** Leaves out inputs, the most incomplete first, until half of the rows have values in all columns, and outputs differ there. */
function complete(table: Table, inputs: readonly Column[], output: Column): readonly Column[] {
  const at = table.columns.indexOf(output);
  let kept = inputs;
  for (;;) {
    const whole = wholeRows(table, [...kept, output]);
    const differs = new Set(whole.map((row) => table.rows[row]![at])).size > 1;
    const worst = kept.reduce((a, b) => (b.missing > a.missing ? b : a));
    const isGood = differs && 2 * whole.length >= table.rows.length;
    if (isGood || kept.length === 1 || worst.missing === 0) return kept;
    kept = kept.filter((column) => column !== worst);
  }
}

/** A column of a lesson: the units that it takes, and their values for a row. */
interface Reading {
  readonly column: Column;
  readonly isClasses: boolean;
  readonly labels: readonly string[];
  read(row: readonly string[]): number[];
}

/** Returns the label of the unit that an input has for a class of a column. */
export function classLabel(column: string, label: string): string {
  return `${column} = ${label}`;
}

/** Returns a column of a table by its name. */
function columnOf({ columns }: Table, name: string): Column {
  const column = columns.find((one) => one.name === name);
  if (column === undefined) throw new Refused("bad-data", `The file has no column ${quoted(name)}.`);
  return column;
}

/** Returns the reading of a column over some rows. An output of two classes has one unit. */
function readingOf(
  { columns, rows, separator }: Table,
  column: Column,
  used: readonly number[],
  isClasses: boolean,
  isOutput: boolean,
): Reading {
  const { name, kind } = column;
  const at = columns.indexOf(column);
  const title = `The column ${quoted(name)}`;
  if (!isClasses) {
    if (kind === "word")
      throw new Refused(
        "bad-data",
        `${title} has words, such as ${quoted(column.values[0] ?? "")}: take it as classes.`,
      );
    return { column, isClasses, labels: [name], read: (row) => [numberOf(row[at]!, separator)] };
  }
  if (kind === "number" && column.values.length > FEW)
    throw new Refused("bad-data", `${title} has over ${FEW} different numbers: take it as numbers.`);
  const found = new Set(used.map((row) => rows[row]![at]!));
  const values = column.values.filter((value) => found.has(value));
  if (values.length > MOST_CLASSES)
    throw new Refused(
      "bad-data",
      `${title} has ${values.length} different words; ${MOST_CLASSES} are the most.`,
    );
  if (values.length < 2) {
    const where = used.length < rows.length ? " in the rows that have values in all chosen columns" : "";
    throw new Refused("bad-data", `${title} has one value only${where}.`);
  }
  const labels = [...values].sort((a, b) => (kind === "number" ? 0 : a < b ? -1 : 1));
  const place = (row: readonly string[]) => labels.indexOf(row[at]!);
  if (isOutput && labels.length === 2) return { column, isClasses, labels, read: (row) => [place(row)] };
  const named = isOutput ? labels : labels.map((label) => classLabel(name, label));
  return { column, isClasses, labels: named, read: (row) => oneHot(labels.length, place(row)) };
}

/** Returns the refusal of columns that hardly a row has all values of. */
function incomplete({ rows }: Table, used: readonly Column[], whole: number): string {
  if (rows.length < 2) return "The file has one row of values; two are the fewest.";
  const worst = used.reduce((a, b) => (b.missing > a.missing ? b : a));
  const found = whole === 0 ? "No row has" : "One row alone has";
  const lacks = `${quoted(worst.name)} lacks them in ${worst.missing} of ${count(rows.length, "row")}`;
  return `${found} values in all chosen columns: ${lacks}.`;
}

/** Returns the lesson of a table. Rows without a value in a used column are left out. */
export function table({ text, inputs, outputs, classes, scaling, share, seed }: TableSketch): Lesson {
  const read = readTable(text);
  if (inputs.length === 0 || outputs.length === 0) {
    throw new Refused(
      "bad-data",
      `Choose a column at least as ${inputs.length === 0 ? "an input" : "an output"}.`,
    );
  }
  const used = [...inputs, ...outputs].map((name) => columnOf(read, name));
  const places = wholeRows(read, used);
  if (places.length < 2) throw new Refused("bad-data", incomplete(read, used, places.length));
  const readings = (some: readonly Column[], isOutput: boolean) =>
    some.map((column) => readingOf(read, column, places, classes.includes(column.name), isOutput));
  const from = readings(used.slice(0, inputs.length), false);
  const to = readings(used.slice(inputs.length), true);
  const whole = places.map((row) => read.rows[row]!);
  const groups = groupsOf(to);
  const { training, heldOut } = deal(whole.length, share, seed);
  const pick = (places: readonly number[]): Rows => {
    const flat = (list: readonly Reading[]) =>
      Float64Array.from(places.flatMap((place) => list.flatMap((one) => one.read(whole[place]!))));
    const ts = Object.fromEntries(groups.map(({ name, parts }) => [name, flat(parts)]));
    return { count: places.length, xs: { x: flat(from) }, ts };
  };
  const rows = { training: pick(training), heldOut: pick(heldOut) };
  const labels = from.flatMap((one) => one.labels);
  const isOfClasses = from.flatMap((one) => one.labels.map(() => one.isClasses));
  // A column may have the name __proto__.
  const scalers: Record<string, ScalerSketch> = Object.create(null);
  if (scaling === "standard") {
    scalers.x = standard(rows.training.xs.x!, labels.length, (unit) => isOfClasses[unit]!);
    for (const { name, goal, labels: own } of groups) {
      if (goal === "number") scalers[name] = standard(rows.training.ts[name]!, own.length);
    }
  }
  return {
    inputs: [{ name: "x", size: labels.length, shape: [labels.length], labels }],
    outputs: groups.map(({ name, goal, labels: own, size }) => ({ name, size, goal, labels: own })),
    ...rows,
    scalers,
    bounds: boundsOf(rows.training.xs.x!, labels.length),
  };
}

/** Returns the outputs: one for each column of classes, and one for all columns of numbers. Their names differ, also from x. */
function groupsOf(to: readonly Reading[]) {
  const taken = new Set(["x"]);
  const free = (plain: string) => {
    let name = plain;
    for (let number = 2; taken.has(name); number++) name = `${plain} ${number}`;
    taken.add(name);
    return name;
  };
  const classes = to.filter(({ isClasses }) => isClasses);
  const groups = classes.map((one) => ({
    name: free(one.column.name),
    goal: "classes" as const,
    labels: one.labels,
    size: one.labels.length === 2 ? 1 : one.labels.length,
    parts: [one],
  }));
  const numbers = to.filter(({ isClasses }) => !isClasses);
  if (numbers.length === 0) return groups;
  const labels = numbers.map(({ column }) => column.name);
  const name = free(numbers.length === 1 ? labels[0]! : "y");
  return [...groups, { name, goal: "number" as const, labels, size: labels.length, parts: numbers }];
}
