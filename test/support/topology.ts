// Layers and synapses without a graph: a topology of layers of one unit.

import { Block } from "../../src/model/block.js";
import type { LayerNode, SynapseNode } from "../../src/model/node.js";
import type { Topology } from "../../src/model/topology.js";

/** Adds a layer of one unit: an input if its name begins with x, an output with y. */
export function add(topology: Topology, name: string, time = true): LayerNode {
  const kind = name.startsWith("x") ? "input" : name.startsWith("y") ? "output" : "hidden";
  const activation = { name: "linear", parameter: 0 } as const;
  const loss = kind === "output" ? ({ name: "mse", parameter: 0 } as const) : undefined;
  const fields = {
    norm: undefined,
    dropout: 0,
    weight: 1,
    frozen: false,
    join: "sum",
    time,
    classes: undefined,
  } as const;
  const blocks = { bias: new Block(1, 1, undefined), gain: undefined, initial: undefined };
  const facts = { name, kind, size: 1, shape: [1], activation, loss, perUnit: false, hasBias: true } as const;
  return topology.addLayer({ ...facts, ...blocks, fields });
}

/** Joins two layers, as often as it is called. Throws as `checkSynapse` does. */
export function join(
  topology: Topology,
  from: LayerNode,
  to: LayerNode,
  delay = 0,
  at?: SynapseNode["at"],
): SynapseNode {
  const name = `${topology.edits}`;
  topology.checkSynapse({ from, to, delay, at }, name);
  const fields = {
    name,
    kind: "identity",
    l1: 0,
    l2: 0,
    maxNorm: undefined,
    frozen: false,
    delay,
    at,
  } as const;
  const own = { weights: undefined, init: undefined, share: undefined };
  const map = { window: undefined, pattern: undefined, units: undefined };
  return topology.addSynapse({ from, to, ...own, ...map, fields });
}
