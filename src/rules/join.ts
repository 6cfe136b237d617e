// The ways of a layer to join the values of its incoming synapses, in the order of `Join` in assembly/abi.ts.

import type { Join as Kinds } from "../../assembly/abi.js";
import { choice } from "../base/options.js";
import type { Rows } from "./rule.js";

/**
 * The way of a layer to join the values of its incoming synapses.
 *
 * @useDeclaredType
 */
export type Join = keyof typeof joins;

/** The ways, each with its formula. */
export const joins = {
  sum: "Σ",
  product: "Π",
} as const satisfies Rows<typeof Kinds, string>;

/** Reads a way by its name. Throws `bad-option`. */
export function readJoin(join: unknown, of: string): Join {
  return choice(join, joins, `The join of ${of}`);
}
