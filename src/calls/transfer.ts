// Copies the parameters of one graph to another of the same layers and synapses.

import { GraphError } from "../base/error.js";
import { number, options } from "../base/options.js";
import { show } from "../base/text.js";
import { checkAllFinite } from "../memory/finite.js";
import type { Block } from "../model/block.js";
import { type LayerNode, owner, type SynapseNode } from "../model/node.js";
import type { Topology } from "../model/topology.js";
import { activations } from "../rules/activation.js";
import { spellShape } from "../rules/shape.js";
import { stepOf } from "../rules/step.js";
import type { Network } from "./network.js";

/** Parameters of both graphs. */
interface Pair {
  readonly here: Block;
  readonly there: Block;
}

/** Reads `tau`, the share of the other graph's parameters. Throws `bad-option`. */
export function readTau(given: unknown): number {
  const { tau = 1 } = options(given, ["tau"], "copyFrom");
  return number(tau, { least: 0, most: 1 }, "`tau` of copyFrom");
}

/** Returns the error for a graph that differs in some way. */
type Differ = (how: string) => GraphError;

/**
 * Computes p ← p + tau (q - p), q being the other graph's parameter; exactly q for a tau of 1. Throws the error of `differ` for
 * a graph of another shape, `not-finite`, `disposed`, `busy`.
 */
export function copyFrom(net: Network, other: Network, tau: number, differ: Differ = differs): void {
  const { memory } = net;
  memory.idle();
  if (other === net) return;
  try {
    other.memory.still();
  } catch (cause) {
    const { code, message } = cause as GraphError;
    throw new GraphError(code, `The graph to copy from can't be read: ${message}`, { cause });
  }
  if (other.memory.precision !== memory.precision) {
    throw differ(`the precision is ${show(other.memory.precision)} and here ${show(memory.precision)}`);
  }
  const pairs = pair(net.topology, other.topology, differ);
  checkAllFinite(other.memory, other.topology, "copied from");
  if (tau < 1) checkAllFinite(memory, net.topology, "moved towards another");
  if (tau === 0) return;
  const { byteOffset: from } = other.memory.all; // lays out the other graph, which may move this one's view
  const { byteOffset: to, BYTES_PER_ELEMENT: bytes } = memory.all;
  for (const { here, there } of pairs) {
    memory.core.call.blend(to + here.offset * bytes, from + there.offset * bytes, here.count, tau);
  }
}

/** Finds the other graph's layer or synapse for each of this one's, in any order of creation. Throws the error of `differ`. */
function pair(here: Topology, there: Topology, differ: Differ): Pair[] {
  const pairs: Pair[] = [];
  here.layers.forEach((l, i) => {
    const next = there.layers[i];
    const other = next?.name === l.name ? next : there.find(l.name);
    if (other === undefined) throw differ(`there is no layer ${show(l.name)}`);
    for (const [what, ours, theirs] of [
      ["kind", l.kind, other.kind],
      ["size", l.size, other.size],
      ["shape", spellShape(l.shape), spellShape(other.shape)],
      ["number of classes", l.classes, other.classes],
      ["activation", activationOf(l), activationOf(other)],
      ["bias", l.hasBias, other.hasBias],
      ["length of the bias", l.bias.count, other.bias.count],
      ["norm", normOf(l), normOf(other)],
      ["join", l.join, other.join],
      ["time", l.time, other.time],
      ["initial", l.initial !== undefined, other.initial !== undefined],
    ] as const) {
      if (ours === theirs) continue;
      const values = `${show(theirs)} there and ${show(ours)} here`;
      throw differ(`the ${what} of the layer ${show(l.name)} is ${values}`);
    }
    if (l.hasBias) pairs.push({ here: l.bias, there: other.bias });
    if (l.gain !== undefined) pairs.push({ here: l.gain, there: other.gain! });
    if (l.initial !== undefined) pairs.push({ here: l.initial, there: other.initial! });
  });
  if (there.layers.length > here.layers.length) {
    const more = there.layers.find((l) => here.find(l.name) === undefined)!;
    throw differ(`there is a layer ${show(more.name)}, which this graph lacks`);
  }
  pairSynapses(here, there, pairs, differ);
  return pairs;
}

/** Pairs synapses by their layers and names. Shared weights must belong to the same synapses in both graphs. */
function pairSynapses(here: Topology, there: Topology, pairs: Pair[], differ: Differ): void {
  let known: Map<string, SynapseNode> | undefined;
  const find = (synapse: SynapseNode, i: number): SynapseNode | undefined => {
    const next = there.synapses[i];
    if (next !== undefined && isSame(synapse, next)) return next;
    known ??= new Map(there.synapses.map((one) => [keyOf(one), one]));
    return known.get(keyOf(synapse));
  };
  const [owners, back] = [new Map<SynapseNode, SynapseNode>(), new Map<SynapseNode, SynapseNode>()];
  here.synapses.forEach((s, i) => {
    const other = find(s, i);
    if (other === undefined) throw differ(`there isn't ${titleOf(s)}`);
    for (const what of ["kind", "delay", "at"] as const) {
      if (other[what] === s[what]) continue;
      throw differ(`the ${what} of ${titleOf(s)} is ${show(other[what])} there and ${show(s[what])} here`);
    }
    const option = differing(s, other);
    if (option !== undefined) throw differ(`${titleOf(s)} has other values as its \`${option}\``);
    const [ours, theirs] = [owner(s), owner(other)];
    if ((owners.get(ours) ?? theirs) !== theirs || (back.get(theirs) ?? ours) !== ours) {
      throw differ(`the weights of ${titleOf(s)} are shared with other synapses there than here`);
    }
    if (owners.has(ours)) return;
    owners.set(ours, theirs);
    back.set(theirs, ours);
    if (s.weights !== undefined) pairs.push({ here: s.weights, there: other.weights! });
  });
  if (there.synapses.length === here.synapses.length) return;
  const ours = new Set(here.synapses.map((s) => keyOf(s)));
  const more = there.synapses.find((s) => !ours.has(keyOf(s)))!;
  throw differ(`there is ${titleOf(more)}, which this graph lacks`);
}

/** Returns the name of an option of their kind by which two synapses differ. */
function differing(ours: SynapseNode, theirs: SynapseNode): string | undefined {
  const [here, there] = [ours, theirs].map(
    ({ window, pattern, units }): Record<string, unknown> => ({ ...window, connections: pattern, units }),
  );
  return Object.keys({ ...here, ...there }).find((name) => !isEqual(here![name], there![name]));
}

function isEqual(ours: unknown, theirs: unknown): boolean {
  if (ours === theirs) return true;
  if (!ArrayBuffer.isView(ours)) return JSON.stringify(ours) === JSON.stringify(theirs);
  const [list, other] = [ours, theirs] as [Uint32Array, Uint32Array | undefined];
  return list.length === other?.length && list.every((unit, i) => unit === other[i]);
}

function normOf({ norm }: LayerNode): string | undefined {
  return typeof norm === "object" ? `${norm.name} ${norm.groups}` : norm;
}

function activationOf({ activation: { name, parameter } }: LayerNode): string {
  return "parameter" in activations[name] ? `${name} ${parameter}` : name;
}

/** Returns whether synapses join the same layers, with the same name, or both without one at the same step. */
function isSame(a: SynapseNode, b: SynapseNode): boolean {
  if (a.name !== b.name || a.from.name !== b.from.name || a.to.name !== b.to.name) return false;
  return a.name !== undefined || (a.delay === b.delay && a.at === b.at);
}

function keyOf({ name, from, to, delay, at }: SynapseNode): string {
  return JSON.stringify([from.name, to.name, ...(name === undefined ? [delay, at] : [name])]);
}

function titleOf({ name, from, to, delay, at }: SynapseNode): string {
  const step = stepOf({ delay, at });
  const joined = `from ${show(from.name)}${step === undefined ? "" : ` (${step})`} to ${show(to.name)}`;
  return name === undefined ? `a synapse ${joined}` : `a synapse ${show(name)} ${joined}`;
}

function differs(how: string): GraphError {
  const wanted = "copyFrom takes a graph of the same layers and synapses";
  return new GraphError("bad-option", `${wanted}; in the one given, ${how}.`);
}

/** Options of `copyFrom`. */
export interface CopyOptions {
  /** The share of the other graph's parameters in the result, from 0 to 1; 1 by default. */
  readonly tau?: number;
}
