// A call of a layer of Keras with tensors.

import type { Maker } from "./maker.js";
import type { Tensor } from "./tensor.js";
import type { Weights } from "./weights.js";

export type Config = Readonly<Record<string, unknown>>;

export interface Operation {
  /** Name of the layer. */
  readonly name: string;
  /** Name that its weights begin with: a layer inside another has its own. */
  readonly scope: string;
  readonly path: string;
  readonly type: string;
  readonly config: Config;
  readonly inputs: readonly Tensor[];
  readonly maker: Maker;
  readonly weights: Weights;
}
