// Forward: computes each layer of a pass once, after the sources of its synapses.
//
//     sum  = Σ over incoming synapses (output of the source · W)           (+ the input values, for an input)
//     pre  = bias + sum, or with a norm bias + gain ⊙ (sum - mean) / deviation
//     post = activation(pre)
//
// A layer's output is `post`, or in a noisy pass `post` after dropout.

import { ActivationKind } from "../abi";
import { addRow } from "../kernel/fold";
import { zero } from "../kernel/map";
import { normalise } from "../kernel/norm";
import { bytes } from "../kernel/part";
import * as link from "../link/table";
import { Layer, Pass, Synapse, at } from "../record";
import { activate } from "../rule/activation";
import { drop } from "../rule/dropout";

/** Computes the layers of a pass and stamps them. `noisy`: units are dropped, as in a step of training. */
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
    const kind = layer.activation;
    if (kind != ActivationKind.linear) activate<T>(kind, layer.pre, layer.post, rows, n, layer.activationParameter);
    layer.output = layer.post;
    if (noisy && layer.droppedPost) {
      layer.output = layer.droppedPost;
      const step = load<u64>(pass.noise);
      drop<T>(layer.post, layer.output, layer.dropoutMask, rows * n, layer.dropout, pass.seed, layer.place, step);
    }
    layer.stamp = stamp;
  }
}

/** Adds the output of every source, by its synapse, to sums. sum: (rows, size) */
@inline
function addIncoming<T>(layer: Layer, sum: usize, rows: i32): void {
  for (let s = 0; s < layer.incomings; s++) link.forward<T>(at<Synapse>(layer.incoming, s), sum, rows);
}
