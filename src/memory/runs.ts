// The parameters that a pass reaches, and the runs of neighbours that a step of training changes.

import { OWN_RUN_WEIGHTS } from "../../assembly/abi.js";
import type { Block } from "../model/block.js";
import { type LayerNode, owner, type SynapseNode } from "../model/node.js";
import type { Pass } from "./pass.js";

/** The parameters of a layer or a synapse. */
type Part = {
  readonly block: Block;
  readonly frozen: boolean;
} & (
  | { readonly kind: "bias" | "gain" | "initial"; readonly layer: LayerNode }
  | { readonly kind: "weights"; readonly synapse: SynapseNode }
);

/**
 * Yields the parameters that a pass reaches, each once, in any layout: layer by layer in the order of creation, then synapses
 * in connection order. Initial values are among them where the layer has a synapse with a delay in the pass.
 */
export function* partsOf(pass: Pass): Iterable<Part> {
  const layers = [...pass.layers].sort((a, b) => a.index - b.index);
  const delayed = delayedIn(layers);
  for (const l of layers) {
    const { bias, gain, initial, frozen } = l;
    if (l.hasBias) yield { kind: "bias", layer: l, block: bias, frozen };
    if (gain !== undefined) yield { kind: "gain", layer: l, block: gain, frozen };
    if (initial !== undefined && delayed.has(l)) yield { kind: "initial", layer: l, block: initial, frozen };
  }
  for (const synapse of weightsOf(pass)) {
    const { weights, frozen } = synapse;
    yield { kind: "weights", synapse, block: weights!, frozen };
  }
}

/** Returns the layers with initial values and a synapse with a delay that leads to one of some layers. */
function delayedIn(layers: readonly LayerNode[]): Set<LayerNode> {
  const found = new Set<LayerNode>();
  for (const { incoming } of layers) {
    for (const { from, delay } of incoming) if (from.initial !== undefined && delay !== 0) found.add(from);
  }
  return found;
}

/** Returns the synapses whose weights a pass uses, or the wanted ones among them, each once, in connection order. */
export function weightsOf({ layers }: Pass, isWanted?: (synapse: SynapseNode) => boolean): SynapseNode[] {
  const held = new Set<SynapseNode>();
  for (const l of layers) {
    for (const synapse of l.incoming) {
      const own = owner(synapse);
      // The test comes first: of many synapses, few or none are wanted.
      if (own.weights !== undefined && (isWanted === undefined || isWanted(own))) held.add(own);
    }
  }
  return [...held].sort((a, b) => a.index - b.index);
}

/**
 * Adjacent parameters, in whole lanes, beginning at the `offset` of a block. They are one matrix of a synapse, or the initial
 * values of a layer, if these are given.
 */
export interface Run {
  readonly block: Block;
  readonly offset: number;
  readonly count: number;
  readonly synapse: SynapseNode | undefined;
  readonly initial: LayerNode | undefined;
}

/** Returns whether the core may update a synapse without its gradient; see assembly/pass/update.ts. */
function isSkippable({ kind }: SynapseNode): boolean {
  return kind === "dense" || kind === "embedding";
}

/** Returns whether a run makes its step alone: a large matrix, or initial values, which not every pass reaches. */
function isAlone({ count, synapse, initial }: Run): boolean {
  return initial !== undefined || (synapse !== undefined && count >= OWN_RUN_WEIGHTS);
}

/**
 * Returns the trainable parameters of a pass in the order of `partsOf`, in which a norm of all gradients is summed. For plain
 * descent (`isPlain`), small neighbours are joined to as few runs as possible. `round` rounds up to whole lanes.
 */
export function runsOf(pass: Pass, isPlain: boolean, round: (count: number) => number): Run[] {
  const parts = [...partsOf(pass)]
    .filter(({ frozen }) => !frozen)
    .map((part): Run => {
      const { kind, block } = part;
      const synapse = kind === "weights" && isSkippable(part.synapse) ? part.synapse : undefined;
      const initial = kind === "initial" ? part.layer : undefined;
      return { block, offset: block.offset, count: round(block.count), synapse, initial };
    });
  if (isPlain) parts.sort((a, b) => a.offset - b.offset);
  const runs: Run[] = [];
  for (const part of parts) {
    const last = runs.at(-1);
    const joins = isPlain && last !== undefined && last.offset + last.count === part.offset;
    if (!joins || isAlone(last) || isAlone(part)) runs.push(part);
    else runs[runs.length - 1] = { ...last, count: last.count + part.count, synapse: undefined };
  }
  return runs;
}
