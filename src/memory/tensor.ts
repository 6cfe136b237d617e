// The tensors of a graph in a file, whose names are the same in every format.

import type { FloatArray, Precision } from "../base/precision.js";
import type { Block } from "../model/block.js";
import type { LayerNode, SynapseNode } from "../model/node.js";
import { type Joined, linkOf } from "../rules/link.js";
import type { Moment } from "../rules/optimizer.js";
import type { Memory } from "./memory.js";
import type { Training } from "./training.js";

/** A tensor: a run of a graph's numbers. */
export interface Tensor {
  /** Name, unique in its graph: `bias.h`, `gain.h`, `initial.h`, `weight.0.x.h`, `connections.0.x.h`, `units.0.x.h`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** The type of whole numbers; left out for the graph's precision. */
  readonly dtype?: "U32" | "I32";
  /** Its entry in the description, and its member there. */
  readonly list: "layers" | "synapses";
  readonly index: number;
  readonly member: string;
  /** The optimizer's moment, if the tensor is one. */
  readonly moment?: Moment;
}

/** A view of a tensor. */
export type TensorView = FloatArray<Precision> | Uint32Array | Int32Array;

/** A layer, or its entry in a file. */
interface Sized {
  readonly name: string;
  readonly size: number;
  /** Number of biases, and of gains. */
  readonly biases: number;
  readonly norm?: unknown;
  readonly initial?: unknown;
}

/**
 * Returns the tensors of a layer. A bias that isn't learnt is one, too, so that every size that a file declares comes with
 * its bytes.
 */
export function layerTensors(index: number, layer: Sized): Tensor[] {
  const { name, size, biases, norm, initial } = layer;
  const members: [string, number][] = [["bias", biases]];
  if (norm !== undefined) members.push(["gain", biases]);
  if (initial !== undefined) members.push(["initial", size]);
  return members.map(([member, count]) => ({
    name: `${member}.${name}`,
    shape: [count],
    list: "layers",
    index,
    member,
  }));
}

/** Returns the tensor of a synapse's own weights; none for a kind without weights, or where it shares another's. */
export function synapseTensors(index: number, synapse: Joined, kind: unknown, share: unknown): Tensor[] {
  const { weights } = linkOf(kind);
  if (weights === undefined || share !== undefined) return [];
  const shape = weights.shape(synapse);
  const name = `weight.${index}.${synapse.from.name}.${synapse.to.name}`;
  return [{ name, shape, list: "synapses", index, member: "weights" }];
}

/** Returns the member that has a synapse's own connections, or its units; undefined for other kinds. */
export function mapMember(kind: unknown, share: unknown): "connections" | "units" | undefined {
  if (kind === "sparse" && share === undefined) return "connections";
  return kind === "gather" ? "units" : undefined;
}

/**
 * Returns the tensor of a synapse's own connections, or of its units; none for other kinds. Connections that are not read yet
 * have 0 rows, which stands for any number.
 */
export function mapTensors(index: number, synapse: Joined, kind: unknown, share: unknown): Tensor[] {
  const { from, to, pattern } = synapse;
  const member = mapMember(kind, share);
  if (member === undefined) return [];
  const name = `${member}.${index}.${from.name}.${to.name}`;
  const of = { name, list: "synapses", index, member } as const;
  if (member === "units") return [{ ...of, shape: [to.size], dtype: "I32" }];
  return [{ ...of, shape: [(pattern?.length ?? 0) / 2, 2], dtype: "U32" }];
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

/** Returns the block of a tensor's parameters. */
export function blockOf(owner: Owner, { member }: Tensor): Block {
  return (owner as unknown as Record<string, Block>)[member]!;
}

/** Views parameters, or if `tensor` is a moment, the moment of the parameters. */
export function viewOf(
  { memory, training }: { readonly memory: Memory; readonly training: Training },
  owner: Owner,
  parameters: Tensor,
  { moment }: Tensor,
): FloatArray<Precision> {
  const block = blockOf(owner, parameters);
  return moment === undefined ? memory.viewOf(block) : training.moment(moment, block);
}

/** Returns the bytes of a view. */
export function bytesOf({ buffer, byteOffset, byteLength }: TensorView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Returns a tensor's place in the file of JSON. */
export function pathOf({ list, index, member }: Tensor): string {
  return `${list}[${index}].${member}`;
}
