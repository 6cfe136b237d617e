// Refusals: errors of the engine and of the playground itself as plain data, which a message can carry.

import { GraphError } from "plexus-nn";
import type { Part } from "./sketch.ts";

/** An error of the engine, as `GraphError` has it, or of the playground's own data, with the code `bad-data` or `bad-link`. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details?: unknown;
  /** The part of the sketch at fault, if one is known. */
  readonly part?: Part;
}

/** Codes of the playground's own refusals, beside those of the engine. */
export type OwnCode = "bad-data" | "bad-link" | "bad-formula" | "no-data" | "replaced" | "failed";

/** A refusal of the playground itself, such as of a damaged link. */
export class Refused extends Error {
  readonly code: OwnCode;
  readonly part: Part | undefined;

  constructor(code: OwnCode, message: string, part?: Part) {
    super(message);
    this.code = code;
    this.part = part;
  }
}

/** Returns any error as a refusal, with the part of the sketch at fault if it is known. */
export function refusalOf(error: unknown, part?: Part): Refusal {
  const own = part ?? (error instanceof Refused ? error.part : undefined);
  const at = own === undefined ? {} : { part: own };
  if (error instanceof GraphError) {
    const details = error.details === undefined ? {} : { details: error.details };
    return { code: error.code, message: error.message, ...details, ...at };
  }
  if (error instanceof Refused) return { code: error.code, message: error.message, ...at };
  return { code: "failed", message: error instanceof Error ? error.message : String(error), ...at };
}
