// Readers of a description's entries. They refuse the faults that the network's own checks can't find.

import { show } from "../base/text.js";
import { mapMember } from "../memory/tensor.js";
import type { LayerFields, LayerKind } from "../model/layer.js";
import type { SynapseFields } from "../model/synapse.js";
import type { ActivationOption } from "../rules/activation.js";
import { linkOf } from "../rules/link.js";
import type { LossOption } from "../rules/loss.js";
import { product, readShape, type Shape, spellShape } from "../rules/shape.js";
import { at, bad, fields } from "./path.js";

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
  readonly shape?: Shape;
  readonly perUnit?: true;
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
  const known = further && ["shape", "loss", "scaler", ...numbers, ...further(parts)];
  const layer = fields(entry, path, members, known) as unknown as LayerEntry;
  const { name, kind, size, shape, perUnit, activation, loss, hasBias = true, initial } = layer;
  if (typeof name !== "string") throw bad(`${path}.name`, `is ${show(name)}`);
  if (kind !== "input" && kind !== "hidden" && kind !== "output") {
    throw bad(`${path}.kind`, `is ${show(kind)}`);
  }
  if (kind === "output" ? !isRule(loss) : loss !== undefined) {
    throw bad(`${path}.loss`, `is ${show(loss)}; outputs have one, and no other layer`);
  }
  if (!isRule(activation)) throw bad(`${path}.activation`, `is ${show(activation)}`);
  if (typeof size !== "number") throw bad(`${path}.size`, `is ${show(size)}`);
  if (shape !== undefined) {
    const read = at(`${path}.shape`, () => readShape(shape, "A shape"));
    if (read.length === 1 || product(read) !== size) {
      throw bad(`${path}.shape`, `is ${spellShape(read)}, and the size ${size}`);
    }
  }
  if (perUnit !== undefined && (shape === undefined || perUnit !== true)) {
    throw bad(`${path}.perUnit`, `is ${show(perUnit)}; it is true, and a layer's with a shape`);
  }
  for (const other of kind === "input" ? (["join"] as const) : (["time", "classes"] as const)) {
    if (layer[other] !== undefined) throw bad(path, `has no place for ${show(other)}`);
  }
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

/** The members that a window of positions has; `upsample` has none, since its window follows from the layers. */
export const windowMembers = ["kernel", "stride", "dilation", "padding"] as const;
const flagMembers = ["groups", "countPadding"];
/** Members that are no option of a file. */
const otherMembers = ["matrix", "density", "connections", "units"];

/** Reads the entry of a synapse, as `readLayer` does. */
export function readSynapse(entry: unknown, path: string, inside: boolean, further?: Further): SynapseEntry {
  const numbers = inside ? ["weights"] : [];
  const { kind, share } = Object(entry);
  const { weights, options = [] } = linkOf(kind);
  const own = weights !== undefined && share === undefined;
  const known = further && [...numbers, ...further(own ? ["weights"] : [])];
  const synapse = fields(entry, path, ["from", "to"], known);
  const has = (option: string) => (options as readonly string[]).includes(option);
  const others = flagMembers.filter((option) => !has(option));
  if (weights === undefined) others.push("share");
  const wanted = [...(own ? ["init", "weights"] : []), ...windowMembers.filter(has)];
  const member = mapMember(kind, share);
  if (inside && member !== undefined) wanted.push(member);
  exact(synapse, path, ["init", ...numbers, ...windowMembers, ...otherMembers, ...others], wanted);
  for (const member of ["from", "to"]) {
    if (typeof synapse[member] !== "string") throw bad(`${path}.${member}`, `is ${show(synapse[member])}`);
  }
  const { init } = synapse;
  if (typeof init === "object" && init !== null && Object.hasOwn(init, "values")) {
    throw bad(`${path}.init`, `is ${show(init)}`);
  }
  return synapse as unknown as SynapseEntry;
}
