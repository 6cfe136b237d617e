// A graph's facts for a file.

import { show } from "../../../base/text.js";
import type { Network } from "../../../calls/network.js";
import {
  type Activation,
  type AnyGraph,
  GraphError,
  type Layer,
  type Scaler,
  type Synapse,
} from "../../../index.js";
import { findAcausal, needsTime } from "../../../model/time.js";
import { activations } from "../../../rules/activation.js";
import type { Join } from "../../../rules/join.js";
import type { Norm } from "../../../rules/norm.js";
import { chosen } from "../../../rules/rule.js";
import type { Shape } from "../../../rules/shape.js";

/** A layer with the facts of its computation. */
export interface ExportedLayer {
  readonly layer: Layer;
  /** In the order of creation. */
  readonly place: number;
  readonly name: string;
  readonly kind: Layer["kind"];
  readonly size: number;
  readonly shape: Shape;
  /** Number of classes of an input of class numbers. */
  readonly classes: number | undefined;
  readonly activation: Activation;
  /** The activation's parameter; 0 where it has none. */
  readonly parameter: number;
  readonly bias: ArrayLike<number> | undefined;
  readonly gain: ArrayLike<number> | undefined;
  readonly norm: Norm | undefined;
  readonly initial: ArrayLike<number>;
  readonly join: Join;
  /** Whether it has a value for each step in the file. */
  readonly timed: boolean;
  /** Its loop, if it is in one. */
  readonly loop: Loop | undefined;
  readonly scaler: Scaler | undefined;
  readonly incoming: readonly Synapse[];
}

/** The layers of a loop, in the order of their computation at a step. */
export interface Loop {
  readonly layers: ExportedLayer[];
  readonly members: Set<Layer>;
  /** Whether it runs from the last step to the first. */
  readonly reversed: boolean;
}

/** Returns whether a synapse joins layers of a loop. */
export function isInside({ members }: Loop, { from, to }: Synapse): boolean {
  return members.has(from) && members.has(to);
}

/** Returns the named outputs, or all. Throws `unknown-layer`, `not-an-output`, `disposed`. */
export function targets(graph: AnyGraph, outputs: readonly string[] | undefined): readonly Layer[] {
  const wanted = outputs === undefined ? graph.outputs : outputs.map((name) => graph.layer(name));
  if (wanted.length === 0) throw new GraphError("not-an-output", "This graph has no output.");
  for (const { kind, name } of wanted) {
    if (kind !== "output") throw new GraphError("not-an-output", `The layer ${show(name)} is not an output.`);
  }
  return wanted;
}

/** Returns the ancestors of some outputs, each after its sources, and each loop in one piece. Throws `unconnected`. */
export function exportedLayers(
  graph: AnyGraph,
  { topology }: Network,
  outputs: readonly Layer[],
): ExportedLayer[] {
  const place = new Map(graph.layers.map((layer, i) => [layer, i]));
  const incoming = new Map(graph.layers.map((layer): [Layer, Synapse[]] => [layer, []]));
  for (const synapse of graph.synapses) incoming.get(synapse.to)!.push(synapse);
  const nodes = topology.ancestors(outputs.map(({ name }) => topology.layer(name)));
  // Without delays a sample is a step, and the file has no axis for it.
  const hasSteps = needsTime(nodes);
  const loops = new Map<object, Loop>();
  return nodes.map((node) => {
    const members = topology.loops.loopOf(node);
    let loop = members && loops.get(members);
    if (members !== undefined && loop === undefined) {
      loop = { layers: [], members: new Set(), reversed: topology.loops.isReversed(members) };
      loops.set(members, loop);
    }
    const layer: Layer = graph.layer(node.name);
    const exported = exportedLayer(
      layer,
      place.get(layer)!,
      incoming.get(layer)!,
      hasSteps && layer.time,
      loop,
    );
    loop?.layers.push(exported);
    loop?.members.add(layer);
    return exported;
  });
}

/** Refuses layers that no state can continue, since steps depend on later ones, or layers with such names. Throws `bad-option`. */
export function checkStates({ topology }: Network, layers: readonly ExportedLayer[]): void {
  const nodes = layers.map(({ name }) => topology.layer(name));
  const names = new Set(layers.map(({ name }) => name));
  const both = layers.find(({ name }) => names.has(`state.${name}`) || names.has(`next.${name}`));
  if (both !== undefined) {
    const taken = `a layer has the name of the state of ${show(both.name)}`;
    throw new GraphError("bad-option", `The file can't have the states: ${taken}.`);
  }
  const found = findAcausal(nodes, (node) => topology.loops.timedOf(node));
  if (found === undefined) return;
  const joined = `from ${show(found.from.name)} to ${show(found.to.name)}`;
  throw new GraphError(
    "bad-option",
    `No state can continue this graph: the synapse ${joined} brings later steps.`,
  );
}

function exportedLayer(
  layer: Layer,
  place: number,
  incoming: readonly Synapse[],
  timed: boolean,
  loop: Loop | undefined,
): ExportedLayer {
  const { name, kind, size, shape, classes, gain, norm, initial, join, scaler } = layer;
  const { name: activation, parameter } = chosen(activations, layer.activation, "An activation");
  // An input's bias is usually 0, and then needs no node.
  const idle = kind === "input" && layer.bias.every((value) => value === 0);
  const bias = idle || !layer.hasBias ? undefined : layer.bias;
  const facts = { layer, place, name, kind, size, shape, classes, activation, parameter };
  return { ...facts, bias, gain, norm, initial, join, timed, loop, scaler, incoming };
}
