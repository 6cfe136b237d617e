// Graphs of the reference values for data with steps, which another implementation has written.

import { readFileSync } from "node:fs";
import { type Activation, type Data, Graph, type Loss, type Precision } from "plexus-nn";
import type { AnyGraph } from "./helpers.js";

/** Nested numbers. */
export type Nested = number | readonly Nested[];
type ByName = Record<string, Data>;

interface ReferenceLayer {
  readonly kind: "input" | "hidden" | "output";
  readonly name: string;
  readonly size: number;
  readonly activation: Activation;
  readonly loss?: Loss;
  readonly weight?: number;
  readonly join?: "sum" | "product";
  readonly norm?: "layer";
  readonly time?: boolean;
  readonly bias: number[] | false;
  readonly gain?: number[];
  readonly initial?: number[];
  readonly frozen?: boolean;
}

interface ReferenceSynapse {
  readonly from: string;
  readonly to: string;
  readonly kind?: "dense" | "identity" | "oneToOne";
  readonly delay?: number;
  readonly at?: "last" | "first";
  readonly weights?: number[][] | number[];
  /** Index of the synapse that has the weights. */
  readonly share?: number;
  readonly frozen?: boolean;
}

/** Parameters, or their gradients, by layers and by synapses. */
export interface ReferenceParameters {
  readonly bias: Record<string, number[]>;
  readonly gain?: Record<string, number[]>;
  readonly initial?: Record<string, number[]>;
  readonly weights: readonly (Nested | null)[];
}

export interface ReferenceStep {
  readonly lengths: number[];
  readonly xs: ByName;
  readonly ts: ByName;
  readonly mask?: ByName;
  readonly sampleWeights?: number[] | number[][];
  readonly cost: number;
  readonly costs?: Record<string, number>;
  readonly predict: ByName;
  readonly gradients: ReferenceParameters & { readonly inputs: ByName };
  readonly state?: ByName;
  /** By layer: (samples, delays, size). */
  readonly past?: Record<string, number[][][]>;
  readonly after?: ReferenceParameters;
}

export interface ReferenceCase {
  readonly name: string;
  readonly rate?: number;
  readonly layers: readonly ReferenceLayer[];
  readonly synapses: readonly ReferenceSynapse[];
  readonly timeless: readonly string[];
  readonly carries: boolean;
  readonly steps: readonly ReferenceStep[];
}

/** Returns the cases of a file of reference values. */
export function casesOf(url: URL): ReferenceCase[] {
  return JSON.parse(readFileSync(url, "utf8")) as ReferenceCase[];
}

/** Builds the graph of a case. */
export function graphOf({ layers, synapses, rate = 0.1 }: ReferenceCase, precision: Precision): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 1, precision, optimizer: { name: "sgd", rate } });
  for (const { name, kind, size, activation, loss, bias, gain, ...rest } of layers) {
    const options = { ...rest, bias } as object;
    if (kind === "input") graph.addInput(name, size, activation, options);
    else if (kind === "hidden") graph.addHidden(name, size, activation, options);
    else graph.addOutput(name, size, activation, loss, options);
    if (gain !== undefined) graph.layer(name).gain = gain;
  }
  const made: ReturnType<AnyGraph["connect"]>[] = [];
  synapses.forEach(({ from, to, share, weights, frozen, ...options }, i) => {
    const own = weights === undefined ? {} : { init: { values: weights.flat() } };
    const shared = share === undefined ? {} : { share: made[share] };
    const held = frozen === undefined ? {} : { frozen };
    made.push(graph.connect(from, to, { name: `s${i}`, ...options, ...own, ...shared, ...held } as object));
  });
  return graph;
}

/** Returns all numbers of nested arrays, in order. */
export function numbersOf(nested: Nested | Data): number[] {
  return typeof nested === "number" ? [nested] : (nested as readonly Nested[]).flatMap(numbersOf);
}

/** Returns the numbers of samples, padded with zeros to the longest one. */
export function padded(nested: Data, lengths: readonly number[], isTimed: boolean): number[] {
  const steps = Math.max(...lengths);
  if (!isTimed) return numbersOf(nested);
  return (nested as readonly (readonly Nested[])[]).flatMap((sample, r) => {
    const own = sample.flatMap(numbersOf);
    const width = own.length / lengths[r]!;
    return [...own, ...new Array<number>((steps - lengths[r]!) * width).fill(0)];
  });
}
