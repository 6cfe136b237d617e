/**
 * Plexus: a neural-network engine for networks of any shape.
 *
 * @module
 */

export { type ErrorCode, GraphError } from "./error.js";
export { crossValidate, type Fold, type FoldOptions } from "./fit/folds.js";
export { report } from "./fit/report.js";
export { readSafetensors, type Safetensors, type TensorValues } from "./format/archive.js";
export { type AnyGraph, Graph } from "./graph.js";
export type { Layer, LayerKind } from "./layer.js";
export { Scaler, type ScalerKind } from "./scaler.js";
export type { GraphSpec } from "./spec.js";
export type { Synapse } from "./synapse.js";
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
} from "./types.js";
