// The versions of a graph's description. The second has time: delays, steps that a synapse brings alone, products, initial
// values, inputs without time. It also has shapes, class numbers, norms of groups, and all kinds of synapse but the first two.

import { isObject } from "../base/options.js";
import type { Topology } from "../model/topology.js";

/** The versions that are read. */
export const VERSIONS: readonly unknown[] = [1, 2];

/** Returns the first version that can describe a graph. */
export function versionOf({ layers, synapses, counts }: Topology): 1 | 2 {
  if (counts.hasDelays || counts.picks > 0) return 2;
  const isSecond =
    layers.some(({ join, time, initial }) => join !== "sum" || !time || initial !== undefined) ||
    layers.some(({ shape, classes, norm }) => shape.length > 1 || classes !== undefined || isObject(norm)) ||
    synapses.some(({ kind }) => kind !== "dense" && kind !== "identity");
  return isSecond ? 2 : 1;
}
