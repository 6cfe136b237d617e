// A graph's facts for a file, read through the public calls.

import { ordered } from "../../../base/order.js";
import { show } from "../../../base/text.js";
import {
  type Activation,
  type AnyGraph,
  GraphError,
  type Layer,
  type Scaler,
  type Synapse,
} from "../../../index.js";
import { activations } from "../../../rules/activation.js";
import { chosen } from "../../../rules/rule.js";

/** A layer with the facts of its computation. */
export interface ExportedLayer {
  readonly layer: Layer;
  /** In the order of creation. */
  readonly place: number;
  readonly name: string;
  readonly kind: Layer["kind"];
  readonly size: number;
  readonly activation: Activation;
  /** The activation's parameter; 0 where it has none. */
  readonly parameter: number;
  readonly bias: ArrayLike<number> | undefined;
  readonly gain: ArrayLike<number> | undefined;
  readonly scaler: Scaler | undefined;
  readonly incoming: readonly Synapse[];
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

/** Returns the ancestors of some outputs, each after its sources. Throws `unconnected`. */
export function exportedLayers(graph: AnyGraph, outputs: readonly Layer[]): ExportedLayer[] {
  const { layers } = graph;
  const place = new Map(layers.map((layer, i) => [layer, i]));
  const incoming = new Map(layers.map((layer): [Layer, Synapse[]] => [layer, []]));
  for (const synapse of graph.synapses) incoming.get(synapse.to)!.push(synapse);
  const order = ordered(outputs, (layer) => {
    const before = incoming.get(layer)!;
    if (layer.kind !== "input" && before.length === 0) {
      throw new GraphError("unconnected", `Nothing comes into the layer ${show(layer.name)}.`);
    }
    if (layer.join !== "sum" || before.some(({ delay, at }) => delay !== 0 || at !== undefined)) {
      const why = "a product, or a synapse of another step";
      throw new GraphError(
        "unsupported",
        `toOnnx writes no layer like ${show(layer.name)}, which has ${why}.`,
      );
    }
    return before.map(({ from }) => from);
  });
  return order.map((layer) => exportedLayer(layer, place.get(layer)!, incoming.get(layer)!));
}

function exportedLayer(layer: Layer, place: number, incoming: readonly Synapse[]): ExportedLayer {
  const { name, kind, size } = layer;
  const { name: activation, parameter } = chosen(activations, layer.activation, "An activation");
  // An input's bias is usually 0, and then needs no node.
  const idle = kind === "input" && layer.bias.every((value) => value === 0);
  const bias = idle || !layer.hasBias ? undefined : layer.bias;
  const { gain, scaler } = layer;
  return { layer, place, name, kind, size, activation, parameter, bias, gain, scaler, incoming };
}
