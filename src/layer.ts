import type { Memory } from "./memory.js";
import type { Synapse } from "./synapse.js";
import type { Activation, FloatArray, Loss, Precision } from "./types.js";

/**
 * Units that sum what their synapses bring, add a bias and apply an activation. Every read throws `disposed` after
 * `dispose()`. `bias`, `pre` and `post` are views of the engine's own memory, made at each read: good until the next call
 * that adds to a graph or meets a larger batch, since all graphs share one memory.
 */
export class Layer<N extends string = string, P extends Precision = Precision> {
  /** @internal */ readonly $: LayerState;

  /** @internal */
  constructor(state: LayerState) {
    this.$ = state;
  }

  get name(): N {
    this.$.memory.live();
    return this.$.name as N;
  }

  get kind(): LayerKind {
    this.$.memory.live();
    return this.$.kind;
  }

  /** Units. */
  get size(): number {
    this.$.memory.live();
    return this.$.size;
  }

  get activation(): Activation {
    this.$.memory.live();
    return this.$.activation;
  }

  /** An output's loss. */
  get loss(): Loss | undefined {
    this.$.memory.live();
    return this.$.loss;
  }

  /** (size), to read and write. */
  get bias(): FloatArray<P> {
    return this.$.memory.parameters(this.$.offset, this.$.size) as FloatArray<P>;
  }

  /** The pre-activations of the last pass that reached the layer, (rows, size); empty before one. */
  get pre(): FloatArray<P> {
    return this.$.memory.states(this.$, this.$.pre) as FloatArray<P>;
  }

  /** The post-activations of the last pass that reached the layer, (rows, size); empty before one. */
  get post(): FloatArray<P> {
    return this.$.memory.states(this.$, this.$.post) as FloatArray<P>;
  }
}

export type LayerKind = "input" | "hidden" | "output";

/**
 * What the engine knows of a layer.
 * @internal
 */
export interface LayerState {
  readonly memory: Memory;
  readonly name: string;
  readonly kind: LayerKind;
  readonly size: number;
  readonly activation: Activation;
  readonly loss: Loss | undefined;
  /** Its place in the order of creation. */
  readonly index: number;
  /** Its first bias's place among the parameters. */
  readonly offset: number;
  /** In connection order. */
  readonly incoming: Synapse[];
  readonly outgoing: Synapse[];
  /** The rows of the last pass that reached it. */
  rows: number;
  /** Pointers of state matrices, 0 before there is one, and the rows that each has room for. */
  pre: number;
  post: number;
  given: number;
  delta: number;
  target: number;
  stateRoom: number;
  deltaRoom: number;
  targetRoom: number;
}
