// A graph as plain data, with all facts that a drawing, a summary or a program needs.

import { GraphError } from "../../base/error.js";
import { show } from "../../base/text.js";
import { INSIDE } from "../../graph/internal.js";
import {
  type ActivationOption,
  type AnyGraph,
  Graph,
  type Join,
  type Layer,
  type LayerKind,
  type LossOption,
  type Precision,
  type Scaler,
  type Synapse,
  type SynapseKind,
} from "../../index.js";
import type { SynapseNode } from "../../model/node.js";
import type { Topology } from "../../model/topology.js";
import type { Norm } from "../../rules/norm.js";
import type { Shape } from "../../rules/shape.js";
import type { SourceStep } from "../../rules/step.js";

export interface Drawing {
  readonly precision: Precision;
  /** In the order of creation. */
  readonly layers: readonly DrawnLayer[];
  /** In connection order. */
  readonly synapses: readonly DrawnSynapse[];
  readonly topology: Topology;
}

export interface DrawnLayer {
  readonly name: string;
  readonly kind: LayerKind;
  readonly size: number;
  readonly shape: Shape;
  /** Number of classes of an input of class numbers. */
  readonly classes: number | undefined;
  readonly activation: ActivationOption;
  readonly join: Join;
  readonly loss: LossOption | undefined;
  /** Factor of an output in the cost. */
  readonly weight: number | undefined;
  /** The share of units that dropout hides in training. */
  readonly dropout: number;
  readonly frozen: boolean;
  /** Whether the bias is a parameter, and not always 0. */
  readonly hasBias: boolean;
  /** (size), or one number for each channel; a view. */
  readonly bias: Floats;
  readonly norm: Norm | undefined;
  /** As many as biases, a view; of a layer with a norm. */
  readonly gain: Floats | undefined;
  /** (size), a view of the values outside a sequence; undefined where they are zeros that aren't learnt. */
  readonly initial: Floats | undefined;
  /** Whether it has a value for each step. */
  readonly time: boolean;
  /** (size) each, or one number for each channel: values outside the graph are value · divisor + offset. */
  readonly scaler: Scaler | undefined;
  /** Incoming synapses, in connection order. */
  readonly incoming: readonly DrawnSynapse[];
  /** Number of parameters in its bias, gain and initial values. */
  readonly parameters: number;
}

export interface DrawnSynapse extends SourceStep {
  readonly name: string | undefined;
  /** Indices of layers in the drawing. */
  readonly from: number;
  readonly to: number;
  readonly shape: Shape;
  readonly kind: SynapseKind;
  /** The facts of its kind. */
  readonly node: SynapseNode;
  /** The synapse whose weights it shares; undefined where the weights are its own. */
  readonly share: DrawnSynapse | undefined;
  readonly frozen: boolean;
  /** A view, of `shape`; empty for a kind without weights. */
  readonly weights: Floats;
  /** Number of its own weights. */
  readonly parameters: number;
  /** Whether both ends are in one loop. */
  readonly isInside: boolean;
}

export type Floats = Float64Array | Float32Array;

/** Reads a graph. Throws `bad-option` for anything else, `disposed`. */
export function drawingOf(graph: AnyGraph): Drawing {
  const network = Graph[INSIDE].networkOf(graph);
  if (network === undefined) throw new GraphError("bad-option", `A Graph is expected, not ${show(graph)}.`);
  const { layers, synapses } = graph as Graph<string, string, string, Precision>;
  const { topology } = network;
  const { loops } = topology;
  const places = new Map(layers.map((layer, place) => [layer as Layer, place]));
  const drawn = new Map<Synapse<Precision>, DrawnSynapse>();
  const incoming: DrawnSynapse[][] = layers.map(() => []);
  synapses.forEach((synapse, i) => {
    const { name, shape, kind, share, frozen, weights, delay, at } = synapse;
    const [from, to] = [places.get(synapse.from)!, places.get(synapse.to)!];
    const parameters = share === undefined ? weights.length : 0;
    const node = topology.synapses[i]!;
    const isInside = loops.isInside(node);
    const owner = share && drawn.get(share);
    const edge = {
      name,
      from,
      to,
      shape,
      kind,
      node,
      share: owner,
      frozen,
      weights,
      delay,
      at,
      parameters,
      isInside,
    };
    drawn.set(synapse, edge);
    incoming[to]!.push(edge);
  });
  return {
    precision: graph.precision,
    layers: layers.map((layer, place) => drawnLayer(layer, incoming[place]!)),
    synapses: [...drawn.values()],
    topology,
  };
}

function drawnLayer(layer: Layer<string, Precision>, incoming: readonly DrawnSynapse[]): DrawnLayer {
  const { name, kind, size, shape, classes, activation, join, loss, weight, dropout, frozen } = layer;
  const { hasBias, bias, norm, gain, time, scaler } = layer;
  const initial = layer.hasInitial ? layer.initial : undefined;
  const parameters = (hasBias ? bias.length : 0) + (gain?.length ?? 0) + (initial?.length ?? 0);
  return {
    ...{ name, kind, size, shape, classes, activation, join, loss, weight, dropout, frozen },
    ...{ hasBias, bias, norm, gain, initial, time, scaler, incoming, parameters },
  };
}

/** Returns whether a synapse closes a loop by its delay. */
export function returns({ isInside, delay }: DrawnSynapse): boolean {
  return isInside && delay !== 0;
}

/** Returns the number of parameters of a layer and of its incoming synapses. */
export function parametersOf(layer: DrawnLayer): number {
  return layer.incoming.reduce((sum, synapse) => sum + synapse.parameters, layer.parameters);
}

/** Returns the numbers of trainable and of frozen parameters. */
export function totals({ layers, synapses }: Drawing): { trainable: number; frozen: number } {
  const sum = (frozen: boolean) =>
    [...layers, ...synapses].reduce((all, part) => all + (part.frozen === frozen ? part.parameters : 0), 0);
  return { trainable: sum(false), frozen: sum(true) };
}
