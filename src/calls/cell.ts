// Adds a cell to a network: all layers and synapses of its plan, or none.

import { show } from "../base/text.js";
import { type CellKind, planCell, SOURCES } from "../model/cell.js";
import type { LayerNode } from "../model/node.js";
import type { Topology } from "../model/topology.js";
import { addLayer, checkSize, connect } from "./build.js";
import { removeLayers } from "./edit.js";
import type { Network } from "./network.js";

/**
 * Adds the layers and synapses of a cell. Returns the layer with its name. The options are plain values. Throws as
 * `Graph.addLstm` does.
 */
export function addCell(
  net: Network,
  kind: CellKind,
  name: unknown,
  size: unknown,
  sources: readonly LayerNode[],
  given: unknown,
): LayerNode {
  const { memory, connections } = net;
  const topology: Topology = net.topology;
  memory.idle();
  topology.checkName(name);
  checkSize(name, size);
  const { layers, synapses } = planCell(kind, given, `the ${kind} ${show(name)}`);
  const named = (part: string) => (part === "" ? name : `${name}.${part}`);
  for (const part of Object.keys(layers)) topology.checkName(named(part));
  const before = topology.layers.length;
  const added = new Map<string, LayerNode>();
  try {
    for (const [part, plan] of Object.entries(layers)) {
      const { activation = "linear", ...own } = plan!;
      added.set(part, addLayer(net, "hidden", named(part), size, activation, undefined, own));
    }
    for (const [from, to, own] of synapses) {
      const origins = from === SOURCES ? sources : [added.get(from)!];
      for (const origin of origins) connect(net, origin, added.get(to)!, own);
    }
    return added.get("")!;
  } catch (error) {
    removeLayers(net, topology.layers.slice(before));
    net.connections = connections;
    throw error;
  }
}
