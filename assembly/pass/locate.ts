// Locates the first non-finite number after a refused step. The layers' states are those of the pass. Either the parameters
// are those after the step, or `refused` points to parameters that the step would not have kept finite.

import { firstNotFinite } from "../kernel/fold";
import { bytes } from "../kernel/part";
import { weightCount } from "../link/table";
import { Layer, Pass, Synapse, Times, at } from "../record";
import { firstRow, listOf, rowsOf, stepsOf, width } from "../times";

/**
 * Stores the first layer with a non-finite number in the pass: first in values, then costs, then deltas, then updated
 * parameters. In a loop, values come step by step. `faultIndex` is the number's place in the layer's values; -1 elsewhere.
 */
export function locateNonFinite<T>(pass: Pass, rows: i32, refused: usize): void {
  pass.faultIndex = -1;
  pass.faultLayer = changetype<usize>(first<T>(pass, rows, refused));
}

/** Returns the first layer with a non-finite number, or the first output if there is none. */
function first<T>(pass: Pass, rows: i32, refused: usize): Layer {
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    if (layer.loop) {
      const found = firstInLoop<T>(pass, i);
      if (found) return changetype<Layer>(found);
      i += layer.loop - 1;
    } else if (isFaulty<T>(pass, layer, 0, rowsOf(pass, layer, rows))) return layer;
  }
  for (let o = 0; o < pass.outputCount; o++) {
    if (!isFinite(load<f64>(pass.outputCosts + ((<usize>o) << 3)))) return at<Layer>(pass.outputs, o);
  }
  // An input has no delta where its bias gradient follows from the sums of its targets.
  for (let i = pass.layerCount - 1; i >= 0; i--) {
    const layer = at<Layer>(pass.layers, i);
    const count = rowsOf(pass, layer, rows) * layer.size;
    if (!layer.isInput && firstNotFinite<T>(layer.delta, count) >= 0) return layer;
  }
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    if (layer.bias == refused || (refused && (layer.gain == refused || layer.initial == refused))) return layer;
    if (firstNotFinite<T>(layer.bias, layer.biases) >= 0) return layer;
    if (layer.initial && firstNotFinite<T>(layer.initial, layer.size) >= 0) return layer;
    for (let k = 0; k < layer.incomings; k++) {
      const synapse = at<Synapse>(layer.incoming, k);
      const count = weightCount(synapse);
      if (count == 0) continue;
      if (synapse.weights == refused || firstNotFinite<T>(synapse.weights, count) >= 0) return layer;
    }
  }
  return at<Layer>(pass.outputs, 0);
}

/** Returns whether a row of a layer's values has a number that is not finite, and notes its place. */
function isFaulty<T>(pass: Pass, layer: Layer, first: i32, count: i32): bool {
  const n = layer.size, offset = bytes<T>(first * n);
  let index = firstNotFinite<T>(layer.pre + offset, count * n);
  if (index < 0) index = firstNotFinite<T>(layer.post + offset, count * n);
  if (index < 0) return false;
  pass.faultIndex = first * n + index;
  return true;
}

/** Returns the pointer of the first layer of a loop, step by step, with a number that is not finite; 0 if there is none. */
function firstInLoop<T>(pass: Pass, first: i32): usize {
  const head = at<Layer>(pass.layers, first), times = pass.times;
  const blocks = changetype<Times>(times).blocks, longest = stepsOf(times, 0);
  for (let t = 0; t < longest; t++) {
    for (let i = first; i < first + head.loop; i++) {
      const layer = at<Layer>(pass.layers, i);
      for (let block = 0; block < blocks; block++) {
        const list = listOf(times, block), steps = stepsOf(times, block);
        const step = head.reversed ? longest - 1 - t : t;
        if (step < steps && isFaulty<T>(pass, layer, firstRow(list, step), width(list, step))) return changetype<usize>(layer);
      }
    }
  }
  return 0;
}
