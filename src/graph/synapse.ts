// A synapse as a caller holds it.

import { GraphError } from "../base/error.js";
import { printAs } from "../base/inspect.js";
import { flag } from "../base/options.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Data } from "../base/read.js";
import { MARK, mark, show } from "../base/text.js";
import type { Memory } from "../memory/memory.js";
import { setParameters } from "../memory/values.js";
import { spelt } from "../model/joint.js";
import { owner, type SynapseNode } from "../model/node.js";
import type { WeightOptions } from "../model/synapse.js";
import type { NamedInit } from "../rules/init.js";
import { labelOf, linkOf, type SynapseKind, shapeOf } from "../rules/link.js";
import { type Layer, layerOf } from "./layer.js";

/** A linear map from one layer to another, of some kind. Every read throws `disposed` after `dispose()`. */
export class Synapse<P extends Precision = Precision> {
  static {
    printAs(Synapse, "Synapse", ({ from, to, kind, shape }) => {
      return `${show(from.name)} → ${show(to.name)}, ${labelOf(kind, shape.join(" × "))}`;
    });
  }

  readonly #node: SynapseNode;
  readonly #memory: Memory;

  /**
   * Returns the synapse of a handle of this copy of the library, whatever its prototype is; `undefined` for anything else.
   * Throws `disposed`.
   * @internal
   */
  static node(given: unknown): SynapseNode | undefined {
    return typeof given === "object" && given !== null && #node in given
      ? (given as Synapse).#live
      : undefined;
  }

  /** @internal */
  get [MARK]() {
    return mark("Synapse", (given) => #node in given);
  }

  /** @internal */
  constructor(node: SynapseNode, memory: Memory) {
    this.#node = node;
    this.#memory = memory;
    Object.seal(this);
  }

  /** The synapse, where it can be used. Throws `disposed`. */
  get #live(): SynapseNode {
    const { isRemoved, from, to } = this.#node;
    if (isRemoved) {
      const title = `from ${show(from.name)} to ${show(to.name)}`;
      throw new GraphError("disposed", `The synapse ${title} was removed from its graph.`);
    }
    this.#memory.live();
    return this.#node;
  }

  /** Its name, if it has one. */
  get name(): string | undefined {
    return this.#live.name;
  }

  /** Its source layer. */
  get from(): Layer {
    return layerOf(this.#live.from, this.#memory);
  }

  /** Its target layer. */
  get to(): Layer {
    return layerOf(this.#live.to, this.#memory);
  }

  /** A matrix of weights (`"dense"`), one weight for each unit (`"oneToOne"`), or a kind without weights. */
  get kind(): SynapseKind {
    return this.#live.kind;
  }

  /** Its initial weights as they were given, frozen; `"values"` for given numbers, `undefined` without weights of its own. */
  get init(): NamedInit | "values" | undefined {
    return this.#live.init;
  }

  /** The synapse whose weights it shares; `undefined` if the weights are its own. */
  get share(): Synapse<P> | undefined {
    const { share } = this.#live;
    return share && synapseOf(share, this.#memory);
  }

  /** Penalties of the weights in the cost: l1 · Σ |w| + l2 · Σ w². Of shared weights, the penalties of their owner. */
  get l1(): number {
    return owner(this.#live).l1;
  }

  /** Factor of Σ w² in the cost; 0 by default. */
  get l2(): number {
    return owner(this.#live).l2;
  }

  /** The bound on the norm of the weights into a unit; `undefined` without one. */
  get maxNorm(): number | undefined {
    return owner(this.#live).maxNorm;
  }

  /** Whether the weights are frozen. Settable; for shared weights at any of their synapses. Throws `bad-option`, `busy`. */
  get frozen(): boolean {
    return owner(this.#live).frozen;
  }

  set frozen(frozen: boolean) {
    const node = this.#live;
    this.#memory.idle();
    owner(node).frozen = flag(frozen, "frozen", spelt(node.from, node.to));
    this.#memory.relearn();
  }

  /** Number of steps by which its source's values come later; 0 by default. */
  get delay(): number {
    return this.#live.delay;
  }

  /** The one step of its source that it brings to all steps of its target; `undefined` by default. */
  get at(): "last" | "first" | undefined {
    return this.#live.at;
  }

  /** The shape of the weights; for a kind without weights, the sizes of `from` and `to`. */
  get shape(): readonly number[] {
    return shapeOf(this.#live);
  }

  /** Of a conv, a convTranspose, a pool or an upsample: the extent of its window along each axis. */
  get kernel(): readonly number[] | undefined {
    return this.#live.window?.kernel;
  }

  /** Steps of the window, one for each axis. */
  get stride(): readonly number[] | undefined {
    return this.#live.window?.stride;
  }

  /** Distances of neighbours in the window, one for each axis. */
  get dilation(): readonly number[] | undefined {
    return this.#live.window?.dilation;
  }

  /** Cells around the source, before and after, for each axis; of a convTranspose around its target. */
  get padding(): readonly (readonly [before: number, after: number])[] | undefined {
    return this.#live.window?.padding;
  }

  /** Groups of channels that a conv or a convTranspose keeps apart. */
  get groups(): number | undefined {
    const { window, kind } = this.#live;
    return linkOf(kind).options?.includes("groups") ? window?.groups : undefined;
  }

  /** Whether an averagePool divides by the padding's cells, too. */
  get countPadding(): boolean | undefined {
    const { window, kind } = this.#live;
    return kind === "averagePool" ? window?.countPadding : undefined;
  }

  /** Of a sparse synapse: pairs of units, flat, sorted by source, then target. A copy. */
  get connections(): Uint32Array | undefined {
    return this.#live.pattern?.slice();
  }

  /** Of a gather: the source unit of each target unit, -1 for none. A copy. */
  get units(): Int32Array | undefined {
    return this.#live.units?.slice();
  }

  /**
   * The engine's own weights, of `shape`, row-major, to read and write. A view made at each read. It is valid until the next
   * call that adds to any graph or takes a larger batch, since all graphs share one memory. Empty for a kind without weights.
   * Settable: copies the numbers, flat or as rows; shared weights change at all their synapses. Setting throws `bad-shape`,
   * `not-finite`, `busy`; `bad-option` for a kind without weights.
   */
  get weights(): FloatArray<P> {
    return this.#memory.viewOf(this.#live.weights) as FloatArray<P>;
  }

  set weights(values: Data) {
    setParameters(this.#memory, values, () => {
      const { from, to, kind, weights: block } = this.#live;
      const of = spelt(from, to);
      if (block === undefined)
        throw new GraphError("bad-option", `There are no weights to set: ${of} is ${linkOf(kind).title}.`);
      return { what: `the weights of ${of}`, rows: block.rows, size: block.columns, block };
    });
  }
}

/**
 * Returns a synapse's handle: the same object each time.
 * @internal
 */
export function synapseOf<P extends Precision>(node: SynapseNode, memory: Memory): Synapse<P> {
  node.handle ??= new Synapse(node, memory);
  return node.handle as Synapse<P>;
}

/** Options of `connect`, and of a synapse in a declaration. */
export interface SynapseOptions extends WeightOptions {
  /**
   * Another synapse of the graph, of the same kind and shape, whose weights this synapse shares; their gradients are summed.
   */
  readonly share?: Synapse;
}
