/**
 * Plexus: a neural-network engine for networks of any shape.
 *
 * @module plexus-nn
 */

export { type DivergedDetails, type ErrorCode, GraphError } from "./base/error.js";
export { type Image, pixels } from "./base/pixels.js";
export type { FloatArray, Precision } from "./base/precision.js";
export type { Data, TypedArray, Vector } from "./base/read.js";
export type { AssignOptions, NamedTensor } from "./calls/assignment.js";
export type { Gradients, WeightGradient } from "./calls/derivatives.js";
export type { ResizeOptions } from "./calls/edit.js";
export type { EvaluateOptions } from "./calls/evaluate.js";
export type { GradCheck, GradCheckOptions } from "./calls/gradcheck.js";
export type { PruneOptions } from "./calls/prune.js";
export type { Evaluation } from "./calls/score.js";
export type { TimeOptions } from "./calls/timing.js";
export type { CopyOptions } from "./calls/transfer.js";
export type { UpstreamOptions } from "./calls/upstream.js";
export type { DataOptions } from "./calls/weighting.js";
export type { Dataset, FitData } from "./fit/dataset.js";
export type { Checkpoint, FitRun, History, Progress } from "./fit/history.js";
export type { FitOptions } from "./fit/options.js";
export { report } from "./fit/report.js";
export type { Signal } from "./fit/signal.js";
export type { SaveOptions } from "./format/description.js";
export { readSafetensors, type Safetensors, type TensorValues } from "./format/tensors.js";
export { type CrossValidation, crossValidate, type Fold } from "./graph/crossvalidate.js";
export type { FoldOptions } from "./graph/folds.js";
export { type AnyGraph, Graph } from "./graph/graph.js";
export type { Layer } from "./graph/layer.js";
export type { GraphSpec } from "./graph/spec.js";
export { State } from "./graph/state.js";
export type { Synapse, SynapseOptions } from "./graph/synapse.js";
export type { CellKind, CellOptions, GruOptions, LstmOptions } from "./model/cell.js";
export type { CellSpec, InputSpec, LayerSpec, OutputSpec } from "./model/declaration.js";
export type { InputOptions, LayerKind, LayerOptions, OutputOptions } from "./model/layer.js";
export type { Activation, ActivationOption } from "./rules/activation.js";
export type { Init, NamedInit } from "./rules/init.js";
export type { Join } from "./rules/join.js";
export type { SynapseKind } from "./rules/link.js";
export type { Loss, LossOption } from "./rules/loss.js";
export type { Metric, OutputScore } from "./rules/metric.js";
export type { Norm } from "./rules/norm.js";
export type { Optimizer, OptimizerOptions } from "./rules/optimizer.js";
export type { Extents, Padding } from "./rules/padding.js";
export { Scaler, type ScalerKind } from "./rules/scaler.js";
export type { Rate, Schedule } from "./rules/schedule.js";
export type { Shape, Size } from "./rules/shape.js";
