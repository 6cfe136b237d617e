// Cross-validation by k folds: each part of the data is held out once, while a graph of its own is trained on the others.

import type { Evaluation } from "../calls/score.js";
import type { Dataset } from "../fit/dataset.js";
import type { History } from "../fit/history.js";
import { selectRows } from "../fit/rows.js";
import { bindFold, type FoldOptions, type Folds, readFolds } from "./folds.js";
import type { AnyGraph } from "./graph.js";

/** The scores of a fold on its own data, and the training on the data of the others. */
export interface Fold extends Evaluation {
  /** The history of the fold's training. */
  readonly history: History;
}

/** The result of a cross-validation. */
export interface CrossValidation {
  /** The folds, in order. */
  readonly folds: Fold[];
  /** Mean and (biased) deviation of the folds' costs. */
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Trains the graphs of folds: here one after another, or by the entry for workers in threads.
 * @internal
 */
export interface FoldTrainer {
  /** Returns whether a value of the data stays as it is, and is not copied. */
  keeps(value: object): boolean;
  train(folds: Folds): Promise<Fold[]>;
}

/**
 * Trains a graph for each fold on the data of the other folds, and evaluates it on the fold. `make` returns the graph for
 * fold 0, 1, …, which stays the caller's. Returns each fold's scores and history, and the mean and (biased) deviation of
 * their costs. Throws as `fit` and `evaluate` do; `bad-option` for the folds.
 */
export function crossValidate(
  make: (fold: number) => AnyGraph,
  all: Dataset,
  given?: FoldOptions,
): Promise<CrossValidation>;
/** @internal */
export function crossValidate(
  make: (fold: number) => AnyGraph,
  all: Dataset,
  given: FoldOptions | undefined,
  trainer: FoldTrainer,
): Promise<CrossValidation>;
export async function crossValidate(
  make: (fold: number) => AnyGraph,
  all: Dataset,
  given: FoldOptions = {},
  { keeps, train }: FoldTrainer = inPlace,
): Promise<CrossValidation> {
  const folds = await train(await readFolds(make, all, given, keeps));
  const mean = folds.reduce((sum, { cost }) => sum + cost, 0) / folds.length;
  const variance = folds.reduce((sum, { cost }) => sum + (cost - mean) * (cost - mean), 0) / folds.length;
  return { folds, mean, deviation: Math.sqrt(variance) };
}

const inPlace: FoldTrainer = {
  keeps: () => false,
  async train({ count, data, fit, make, rows }) {
    const results: Fold[] = [];
    for (let fold = 0; fold < count; fold++) {
      const graph = make(fold);
      const bound = await bindFold(graph, data);
      const dataOf = (heldOut: boolean) => selectRows(bound, data, rows(fold, heldOut));
      const history = await graph.fit(dataOf(false), fit);
      const { xs, ts, ...weighting } = dataOf(true);
      const metrics = fit.metrics === undefined ? {} : { metrics: fit.metrics };
      results.push({ ...graph.evaluate(xs, ts, { ...weighting, ...metrics }), history });
    }
    return results;
  },
};
