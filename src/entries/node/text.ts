// The text of JSON in pieces, so that no single call holds the event loop for long.

import { randomBytes } from "node:crypto";

/** Most letters of a long string that are written at once. */
const PIECE = 2 ** 18;

/**
 * Splits the text of `JSON.stringify` into pieces: long strings into several, the rest between two of them into one. The data
 * is read at once.
 */
export function piecesOf(value: unknown): Iterable<string> {
  const long: string[] = [];
  // Random, so that no string of the data contains it.
  const mark = randomBytes(16).toString("hex");
  const text = JSON.stringify(value, (_, member: unknown) =>
    typeof member === "string" && member.length > PIECE ? `${mark}${long.push(member) - 1}` : member,
  );
  return joined(text.split(new RegExp(`"${mark}(\\d+)"`)), long);
}

/** Yields the parts of a text. Every other part is the index of a long string. */
function* joined(parts: readonly string[], long: readonly string[]): Iterable<string> {
  for (const [i, part] of parts.entries()) {
    if (i % 2 === 0) yield part;
    else yield* quoted(long[Number(part)]!);
  }
}

/** Yields a string in quotes, in pieces. */
function* quoted(text: string): Iterable<string> {
  yield '"';
  for (let from = 0; from < text.length; from += PIECE) {
    yield JSON.stringify(text.slice(from, from + PIECE)).slice(1, -1);
  }
  yield '"';
}
