// Values for parameters: a caller's numbers, flat or as rows, read once into a copy.

import { GraphError } from "../base/error.js";
import { holds, type Precision } from "../base/precision.js";
import { zeros } from "../base/read.js";
import { show } from "../base/text.js";
import type { Block } from "../model/block.js";
import type { Memory } from "./memory.js";

/** A matrix to be filled, (rows, size), and its name in errors: `the bias of the layer "h"`. */
export interface Place {
  readonly what: string;
  readonly rows: number;
  readonly size: number;
}

/** A block of parameters to be filled. */
interface BlockPlace extends Place {
  readonly block: Block;
}

/**
 * Writes a caller's numbers over the parameters that `find` returns. Throws errors of `find`, `bad-shape`, `not-finite`,
 * `busy`, `disposed`.
 */
export function setParameters(memory: Memory, given: unknown, find: () => BlockPlace): void {
  const before = find();
  const values = readValues(given, before);
  checkValues(values, before, memory.precision);
  memory.idle();
  // Reading a caller's array may have run code that changed the graph.
  const { what, rows, size, block } = find();
  if (rows !== before.rows || size !== before.size) {
    throw new GraphError("bad-shape", `The size of ${what} changed while its values were read.`);
  }
  memory.viewOf(block).set(values);
}

/**
 * Copies a caller's numbers, a flat array or an array of rows, each read once; this may run the caller's code. Throws
 * `bad-shape`, `out-of-memory`.
 */
export function readValues(given: unknown, place: Place): Float64Array {
  try {
    return copyNumbers(given, place);
  } catch (cause) {
    if (cause instanceof GraphError) throw cause;
    throw new GraphError("bad-shape", `The values for ${place.what} can't be read.`, { cause });
  }
}

/** Refuses a number beyond the precision. Throws `not-finite`. */
export function checkValues(values: Float64Array, { what, rows, size }: Place, precision: Precision): void {
  let wrong = 0;
  while (wrong < values.length && holds(precision, values[wrong]!)) wrong++;
  if (wrong === values.length) return;
  const row = rows === 1 ? "" : `row ${Math.floor(wrong / size)}, `;
  const place = `${values[wrong]} in ${row}unit ${wrong % size}`;
  throw new GraphError("not-finite", `The values for ${what} have ${place}, in ${precision}.`);
}

function copyNumbers(given: unknown, { what, rows, size }: Place): Float64Array {
  const shape = rows === 1 ? `${size}` : `${rows} × ${size}`;
  const refuse = (found: string) => {
    const sentence = `The values for ${what} are ${shape} numbers, flat or as rows, not ${found}.`;
    return new GraphError("bad-shape", sentence);
  };
  const all = listOf(given, rows * size);
  if (all === undefined) throw refuse(show(given));
  const isNested = typeof all[0] === "object";
  if (all.length !== (isNested ? rows : rows * size)) {
    throw refuse(`${all.length} ${isNested ? "rows" : "numbers"}`);
  }
  if (all instanceof Float64Array) return all;
  const lists = isNested ? Array.from(all, (row) => listOf(row, size)) : [all];
  const values = zeros(rows * size, what);
  let at = 0;
  lists.forEach((list, r) => {
    if (list === undefined) throw refuse(`${show(all[r])} as row ${r}`);
    if (isNested && list.length !== size) throw refuse(`${list.length} numbers in row ${r}`);
    for (let i = 0; i < list.length; i++) {
      const value = list[i];
      if (typeof value !== "number") throw refuse(`${show(value)} as number ${at}`);
      values[at++] = value;
    }
  });
  return values;
}

/** Copies the elements of an array, or of a typed array, each read once. For more than `most`, returns the length alone. */
function listOf(given: unknown, most: number): ArrayLike<unknown> | undefined {
  // A view is copied by its true type, whatever its class claims.
  if (ArrayBuffer.isView(given)) return new Float64Array(given as Float64Array);
  if (!Array.isArray(given)) return undefined;
  const { length } = given;
  if (!(length >= 0 && length <= most)) return { length };
  return Array.from({ length }, (_, i) => given[i] as unknown);
}
