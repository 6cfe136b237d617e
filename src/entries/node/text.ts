// The text of JSON in pieces, so that no single call holds the event loop for long.

import { randomBytes } from "node:crypto";

/** The letters of a long string that are written at once. */
const PIECE = 2 ** 18;

/** The text that `JSON.stringify` gives of plain data, read at once, in pieces: long strings in several, all else in one. */
export function piecesOf(value: unknown): Iterable<string> {
  const long: string[] = [];
  // By chance, so that no string of the data has it.
  const mark = randomBytes(16).toString("hex");
  const text = JSON.stringify(value, (_, member: unknown) =>
    typeof member === "string" && member.length > PIECE ? `${mark}${long.push(member) - 1}` : member,
  );
  return joined(text.split(new RegExp(`"${mark}(\\d+)"`)), long);
}

/** Parts of a text, between which stand the numbers of long strings. */
function* joined(parts: readonly string[], long: readonly string[]): Iterable<string> {
  for (const [i, part] of parts.entries()) {
    if (i % 2 === 0) yield part;
    else yield* quoted(long[Number(part)]!);
  }
}

/** A string in quotes, in pieces. */
function* quoted(text: string): Iterable<string> {
  yield '"';
  for (let from = 0; from < text.length; from += PIECE) {
    yield JSON.stringify(text.slice(from, from + PIECE)).slice(1, -1);
  }
  yield '"';
}
