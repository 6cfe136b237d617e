// Forward: each layer of a pass once, after the layers that it hears from.
//
//     sum  = Σ over incoming synapses (what the source sends · W)          (+ the given values, for an input)
//     pre  = bias + sum, or with a norm bias + gain ⊙ (sum - mean) / deviation
//     post = activation(pre)
//
// A layer sends `post`; where units are dropped and `noisy` says that this pass does, what is left of it.

import { SynapseKind } from "../abi";
import { add, addRow } from "../kernel/fold";
import { zero } from "../kernel/map";
import { normalise } from "../kernel/norm";
import { bytes } from "../kernel/part";
import { multiply } from "../kernel/product";
import { LINEAR, activate } from "../rule/activation";
import { drop } from "../rule/dropout";
import { Layer, Pass, Synapse, at } from "./record";

export function forward<T>(pass: Pass, rows: i32, stamp: u64, noisy: bool): void {
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    const n = layer.size;
    if (layer.gain) {
      if (layer.input) memory.copy(layer.normalized, layer.input, bytes<T>(rows * n));
      else zero<T>(layer.normalized, rows * n);
      addIncoming<T>(layer, layer.normalized, rows);
      normalise<T>(layer.normalized, layer.rstd, layer.pre, layer.gain, layer.bias, rows, n);
    } else {
      addRow<T>(layer.pre, layer.input, layer.bias, rows, n);
      addIncoming<T>(layer, layer.pre, rows);
    }
    if (layer.activation != LINEAR) activate<T>(layer.activation, layer.pre, layer.post, rows, n, layer.activationParameter);
    layer.output = layer.post;
    if (noisy && layer.droppedPost) {
      layer.output = layer.droppedPost;
      const step = load<u64>(pass.noise);
      drop<T>(layer.post, layer.output, layer.dropoutMask, rows * n, layer.dropout, pass.seed, layer.place, step);
    }
    layer.stamp = stamp;
  }
}

/** sum += what every incoming synapse brings. sum: (rows, size) */
@inline
function addIncoming<T>(layer: Layer, sum: usize, rows: i32): void {
  const n = layer.size;
  for (let s = 0; s < layer.incomings; s++) {
    const synapse = at<Synapse>(layer.incoming, s);
    const from = synapse.from;
    if (synapse.kind == SynapseKind.identity) add<T>(sum, from.output, rows * n);
    else multiply<T>(sum, from.output, synapse.weights, rows, from.size, n);
  }
}
