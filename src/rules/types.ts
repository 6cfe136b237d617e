// The types that calls share.

import type { Synapse } from "../model/synapse.js";
import type { inits } from "./init.js";
import type { metrics } from "./metric.js";
import type { activations, losses, precisions } from "./rule.js";

export type Precision = keyof typeof precisions;
export type Activation = keyof typeof activations;
export type Loss = keyof typeof losses;
/** An activation by name, or with its own number: leakyRelu's slope (0.01), elu's alpha (1). */
export type ActivationOption =
  | Activation
  | { readonly name: "leakyRelu"; readonly slope?: number }
  | { readonly name: "elu"; readonly alpha?: number };
/** A loss by name, or with its own number: huber's delta (1), above 0; smoothing of targets (0), from 0 to below 1. */
export type LossOption =
  | Loss
  | { readonly name: "huber"; readonly delta?: number }
  | { readonly name: "entropy" | "crossEntropy"; readonly smoothing?: number };
/** How weights start, by name, or with its own numbers. README.md has the table. */
export type NamedInit =
  | Exclude<keyof typeof inits, "constant">
  | { readonly name: "uniform"; readonly low?: number; readonly high?: number }
  | { readonly name: "normal"; readonly mean?: number; readonly deviation?: number }
  | { readonly name: "orthogonal"; readonly gain?: number }
  | { readonly name: "constant"; readonly value: number };
/** How weights start, or the weights themselves: (size of from, size of to), row-major, flat or as rows. */
export type Init = NamedInit | { readonly values: Data };
export type SynapseKind = "dense" | "identity";

export type FloatArray<P extends Precision> = P extends "float32" ? Float32Array : Float64Array;
export type TypedArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;
export type Vector = readonly number[] | TypedArray;

/** k samples: a flat array of k × size numbers, row-major, or an array of k rows. */
export type Data = Vector | readonly Vector[];

/** The learning rate: finite and ≥ 0, by the number of steps made before, or by a schedule. */
export type Rate = number | ((step: number) => number) | Schedule;

/** A rate that changes as training goes on; README.md has the formulas. */
export type Schedule =
  | { readonly name: "constant"; readonly rate: number; readonly warmup?: number }
  | { readonly name: "step"; readonly rate: number; readonly every: number; readonly factor?: number }
  | { readonly name: "exponential"; readonly rate: number; readonly factor: number; readonly every?: number }
  | {
      readonly name: "cosine";
      readonly rate: number;
      readonly steps: number;
      readonly floor?: number;
      readonly warmup?: number;
      readonly restarts?: number;
      readonly growth?: number;
    }
  | {
      readonly name: "oneCycle";
      readonly rate: number;
      readonly steps: number;
      readonly start?: number;
      readonly divisor?: number;
      readonly finalDivisor?: number;
    }
  | {
      readonly name: "reduceOnPlateau";
      readonly rate: number;
      readonly factor?: number;
      readonly patience?: number;
      readonly minRate?: number;
      readonly minDelta?: number;
    };

/** How gradients change parameters: a name, with all defaults, or a name and options. */
export type Optimizer = OptimizerOptions["name"] | OptimizerOptions;

/** README.md has the formulas and the defaults. */
export type OptimizerOptions = {
  readonly rate?: Rate;
  /** From 0 on; 0 by default, with adamw 0.01. */
  readonly weightDecay?: number;
  /** The largest norm of all gradients of a step together; they are shortened to it. Not with `clipValue`. */
  readonly clipNorm?: number;
  /** The largest magnitude of each derivative. */
  readonly clipValue?: number;
} & (
  | { readonly name: "sgd"; readonly momentum?: number; readonly nesterov?: boolean }
  | {
      readonly name: "rmsprop";
      readonly alpha?: number;
      readonly epsilon?: number;
      readonly momentum?: number;
      readonly centered?: boolean;
    }
  | { readonly name: "adagrad"; readonly epsilon?: number }
  | {
      readonly name: "adam" | "adamw";
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
    }
  | {
      readonly name: "nadam";
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
      readonly momentumDecay?: number;
    }
  | { readonly name: "lion"; readonly beta1?: number; readonly beta2?: number }
);

/** What each sample, and each unit of it, counts: Σ w · m · loss / rows is the cost. */
export interface DataOptions {
  /** A number for each sample; 1 by default. Negative ones (advantages) where no metrics are computed. */
  readonly sampleWeights?: Vector;
  /** By outputs' names: a non-negative number for each sample, or for each unit of each sample. Targets that count 0 are not looked at. */
  readonly mask?: Readonly<Record<string, Data>>;
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

export interface SynapseOptions {
  /** Tells a synapse from others between the same layers. */
  readonly name?: string;
  /** `"dense"`: a matrix of weights, by default. `"identity"`: layers of equal sizes, joined unit to unit, without parameters. */
  readonly kind?: SynapseKind;
  /** Whether the weights are kept from learning; `false` by default. */
  readonly frozen?: boolean;
  /** The cost has l1 · Σ |w| and l2 · Σ w² added, both from 0 on; 0 by default. */
  readonly l1?: number;
  readonly l2?: number;
  /** After each step, the weights into a unit are shortened to this norm where theirs is larger. */
  readonly maxNorm?: number;
  /** Another synapse of the graph, of the same shape, whose weights this one has too. */
  readonly share?: Synapse;
  /**
   * How the weights start, the graph's `init` by default: `"glorot"` in ±√(6 / (from + to)); `"he"` in ±√(6 / from), for deep
   * chains of relu; `"uniform"` in (-1, 1); and others.
   */
  readonly init?: Init;
}

/** Of `resize`. */
export interface ResizeOptions {
  /** How new weights start: by default as those of their synapse did, or as the graph's where these were given as values. */
  readonly init?: NamedInit;
}

/** A layer as a constructor declares it: its size alone, or its size and the rest. */
export type LayerSpec =
  | number
  | (LayerOptions & { readonly size: number; readonly activation?: ActivationOption });
export type OutputSpec =
  | number
  | (OutputOptions & {
      readonly size: number;
      readonly activation?: ActivationOption;
      readonly loss?: LossOption;
    });

export interface SaveOptions {
  /** Whether what the optimizer keeps (steps, moments) is saved, too; `true` by default. */
  readonly optimizer?: boolean;
}

export interface CopyOptions {
  /** The share of the way to the other graph's parameters, from 0 to 1; 1 by default. */
  readonly tau?: number;
}

/** A tensor, row-major: as many values as the product of its shape. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly values: Vector;
}

export interface AssignOptions {
  /** The name in the graph for a name in the record; undefined for a tensor to leave out. */
  map?(name: string): string | undefined;
  /** Whether matrices are (to, from), as PyTorch's Linear has them, and not (from, to); `false` by default. */
  readonly transpose?: boolean;
}

/** Some of a record's keys, at least one. */
export type SomeOf<N extends string, V> = string extends N
  ? Readonly<Record<string, V>>
  : { [K in N]: Readonly<Record<K, V> & Partial<Record<N, V>>> }[N];

/** No hidden layer was declared: none is known if the other names are, any is if they are not. */
export type Undeclared<Known extends string> = string extends Known ? string : never;

/** Options of `gradients` for a cost J that the caller computes. */
export interface UpstreamOptions<Out extends string = string> extends DataOptions {
  /** By outputs' names: dJ/dy for the values y that `predict` returns, (rows, size). */
  readonly outputs: SomeOf<Out, Data>;
}

/** What `gradients` gives: each a derivative of the cost. */
export interface Gradients<P extends Precision = "float64"> {
  readonly cost: number;
  /** By the given values, (rows, size). */
  readonly inputs: Record<string, FloatArray<P>>;
  /** By the biases, (size). */
  readonly bias: Record<string, FloatArray<P>>;
  /** By the gains of norms, (size). */
  readonly gain: Record<string, FloatArray<P>>;
  /** By the weights, in connection order; weights that synapses share stand once, by the synapse that has them. */
  readonly weights: readonly WeightGradient<P>[];
}

export interface WeightGradient<P extends Precision = "float64"> {
  readonly name: string | undefined;
  readonly from: string;
  readonly to: string;
  /** Size of `from`, size of `to`. */
  readonly shape: readonly [number, number];
  readonly values: FloatArray<P>;
}

export interface GradCheckOptions extends DataOptions {
  /** The step of the central differences; 1e-6 by default. */
  readonly epsilon?: number;
  /** Bounds of |analytic - numeric|: atol + rtol · |numeric|; 1e-5 and 1e-3 by default. */
  readonly atol?: number;
  readonly rtol?: number;
}

/** What `gradCheck` gives. */
export interface GradCheck {
  /** Whether every derivative is within the bounds. */
  readonly ok: boolean;
  /** How many were compared. */
  readonly checked: number;
  /** The one that is farthest off, measured by its bound. */
  readonly worst: {
    readonly kind: "bias" | "gain" | "weights" | "inputs";
    /** A layer's name; of weights the synapse's name, or `from → to`. */
    readonly name: string;
    readonly index: number;
    readonly analytic: number;
    readonly numeric: number;
    readonly error: number;
  };
}

export type Metric = Exclude<keyof typeof metrics, "topK"> | { readonly name: "topK"; readonly k?: number };

export interface EvaluateOptions extends DataOptions {
  /** What each output is measured by; by default the accuracy, for entropy, crossEntropy and kl. */
  readonly metrics?: readonly Metric[];
}

/**
 * An output's cost, and the metrics that were asked for and are defined. With `entropy` and several units, every unit is a
 * label of its own, on from 0.5. Costs are of scaled targets where the output has a scaler.
 */
export interface OutputScore {
  readonly cost: number;
  /** The share of rows whose largest unit agrees, ties to the lowest; one unit: the same side of 0.5. Of labels, the share that is right. */
  readonly accuracy?: number;
  /** The share of rows whose true class is among the k (5) largest units. */
  readonly topK?: number;
  /** The mean of |y - t|, in the units that `predict` returns. */
  readonly mae?: number;
  /** 1 - Σ (t - y)² / Σ (t - mean of t)², the mean over the units whose targets differ; absent where none do. */
  readonly r2?: number;
  /** The mean over the classes that occur; one unit: of the side from 0.5 on; the mean of that over labels. */
  readonly precision?: number;
  readonly recall?: number;
  readonly f1?: number;
  /** Area under the ROC curve: the mean over the classes, or labels, that some rows have and some have not; absent where there are none. */
  readonly auc?: number;
  /** Rows by their true class, then by the one predicted: size × size, or 2 × 2 for one unit; 2 × 2 for each label. */
  readonly confusion?: number[][] | number[][][];
}

export interface Evaluation<Out extends string = string> {
  readonly cost: number;
  readonly outputs: Record<Out, OutputScore>;
}

export interface Dataset<In extends string = string, Out extends string = string> extends DataOptions {
  readonly xs: Readonly<Partial<Record<In, Data>>>;
  readonly ts: SomeOf<Out, Data>;
}

/** An `AbortSignal`, by what is used of it: hosts' types need not have one. */
export interface Signal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

type Batches<D> = Iterable<D> | AsyncIterable<D>;

/** What `fit` learns from: all samples, or batches one after another; for several epochs, a function that begins them anew. */
export type FitData<In extends string = string, Out extends string = string> =
  | Dataset<In, Out>
  | Batches<Dataset<In, Out>>
  | (() => Batches<Dataset<In, Out>>);

export interface FitOptions<In extends string = string, Out extends string = string> {
  /** How often the data is gone through; 1 by default. */
  readonly epochs?: number;
  /** Samples to a step; 32 by default. */
  readonly batchSize?: number;
  /** Whether each epoch has its own order, by the graph's generator; true by default. */
  readonly shuffle?: boolean;
  /** Data to evaluate after each epoch, or the share of the rows, the last ones, that is kept apart for that. */
  readonly validation?: number | Dataset<In, Out>;
  /**
   * What is measured beside costs: of the validation data, or, where there is none, of the data itself after each epoch, if
   * it is there at once.
   */
  readonly metrics?: readonly Metric[];
  /** Stops between two batches. */
  readonly signal?: Signal;
  /** Stops after so many epochs in which what is monitored didn't improve by more than `minDelta`. */
  readonly patience?: number;
  /** 0 by default. */
  readonly minDelta?: number;
  /** A path in `Progress`, as `"validation.outputs.y.accuracy"`; `"validation.cost"` by default, without validation `"cost"`. */
  readonly monitor?: string;
  /** Which is better: `"min"` for costs and `mae`, else `"max"`. */
  readonly mode?: "min" | "max";
  /** Whether the run ends with the parameters of its best epoch; true where `patience` is given. */
  readonly restoreBest?: boolean;
  /** Seconds. */
  readonly timeLimit?: number;
  /** Ends an epoch after so many steps: the next one begins the data anew. */
  readonly stepsPerEpoch?: number;
  /** Fits a scaler to these inputs and targets, and gives it to the graph. */
  readonly scale?: Readonly<Record<string, "standard" | "minmax">>;
  /** Called after each step. */
  onBatch?(progress: Progress): void;
  /** Called, and waited for, after each epoch. */
  onEpoch?(progress: Progress): void | Promise<void>;
  /** `save` is given all that a later run needs to go on; after each epoch where neither number is given. */
  readonly checkpoint?: {
    readonly everyEpochs?: number;
    readonly everySeconds?: number;
    save(checkpoint: Checkpoint): void | Promise<void>;
  };
  /** Goes on where a checkpoint was made. */
  readonly resume?: Checkpoint;
}

export interface Progress {
  readonly kind: "batch" | "epoch";
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps so far in the whole run. */
  readonly step: number;
  /** Steps of the whole run, where they are known. */
  readonly steps?: number;
  /** Of a batch, its cost before the step; of an epoch, the mean of those over its samples. */
  readonly cost: number;
  readonly rate: number;
  /** Of an epoch, by outputs: the same means, or, with `metrics` and without validation, what the data scores after it. */
  readonly outputs?: Readonly<Record<string, OutputScore>>;
  readonly validation?: Evaluation;
  readonly samplesPerSecond: number;
  readonly seconds: number;
  readonly secondsLeft?: number;
}

export interface History {
  readonly epochs: readonly Progress[];
  /** Why the run ended; not there before. */
  readonly stopped: "epochs" | "patience" | "time" | "aborted" | "break";
  readonly steps: number;
  readonly seconds: number;
  readonly best?: { readonly epoch: number; readonly monitor: string; readonly value: number };
}

/**
 * A training on its way. Await it for its history, or go through it by `for await`: that gives every epoch, and the newest
 * batch; to leave the loop ends the training.
 */
export interface FitRun extends PromiseLike<History>, AsyncIterable<Progress> {
  readonly catch: Promise<History>["catch"];
  readonly finally: Promise<History>["finally"];
  /** So far. */
  readonly history: History;
}

/** What a run needs to go on later, as plain data for `JSON.stringify`. */
export interface Checkpoint {
  readonly format: "plexus-checkpoint";
  readonly version: 1;
  /** As by `toJSON`. */
  readonly graph: object;
  /** The place in the run, its options and its history. */
  readonly fit: object;
}

/** `details` of the error `diverged`. */
export interface DivergedDetails {
  /** In `fit`: both from 1. */
  readonly epoch?: number;
  readonly batch?: number;
  /** The step that failed, from 1: in `fit` of the run, in `train` of the optimizer. */
  readonly step: number;
  /** Where it shows first: in the values, then in the costs, backward in the gradients, in the updated parameters. */
  readonly layer: string;
  /** The largest of all gradients' absolute values; Infinity where one is not finite. */
  readonly largestGradient: number;
  /** What may help. */
  readonly hint: string;
}
