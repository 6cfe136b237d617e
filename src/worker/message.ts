// What a page and its thread say to each other.

import type { Checkpoint, DivergedDetails, ErrorCode, History, Progress } from "../index.js";

/** From the page. */
export type Order =
  | {
      readonly kind: "begin";
      /** As by `toJSON`. */
      readonly graph: object;
      /** A dataset, or how its batches are asked for one by one. */
      readonly data: unknown;
      readonly batches: "iterable" | "function" | undefined;
      /** Those that can be sent, and the names of the functions that can't. */
      readonly options: Readonly<Record<string, unknown>>;
      readonly functions: readonly string[];
      readonly stop: Stop | undefined;
    }
  | { readonly kind: "stop"; readonly stop: Stop }
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly value?: unknown;
      /** What was asked for has failed; the page keeps the error. */
      readonly failed: boolean;
      readonly stop: Stop | undefined;
    };

export type Stop = "aborted" | "break";

/** What a thread asks the page for, each with a number that the answer has, too. */
export type Question =
  | { readonly what: "batch"; readonly given: Progress }
  | { readonly what: "epoch"; readonly given: Progress; readonly now: Now }
  | { readonly what: "save"; readonly given: Checkpoint }
  | { readonly what: "begin" | "next" | "return"; readonly given?: undefined };

/** Where a graph is after an epoch. */
export interface Now {
  /** In the order of a file. */
  readonly parameters: Float64Array | Float32Array;
  readonly scalers: readonly (readonly [name: string, scaler: object])[];
  readonly best: History["best"];
}

/** From the thread. */
export type News =
  | (Question & { readonly kind: "ask"; readonly id: number })
  | { readonly kind: "batch"; readonly given: Progress }
  | {
      readonly kind: "end";
      /** As by `toJSON`; none where there never was one. */
      readonly graph: object | undefined;
      readonly history: Omit<History, "epochs">;
      /** How many the history has: those of an earlier run, too, unless it was refused to go on from that. */
      readonly epochs: number;
      /** `"page"`: what a callback or the caller's data has thrown there, which has ended the run. */
      readonly error: Failure | "page" | undefined;
    };

/** An error as plain data. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: ErrorCode | undefined;
  readonly details: DivergedDetails | undefined;
}
