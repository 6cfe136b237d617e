// The shorter path through the core that a pass may take with one sample.

import { Path, SMALL_LAYER_WEIGHTS } from "../../assembly/abi.js";
import { type LayerNode, learnsBias, type SynapseNode } from "../model/node.js";

/** Returns the path for some layers, in their order, and outputs. */
export function pathOf(layers: readonly LayerNode[], outputs: readonly LayerNode[]): Path {
  if (!layers.every(isSmall)) return Path.general;
  return isTwoLayer(layers, outputs) ? Path.twoLayer : Path.oneSample;
}

/** Returns whether a layer is small, without options that only the general path has. */
function isSmall(l: LayerNode): boolean {
  const { size, shape, incoming } = l;
  if (shape.length > 1 || l.norm !== undefined || l.dropout > 0 || !learnsBias(l) || l.weight !== 1)
    return false;
  if (l.join !== "sum" || incoming.some(needsGeneral)) return false;
  return incoming.reduce((sum, s) => sum + s.from.size * size, 0) <= SMALL_LAYER_WEIGHTS;
}

/** Returns whether only the general path computes a synapse. */
function needsGeneral(s: SynapseNode): boolean {
  if (s.kind !== "dense" || s.delay !== 0 || s.at !== undefined) return true;
  return s.frozen || s.isShared || s.l1 + s.l2 > 0 || s.maxNorm !== undefined;
}

/** Returns whether `Path.twoLayer` computes some layers: a chain of a linear input, one hidden layer and one unit. */
function isTwoLayer(layers: readonly LayerNode[], outputs: readonly LayerNode[]): boolean {
  if (layers.length !== 3 || outputs.length !== 1 || outputs[0] !== layers[2]) return false;
  const [x, h, y] = layers as [LayerNode, LayerNode, LayerNode];
  const inRow = h.incoming.length === 1 && y.incoming.length === 1 && y.incoming[0]!.from === h;
  return inRow && y.size === 1 && x.activation.name === "linear";
}
