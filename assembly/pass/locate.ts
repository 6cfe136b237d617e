// Locates the first non-finite number after a refused step. The layers' states are those of the pass. Either the parameters
// are those after the step, or `refused` points to parameters that the step would not have kept finite.

import { firstNotFinite } from "../kernel/fold";
import { weightCount } from "../link/table";
import { Layer, Pass, Synapse, at } from "../record";

/**
 * Stores the first layer with a non-finite number in the pass: first in values, then costs, then deltas, then updated
 * parameters.
 */
export function locateNonFinite<T>(pass: Pass, rows: i32, refused: usize): void {
  pass.faultLayer = changetype<usize>(first<T>(pass, rows, refused));
}

/** Returns the first layer with a non-finite number, or the first output if there is none. */
function first<T>(pass: Pass, rows: i32, refused: usize): Layer {
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    const count = rows * layer.size;
    if (firstNotFinite<T>(layer.pre, count) >= 0 || firstNotFinite<T>(layer.post, count) >= 0) return layer;
  }
  for (let o = 0; o < pass.outputCount; o++) {
    if (!isFinite(load<f64>(pass.outputCosts + ((<usize>o) << 3)))) return at<Layer>(pass.outputs, o);
  }
  // An input has no delta where its bias gradient follows from the sums of its targets.
  for (let i = pass.layerCount - 1; i >= 0; i--) {
    const layer = at<Layer>(pass.layers, i);
    if (!layer.isInput && firstNotFinite<T>(layer.delta, rows * layer.size) >= 0) return layer;
  }
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    if (layer.bias == refused || (refused && layer.gain == refused)) return layer;
    if (firstNotFinite<T>(layer.bias, layer.size) >= 0) return layer;
    for (let k = 0; k < layer.incomings; k++) {
      const synapse = at<Synapse>(layer.incoming, k);
      const count = weightCount(synapse);
      if (count == 0) continue;
      if (synapse.weights == refused || firstNotFinite<T>(synapse.weights, count) >= 0) return layer;
    }
  }
  return at<Layer>(pass.outputs, 0);
}
