// Forward: each layer of a pass once, after the layers that it hears from.
//
//     pre  = bias + Σ over incoming synapses (post of the source · W)      (+ the given values, for an input)
//     post = activation(pre)

import { addRow } from "../kernel/fold";
import { multiply } from "../kernel/product";
import { LINEAR, activate } from "../rule/activation";
import { Layer, Pass, Synapse, at } from "./record";

export function forward<T>(pass: Pass, rows: i32, stamp: u64): void {
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    const n = layer.size;
    addRow<T>(layer.pre, layer.given, layer.bias, rows, n);
    for (let s = 0; s < layer.incomings; s++) {
      const synapse = at<Synapse>(layer.incoming, s);
      multiply<T>(layer.pre, synapse.from.post, synapse.weights, rows, synapse.from.size, n);
    }
    if (layer.activation != LINEAR) activate<T>(layer.activation, layer.pre, layer.post, rows, n);
    layer.stamp = stamp;
  }
}
