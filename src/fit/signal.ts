// Signals that stop a run from outside.

import { GraphError } from "../base/error.js";
import type { Run } from "./run.js";

/** Whether it is an `AbortSignal`, by the members that are used. */
export function isSignal(value: unknown): value is Signal {
  if (typeof value !== "object" || value === null) return false;
  try {
    const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
    const isHeard = [addEventListener, removeEventListener].every((one) => typeof one === "function");
    return isHeard && typeof aborted === "boolean";
  } catch {
    return false;
  }
}

/** Aborts a run when a signal says so. Returns the end of that. Throws `bad-option` where the signal refuses it. */
export function abortOn(signal: Signal | undefined, run: Run): () => void {
  if (signal === undefined) return () => {};
  const abort = () => run.halt("aborted");
  try {
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
  } catch (cause) {
    throw new GraphError("bad-option", "`signal` is an AbortSignal, and this one can't be listened to.", {
      cause,
    });
  }
  return () => {
    try {
      signal.removeEventListener("abort", abort);
    } catch {
      // The run has ended: an abort of it changes nothing.
    }
  };
}

/** An `AbortSignal`, by what is used of it: hosts' types need not have one. */
export interface Signal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
