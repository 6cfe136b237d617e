// Backward: each layer of a pass once, before the layers that it hears from.
//
//     dpost = Σ over outgoing synapses (dsum of the target · Wᵀ)           (+ the loss gradient, for an output)
//     dpre  = Jᵀ · dpost
//     dbias = mean over samples of dpre;   dW = (what the source sent)ᵀ · dsum of the target / rows
//     dsum  = dpre, or what a norm makes of it;   dgain = mean over samples of dpre ⊙ what the norm made
//
// The loss gradient carries the 1/rows, so that every gradient here is the derivative of the cost and the means are sums. From
// upstream it comes as it is given, whatever the rows and the outputs' weights: then it carries what the caller put into it.
// A layer's `delta` holds dpost first, then dpre, and dsum in the end. What no learning needs is left out, unless `full` asks
// for everything.

import { LayerFlag, SMALL_LAYER_WEIGHTS, SynapseKind } from "../abi";
import { dotsInLanes } from "../kernel/dots";
import { Columns, Outer, add, overSamples } from "../kernel/fold";
import { scaleBy, zero } from "../kernel/map";
import { Along, denormalise } from "../kernel/norm";
import { lanes } from "../kernel/part";
import { multiplyTransposed } from "../kernel/product";
import { LINEAR, deactivate } from "../rule/activation";
import { addGradient, isJoint } from "../rule/loss";
import { addPenalty } from "../rule/penalty";
import { addWeighed } from "../rule/weigh";
import { Layer, Pass, Synapse, at, lossForm, owner } from "./record";
import { skipsWeightGradient } from "./update";

export function backward<T>(pass: Pass, rows: i32, stamp: u64, full: bool): void {
  for (let i = pass.layerCount - 1; i >= 0; i--) {
    const layer = at<Layer>(pass.layers, i);
    const flags = layer.flags;
    if (!full && flags & LayerFlag.noGradient) continue;
    const n = layer.size;
    const whole = layer.output == layer.post;
    const direct = layer.isInput != 0 && layer.activation == LINEAR && whole && !layer.gain;
    if (full || !direct) backpropagate<T>(pass, layer, rows, stamp);
    if (direct) {
      // Every row adds the same bias, so its gradient is a product of the sums over rows: one row's work.
      inputBiasGradient<T>(layer, stamp);
    } else if (full || !(flags & (LayerFlag.frozen | LayerFlag.unbiased)) || flags & LayerFlag.sumsNeeded) {
      overSamples<Columns, T>(layer.dbias, n, 0, layer.delta, rows, 0, n, pass.partialSums);
    }
    if (layer.gain) {
      if (full || !(flags & LayerFlag.frozen)) {
        overSamples<Along, T>(layer.dgain, n, layer.normalized, layer.delta, rows, n, n, pass.partialSums);
      }
      denormalise<T>(layer.delta, layer.normalized, layer.rstd, layer.gain, rows, n);
      // What the norm made is used up: its first row has the sums over samples of dsum now.
      if (full || flags & LayerFlag.sumsNeeded) {
        overSamples<Columns, T>(layer.normalized, n, 0, layer.delta, rows, 0, n, pass.partialSums);
      }
    }
    for (let s = 0; s < layer.incomings; s++) {
      const synapse = at<Synapse>(layer.incoming, s);
      if (synapse.kind != SynapseKind.dense || (!full && owner(synapse).frozen)) continue;
      if (full || !skipsWeightGradient<T>(pass, synapse, rows)) outer<T>(pass, synapse, rows, stamp);
    }
  }
  for (let p = 0; p < pass.penalisedCount; p++) {
    const synapse = at<Synapse>(pass.penalised, p);
    if (!full && synapse.frozen) continue;
    const count = synapse.from.size * synapse.to.size;
    addPenalty<T>(synapse.dweights, synapse.weights, count, synapse.l1, synapse.l2);
  }
}

/** dW; added to what it is already, where other synapses of the pass have the same weights. */
@inline
function outer<T>(pass: Pass, synapse: Synapse, rows: i32, stamp: u64): void {
  const from = synapse.from;
  const to = synapse.to;
  const count = from.size * to.size;
  const held = owner(synapse);
  const again = held.shared != 0 && held.stamp == stamp;
  const out = again ? pass.sharedGradient : synapse.dweights;
  overSamples<Outer, T>(out, count, from.output, to.delta, rows, from.size, to.size, pass.partialSums);
  if (again) add<T>(synapse.dweights, out, count);
  held.stamp = stamp;
}

/** delta = dpre */
function backpropagate<T>(pass: Pass, layer: Layer, rows: i32, stamp: u64): void {
  const n = layer.size;
  const delta = layer.delta;
  zero<T>(delta, rows * n);
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s);
    const to = synapse.to;
    if (to.stamp != stamp) continue;
    if (synapse.kind == SynapseKind.identity) add<T>(delta, to.delta, rows * n);
    else multiplyTransposed<T>(delta, to.delta, synapse.weights, rows, to.size, n);
  }
  if (layer.output != layer.post) scaleBy<T>(delta, layer.dropoutMask, rows * n);
  const hasTarget = layer.targetStamp == stamp;
  const kind = hasTarget ? lossForm(pass, layer) : 0;
  const joint = hasTarget && isJoint(kind);
  if (hasTarget && !joint) addLossGradient<T>(pass, layer, kind, rows);
  if (layer.post != layer.pre) deactivate<T>(layer.activation, layer.pre, layer.post, delta, rows, n, layer.activationParameter);
  if (joint) addLossGradient<T>(pass, layer, kind, rows);
}

/** delta += the gradient of the layer's loss */
function addLossGradient<T>(pass: Pass, layer: Layer, kind: u32, rows: i32): void {
  const z = layer.pre, y = layer.post, t = layer.target, n = layer.size, a = layer.lossParameter;
  const share = pass.upstream ? 1 : layer.weight / <f64>rows;
  if (layer.lossWeights) addWeighed<T>(kind, z, y, t, layer.lossWeights, layer.delta, rows, n, share, a, pass.weightedScratch);
  else addGradient<T>(kind, z, y, t, layer.delta, rows, n, share, a);
}

/** dbias = Σ over outgoing synapses (Σ over samples of the target's dsum · Wᵀ) */
function inputBiasGradient<T>(layer: Layer, stamp: u64): void {
  zero<T>(layer.dbias, layer.size);
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s);
    const to = synapse.to;
    if (to.stamp != stamp) continue;
    const sums = to.gain ? to.normalized : to.dbias;
    // What a small layer may have goes the one way that pass/sample.ts takes, too.
    const large = to.size * layer.size > SMALL_LAYER_WEIGHTS && to.size % lanes<T>() == 0;
    if (synapse.kind == SynapseKind.identity) add<T>(layer.dbias, sums, layer.size);
    else if (large) dotsInLanes<T>(layer.dbias, sums, synapse.weights, to.size, layer.size);
    else multiplyTransposed<T>(layer.dbias, sums, synapse.weights, 1, to.size, layer.size);
  }
}
