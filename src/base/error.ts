// The one class of errors. It has a file of its own, since all entries import it from the engine.

import { keepName } from "./inspect.js";

/** The reason of a refusal. */
export type ErrorCode =
  | "cycle"
  | "unknown-layer"
  | "duplicate-layer"
  | "duplicate-synapse"
  | "unknown-synapse"
  | "bad-name"
  | "bad-size"
  | "bad-option"
  | "not-a-target"
  | "not-an-output"
  | "foreign-layer"
  | "unconnected"
  | "missing-input"
  | "missing-target"
  | "bad-shape"
  | "bad-input"
  | "bad-target"
  | "not-finite"
  | "diverged"
  | "out-of-memory"
  | "bad-file"
  | "unsupported"
  | "busy"
  | "disposed"
  | "no-wasm";

/** Refusal of a call by this library. The refused call has changed nothing of the graph. */
export class GraphError extends Error {
  static {
    keepName(GraphError, "GraphError");
    // On the prototype, since hosts print an error's own members once more.
    Object.defineProperty(GraphError.prototype, "name", { value: "GraphError", configurable: true });
  }

  declare readonly name: "GraphError";
  /** The stable reason, to decide by; `message` is for people, and may change. */
  readonly code: ErrorCode;

  /** Present on the error `diverged`. */
  declare readonly details?: DivergedDetails;

  constructor(
    code: ErrorCode,
    message: string,
    options?: ErrorOptions & { readonly details?: DivergedDetails },
  ) {
    super(message, options);
    this.code = code;
    if (options?.details !== undefined) this.details = options.details;
  }
}

/** `details` of the error `diverged`. */
export interface DivergedDetails {
  /** Epoch and batch in `fit`, both from 1. */
  readonly epoch?: number;
  readonly batch?: number;
  /** The step that failed, from 1: in `fit` of the run, in `train` of the optimizer. */
  readonly step: number;
  /** First layer where it shows: in the values, then in the costs, backward in the gradients, in the updated parameters. */
  readonly layer: string;
  /** Step of the samples where it shows in the layer's values, from 0; present in calls with steps. */
  readonly timeStep?: number;
  /** The largest of all gradients' absolute values; Infinity where one is not finite. */
  readonly largestGradient: number;
  /** A remedy that may help. */
  readonly hint: string;
}
