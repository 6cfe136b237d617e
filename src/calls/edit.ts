// Changes a graph: removes a layer or a synapse, adds or removes units of a layer, freezes layers. All else keeps its
// parameters, its optimizer's state, and its handles. docs/structure.md has the rules.

import { GraphError } from "../base/error.js";
import { show } from "../base/text.js";
import { drawn, ones } from "../memory/start.js";
import type { Block } from "../model/block.js";
import { spelt } from "../model/joint.js";
import { type LayerNode, owner, type SynapseNode } from "../model/node.js";
import { ownOptions } from "../model/synapse.js";
import { remove, type Topology } from "../model/topology.js";
import { type Initial, type NamedInit, readInit } from "../rules/init.js";
import { type End, linkOf, matrixOf } from "../rules/link.js";
import { checkPair } from "../rules/loss.js";
import { checkSize } from "./build.js";
import type { Network } from "./network.js";
import { type Change, reshape } from "./reshape.js";

// ------------------------------------------------------------------------------------------------------- remove

/** Removes layers and synapses, among them all synapses of the layers. */
function removeAll(net: Network, layers: ReadonlySet<LayerNode>, synapses: ReadonlySet<SynapseNode>): void {
  const { memory, training, topology } = net;
  const left = new Set<Block>();
  for (const l of layers) {
    left.add(l.bias);
    for (const block of [l.gain, l.initial]) if (block !== undefined) left.add(block);
  }
  memory.states.remove(layers);
  for (const block of inherit(topology, synapses)) left.add(block);
  remove(topology, layers, synapses);
  training.release(left);
}

/** Removes layers with their synapses. */
export function removeLayers(net: Network, layers: readonly LayerNode[]): void {
  removeAll(
    net,
    new Set(layers),
    new Set(layers.flatMap(({ incoming, outgoing }) => [...incoming, ...outgoing])),
  );
}

/** Removes a synapse. */
export function removeSynapse(net: Network, synapse: SynapseNode): void {
  removeAll(net, new Set(), new Set([synapse]));
}

/**
 * Passes the shared weights of removed synapses, with their options, to the first remaining synapse of each group. Returns
 * the weight blocks of groups without a remaining synapse.
 */
function inherit(topology: Topology, leaving: ReadonlySet<SynapseNode>): Block[] {
  const owners = [...leaving].filter((s) => s.weights !== undefined && s.share === undefined);
  const shared = new Set([...leaving].filter((s) => s.isShared).map(owner));
  const heirs = new Map<SynapseNode, SynapseNode>();
  if (shared.size > 0) {
    const counts = new Map<SynapseNode, number>();
    for (const s of topology.synapses) {
      const before = owner(s);
      if (!shared.has(before) || leaving.has(s)) continue;
      if (leaving.has(before)) {
        const heir = heirs.get(before);
        if (heir === undefined) {
          heirs.set(before, s);
          const own = ownOptions.map((name) => [name, before[name as keyof SynapseNode]]);
          Object.assign(s, { share: undefined, ...Object.fromEntries(own) });
        } else s.share = heir;
      }
      counts.set(owner(s), (counts.get(owner(s)) ?? 0) + 1);
    }
    for (const [s, count] of counts) if (count === 1) s.isShared = false;
  }
  return owners.filter((synapse) => !heirs.has(synapse)).map((s) => s.weights!);
}

// ------------------------------------------------------------------------------------------------------- resize

/** Resizes an output or a hidden layer at its end. `initial` is the start of new weights. */
export function resize(net: Network, l: LayerNode, size: unknown, initial: Initial | undefined): void {
  const { memory, topology } = net;
  checkSize(l.name, size);
  if (l.shape.length > 1) {
    const instead = l.kind === "hidden" ? "`widen` adds channels" : "add another layer, and remove this one";
    const why = `its shape has several numbers; ${instead}`;
    throw new GraphError("bad-option", `The layer ${show(l.name)} can't be resized: ${why}.`);
  }
  if (l.kind === "input") {
    const instead = "add another input, and remove this one";
    throw new GraphError("bad-option", `The input ${show(l.name)} can't be resized; ${instead}.`);
  }
  checkPair(l.name, size, l.activation.name, undefined);
  const before = l.size;
  if (size === before) return;
  checkScaler(l, size);
  checkSynapses(topology, l);
  let { connections } = net;
  const changes = changesOf(net, l, size, initial, () => connections++);
  const more = changes.reduce((sum, { block, rows, columns }) => sum + rows * columns - block.count, 0);
  if (more > 0) memory.parameters.check(more, `${size} units of ${l.name}`);
  memory.place();
  reshape(net, changes);
  net.connections = connections;
  l.size = size;
  l.shape = Object.freeze([size]);
  memory.states.free(l);
  topology.edits++;
}

function checkScaler({ name, scaler }: LayerNode, size: number): void {
  if (scaler === undefined) return;
  const why = `its scaler is for ${scaler.offset.length} units, and not for ${size}`;
  const way = `take it away by scale(${show(name)}, null)`;
  throw new GraphError("bad-option", `The layer ${show(name)} can't be resized: ${why}; ${way} first.`);
}

/** Refuses synapses whose sizes would no longer fit. */
function checkSynapses({ synapses }: Topology, l: LayerNode): void {
  const refuse = (s: SynapseNode, why: string) => {
    const stands = `${spelt(s.from, s.to)} ${why}`;
    throw new GraphError("bad-option", `The layer ${show(l.name)} can't be resized: ${stands}.`);
  };
  const [incoming, outgoing] = [l.incoming, l.outgoing].map((list) => new Set(list)) as [
    Set<SynapseNode>,
    Set<SynapseNode>,
  ];
  for (const synapse of [...incoming, ...outgoing]) {
    const { title, sizes } = linkOf(synapse.kind);
    if (sizes !== undefined) refuse(synapse, `is ${title}, which ${sizes.rule}`);
    if (synapse.kind !== "dense") refuse(synapse, `is ${title}, whose options follow the size`);
  }
  const shared = new Map<SynapseNode, "incoming" | "outgoing">();
  for (const side of ["incoming", "outgoing"] as const) {
    for (const synapse of l[side]) {
      if (!synapse.isShared) continue;
      const other = shared.get(owner(synapse));
      if (other !== undefined && other !== side)
        refuse(synapse, "shares its weights with one on the other side");
      shared.set(owner(synapse), side);
    }
  }
  if (shared.size === 0) return;
  for (const synapse of synapses) {
    const side = shared.get(owner(synapse));
    if (side === undefined || (side === "incoming" ? incoming : outgoing).has(synapse)) continue;
    refuse(synapse, "shares the weights of one of its synapses, and would keep its sizes");
  }
}

/**
 * Returns the changes of the blocks that depend on a layer's size, each once: its own parameters, then synapses in connection
 * order.
 */
function changesOf(
  net: Network,
  l: LayerNode,
  size: number,
  initial: Initial | undefined,
  number: () => number,
): Change[] {
  const { memory } = net;
  const grows = size > l.size;
  const changes: Change[] = [{ block: l.bias, rows: 1, columns: size }];
  const { gain, initial: values } = l;
  if (gain !== undefined) {
    changes.push({ block: gain, rows: 1, columns: size, start: grows ? ones(memory, size) : undefined });
  }
  if (values !== undefined) changes.push({ block: values, rows: 1, columns: size });
  const owners = new Set([...l.incoming, ...l.outgoing].sort((a, b) => a.index - b.index).map(owner));
  for (const s of owners) {
    // Both ends may be the layer: of a loop through itself.
    const [from, to] = [s.from, s.to].map((end) => (end === l ? { ...end, size } : end)) as unknown as [
      End,
      End,
    ];
    const weights = linkOf(s.kind).weights!;
    const [rows, columns] = matrixOf(weights.shape({ from, to }));
    const start = grows
      ? drawn(memory, initial ?? startOf(net, s.init), number(), weights, { from, to })
      : undefined;
    changes.push({ block: s.weights!, rows, columns, start });
  }
  return changes;
}

/** Returns the start of new weights beside weights that started by `init`. */
function startOf({ init: usual, memory }: Network, init: SynapseNode["init"]): Initial {
  return init === undefined || init === "values" ? usual : readInit(init, memory.precision);
}

// ------------------------------------------------------------------------------------------------------- freeze

/**
 * Freezes or unfreezes layers with their incoming weights, as `Graph.freeze` does. Shared weights are one matrix, so the last call for any of
 * their layers decides.
 */
export function freeze({ memory }: Network, layers: readonly LayerNode[], frozen: boolean): void {
  for (const layer of layers) {
    layer.frozen = frozen && layer.classes === undefined;
    for (const synapse of layer.incoming) {
      if (synapse.weights !== undefined) owner(synapse).frozen = frozen;
    }
  }
  memory.relearn();
}

/** Options of `resize`. */
export interface ResizeOptions {
  /** Initial weights of new units. By default those of their synapse, or the graph's if the synapse's were given as values. */
  readonly init?: NamedInit;
}
