// Changes of a graph that is there: a layer or a synapse goes, a layer gets more units or fewer. All else keeps its parameters, what
// the optimizer keeps of them, and its objects. docs/structure.md tells the rules.

import { GraphError } from "../base/error.js";
import { options } from "../base/options.js";
import { plain } from "../base/plain.js";
import { show } from "../base/text.js";
import type { Block } from "../memory/block.js";
import type { Memory } from "../memory/memory.js";
import { drawn, ones } from "../memory/start.js";
import { Layer, type LayerState } from "../model/layer.js";
import { owner, Synapse, spelt } from "../model/synapse.js";
import type { Topology } from "../model/topology.js";
import { type Initial, type NamedInit, readInit } from "../rules/init.js";
import { checkPair } from "../rules/loss.js";
import { checkSize, type Net } from "./network.js";

// ------------------------------------------------------------------------------------------------------- remove

/** Removes a layer with its synapses, or a synapse. */
export function remove(net: Net, given: unknown): void {
  const { memory, topology, intake } = net;
  memory.idle();
  const part = partOf(net, given);
  const layers = new Set(Layer.is(part) ? [part] : []);
  const synapses = new Set(Layer.is(part) ? [...part.$.incoming, ...part.$.outgoing] : [part]);
  const left = new Set<Block>();
  for (const { $: l } of layers) {
    left.add(l.bias);
    if (l.gain !== undefined) left.add(l.gain);
    memory.freeStates(l);
  }
  for (const block of inherit(topology, synapses)) left.add(block);
  topology.remove(layers, synapses);
  for (const list of [intake.inputs, intake.outputs]) {
    for (const layer of layers) if (list.includes(layer)) list.splice(list.indexOf(layer), 1);
  }
  for (const { $: l } of layers) l.memory = gone(memory, `The layer ${show(l.name)}`);
  for (const { $: s } of synapses) s.memory = gone(memory, `The synapse ${titleOf(s.from, s.to)}`);
  memory.release(left);
}

/** The layer or the synapse of this graph that is meant. */
function partOf({ memory, topology }: Net, given: unknown): Layer | Synapse {
  if (Synapse.is(given)) {
    given.$.memory.live();
    if (given.$.memory === memory) return given;
    const title = titleOf(given.$.from, given.$.to);
    throw new GraphError("unknown-synapse", `The synapse ${title} is of another graph.`);
  }
  if (Layer.is(given) || typeof given === "string") return topology.layer(given);
  const wanted = "a layer's name, a Layer or a Synapse";
  throw new GraphError("bad-option", `\`remove\` takes ${wanted}, not ${show(given)}.`);
}

/**
 * Hands weights that other synapses share to the first of these, with all that is said of them. Returns the blocks of weights that
 * no synapse has then.
 */
function inherit(topology: Topology, leaving: ReadonlySet<Synapse>): Block[] {
  const owners = [...leaving].filter(({ $: s }) => s.weights !== undefined && s.share === undefined);
  const shared = new Set([...leaving].filter(({ $: s }) => s.isShared).map(owner));
  const heirs = new Map<Synapse, Synapse>();
  if (shared.size > 0) {
    const counts = new Map<Synapse, number>();
    for (const synapse of topology.synapses) {
      const before = owner(synapse);
      if (!shared.has(before) || leaving.has(synapse)) continue;
      const { $: s } = synapse;
      if (leaving.has(before)) {
        const heir = heirs.get(before);
        if (heir === undefined) {
          heirs.set(before, synapse);
          const { init, l1, l2, maxNorm, frozen } = before.$;
          Object.assign(s, { share: undefined, init, l1, l2, maxNorm, frozen });
        } else s.share = heir;
      }
      counts.set(owner(synapse), (counts.get(owner(synapse)) ?? 0) + 1);
    }
    for (const [{ $: s }, count] of counts) if (count === 1) s.isShared = false;
  }
  return owners.filter((synapse) => !heirs.has(synapse)).map(({ $: s }) => s.weights!);
}

/** The memory of a part that was removed: whoever kept the part learns so at every use. */
function gone(memory: Memory, what: string): Memory {
  const live = () => {
    throw new GraphError("disposed", `${what} was removed from its graph.`);
  };
  return Object.create(memory, { live: { value: live } }) as Memory;
}

function titleOf(from: Layer, to: Layer): string {
  return `from ${show(from.$.name)} to ${show(to.$.name)}`;
}

// ------------------------------------------------------------------------------------------------------- resize

/** A block of parameters that gets another shape, and how new ones of it start. */
interface Change {
  readonly block: Block;
  readonly rows: number;
  readonly columns: number;
  /** `undefined` for zeros. */
  start(number: () => number): ReturnType<typeof ones> | undefined;
}

/** Gives an output or a hidden layer more units at its end, or fewer. */
export function resize(net: Net, given: unknown, size: unknown, chosen: unknown): void {
  const { init } = options(plain(chosen, "bad-option", "The options of resize"), ["init"], "resize");
  const { memory, topology } = net;
  const initial = init === undefined ? undefined : readInit(init, memory.precision);
  memory.idle();
  const { $: l } = topology.layer(given);
  checkSize(l.name, size);
  if (l.kind === "input") {
    const instead = "add another input, and remove this one";
    throw new GraphError("bad-option", `The input ${show(l.name)} can't be resized; ${instead}.`);
  }
  checkPair(l.name, size, l.activation.name, undefined);
  const before = l.size;
  if (size === before) return;
  checkScaler(l, size);
  checkSynapses(topology, l);
  const changes = changesOf(net, l, size, initial);
  const more = changes.reduce((sum, { block, rows, columns }) => sum + rows * columns - block.count, 0);
  if (more > 0) memory.check(more, `${size} units of ${l.name}`);
  memory.lay();
  const { connections } = net;
  const shapes = changes.map(({ block: { rows, columns } }) => ({ rows, columns }));
  l.size = size;
  const number = () => net.connections++;
  for (const { block, rows, columns, start } of changes)
    memory.blocks.reshape(block, rows, columns, start(number));
  try {
    memory.lay();
  } catch (error) {
    changes.forEach(({ block }, i) => {
      memory.blocks.reshape(block, shapes[i]!.rows, shapes[i]!.columns, undefined);
    });
    l.size = before;
    net.connections = connections;
    throw error;
  }
  memory.freeStates(l);
  topology.edits++;
}

function checkScaler({ name, scaler }: LayerState, size: number): void {
  if (scaler === undefined) return;
  const why = `its scaler is for ${scaler.size} units, and not for ${size}`;
  const way = `take it away by scale(${show(name)}, null)`;
  throw new GraphError("bad-option", `The layer ${show(name)} can't be resized: ${why}; ${way} first.`);
}

/** Refuses synapses whose sizes would no longer fit. */
function checkSynapses({ synapses }: Topology, l: LayerState): void {
  const refuse = ({ $: s }: Synapse, why: string) => {
    const stands = `${spelt(s.from, s.to)} ${why}`;
    throw new GraphError("bad-option", `The layer ${show(l.name)} can't be resized: ${stands}.`);
  };
  const [incoming, outgoing] = [l.incoming, l.outgoing].map((list) => new Set(list)) as [
    Set<Synapse>,
    Set<Synapse>,
  ];
  for (const synapse of [...incoming, ...outgoing]) {
    if (synapse.$.kind === "identity") refuse(synapse, "is an identity, which joins layers of equal sizes");
  }
  const shared = new Map<Synapse, "incoming" | "outgoing">();
  for (const side of ["incoming", "outgoing"] as const) {
    for (const synapse of l[side]) {
      if (!synapse.$.isShared) continue;
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

/** What changes with a layer's size, each block once: its own parameters, then synapses in connection order. */
function changesOf(net: Net, l: LayerState, size: number, initial: Initial | undefined): Change[] {
  const { memory } = net;
  const grows = size > l.size;
  const none = () => undefined;
  const changes: Change[] = [{ block: l.bias, rows: 1, columns: size, start: none }];
  const { gain } = l;
  if (gain !== undefined) {
    changes.push({
      block: gain,
      rows: 1,
      columns: size,
      start: () => (grows ? ones(memory, size) : undefined),
    });
  }
  const owners = new Set([...l.incoming, ...l.outgoing].sort((a, b) => a.$.index - b.$.index).map(owner));
  for (const { $: s } of owners) {
    const isIn = l.incoming.some(({ $ }) => $.weights === s.weights);
    const [rows, columns] = isIn ? [s.weights!.rows, size] : [size, s.weights!.columns];
    const start = (number: () => number) =>
      grows ? drawn(memory, initial ?? startOf(net, s.init), number(), rows, columns) : undefined;
    changes.push({ block: s.weights!, rows, columns, start });
  }
  return changes;
}

/** How new weights start beside some that started by `init`. */
function startOf({ init: usual, memory }: Net, init: Synapse["init"]): Initial {
  return init === undefined || init === "values" ? usual : readInit(init, memory.precision);
}

/** Of `resize`. */
export interface ResizeOptions {
  /** How new weights start: by default as those of their synapse did, or as the graph's where these were given as values. */
  readonly init?: NamedInit;
}
