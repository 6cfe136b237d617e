// Where a step that is refused went wrong. The states are those of the pass. The parameters are those that it would have left,
// or `refused` points to those that it wouldn't have left finite.

import { firstNotFinite } from "../kernel/fold";
import { weightCount } from "../link/table";
import { Layer, Pass, Synapse, at } from "../record";

/** Notes the first layer with what is not finite: values, then costs, then backward gradients, then updated parameters. */
export function locateNonFinite<T>(pass: Pass, rows: i32, refused: usize): void {
  pass.faultLayer = changetype<usize>(first<T>(pass, rows, refused));
}

function first<T>(pass: Pass, rows: i32, refused: usize): Layer {
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    const count = rows * layer.size;
    if (firstNotFinite<T>(layer.pre, count) >= 0 || firstNotFinite<T>(layer.post, count) >= 0) return layer;
  }
  for (let o = 0; o < pass.outputCount; o++) {
    if (!isFinite(load<f64>(pass.outputCosts + ((<usize>o) << 3)))) return at<Layer>(pass.outputs, o);
  }
  // An input has no delta where its bias's gradient follows from those of its targets.
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
