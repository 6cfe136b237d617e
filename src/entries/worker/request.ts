// The messages of a prediction between a page and its threads.

import type { TypedArray } from "../../base/read.js";
import { type Failure, failure, isCount, isOneOf, type Members, stranger } from "./check.js";
import type { Part } from "./parts.js";

/** Message from the page: the graph with its outputs' names, then parts of the data. */
export type Request =
  | { readonly kind: "graph"; readonly bytes: Uint8Array; readonly outputs: readonly string[] }
  | (Part & { readonly kind: "part"; readonly index: number });

/** Message from the thread: the outputs of a part, with the values that it came with, or an error. */
export type Reply =
  | {
      readonly kind: "part";
      readonly index: number;
      /** Values of each output: (samples, size), and with time (samples, steps of the longest, size). */
      readonly ys: readonly (Float64Array | Float32Array)[];
      readonly xs: Part["xs"];
    }
  | { readonly kind: "refused"; readonly index: number; readonly error: Failure };

const isViews = (value: unknown) => Array.isArray(value) && value.every(ArrayBuffer.isView);

const replies: Readonly<Record<Reply["kind"], Members>> = {
  part: { index: isCount, ys: isViews, xs: isViews },
  refused: { index: isCount, error: failure },
};

/** Reads a message of a thread that predicts. Throws `bad-option` for a message that no thread of ours posts. */
export function readReply(given: unknown): Reply {
  if (isOneOf(replies, given)) return given as unknown as Reply;
  throw stranger(given);
}

/** Returns whether a message is one of a prediction. */
export function isRequest(message: unknown): message is Request {
  const { kind, bytes, xs } = Object(message) as { kind?: unknown; bytes?: unknown; xs?: unknown };
  return (kind === "graph" && ArrayBuffer.isView(bytes)) || (kind === "part" && Array.isArray(xs));
}

/** Returns the buffers of arrays, each once, without shared ones. */
export function buffersOf(arrays: readonly TypedArray[]): ArrayBuffer[] {
  const buffers = arrays.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
  return [...new Set(buffers)];
}
