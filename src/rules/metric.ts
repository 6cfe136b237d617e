// The metrics by name, and their reader. comparison.ts compares predictions with targets.

import { GraphError } from "../base/error.js";
import { named, options } from "../base/options.js";
import { show } from "../base/text.js";
import type { Activation } from "./activation.js";
import {
  byPosition,
  type Comparison,
  column,
  crossed,
  determination,
  discrimination,
  labelsOf,
  macro,
  mean,
  overUnits,
  ratio,
  share,
  single,
} from "./comparison.js";
import type { Loss } from "./loss.js";

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

/**
 * A metric is undefined where it would be 0 / 0; precision, recall and F1 are 0 there. With softmax over the channels of
 * positions, each position is a row; for mae and r2 a sample is one.
 */
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
      const step = Math.abs(given.divisor?.[unit % given.divisor.length] ?? 1);
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
  const classes = byPosition(given);
  const found = asked.map(({ name, k }) => {
    const isByUnit = name === "mae" || name === "r2";
    return [name, metrics[name](isByUnit ? given : classes, k)] as const;
  });
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

/** A metric by its name, or with its parameter. docs/reference.md has the table. */
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
  /** As `precision`: the share of a class's rows that are predicted as it. */
  readonly recall?: number;
  /** As `precision`: the harmonic mean of precision and recall. */
  readonly f1?: number;
  /**
   * Area under the ROC curve: the mean over the classes, or labels, that some rows have and some have not; absent where there
   * are none.
   */
  readonly auc?: number;
  /** Rows by true class, then by predicted class: size × size, 2 × 2 for one unit, 2 × 2 for each label. */
  readonly confusion?: number[][] | number[][][];
}
