// A table of one's own: columns as inputs and outputs, classes one-hot, numbers scaled.

import { Refused } from "../model/refusal.ts";
import type { DataSketch } from "../model/sketch.ts";
import type { Lesson, Rows, ScalerSketch } from "../worker/message.ts";
import { type Column, FEW, isMissing, numberOf, readTable, type Table } from "./csv.ts";
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
 * and of a few words are inputs.
 */
export function proposed(text: string, seed = 1, share = 0.2): TableSketch {
  const { columns, rows } = readTable(text);
  const usable = columns.filter((column) => column.kind === "number" || hasClasses(column, rows.length));
  const ofWords = usable.filter(({ kind, values }) => kind === "word" && values.length > 1);
  const last = usable.at(-1);
  if (last === undefined || usable.length < 2) {
    throw new Refused("bad-data", "The file needs two columns at least, of numbers or of words that recur.");
  }
  const output = hasClasses(last, rows.length) ? last : (ofWords.at(-1) ?? last);
  const inputs = usable.filter((column) => column !== output && column.values.length > 1);
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

/** A column of a lesson: the units that it takes, and their values for a row. */
interface Reading {
  readonly column: Column;
  readonly isClasses: boolean;
  readonly labels: readonly string[];
  read(row: readonly string[]): number[];
}

/** Returns the reading of a column by its name. An output of two classes has one unit. */
function readingOf(
  { columns, separator }: Table,
  name: string,
  isClasses: boolean,
  isOutput: boolean,
): Reading {
  const at = columns.findIndex((column) => column.name === name);
  const column = columns[at];
  if (column === undefined) throw new Refused("bad-data", `The file has no column ${JSON.stringify(name)}.`);
  const title = `The column ${JSON.stringify(name)}`;
  if (!isClasses) {
    if (column.kind === "word")
      throw new Refused(
        "bad-data",
        `${title} has words, such as ${JSON.stringify(column.values[0] ?? "")}: take it as classes.`,
      );
    return { column, isClasses, labels: [name], read: (row) => [numberOf(row[at]!, separator)] };
  }
  const { values } = column;
  if (column.kind === "number" && values.length > FEW)
    throw new Refused("bad-data", `${title} has over ${FEW} different numbers: take it as numbers.`);
  if (values.length > MOST_CLASSES)
    throw new Refused(
      "bad-data",
      `${title} has ${values.length} different words; ${MOST_CLASSES} are the most.`,
    );
  if (values.length < 2) throw new Refused("bad-data", `${title} has one value only.`);
  const labels = [...values].sort((a, b) => (column.kind === "number" ? 0 : a < b ? -1 : 1));
  const place = (row: readonly string[]) => labels.indexOf(row[at]!);
  if (isOutput && labels.length === 2) return { column, isClasses, labels, read: (row) => [place(row)] };
  const named = isOutput ? labels : labels.map((label) => `${name} = ${label}`);
  return { column, isClasses, labels: named, read: (row) => oneHot(labels.length, place(row)) };
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
  const readings = (names: readonly string[], isOutput: boolean) =>
    names.map((name) => readingOf(read, name, classes.includes(name), isOutput));
  const [from, to] = [readings(inputs, false), readings(outputs, true)];
  const used = [...from, ...to].map(({ column }) => read.columns.indexOf(column));
  const whole = read.rows.filter((row) => used.every((at) => !isMissing(row[at]!)));
  if (whole.length < 2)
    throw new Refused("bad-data", "The file needs two rows at least with values in all chosen columns.");
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
  const scalers: Record<string, ScalerSketch> = {};
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
