// The declaration of a graph, and its readers.

import { GraphError } from "../base/error.js";
import { options } from "../base/options.js";
import { show } from "../base/text.js";
import type { ActivationOption } from "../rules/activation.js";
import type { LossOption } from "../rules/loss.js";
import {
  type InputOptions,
  type LayerKind,
  type LayerOptions,
  layerOptions,
  type OutputOptions,
} from "./layer.js";

/** Reads a seed, or draws one. Throws `bad-option`. */
export function readSeed(given: unknown): number {
  if (given === undefined) return Math.floor(Math.random() * 2 ** 32); // Node would take 3 ms to load its `crypto`
  if (typeof given === "number" && Number.isInteger(given) && given >= 0 && given < 2 ** 32)
    return given >>> 0;
  throw new GraphError("bad-option", `A seed is a whole number from 0 to 2³² - 1, not ${show(given)}.`);
}

/** Reads the layers of a declaration: name, size, activation, loss, other options. */
export function readLayers(kind: LayerKind, given: unknown): [string, unknown, unknown, unknown, unknown][] {
  const what = kind === "hidden" ? "hidden layers" : `${kind}s`;
  if (given === undefined) return [];
  if (given === null || typeof given !== "object" || Array.isArray(given)) {
    throw new GraphError("bad-option", `The ${what} are an object of sizes by name, not ${show(given)}.`);
  }
  const known = ["size", "activation", ...(kind === "output" ? ["loss"] : []), ...layerOptions[kind]];
  return Object.entries(given).map(([name, spec]: [string, unknown]) => {
    if (typeof spec !== "object" || spec === null) return [name, spec, undefined, undefined, undefined];
    const { size, activation, loss, ...rest } = options(spec, known, `the layer ${show(name)}`);
    return [name, size, activation, loss, rest];
  });
}

/** Yields the synapses of a declaration: from, to, options. Throws `bad-option`. */
export function* readSynapses(given: unknown): Iterable<readonly unknown[]> {
  if (given === undefined) return;
  if (!Array.isArray(given)) {
    throw new GraphError("bad-option", `The synapses are an array, not ${show(given)}.`);
  }
  for (const pair of given as unknown[]) {
    if (!Array.isArray(pair) || pair.length < 2 || pair.length > 3) {
      throw new GraphError("bad-option", `A synapse is declared as [from, to, options?], not ${show(pair)}.`);
    }
    yield pair;
  }
}

export type InputSpec =
  | number
  | (InputOptions & { readonly size: number; readonly activation?: ActivationOption });

/** A layer in a declaration: its size alone, or its size and options. */
export type LayerSpec =
  | number
  | (LayerOptions & { readonly size: number; readonly activation?: ActivationOption });

export type OutputSpec =
  | number
  | (OutputOptions & {
      readonly size: number;
      readonly activation?: ActivationOption;
      readonly loss?: LossOption;
    });

/** Some of a record's keys, at least one. */
export type SomeOf<N extends string, V> = string extends N
  ? Readonly<Record<string, V>>
  : { [K in N]: Readonly<Record<K, V> & Partial<Record<N, V>>> }[N];

/** Names of hidden layers if none was declared: none if the other names are known, any if they are not. */
export type Undeclared<Known extends string> = string extends Known ? string : never;
