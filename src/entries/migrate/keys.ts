// A network of brain.js as a graph, and the keys of its units.

import type { Graph } from "../../index.js";
import type { BrainRun } from "./alphabet.js";
import { bad, members, whole } from "./read.js";

/** A network of brain.js as a graph. */
export interface Brain {
  readonly graph: Graph;
  /** Keys of the input's units, in their order, where the network takes objects or characters. */
  readonly inputs?: string[];
  /** Keys of the output's units, where the network returns objects or characters. */
  readonly outputs?: string[];
  /** For networks over characters alone: continues a text, as the network's own `run` does. */
  readonly run?: BrainRun;
}

/** Returns the keys, by unit, of an object that the network takes or returns; undefined for an array. */
export function keys(lookup: unknown, names: readonly string[] | undefined): string[] | undefined {
  if (lookup === undefined || lookup === null || lookup === false) {
    // Early files of version 1 lack the lookup, but name their units; names of an array count from 0.
    const counted = names?.every((name, i) => name === `${i}`) ?? true;
    return lookup === undefined && !counted ? [...names!] : undefined;
  }
  if (lookup === true && names !== undefined) return [...names];
  const places = Object.entries(members(lookup, "a lookup"));
  const found = new Array<string>(places.length);
  for (const [name, place] of places) {
    found[whole(place, `the place of ${name}`, 0, places.length - 1)] = name;
  }
  if (Object.keys(found).length !== places.length) throw bad("a lookup", "has two keys of one place");
  return found;
}
