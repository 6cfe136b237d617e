// The entries of a description, read: what the graph's own checks don't refuse is refused here.

import { show } from "../base/text.js";
import type { OptimizerState } from "../memory/optimizer.js";
import { momentTensors, type Tensor } from "../memory/tensor.js";
import type { LayerFields, LayerKind } from "../model/layer.js";
import type { SynapseFields } from "../model/synapse.js";
import type { ActivationOption } from "../rules/activation.js";
import { linkOf } from "../rules/link.js";
import type { LossOption } from "../rules/loss.js";
import { isPlain, momentsOf } from "../rules/optimizer.js";
import { type Entry, usualLayer, usualSynapse } from "./description.js";
import { bad, fields, numberAt } from "./path.js";

/** The form of a layer's entry; the graph's own checks refuse any other. */
interface LayerEntry extends Partial<LayerFields> {
  readonly name: string;
  readonly kind: LayerKind;
  readonly size: number;
  readonly activation: ActivationOption;
  readonly loss?: LossOption;
  readonly hasBias?: boolean;
  readonly scaler?: object;
}

export function readLayer(entry: unknown, path: string, inside: boolean, state: OptimizerState): LayerEntry {
  const members = ["name", "kind", "size", "activation"];
  const numbers = inside ? ["bias", "gain"] : [];
  const parts = Object(entry).norm === undefined ? ["bias"] : ["bias", "gain"];
  const kept = parts.flatMap((part) => keptMembers(part, state, inside));
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

/** Refuses an entry that lacks numbers which it should have, or has others. */
function exact(entry: object, path: string, all: readonly string[], wanted: readonly unknown[]): void {
  for (const member of all) {
    if (Object.hasOwn(entry, member) === wanted.includes(member)) continue;
    throw bad(path, `${wanted.includes(member) ? "lacks" : "has no place for"} ${show(member)}`);
  }
}

/** A name, or an object of a name and a number. */
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
  state: OptimizerState,
): SynapseEntry {
  const numbers = inside ? ["weights"] : [];
  const { kind, share } = Object(entry);
  const own = linkOf(kind).weights !== undefined && share === undefined;
  const kept = own ? keptMembers("weights", state, inside) : [];
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

/** The steps made, and where the rate stands, if it follows epochs. */
export function readState(given: unknown, state: OptimizerState): void {
  const { plateau } = state;
  const members = plateau === undefined ? ["steps"] : ["steps", "rate", "waited"];
  const read = fields(given, "state", members, plateau === undefined ? [] : ["best"]);
  state.steps = numberAt("state.steps", read.steps, { least: 0, whole: true });
  if (plateau === undefined) return;
  state.now = numberAt("state.rate", read.rate, { least: 0 });
  plateau.waited = numberAt("state.waited", read.waited, { least: 0, whole: true });
  if ("best" in read) plateau.best = numberAt("state.best", read.best, {});
}

/** The members that tell what an optimizer keeps of some parameters. */
function keptMembers(part: string, { settings }: OptimizerState, inside: boolean): string[] {
  if (isPlain(settings)) return [];
  const parameters: Tensor = { name: "", shape: [], list: "layers", index: 0, member: part };
  const tensors = inside ? momentTensors(parameters, momentsOf(settings)) : [];
  const product = settings.name === "nadam" ? [`${part}Product`] : [];
  return [`${part}Steps`, ...product, ...tensors.map(({ member }) => member)];
}

/** The steps that reached some parameters, and the tensors that tell what is kept of them. */
export function readKept(entry: Entry, path: string, tensor: Tensor, state: OptimizerState, inside: boolean) {
  const [stepsName, productName] = [`${tensor.member}Steps`, `${tensor.member}Product`];
  if (entry[stepsName] === undefined) {
    const alone = keptMembers(tensor.member, state, inside).find((member) => entry[member] !== undefined);
    if (alone !== undefined) throw bad(`${path}.${alone}`, `is there without ${show(stepsName)}`);
    return { steps: 0, product: 0, kept: [] };
  }
  const steps = numberAt(`${path}.${stepsName}`, entry[stepsName], { least: 1, whole: true });
  const isNadam = state.settings.name === "nadam";
  const bounds = { least: 0, below: 1 };
  const product = isNadam ? numberAt(`${path}.${productName}`, entry[productName], bounds) : 0;
  return { steps, product, kept: momentTensors(tensor, momentsOf(state.settings)) };
}
