// Changes the shapes of parameter blocks, all of them or none.

import type { Shaping } from "../memory/relayout.js";
import type { Block } from "../model/block.js";
import type { Network } from "./network.js";

/** A change of a block's shape. */
export interface Change extends Shaping {
  readonly block: Block;
}

/** Changes the shapes of blocks that are placed. Moments follow their parameters. Throws `out-of-memory`, with nothing changed. */
export function reshape({ memory, training }: Network, changes: readonly Change[]): void {
  const before = changes.map(({ block: { rows, columns } }) => ({ rows, columns }));
  for (const change of changes) training.reshape(change.block, change);
  try {
    memory.place();
  } catch (error) {
    changes.forEach(({ block }, i) => {
      training.reshape(block, before[i]!);
    });
    throw error;
  }
}
