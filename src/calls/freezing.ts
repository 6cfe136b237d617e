// Freezing in its usual sense: a layer together with its incoming weights.

import { type LayerNode, owner } from "../model/node.js";
import type { Network } from "./network.js";

/**
 * Freezes layers, or unfreezes them, with their incoming weights. Shared weights are one matrix, so the last call for any of
 * their layers decides.
 */
export function freeze({ memory }: Network, layers: readonly LayerNode[], frozen: boolean): void {
  for (const layer of layers) {
    layer.frozen = frozen;
    for (const synapse of layer.incoming) {
      if (synapse.weights !== undefined) owner(synapse).frozen = frozen;
    }
  }
  memory.relearn();
}
