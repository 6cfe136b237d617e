// What stops a run from outside.

import type { Signal } from "../types.js";

/** Whether it is an `AbortSignal`, by what is used of it. */
export function isSignal(value: unknown): value is Signal {
  if (typeof value !== "object" || value === null) return false;
  return "addEventListener" in value && typeof (value as Signal).aborted === "boolean";
}
