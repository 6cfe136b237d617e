/**
 * Plexus: a neural-network engine for networks of any shape.
 *
 * @module
 */

export { type ErrorCode, GraphError } from "./error.js";
export { Graph, type GraphSpec } from "./graph.js";
export type { Layer, LayerKind } from "./layer.js";
export type { Synapse } from "./synapse.js";
export type {
  Activation,
  Data,
  Dataset,
  Evaluation,
  FitOptions,
  FloatArray,
  Gradients,
  History,
  Init,
  LayerOptions,
  LayerSpec,
  Loss,
  NoOptions,
  Optimizer,
  OutputScore,
  OutputSpec,
  Precision,
  Progress,
  SynapseOptions,
  TypedArray,
  Vector,
  WeightGradient,
} from "./types.js";
