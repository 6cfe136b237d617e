// A layer of a pass, forward and backward. A layer in no loop takes all its rows at once. A layer in a loop takes all rows for
// the synapses from outside the loop, and then one step after another: see loop.ts.
//
//     sum  = Σ over incoming synapses (output of the source · W)           (+ the input values, for an input), or their product
//     pre  = bias + sum, or with a norm bias + gain ⊙ (sum - mean) / deviation
//     post = activation(pre)
//
//     dpost = Σ over outgoing synapses (dsum of the target · Wᵀ)           (+ the loss gradient, for an output)
//     dpre  = Jᵀ · dpost
//     dsum  = dpre, or with a norm its gradient by the sum;   dgain = mean over samples of dpre ⊙ normalized
//
// A layer's output is `post`, or in a noisy pass `post` after dropout. Its `delta` holds dpost first, then dpre, then dsum.

import { ActivationKind, Join } from "../abi";
import { addRow } from "../kernel/fold";
import { zero } from "../kernel/map";
import { denormaliseGroups, normaliseGroups } from "../kernel/groupnorm";
import { denormalise, normalise } from "../kernel/norm";
import { bytes } from "../kernel/part";
import { bring, takeBack } from "../link/bring";
import { allRows, hasNeighbour } from "../part";
import { Layer, Pass, Synapse, at, lossForm, parts } from "../record";
import { activate, deactivate } from "../rule/activation";
import { LossForm, addGradient, isJoint } from "../rule/loss";
import { addWeightedGradient } from "../rule/weighted";
import { rowsOf } from "../times";
import { drawMasks, hideRows } from "./hide";
import { multiplyFactors, splitDelta } from "./join";
import { Rows, blockOfRows, takeBlock } from "./rows";

/** Returns the sums of a layer: (rows, size). */
@inline
export function sumsOf(layer: Layer): usize {
  return layer.gain ? layer.normalized : layer.pre;
}

/** Begins a layer: adds its bias, its input values, and the values of synapses from outside its loop. */
export function begin<T>(pass: Pass, layer: Layer, samples: i32, noisy: bool): void {
  const n = layer.size, rows = rowsOf(pass, layer, samples);
  const isProduct = layer.join == Join.product;
  const sums = sumsOf(layer);
  if (!isProduct) {
    if (!layer.gain) addRow<T>(layer.pre, layer.input, layer.bias, rows * layer.positions, layer.biases);
    else if (layer.input) memory.copy(sums, layer.input, bytes<T>(rows * n));
    else zero<T>(sums, rows * n);
  }
  for (let s = 0; s < layer.incomings; s++) {
    const synapse = at<Synapse>(layer.incoming, s);
    if (isProduct) {
      if (!synapse.factor) continue;
      // The factors of a layer lie one behind the other, and `zero` may write a part of the next one.
      if (hasNeighbour(pass)) memory.fill(synapse.factor, 0, bytes<T>(rows * n));
      else zero<T>(synapse.factor, rows * n);
    }
    if (!synapse.inside) bring<T>(pass, synapse, isProduct ? synapse.factor : sums, rows, samples);
  }
  layer.output = layer.post;
  if (noisy && layer.droppedPost) {
    layer.output = layer.droppedPost;
    drawMasks<T>(pass, layer, samples);
  }
}

/** Computes some rows of a layer from their sums or factors: norm, activation, dropout. */
export function finish<T>(pass: Pass, layer: Layer, rows: Rows, samples: i32): void {
  const n = layer.size, count = rows.count;
  const offset = bytes<T>(rows.first * n);
  const pre = layer.pre + offset, post = layer.post + offset;
  if (layer.join == Join.product) {
    multiplyFactors<T>(pass, layer, sumsOf(layer) + offset, rows, samples);
    if (!layer.gain) addRow<T>(pre, pre, layer.bias, count * layer.positions, layer.biases);
  }
  if (layer.groups) {
    const rstd = layer.rstd + bytes<T>(rows.first * layer.groups), c = layer.channels;
    const normalized = layer.normalized + offset;
    normaliseGroups<T>(normalized, rstd, pre, layer.gain, layer.bias, count, n / c, c, layer.groups, layer.biases);
  } else if (layer.gain) {
    normalise<T>(layer.normalized + offset, layer.rstd + bytes<T>(rows.first), pre, layer.gain, layer.bias, count, n);
  }
  if (layer.activation != ActivationKind.linear) {
    // The loops of activations store whole vectors. Rows of another step lie behind these. Parts of a call are whole vectors.
    const end = post + bytes<T>(count * n);
    const behind = v128.load(end);
    activate<T>(layer.activation, pre, post, count * parts(layer), layer.mixed, layer.activationParameter);
    if (!hasNeighbour(pass)) v128.store(end, behind);
  }
  if (layer.output != layer.post) hideRows<T>(pass, layer, layer.output, layer.post, rows);
}

/** Computes all rows of a layer in no loop. */
export function forwardLayer<T>(pass: Pass, layer: Layer, samples: i32, noisy: bool): void {
  begin<T>(pass, layer, samples, noisy);
  const block = blockOfRows();
  for (block.block = 0; takeBlock(pass, layer, block, samples); block.block++) finish<T>(pass, layer, block, samples);
}

/** Begins the gradients of a layer: sums in `delta` those from targets outside its loop, at all rows. */
export function beginBack<T>(pass: Pass, layer: Layer, samples: i32, stamp: u64): void {
  zero<T>(layer.delta, rowsOf(pass, layer, samples) * layer.size);
  if (layer.dpast && layer.initial) zero<T>(layer.dpast, samples * layer.size);
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s);
    if (!synapse.inside && synapse.to.stamp == stamp) takeBack<T>(pass, synapse, rowsOf(pass, synapse.to, samples), samples);
  }
}

/** Computes dpre in some rows, whose `delta` has dpost without the loss's part. */
export function finishBack<T>(pass: Pass, layer: Layer, rows: Rows, samples: i32, stamp: u64): void {
  const n = layer.size, count = rows.count;
  const offset = bytes<T>(rows.first * n);
  const delta = layer.delta + offset;
  if (layer.output != layer.post) hideRows<T>(pass, layer, layer.delta, layer.delta, rows);
  // The loops of losses and activations store whole vectors. Rows of another step lie behind these.
  const end = delta + bytes<T>(count * n);
  const behind = v128.load(end);
  const hasTarget = layer.targetStamp == stamp;
  const form = hasTarget ? lossForm(pass, layer) : 0;
  const joint = hasTarget && isJoint(form);
  if (hasTarget && !joint) addLossGradient<T>(pass, layer, form, rows, samples);
  if (layer.post != layer.pre) {
    const pre = layer.pre + offset, post = layer.post + offset;
    deactivate<T>(layer.activation, pre, post, delta, count * parts(layer), layer.mixed, layer.activationParameter);
  }
  if (joint) addLossGradient<T>(pass, layer, form, rows, samples);
  if (!hasNeighbour(pass)) v128.store(end, behind);
}

/** Adds the gradient of a layer's loss to its delta, in some rows. */
function addLossGradient<T>(pass: Pass, layer: Layer, form: LossForm, rows: Rows, samples: i32): void {
  const n = layer.mixed, count = rows.count * parts(layer);
  const offset = bytes<T>(rows.first * layer.size);
  const z = layer.pre + offset, y = layer.post + offset, t = layer.target + offset, d = layer.delta + offset;
  const share = pass.upstream ? 1 : layer.weight / <f64>allRows(pass, layer, rowsOf(pass, layer, samples));
  const a = layer.lossParameter;
  if (layer.lossWeights) {
    addWeightedGradient<T>(form, z, y, t, layer.lossWeights + offset, d, count, n, share, a, pass.weightedScratch);
  } else {
    addGradient<T>(form, z, y, t, d, count, n, share, a);
  }
}

/** Computes dsum from dpre in some rows, and the gradients by the factors of a product. */
export function finishSums<T>(pass: Pass, layer: Layer, rows: Rows, samples: i32): void {
  const n = layer.size;
  const offset = bytes<T>(rows.first * n);
  const delta = layer.delta + offset, normalized = layer.normalized + offset;
  if (layer.groups) {
    const rstd = layer.rstd + bytes<T>(rows.first * layer.groups), c = layer.channels;
    denormaliseGroups<T>(delta, normalized, rstd, layer.gain, rows.count, n / c, c, layer.groups, layer.biases);
  } else if (layer.gain) {
    denormalise<T>(delta, normalized, layer.rstd + bytes<T>(rows.first), layer.gain, rows.count, n);
  }
  if (layer.join == Join.product) splitDelta<T>(pass, layer, rows, samples);
}

/** Computes dpre in all rows of a layer in no loop. */
export function backwardLayer<T>(pass: Pass, layer: Layer, samples: i32, stamp: u64): void {
  beginBack<T>(pass, layer, samples, stamp);
  const block = blockOfRows();
  for (block.block = 0; takeBlock(pass, layer, block, samples); block.block++) {
    finishBack<T>(pass, layer, block, samples, stamp);
  }
}

/** Computes dsum from dpre in all rows of a layer in no loop. */
export function backwardSums<T>(pass: Pass, layer: Layer, samples: i32): void {
  if (!layer.gain && layer.join != Join.product) return;
  const block = blockOfRows();
  for (block.block = 0; takeBlock(pass, layer, block, samples); block.block++) finishSums<T>(pass, layer, block, samples);
}
