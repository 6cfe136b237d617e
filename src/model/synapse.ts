// A synapse's own options, and the reading of them.

import { GraphError } from "../base/error.js";
import { amount, flag } from "../base/options.js";
import { show } from "../base/text.js";
import type { Init } from "../rules/init.js";
import type { SynapseKind } from "../rules/link.js";
import { type LayerNode, owner, type SynapseNode, spelt } from "./node.js";
import { type Row, reader } from "./option.js";

/** A synapse's own options but its initial weights, read. */
export type SynapseFacts = Pick<SynapseNode, "name" | "kind" | "share" | "l1" | "l2" | "maxNorm" | "frozen">;

/** The options of a synapse that have a default of their own, in the order of their members in a file. */
export const synapseRows = {
  name: {
    usual: undefined as string | undefined,
    read(name: unknown) {
      if (typeof name === "string" && name !== "" && name.isWellFormed()) return name;
      throw new GraphError("bad-name", `A synapse's name is a string that is not empty, not ${show(name)}.`);
    },
  },
  kind: {
    usual: "dense" as SynapseKind,
    read(kind: unknown, of: string) {
      if (kind === "dense" || kind === "identity") return kind;
      throw new GraphError("bad-option", `The kind of ${of} is "dense" or "identity", not ${show(kind)}.`);
    },
  },
  /** The caller's is a handle, and a file's the number of a synapse: each is read elsewhere. */
  share: { usual: undefined as unknown, read: (share: unknown) => share },
  l1: { usual: 0, read: (l1: unknown, of: string) => amount(l1, `The l1 of ${of}`, 0) },
  l2: { usual: 0, read: (l2: unknown, of: string) => amount(l2, `The l2 of ${of}`, 0) },
  maxNorm: {
    usual: undefined as number | undefined,
    read(maxNorm: unknown, of: string) {
      const read = amount(maxNorm, `The maxNorm of ${of}`, 0);
      if (read > 0) return read;
      throw new GraphError("bad-option", `The maxNorm of ${of} is above 0, not 0.`);
    },
  },
  frozen: { usual: false, read: (frozen: unknown, of: string) => flag(frozen, "frozen", of) },
} satisfies Readonly<Record<string, Row<unknown>>>;

const readOptions = reader(synapseRows, ["init"]);

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
  const { read, values } = readOptions(given, of);
  const { kind } = values;
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
  if (kind === "identity" || read.share !== undefined) {
    const own = ["init", "l1", "l2", "maxNorm", kind === "identity" ? "share" : "frozen"];
    const wrong = own.find((option) => read[option] !== undefined);
    if (wrong !== undefined) {
      throw new GraphError("bad-option", `\`${wrong}\` of ${of} can't be given: it is ${without}.`);
    }
  }
  const share = shared === undefined ? undefined : readShare(shared, of, from, to);
  const { name, l1, l2, maxNorm, frozen } = values;
  return { name, kind, share, l1, l2, maxNorm, frozen, init: read.init };
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
  /** Distinguishes a synapse from others between the same layers. */
  readonly name?: string;
  /** `"dense"`: a matrix of weights, by default. `"identity"`: layers of equal sizes, joined unit to unit, without parameters. */
  readonly kind?: SynapseKind;
  /** Whether the weights are kept from learning; `false` by default. */
  readonly frozen?: boolean;
  /** Penalties l1 · Σ |w| and l2 · Σ w² of the cost, both non-negative; 0 by default. */
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
