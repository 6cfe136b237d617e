// A graph's structure as a caller declares it: names, handles and options become layers and synapses of a network.

import { GraphError } from "../base/error.js";
import { counted } from "../base/inspect.js";
import { choice, options } from "../base/options.js";
import { plain } from "../base/plain.js";
import { precisions } from "../base/precision.js";
import { show } from "../base/text.js";
import { addLayer, connect as joinLayers } from "../calls/build.js";
import { addCell as makeCell } from "../calls/cell.js";
import { freeze, removeLayers, removeSynapse, resize } from "../calls/edit.js";
import { create, type Network } from "../calls/network.js";
import { prune, readPrune, rewire } from "../calls/prune.js";
import { widen } from "../calls/widen.js";
import type { CellKind } from "../model/cell.js";
import { readLayers, readSynapses } from "../model/declaration.js";
import { spelt } from "../model/joint.js";
import type { LayerNode, SynapseNode } from "../model/node.js";
import { synapseBetween } from "../model/topology.js";
import { readInit } from "../rules/init.js";
import { readDelay } from "../rules/step.js";
import { Layer } from "./layer.js";
import { Synapse } from "./synapse.js";

const MEMBERS = ["seed", "precision", "optimizer", "init", "inputs", "hidden", "outputs", "synapses"];

/** Makes the network of a declaration. Throws `bad-option`, `no-wasm`, and errors of adding layers and synapses. */
export function declare(given: unknown): Network {
  const read = options(plain(given, "bad-option", "The declaration of a graph"), MEMBERS, "a graph");
  const { precision = "float64", seed, init = "glorot", optimizer } = read;
  const network = create(choice(precision, precisions, "A precision"), seed, init, optimizer);
  try {
    for (const kind of ["input", "hidden", "output"] as const) {
      for (const layer of readLayers(kind, read[kind === "hidden" ? kind : `${kind}s`])) {
        if ("cell" in layer) addCell(network, layer.cell, layer.name, layer.size, layer.from, layer.options);
        else addLayer(network, kind, layer.name, layer.size, layer.activation, layer.loss, layer.options);
      }
    }
    for (const [from, to, own] of readSynapses(read.synapses)) connect(network, from, to, own);
    return network;
  } catch (error) {
    network.memory.dispose();
    throw error;
  }
}

/** Adds a cell that receives from one layer or several, each a name or a handle. Throws as `Graph.addLstm` does. */
export function addCell(
  network: Network,
  kind: CellKind,
  name: unknown,
  size: unknown,
  from: unknown,
  given: unknown,
): LayerNode {
  const { memory } = network;
  memory.idle();
  const sources = plain(from, "bad-option", "The sources of a cell");
  const read = plain(given, "bad-option", "The options of a cell");
  memory.idle(); // reading them may have run the caller's code
  if (sources === undefined) {
    const why = "a cell receives from a layer or several, its third argument; from an empty list, none yet";
    throw new GraphError("unknown-layer", `The ${kind} ${show(name)} has no source: ${why}.`);
  }
  const layers = Array.from(Array.isArray(sources) ? sources : [sources], (one) => findLayer(network, one));
  return makeCell(network, kind, name, size, layers, read);
}

/** Joins two layers; each is a name or a handle. Throws as `Graph.connect` does. */
export function connect(network: Network, from: unknown, to: unknown, given: unknown = {}): SynapseNode {
  const { memory } = network;
  memory.idle();
  const read = plain(given, "bad-option", "The options of a synapse");
  memory.idle(); // reading them may have run the caller's code
  const [source, target] = [findLayer(network, from), findLayer(network, to)];
  const share = typeof read === "object" && read !== null && "share" in read ? read.share : undefined;
  const shared = share === undefined ? undefined : findShared(network, share, source, target);
  return joinLayers(network, source, target, read, shared);
}

/** Removes a layer, which is a name or a handle, or a synapse. Throws as `Graph.remove` does. */
export function remove(network: Network, given: unknown): void {
  network.memory.idle();
  if (Synapse.node(given) !== undefined) removeSynapse(network, ownSynapse(network, given, "remove"));
  else if (typeof given === "string" || Layer.node(given) !== undefined) {
    removeLayers(network, [findLayer(network, given)]);
  } else {
    const wanted = "a layer's name, a Layer or a Synapse";
    throw new GraphError("bad-option", `\`remove\` takes ${wanted}, not ${show(given)}.`);
  }
}

/** Returns the synapse of a handle. Throws `bad-option`, `unknown-synapse`, `disposed`. */
function ownSynapse({ topology }: Network, given: unknown, call: string): SynapseNode {
  const synapse = Synapse.node(given);
  if (synapse === undefined) {
    throw new GraphError("bad-option", `\`${call}\` takes a Synapse, not ${show(given)}.`);
  }
  if (topology.synapses[synapse.index] === synapse) return synapse;
  const title = `from ${show(synapse.from.name)} to ${show(synapse.to.name)}`;
  throw new GraphError("unknown-synapse", `The synapse ${title} is of another graph.`);
}

/** Drops connections of a synapse. Throws as `Graph.prune` does. */
export function pruneSynapse(network: Network, synapse: unknown, given: unknown): number {
  const how = readPrune(plain(given, "bad-option", "The options of prune"));
  network.memory.idle();
  return prune(network, ownSynapse(network, synapse, "prune"), how);
}

/** Rewires a sparse synapse. Throws as `Graph.rewire` does. */
export function rewireSynapse(network: Network, synapse: unknown, given: unknown): void {
  const connections = plain(given, "bad-option", "The connections of rewire");
  network.memory.idle();
  rewire(network, ownSynapse(network, synapse, "rewire"), connections);
}

/** Widens a layer. Throws as `Graph.widen` does. */
export function widenLayer(network: Network, layer: unknown, given: unknown): void {
  const size = plain(given, "bad-size", "The size of a layer");
  network.memory.idle();
  widen(network, findLayer(network, layer), size);
}

/** Changes the size of a layer. Throws as `Graph.resize` does. */
export function resizeLayer(network: Network, layer: unknown, size: number, given: unknown): void {
  const { init } = options(plain(given, "bad-option", "The options of resize"), ["init"], "resize");
  const { memory } = network;
  const initial = init === undefined ? undefined : readInit(init, memory.precision);
  memory.idle();
  resize(network, findLayer(network, layer), size, initial);
}

/** Freezes or unfreezes layers; all of them if none is given. Throws as `Graph.freeze` does. */
export function freezeLayers(network: Network, given: readonly unknown[], frozen: boolean): void {
  const { memory, topology } = network;
  memory.idle();
  const layers = given.length === 0 ? topology.layers : given.map((layer) => findLayer(network, layer));
  freeze(network, layers, frozen);
}

/** Returns the layer of a name or a handle. Throws `unknown-layer`, `foreign-layer`, `disposed`. */
export function findLayer({ topology }: Network, given: unknown): LayerNode {
  const node = Layer.node(given);
  if (node === undefined) return topology.layer(given);
  if (topology.layers[node.index] === node) return node;
  throw new GraphError("foreign-layer", `The layer ${show(node.name)} is of another graph.`);
}

/** Returns the one synapse between two layers, of a delay if it is given. Throws as `Graph.synapse` does. */
export function findSynapse(network: Network, from: unknown, to: unknown, delay: unknown): SynapseNode {
  const [source, target] = [findLayer(network, from), findLayer(network, to)];
  const wanted = delay === undefined ? undefined : readDelay(delay, spelt(source, target));
  return synapseBetween(source, target, wanted);
}

/** Returns the synapse whose weights another will share. Throws `bad-option`, `disposed`. */
function findShared({ topology }: Network, given: unknown, from: LayerNode, to: LayerNode): SynapseNode {
  const node = Synapse.node(given);
  if (node !== undefined && topology.synapses[node.index] === node) return node;
  const found = node === undefined ? show(given) : "one of another graph";
  throw new GraphError(
    "bad-option",
    `${spelt(from, to)} shares the weights of a synapse of the same graph, not of ${found}.`,
  );
}

/** Returns the counts of a graph for a host to print. Throws `disposed`. */
export function summarize({ memory, topology }: Network): string {
  memory.live();
  const { layers, synapses, inputs, outputs } = topology;
  const own = [
    ...layers.map(({ hasBias, bias, gain, initial }) => {
      return (hasBias ? bias.count : 0) + (gain?.count ?? 0) + (initial?.count ?? 0);
    }),
    ...synapses.map(({ share, weights }) => (share === undefined ? (weights?.count ?? 0) : 0)),
  ];
  return [
    counted(inputs.length, "input"),
    counted(layers.length, "layer"),
    counted(outputs.length, "output"),
    counted(
      own.reduce((sum, count) => sum + count, 0),
      "parameter",
    ),
  ].join(", ");
}
