// Backward: each layer of a pass once, before the layers that it hears from.
//
//     dpost = Σ over outgoing synapses (dpre of the target · Wᵀ)           (+ the loss gradient, for an output)
//     dpre  = Jᵀ · dpost
//     dbias = mean over samples of dpre;   dW = (post of the source)ᵀ · dpre of the target / rows
//
// The loss gradient carries the 1/rows, so that every gradient here is the derivative of the cost and the means are sums.
// A layer's `delta` holds dpost first, and dpre in the end.

import { Columns, Outer, overSamples } from "../kernel/fold";
import { zero } from "../kernel/map";
import { multiplyTransposed } from "../kernel/product";
import { LINEAR, deactivate } from "../rule/activation";
import { LOSSES, addGradient, form } from "../rule/loss";
import { Layer, Pass, Synapse, at } from "./record";

/** `full` computes the gradient by the inputs' values, too. */
export function backward<T>(pass: Pass, rows: i32, stamp: u64, full: bool): void {
  for (let i = pass.layerCount - 1; i >= 0; i--) {
    const layer = at<Layer>(pass.layers, i);
    const n = layer.size;
    const shared = layer.input != 0 && layer.activation == LINEAR;
    if (full || !shared) descend<T>(layer, rows, stamp);
    if (shared) {
      // Every row adds the same bias, so its gradient is a product of the sums over rows: one row's work.
      collect<T>(layer, stamp);
    } else {
      overSamples<Columns, T>(layer.dbias, n, 0, layer.delta, rows, 0, n, pass.scratch);
    }
    for (let s = 0; s < layer.incomings; s++) {
      const synapse = at<Synapse>(layer.incoming, s);
      const m = synapse.from.size;
      overSamples<Outer, T>(synapse.dweights, m * n, synapse.from.post, layer.delta, rows, m, n, pass.scratch);
    }
  }
}

/** delta = dpre */
function descend<T>(layer: Layer, rows: i32, stamp: u64): void {
  const n = layer.size;
  const delta = layer.delta;
  zero<T>(delta, rows * n);
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s);
    const to = synapse.to;
    if (to.stamp == stamp) multiplyTransposed<T>(delta, to.delta, synapse.weights, rows, to.size, n);
  }
  const aimed = layer.aim == stamp;
  const kind = aimed ? form(layer.loss, layer.activation) : 0;
  const joint = aimed && kind >= LOSSES;
  const share = 1 / <f64>rows;
  if (aimed && !joint) addGradient<T>(kind, layer.pre, layer.post, layer.target, delta, rows, n, share);
  if (layer.post != layer.pre) deactivate<T>(layer.activation, layer.pre, layer.post, delta, rows, n);
  if (joint) addGradient<T>(kind, layer.pre, layer.post, layer.target, delta, rows, n, share);
}

/** dbias = Σ over outgoing synapses (dbias of the target · Wᵀ) */
function collect<T>(layer: Layer, stamp: u64): void {
  zero<T>(layer.dbias, layer.size);
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s);
    const to = synapse.to;
    if (to.stamp == stamp) multiplyTransposed<T>(layer.dbias, to.dbias, synapse.weights, 1, to.size, layer.size);
  }
}
