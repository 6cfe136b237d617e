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

import { LayerFlag, SmallLayer, SynapseKind } from "../abi";
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
import { spares } from "./update";

export function backward<T>(pass: Pass, rows: i32, stamp: u64, full: bool): void {
  for (let i = pass.layerCount - 1; i >= 0; i--) {
    const layer = at<Layer>(pass.layers, i);
    const flags = layer.flags;
    if (!full && flags & LayerFlag.idle) continue;
    const n = layer.size;
    const whole = layer.sent == layer.post;
    const direct = layer.input != 0 && layer.activation == LINEAR && whole && !layer.gain;
    if (full || !direct) descend<T>(pass, layer, rows, stamp);
    if (direct) {
      // Every row adds the same bias, so its gradient is a product of the sums over rows: one row's work.
      collect<T>(layer, stamp);
    } else if (full || !(flags & (LayerFlag.frozen | LayerFlag.unbiased)) || flags & LayerFlag.asked) {
      overSamples<Columns, T>(layer.dbias, n, 0, layer.delta, rows, 0, n, pass.scratch);
    }
    if (layer.gain) {
      if (full || !(flags & LayerFlag.frozen)) {
        overSamples<Along, T>(layer.dgain, n, layer.hat, layer.delta, rows, n, n, pass.scratch);
      }
      denormalise<T>(layer.delta, layer.hat, layer.spread, layer.gain, rows, n);
      // What the norm made is used up: its first row has the sums over samples of dsum now.
      if (full || flags & LayerFlag.asked) {
        overSamples<Columns, T>(layer.hat, n, 0, layer.delta, rows, 0, n, pass.scratch);
      }
    }
    for (let s = 0; s < layer.incomings; s++) {
      const synapse = at<Synapse>(layer.incoming, s);
      if (synapse.kind != SynapseKind.dense || (!full && owner(synapse).frozen)) continue;
      if (full || !spares<T>(pass, synapse, rows)) outer<T>(pass, synapse, rows, stamp);
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
  const out = again ? pass.twin : synapse.dweights;
  overSamples<Outer, T>(out, count, from.sent, to.delta, rows, from.size, to.size, pass.scratch);
  if (again) add<T>(synapse.dweights, out, count);
  held.stamp = stamp;
}

/** delta = dpre */
function descend<T>(pass: Pass, layer: Layer, rows: i32, stamp: u64): void {
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
  if (layer.sent != layer.post) scaleBy<T>(delta, layer.keep, rows * n);
  const aimed = layer.aim == stamp;
  const kind = aimed ? lossForm(pass, layer) : 0;
  const joint = aimed && isJoint(kind);
  if (aimed && !joint) lose<T>(pass, layer, kind, rows);
  if (layer.post != layer.pre) deactivate<T>(layer.activation, layer.pre, layer.post, delta, rows, n, layer.bend);
  if (joint) lose<T>(pass, layer, kind, rows);
}

/** delta += the gradient of the layer's loss */
function lose<T>(pass: Pass, layer: Layer, kind: u32, rows: i32): void {
  const z = layer.pre, y = layer.post, t = layer.target, n = layer.size, a = layer.margin;
  const share = pass.upstream ? 1 : layer.weight / <f64>rows;
  if (layer.emphasis) addWeighed<T>(kind, z, y, t, layer.emphasis, layer.delta, rows, n, share, a, pass.spare);
  else addGradient<T>(kind, z, y, t, layer.delta, rows, n, share, a);
}

/** dbias = Σ over outgoing synapses (Σ over samples of the target's dsum · Wᵀ) */
function collect<T>(layer: Layer, stamp: u64): void {
  zero<T>(layer.dbias, layer.size);
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s);
    const to = synapse.to;
    if (to.stamp != stamp) continue;
    const sums = to.gain ? to.hat : to.dbias;
    // What a small layer may have goes the one way that graph/single.ts takes, too.
    const large = to.size * layer.size > SmallLayer.weights && to.size % lanes<T>() == 0;
    if (synapse.kind == SynapseKind.identity) add<T>(layer.dbias, sums, layer.size);
    else if (large) dotsInLanes<T>(layer.dbias, sums, synapse.weights, to.size, layer.size);
    else multiplyTransposed<T>(layer.dbias, sums, synapse.weights, 1, to.size, layer.size);
  }
}
