// Changes the connections of a synapse: drops small weights, or takes another pattern. Kept weights keep their optimizer's
// state. docs/structure.md has the rules.

import { GraphError } from "../base/error.js";
import { number, options } from "../base/options.js";
import type { FloatArray, Precision } from "../base/precision.js";
import { spelt } from "../model/joint.js";
import { owner, type SynapseNode } from "../model/node.js";
import { linkOf } from "../rules/link.js";
import { fromPairs, inRoom, spread } from "../rules/pattern.js";
import type { Network } from "./network.js";
import { reshape } from "./reshape.js";

/** Options of `prune`, one of them. */
export type PruneOptions =
  | {
      /** The share of connections that is kept: the largest |w|, the earlier of equal ones. Above 0, up to 1. */
      readonly share: number;
    }
  | {
      /** The bound on |w| below which connections are dropped. */
      readonly below: number;
    };

/** Reads the options of `prune`. Throws `bad-option`. */
export function readPrune(given: unknown): PruneOptions {
  const { share, below } = options(given, ["share", "below"], "prune");
  if ((share === undefined) === (below === undefined)) {
    const found = share === undefined ? "none" : "both";
    throw new GraphError("bad-option", `prune takes \`share\` or \`below\`, not ${found}.`);
  }
  return below === undefined
    ? { share: number(share, { above: 0, most: 1 }, "`share` of prune") }
    : { below: number(below, { least: 0 }, "`below` of prune") };
}

/** Drops connections of a dense or a sparse synapse, as `Graph.prune` does. Returns the number of those left. */
export function prune(net: Network, synapse: SynapseNode, how: PruneOptions): number {
  const { kind, pattern, from, to } = synapse;
  const of = spelt(from, to);
  if (kind !== "dense" && kind !== "sparse") {
    const why = `it is ${linkOf(kind).title}, and neither dense nor sparse`;
    throw new GraphError("bad-option", `Connections of ${of} can't be pruned: ${why}.`);
  }
  const weights = net.memory.viewOf(synapse.weights);
  const wrong = weights.findIndex((weight) => !Number.isFinite(weight));
  if (wrong >= 0) {
    throw new GraphError("not-finite", `The weights of ${of} can't be pruned: one is ${weights[wrong]}.`);
  }
  const picks = inRoom(of, () => picksOf(weights, how));
  const left = picks.length;
  if (left === 0) throw new GraphError("bad-option", `No connection of ${of} would be left.`);
  if (left === weights.length && pattern !== undefined) return left;
  const places = inRoom(of, () => {
    if (pattern === undefined) return spread(picks, to.size);
    const pairs = new Uint32Array(2 * left);
    picks.forEach((place, i) => {
      pairs[2 * i] = pattern[2 * place]!;
      pairs[2 * i + 1] = pattern[2 * place + 1]!;
    });
    return pairs;
  });
  join(net, synapse, places, picks);
  return left;
}

/** Returns the indices of the weights that are kept, in their order. */
function picksOf(weights: FloatArray<Precision>, how: PruneOptions): Int32Array {
  const sizes = weights.map(Math.abs);
  let [least, ties] = [0, 0];
  if ("below" in how) [least, ties] = [how.below, sizes.length];
  else {
    const kept = Math.ceil(how.share * sizes.length - 1e-9);
    if (kept === 0) return new Int32Array(0);
    least = sizes.slice().sort()[sizes.length - kept]!;
    ties = kept;
    for (const size of sizes) if (size > least) ties--;
  }
  const isKept = (size: number) => size > least || (size === least && ties-- > 0);
  const picks = new Int32Array(sizes.length);
  let count = 0;
  for (let i = 0; i < sizes.length; i++) if (isKept(sizes[i]!)) picks[count++] = i;
  return picks.slice(0, count);
}

/** Rewires a sparse synapse, as `Graph.rewire` does. `connections` are plain values. */
export function rewire(net: Network, synapse: SynapseNode, connections: unknown): void {
  const { pattern: before, kind, from, to } = synapse;
  const of = spelt(from, to);
  if (before === undefined) {
    const help = kind === "dense" ? "; `prune` makes a sparse one of it" : "";
    const why = `it is ${linkOf(kind).title}, and not sparse${help}`;
    throw new GraphError("bad-option", `Connections of ${of} can't be rewired: ${why}.`);
  }
  const [pattern, picks] = inRoom(of, () => {
    const { pattern } = fromPairs(connections, of, from, to);
    return [pattern, matches(pattern, before)] as const;
  });
  if (pattern.length === before.length && picks.every((place, i) => place === i)) return;
  join(net, synapse, pattern, picks);
}

/** Returns for each pair of a pattern its index in another one, or -1. */
function matches(pattern: Uint32Array, other: Uint32Array): Int32Array {
  const picks = new Int32Array(pattern.length / 2);
  let at = 0;
  for (let i = 0; i < pattern.length; i += 2) {
    const [source, target] = [pattern[i]!, pattern[i + 1]!];
    while (other[at]! < source || (other[at] === source && other[at + 1]! < target)) at += 2;
    picks[i / 2] = other[at] === source && other[at + 1] === target ? at / 2 : -1;
  }
  return picks;
}

/**
 * Sets the pattern of a synapse, and of all that share its weights. `picks` has the index of each connection's weight before, -1
 * for a new one, which starts at 0. Throws `out-of-memory`, with nothing changed.
 */
function join(net: Network, synapse: SynapseNode, pattern: Uint32Array, picks: Int32Array): void {
  const own = owner(synapse);
  const block = own.weights!;
  const { synapses } = net.topology;
  net.memory.parameters.check(Math.max(0, picks.length - block.count), `${picks.length} connections`);
  net.memory.place();
  reshape(net, [{ block, rows: 1, columns: picks.length, picks }]);
  for (const one of synapses) if (owner(one) === own) Object.assign(one, { kind: "sparse", pattern });
  const { init } = own;
  // A list can't start orthogonal, in a file neither.
  if ((typeof init === "object" ? init.name : init) === "orthogonal") own.init = "values";
  net.topology.edits++;
}
