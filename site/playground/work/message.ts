// The messages between the page and the worker that trains. Each order has a reply by the order's id; frames come by themselves.

import type { Settings, Sketch } from "../model/sketch.ts";

/** An error of the engine, as `GraphError` has it. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details?: unknown;
}

/** The numbers that frames hold. */
export interface Look {
  /** Whether the page draws surfaces: the value of each unit over the plane of two inputs, or over the line of one. */
  readonly surfaces: boolean;
  /** Points on a side of the surfaces in boxes; 0: none. */
  readonly points: number;
  /** A unit whose surface is drawn larger, and its points on a side. */
  readonly large?: { readonly layer: string; readonly unit: number; readonly points: number };
  /** A sample whose states are shown: a row of the training or held-out data, or values for each input. */
  readonly sample?:
    | { readonly rows: "training" | "heldOut"; readonly row: number }
    | { readonly values: Readonly<Record<string, readonly number[]>> };
  /** An output's unit whose gradient with respect to the sample's inputs is shown. */
  readonly gradient?: { readonly output: string; readonly unit: number };
}

export type Order =
  /** Builds the sketch's graph and data, and trains its steps. Replies `opened`, or a refusal that changes nothing. */
  | { readonly kind: "open"; readonly id: number; readonly sketch: Sketch }
  | { readonly kind: "run"; readonly id: number }
  | { readonly kind: "pause"; readonly id: number }
  /** Trains some steps, or to the end of the epoch. Replies after them. */
  | { readonly kind: "step"; readonly id: number; readonly steps: number }
  | { readonly kind: "epoch"; readonly id: number }
  /** Changes settings from the next step on; the frame's sketch lists the change. */
  | { readonly kind: "settings"; readonly id: number; readonly settings: Settings }
  | { readonly kind: "look"; readonly id: number; readonly look: Look }
  /** Replies with the graph's file (`save`). */
  | { readonly kind: "save"; readonly id: number };

export type Reply =
  | { readonly kind: "done"; readonly id: number; readonly bytes?: Uint8Array }
  | { readonly kind: "opened"; readonly id: number; readonly lesson: Lesson }
  | { readonly kind: "refused"; readonly id: number; readonly refusal: Refusal };

/** The data of a sketch, as the page draws it. */
export interface Lesson {
  readonly inputs: readonly {
    readonly name: string;
    readonly size: number;
    readonly shape: readonly number[];
  }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly size: number;
    readonly goal: "classes" | "number";
    /** Names of classes, or of the columns. */
    readonly labels: readonly string[];
  }[];
  readonly training: Rows;
  readonly heldOut: Rows;
  /** Steps in time of each row; undefined without time. */
  readonly steps?: number;
  /** Bounds of a plane or line: least and greatest value of each input unit. */
  readonly bounds: readonly (readonly [number, number])[];
}

/** Values of rows, row by row; targets of classes are shares, one a class. */
export interface Rows {
  readonly count: number;
  readonly xs: Readonly<Record<string, Float64Array>>;
  readonly ts: Readonly<Record<string, Float64Array>>;
}

/** Means over an epoch, or over the held-out rows. */
export interface Score {
  readonly cost: number;
  readonly accuracy?: number;
  readonly mae?: number;
}

/** Posted at most once for each frame of the screen, and after each order that trains. */
export interface Frame {
  readonly kind: "frame";
  readonly running: boolean;
  readonly step: number;
  /** Whole epochs that are done. */
  readonly epoch: number;
  readonly samplesPerSecond: number;
  /** Scores since the last frame, oldest first: at the ends of epochs, and of slices where epochs are long. */
  readonly scores: readonly {
    readonly step: number;
    readonly epoch: number;
    readonly training: Score;
    readonly heldOut?: Score;
  }[];
  /** Changes of settings so far. */
  readonly changes: Sketch["changes"];
  /** Weights of each synapse in the sketch's order, row by row of the source; at most 4,096 of each, else a share of them. */
  readonly weights: readonly (Float32Array | undefined)[];
  /** Biases of each layer by name. */
  readonly biases: Readonly<Record<string, Float32Array>>;
  /** Values of a layer's units over the grid: unit by unit, then from the least x2 upwards, each row from the least x1. */
  readonly surfaces: Readonly<Record<string, Float32Array>>;
  readonly large?: Float32Array;
  /** Values of all layers for the sample that `Look` asks for; with time, of the last step. */
  readonly states: Readonly<Record<string, Float32Array>>;
  /** Derivatives of the asked unit with respect to the inputs. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** Training has failed. The graph has the parameters before the step that failed. */
export interface Failure {
  readonly kind: "failed";
  readonly refusal: Refusal;
  readonly step: number;
}

export type Message = Reply | Frame | Failure;
