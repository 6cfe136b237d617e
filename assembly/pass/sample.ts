// A pass over one sample of small layers. Its loops are inlined, since a call costs as much as a small layer. All synapses into a
// layer are summed in registers, a gradient needs no sum over samples, and sigmoid, mse and entropy are inlined. The bits are
// those of forward.ts and backward.ts, because every sum goes in the same order.
//
// Its time as a share of theirs is 0.56 for the skip graph of the benchmark and 0.61 for XOR, by calls in float64.
//
// Where a row ends within a vector, the whole vector is stored: the room behind the one row is not read.

import { ActivationKind, LossKind } from "../abi";
import { across, lift, sum } from "../kernel/fold";
import { zero } from "../kernel/map";
import { bytes, lanes, mask } from "../kernel/part";
import { multiplyOuter, multiplyTransposed } from "../kernel/product";
import { grow } from "../kernel/tile";
import { Sigmoid, activate, deactivate } from "../rule/activation";
import { keepsFinite } from "../rule/bound";
import { EntropyOnSigmoid } from "../rule/entropy";
import { LossForm, Mse, addGradient, isJoint, measure } from "../rule/loss";
import { stepBias, stepOuter } from "../rule/optimizer";
import { Layer, Pass, Synapse, at, lossForm } from "../record";

/** Up to so many weights are read column by column; more are transposed in registers. */
const FEW = 64;

/**
 * Σ |x| of the last pass over all pres and posts, and over all deltas: bounds of each of these numbers. If a number or a
 * parameter is not finite, neither is the sum.
 */
let posts: f64 = 0;
let deltas: f64 = 0;

/** Returns whether all values and targets are finite; false if targets have a range. `check` of pass.ts finds the fault. */
export function sound<T>(pass: Pass): bool {
  let bad = v128.splat<T>(0); // and NaN after an infinity or a NaN
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    if (layer.isInput) bad = v128.add<T>(bad, nothing<T>(layer.input, layer.size));
  }
  for (let o = 0; o < pass.outputCount; o++) {
    const layer = at<Layer>(pass.outputs, o);
    if (layer.bounded) return false;
    bad = v128.add<T>(bad, nothing<T>(layer.target, layer.size));
  }
  return !v128.any_true(v128.ne<T>(bad, bad));
}

/** Returns Σ 0 · x, lane by lane: 0, or NaN if a number is not finite. x: (n) */
@inline
function nothing<T>(x: usize, n: i32): v128 {
  const none = v128.splat<T>(0);
  let sum = none;
  for (; n >= lanes<T>(); n -= lanes<T>(), x += 16) sum = v128.add<T>(sum, v128.mul<T>(v128.load(x), none));
  return n ? v128.add<T>(sum, v128.mul<T>(v128.and(v128.load(x), mask<T>(n)), none)) : sum;
}

/** Computes all layers. */
export function forward<T>(pass: Pass, stamp: u64): void {
  let reached = v128.splat<T>(1); // for the biases
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    const width = bytes<T>(layer.size);
    let j: usize = 0;
    if (layer.size == 1) {
      unit<T>(layer);
    } else {
      for (; j + 64 <= width; j += 64) strip<T>(4, layer, j);
      if (j + 32 <= width) {
        strip<T>(2, layer, j);
        j += 32;
      }
      for (; j < width; j += 16) strip<T>(1, layer, j);
    }
    const kind = layer.activation, pre = layer.pre, post = layer.post;
    if (kind == ActivationKind.sigmoid) {
      for (j = 0; j < width; j += 16) {
        const z = v128.load(pre + j);
        const y = changetype<Sigmoid>(0).value<T>(z, reached);
        v128.store(post + j, y);
        reached = v128.add<T>(reached, v128.add<T>(v128.abs<T>(z), y));
      }
    } else {
      if (kind != ActivationKind.linear) activate<T>(kind, pre, post, 1, layer.size, layer.activationParameter);
      for (j = 0; j < width; j += 16) {
        const z = v128.abs<T>(v128.load(pre + j));
        reached = v128.add<T>(reached, v128.add<T>(z, v128.abs<T>(v128.load(post + j))));
      }
    }
    layer.stamp = stamp;
  }
  posts = across(lift<T>(reached));
}

/** Computes the pre of a layer of one unit. Its weights lie side by side, and their products are summed in order. */
@inline
function unit<T>(layer: Layer): void {
  let sum = load<T>(layer.bias);
  if (layer.input) sum = load<T>(layer.input) + sum;
  for (let i = 0; i < layer.incomings; i++) {
    const synapse = at<Synapse>(layer.incoming, i);
    let w = synapse.weights;
    let x = synapse.from.post;
    let n = synapse.from.size;
    for (; n > 0; n -= lanes<T>()) {
      sum = along<T>(sum, v128.mul<T>(v128.load(x), v128.load(w)), n);
      w += 16;
      x += 16;
    }
  }
  v128.store(layer.pre, v128.splat<T>(sum));
}

/** Returns sum + v[0] + v[1] + … in order, over the first `count` lanes. */
@inline
export function along<T>(sum: T, v: v128, count: i32): T {
  sum = <T>(sum + v128.extract_lane<T>(v, 0));
  if (count > 1) sum = <T>(sum + v128.extract_lane<T>(v, 1));
  if (sizeof<T>() == 8) return sum;
  if (count > 2) sum = <T>(sum + <T>f32x4.extract_lane(v, 2));
  if (count > 3) sum = <T>(sum + <T>f32x4.extract_lane(v, 3));
  return sum;
}

/** Computes `wide` vectors of a layer's pre from the byte `j` on. `wide` is a constant where this is inlined. */
@inline
function strip<T>(wide: i32, layer: Layer, j: usize): void {
  const none = i64x2.splat(0);
  const bias = layer.bias + j;
  let s0 = v128.load(bias);
  let s1 = wide > 1 ? v128.load(bias, 16) : none;
  let s2 = wide > 2 ? v128.load(bias, 32) : none;
  let s3 = wide > 2 ? v128.load(bias, 48) : none;
  if (layer.input) {
    const given = layer.input + j;
    s0 = v128.add<T>(v128.load(given), s0);
    if (wide > 1) s1 = v128.add<T>(v128.load(given, 16), s1);
    if (wide > 2) s2 = v128.add<T>(v128.load(given, 32), s2);
    if (wide > 2) s3 = v128.add<T>(v128.load(given, 48), s3);
  }
  const row = bytes<T>(layer.size);
  for (let i = 0; i < layer.incomings; i++) {
    const synapse = at<Synapse>(layer.incoming, i);
    let w = synapse.weights + j;
    let x = synapse.from.post;
    const last = x + bytes<T>(synapse.from.size);
    do {
      const v = v128.load_splat<T>(x);
      s0 = grow<T>(s0, v, v128.load(w));
      if (wide > 1) s1 = grow<T>(s1, v, v128.load(w, 16));
      if (wide > 2) s2 = grow<T>(s2, v, v128.load(w, 32));
      if (wide > 2) s3 = grow<T>(s3, v, v128.load(w, 48));
      w += row;
      x += sizeof<T>();
    } while (x < last);
  }
  const pre = layer.pre + j;
  v128.store(pre, s0);
  if (wide > 1) v128.store(pre, s1, 16);
  if (wide > 2) v128.store(pre, s2, 32);
  if (wide > 2) v128.store(pre, s3, 48);
}

/** Computes the cost of each output and returns their sum. */
export function cost<T>(pass: Pass): f64 {
  let total: f64 = 0;
  for (let o = 0; o < pass.outputCount; o++) {
    const layer = at<Layer>(pass.outputs, o);
    const kind = lossForm(pass, layer);
    const to = pass.outputCosts + ((<usize>o) << 3);
    if (kind == LossKind.mse) store<f64>(to, squares<T>(layer));
    else if (kind == LossForm.entropyOnSigmoid) store<f64>(to, entropy<T>(layer));
    else measure<T>(kind, layer.pre, layer.post, layer.target, to, 1, layer.size, layer.lossParameter);
    total += load<f64>(to);
  }
  return total;
}

/** Returns an output's cost by mse. */
@inline
function squares<T>(layer: Layer): f64 {
  return sum<Mse, T>(layer.pre, layer.post, layer.target, layer.size, v128.splat<T>(<T>layer.lossParameter));
}

/** Returns an output's cost by entropy on sigmoid. */
@inline
function entropy<T>(layer: Layer): f64 {
  return sum<EntropyOnSigmoid, T>(layer.pre, layer.post, layer.target, layer.size, v128.splat<T>(<T>layer.lossParameter));
}

/** Computes every layer's delta. */
export function backward<T>(pass: Pass, stamp: u64, full: bool): void {
  let reached = v128.splat<T>(0);
  for (let i = pass.layerCount - 1; i >= 0; i--) {
    const layer = at<Layer>(pass.layers, i);
    reached = backpropagate<T>(pass, layer, dpre(layer, full), layer.size, stamp, reached);
  }
  deltas = across(lift<T>(reached));
}

/** Returns the pointer of a layer's delta. A linear input adds its bias to its values, so that both have the same gradient. */
@inline
function dpre(layer: Layer, full: bool): usize {
  return layer.isInput != 0 && layer.activation == ActivationKind.linear && !full ? layer.dbias : layer.delta;
}

/** Computes the gradients of all parameters. */
export function gradients<T>(pass: Pass, full: bool): void {
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    const delta = dpre(layer, full);
    copy<T>(layer.dbias, delta, layer.size);
    for (let s = 0; s < layer.incomings; s++) {
      const synapse = at<Synapse>(layer.incoming, s);
      const m = synapse.from.size;
      multiplyOuter<T>(synapse.dweights, synapse.from.post, delta, m, 1, layer.size, true);
    }
  }
}

/** Makes a step of plain descent without storing gradients, if all parameters are sure to stay finite. Returns whether it did. */
export function step<T>(pass: Pass, rate: f64): bool {
  if (!keepsFinite<T>(rate, posts * deltas)) return false;
  stepSurely<T>(pass, rate);
  return true;
}

/** Makes a step of plain descent without asking whether parameters stay finite. */
export function stepSurely<T>(pass: Pass, rate: f64): void {
  const rates = v128.splat<T>(<T>rate);
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    const n = layer.size;
    const delta = dpre(layer, false);
    stepBias<T>(layer.bias, delta, n, rates);
    for (let s = 0; s < layer.incomings; s++) {
      const synapse = at<Synapse>(layer.incoming, s);
      stepOuter<T>(synapse.weights, synapse.from.post, delta, synapse.from.size, n, rates);
    }
  }
}

/** Computes a layer's delta as far as dpre. Returns `reached` with Σ |delta| added. */
@inline
function backpropagate<T>(pass: Pass, layer: Layer, delta: usize, n: i32, stamp: u64, reached: v128): v128 {
  let fresh = true; // while delta is 0
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s);
    const to = synapse.to;
    if (to.stamp != stamp) continue;
    if (to.size == 1) {
      scaled<T>(delta, to.delta, synapse.weights, n, fresh);
    } else {
      if (fresh) zero<T>(delta, n);
      if (to.size * n <= FEW) dots<T>(delta, to.delta, synapse.weights, to.size, n);
      else multiplyTransposed<T>(delta, to.delta, synapse.weights, 1, to.size, n);
    }
    fresh = false;
  }
  if (fresh) zero<T>(delta, n);
  const hasTarget = layer.targetStamp == stamp;
  const kind = hasTarget ? lossForm(pass, layer) : 0;
  const mse = hasTarget && kind == LossKind.mse, entropy = hasTarget && kind == LossForm.entropyOnSigmoid;
  const activation = layer.activation, pre = layer.pre, y = layer.post, t = layer.target;
  const rare = hasTarget && !mse && !entropy;
  const end = bytes<T>(n);
  if (rare || activation > ActivationKind.sigmoid) {
    const joint = isJoint(kind);
    if (hasTarget && !joint) addGradient<T>(kind, pre, y, t, delta, 1, n, 1, layer.lossParameter);
    if (activation != ActivationKind.linear) deactivate<T>(activation, pre, y, delta, 1, n, layer.activationParameter);
    if (hasTarget && joint) addGradient<T>(kind, pre, y, t, delta, 1, n, 1, layer.lossParameter);
    for (let j: usize = 0; j < end; j += 16) reached = v128.add<T>(reached, v128.abs<T>(v128.load(delta + j)));
    return reached;
  }
  const margin = v128.splat<T>(<T>layer.lossParameter);
  for (let j: usize = 0; j < end; j += 16) {
    let d = v128.load(delta + j);
    const value = v128.load(y + j);
    if (mse) d = v128.add<T>(d, changetype<Mse>(0).slope<T>(d, value, v128.load(t + j), margin));
    if (activation == ActivationKind.sigmoid) d = v128.mul<T>(d, changetype<Sigmoid>(0).slope<T>(d, value, margin));
    if (entropy) d = v128.add<T>(d, changetype<EntropyOnSigmoid>(0).slope<T>(d, value, v128.load(t + j), margin));
    v128.store(delta + j, d);
    reached = v128.add<T>(reached, v128.abs<T>(d));
  }
  return reached;
}

/** Computes y += x[0] · w, where y counts as 0 if `fresh`. y, w: (n) */
@inline
function scaled<T>(y: usize, x: usize, w: usize, n: i32, fresh: bool): void {
  const v = v128.load_splat<T>(x);
  for (const end = y + bytes<T>(n); y < end; y += 16, w += 16) {
    v128.store(y, grow<T>(fresh ? i64x2.splat(0) : v128.load(y), v, v128.load(w)));
  }
}

/** Computes y += x · wᵀ. y: (n); x: (m); w: (n, m) */
@inline
export function dots<T>(y: usize, x: usize, w: usize, m: i32, n: i32): void {
  const row = bytes<T>(m);
  const end = x + row;
  for (const last = y + bytes<T>(n & -lanes<T>()); y < last; y += 16) {
    let sum = v128.load(y);
    for (let at = x; at < end; at += sizeof<T>(), w += sizeof<T>()) {
      sum = grow<T>(sum, v128.load_splat<T>(at), column<T>(w, row));
    }
    v128.store(y, sum);
    w += row * (lanes<T>() - 1);
  }
  for (n &= lanes<T>() - 1; n > 0; n--) {
    let sum = load<T>(y);
    for (let at = x; at < end; at += sizeof<T>(), w += sizeof<T>()) sum = <T>(sum + <T>(load<T>(at) * load<T>(w)));
    store<T>(y, sum);
    y += sizeof<T>();
  }
}

/** Returns a vector of numbers that lie a row apart. */
@inline
function column<T>(at: usize, row: usize): v128 {
  if (sizeof<T>() == 8) return v128.load_lane<f64>(at + row, v128.load64_zero(at), 1);
  const low = v128.load_lane<f32>(at + row, v128.load32_zero(at), 1);
  return v128.load_lane<f32>(at + 3 * row, v128.load_lane<f32>(at + 2 * row, low, 2), 3);
}

/** Copies x to y, with zeros behind it, since the optimizer's sweep goes over whole lanes. y, x: (n) */
@inline
function copy<T>(y: usize, x: usize, n: i32): void {
  for (; n >= lanes<T>(); n -= lanes<T>()) {
    v128.store(y, v128.load(x));
    y += 16;
    x += 16;
  }
  if (n) v128.store(y, v128.and(v128.load(x), mask<T>(n)));
}
