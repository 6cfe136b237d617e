// A layer as a caller holds it.

import { GraphError } from "../base/error.js";
import { counted, printAs } from "../base/inspect.js";
import { flag } from "../base/options.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Data } from "../base/read.js";
import { MARK, mark, show } from "../base/text.js";
import type { Memory } from "../memory/memory.js";
import { setParameters } from "../memory/values.js";
import { checkClasses } from "../model/classes.js";
import type { LayerKind } from "../model/layer.js";
import type { LayerNode } from "../model/node.js";
import { type ActivationOption, activations } from "../rules/activation.js";
import type { Join } from "../rules/join.js";
import { type LossOption, losses } from "../rules/loss.js";
import type { Norm } from "../rules/norm.js";
import { option } from "../rules/rule.js";
import type { Scaler } from "../rules/scaler.js";
import type { Shape } from "../rules/shape.js";

/**
 * Units that sum their incoming synapses, add a bias and apply an activation. Every read throws `disposed` after `dispose()`.
 * `bias`, `pre` and `post` are views of the engine's own memory, made at each read. They are valid until the next call that
 * adds to any graph or takes a larger batch, since all graphs share one memory.
 */
export class Layer<N extends string = string, P extends Precision = Precision> {
  static {
    printAs(Layer, "Layer", ({ name, kind, size, activation }) => {
      const rule = typeof activation === "string" ? activation : activation.name;
      return `${show(name)}, ${kind}, ${counted(size, "unit")}, ${rule}`;
    });
  }

  readonly #node: LayerNode;
  readonly #memory: Memory;

  /**
   * Returns the layer of a handle of this copy of the library, whatever its prototype is; `undefined` for anything else.
   * Throws `disposed`.
   * @internal
   */
  static node(given: unknown): LayerNode | undefined {
    return typeof given === "object" && given !== null && #node in given ? (given as Layer).#live : undefined;
  }

  /** @internal */
  get [MARK]() {
    return mark("Layer", (given) => #node in given);
  }

  /** @internal */
  constructor(node: LayerNode, memory: Memory) {
    this.#node = node;
    this.#memory = memory;
    Object.seal(this);
  }

  /** The layer, where it can be used. Throws `disposed`. */
  get #live(): LayerNode {
    const { isRemoved, name } = this.#node;
    if (isRemoved) {
      throw new GraphError("disposed", `The layer ${show(name)} was removed from its graph.`);
    }
    this.#memory.live();
    return this.#node;
  }

  /** Its unique name. */
  get name(): N {
    return this.#live.name as N;
  }

  /** Whether it is an input, a hidden layer or an output. */
  get kind(): LayerKind {
    return this.#live.kind;
  }

  /** Number of units. */
  get size(): number {
    return this.#live.size;
  }

  /** Its shape: extents and channels; `[size]` where none was given. */
  get shape(): Shape {
    return this.#live.shape;
  }

  /** Number of classes of an input of class numbers; `undefined` for other layers. */
  get classes(): number | undefined {
    return this.#live.classes;
  }

  /** Name of its activation; an object with the name and the parameter, unless that is the default. */
  get activation(): ActivationOption {
    return option(activations, this.#live.activation) as ActivationOption;
  }

  /** An output's loss: its name, or an object as for the activation. */
  get loss(): LossOption | undefined {
    const { loss } = this.#live;
    return loss && (option(losses, loss) as LossOption);
  }

  /** Scaler of an input's values, or of an output's targets; `undefined` if they are not scaled. */
  get scaler(): Scaler | undefined {
    return this.#live.scaler as Scaler | undefined;
  }

  /**
   * The bias, (size), or one number for each channel of a shape: a view to read and write. Zeros of the caller's own if the layer
   * has no bias. Settable: copies the numbers. Setting throws `bad-shape`, `not-finite`, `busy`; `bad-option` if the layer has no bias.
   */
  get bias(): FloatArray<P> {
    const { bias, hasBias } = this.#live;
    const values = this.#memory.viewOf(bias) as FloatArray<P>;
    return hasBias ? values : (values.slice() as FloatArray<P>);
  }

  set bias(values: Data) {
    setParameters(this.#memory, values, () => {
      const { bias: block, name, hasBias } = this.#live;
      if (hasBias) return { what: `the bias of the layer ${show(name)}`, rows: 1, size: block.count, block };
      const why = "it was made with `bias: false`";
      throw new GraphError("bad-option", `The layer ${show(name)} has no bias: ${why}.`);
    });
  }

  /** Whether it has a bias; false if it was made with `bias: false`. */
  get hasBias(): boolean {
    return this.#live.hasBias;
  }

  /**
   * The values of its steps outside a sequence, (size): a view to read and write; zeros of the caller's own if they aren't
   * learnt. Settable as `bias` is; `bad-option` if the layer has none.
   */
  get initial(): FloatArray<P> {
    const { initial, size } = this.#live;
    if (initial !== undefined) return this.#memory.viewOf(initial) as FloatArray<P>;
    return new (this.#memory.precision === "float32" ? Float32Array : Float64Array)(size) as FloatArray<P>;
  }

  set initial(values: Data) {
    setParameters(this.#memory, values, () => {
      const { initial: block, size, name } = this.#live;
      if (block !== undefined)
        return { what: `the initial values of the layer ${show(name)}`, rows: 1, size, block };
      const why = "it was made without `initial`";
      throw new GraphError("bad-option", `The layer ${show(name)} has no initial values: ${why}.`);
    });
  }

  /** Whether its values outside a sequence are learnt; false by default. */
  get hasInitial(): boolean {
    return this.#live.initial !== undefined;
  }

  /** The way in which it joins the values of incoming synapses; `"sum"` by default. */
  get join(): Join {
    return this.#live.join;
  }

  /** Whether it has a value for each step, as of the graph's last change, and not one for all steps. */
  get time(): boolean {
    const node = this.#live;
    return this.#memory.topology.loops.timedOf(node);
  }

  /** Norm of its sums: over its units, or over runs of its channels; or none. */
  get norm(): Norm | undefined {
    return this.#live.norm;
  }

  /**
   * The norm's gain, as many numbers as `bias`: a view to read and write; `undefined` without a norm. Settable as `bias` is; `bad-option`
   * without a norm.
   */
  get gain(): FloatArray<P> | undefined {
    const { gain } = this.#live;
    return gain && (this.#memory.viewOf(gain) as FloatArray<P>);
  }

  set gain(values: Data) {
    setParameters(this.#memory, values, () => {
      const { gain: block, name } = this.#live;
      if (block !== undefined)
        return { what: `the gain of the layer ${show(name)}`, rows: 1, size: block.count, block };
      throw new GraphError("bad-option", `The layer ${show(name)} has no gain: it has no norm.`);
    });
  }

  /** The share of units that a training step hides from other layers; 0 by default. */
  get dropout(): number {
    return this.#live.dropout;
  }

  /** Weight of an output's cost in the whole cost; `undefined` for other layers. */
  get weight(): number | undefined {
    const { kind, weight } = this.#live;
    return kind === "output" ? weight : undefined;
  }

  /**
   * Whether bias, gain and initial values are frozen. Incoming weights are not part of the layer: `graph.freeze` freezes those, too.
   * Settable. Throws `bad-option`, `busy`.
   */
  get frozen(): boolean {
    return this.#live.frozen;
  }

  set frozen(frozen: boolean) {
    const node = this.#live;
    this.#memory.idle();
    const of = `the layer ${show(node.name)}`;
    const read = flag(frozen, "frozen", of);
    checkClasses(node.classes, { frozen: read || undefined }, of);
    node.frozen = read;
    this.#memory.relearn();
  }

  /**
   * The pre-activations of the last pass that reached the layer, (rows, size); empty before one. Many rows are predicted and
   * evaluated in pieces; then these are the rows of the last piece.
   */
  get pre(): FloatArray<P> {
    const node = this.#live;
    return this.#memory.states.view(node, "pre") as FloatArray<P>;
  }

  /**
   * The post-activations of the last pass that reached the layer, (rows, size); empty before one. Of the last piece, as `pre`
   * is.
   */
  get post(): FloatArray<P> {
    const node = this.#live;
    return this.#memory.states.view(node, "post") as FloatArray<P>;
  }
}

/**
 * Returns a layer's handle: the same object each time.
 * @internal
 */
export function layerOf<N extends string, P extends Precision>(node: LayerNode, memory: Memory): Layer<N, P> {
  node.handle ??= new Layer(node, memory);
  return node.handle as Layer<N, P>;
}
