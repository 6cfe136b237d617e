// Layers and synapses as the engine has them: plain facts. graph/ makes handles of them for callers.

import { show } from "../base/text.js";
import type { Activation } from "../rules/activation.js";
import type { NamedInit } from "../rules/init.js";
import type { SynapseKind } from "../rules/link.js";
import type { Loss } from "../rules/loss.js";
import type { Choice } from "../rules/rule.js";
import type { Scaler } from "../rules/scaler.js";
import type { Block } from "./block.js";

export type LayerKind = "input" | "hidden" | "output";

/** A layer: plain facts, and where its states lie. */
export interface LayerNode {
  /** The caller's handle of it, made when it is first asked for. */
  handle: object | undefined;
  isRemoved: boolean;
  readonly name: string;
  readonly kind: LayerKind;
  size: number;
  readonly activation: Choice<Activation>;
  readonly loss: Choice<Loss> | undefined;
  /** Its place in the order of creation. */
  index: number;
  /** The places of its bias among the parameters, and of its gain, if it has a norm. */
  readonly bias: Block;
  readonly gain: Block | undefined;
  readonly hasBias: boolean;
  readonly norm: "layer" | undefined;
  readonly dropout: number;
  readonly weight: number;
  frozen: boolean;
  /** In connection order. */
  readonly incoming: SynapseNode[];
  readonly outgoing: SynapseNode[];
  /** The part that level.ts keeps. */
  level: number;
  near: LayerNode[];
  search: number;
  scaler: Scaler | undefined;
  /** The rows of the last pass that reached it. */
  rows: number;
  /** Pointers of state matrices, 0 before there is one, and the rows that each has room for. */
  pre: number;
  post: number;
  input: number;
  delta: number;
  target: number;
  normalized: number;
  rstd: number;
  dropoutMask: number;
  droppedPost: number;
  lossWeights: number;
  stateRoom: number;
  deltaRoom: number;
  targetRoom: number;
  lossWeightsRoom: number;
}

/** A synapse: plain facts. */
export interface SynapseNode {
  /** The caller's handle of it, made when it is first asked for. */
  handle: object | undefined;
  isRemoved: boolean;
  readonly name: string | undefined;
  readonly from: LayerNode;
  readonly to: LayerNode;
  readonly kind: SynapseKind;
  init: NamedInit | "values" | undefined;
  /** Never one that itself has another's. */
  share: SynapseNode | undefined;
  l1: number;
  l2: number;
  maxNorm: number | undefined;
  frozen: boolean;
  /** Whether its weights have more than one synapse. */
  isShared: boolean;
  /** Its place in connection order. */
  index: number;
  /** The place of its weights among the parameters, its own or another's; `undefined` for an identity. */
  readonly weights: Block | undefined;
}

/**
 * The synapse whose weights it has: itself, where they are not another's.
 * @internal
 */
export function owner(synapse: SynapseNode): SynapseNode {
  return synapse.share ?? synapse;
}

/** A synapse as an error names it. */
export function spelt(from: LayerNode, to: LayerNode): string {
  return `the synapse from ${show(from.name)} to ${show(to.name)}`;
}

/**
 * Whether its bias learns.
 * @internal
 */
export function learnsBias({ hasBias, frozen }: LayerNode): boolean {
  return hasBias && !frozen;
}
