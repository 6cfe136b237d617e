// What data is, told by looking at it: a dataset, or something that gives datasets one after another.

import { GraphError, show } from "../error.js";
import type { Dataset } from "../types.js";

export type Sequence = Iterable<unknown> | AsyncIterable<unknown>;

/** Throws `bad-shape`. */
export function dataset(given: unknown): Dataset {
  if (given !== null && typeof given === "object") return given as Dataset;
  throw new GraphError("bad-shape", `The data is { xs, ts }, not ${show(given)}.`);
}

/** Whether the data is given batch by batch. */
export function isStream(data: unknown): data is Sequence | (() => Sequence) {
  return (
    typeof data === "function" ||
    (typeof data === "object" && data !== null && (Symbol.iterator in data || Symbol.asyncIterator in data))
  );
}

/** Begins to go through it. Throws `bad-shape`. */
export function iterate(given: unknown): Iterator<unknown> | AsyncIterator<unknown> {
  const data = given as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  const iterator = data?.[Symbol.asyncIterator]?.() ?? data?.[Symbol.iterator]?.();
  if (iterator !== undefined) return iterator;
  throw new GraphError("bad-shape", `The data's function gives an iterable of datasets, not ${show(given)}.`);
}
