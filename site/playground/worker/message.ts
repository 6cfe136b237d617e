// The messages between the page and the worker that trains. Each order has a reply by the order's id; frames come by themselves.

import type { Lesson } from "../model/lesson.ts";
import type { Refusal } from "../model/refusal.ts";
import type { Settings, Sketch } from "../model/sketch.ts";

/** The numbers that frames hold. */
export interface Look {
  /** Whether the page draws surfaces: the value of each unit over the plane of two inputs, or over the line of one. */
  readonly surfaces: boolean;
  /** Points on a side of the surfaces in boxes; 0: none. */
  readonly points: number;
  /** Most units of a layer, its first ones, that have a surface in its box; without it all. */
  readonly units?: number;
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
  /**
   * Ends a run, builds the sketch's graph and data, and trains its steps, with a `replay` message for each 50 ms of that. Replies
   * `opened`, or a refusal that keeps the former sketch. A later `open` ends an earlier one, which replies with the refusal
   * `replaced`.
   */
  | { readonly kind: "open"; readonly id: number; readonly sketch: Sketch }
  /** Trains until `pause`, at most `pace` steps a second; without it as fast as possible. May be sent again in a run. */
  | { readonly kind: "run"; readonly id: number; readonly pace?: number }
  | { readonly kind: "pause"; readonly id: number }
  /** Trains some steps, or to the end of the epoch. Replies after them. */
  | { readonly kind: "step"; readonly id: number; readonly steps: number }
  | { readonly kind: "epoch"; readonly id: number }
  /** Changes settings from the next step on; the frame's sketch lists the change. */
  | { readonly kind: "settings"; readonly id: number; readonly settings: Settings }
  | { readonly kind: "look"; readonly id: number; readonly look: Look }
  /** Replies with the graph's file (`save`). */
  | { readonly kind: "save"; readonly id: number }
  /** Continues a text of a lesson of characters by `count` characters, the likeliest or drawn. Replies with the text. */
  | {
      readonly kind: "write";
      readonly id: number;
      readonly text: string;
      readonly count: number;
      /** 0: always the likeliest. */
      readonly temperature: number;
    };

export type Reply =
  | { readonly kind: "done"; readonly id: number; readonly bytes?: Uint8Array; readonly text?: string }
  | { readonly kind: "opened"; readonly id: number; readonly lesson: Lesson }
  | { readonly kind: "refused"; readonly id: number; readonly refusal: Refusal };

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
  /** Changes of settings so far; left out where they are as in the last frame. */
  readonly changes?: Sketch["changes"];
  /** Settings of the next step. */
  readonly settings: Settings;
  /** Weights of each synapse in the sketch's order, row by row of the source; at most 4,096 of each, else a share of them. */
  readonly weights: readonly (Float32Array | undefined)[];
  /** Biases of each layer by name. */
  readonly biases: Readonly<Record<string, Float32Array>>;
  /** Values of a layer's units over the grid, unit by unit. A unit's begin at the least x2 and go upwards, each row from the least x1. Empty where they are as in the last frame. */
  readonly surfaces: Readonly<Record<string, Float32Array>>;
  readonly large?: Float32Array;
  /** Values of all layers for the sample that `Look` asks for; with time, of the last step. */
  readonly states: Readonly<Record<string, Float32Array>>;
  /** Predictions of all outputs for that sample, of all steps. */
  readonly predictions: Readonly<Record<string, Float32Array>>;
  /** Derivatives of the asked unit with respect to the inputs. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** Training has failed at a step, and has stopped. The graph went back to the step `back`, its best one of this run. */
export interface Failure {
  readonly kind: "failed";
  readonly refusal: Refusal;
  /** Advice of the engine, if it has any. */
  readonly hint?: string;
  readonly step: number;
  readonly back: number;
}

/** Steps of an `open` so far. */
export interface Replay {
  readonly kind: "replay";
  readonly id: number;
  readonly step: number;
  readonly steps: number;
}

export type Message = Reply | Frame | Failure | Replay;
