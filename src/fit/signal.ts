// Signals that stop a run from outside.

import { GraphError } from "../base/error.js";
import type { Run } from "./run.js";

/** Returns whether a value is an `AbortSignal`, by its used members. */
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

/** Aborts a run at a signal. Returns the function that ends the listening. Throws `bad-option` where the signal refuses it. */
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
      // The run has ended, so an abort would change nothing.
    }
  };
}

/** The used members of an `AbortSignal`, since hosts' types may lack it. */
export interface Signal {
  readonly aborted: boolean;
  /** Adds a listener for the abort. */
  addEventListener(type: "abort", listener: () => void): void;
  /** Removes a listener. */
  removeEventListener(type: "abort", listener: () => void): void;
}
