import { GraphError } from "../base/error.js";
import { printAs } from "../base/inspect.js";
import { amount, flag, options } from "../base/options.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Data } from "../base/read.js";
import { MARK, mark, show } from "../base/text.js";
import type { Block } from "../memory/block.js";
import type { Memory } from "../memory/memory.js";
import { setParameters } from "../memory/values.js";
import type { Init, NamedInit } from "../rules/init.js";
import type { SynapseKind } from "../rules/link.js";
import type { Layer } from "./layer.js";

/** A linear map from one layer to another: a dense matrix of weights, or the identity. Every read throws `disposed` after `dispose()`. */
export class Synapse<P extends Precision = Precision> {
  static {
    printAs(Synapse, "Synapse", ({ from, to, kind, shape }) => {
      return `${show(from.name)} → ${show(to.name)}, ${kind === "dense" ? shape.join(" × ") : kind}`;
    });
  }

  /** @internal */ readonly $: SynapseState;

  /** Of this copy of the library alone. */
  readonly #own = true;

  /**
   * Whether it is one, whatever its prototype is.
   * @internal
   */
  static is(given: unknown): given is Synapse {
    return typeof given === "object" && given !== null && #own in given && given.#own;
  }

  /** @internal */
  get [MARK]() {
    return mark("Synapse");
  }

  /** @internal */
  constructor(state: SynapseState) {
    this.$ = state;
    Object.seal(this);
  }

  /** Its name, where it was given one. */
  get name(): string | undefined {
    this.$.memory.live();
    return this.$.name;
  }

  /** The layer whose values it sends. */
  get from(): Layer {
    this.$.memory.live();
    return this.$.from;
  }

  /** The layer that hears them. */
  get to(): Layer {
    this.$.memory.live();
    return this.$.to;
  }

  /** A dense matrix of weights, or the identity, which has none. */
  get kind(): SynapseKind {
    this.$.memory.live();
    return this.$.kind;
  }

  /**
   * How the weights started, as it was given, frozen; `"values"` where they were given themselves, `undefined` where none
   * are its own.
   */
  get init(): NamedInit | "values" | undefined {
    this.$.memory.live();
    return this.$.init;
  }

  /** The synapse whose weights it has too; `undefined` where they are its own. */
  get share(): Synapse<P> | undefined {
    this.$.memory.live();
    return this.$.share as Synapse<P> | undefined;
  }

  /** Penalties of the weights in the cost: l1 · Σ |w| + l2 · Σ w². Of shared weights, those of the synapse that has them. */
  get l1(): number {
    this.$.memory.live();
    return owner(this).$.l1;
  }

  /** What Σ w² counts in the cost; 0 by default. */
  get l2(): number {
    this.$.memory.live();
    return owner(this).$.l2;
  }

  /** The bound on the norm of what comes into a unit; `undefined` where there is none. */
  get maxNorm(): number | undefined {
    this.$.memory.live();
    return owner(this).$.maxNorm;
  }

  /** Whether the weights are kept from learning. Settable; shared ones at any of their synapses. Throws `bad-option`, `busy`. */
  get frozen(): boolean {
    this.$.memory.live();
    return owner(this).$.frozen;
  }

  set frozen(frozen: boolean) {
    this.$.memory.idle();
    owner(this).$.frozen = flag(frozen, "frozen", spelt(this.$.from, this.$.to));
    this.$.memory.relearn();
  }

  /** The size of `from`, the size of `to`. */
  get shape(): readonly [number, number] {
    this.$.memory.live();
    return [this.$.from.$.size, this.$.to.$.size];
  }

  /**
   * The engine's own weights, (size of from, size of to), row-major, to read and write. A view made at each read: good until
   * the next call that adds to a graph or meets a larger batch, since all graphs share one memory. Empty for an identity.
   * Settable: takes a copy of the numbers, flat or as rows; shared ones change at all their synapses. Setting throws
   * `bad-shape`, `not-finite`, `busy`; `bad-option` for an identity.
   */
  get weights(): FloatArray<P> {
    return this.$.memory.parameters(this.$.weights) as FloatArray<P>;
  }

  set weights(values: Data) {
    setParameters(this.$.memory, values, () => {
      const [rows, size] = this.shape;
      const { from, to, weights: block } = this.$;
      const of = spelt(from, to);
      if (block !== undefined) return { what: `the weights of ${of}`, rows, size, block };
      throw new GraphError("bad-option", `There are no weights to set: ${of} is an identity.`);
    });
  }
}

/**
 * The synapse whose weights it has: itself, where they are not another's.
 * @internal
 */
export function owner(synapse: Synapse): Synapse {
  return synapse.$.share ?? synapse;
}

/** What the engine knows of a synapse. */
export interface SynapseState {
  /** After its removal, one that refuses every use. */
  memory: Memory;
  readonly name: string | undefined;
  readonly from: Layer;
  readonly to: Layer;
  readonly kind: SynapseKind;
  init: NamedInit | "values" | undefined;
  /** Never one that itself has another's. */
  share: Synapse | undefined;
  l1: number;
  l2: number;
  maxNorm: number | undefined;
  frozen: boolean;
  /** Whether its weights have more than one synapse. */
  isShared: boolean;
  /** Its place in connection order. */
  index: number;
  /** The place of its weights among the parameters, its own or another's; `undefined` for an identity. */
  readonly weights: Block | undefined;
}

/** A synapse's own options but its initial weights, read. */
export type SynapseFacts = Pick<SynapseState, "name" | "kind" | "share" | "l1" | "l2" | "maxNorm" | "frozen">;

/** A synapse as an error names it. */
export function spelt(from: Layer, to: Layer): string {
  return `the synapse from ${show(from.$.name)} to ${show(to.$.name)}`;
}

const known = ["name", "kind", "init", "frozen", "l1", "l2", "maxNorm", "share"];

/**
 * Reads a synapse's options. Throws `bad-option`, `bad-name`.
 * @internal
 */
export function readSynapse(
  given: unknown,
  from: Layer,
  to: Layer,
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
  const sizes = `${from.$.size} × ${to.$.size}`;
  if (kind === "identity" && from.$.size !== to.$.size) {
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
    share: share === undefined ? undefined : readShare(share, of, from, to, sizes),
    l1: amount(l1, `The l1 of ${of}`, 0),
    l2: amount(l2, `The l2 of ${of}`, 0),
    maxNorm: maxNorm as number | undefined,
    frozen: flag(frozen, "frozen", of),
  };
}

/** The synapse that has the weights. */
function readShare(share: unknown, of: string, from: Layer, to: Layer, sizes: string): Synapse {
  if (Synapse.is(share)) share.$.memory.live(); // it may have been removed
  if (!Synapse.is(share) || share.$.memory !== from.$.memory) {
    const what = Synapse.is(share) ? "one of another graph" : show(share);
    throw new GraphError(
      "bad-option",
      `${of} shares the weights of a synapse of the same graph, not of ${what}.`,
    );
  }
  const [rows, columns] = share.shape;
  if (share.$.kind !== "dense" || rows !== from.$.size || columns !== to.$.size) {
    const theirs = share.$.kind === "dense" ? `${rows} × ${columns}` : "those of an identity";
    throw new GraphError("bad-option", `The weights of ${of} are ${sizes}, and those to share ${theirs}.`);
  }
  return owner(share);
}

export interface SynapseOptions {
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
  /** Another synapse of the graph, of the same shape, whose weights this one has too. */
  readonly share?: Synapse;
  /**
   * How the weights start, the graph's `init` by default: `"glorot"` in ±√(6 / (from + to)); `"he"` in ±√(6 / from), for deep
   * chains of relu; `"uniform"` in (-1, 1); and others.
   */
  readonly init?: Init;
}
