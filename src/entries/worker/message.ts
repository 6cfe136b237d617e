// The messages between a page and its thread.

import { isObject } from "../../base/options.js";
import { show } from "../../base/text.js";
import type { Stop } from "../../fit/run.js";
import {
  type Checkpoint,
  type DivergedDetails,
  type ErrorCode,
  GraphError,
  type History,
  type Progress,
} from "../../index.js";

/** Message from the page. */
export type PageMessage =
  | {
      readonly kind: "begin";
      /** The graph's data, as `toJSON` returns it. */
      readonly graph: object;
      /** A dataset; undefined if its batches are asked for one by one. */
      readonly data: unknown;
      readonly batches: "iterable" | "function" | undefined;
      /** Options that can be sent, and the names of functions, which can't be sent. */
      readonly options: Readonly<Record<string, unknown>>;
      readonly functions: readonly string[];
      readonly stop: Stop | undefined;
    }
  | { readonly kind: "stop"; readonly stop: Stop }
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly value?: unknown;
      /** Whether the question has failed; the page keeps the error. */
      readonly failed: boolean;
      readonly stop: Stop | undefined;
    };

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
  | {
      readonly kind: "end";
      /** The graph's data, as `toJSON` returns it; undefined if it was never made. */
      readonly graph: object | undefined;
      readonly history: Omit<History, "epochs">;
      /** Number of epochs of the history, with those of an earlier run, unless resuming it was refused. */
      readonly epochs: number;
      /** `"page"`: an error of a callback or of the caller's data ended the run; the page has it. */
      readonly error: Failure | "page" | undefined;
    };

/** An error as plain data. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: ErrorCode | undefined;
  readonly details: DivergedDetails | undefined;
}

type Fits = (value: unknown) => boolean;
type Members = Readonly<Record<string, Fits>>;

const isNumber: Fits = (value) => typeof value === "number" && Number.isFinite(value);
const isCount: Fits = (value) => Number.isInteger(value) && (value as number) >= 0;
const isText: Fits = (value) => typeof value === "string";
const optional =
  (fits: Fits): Fits =>
  (value) =>
    value === undefined || fits(value);
const has =
  (members: Members): Fits =>
  (value) =>
    isObject(value) &&
    Object.entries(members).every(([name, fits]) => fits((value as Record<string, unknown>)[name]));
const isPair: Fits = (value) => Array.isArray(value) && isText(value[0]) && isObject(value[1]);

const progress = has({
  kind: isText,
  epoch: isCount,
  step: isCount,
  cost: isNumber,
  seconds: isNumber,
  rate: isNumber,
});
const failure = has({ name: isText, message: isText, code: optional(isText) });

/** Members of a thread's messages, and members of its questions. */
const messages: Readonly<Record<ThreadMessage["kind"], Members>> = {
  ask: { id: isCount, what: (value) => isText(value) && Object.hasOwn(questions, value as string) },
  batch: { given: progress },
  end: {
    graph: optional(isObject),
    history: has({ steps: isCount, seconds: isNumber }),
    epochs: isCount,
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

/** Reads a message of a worker. Throws `bad-option` for a message that no thread of ours posts. */
export function readMessage(given: unknown): ThreadMessage {
  const { kind, what } = Object(given) as Record<string, string>;
  const members = Object.hasOwn(messages, kind!) ? messages[kind as ThreadMessage["kind"]] : undefined;
  if (members !== undefined && has(members)(given)) {
    if (kind !== "ask" || has(questions[what as Question["what"]])(given)) return given as ThreadMessage;
  }
  const ours = "`worker` makes a worker of plexus-nn/worker/thread, of this release, that runs nothing else";
  throw new GraphError(
    "bad-option",
    `The worker has posted ${show(given)}, which is no message of a thread: ${ours}.`,
  );
}
