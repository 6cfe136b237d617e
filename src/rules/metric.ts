// Metrics: scores of predictions beside their cost. A row's class is its largest unit, ties to the lowest. With one unit the
// class is 1 from 0.5 on, else 0. Units that are labels have such a class each: a label is scored as a comparison of one
// unit. Units with the loss weight 0 are left out, and rows without any other.

import { GraphError } from "../base/error.js";
import { named, options } from "../base/options.js";
import { show } from "../base/text.js";
import type { Activation } from "./activation.js";
import type { Loss } from "./loss.js";

type Numbers = ArrayLike<number>;

/** Predictions and targets of an output. */
interface Comparison {
  readonly rows: number;
  /** Number of units. */
  readonly size: number;
  /** Predictions and targets, (rows, size). */
  readonly y: Numbers;
  readonly t: Numbers;
  /** Loss weights, (rows, size); 1 where there is none. */
  readonly lossWeights: Numbers | undefined;
  /** Whether every unit is a label, independent of the others. */
  readonly labels: boolean;
  /** Divisors of a scaler, (size): distances of y and t times these are in the caller's units. */
  readonly divisor: Numbers | undefined;
}

/** Returns whether an output's units are labels: several units, each with a probability of its own. */
export function isLabels({ loss, activation, size }: Rules): boolean {
  return loss?.name === "entropy" && activation.name !== "softmax" && size > 1;
}

interface Rules {
  readonly loss: { readonly name: Loss } | undefined;
  readonly activation: { readonly name: Activation };
  readonly size: number;
}

type Measure = (given: Comparison, k: number) => number | number[][] | number[][][] | undefined;

/** A metric is undefined where it would be 0 / 0; precision, recall and F1 are 0 there. */
export const metrics = {
  /** The share of rows whose classes agree; of labels, the share of all of them that are right */
  accuracy: (given) =>
    share(given.labels ? { ...given, rows: given.rows * given.size, ...single } : given, 1),
  /** The share of rows whose true class is among the k largest units: a ranking, of labels too */
  topK: share,
  /** Σ |y - t| / count, over rows and units, in the caller's units */
  mae: (given) => {
    let [sum, mass] = [0, 0];
    for (let unit = 0; unit < given.size; unit++) {
      const step = Math.abs(given.divisor?.[unit] ?? 1);
      for (const { y, t, weight } of column(given, unit)) {
        sum += weight * step * Math.abs(y - t);
        mass += weight;
      }
    }
    return ratio(sum, mass);
  },
  /** 1 - Σ (t - y)² / Σ (t - mean of t)², the mean over the units whose targets differ */
  r2: (given) => overUnits(given, determination),
  /** Of a class, hits / rows predicted to be of it; the mean over the classes that occur, and of one unit that of 1 */
  precision: (given) => macro(given, (hits, predicted) => hits / predicted),
  /** Hits / rows of the class */
  recall: (given) => macro(given, (hits, _, truth) => hits / truth),
  /** 2 precision · recall / (precision + recall) */
  f1: (given) => macro(given, (hits, predicted, truth) => (2 * hits) / (predicted + truth)),
  /** The chance that a unit is larger in a row of its class than in another, ties half; the mean over classes, or labels */
  auc: (given) => (given.labels ? mean(labelsOf(given).map(discrimination)) : discrimination(given)),
  /** Rows by their true class, then by the predicted one; such a table for each label */
  confusion: (given) => (given.labels ? labelsOf(given).map(crossed) : crossed(given)),
} as const satisfies Record<string, Measure>;

/** A metric that was asked for. */
interface Asked {
  readonly name: keyof typeof metrics;
  readonly k: number;
}

/** Reads a list of metrics. Throws `bad-option`. */
export function readMetrics(given: unknown): readonly Asked[] {
  if (!Array.isArray(given)) {
    throw new GraphError(
      "bad-option",
      `The metrics are an array of names, as ["accuracy"], not ${show(given)}.`,
    );
  }
  const read: Asked[] = [];
  for (const one of given as unknown[]) {
    const { name, read: object } = named(one, metrics, "A metric");
    const { k = 5 } = options(object, name === "topK" ? ["name", "k"] : ["name"], `the metric ${name}`);
    if (typeof k !== "number" || !Number.isInteger(k) || k < 1) {
      throw new GraphError("bad-option", `The k of topK is a whole number, at least 1, not ${show(k)}.`);
    }
    if (read.some((other) => other.name === name)) {
      throw new GraphError("bad-option", `The metric ${show(name)} is asked for twice.`);
    }
    read.push({ name, k });
  }
  return read;
}

/** Returns the metrics asked for, without undefined ones. */
export function scores(asked: readonly Asked[], given: Comparison): Omit<OutputScore, "cost"> {
  const found = asked.map(({ name, k }) => [name, metrics[name](given, k)] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

/** Members of a comparison of one unit. */
const single = { size: 1, labels: false } as const;

/** Returns a comparison of one unit for each label. */
function labelsOf({ rows, size, y, t, lossWeights }: Comparison): Comparison[] {
  return Array.from({ length: size }, (_, unit) => {
    const of = (values: Numbers) =>
      Float64Array.from({ length: rows }, (_, row) => values[row * size + unit]!);
    return {
      rows,
      y: of(y),
      t: of(t),
      lossWeights: lossWeights && of(lossWeights),
      divisor: undefined,
      ...single,
    };
  });
}

function ratio(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}

/** Returns the mean of the defined values. */
function mean(values: readonly (number | undefined)[]): number | undefined {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (value === undefined) continue;
    sum += value;
    count++;
  }
  return ratio(sum, count);
}

// ------------------------------------------------------------------------------------------------------- by unit

interface Cell {
  readonly row: number;
  readonly y: number;
  readonly t: number;
  readonly weight: number;
}

/** Returns the rows of a unit whose weight isn't 0. */
function column({ rows, size, y, t, lossWeights }: Comparison, unit: number): Cell[] {
  const cells: Cell[] = [];
  for (let row = 0, at = unit; row < rows; row++, at += size) {
    const weight = lossWeights?.[at] ?? 1;
    if (weight > 0) cells.push({ row, y: y[at]!, t: t[at]!, weight });
  }
  return cells;
}

/** Returns the mean over the units for which a value is defined. */
function overUnits(
  given: Comparison,
  value: (cells: Cell[], unit: number) => number | undefined,
): number | undefined {
  return mean(Array.from({ length: given.size }, (_, unit) => value(column(given, unit), unit)));
}

/** Returns r2 of a unit. Distances are from the first target, so that equal targets have a variance of exactly 0. */
function determination(cells: readonly Cell[]): number | undefined {
  const from = cells[0]?.t ?? 0;
  let [mass, sum, total, rest] = [0, 0, 0, 0];
  for (const { t, weight } of cells) {
    mass += weight;
    sum += weight * (t - from);
  }
  for (const { y, t, weight } of cells) {
    const [off, left] = [t - from - sum / mass, t - y];
    total += weight * off * off;
    rest += weight * left * left;
  }
  const unexplained = ratio(rest, total);
  return unexplained === undefined ? undefined : 1 - unexplained;
}

/** Returns the mean area under the ROC curve over the classes. */
function discrimination(given: Comparison): number | undefined {
  const classes = Array.from({ length: given.rows }, (_, row) => classOf(given, given.t, row));
  return overUnits(given, (cells, unit) => area(cells, classes, given.size === 1 ? 1 : unit));
}

/**
 * Returns the area under the ROC curve: the share of ordered pairs, by rising y (Fawcett, "An introduction to ROC analysis",
 * 2006).
 */
function area(cells: Cell[], classes: readonly number[], truth: number): number | undefined {
  if (cells.some(({ y }) => Number.isNaN(y))) return undefined;
  cells.sort((a, b) => Number(a.y > b.y) - Number(a.y < b.y));
  let [inOrder, below, above] = [0, 0, 0];
  for (let i = 0; i < cells.length; ) {
    const { y } = cells[i]!;
    let [hits, misses] = [0, 0];
    for (; cells[i]?.y === y; i++) {
      const { row, weight } = cells[i]!;
      if (classes[row] === truth) hits += weight;
      else misses += weight;
    }
    inOrder += hits * (below + misses / 2);
    below += misses;
    above += hits;
  }
  return ratio(inOrder, below * above);
}

// ------------------------------------------------------------------------------------------------------ by class

/** Returns the class of a row, or -1 if all its units are masked. */
function classOf({ size, lossWeights }: Comparison, values: Numbers, row: number): number {
  let best = -1;
  for (let at = row * size; at < (row + 1) * size; at++) {
    if (lossWeights?.[at] !== 0 && (best < 0 || values[at]! > values[best]!)) best = at;
  }
  if (best < 0) return -1;
  return size === 1 ? Number(values[best]! >= 0.5) : best - row * size;
}

interface Judgement {
  readonly row: number;
  readonly truth: number;
  readonly predicted: number;
  readonly weight: number;
}

/** Returns the rows that have a class, each with the largest weight of its units. */
function judged(given: Comparison): Judgement[] {
  const found: Judgement[] = [];
  const { rows, size, y, t, lossWeights } = given;
  for (let row = 0; row < rows; row++) {
    const truth = classOf(given, t, row);
    let weight = lossWeights === undefined ? 1 : 0;
    for (let at = row * size; at < (row + 1) * size; at++) weight = Math.max(weight, lossWeights?.[at] ?? 1);
    if (truth >= 0) found.push({ row, truth, predicted: classOf(given, y, row), weight });
  }
  return found;
}

/** Returns the confusion matrix: rows by true class, then by predicted class. */
function crossed(given: Comparison): number[][] {
  const classes = Math.max(given.size, 2);
  const table = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { truth, predicted, weight } of judged(given)) table[truth]![predicted]! += weight;
  return table;
}

function share(given: Comparison, k: number): number | undefined {
  let [hits, mass] = [0, 0];
  for (const one of judged(given)) {
    if (rank(given, one) < k) hits += one.weight;
    mass += one.weight;
  }
  return ratio(hits, mass);
}

/** Returns the number of units that rank before the true class, by size and then by index. */
function rank({ size, y, lossWeights }: Comparison, { row, truth, predicted }: Judgement): number {
  const first = row * size;
  if (size === 1) return Number(truth !== predicted || Number.isNaN(y[first]));
  const own = y[first + truth]!;
  let count = 0;
  for (let j = 0; j < size; j++) {
    const other = y[first + j]!;
    // The comparison is negated so that NaN ranks last.
    if (j !== truth && lossWeights?.[first + j] !== 0 && !(other < own || (other === own && j > truth)))
      count++;
  }
  return count;
}

/**
 * Returns the mean over classes. With labels, the mean over labels that some row counts for, of which each has class 1 alone.
 */
function macro(given: Comparison, value: OfClass): number {
  if (!given.labels) return overClasses(given, value);
  const counted = labelsOf(given).filter(
    ({ lossWeights }) => lossWeights === undefined || hasMass(lossWeights),
  );
  return mean(counted.map((label) => overClasses(label, value))) ?? 0;
}

function hasMass(lossWeights: Numbers): boolean {
  return Array.prototype.some.call(lossWeights, (count) => count > 0);
}

/** Score of a class, from its hits, the rows predicted as the class, and the rows of the class. */
type OfClass = (hits: number, predicted: number, truth: number) => number;

function overClasses(given: Comparison, value: OfClass): number {
  const classes = Array.from({ length: Math.max(given.size, 2) }, () => ({
    hits: 0,
    predicted: 0,
    truth: 0,
  }));
  for (const { truth, predicted, weight } of judged(given)) {
    classes[truth]!.truth += weight;
    classes[predicted]!.predicted += weight;
    if (truth === predicted) classes[truth]!.hits += weight;
  }
  const counted = given.size === 1 ? classes.slice(1) : classes;
  const values = counted.map(({ hits, predicted, truth }) =>
    predicted + truth > 0 ? value(hits, predicted, truth) || 0 : undefined,
  );
  return mean(values) ?? 0;
}

export type Metric = Exclude<keyof typeof metrics, "topK"> | { readonly name: "topK"; readonly k?: number };

/**
 * Cost of an output, and those metrics asked for that are defined. With `entropy` and several units, every unit is a label,
 * true from 0.5 on. Costs are of scaled targets where the output has a scaler.
 */
export interface OutputScore {
  readonly cost: number;
  /**
   * The share of rows whose largest unit agrees, ties to the lowest; one unit: the same side of 0.5. With labels, the share
   * of labels that are right.
   */
  readonly accuracy?: number;
  /** The share of rows whose true class is among the k (5) largest units. */
  readonly topK?: number;
  /** The mean of |y - t|, in the units that `predict` returns. */
  readonly mae?: number;
  /** 1 - Σ (t - y)² / Σ (t - mean of t)², the mean over the units whose targets differ; absent where none do. */
  readonly r2?: number;
  /**
   * The mean over the classes that occur; with one unit, of class 1 (from 0.5 on); with labels, the mean of that over labels.
   */
  readonly precision?: number;
  readonly recall?: number;
  readonly f1?: number;
  /**
   * Area under the ROC curve: the mean over the classes, or labels, that some rows have and some have not; absent where there
   * are none.
   */
  readonly auc?: number;
  /** Rows by true class, then by predicted class: size × size, 2 × 2 for one unit, 2 × 2 for each label. */
  readonly confusion?: number[][] | number[][][];
}
