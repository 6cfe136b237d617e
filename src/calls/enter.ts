// The way of a caller's numbers into the engine's memory.

import { write, zeros } from "../base/read.js";
import { show } from "../base/text.js";
import type { Memory } from "../memory/memory.js";
import type { Scaler } from "../rules/scaler.js";

/**
 * Writes data, as `write` does, to a place in the engine's memory. Reading it may run the caller's code, which may make another
 * graph and so move that memory.
 */
export function enter(
  data: unknown,
  name: string,
  rows: number,
  size: number,
  memory: Memory,
  pointer: number,
  scaler?: Scaler,
  first?: number,
): void {
  const { numbers } = memory;
  write(data, name, rows, size, numbers, memory.place(pointer), scaler, first);
  if (numbers.length > 0) return;
  const copy = zeros(rows * size, `the data for ${show(name)}`);
  write(data, name, rows, size, copy, 0, scaler, first);
  memory.numbers.set(copy, memory.place(pointer));
}
