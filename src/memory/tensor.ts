// The runs of a graph's numbers that a file has, whose names are the same in every format.

import type { FloatArray, Precision } from "../base/precision.js";
import type { Block } from "../model/block.js";
import type { LayerNode, SynapseNode } from "../model/node.js";
import { linkOf } from "../rules/link.js";
import type { Moment } from "../rules/optimizer.js";
import type { Memory } from "./memory.js";
import type { Training } from "./training.js";

/** A run of a graph's numbers. */
export interface Tensor {
  /** Unique in its graph: `bias.h`, `gain.h`, `weight.0.x.h`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** The entry of the description that it belongs to, and its member there. */
  readonly list: "layers" | "synapses";
  readonly index: number;
  readonly member: string;
  /** The optimizer's moment, if it is one. */
  readonly moment?: Moment;
}

interface Sized {
  readonly name: string;
  readonly size: number;
}

/** A bias that is not learnt is there too: so every size that a file declares comes with its bytes. */
export function layerTensors(index: number, layer: Sized, norm: unknown): Tensor[] {
  const members = ["bias", ...(norm === "layer" ? ["gain"] : [])] as ("bias" | "gain")[];
  return members.map((member) => {
    return { name: `${member}.${layer.name}`, shape: [layer.size], list: "layers", index, member };
  });
}

export function synapseTensors(
  index: number,
  from: Sized,
  to: Sized,
  kind: unknown,
  share: unknown,
): Tensor[] {
  const { weights } = linkOf(kind);
  if (weights === undefined || share !== undefined) return [];
  const shape = weights.shape(from.size, to.size);
  const name = `weight.${index}.${from.name}.${to.name}`;
  return [{ name, shape, list: "synapses", index, member: "weights" }];
}

/** Returns the optimizer's moments of some parameters: tensors of the same shape. */
export function momentTensors(parameters: Tensor, moments: readonly Moment[]): Tensor[] {
  return moments.map((moment) => ({
    ...parameters,
    name: `optimizer.${moment}.${parameters.name}`,
    member: `${parameters.member}${moment[0]!.toUpperCase()}${moment.slice(1)}`,
    moment,
  }));
}

/** A layer or a synapse. */
export type Owner = LayerNode | SynapseNode;

/** The block of its parameters among all. */
export function blockOf(owner: Owner, { member }: Tensor): Block {
  return (owner as unknown as Record<string, Block>)[member]!;
}

/** Views parameters or, where `tensor` is of a moment, what the optimizer keeps of them. */
export function viewOf(
  { memory, training }: { readonly memory: Memory; readonly training: Training },
  owner: Owner,
  parameters: Tensor,
  { moment }: Tensor,
): FloatArray<Precision> {
  const block = blockOf(owner, parameters);
  return moment === undefined ? memory.viewOf(block) : training.moment(moment, block);
}

/** The bytes of a view. */
export function bytesOf({ buffer, byteOffset, byteLength }: FloatArray<Precision>): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Its place in the file of JSON. */
export function pathOf({ list, index, member }: Tensor): string {
  return `${list}[${index}].${member}`;
}
