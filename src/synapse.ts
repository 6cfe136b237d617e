import type { Layer } from "./layer.js";
import type { Memory } from "./memory.js";
import type { FloatArray, Init, Precision } from "./types.js";

/** A linear map from one layer to another: a dense matrix of weights. Every read throws `disposed` after `dispose()`. */
export class Synapse<P extends Precision = Precision> {
  /** @internal */ readonly $: SynapseState;

  /** @internal */
  constructor(state: SynapseState) {
    this.$ = state;
  }

  get name(): string | undefined {
    this.$.memory.live();
    return this.$.name;
  }

  get from(): Layer {
    this.$.memory.live();
    return this.$.from;
  }

  get to(): Layer {
    this.$.memory.live();
    return this.$.to;
  }

  get init(): Init {
    this.$.memory.live();
    return this.$.init;
  }

  /** The size of `from`, the size of `to`. */
  get shape(): readonly [number, number] {
    this.$.memory.live();
    return [this.$.from.$.size, this.$.to.$.size];
  }

  /**
   * The engine's own weights, row-major, to read and write. A view made at each read: good until the next call that adds to
   * a graph or meets a larger batch, since all graphs share one memory.
   */
  get weights(): FloatArray<P> {
    const { memory, offset, from, to } = this.$;
    return memory.parameters(offset, from.$.size * to.$.size) as FloatArray<P>;
  }
}

/**
 * What the engine knows of a synapse.
 * @internal
 */
export interface SynapseState {
  readonly memory: Memory;
  readonly name: string | undefined;
  readonly from: Layer;
  readonly to: Layer;
  readonly init: Init;
  /** Its place in connection order. */
  readonly index: number;
  /** Its first weight's place among the parameters. */
  readonly offset: number;
}
