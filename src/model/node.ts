// Layers and synapses as the engine has them: plain facts. graph/ makes handles of them for callers.

import type { Activation } from "../rules/activation.js";
import type { NamedInit } from "../rules/init.js";
import type { Loss } from "../rules/loss.js";
import type { Choice } from "../rules/rule.js";
import type { Scaling } from "../rules/scaling.js";
import type { Block } from "./block.js";
import type { LayerFields, LayerKind } from "./layer.js";
import type { SynapseFields } from "./synapse.js";

/** A layer: plain facts and its options. */
export interface LayerNode extends LayerFields {
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
  /** In connection order. */
  readonly incoming: SynapseNode[];
  readonly outgoing: SynapseNode[];
  /** The part that level.ts keeps. */
  level: number;
  near: LayerNode[];
  search: number;
  scaler: Scaling | undefined;
}

/** A synapse: plain facts and its options. */
export interface SynapseNode extends SynapseFields {
  /** The caller's handle of it, made when it is first asked for. */
  handle: object | undefined;
  isRemoved: boolean;
  readonly from: LayerNode;
  readonly to: LayerNode;
  init: NamedInit | "values" | undefined;
  /** Never one that itself has another's. */
  share: SynapseNode | undefined;
  /** Whether its weights have more than one synapse. */
  isShared: boolean;
  /** Its place in connection order. */
  index: number;
  /** The place of its weights among the parameters, its own or another's; `undefined` for a kind without. */
  readonly weights: Block | undefined;
}

/**
 * The synapse whose weights it has: itself, where they are not another's.
 * @internal
 */
export function owner(synapse: SynapseNode): SynapseNode {
  return synapse.share ?? synapse;
}

/**
 * Whether its bias learns.
 * @internal
 */
export function learnsBias({ hasBias, frozen }: LayerNode): boolean {
  return hasBias && !frozen;
}
