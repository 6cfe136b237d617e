// Rows of examples, and how they are dealt to training and to held-out data.

import type { Rows } from "../model/lesson.ts";
import { Random } from "./random.ts";

/** An example: the values of all inputs and the targets of all outputs, each in a row. */
export interface Example {
  readonly x: ArrayLike<number>;
  readonly t: ArrayLike<number>;
}

/** Returns examples as rows of the input x and of one output. */
function rowsOf(examples: readonly Example[], output: string): Rows {
  const flat = (lists: readonly ArrayLike<number>[]) => {
    const size = lists[0]?.length ?? 0;
    const values = new Float64Array(lists.length * size);
    for (const [row, list] of lists.entries()) values.set(list, row * size);
    return values;
  };
  return {
    count: examples.length,
    xs: { x: flat(examples.map(({ x }) => x)) },
    ts: { [output]: flat(examples.map(({ t }) => t)) },
  };
}

/** Returns the numbers of rows for training and of those that are held out, dealt by a seed. At least one row is for training. */
export function deal(
  count: number,
  share: number,
  seed: number,
): { readonly training: number[]; readonly heldOut: number[] } {
  const order = [...new Random(seed ^ 0x5eed).order(count)];
  const held = Math.max(0, Math.min(count - 1, Math.round(count * share)));
  return { training: order.slice(held), heldOut: order.slice(0, held) };
}

/** Deals examples to training and held-out rows. */
export function dealt(
  examples: readonly Example[],
  share: number,
  seed: number,
  output = "y",
): { readonly training: Rows; readonly heldOut: Rows } {
  const { training, heldOut } = deal(examples.length, share, seed);
  const pick = (places: readonly number[]) =>
    rowsOf(
      places.map((place) => examples[place]!),
      output,
    );
  return { training: pick(training), heldOut: pick(heldOut) };
}

/** Returns a target with a share of 1 for one class. */
export function oneHot(size: number, place: number): number[] {
  return Array.from({ length: size }, (_, k) => Number(k === place));
}

/** Returns the least and the greatest value of each unit of an input. */
export function boundsOf(values: Float64Array, size: number): (readonly [number, number])[] {
  return Array.from({ length: size }, (_, unit) => {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = unit; at < values.length; at += size) {
      const value = values[at]!;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    return least <= most ? ([least, most] as const) : ([0, 1] as const);
  });
}
