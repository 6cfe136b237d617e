// The folds of a cross-validation: its arguments, and the rows of each fold.

import { GraphError } from "../base/error.js";
import { members, options } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { Data } from "../base/read.js";
import { show } from "../base/text.js";
import { type Dataset, dataset } from "../fit/dataset.js";
import type { FitOptions } from "../fit/options.js";
import { type BoundDataset, bindDataset } from "../fit/rows.js";
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

/** The folds of a cross-validation. */
export interface Folds {
  readonly count: number;
  readonly data: Dataset;
  /** The options of `fit`. */
  readonly fit: FitOptions;
  /** Returns the caller's graph for a fold, each once. */
  make(fold: number): AnyGraph;
  /** Returns the rows that a fold's graph is trained on, or those that are held out for it, in their order. */
  rows(fold: number, heldOut: boolean): number[];
}

/**
 * Reads the arguments of `crossValidate`, and makes the graph of the first fold. `keeps` names the values of the data that are not
 * copied. Throws as `crossValidate` does.
 */
export async function readFolds(
  make: (fold: number) => AnyGraph,
  all: Dataset,
  given: FoldOptions,
  keeps?: (value: object) => boolean,
): Promise<Folds> {
  const read = members(given, "bad-option", "The options of crossValidate");
  if (read === undefined) options(given, [], "crossValidate");
  const { folds = 5, stratify, seed = 0, ...fit } = read as FoldOptions;
  if (typeof make !== "function") {
    throw new GraphError(
      "bad-option",
      `crossValidate takes a function that makes a graph, not ${show(make)}.`,
    );
  }
  const data = plain(dataset(all), "bad-shape", "The data", keeps) as Dataset;
  const first = make(0);
  const bound = await bindFold(first, data);
  const { rows } = bound;
  const { ts } = data;
  if (!Number.isInteger(folds) || folds < 2 || folds > rows) {
    throw new GraphError(
      "bad-option",
      `\`folds\` is a whole number from 2 to the ${rows} rows, not ${show(folds)}.`,
    );
  }
  const order = shuffled(rows, readSeed(seed), engine(first.precision));
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
  return {
    count: folds,
    data,
    fit,
    make: (fold) => (fold === 0 ? first : make(fold)),
    rows(fold, heldOut) {
      const list = order.filter((_, i) => (i % folds === fold) === heldOut);
      return list.sort((a, b) => a - b);
    },
  };
}

/** Binds the data to a graph. Throws `bad-option` for anything but a graph, and as `train` does for data. */
export async function bindFold(graph: AnyGraph, data: Dataset): Promise<BoundDataset> {
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
