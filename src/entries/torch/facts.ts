// A graph's facts for a file of PyTorch: the layers that its outputs need, in the order of their computation.

import type { Network } from "../../calls/network.js";
import { foreign, INSIDE } from "../../graph/internal.js";
import { type AnyGraph, Graph, GraphError } from "../../index.js";
import { layerTensors, synapseTensors } from "../../memory/tensor.js";
import { type LayerNode, learnsBias, owner, type SynapseNode } from "../../model/node.js";
import { needsTime } from "../../model/time.js";
import { biasesOf } from "../../rules/shape.js";

/** The layers of a file, and what PyTorch computes them from. */
export interface Facts {
  readonly graph: AnyGraph;
  readonly network: Network;
  readonly outputs: readonly LayerNode[];
  /** Each after its sources, and each loop in one piece. */
  readonly layers: readonly LayerNode[];
  /** The same layers. */
  readonly inside: ReadonlySet<LayerNode>;
  /** Whether a synapse has a delay or an `at`, so that data has steps. */
  readonly hasSteps: boolean;
}

/** Returns the network of a graph. Throws `bad-option`, `disposed`. */
export function networkOf(graph: unknown): Network {
  const network = Graph[INSIDE].networkOf(graph);
  if (network === undefined) throw foreign(graph);
  network.memory.live();
  return network;
}

/** Returns the facts of some outputs, or of all. Throws `unknown-layer`, `not-an-output`, `unconnected`. */
export function factsOf(graph: AnyGraph, network: Network, names: readonly unknown[] | undefined): Facts {
  const { topology } = network;
  const outputs = names === undefined ? topology.allOutputs : topology.outputsOf(names);
  const layers = topology.ancestors(outputs);
  return { graph, network, outputs, layers, inside: new Set(layers), hasSteps: needsTime(layers) };
}

/** Returns whether a layer has a value for each step in the file. */
export function isTimed({ network, hasSteps }: Facts, layer: LayerNode): boolean {
  return hasSteps && network.topology.loops.timedOf(layer);
}

/** Returns the name of a tensor of a layer in the graph's file. */
export function layerTensor(layer: LayerNode, member: "bias" | "gain" | "initial"): string {
  const tensors = layerTensors(layer.index, { ...layer, biases: biasesOf(layer) });
  return tensors.find((tensor) => tensor.member === member)!.name;
}

/** Returns the name of the tensor of a synapse's weights, which may be another's. */
export function weightTensor(synapse: SynapseNode): string {
  const own = owner(synapse);
  return synapseTensors(own.index, own, own.kind, undefined)[0]!.name;
}

/** Returns the tensors that a step on the targets of an output changes, in the order of the file. */
export function trainedTensors({ network }: Facts, output: LayerNode): string[] {
  const layers = network.topology.ancestors([output]).sort((a, b) => a.index - b.index);
  const delayed = new Set(
    layers.flatMap(({ incoming }) => incoming.filter(({ delay }) => delay !== 0)).map(({ from }) => from),
  );
  const ofLayers = layers.flatMap((layer) => {
    const { gain, initial, frozen } = layer;
    return [
      ...(learnsBias(layer) ? [layerTensor(layer, "bias")] : []),
      ...(gain !== undefined && !frozen ? [layerTensor(layer, "gain")] : []),
      ...(initial !== undefined && !frozen && delayed.has(layer) ? [layerTensor(layer, "initial")] : []),
    ];
  });
  return [
    ...ofLayers,
    ...weightsOf(layers)
      .filter(({ frozen }) => !frozen)
      .map(weightTensor),
  ];
}

/** Returns the synapses whose weights some layers use, each once, in connection order. */
export function weightsOf(layers: readonly LayerNode[]): SynapseNode[] {
  const owners = new Set(layers.flatMap(({ incoming }) => incoming.map(owner)));
  return [...owners].filter(({ weights }) => weights !== undefined).sort((a, b) => a.index - b.index);
}

/** Returns the error for a part that PyTorch's file can't have. */
export function unsupported(what: string, why: string): GraphError {
  return new GraphError("unsupported", `toTorch can't write ${what}: ${why}.`);
}
