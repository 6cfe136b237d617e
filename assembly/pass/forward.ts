// Forward: computes each layer of a pass once, after the sources of its synapses. layer.ts has a layer, loop.ts a loop in time.

import { Layer, Pass, at } from "../record";
import { forwardLayer } from "./layer";
import { forwardLoop } from "./loop";
import { beginPast } from "./past";

/**
 * Computes the layers of a pass and stamps them. `noisy`: units are dropped, as in a step of training. rows: the number of
 * samples
 */
export function forward<T>(pass: Pass, rows: i32, stamp: u64, noisy: bool): void {
  if (pass.times) beginPast<T>(pass, rows);
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    if (layer.loop) {
      forwardLoop<T>(pass, i, rows, stamp, noisy);
      i += layer.loop - 1;
      continue;
    }
    forwardLayer<T>(pass, layer, rows, noisy);
    layer.stamp = stamp;
  }
}
