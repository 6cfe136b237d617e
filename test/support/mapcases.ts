// The graphs of reference/maps.json.

import {
  type Activation,
  Graph,
  type Loss,
  type Norm,
  type Optimizer,
  type Precision,
  type Synapse,
  type SynapseKind,
  type SynapseOptions,
} from "plexus-nn";
import { expect } from "vitest";
import type { AnyGraph } from "./helpers.js";

interface LayerCase {
  readonly kind: "input" | "hidden" | "output";
  readonly name: string;
  readonly shape: number[];
  readonly activation: Activation;
  readonly loss?: Loss;
  readonly bias: number[];
  readonly gain?: number[];
  readonly hasBias?: boolean;
  readonly perUnit?: boolean;
  readonly classes?: number;
  readonly norm?: Norm;
  readonly frozen?: boolean;
}
interface SynapseCase extends Omit<SynapseOptions, "share" | "init" | "padding" | "kernel"> {
  readonly kind: SynapseKind;
  readonly from: string;
  readonly to: string;
  readonly resolved?: Readonly<Record<"kernel" | "stride" | "dilation", number[]>> & { pads: number[][] };
  readonly shape?: number[];
  readonly weights?: number[];
  readonly share?: number;
}
type Rows = Record<string, number[][]>;
interface Parameters {
  readonly bias: Record<string, number[]>;
  readonly gain: Record<string, number[]>;
  readonly weights: Record<string, number[]>;
}
/** A graph with three steps of training. */
export interface MapCase {
  readonly name: string;
  readonly optimizer: Optimizer;
  readonly layers: LayerCase[];
  readonly synapses: SynapseCase[];
  readonly steps: {
    readonly xs: Rows;
    readonly ts: Rows;
    readonly cost: number;
    readonly predict: Rows;
    readonly gradients: Parameters & { readonly inputs: Rows };
    readonly after: Parameters;
  }[];
}
/** Builds the graph of a case, with its parameters. */
export function mapGraph({ optimizer, layers, synapses }: MapCase, precision: Precision): AnyGraph {
  const graph: AnyGraph = new Graph({ precision, optimizer });
  for (const { kind, name, shape, activation, loss, ...rest } of layers) {
    const { hasBias, bias, gain, perUnit: _, ...own } = rest;
    const given = own.classes === undefined ? { ...own, bias: hasBias === false ? false : bias } : own;
    const size = shape.length === 1 ? shape[0]! : shape;
    if (kind === "input") graph.addInput(name, size, activation, given);
    else if (kind === "hidden") graph.addHidden(name, size, activation, given);
    else graph.addOutput(name, size, activation, loss, given);
    if (gain !== undefined) graph.layer(name).gain = gain;
  }
  const made: Synapse[] = [];
  for (const { from, to, resolved, shape, weights, share, ...own } of synapses) {
    const { kind } = own;
    const shared = share === undefined ? {} : { share: made[share]! };
    // A sparse synapse takes the pattern of the one that it shares.
    const { connections, ...rest } = own;
    const options = share === undefined ? own : rest;
    const synapse = graph.connect(from, to, {
      ...options,
      ...shared,
      ...(weights && kind !== "sparse" && { init: { values: weights } }),
    });
    // In the order of sorted pairs; `init` has the caller's order.
    if (weights !== undefined && kind === "sparse") synapse.weights = weights;
    if (resolved !== undefined) {
      const { kernel, stride, dilation, padding } = synapse;
      expect({ kernel, stride, dilation, pads: padding }).toEqual(resolved);
    }
    if (shape !== undefined) expect(synapse.shape).toEqual(shape);
    made.push(synapse);
  }
  return graph;
}
