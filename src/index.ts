/**
 * Plexus: a neural-network engine for networks of any shape.
 *
 * @module
 */

export { type ErrorCode, GraphError } from "./base/options.js";
export { report } from "./fit/report.js";
export { readSafetensors, type Safetensors, type TensorValues } from "./format/archive.js";
export { crossValidate, type Fold, type FoldOptions } from "./graph/crossvalidate.js";
export { type AnyGraph, Graph } from "./graph/graph.js";
export type { GraphSpec } from "./model/declaration.js";
export type { Layer, LayerKind } from "./model/layer.js";
export type { Synapse } from "./model/synapse.js";
export { Scaler, type ScalerKind } from "./rules/scaler.js";
export type {
  Activation,
  ActivationOption,
  AssignOptions,
  Checkpoint,
  CopyOptions,
  Data,
  DataOptions,
  Dataset,
  DivergedDetails,
  EvaluateOptions,
  Evaluation,
  FitData,
  FitOptions,
  FitRun,
  FloatArray,
  GradCheck,
  GradCheckOptions,
  Gradients,
  History,
  Init,
  LayerOptions,
  LayerSpec,
  Loss,
  LossOption,
  Metric,
  NamedInit,
  NamedTensor,
  Optimizer,
  OptimizerOptions,
  OutputOptions,
  OutputScore,
  OutputSpec,
  Precision,
  Progress,
  Rate,
  ResizeOptions,
  SaveOptions,
  Schedule,
  Signal,
  SynapseKind,
  SynapseOptions,
  TypedArray,
  UpstreamOptions,
  Vector,
  WeightGradient,
} from "./rules/types.js";
