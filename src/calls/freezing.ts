// Freezing as people mean it: a layer with the weights that come into it.

import type { Layer } from "../model/layer.js";
import { owner } from "../model/synapse.js";
import type { Net } from "./network.js";

/**
 * Freezes layers, or frees them, with the weights that come in; all layers where none is named. Weights that synapses share are
 * one matrix, so the last call for any of their layers decides. Throws `unknown-layer`, `foreign-layer`, `busy`.
 */
export function freeze({ memory, topology }: Net, given: readonly unknown[], frozen: boolean): void {
  memory.idle();
  const layers: readonly Layer[] =
    given.length === 0 ? topology.layers : given.map((name) => topology.layer(name));
  for (const { $: layer } of layers) {
    layer.frozen = frozen;
    for (const synapse of layer.incoming) {
      if (synapse.$.kind === "dense") owner(synapse).$.frozen = frozen;
    }
  }
  memory.relearn();
}
