// Synapses that copy numbers to their places: gather and embedding.
//
// An embedding's x has class numbers, (rows, slots), and its table a row of columns for each class.

import { add } from "./fold";
import { bytes } from "./part";

/** Computes sum += x at the unit of each target unit; -1 is none. sum: (rows, to); x: (rows, from); units: (to) of i32 */
export function gatherForward<T>(sum: usize, x: usize, units: usize, rows: i32, from: i32, to: i32): void {
  for (; rows > 0; rows--, x += bytes<T>(from)) {
    for (let unit = units, end = sum + bytes<T>(to); sum < end; unit += 4, sum += sizeof<T>()) {
      const i = load<i32>(unit);
      if (i >= 0) store<T>(sum, load<T>(sum) + load<T>(x + bytes<T>(i)));
    }
  }
}

/** Computes delta += d at the unit of each target unit, in their order. delta: (rows, from); d: (rows, to); units: as above */
export function gatherBackward<T>(delta: usize, d: usize, units: usize, rows: i32, from: i32, to: i32): void {
  for (; rows > 0; rows--, delta += bytes<T>(from)) {
    for (let unit = units, end = d + bytes<T>(to); d < end; unit += 4, d += sizeof<T>()) {
      const i = load<i32>(unit), at = delta + bytes<T>(i);
      if (i >= 0) store<T>(at, load<T>(at) + load<T>(d));
    }
  }
}

/** Adds the table's row of each class. sum: (rows, slots, columns); x: (rows, slots); table: (classes, columns) */
export function embedForward<T>(sum: usize, x: usize, table: usize, rows: i32, slots: i32, columns: i32): void {
  for (const end = x + bytes<T>(rows * slots); x < end; x += sizeof<T>(), sum += bytes<T>(columns)) {
    add<T>(sum, table + bytes<T>(<i32>load<T>(x) * columns), columns);
  }
}

/**
 * Adds each slot's part to the row of its class, row by row, slot by slot; `fresh` begins with zeros. out: (count), the shape of
 * the table; d: (rows, slots, columns)
 */
export function embedGradient<T>(
  out: usize, x: usize, d: usize, rows: i32, slots: i32, columns: i32, count: i32, fresh: bool
): void {
  if (fresh) memory.fill(out, 0, bytes<T>(count));
  for (const end = x + bytes<T>(rows * slots); x < end; x += sizeof<T>(), d += bytes<T>(columns)) {
    add<T>(out + bytes<T>(<i32>load<T>(x) * columns), d, columns);
  }
}
