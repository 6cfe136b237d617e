// A table of options. A row has the name, the default and the reader of an option, its word in the core's record, and its
// member in a file.

import { options } from "../base/options.js";

/** An option. */
export interface Row<V> {
  /** Its default, which a file leaves out. */
  readonly usual: V;
  /**
   * Reads any other value, and throws `bad-option`; `of` names the part in errors. The value is a field of the node. An
   * option without a reader is read by its caller, who knows more.
   */
  read?(given: unknown, of: string): V;
  /** The float64 of the core's record that has it; 0 there stands for `undefined`. */
  readonly word?: number;
  /** The field of the node, and the member in a file, if its name is another. */
  readonly member?: string;
  /** The kinds of layer that have it; all of them if left out. */
  readonly only?: readonly ("input" | "hidden" | "output")[];
  /** The weights that a synapse needs for it: any weights, or weights of its own. */
  readonly needs?: readonly ("weights" | "own")[];
}

type Rows = Readonly<Record<string, Row<unknown>>>;

/** The fields of a node that a table reads. */
export type Fields<R extends Rows> = {
  -readonly [K in keyof R as R[K] extends { read: unknown } ? K : never]: R[K]["usual"];
};

/**
 * Makes the reader of a table's options, which returns the fields of the node and the caller's record. The reader throws
 * `bad-option` for names that aren't allowed, and errors of the rows.
 */
export function reader<R extends Rows>(rows: R) {
  const all = Object.entries(rows).filter(([, row]) => row.read !== undefined);
  const usual = Object.fromEntries(all.map(([name, row]) => [name, row.usual]));
  return (given: unknown, of: string, names: readonly string[]) => {
    const read = options(given, names, of);
    const fields: Record<string, unknown> = { ...usual };
    for (const name in read) {
      if (read[name] !== undefined && Object.hasOwn(usual, name))
        fields[name] = rows[name]!.read!(read[name], of);
    }
    return { read, fields: fields as Fields<R> };
  };
}

/** Returns the options with a word in the core's record, each with its field of the node. */
export function wordsOf<R extends Rows>(
  rows: R,
): readonly (readonly [field: keyof Fields<R>, word: number])[] {
  return Object.entries(rows).flatMap(([name, { word }]) =>
    word === undefined ? [] : [[name as keyof Fields<R>, word] as const],
  );
}

/** Returns the members that options have in a file, with their defaults. */
export function membersOf(rows: Rows): Record<string, unknown> {
  return Object.fromEntries(Object.entries(rows).map(([name, { member = name, usual }]) => [member, usual]));
}

/** Returns the options in the members of a file's entry. */
export function optionsIn(rows: Rows, entry: object): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name in rows) {
    const { member = name } = rows[name]!;
    if (Object.hasOwn(entry, member)) found[name] = (entry as Record<string, unknown>)[member];
  }
  return found;
}
