// Rules by name: activations and losses, each with at most one parameter. A rule's kind in the core is its index in its
// table.

import { GraphError } from "../base/error.js";
import { named, options } from "../base/options.js";
import { holds, type Precision } from "../base/precision.js";
import { show } from "../base/text.js";

/** A table with a row for each kind of the core. */
export type Rows<Kinds, Row> = Record<Exclude<keyof Kinds, "count">, Row>;

/** Parameter of a rule, a finite number. */
export interface Parameter {
  readonly name: string;
  /** The default. */
  readonly value: number;
  /** Whether a number may be the parameter, and the range in words; any number without them. */
  readonly fits?: (value: number) => boolean;
  readonly range?: string;
}

export interface Row {
  /** Of an activation: whether it stays in [0, 1]. Of a loss: whether it needs such an activation. */
  readonly bounded: boolean;
  readonly parameter?: Parameter;
}

/** A chosen rule: its name, and its parameter, 0 if it has none. */
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

/** Returns a rule as a getter shows it: its name, or where its parameter isn't the default, a frozen object with both. */
export function option<N extends string>(table: Readonly<Record<N, Row>>, { name, parameter }: Choice<N>) {
  const row = table[name].parameter;
  return row === undefined || parameter === row.value ? name : Object.freeze({ name, [row.name]: parameter });
}

/** Returns a rule's kind in the core. */
export function kind<N extends string>(table: Readonly<Record<N, unknown>>, name: N): number {
  let at = 0;
  // A loop without a list of names, since it runs for each layer whenever records are made.
  for (const one in table) {
    if (one === name) return at;
    at++;
  }
  return -1;
}
