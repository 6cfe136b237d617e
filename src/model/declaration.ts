// The declaration of a graph, and the reading of it.

import { GraphError, options, show } from "../base/options.js";
import type {
  LayerSpec,
  NamedInit,
  Optimizer,
  OutputSpec,
  Precision,
  SynapseOptions,
} from "../rules/types.js";
import { type LayerKind, layerOptions } from "./layer.js";

/** The declarative form, whose names are inferred from the keys of its three records. */
export interface GraphSpec<
  In extends string,
  Out extends string,
  Hidden extends string,
  P extends Precision,
> {
  /** An integer from 0 to 2³² - 1; drawn where none is given. */
  readonly seed?: number;
  /** `"float64"` by default. */
  readonly precision?: P;
  /** `{ name: "sgd", rate: 0.1 }` by default. */
  readonly optimizer?: Optimizer;
  /** How the weights of synapses start that say nothing else; `"glorot"` by default. */
  readonly init?: NamedInit;
  readonly inputs?: Readonly<Record<In, LayerSpec>>;
  readonly hidden?: Readonly<Record<Hidden, LayerSpec>>;
  readonly outputs?: Readonly<Record<Out, OutputSpec>>;
  readonly synapses?: readonly (readonly [
    from: NoInfer<In | Hidden | Out>,
    to: NoInfer<Hidden | Out>,
    options?: SynapseOptions,
  ])[];
}

/** Throws `bad-option`. */
export function readSeed(given: unknown): number {
  if (given === undefined) return Math.floor(Math.random() * 2 ** 32); // Node takes 3 ms to load its `crypto`
  if (typeof given === "number" && Number.isInteger(given) && given >= 0 && given < 2 ** 32)
    return given >>> 0;
  throw new GraphError("bad-option", `A seed is a whole number from 0 to 2³² - 1, not ${show(given)}.`);
}

/** The layers of a declaration: name, size, activation, loss, other options. */
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
