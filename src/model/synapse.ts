// A synapse's own options, and the reading of them.

import { GraphError } from "../base/error.js";
import { amount, flag, options } from "../base/options.js";
import { show } from "../base/text.js";
import type { Init } from "../rules/init.js";
import type { SynapseKind } from "../rules/link.js";
import { type LayerNode, owner, type SynapseNode, spelt } from "./node.js";

/** A synapse's own options but its initial weights, read. */
export type SynapseFacts = Pick<SynapseNode, "name" | "kind" | "share" | "l1" | "l2" | "maxNorm" | "frozen">;

const known = ["name", "kind", "init", "frozen", "l1", "l2", "maxNorm", "share"];

/**
 * Reads a synapse's options. Throws `bad-option`, `bad-name`.
 * @internal
 */
export function readSynapse(
  given: unknown,
  shared: SynapseNode | undefined,
  from: LayerNode,
  to: LayerNode,
): SynapseFacts & { readonly init: unknown } {
  const of = spelt(from, to);
  const read = options(given, known, of);
  const { name, kind = "dense", init, frozen = false, l1 = 0, l2 = 0, maxNorm, share } = read;
  if (name !== undefined && (typeof name !== "string" || name === "" || !name.isWellFormed())) {
    throw new GraphError("bad-name", `A synapse's name is a string that is not empty, not ${show(name)}.`);
  }
  if (kind !== "dense" && kind !== "identity") {
    throw new GraphError("bad-option", `The kind of ${of} is "dense" or "identity", not ${show(kind)}.`);
  }
  const sizes = `${from.size} × ${to.size}`;
  if (kind === "identity" && from.size !== to.size) {
    const why = "an identity joins layers of equal sizes";
    throw new GraphError(
      "bad-option",
      `The kind of ${of} can't be "identity", its sizes being ${sizes}: ${why}.`,
    );
  }
  const without =
    kind === "identity" ? "an identity, which has no weights" : "one that has another's weights";
  if (kind === "identity" || share !== undefined) {
    const own = ["init", "l1", "l2", "maxNorm", kind === "identity" ? "share" : "frozen"];
    const wrong = own.find((option) => read[option] !== undefined);
    if (wrong !== undefined) {
      throw new GraphError("bad-option", `\`${wrong}\` of ${of} can't be given: it is ${without}.`);
    }
  }
  if (maxNorm !== undefined && amount(maxNorm, `The maxNorm of ${of}`, 0) === 0) {
    throw new GraphError("bad-option", `The maxNorm of ${of} is above 0, not 0.`);
  }
  return {
    name,
    kind,
    init,
    share: shared === undefined ? undefined : readShare(shared, of, from, to),
    l1: amount(l1, `The l1 of ${of}`, 0),
    l2: amount(l2, `The l2 of ${of}`, 0),
    maxNorm: maxNorm as number | undefined,
    frozen: flag(frozen, "frozen", of),
  };
}

/** The synapse that has the weights. Throws `bad-option` where their shape is another. */
function readShare(share: SynapseNode, of: string, from: LayerNode, to: LayerNode): SynapseNode {
  const sizes = `${from.size} × ${to.size}`;
  const [rows, columns] = [share.from.size, share.to.size];
  if (share.kind !== "dense" || rows !== from.size || columns !== to.size) {
    const theirs = share.kind === "dense" ? `${rows} × ${columns}` : "those of an identity";
    throw new GraphError("bad-option", `The weights of ${of} are ${sizes}, and those to share ${theirs}.`);
  }
  return owner(share);
}

/** The options of a synapse but `share`. */
export interface WeightOptions {
  /** Tells a synapse from others between the same layers. */
  readonly name?: string;
  /** `"dense"`: a matrix of weights, by default. `"identity"`: layers of equal sizes, joined unit to unit, without parameters. */
  readonly kind?: SynapseKind;
  /** Whether the weights are kept from learning; `false` by default. */
  readonly frozen?: boolean;
  /** The cost has l1 · Σ |w| and l2 · Σ w² added, both from 0 on; 0 by default. */
  readonly l1?: number;
  readonly l2?: number;
  /** After each step, the weights into a unit are shortened to this norm where theirs is larger. */
  readonly maxNorm?: number;
  /**
   * How the weights start, the graph's `init` by default: `"glorot"` in ±√(6 / (from + to)); `"he"` in ±√(6 / from), for deep
   * chains of relu; `"uniform"` in (-1, 1); and others.
   */
  readonly init?: Init;
}
