// The data of `fit` by its form: a dataset, or a sequence of datasets.

import { GraphError } from "../base/error.js";
import { reading } from "../base/options.js";
import type { Data } from "../base/read.js";
import { show } from "../base/text.js";
import type { DataOptions } from "../calls/weighting.js";
import type { SomeOf } from "../model/declaration.js";

export type Sequence = Iterable<unknown> | AsyncIterable<unknown>;

/** Reads a dataset's members, each once. Throws `bad-shape`. */
export function dataset(given: unknown): Dataset {
  if (given === null || typeof given !== "object") {
    throw new GraphError("bad-shape", `The data is { xs, ts }, not ${show(given)}.`);
  }
  return reading("bad-shape", "The data", () => {
    const { xs, ts, sampleWeights, mask, steps, state } = given as Dataset & DataOptions;
    if (state !== undefined) {
      const why = "`fit` begins each batch anew, or with `carry` from the last one's end";
      throw new GraphError("bad-option", `A dataset has no \`state\`: ${why}.`);
    }
    if (xs === undefined && ts === undefined) {
      const names = isNumeric(given) ? [] : Object.keys(given).slice(0, 4);
      const found = names.length === 0 ? show(given) : `{ ${names.join(", ")} }`;
      const form = "`fit({ xs, ts }, options)`, each of the two with all samples by layers' names";
      throw new GraphError("bad-shape", `The data is one object { xs, ts }, not ${found}, as in ${form}.`);
    }
    return {
      xs,
      ts,
      ...(sampleWeights === undefined ? {} : { sampleWeights }),
      ...(mask === undefined ? {} : { mask }),
      ...(steps === undefined ? {} : { steps }),
    };
  });
}

/** Returns whether the data is given batch by batch. An array of rows or numbers is the data of a layer, and no batches. */
export function isStream(data: unknown): data is Sequence | (() => Sequence) {
  if (typeof data === "function") return true;
  if (typeof data !== "object" || data === null) return false;
  return reading(
    "bad-shape",
    "The data",
    () => (Symbol.iterator in data || Symbol.asyncIterator in data) && !isNumeric(data),
  );
}

/** Returns whether a value is an array of numbers or of rows. */
function isNumeric(data: object): boolean {
  if (ArrayBuffer.isView(data)) return true;
  if (!Array.isArray(data)) return false;
  const first: unknown = data[0];
  return typeof first === "number" || Array.isArray(first) || ArrayBuffer.isView(first);
}

/** The batches of a sequence, one after another. */
export interface Batched {
  /** Returns the next batch, or a promise of it. */
  next(): unknown;
  /** Closes the sequence before its end. */
  end(): unknown;
}

/** Begins to iterate a caller's sequence. Throws `bad-shape`, and errors of the caller's code. */
export function iterate(given: unknown): Batched {
  const sequence = given as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  const wanted = "The data's function returns an iterable of datasets";
  const begin: unknown = reading(
    "bad-shape",
    "The data",
    () => sequence?.[Symbol.asyncIterator] ?? sequence?.[Symbol.iterator],
  );
  if (typeof begin !== "function") {
    ignore(given);
    const hint = isThenable(given) ? ": with `async function*` it is one" : "";
    throw new GraphError(
      "bad-shape",
      `${wanted}, not ${isThenable(given) ? "a promise" : show(given)}${hint}.`,
    );
  }
  const iterator = reading("bad-shape", "The data", (): unknown => begin.call(sequence));
  const what = "The iterator of the data has a function `next`";
  ignore(iterator);
  if (!isObject(iterator)) throw new GraphError("bad-shape", `${what}, and is ${show(iterator)}.`);
  const { next } = reading("bad-shape", "The iterator of the data", () => ({
    next: (iterator as Partial<Iterator<unknown>>).next,
  }));
  if (typeof next !== "function") throw new GraphError("bad-shape", `${what}, not ${show(next)}.`);
  return {
    next: () => next.call(iterator as Iterator<unknown>),
    end: () => (iterator as Partial<Iterator<unknown>>).return?.(),
  };
}

/** Reads an iterator's result, once. Throws `bad-shape`. */
export function resultOf(given: unknown): { readonly done: boolean; readonly value: unknown } {
  const what = "The iterator of the data returns { done, value }";
  if (!isObject(given)) throw new GraphError("bad-shape", `${what}, not ${show(given)}.`);
  return reading("bad-shape", "A result of the data's iterator", () => {
    const { done } = given as IteratorResult<unknown>;
    return { done: Boolean(done), value: done ? undefined : (given as IteratorResult<unknown>).value };
  });
}

/** Ignores the failure of a promise that was given where none is awaited. */
function ignore(given: unknown): void {
  if (isThenable(given)) Promise.resolve(given).catch(() => {});
}

/** Returns whether a value is a promise, or can be awaited like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return isObject(value) && typeof (value as Partial<PromiseLike<unknown>>).then === "function";
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** Samples with their targets, all at once or a batch of a stream. */
export interface Dataset<In extends string = string, Out extends string = string>
  extends Omit<DataOptions, "state"> {
  /** Values of inputs, by name. */
  readonly xs: Readonly<Partial<Record<In, Data>>>;
  /** Targets of outputs, by name: of one at least. */
  readonly ts: SomeOf<Out, Data>;
}

type Batches<D> = Iterable<D> | AsyncIterable<D>;

/**
 * Training data of `fit`: all samples, batches one after another, or for several epochs a function that begins the batches
 * anew.
 */
export type FitData<In extends string = string, Out extends string = string> =
  | Dataset<In, Out>
  | Batches<Dataset<In, Out>>
  | (() => Batches<Dataset<In, Out>>);
