// Backward: computes the gradients of each layer of a pass once, before the sources of its synapses. layer.ts has the deltas of a
// layer, loop.ts those of a loop in time.
//
//     dbias = mean over samples of dpre;   dW = (output of the source)ᵀ · dsum of the target / rows
//
// The loss gradient carries the 1/rows, so that every gradient here is the derivative of the cost and the means are sums. An
// upstream gradient is taken as the caller passed it, whatever the rows and the outputs' weights. Gradients that no learning
// parameter needs are skipped, unless `full` asks for all of them.

import { ActivationKind, BLOCK_SAMPLES, Join, LayerFlag } from "../abi";
import { Columns, add } from "../kernel/fold";
import { zero } from "../kernel/map";
import { bytes } from "../kernel/part";
import { Along } from "../kernel/norm";
import { isAligned, weightGradient } from "../link/bring";
import * as dense from "../link/dense";
import * as link from "../link/table";
import { Layer, Pass, Synapse, at, owner } from "../record";
import { addPenalty } from "../rule/penalty";
import { blockOf, overRows, rowsOf } from "../times";
import { backwardLayer, backwardSums } from "./layer";
import { backwardLoop } from "./loop";
import { initialGradient } from "./past";
import { skipsWeightGradient } from "./update";

/** Computes every layer's delta, and the gradients of all parameters that learn, or of all where `full`. */
export function backward<T>(pass: Pass, rows: i32, stamp: u64, full: bool): void {
  let loop = 0; // layers of a loop that are left
  for (let i = pass.layerCount - 1; i >= 0; i--) {
    const layer = at<Layer>(pass.layers, i);
    if (!full && layer.flags & LayerFlag.noGradient) continue;
    const direct = isDirect(pass, layer, stamp);
    loop = computeDelta<T>(pass, i, loop, rows, stamp, direct && !full);
    ownGradients<T>(pass, layer, rows, stamp, full, direct);
    for (let s = 0; s < layer.incomings; s++) {
      const synapse = at<Synapse>(layer.incoming, s);
      if (link.weightCount(synapse) == 0 || (!full && owner(synapse).frozen)) continue;
      if (full || !skipsWeightGradient<T>(pass, synapse, rows)) sharedWeightGradient<T>(pass, synapse, rows, stamp);
    }
  }
  for (let p = 0; p < pass.penalisedCount; p++) {
    const synapse = at<Synapse>(pass.penalised, p);
    if (!full && synapse.frozen) continue;
    addPenalty<T>(synapse.dweights, synapse.weights, link.weightCount(synapse), synapse.l1, synapse.l2);
  }
}

/**
 * Computes the delta of the layer at an index, or the deltas of the loop that ends there, unless `skips` says that it needs
 * none. left: layers of a loop whose deltas are there. Returns how many are left then.
 */
@inline
export function computeDelta<T>(pass: Pass, i: i32, left: i32, rows: i32, stamp: u64, skips: bool): i32 {
  const layer = at<Layer>(pass.layers, i);
  if (layer.loop == 0) {
    if (!skips) backwardLayer<T>(pass, layer, rows, stamp);
    return 0;
  }
  if (left == 0) {
    left = layer.loop;
    backwardLoop<T>(pass, i + 1 - left, rows, stamp);
  }
  return left - 1;
}

/** Computes dW, or adds to it if another synapse of the pass uses the same weights. */
@inline
function sharedWeightGradient<T>(pass: Pass, synapse: Synapse, samples: i32, stamp: u64): void {
  const held = owner(synapse);
  const again = held.shared != 0 && held.stamp == stamp;
  const out = again ? pass.sharedGradient : synapse.dweights;
  weightGradient<T>(pass, synapse, out, rowsOf(pass, synapse.to, samples), samples);
  if (again) add<T>(synapse.dweights, out, link.weightCount(synapse));
  held.stamp = stamp;
}

/** Computes the gradients of bias, gain and initial values from dpre, and then dsum. */
@inline
function ownGradients<T>(pass: Pass, layer: Layer, samples: i32, stamp: u64, full: bool, direct: bool): void {
  const flags = layer.flags, n = layer.size, b = layer.biases, p = layer.positions;
  const size = blockOf(p) * p; // positions of a block of samples
  const rows = rowsOf(pass, layer, samples);
  const dpre = layer.loop && layer.dpre ? layer.dpre : layer.delta;
  if (direct) inputBiasGradient<T>(layer, stamp);
  else if (full || hasOwnGradient(layer)) {
    overRows<Columns, T>(pass, layer, layer.dbias, b, 0, dpre, rows, 0, b, p, size);
  }
  if (layer.gain && (full || !(flags & LayerFlag.frozen))) {
    overRows<Along, T>(pass, layer, layer.dgain, b, layer.normalized, dpre, rows, b, b, p, size);
  }
  if (layer.loop == 0) backwardSums<T>(pass, layer, samples);
  // The normalized sums are no longer needed: their first row takes the sums of dsum over samples.
  const sums = sumsOf(layer);
  if (sums != layer.dbias && (full || needsSums(layer))) {
    overRows<Columns, T>(pass, layer, sums, n, 0, layer.delta, rows, 0, n, 1, BLOCK_SAMPLES);
  }
  if (layer.initial && (full || !(flags & LayerFlag.frozen))) initialGradient<T>(pass, layer, samples);
}

/** Returns whether the sums of a layer's delta over samples are needed, for the bias of a linear input. */
@inline
export function needsSums(layer: Layer): bool {
  return (layer.flags & LayerFlag.sumsNeeded) != 0;
}

/** Returns whether the gradient of a layer's bias is computed. */
@inline
export function hasOwnGradient(layer: Layer): bool {
  return needsSums(layer) || !(layer.flags & (LayerFlag.frozen | LayerFlag.unbiased));
}

/** Returns whether the bias gradient of a layer follows from the sums of its targets: of a linear input. */
@inline
export function isDirect(pass: Pass, layer: Layer, stamp: u64): bool {
  if (!layer.isInput || layer.activation != ActivationKind.linear || layer.output != layer.post || layer.gain) return false;
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s), to = synapse.to;
    if (to.stamp == stamp && (!isAligned(pass, synapse) || to.join == Join.product || !link.isLinear(synapse))) return false;
  }
  return true;
}

/** Returns the place of the sums of a layer's dsum over samples, (size). */
@inline
export function sumsOf(layer: Layer): usize {
  if (layer.sums) return layer.sums;
  return layer.gain ? layer.normalized : layer.dbias;
}

/** Does `inputBiasGradient` for `count` units, beginning at `first`, where all targets are dense. */
export function inputBiasPart<T>(layer: Layer, stamp: u64, first: i32, count: i32): void {
  const sums = sumsOf(layer) + bytes<T>(first);
  memory.fill(sums, 0, bytes<T>(count));
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s), to = synapse.to;
    if (to.stamp == stamp) dense.biasGradientPart<T>(synapse, sumsOf(to), sums, first, count);
  }
}

/** Computes the bias gradient of a linear input from the sums over samples of its targets' dsum. */
export function inputBiasGradient<T>(layer: Layer, stamp: u64): void {
  const sums = sumsOf(layer), n = layer.size, b = layer.biases;
  zero<T>(sums, n);
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s), to = synapse.to;
    if (to.stamp == stamp) link.biasGradient<T>(synapse, sumsOf(to), sums);
  }
  if (sums != layer.dbias) changetype<Columns>(0).block<T>(layer.dbias, 0, sums, n / b, 0, b);
}
