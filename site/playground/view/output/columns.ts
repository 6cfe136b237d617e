// The columns of a lesson's inputs, as a person types them: numbers, and classes that several units have one-hot.

import { classLabel } from "../../data/table.ts";
import type { Lesson } from "../../model/lesson.ts";

/** A column: one unit with a number, or a unit for each of its classes. */
export interface Column {
  readonly name: string;
  /** Its classes; none for numbers. */
  readonly classes: readonly string[];
  /** Least and greatest number of the data. */
  readonly bounds: readonly [number, number];
}

/**
 * Returns the columns of a lesson, of which `classes` names those of classes. Undefined where an input has units without labels,
 * such as an image.
 */
export function columnsOf({ inputs, bounds }: Lesson, classes: readonly string[]): Column[] | undefined {
  if (inputs.length === 0 || inputs.some(({ labels, size }) => labels.length !== size)) return undefined;
  const found = new Map<string, Column>();
  // Of two names that both begin a label, the longer one is meant.
  const longest = classes.toSorted((one, other) => other.length - one.length);
  for (const [unit, label] of inputs.flatMap(({ labels }) => labels).entries()) {
    const name = longest.find((one) => label.startsWith(classLabel(one, "")));
    const { classes: former = [] } = (name !== undefined && found.get(name)) || {};
    const own = name === undefined ? [] : [...new Set([...former, label.slice(classLabel(name, "").length)])];
    found.set(name ?? label, { name: name ?? label, classes: own, bounds: bounds[unit] ?? [0, 1] });
  }
  return [...found.values()];
}

/** Returns a row of a lesson as texts of its columns; of a row with steps in time, the last step. */
export function textsOf(
  { inputs, training, heldOut }: Lesson,
  columns: readonly Column[],
  rows: "training" | "heldOut",
  row: number,
): string[] {
  const { xs, count } = { training, heldOut }[rows];
  const units = new Map<string, number>();
  for (const { name, size, labels } of inputs) {
    const values = xs[name];
    const end = values === undefined ? 0 : (values.length / count) * (row + 1);
    for (const [unit, label] of labels.entries()) units.set(label, values?.[end - size + unit] ?? 0);
  }
  return columns.map(({ name, classes }) =>
    classes.length === 0
      ? String(units.get(name))
      : (classes.find((label) => units.get(classLabel(name, label)) === 1) ?? classes[0]!),
  );
}

/** Reads a number with a point or a comma; NaN where a text is none. */
export function typed(text: string): number {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  return plain === "" || !Number.isFinite(Number(plain)) ? Number.NaN : Number(plain);
}

/** Returns the values of all inputs for texts of the columns; undefined where one is no number. */
export function valuesOf(
  { inputs }: Lesson,
  columns: readonly Column[],
  texts: readonly string[],
): Record<string, readonly number[]> | undefined {
  const units = new Map<string, number>();
  for (const [place, { name, classes }] of columns.entries()) {
    const text = texts[place]!;
    if (classes.length === 0) units.set(name, typed(text));
    for (const label of classes) units.set(classLabel(name, label), Number(label === text));
  }
  if ([...units.values()].some(Number.isNaN)) return undefined;
  return Object.fromEntries(
    inputs.map(({ name, labels }) => [name, labels.map((label) => units.get(label)!)]),
  );
}
