// Readers of a description's entries. They refuse the faults that the network's own checks can't find.

import { show } from "../base/text.js";
import type { LayerFields, LayerKind } from "../model/layer.js";
import type { SynapseFields } from "../model/synapse.js";
import type { ActivationOption } from "../rules/activation.js";
import { linkOf } from "../rules/link.js";
import type { LossOption } from "../rules/loss.js";
import { bad, fields } from "./path.js";

/**
 * Returns the further members that an entry may have, for parts whose parameters it has: `bias`, `gain`, `initial`, `weights`.
 * Where a reader is given no such function, an entry may have any.
 */
export type Further = (parts: readonly string[]) => readonly string[];

/** The form of a layer's entry; the network's own checks refuse any other. */
export interface LayerEntry extends Partial<LayerFields> {
  readonly name: string;
  readonly kind: LayerKind;
  readonly size: number;
  readonly activation: ActivationOption;
  readonly loss?: LossOption;
  readonly hasBias?: boolean;
  /** The initial values; `true` where they are a tensor beside the description. */
  readonly initial?: string | true;
  readonly scaler?: object;
}

/** Reads the entry of a layer; `inside`: its numbers are members. Throws `bad-file`. */
export function readLayer(entry: unknown, path: string, inside: boolean, further?: Further): LayerEntry {
  const members = ["name", "kind", "size", "activation"];
  const given = Object(entry) as Partial<LayerEntry>;
  const parts = ["bias"];
  if (given.norm !== undefined) parts.push("gain");
  if (given.initial !== undefined) parts.push("initial");
  const numbers = inside ? ["bias", "gain", "initial"] : [];
  const known = further && ["loss", "scaler", ...numbers, ...further(parts)];
  const layer = fields(entry, path, members, known) as unknown as LayerEntry;
  const { name, kind, size, activation, loss, hasBias = true, initial } = layer;
  if (typeof name !== "string") throw bad(`${path}.name`, `is ${show(name)}`);
  if (kind !== "input" && kind !== "hidden" && kind !== "output") {
    throw bad(`${path}.kind`, `is ${show(kind)}`);
  }
  if (kind === "output" ? !isRule(loss) : loss !== undefined) {
    throw bad(`${path}.loss`, `is ${show(loss)}; outputs have one, and no other layer`);
  }
  if (!isRule(activation)) throw bad(`${path}.activation`, `is ${show(activation)}`);
  if (typeof size !== "number") throw bad(`${path}.size`, `is ${show(size)}`);
  const other = kind === "input" ? "join" : "time";
  if (layer[other] !== undefined) throw bad(path, `has no place for ${show(other)}`);
  if (typeof hasBias !== "boolean") throw bad(`${path}.hasBias`, `is ${show(hasBias)}`);
  if (!inside && initial !== undefined && initial !== true)
    throw bad(`${path}.initial`, `is ${show(initial)}`);
  exact(layer, path, numbers, parts);
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

/** The form of a synapse's entry. */
export interface SynapseEntry extends Partial<SynapseFields> {
  readonly from: string;
  readonly to: string;
  readonly share?: number;
  readonly init?: unknown;
  readonly weights?: unknown;
}

/** Reads the entry of a synapse, as `readLayer` does. */
export function readSynapse(entry: unknown, path: string, inside: boolean, further?: Further): SynapseEntry {
  const numbers = inside ? ["weights"] : [];
  const { kind, share } = Object(entry);
  const own = linkOf(kind).weights !== undefined && share === undefined;
  const known = further && [...numbers, ...further(own ? ["weights"] : [])];
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
