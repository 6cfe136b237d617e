// The versions of a graph's description. The second has time: delays, steps that a synapse brings alone, products, initial
// values, inputs without time, and one-to-one synapses.

import type { Topology } from "../model/topology.js";

/** The versions that are read. */
export const VERSIONS: readonly unknown[] = [1, 2];

/** Returns the first version that can describe a graph. */
export function versionOf({ layers, synapses, counts }: Topology): 1 | 2 {
  if (counts.hasDelays || counts.picks > 0) return 2;
  const isSecond =
    layers.some(({ join, time, initial }) => join !== "sum" || !time || initial !== undefined) ||
    synapses.some(({ kind }) => kind === "oneToOne");
  return isSecond ? 2 : 1;
}
