// A table of options: its rows are what a call may name, the defaults, the readers, and the members of an entry in a file.

import { options } from "../base/options.js";

/** An option: its default, and the reading of any other value, which throws `bad-option`. `of` names the part in errors. */
export interface Row<V> {
  readonly usual: V;
  read(given: unknown, of: string): V;
}

type Rows = Readonly<Record<string, Row<unknown>>>;
type Values<R extends Rows> = { [K in keyof R]: R[K]["usual"] };

/**
 * Reads a caller's options by a table, and returns them with the caller's record; `more` names options without a row. Throws
 * `bad-option` for unknown names, and what the rows throw.
 */
export function readRows<R extends Rows>(
  rows: R,
  given: unknown,
  more: readonly string[],
  of: string,
): { readonly read: Record<string, unknown>; readonly values: Values<R> } {
  const read = options(given, [...Object.keys(rows), ...more], of);
  const values = Object.entries(rows).map(([name, row]) => {
    return [name, read[name] === undefined ? row.usual : row.read(read[name], of)];
  });
  return { read, values: Object.fromEntries(values) as Values<R> };
}

/** Returns the defaults of a table. */
export function usualOf<R extends Rows>(rows: R): Values<R> {
  return Object.fromEntries(Object.entries(rows).map(([name, { usual }]) => [name, usual])) as Values<R>;
}
