// The messages between a page and its thread.

import { isObject } from "../../base/options.js";
import { type Precision, precisions } from "../../base/precision.js";
import type { Stop } from "../../fit/run.js";
import type { Checkpoint, Dataset, Evaluation, History, Progress } from "../../index.js";
import {
  type Failure,
  type Fits,
  failure,
  has,
  isCount,
  isNumber,
  isOneOf,
  isText,
  type Members,
  optional,
  revived,
  stranger,
} from "./check.js";

/** Message from the page. */
export type PageMessage =
  | {
      readonly kind: "begin";
      /** The graph's data, as `toArrays` returns it. */
      readonly graph: object;
      /** A dataset; undefined if its batches are asked for one by one. */
      readonly data: unknown;
      readonly batches: "iterable" | "function" | undefined;
      /** Rows of the data that was sent before: the fold's own, and those that are held out for its scores. */
      readonly fold: { readonly rows: readonly number[]; readonly heldOut: readonly number[] } | undefined;
      /** Options that can be sent, and the names of functions, which can't be sent. */
      readonly options: Readonly<Record<string, unknown>>;
      readonly functions: readonly string[];
      readonly stop: Stop | undefined;
      /** Whether something reads the run. */
      readonly isRead: boolean;
      /** Most threads that the run may have; more than one only where workers can share a memory. */
      readonly threads: number;
    }
  /** The data of folds, once. */
  | { readonly kind: "data"; readonly data: Dataset }
  | { readonly kind: "stop"; readonly stop: Stop }
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly value?: unknown;
      /** Whether the question has failed; the page keeps the error. */
      readonly failed: boolean;
      readonly stop: Stop | undefined;
      readonly isRead: boolean;
    };

/** Message from the page to a helper: the leader's memory, with the place of its team. */
export interface HelperRequest {
  readonly kind: "help";
  readonly memory: WebAssembly.Memory;
  readonly precision: Precision;
  readonly place: number;
}

/** Message from a helper: it computes now, or it could not begin. */
export type HelperMessage =
  | { readonly kind: "joined" }
  | { readonly kind: "refused"; readonly error: Failure };

/** Questions of a thread to the page, each with a number that the answer repeats. */
export type Question =
  | { readonly what: "batch"; readonly given: Progress }
  | { readonly what: "epoch"; readonly given: Progress; readonly now: EpochState }
  | { readonly what: "save"; readonly given: Checkpoint }
  | { readonly what: "begin" | "next" | "return"; readonly given?: undefined };

/** State of a graph after an epoch. */
export interface EpochState {
  /** All parameters, in the order of a file. */
  readonly parameters: Float64Array | Float32Array;
  readonly scalers: readonly (readonly [name: string, scaler: object])[];
  readonly best: History["best"];
}

/** Message from the thread. */
export type ThreadMessage =
  | (Question & { readonly kind: "ask"; readonly id: number })
  | { readonly kind: "batch"; readonly given: Progress }
  /** A leader has laid its run into a shared memory, where helpers find its team at a place. */
  | {
      readonly kind: "team";
      readonly memory: WebAssembly.Memory;
      readonly precision: Precision;
      readonly place: number;
    }
  | {
      readonly kind: "end";
      /** The graph's data, as `toArrays` returns it; undefined if it was never made. */
      readonly graph: object | undefined;
      readonly history: Omit<History, "epochs">;
      /** Number of epochs of the history, with those of an earlier run, unless resuming it was refused. */
      readonly epochs: number;
      /** Scores of the held-out rows, of a fold. */
      readonly scores: Evaluation | undefined;
      /** `"page"`: an error of a callback or of the caller's data ended the run; the page has it. */
      readonly error: Failure | "page" | undefined;
    };

const isPair: Fits = (value) => Array.isArray(value) && isText(value[0]) && isObject(value[1]);

const progress = has({
  kind: isText,
  epoch: isCount,
  step: isCount,
  cost: isNumber,
  seconds: isNumber,
  rate: isNumber,
});

/** Members of a thread's messages, and members of its questions. */
const messages: Readonly<Record<ThreadMessage["kind"], Members>> = {
  ask: { id: isCount, what: (value) => isText(value) && Object.hasOwn(questions, value as string) },
  batch: { given: progress },
  team: {
    memory: (value) => value instanceof WebAssembly.Memory,
    precision: (value) => isText(value) && Object.hasOwn(precisions, value as string),
    place: isCount,
  },
  end: {
    graph: optional(isObject),
    history: has({ steps: isCount, seconds: isNumber }),
    epochs: isCount,
    scores: optional(has({ cost: isNumber, outputs: isObject })),
    error: (value) => value === undefined || value === "page" || failure(value),
  },
};
const questions: Readonly<Record<Question["what"], Members>> = {
  batch: { given: progress },
  epoch: {
    given: progress,
    now: has({
      parameters: ArrayBuffer.isView,
      scalers: (value) => Array.isArray(value) && value.every(isPair),
      best: optional(isObject),
    }),
  },
  save: { given: has({ graph: isObject, fit: isObject }) },
  begin: {},
  next: {},
  return: {},
};

const helperMessages: Readonly<Record<HelperMessage["kind"], Members>> = {
  joined: {},
  refused: { error: failure },
};

/** Reads a message of a helper. Throws `bad-option` for a message that no thread of ours posts, and errors that it posts. */
export function readHelperMessage(given: unknown): HelperMessage {
  if (!isOneOf(helperMessages, given)) throw stranger(given);
  const message = given as HelperMessage;
  if (message.kind === "refused") throw revived(message.error);
  return message;
}

/** Reads a message of a run. Throws `bad-option` for a message that no thread of ours posts. */
export function readMessage(given: unknown): ThreadMessage {
  const { what } = Object(given) as { readonly what: Question["what"] };
  const isOurs = isOneOf(messages, given) && (given.kind !== "ask" || has(questions[what])(given));
  if (isOurs) return given as unknown as ThreadMessage;
  throw stranger(given);
}
