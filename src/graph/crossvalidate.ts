// Cross-validation by k folds: each part of the data is held out once, while a graph of its own is trained on the others.

import { GraphError } from "../base/error.js";
import { members, options } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { Data } from "../base/read.js";
import { show } from "../base/text.js";
import type { Evaluation } from "../calls/score.js";
import { type Dataset, dataset } from "../fit/dataset.js";
import type { History } from "../fit/history.js";
import type { FitOptions } from "../fit/options.js";
import { type BoundDataset, bindDataset, selectRows } from "../fit/rows.js";
import { reserve } from "../fit/run.js";
import { Arena, type Core, engine } from "../memory/core.js";
import { readSeed } from "../model/declaration.js";
import { mixedOf } from "../model/node.js";
import { isLabels } from "../rules/metric.js";
import { type AnyGraph, networkOf } from "./graph.js";
import { foreign } from "./internal.js";

/** Options of `crossValidate`. */
export interface FoldOptions extends FitOptions {
  /** Number of folds; 5 by default. */
  readonly folds?: number;
  /** Name of an output: each fold has as large a share of each of its classes, or sets of labels, as all data. */
  readonly stratify?: string;
  /** Seed of the order in which rows are dealt to folds: an integer from 0 to 2³² - 1; 0 by default. */
  readonly seed?: number;
}

export interface Fold extends Evaluation {
  readonly history: History;
}

/**
 * Trains a graph for each fold on the data of the other folds, and evaluates it on the fold. `make` returns the graph for
 * fold 0, 1, …, which stays the caller's. Returns each fold's scores and history, and the mean and (biased) deviation of
 * their costs. Throws as `fit` and `evaluate` do; `bad-option` for the folds.
 */
export async function crossValidate(
  make: (fold: number) => AnyGraph,
  all: Dataset,
  given: FoldOptions = {},
): Promise<{ folds: Fold[]; mean: number; deviation: number }> {
  const read = members(given, "bad-option", "The options of crossValidate");
  if (read === undefined) options(given, [], "crossValidate");
  const { folds = 5, stratify, seed = 0, ...fit } = read as FoldOptions;
  if (typeof make !== "function") {
    throw new GraphError(
      "bad-option",
      `crossValidate takes a function that makes a graph, not ${show(make)}.`,
    );
  }
  const data = plain(dataset(all), "bad-shape", "The data") as Dataset;
  let graph = make(0);
  let bound = await bind(graph, data);
  const { rows } = bound;
  const { ts } = data;
  if (!Number.isInteger(folds) || folds < 2 || folds > rows) {
    throw new GraphError(
      "bad-option",
      `\`folds\` is a whole number from 2 to the ${rows} rows, not ${show(folds)}.`,
    );
  }
  const order = shuffled(rows, readSeed(seed), engine(graph.precision));
  if (stratify !== undefined) {
    const target =
      typeof stratify === "string" && Object.hasOwn(ts, stratify)
        ? (ts as Record<string, Data>)[stratify]
        : undefined;
    if (target === undefined)
      throw new GraphError("bad-option", `\`stratify\` names no target: ${show(stratify)}.`);
    const output = bound.pass.outputs.find(({ name }) => name === stratify)!;
    if (bound.steps !== undefined && bound.pass.isTimed(output)) {
      const why = "a sample has a class for each of its steps";
      throw new GraphError(
        "bad-option",
        `\`stratify\` names an output with time, ${show(stratify)}: ${why}.`,
      );
    }
    if (mixedOf(output) < output.size) {
      const why = "a sample has a class for each of its positions";
      throw new GraphError(
        "bad-option",
        `\`stratify\` names an output with a shape, ${show(stratify)}: ${why}.`,
      );
    }
    const classes = classesOf(target, rows, isLabels(output));
    order.sort((a, b) => classes[a]! - classes[b]!);
  }
  const results: Fold[] = [];
  for (let fold = 0; fold < folds; fold++) {
    if (fold > 0) {
      graph = make(fold);
      bound = await bind(graph, data);
    }
    const dataOf = (heldOut: boolean) => {
      const list = order.filter((_, i) => (i % folds === fold) === heldOut);
      return selectRows(
        bound,
        data,
        list.sort((a, b) => a - b),
      );
    };
    const history = await graph.fit(dataOf(false), fit);
    const { xs, ts, ...weighting } = dataOf(true);
    const metrics = fit.metrics === undefined ? {} : { metrics: fit.metrics };
    results.push({ ...graph.evaluate(xs, ts, { ...weighting, ...metrics }), history });
  }
  const mean = results.reduce((sum, { cost }) => sum + cost, 0) / folds;
  const variance = results.reduce((sum, { cost }) => sum + (cost - mean) * (cost - mean), 0) / folds;
  return { folds: results, mean, deviation: Math.sqrt(variance) };
}

/** Binds the data to a graph. Throws `bad-option` for anything but a graph, and as `train` does for data. */
async function bind(graph: AnyGraph, data: Dataset): Promise<BoundDataset> {
  const network = networkOf(graph);
  if (network === undefined) throw foreign(graph);
  return reserve(network, async () => bindDataset(network, data, true));
}

/** Returns all rows in the random order of a seed. */
function shuffled(rows: number, seed: number, core: Core): number[] {
  const arena = new Arena(core);
  const order = arena.alloc(rows * 4, "the order of the data");
  core.call.shuffle(order, rows, seed, 0);
  const list = [...new Uint32Array(core.buffer, order, rows)];
  arena.clear();
  return list;
}

/** Returns the numbers of a row, which may be nested. */
function numbersOf(row: Data): number[] {
  return Array.from<number | Data>(row).flatMap((part) =>
    typeof part === "number" ? part : numbersOf(part),
  );
}

/** Returns the class of each row: its only number, the index of its largest, or a number for its set of labels. */
function classesOf(target: Data, rows: number, labels: boolean): number[] {
  const width = target.length / rows;
  const sets = new Map<string, number>();
  return Array.from({ length: rows }, (_, r) => {
    const row = target[r];
    const values = numbersOf(typeof row === "object" ? row : target.slice(r * width, (r + 1) * width));
    if (labels) {
      const on = values.map((value) => Number(value >= 0.5)).join("");
      if (!sets.has(on)) sets.set(on, sets.size);
      return sets.get(on)!;
    }
    return values.length === 1 ? values[0]! : values.indexOf(values.reduce((a, b) => Math.max(a, b)));
  });
}
