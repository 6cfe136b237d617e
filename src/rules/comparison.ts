// Comparisons of predictions with targets, by units and by classes. A row's class is its largest unit, ties to the lowest. With
// one unit the class is 1 from 0.5 on, else 0. Units that are labels have such a class each: a label is scored as a comparison
// of one unit. Units with the loss weight 0 are left out, and rows without any other.

type Numbers = ArrayLike<number>;

/** Predictions and targets of an output. */
export interface Comparison {
  readonly rows: number;
  /** Number of units. */
  readonly size: number;
  /** Positions of which the channels have a class of their own; 1 where a row has one class. */
  readonly parts: number;
  /** Predictions and targets, (rows, size). */
  readonly y: Numbers;
  readonly t: Numbers;
  /** Loss weights, (rows, size); 1 where there is none. */
  readonly lossWeights: Numbers | undefined;
  /** Whether every unit is a label, independent of the others. */
  readonly labels: boolean;
  /** Divisors of a scaler, (size) or (channels): distances of y and t times these are in the caller's units. */
  readonly divisor: Numbers | undefined;
}

/** Members of a comparison of one unit. */
export const single = { size: 1, parts: 1, labels: false } as const;

/** Returns a comparison with a row for each position. */
export function byPosition(given: Comparison): Comparison {
  const { rows, size, parts } = given;
  return parts === 1 ? given : { ...given, rows: rows * parts, size: size / parts, parts: 1 };
}

/** Returns a comparison of one unit for each label. */
export function labelsOf({ rows, size, y, t, lossWeights }: Comparison): Comparison[] {
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

/** Returns a part of a whole; undefined if the whole is 0. */
export function ratio(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}

/** Returns the mean of the defined values. */
export function mean(values: readonly (number | undefined)[]): number | undefined {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (value === undefined) continue;
    sum += value;
    count++;
  }
  return ratio(sum, count);
}

// ------------------------------------------------------------------------------------------------------- by unit

/** A row of a unit. */
interface Cell {
  readonly row: number;
  readonly y: number;
  readonly t: number;
  readonly weight: number;
}

/** Returns the rows of a unit whose weight isn't 0. */
export function column({ rows, size, y, t, lossWeights }: Comparison, unit: number): Cell[] {
  const cells: Cell[] = [];
  for (let row = 0, at = unit; row < rows; row++, at += size) {
    const weight = lossWeights?.[at] ?? 1;
    if (weight > 0) cells.push({ row, y: y[at]!, t: t[at]!, weight });
  }
  return cells;
}

/** Returns the mean over the units for which a value is defined. */
export function overUnits(
  given: Comparison,
  value: (cells: Cell[], unit: number) => number | undefined,
): number | undefined {
  return mean(Array.from({ length: given.size }, (_, unit) => value(column(given, unit), unit)));
}

/** Returns r2 of a unit. Distances are from the first target, so that equal targets have a variance of exactly 0. */
export function determination(cells: readonly Cell[]): number | undefined {
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
export function discrimination(given: Comparison): number | undefined {
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

/** A row with its classes, true and predicted. */
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
export function crossed(given: Comparison): number[][] {
  const classes = Math.max(given.size, 2);
  const table = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { truth, predicted, weight } of judged(given)) table[truth]![predicted]! += weight;
  return table;
}

/** Returns the share of rows whose true class is among the k largest units. */
export function share(given: Comparison, k: number): number | undefined {
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
export function macro(given: Comparison, value: OfClass): number {
  if (!given.labels) return overClasses(given, value);
  const counted = labelsOf(given).filter(
    ({ lossWeights }) => lossWeights === undefined || hasMass(lossWeights),
  );
  return mean(counted.map((label) => overClasses(label, value))) ?? 0;
}

function hasMass(lossWeights: Numbers): boolean {
  return Array.prototype.some.call(lossWeights, (weight) => weight > 0);
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
