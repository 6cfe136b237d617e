import { GraphError } from "../base/error.js";
import { counted, printAs } from "../base/inspect.js";
import { amount, flag, options } from "../base/options.js";
import { type FloatArray, holds, type Precision } from "../base/precision.js";
import { type Data, numbers, type Vector, zeros } from "../base/read.js";
import { MARK, mark, show } from "../base/text.js";
import type { Block } from "../memory/block.js";
import type { Memory } from "../memory/memory.js";
import { setParameters } from "../memory/values.js";
import { type Activation, type ActivationOption, activations } from "../rules/activation.js";
import { type Loss, type LossOption, losses } from "../rules/loss.js";
import { type Choice, option } from "../rules/rule.js";
import type { Scaler } from "../rules/scaler.js";
import type { Synapse } from "./synapse.js";

/**
 * Units that sum what their synapses bring, add a bias and apply an activation. Every read throws `disposed` after
 * `dispose()`. `bias`, `pre` and `post` are views of the engine's own memory, made at each read: good until the next call
 * that adds to a graph or meets a larger batch, since all graphs share one memory.
 */
export class Layer<N extends string = string, P extends Precision = Precision> {
  static {
    printAs(Layer, "Layer", ({ name, kind, size, activation }) => {
      const rule = typeof activation === "string" ? activation : activation.name;
      return `${show(name)}, ${kind}, ${counted(size, "unit")}, ${rule}`;
    });
  }

  /** @internal */ readonly $: LayerState;

  /** Of this copy of the library alone. */
  readonly #own = true;

  /**
   * Whether it is one, whatever its prototype is.
   * @internal
   */
  static is(given: unknown): given is Layer {
    return typeof given === "object" && given !== null && #own in given && given.#own;
  }

  /** @internal */
  get [MARK]() {
    return mark("Layer");
  }

  /** @internal */
  constructor(state: LayerState) {
    this.$ = state;
    Object.seal(this);
  }

  /** Its name, no other layer's. */
  get name(): N {
    this.$.memory.live();
    return this.$.name as N;
  }

  /** Whether it is an input, a hidden layer or an output. */
  get kind(): LayerKind {
    this.$.memory.live();
    return this.$.kind;
  }

  /** Units. */
  get size(): number {
    this.$.memory.live();
    return this.$.size;
  }

  /** Its name; an object, with the activation's own number, where that is not the usual one. */
  get activation(): ActivationOption {
    this.$.memory.live();
    return option(activations, this.$.activation) as ActivationOption;
  }

  /** An output's loss: its name, or an object as for the activation. */
  get loss(): LossOption | undefined {
    this.$.memory.live();
    return this.$.loss && (option(losses, this.$.loss) as LossOption);
  }

  /** What an input's values, or an output's targets, are scaled by; `undefined` where they are taken as they are. */
  get scaler(): Scaler | undefined {
    this.$.memory.live();
    return this.$.scaler;
  }

  /**
   * The bias, (size): a view to read and write; zeros of the caller's own where the layer has none. Settable: takes a copy of
   * the numbers. Setting throws `bad-shape`, `not-finite`, `busy`; `bad-option` where the layer has no bias.
   */
  get bias(): FloatArray<P> {
    const bias = this.$.memory.parameters(this.$.bias) as FloatArray<P>;
    return this.$.hasBias ? bias : (bias.slice() as FloatArray<P>);
  }

  set bias(values: Data) {
    setParameters(this.$.memory, values, () => {
      this.$.memory.live();
      const { bias: block, size, name, hasBias } = this.$;
      if (hasBias) return { what: `the bias of the layer ${show(name)}`, rows: 1, size, block };
      const why = "it was made with `bias: false`";
      throw new GraphError("bad-option", `The layer ${show(name)} has no bias: ${why}.`);
    });
  }

  /** Whether it has a bias: not where it was made with `bias: false`. */
  get hasBias(): boolean {
    this.$.memory.live();
    return this.$.hasBias;
  }

  /** How its sums are normalised: over its units, or not at all. */
  get norm(): "layer" | undefined {
    this.$.memory.live();
    return this.$.norm;
  }

  /**
   * The norm's gain, (size): a view to read and write; `undefined` where there is no norm. Settable as `bias` is; `bad-option`
   * where there is no norm.
   */
  get gain(): FloatArray<P> | undefined {
    const { memory, gain } = this.$;
    memory.live();
    return gain && (memory.parameters(gain) as FloatArray<P>);
  }

  set gain(values: Data) {
    setParameters(this.$.memory, values, () => {
      this.$.memory.live();
      const { gain: block, size, name } = this.$;
      if (block !== undefined) return { what: `the gain of the layer ${show(name)}`, rows: 1, size, block };
      throw new GraphError("bad-option", `The layer ${show(name)} has no gain: it has no norm.`);
    });
  }

  /** The share of units that a training step hides from other layers; 0 where none is. */
  get dropout(): number {
    this.$.memory.live();
    return this.$.dropout;
  }

  /** What an output's cost counts in the whole cost; `undefined` for other layers. */
  get weight(): number | undefined {
    this.$.memory.live();
    return this.$.kind === "output" ? this.$.weight : undefined;
  }

  /**
   * Whether bias and gain are kept from learning. The weights that come in are not part of the layer: `graph.freeze` freezes
   * those too. Settable. Throws `bad-option`, `busy`.
   */
  get frozen(): boolean {
    this.$.memory.live();
    return this.$.frozen;
  }

  set frozen(frozen: boolean) {
    this.$.memory.idle();
    this.$.frozen = flag(frozen, "frozen", `the layer ${show(this.$.name)}`);
    this.$.memory.relearn();
  }

  /**
   * The pre-activations of the last pass that reached the layer, (rows, size); empty before one. Many rows are predicted and
   * evaluated in pieces: then those of the last piece.
   */
  get pre(): FloatArray<P> {
    return this.$.memory.states(this.$, this.$.pre) as FloatArray<P>;
  }

  /** The post-activations of the last pass that reached the layer, (rows, size); empty before one. As for `pre`, of its last piece. */
  get post(): FloatArray<P> {
    return this.$.memory.states(this.$, this.$.post) as FloatArray<P>;
  }
}

export type LayerKind = "input" | "hidden" | "output";

/** What the engine knows of a layer. */
export interface LayerState {
  /** After its removal, one that refuses every use. */
  memory: Memory;
  readonly name: string;
  readonly kind: LayerKind;
  size: number;
  readonly activation: Choice<Activation>;
  readonly loss: Choice<Loss> | undefined;
  /** Its place in the order of creation. */
  index: number;
  /** The places of its bias among the parameters, and of its gain, if it has a norm. */
  readonly bias: Block;
  readonly gain: Block | undefined;
  readonly hasBias: boolean;
  readonly norm: "layer" | undefined;
  readonly dropout: number;
  readonly weight: number;
  frozen: boolean;
  /** In connection order. */
  readonly incoming: Synapse[];
  readonly outgoing: Synapse[];
  /** What level.ts keeps of it. */
  level: number;
  near: { readonly $: LayerState }[];
  search: number;
  scaler: Scaler | undefined;
  /** The rows of the last pass that reached it. */
  rows: number;
  /** Pointers of state matrices, 0 before there is one, and the rows that each has room for. */
  pre: number;
  post: number;
  input: number;
  delta: number;
  target: number;
  normalized: number;
  rstd: number;
  dropoutMask: number;
  droppedPost: number;
  lossWeights: number;
  stateRoom: number;
  deltaRoom: number;
  targetRoom: number;
  lossWeightsRoom: number;
}

/** A layer's own options, read. */
export interface LayerFacts extends Pick<LayerState, "hasBias" | "norm" | "dropout" | "weight" | "frozen"> {
  /** What the bias starts at, (size); undefined for zeros. */
  readonly start: Vector | undefined;
}

const known = ["bias", "frozen", "dropout", "norm"];

/**
 * The names of the options that a layer of some kind has.
 * @internal
 */
export const layerOptions: Readonly<Record<LayerKind, readonly string[]>> = {
  input: known,
  hidden: known,
  output: [...known, "weight"],
};

/**
 * Reads a layer's options. Throws `bad-option`; `bad-shape` or `not-finite` for a bias.
 * @internal
 */
export function readLayer(
  given: unknown,
  kind: LayerKind,
  name: string,
  size: number,
  precision: Precision,
): LayerFacts {
  const of = `the layer ${show(name)}`;
  const {
    bias = true,
    frozen = false,
    dropout = 0,
    norm,
    weight = 1,
  } = options(given, layerOptions[kind], of);
  if (norm !== undefined && norm !== "layer") {
    throw new GraphError("bad-option", `The norm of ${of} is "layer", if it has one, not ${show(norm)}.`);
  }
  return {
    hasBias: bias !== false,
    start: typeof bias === "boolean" ? undefined : readBias(bias, of, size, precision),
    norm,
    dropout: amount(dropout, `The dropout of ${of}`, 0, 1),
    weight: amount(weight, `The weight of ${of}`, 0),
    frozen: flag(frozen, `frozen`, of),
  };
}

/** What a bias starts at: the caller's numbers are copied. */
function readBias(bias: unknown, of: string, size: number, precision: Precision): Float64Array {
  const what = `the bias of ${of}`;
  const values = typeof bias === "number" ? zeros(size, what).fill(bias) : numbers(bias, what, size);
  const wrong = values.findIndex((value) => !holds(precision, value));
  if (wrong < 0) return values;
  throw new GraphError(
    "not-finite",
    `The bias of ${of} has ${values[wrong]} in unit ${wrong}, in ${precision}.`,
  );
}

/**
 * Whether its bias learns.
 * @internal
 */
export function learnsBias({ hasBias, frozen }: LayerState): boolean {
  return hasBias && !frozen;
}

export interface LayerOptions {
  /** What the bias starts at, 0 by default: a number for every unit, or one for each. `false`: 0, and it doesn't learn. */
  readonly bias?: boolean | number | Vector;
  /** Whether bias and gain are kept from learning; `false` by default. */
  readonly frozen?: boolean;
  /** The share of units, from 0 to below 1, that a training step hides from other layers at random; 0 by default. */
  readonly dropout?: number;
  /** `"layer"`: each sample's sums are brought to mean 0 and deviation 1, and multiplied by a gain that is learnt. */
  readonly norm?: "layer";
}

export interface OutputOptions extends LayerOptions {
  /** What the output's cost counts in the whole cost, from 0 on; 1 by default. */
  readonly weight?: number;
}
