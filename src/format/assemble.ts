// A network's layers and synapses from the entries of its description, and then their numbers, wherever they lie.

import { type FloatArray, type Precision, precisions } from "../base/precision.js";
import { show } from "../base/text.js";
import type { Memory } from "../memory/memory.js";
import { blockOf, layerTensors, type Owner, pathOf, synapseTensors, type Tensor } from "../memory/tensor.js";
import type { Block } from "../model/block.js";
import type { LayerNode, SynapseNode } from "../model/node.js";
import type { Topology } from "../model/topology.js";
import { biasesOf } from "../rules/shape.js";
import type { Entry } from "./description.js";
import { type Further, type LayerEntry, readLayer, readSynapse, type SynapseEntry } from "./entry.js";
import { type MapFacts, readMap } from "./map.js";
import type { Numbers } from "./numbers.js";
import { array, at, bad } from "./path.js";

/** Makes something of a description, which has these members, and no others than the optional ones where they are given. */
export interface Rebuilder<N> {
  readonly members: readonly string[];
  readonly optional?: readonly string[];
  rebuild(description: Record<string, unknown>, numbers: Numbers): N;
}

/** The optimizer's state of some parameters: the steps that reached them, nadam's product, and moments if there were steps. */
export interface Moments {
  readonly steps: number;
  readonly product: number;
  readonly tensors: readonly Tensor[];
}

/** A tensor of parameters, with the layer or synapse that was made for it, and the entry that has its numbers. */
export interface Part {
  readonly owner: Owner;
  readonly tensor: Tensor;
  readonly moments: Moments | undefined;
  readonly entry: Entry;
}

/** Makes the parts of a network from their entries. */
export interface Maker {
  readonly topology: Topology;
  readonly memory: Memory;
  readonly layerMembers?: Further;
  readonly synapseMembers?: Further;
  addLayer(entry: LayerEntry): LayerNode;
  scale(layer: LayerNode, scaler: object): void;
  connect(
    entry: SynapseEntry,
    from: LayerNode,
    to: LayerNode,
    shared: SynapseNode | undefined,
    map: MapFacts,
  ): SynapseNode;
  /** Reads the optimizer's members for a tensor: its step count and its moments. */
  readMoments?(entry: Entry, path: string, tensor: Tensor): Moments;
}

/** Returns the precision that a description names. Throws `bad-file`. */
export function readPrecision(precision: unknown): Precision {
  if (typeof precision === "string" && Object.hasOwn(precisions, precision)) return precision as Precision;
  throw bad("precision", `is ${show(precision)}`);
}

/** Makes all layers and synapses. Returns the tensors of their parameters. Throws `bad-file`, with the memory freed. */
export function assemble(
  layers: unknown,
  synapses: readonly unknown[],
  numbers: Numbers,
  maker: Maker,
): Part[] {
  const { topology, memory } = maker;
  const all: Part[] = [];
  /** Makes the owner of some tensors, after a check that the file has them. */
  const add = <O extends Owner>(tensors: readonly Tensor[], entry: Entry, path: string, make: () => O) => {
    const parts = tensors.map((tensor) => ({ tensor, moments: maker.readMoments?.(entry, path, tensor) }));
    for (const { tensor, moments } of parts) {
      for (const one of [tensor, ...(moments?.tensors ?? [])])
        numbers.check(one, memory.precision, entry[one.member]);
    }
    const owner = at(path, make);
    for (const part of parts) all.push({ ...part, owner, entry });
    return owner;
  };
  const made: SynapseNode[] = [];
  try {
    array(layers, "layers").forEach((given, i) => {
      const path = `layers[${i}]`;
      const entry = readLayer(given, path, numbers.inside, maker.layerMembers);
      const { scaler, size, shape = [size], perUnit = false } = entry;
      const biases = biasesOf({ shape, perUnit });
      const layer = add(layerTensors(i, { ...entry, biases }), entry as unknown as Entry, path, () =>
        maker.addLayer(entry),
      );
      if (scaler !== undefined) at(`${path}.scaler`, () => maker.scale(layer, scaler));
    });
    synapses.forEach((given, i) => {
      const path = `synapses[${i}]`;
      const entry = readSynapse(given, path, numbers.inside, maker.synapseMembers);
      const { share, kind } = entry;
      const [from, to] = at(path, () => [topology.layer(entry.from), topology.layer(entry.to)] as const);
      const shared = typeof share === "number" ? made[share] : undefined;
      if (share !== undefined && shared === undefined) {
        throw bad(`${path}.share`, `is ${show(share)}, not the number of a synapse before it`);
      }
      const { precision } = memory;
      const map = readMap({ entry, index: i, path, from, to, shared, numbers, precision });
      const tensors = synapseTensors(i, { from, to, ...map }, kind, share);
      const synapse = add(tensors, entry as unknown as Entry, path, () =>
        maker.connect(entry, from, to, shared, map),
      );
      if (synapse.weights !== undefined) synapse.weights.start = undefined; // the weights are in the file
      made.push(synapse);
    });
    return all;
  } catch (error) {
    memory.dispose();
    throw error;
  }
}

/** Copies the numbers of parameters into memory, and `restore` their moments. Throws `bad-file`, with the memory freed. */
export function fillParts(
  memory: Memory,
  numbers: Numbers,
  parts: readonly Part[],
  restore?: (part: Part, block: Block) => void,
): void {
  try {
    for (const part of parts) {
      const { owner, tensor, entry } = part;
      const block = blockOf(owner, tensor);
      const view = memory.viewOf(block);
      fill(memory, numbers, tensor, view, entry);
      if (isAbsent(part)) refuseBias(part, view);
      restore?.(part, block);
    }
  } catch (error) {
    memory.dispose();
    throw error;
  }
}

/** Returns whether a part is the bias of a layer that has none. */
export function isAbsent({ tensor, owner }: Part): boolean {
  return tensor.member === "bias" && (owner as unknown as LayerNode).hasBias === false;
}

/** Refuses a bias of a layer that has none, unless it is 0. Throws `bad-file`. */
export function refuseBias({ tensor }: Part, view: FloatArray<Precision>): void {
  if (view.some((value) => value !== 0)) {
    throw bad(pathOf(tensor), "is not 0, and the layer has no bias");
  }
}

/** Fills the view of a tensor from its numbers. Throws `bad-file` where one is not finite. */
export function fill(
  { core }: Memory,
  numbers: Numbers,
  tensor: Tensor,
  view: FloatArray<Precision>,
  entry: Entry,
): void {
  numbers.fill(tensor, view, entry[tensor.member]);
  refuse(tensor, view, core.call.notFinite(view.byteOffset, view.length), "not finite");
}

/** Throws `bad-file` about the number at an index, unless that is negative. */
export function refuse(tensor: Tensor, view: FloatArray<Precision>, index: number, what: string): void {
  if (index >= 0) throw bad(`${pathOf(tensor)}, number ${index},`, `is ${view[index]}, ${what}`);
}
