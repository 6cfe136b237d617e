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
 * Makes a reader of options by a table, which returns their values and the caller's record; `more` names options without a
 * row. It throws `bad-option` for unknown names, and what the rows throw.
 */
export function reader<R extends Rows>(rows: R, more: readonly string[]) {
  const names = [...Object.keys(rows), ...more];
  const usual = usualOf(rows);
  return (given: unknown, of: string): { read: Record<string, unknown>; values: Values<R> } => {
    const read = options(given, names, of);
    const values: Record<string, unknown> = { ...usual };
    for (const name in read) {
      if (read[name] !== undefined && Object.hasOwn(rows, name))
        values[name] = rows[name]!.read(read[name], of);
    }
    return { read, values: values as Values<R> };
  };
}

/** Returns the defaults of a table. */
export function usualOf<R extends Rows>(rows: R): Values<R> {
  return Object.fromEntries(Object.entries(rows).map(([name, { usual }]) => [name, usual])) as Values<R>;
}
