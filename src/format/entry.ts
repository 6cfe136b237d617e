// The readers of a description's entries. They refuse faults that the graph's own checks would accept.

import type { FloatArray, Precision } from "../base/precision.js";
import { show } from "../base/text.js";
import type { Tensor } from "../memory/tensor.js";
import type { Block } from "../model/block.js";
import type { LayerFields, LayerKind } from "../model/layer.js";
import type { SynapseFields } from "../model/synapse.js";
import type { ActivationOption } from "../rules/activation.js";
import { linkOf } from "../rules/link.js";
import type { LossOption } from "../rules/loss.js";
import { type Entry, usualLayer, usualSynapse } from "./description.js";
import { bad, fields } from "./path.js";

/** The optimizer's state in a file. The state of a part's parameters is in the entry of the part. */
export interface OptimizerEntries {
  /** Reads the number of steps, and the state of a rate that follows epochs. */
  readState(given: unknown): void;
  /** Returns the names of an entry's members for some parameters: bias, gain or weights. */
  members(part: string): readonly string[];
  /** Reads these members of an entry. */
  read(entry: Entry, path: string, parameters: Tensor): OptimizerEntry;
}

/** The optimizer's state of some parameters. */
export interface OptimizerEntry {
  /** Tensors of the state in the file. */
  readonly tensors: readonly Tensor[];
  /** Restores the step count. */
  restore(block: Block): void;
  /** Views one of the tensors in memory. */
  view(tensor: Tensor, block: Block): FloatArray<Precision>;
  /**
   * Checks the numbers of a tensor and bounds them. Returns the index of the first number that is below 0 and can't be, or
   * -1.
   */
  accept(tensor: Tensor, view: FloatArray<Precision>): number;
}

/** Form of a layer's entry; the graph's own checks refuse any other. */
interface LayerEntry extends Partial<LayerFields> {
  readonly name: string;
  readonly kind: LayerKind;
  readonly size: number;
  readonly activation: ActivationOption;
  readonly loss?: LossOption;
  readonly hasBias?: boolean;
  readonly scaler?: object;
}

export function readLayer(
  entry: unknown,
  path: string,
  inside: boolean,
  optimizer: OptimizerEntries,
): LayerEntry {
  const members = ["name", "kind", "size", "activation"];
  const numbers = inside ? ["bias", "gain"] : [];
  const parts = Object(entry).norm === undefined ? ["bias"] : ["bias", "gain"];
  const kept = parts.flatMap((part) => optimizer.members(part));
  const known = ["loss", "scaler", ...Object.keys(usualLayer), ...numbers, ...kept];
  const layer = fields(entry, path, members, known) as unknown as LayerEntry;
  const { name, kind, size, activation, loss, hasBias = true, norm } = layer;
  if (typeof name !== "string") throw bad(`${path}.name`, `is ${show(name)}`);
  if (kind !== "input" && kind !== "hidden" && kind !== "output") {
    throw bad(`${path}.kind`, `is ${show(kind)}`);
  }
  if (kind === "output" ? !isRule(loss) : loss !== undefined) {
    throw bad(`${path}.loss`, `is ${show(loss)}; outputs have one, and no other layer`);
  }
  if (!isRule(activation)) throw bad(`${path}.activation`, `is ${show(activation)}`);
  if (typeof size !== "number") throw bad(`${path}.size`, `is ${show(size)}`);
  if (typeof hasBias !== "boolean") throw bad(`${path}.hasBias`, `is ${show(hasBias)}`);
  exact(layer, path, numbers, ["bias", norm !== undefined && "gain"]);
  return layer;
}

/** Refuses an entry that lacks a wanted member, or has another of `all`. */
function exact(entry: object, path: string, all: readonly string[], wanted: readonly unknown[]): void {
  for (const member of all) {
    if (Object.hasOwn(entry, member) === wanted.includes(member)) continue;
    throw bad(path, `${wanted.includes(member) ? "lacks" : "has no place for"} ${show(member)}`);
  }
}

/** Returns whether a value may be a rule: a name, or an object of a name and a parameter. */
function isRule(value: unknown): boolean {
  return typeof value === "string" || (typeof value === "object" && value !== null);
}

interface SynapseEntry extends Partial<SynapseFields> {
  readonly from: string;
  readonly to: string;
  readonly share?: number;
  readonly init?: unknown;
  readonly weights?: unknown;
}

export function readSynapse(
  entry: unknown,
  path: string,
  inside: boolean,
  optimizer: OptimizerEntries,
): SynapseEntry {
  const numbers = inside ? ["weights"] : [];
  const { kind, share } = Object(entry);
  const own = linkOf(kind).weights !== undefined && share === undefined;
  const kept = own ? optimizer.members("weights") : [];
  const known = [...Object.keys(usualSynapse), ...numbers, ...kept];
  const synapse = fields(entry, path, ["from", "to"], known);
  exact(synapse, path, ["init", ...numbers], own ? ["init", "weights"] : []);
  for (const member of ["from", "to"]) {
    if (typeof synapse[member] !== "string") throw bad(`${path}.${member}`, `is ${show(synapse[member])}`);
  }
  const { init } = synapse;
  if (typeof init === "object" && init !== null && Object.hasOwn(init, "values")) {
    throw bad(`${path}.init`, `is ${show(init)}`);
  }
  return synapse as unknown as SynapseEntry;
}
