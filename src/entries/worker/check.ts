// Checks of a worker's messages, since other code may post to a page, and errors as plain data.

import { isObject } from "../../base/options.js";
import { show } from "../../base/text.js";
import { type DivergedDetails, type ErrorCode, GraphError } from "../../index.js";

/** An error as plain data. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: ErrorCode | undefined;
  readonly details: DivergedDetails | undefined;
}

/** Returns the error of plain data. */
export function revived({ name, message, code, details }: Failure): Error {
  if (code !== undefined) return new GraphError(code, message, details === undefined ? {} : { details });
  return Object.assign(new Error(message), { name });
}

export type Fits = (value: unknown) => boolean;
export type Members = Readonly<Record<string, Fits>>;

export const isNumber: Fits = (value) => typeof value === "number" && Number.isFinite(value);
export const isCount: Fits = (value) => Number.isInteger(value) && (value as number) >= 0;
export const isText: Fits = (value) => typeof value === "string";

export function optional(fits: Fits): Fits {
  return (value) => value === undefined || fits(value);
}

/** Returns the check that a value is an object whose members of some names fit. */
export function has(members: Members): Fits {
  return (value) =>
    isObject(value) &&
    Object.entries(members).every(([name, fits]) => fits((value as Record<string, unknown>)[name]));
}

export const failure = has({ name: isText, message: isText, code: optional(isText) });

/** Returns whether a value is a message of one of some kinds, each with its members. */
export function isOneOf<K extends string>(
  kinds: Readonly<Record<K, Members>>,
  given: unknown,
): given is { readonly kind: K } {
  const { kind } = Object(given) as { readonly kind: K };
  return Object.hasOwn(kinds, kind) && has(kinds[kind])(given);
}

/** Returns the error for a message that no thread of ours posts. */
export function stranger(given: unknown): GraphError {
  const ours = "`worker` makes a worker of plexus-nn/worker/thread, of this release, that runs nothing else";
  return new GraphError(
    "bad-option",
    `The worker has posted ${show(given)}, which is no message of a thread: ${ours}.`,
  );
}
