// Layers and synapses in the engine: plain facts. graph/ makes handles of them for callers.

import type { Activation } from "../rules/activation.js";
import type { NamedInit } from "../rules/init.js";
import type { Loss } from "../rules/loss.js";
import type { Choice } from "../rules/rule.js";
import type { Scaling } from "../rules/scaling.js";
import { channels, type Shape } from "../rules/shape.js";
import type { Window } from "../rules/window.js";
import type { Block } from "./block.js";
import type { LayerFields, LayerKind } from "./layer.js";
import type { SynapseFields } from "./synapse.js";

/** A layer: plain facts and its options. */
export interface LayerNode extends LayerFields {
  /** The caller's handle of it, made at the first request. */
  handle: object | undefined;
  isRemoved: boolean;
  readonly name: string;
  readonly kind: LayerKind;
  size: number;
  /** Its extents and channels; of one number for a plain size. */
  shape: Shape;
  /** Number of classes of an input of class numbers. */
  readonly classes: number | undefined;
  readonly activation: Choice<Activation>;
  readonly loss: Choice<Loss> | undefined;
  /** Its index in the order of creation. */
  index: number;
  /** Whether a shape of several numbers has a bias for each unit, not for each channel. */
  readonly perUnit: boolean;
  /** The blocks of its bias, of its gain, if it has a norm, and of its learnt values outside a sequence. */
  readonly bias: Block;
  readonly gain: Block | undefined;
  readonly initial: Block | undefined;
  readonly hasBias: boolean;
  /** In connection order. */
  readonly incoming: SynapseNode[];
  readonly outgoing: SynapseNode[];
  /** Fields of level.ts. */
  level: number;
  near: LayerNode[];
  search: number;
  scaler: Scaling | undefined;
}

/** A synapse: plain facts and its options. */
export interface SynapseNode extends SynapseFields {
  /** The caller's handle of it, made at the first request. */
  handle: object | undefined;
  isRemoved: boolean;
  readonly from: LayerNode;
  readonly to: LayerNode;
  init: NamedInit | "values" | undefined;
  /** The synapse that owns its weights, if another does; never one whose weights are another's. */
  share: SynapseNode | undefined;
  /** Whether other synapses share its weights. */
  isShared: boolean;
  /** Its index in connection order. */
  index: number;
  /** The block of its weights, its own or another's; `undefined` for a kind without weights. */
  readonly weights: Block | undefined;
  /** The facts that the options of its kind have come to; see rules/link.ts. */
  readonly window: Window | undefined;
  pattern: Uint32Array | undefined;
  readonly units: Int32Array | undefined;
}

/**
 * Returns the synapse that owns a synapse's weights: itself, or the one whose weights it shares.
 * @internal
 */
export function owner(synapse: SynapseNode): SynapseNode {
  return synapse.share ?? synapse;
}

/** Returns the units that softmax and losses on it see as a row: the channels of a position. Other activations have no rows. */
export function mixedOf({ activation, shape, size }: LayerNode): number {
  return activation.name === "softmax" ? channels(shape) : size;
}

/**
 * Returns whether a layer's bias is trainable.
 * @internal
 */
export function learnsBias({ hasBias, frozen }: LayerNode): boolean {
  return hasBias && !frozen;
}
