// The graphs of reference/graphs.json, and the training runs of vocabulary.json and optimizers.json.

import { type Activation, Graph, type Loss, type Optimizer, type Precision } from "plexus-nn";

interface ReferenceLayer {
  readonly kind: "input" | "hidden" | "output";
  readonly name: string;
  readonly size: number;
  readonly activation: Activation;
  readonly loss?: Loss;
}
export interface Parameters {
  readonly bias: Record<string, number[]>;
  readonly weights: number[][][];
}
interface Step {
  readonly xs: Record<string, number[][]>;
  readonly ts: Record<string, number[][]>;
  readonly cost: number;
}
export interface GraphCase {
  readonly name: string;
  readonly rate: number;
  readonly layers: (ReferenceLayer & { bias: number[] })[];
  readonly synapses: { from: string; to: string; weights: number[][] }[];
  readonly steps: (Step & { predict: Record<string, number[][]>; after: Parameters })[];
}
export interface Vocabulary {
  readonly training: {
    optimizer: Optimizer;
    layers: ReferenceLayer[];
    synapses: { from: string; to: string }[];
    start: Parameters;
    steps: Step[];
    end: Parameters;
  }[];
}

/** Builds a graph with parameters. */
export function referenceGraph(
  layers: readonly ReferenceLayer[],
  synapses: readonly { from: string; to: string }[],
  { bias, weights }: Parameters,
  optimizer: Optimizer,
  precision: Precision,
) {
  const graph = new Graph<string, string, string, Precision>({ precision, optimizer });
  for (const { name, kind, size, activation, loss } of layers) {
    if (kind === "input") graph.addInput(name, size, activation);
    if (kind === "hidden") graph.addHidden(name, size, activation);
    if (kind === "output") graph.addOutput(name, size, activation, loss);
    graph.layer(name).bias.set(bias[name]!);
  }
  for (const [i, { from, to }] of synapses.entries()) graph.connect(from, to).weights.set(weights[i]!.flat());
  return graph;
}
