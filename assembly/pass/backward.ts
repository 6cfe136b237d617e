// Backward: computes the gradients of each layer of a pass once, before the sources of its synapses.
//
//     dpost = Σ over outgoing synapses (dsum of the target · Wᵀ)           (+ the loss gradient, for an output)
//     dpre  = Jᵀ · dpost
//     dbias = mean over samples of dpre;   dW = (output of the source)ᵀ · dsum of the target / rows
//     dsum  = dpre, or with a norm its gradient by the sum;   dgain = mean over samples of dpre ⊙ normalized
//
// The loss gradient carries the 1/rows, so that every gradient here is the derivative of the cost and the means are sums. An
// upstream gradient is taken as the caller passed it, whatever the rows and the outputs' weights.
// A layer's `delta` holds dpost first, then dpre, then dsum. Gradients that no learning parameter needs are skipped, unless
// `full` asks for all of them.

import { ActivationKind, LayerFlag } from "../abi";
import { Columns, add, overSamples } from "../kernel/fold";
import { scaleBy, zero } from "../kernel/map";
import { Along, denormalise } from "../kernel/norm";
import * as link from "../link/table";
import { Layer, Pass, Synapse, at, lossForm, owner } from "../record";
import { deactivate } from "../rule/activation";
import { LossForm, addGradient, isJoint } from "../rule/loss";
import { addPenalty } from "../rule/penalty";
import { addWeightedGradient } from "../rule/weighted";
import { skipsWeightGradient } from "./update";

/** Computes every layer's delta, and the gradients of all parameters that learn, or of all where `full`. */
export function backward<T>(pass: Pass, rows: i32, stamp: u64, full: bool): void {
  for (let i = pass.layerCount - 1; i >= 0; i--) {
    const layer = at<Layer>(pass.layers, i);
    const flags = layer.flags;
    if (!full && flags & LayerFlag.noGradient) continue;
    const n = layer.size;
    const whole = layer.output == layer.post;
    const direct = layer.isInput != 0 && layer.activation == ActivationKind.linear && whole && !layer.gain;
    if (full || !direct) backpropagate<T>(pass, layer, rows, stamp);
    if (direct) {
      inputBiasGradient<T>(layer, stamp);
    } else if (full || !(flags & (LayerFlag.frozen | LayerFlag.unbiased)) || flags & LayerFlag.sumsNeeded) {
      overSamples<Columns, T>(layer.dbias, n, 0, layer.delta, rows, 0, n, pass.partialSums);
    }
    if (layer.gain) {
      if (full || !(flags & LayerFlag.frozen)) {
        overSamples<Along, T>(layer.dgain, n, layer.normalized, layer.delta, rows, n, n, pass.partialSums);
      }
      denormalise<T>(layer.delta, layer.normalized, layer.rstd, layer.gain, rows, n);
      // The normalized sums are no longer needed: their first row takes the sums of dsum over samples.
      if (full || flags & LayerFlag.sumsNeeded) {
        overSamples<Columns, T>(layer.normalized, n, 0, layer.delta, rows, 0, n, pass.partialSums);
      }
    }
    for (let s = 0; s < layer.incomings; s++) {
      const synapse = at<Synapse>(layer.incoming, s);
      if (link.weightCount(synapse) == 0 || (!full && owner(synapse).frozen)) continue;
      if (full || !skipsWeightGradient<T>(pass, synapse, rows)) weightGradient<T>(pass, synapse, rows, stamp);
    }
  }
  for (let p = 0; p < pass.penalisedCount; p++) {
    const synapse = at<Synapse>(pass.penalised, p);
    if (!full && synapse.frozen) continue;
    addPenalty<T>(synapse.dweights, synapse.weights, link.weightCount(synapse), synapse.l1, synapse.l2);
  }
}

/** Computes dW, or adds to it if another synapse of the pass uses the same weights. */
@inline
function weightGradient<T>(pass: Pass, synapse: Synapse, rows: i32, stamp: u64): void {
  const held = owner(synapse);
  const again = held.shared != 0 && held.stamp == stamp;
  const out = again ? pass.sharedGradient : synapse.dweights;
  link.weightGradient<T>(synapse, out, rows, pass.partialSums);
  if (again) add<T>(synapse.dweights, out, link.weightCount(synapse));
  held.stamp = stamp;
}

/** Computes a layer's delta as far as dpre. */
function backpropagate<T>(pass: Pass, layer: Layer, rows: i32, stamp: u64): void {
  const n = layer.size;
  const delta = layer.delta;
  zero<T>(delta, rows * n);
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s);
    if (synapse.to.stamp == stamp) link.backward<T>(synapse, delta, rows);
  }
  if (layer.output != layer.post) scaleBy<T>(delta, layer.dropoutMask, rows * n);
  const hasTarget = layer.targetStamp == stamp;
  const kind = hasTarget ? lossForm(pass, layer) : 0;
  const joint = hasTarget && isJoint(kind);
  if (hasTarget && !joint) addLossGradient<T>(pass, layer, kind, rows);
  if (layer.post != layer.pre) {
    deactivate<T>(layer.activation, layer.pre, layer.post, delta, rows, n, layer.activationParameter);
  }
  if (joint) addLossGradient<T>(pass, layer, kind, rows);
}

/** Adds the gradient of a layer's loss to its delta. */
function addLossGradient<T>(pass: Pass, layer: Layer, kind: LossForm, rows: i32): void {
  const z = layer.pre, y = layer.post, t = layer.target, e = layer.lossWeights, d = layer.delta, n = layer.size;
  const share = pass.upstream ? 1 : layer.weight / <f64>rows;
  if (e) addWeightedGradient<T>(kind, z, y, t, e, d, rows, n, share, layer.lossParameter, pass.weightedScratch);
  else addGradient<T>(kind, z, y, t, d, rows, n, share, layer.lossParameter);
}

/** Computes the bias gradient of a linear input from the sums over samples of its targets' dsum. */
function inputBiasGradient<T>(layer: Layer, stamp: u64): void {
  zero<T>(layer.dbias, layer.size);
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s), to = synapse.to;
    if (to.stamp == stamp) link.biasGradient<T>(synapse, to.gain ? to.normalized : to.dbias, layer.dbias);
  }
}
