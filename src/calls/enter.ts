// Writes a caller's numbers to the engine's memory.

import { detached, isRecord, write, zeros } from "../base/read.js";
import { show } from "../base/text.js";
import type { Core } from "../memory/core.js";
import type { Scaling } from "../rules/scaling.js";

/**
 * Writes data, as `write` does, to a place in the engine's memory. Reading it may run the caller's code, which may make
 * another graph and so move that memory.
 */
export function enter(
  data: unknown,
  name: string,
  rows: number,
  size: number,
  core: Core,
  pointer: number,
  scaler?: Scaling,
  first?: number,
): void {
  const { numbers, bytes } = core;
  write(data, name, rows, size, numbers, pointer / bytes, scaler, first);
  if (numbers.length > 0) return;
  const copy = zeros(rows * size, `the data for ${show(name)}`);
  write(data, name, rows, size, copy, 0, scaler, first);
  core.numbers.set(copy, pointer / bytes);
}

/** Copies the live views in data by names: they lie in the engine's memory, which is about to move. */
export function detach(core: Core, given: unknown): unknown {
  if (!isRecord(given)) return given;
  return Object.fromEntries(Object.entries(given).map(([name, data]) => [name, detached(data, core.buffer)]));
}
