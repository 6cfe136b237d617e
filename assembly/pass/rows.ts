// Some rows of a layer: a block's steps, or in a call without steps all of them.

import { own } from "../own";
import { Layer, Pass, Times } from "../record";
import { blockRow, blockRows, firstRow, listOf, stepsOf, width } from "../times";

/** The rows [first, first + count) of a layer: those of the steps [from, to) of a block. */
@unmanaged @final
export class Rows {
  first: i32;
  count: i32;
  block: i32;
  from: i32;
  to: i32;
}

const BLOCK = memory.data(offsetof<Rows>(), 4), STEP = memory.data(offsetof<Rows>(), 4);

/** Returns the rows of a block that are at work. */
@inline
export function blockOfRows(): Rows {
  return changetype<Rows>(own(BLOCK));
}

/** Returns the rows of a step that are at work. */
@inline
export function stepOfRows(): Rows {
  return changetype<Rows>(own(STEP));
}

/** Sets the rows to a layer's rows in the block `rows.block`. Returns whether there is such a block. samples: of the call */
export function takeBlock(pass: Pass, layer: Layer, rows: Rows, samples: i32): bool {
  const times = pass.times, block = rows.block;
  if (!times) {
    rows.first = 0;
    rows.count = samples;
    return block == 0;
  }
  if (block == changetype<Times>(times).blocks) return false;
  rows.first = blockRow(times, block, layer.timed != 0);
  rows.count = blockRows(times, block, layer.timed != 0, samples);
  rows.from = 0;
  rows.to = stepsOf(times, block);
  return true;
}

/** Sets the rows to a step of a block. */
export function takeStep(pass: Pass, rows: Rows, block: i32, step: i32): void {
  const list = listOf(pass.times, block);
  rows.first = firstRow(list, step);
  rows.count = width(list, step);
  rows.block = block;
  rows.from = step;
  rows.to = step + 1;
}
