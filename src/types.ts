// The types that calls share.

import type { activations, inits, losses, precisions } from "./rule.js";

export type Precision = keyof typeof precisions;
export type Activation = keyof typeof activations;
export type Loss = keyof typeof losses;
export type Init = keyof typeof inits;

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

/** Plain gradient descent: p - rate · g. */
export interface Optimizer {
  readonly name: "sgd";
  /** The learning rate, finite and ≥ 0; 0.1 by default. */
  readonly rate?: number;
}

/** Options of a call that has none yet. */
export type NoOptions = Readonly<Record<string, never>>;

/** Options of a layer: none yet. */
export type LayerOptions = NoOptions;

export interface SynapseOptions {
  /** Tells a synapse from others between the same layers. */
  readonly name?: string;
  /**
   * How the weights start: `"uniform"` in (-1, 1); `"glorot"` in ±√(6 / (from + to)), for wide layers of sigmoid, tanh or
   * softmax; `"he"` in ±√(6 / from), for wide layers of relu.
   */
  readonly init?: Init;
}

/** A layer as a constructor declares it: its size alone, or its size and the rest. */
export type LayerSpec = number | { readonly size: number; readonly activation?: Activation };
export type OutputSpec =
  | number
  | { readonly size: number; readonly activation?: Activation; readonly loss?: Loss };

/** Some of a record's keys, at least one. */
export type SomeOf<N extends string, V> = string extends N
  ? Readonly<Record<string, V>>
  : { [K in N]: Readonly<Record<K, V> & Partial<Record<N, V>>> }[N];

/** No hidden layer was declared: none is known if the other names are, any is if they are not. */
export type Undeclared<Known extends string> = string extends Known ? string : never;

/** What `gradients` gives: each a derivative of the cost. */
export interface Gradients<P extends Precision = "float64"> {
  readonly cost: number;
  /** By the given values, (rows, size). */
  readonly inputs: Record<string, FloatArray<P>>;
  /** By the biases, (size). */
  readonly bias: Record<string, FloatArray<P>>;
  /** By the weights, in connection order. */
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

export interface OutputScore {
  readonly cost: number;
  /** The share of rows whose largest unit agrees; one unit: the same side of 0.5. Not for mse. */
  readonly accuracy?: number;
}

export interface Evaluation<Out extends string = string> {
  readonly cost: number;
  readonly outputs: Record<Out, OutputScore>;
}

export interface Dataset<In extends string = string, Out extends string = string> {
  readonly xs: Readonly<Partial<Record<In, Data>>>;
  readonly ts: SomeOf<Out, Data>;
}

export interface FitOptions {
  /** How often the data is gone through; 1 by default. */
  readonly epochs?: number;
  /** Samples to a step; 32 by default. */
  readonly batchSize?: number;
  /** Whether each epoch has its own order, by the graph's generator; true by default. */
  readonly shuffle?: boolean;
  /** Called, and waited for, after each epoch. */
  readonly onEpoch?: (progress: Progress) => void | Promise<void>;
}

export interface Progress {
  readonly kind: "epoch";
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps so far, and in the whole run. */
  readonly step: number;
  readonly steps: number;
  /** The mean over the epoch's samples of the cost before each step. */
  readonly cost: number;
  readonly rate: number;
  readonly samplesPerSecond: number;
  readonly seconds: number;
  readonly secondsLeft: number;
}

export interface History {
  readonly epochs: readonly Progress[];
  readonly stopped: "epochs";
  readonly steps: number;
  readonly seconds: number;
}
