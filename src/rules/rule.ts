// Rules by name: activations and losses, each with at most one parameter. A rule's kind in the core is its place in its table.

import { GraphError } from "../base/error.js";
import { named, options } from "../base/options.js";
import { holds, type Precision } from "../base/precision.js";
import { show } from "../base/text.js";

/** A table with a row for each kind that the core has. */
export type Rows<Kinds, Row> = Record<Exclude<keyof Kinds, "count">, Row>;

/** Parameter of a rule: a finite number. */
export interface Parameter {
  readonly name: string;
  /** Where none is given. */
  readonly value: number;
  /** The numbers that it may be, if not all, and in words. */
  readonly fits?: (value: number) => boolean;
  readonly range?: string;
}

export interface Row {
  /** An activation: whether it stays in [0, 1]. A loss: whether it needs an activation that does. */
  readonly bounded: boolean;
  readonly parameter?: Parameter;
}

/** A rule as it was chosen: its name, and its parameter, 0 where it has none. */
export interface Choice<N extends string> {
  readonly name: N;
  readonly parameter: number;
}

/** Reads a rule's name, or an object of its name and its parameter, finite in the precision. Throws `bad-option`. */
export function chosen<N extends string>(
  table: Readonly<Record<N, Row>>,
  given: unknown,
  what: string,
  precision: Precision = "float64",
): Choice<N> {
  const { name, read: object } = named(given, table, what);
  const { parameter } = table[name];
  const read = options(object, parameter ? ["name", parameter.name] : ["name"], show(name));
  if (parameter === undefined) return { name, parameter: 0 };
  const { [parameter.name]: value = parameter.value } = read;
  if (typeof value === "number" && holds(precision, value) && (parameter.fits?.(value) ?? true))
    return { name, parameter: value };
  const wanted = `a number${parameter.range === undefined ? "" : ` ${parameter.range}`} that is finite in ${precision}`;
  throw new GraphError(
    "bad-option",
    `The ${parameter.name} of ${show(name)} is ${wanted}, not ${show(value)}.`,
  );
}

/** As it is read: the name, and where its number is not the usual one, that too, frozen. */
export function option<N extends string>(table: Readonly<Record<N, Row>>, { name, parameter }: Choice<N>) {
  const row = table[name].parameter;
  return row === undefined || parameter === row.value ? name : Object.freeze({ name, [row.name]: parameter });
}

/** A rule's kind in the core. */
export function kind<N extends string>(table: Readonly<Record<N, unknown>>, name: N): number {
  let at = 0;
  // Asked for each layer whenever records are made: no list of the names.
  for (const one in table) {
    if (one === name) return at;
    at++;
  }
  return -1;
}
